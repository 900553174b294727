/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d-weight of images by lanes: units of pixels, chunks of units, blocks of channels. */
#include "config.h"

#include "direct-correlation.h"

#define MAX_CHUNKS 16
#define ENOUGH_TASKS 8
#define UNIT_BYTES 3072   /* of a channel of y: a few channels stay in the nearest cache */

static Reach *
make_reaches (gsize target, gsize source, gsize kernel, gsize stride, gsize padding, gsize dilation)
{
  Reach *reaches = g_new0 (Reach, kernel);

  for (gsize i = 0; i < kernel; i++)
    {
      Reach *reach = &reaches[i];

      for (gsize at = target; at-- > 0;)
        {
          gssize from = (gssize) (at * stride + i * dilation) - (gssize) padding;

          if (from < 0 || from >= (gssize) source)
            continue;
          reach->first = at;
          reach->last = MAX (reach->last, at + 1);
        }
    }
  return reaches;
}

/* The pixels of x, along one axis, that kernel positions meet from pixels [first, last) of y */
static void
find_span (const Reach *reaches, gsize kernel, gsize stride, gsize padding, gsize dilation, gsize first, gsize last, gsize *start, gsize *n)
{
  gsize end = 0;

  *start = G_MAXSIZE;
  for (gsize i = 0; i < kernel; i++)
    {
      gsize from = MAX (first, reaches[i].first), to = MIN (last, reaches[i].last);

      if (from >= to)
        continue;
      *start = MIN (*start, from * stride + i * dilation - padding);
      end = MAX (end, (to - 1) * stride + i * dilation - padding + 1);
    }
  *n = end > 0 ? end - *start : 0;
}

static void
add_units (DirectCorrelation *self)
{
  const Geometry *g = &self->geometry;
  gsize pixels = MAX (4, UNIT_BYTES / (g->lanes * self->numeric->products->factor_size));
  gsize columns = MIN (pixels >= 32 ? 8 : 4, g->ow), rows = pixels / columns;

  for (gsize set = 0; set < g->n_sets; set++)
    for (gsize row = 0; row < g->oh; row += rows)
      for (gsize column = 0; column < g->ow; column += columns)
        {
          Unit unit = { set, row, column, MIN (rows, g->oh - row), MIN (columns, g->ow - column) };

          find_span (self->down, g->kh, g->stride_h, g->pad_h, g->dilation_h, row, row + unit.rows, &unit.x_row, &unit.x_rows);
          find_span (self->across, g->kw, g->stride_w, g->pad_w, g->dilation_w, column, column + unit.columns, &unit.x_column, &unit.x_columns);
          self->x_panel = MAX (self->x_panel, self->block_padded *
                               correlation_panel_plane (self, unit.x_rows, openblas_round_up (unit.x_columns, g->stride_w)));
          if (self->n_blocks > 1 && openblas_is_rounding (self->numeric))
            {
              unit.y = self->all_y;
              self->all_y += g->groups * self->outputs_padded * correlation_panel_plane (self, unit.rows, unit.columns);
            }
          else
            self->y_panel = MAX (self->y_panel, CORRELATION_TILE * correlation_panel_plane (self, unit.rows, unit.columns));
          g_array_append_val (self->units, unit);
        }
}

DirectCorrelation *
openblas_direct_correlation_new (const Numeric *numeric, const Geometry *g)
{
  DirectCorrelation *self = g_new0 (DirectCorrelation, 1);
  gsize chunks;

  self->numeric = numeric;
  self->geometry = *g;
  self->n_threads = openblas_count_threads ();
  self->channels = g->c / g->groups;
  self->outputs = g->o / g->groups;
  self->down = make_reaches (g->oh, g->h, g->kh, g->stride_h, g->pad_h, g->dilation_h);
  self->across = make_reaches (g->ow, g->w, g->kw, g->stride_w, g->pad_w, g->dilation_w);
  self->n_blocks = (self->channels + CORRELATION_BLOCK - 1) / CORRELATION_BLOCK;
  self->corner = numeric->products->correlate_tile (MIN (self->channels, CORRELATION_BLOCK));
  self->block_padded = openblas_round_up (MIN (self->channels, CORRELATION_BLOCK), self->corner.n);
  self->outputs_padded = openblas_round_up (self->outputs, self->corner.m);
  self->units = g_array_new (FALSE, FALSE, sizeof (Unit));
  add_units (self);
  chunks = MIN (MIN (self->units->len, MAX_CHUNKS), (ENOUGH_TASKS + self->n_blocks * g->groups - 1) / (self->n_blocks * g->groups));
  self->units_per_chunk = (self->units->len + chunks - 1) / chunks;
  self->n_chunks = (self->units->len + self->units_per_chunk - 1) / self->units_per_chunk;
  return self;
}

void
openblas_direct_correlation_free (gpointer data)
{
  DirectCorrelation *self = data;

  g_free (self->down);
  g_free (self->across);
  g_array_unref (self->units);
  g_free (self);
}

gsize
openblas_correlation_parts_bytes (const DirectCorrelation *self)
{
  const Geometry *g = &self->geometry;

  return self->n_chunks > 1 ? ALIGNED (self->n_chunks * g->o * self->channels * g->kh * g->kw * self->numeric->loops->size) : 0;
}

gsize
openblas_correlation_all_y_bytes (const DirectCorrelation *self)
{
  return ALIGNED (self->all_y * self->numeric->products->factor_size);
}

gsize
openblas_correlation_x_panel_bytes (const DirectCorrelation *self)
{
  return ALIGNED (self->x_panel * self->numeric->products->factor_size);
}

gsize
openblas_correlation_y_panel_bytes (const DirectCorrelation *self)
{
  return ALIGNED (self->y_panel * self->numeric->products->factor_size);
}

gsize
openblas_correlation_sums_size (const DirectCorrelation *self)
{
  return self->geometry.kh * self->geometry.kw * self->outputs_padded * self->block_padded;
}

gsize
openblas_correlation_thread_bytes (const DirectCorrelation *self)
{
  return openblas_correlation_x_panel_bytes (self) + openblas_correlation_y_panel_bytes (self) +
         ALIGNED (openblas_correlation_sums_size (self) * self->numeric->loops->size);
}

gsize
openblas_direct_correlation_get_scratch (const DirectCorrelation *self)
{
  return openblas_correlation_parts_bytes (self) + openblas_correlation_all_y_bytes (self) +
         self->n_threads * openblas_correlation_thread_bytes (self);
}
