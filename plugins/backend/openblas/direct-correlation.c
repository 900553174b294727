/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d-weight of images by lanes: each kernel position sums over the rectangle of pixels of y that it meets inside x.  A thread owns a few
 * channels of x; where there are few, the pixels are cut into a fixed number of chunks as well, and what they gave is added in a fixed tree.
 */
#include "config.h"

#include <string.h>

#include "direct.h"

#define MAX_CHUNKS 16
#define ENOUGH_TASKS 8
#define BLOCK_CHANNELS 12  /* of x, gone through with one piece of y */
#define UNIT_BYTES 4096    /* of a channel of y: a few channels stay in the nearest cache */
#define UNIT_COLUMNS 8
#define TILE_BYTES (512 * 1024) /* of a unit of y, over its channels: gone through for every kernel position */

/* The pixels of y that are gone through at a time */
typedef struct {
  gsize set;
  gsize first_row, last_row; /* the last excluded */
  gsize first_column, last_column;
} Unit;

/* The pixels of y along an axis that a kernel position meets */
typedef struct {
  gsize first, last;
} Reach;

struct _DirectCorrelation {
  const Numeric *numeric;
  Geometry geometry;
  Reach *down, *across;
  gsize channels, outputs; /* of a group */
  gsize n_blocks;          /* of channels */
  gsize tile;              /* of outputs */
  GArray *units;
  gsize units_per_chunk;
  guint n_chunks;
  guint n_threads;
};

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

static void
add_units (DirectCorrelation *self)
{
  const Geometry *g = &self->geometry;
  gsize pixels = MAX (1, UNIT_BYTES / (g->lanes * self->numeric->loops->size));
  gsize columns = MIN (MIN (pixels, UNIT_COLUMNS), g->ow), rows = MAX (1, pixels / columns);

  for (gsize set = 0; set < g->n_sets; set++)
    for (gsize row = 0; row < g->oh; row += rows)
      for (gsize column = 0; column < g->ow; column += columns)
        {
          Unit unit = { set, row, MIN (row + rows, g->oh), column, MIN (column + columns, g->ow) };

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
  self->n_blocks = (self->channels + BLOCK_CHANNELS - 1) / BLOCK_CHANNELS;
  self->tile = MAX (4, TILE_BYTES / UNIT_BYTES);
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
openblas_direct_correlation_get_scratch (const DirectCorrelation *self)
{
  gsize size = self->geometry.o * self->channels * self->geometry.kh * self->geometry.kw * self->numeric->loops->size;

  return self->n_chunks > 1 ? ALIGNED (self->n_chunks * size) : 0;
}

/* All kernel positions over one unit; @call says the rest. */
static void
run_unit (const DirectCorrelation *self, const Unit *unit, gconstpointer x, gconstpointer y, gpointer d, CorrelateCall *call)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;

  for (gsize down = 0; down < g->kh; down++)
    for (gsize across = 0; across < g->kw; across++)
      {
        gsize row = MAX (unit->first_row, self->down[down].first), last_row = MIN (unit->last_row, self->down[down].last);
        gsize column = MAX (unit->first_column, self->across[across].first), last_column = MIN (unit->last_column, self->across[across].last);
        gsize x_row = row * g->stride_h + down * g->dilation_h - g->pad_h, x_column = column * g->stride_w + across * g->dilation_w - g->pad_w;

        if (row >= last_row || column >= last_column)
          continue;
        call->rows = last_row - row;
        call->columns = last_column - column;
        call->y = element (numeric, y, (row * g->ow + column) * g->lanes);
        call->x = element (numeric, x, (x_row * g->w + x_column) * g->lanes);
        call->d = element (numeric, d, down * g->kw + across);
        numeric->loops->correlate (call);
      }
}

static void
run_task (const DirectCorrelation *self, gsize chunk, gsize group, gsize block, gconstpointer x, gconstpointer y, gpointer part)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gsize positions = g->kh * g->kw, x_plane = g->h * g->w * g->lanes, y_plane = g->oh * g->ow * g->lanes;
  gsize channel = block * BLOCK_CHANNELS, n = MIN (BLOCK_CHANNELS, self->channels - channel);
  gsize first = chunk * self->units_per_chunk, last = MIN (first + self->units_per_chunk, self->units->len);
  CorrelateCall call = {
    .lanes = g->lanes, .n = n, .y_plane = y_plane, .y_row = g->ow * g->lanes, .x_plane = x_plane, .x_row = g->stride_h * g->w * g->lanes,
    .x_column = g->stride_w * g->lanes, .d_row = self->channels * positions, .d_column = positions
  };

  part = element (numeric, part, (group * self->outputs * self->channels + channel) * positions);
  for (gsize output = 0; output < self->outputs; output += self->tile)
    {
      gpointer d = element (numeric, part, output * call.d_row);

      call.m = MIN (self->tile, self->outputs - output);
      for (gsize i = 0; i < call.m; i++)
        memset (element (numeric, d, i * call.d_row), 0, n * positions * numeric->loops->size);
      for (gsize i = first; i < last; i++)
        {
          const Unit *unit = &g_array_index (self->units, Unit, i);
          gsize at = unit->set * g->groups + group;

          run_unit (self, unit, element (numeric, x, (at * self->channels + channel) * x_plane),
                    element (numeric, y, (at * self->outputs + output) * y_plane), d, &call);
        }
    }
}

void
openblas_direct_correlation_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const DirectCorrelation *self = data;
  const Geometry *g = &self->geometry;
  gsize size = g->o * self->channels * g->kh * g->kw;

#pragma omp parallel for schedule(dynamic) collapse(3) num_threads (MIN (self->n_threads, openblas_count_threads ()))
  for (gsize chunk = 0; chunk < self->n_chunks; chunk++)
    for (gsize group = 0; group < g->groups; group++)
      for (gsize block = 0; block < self->n_blocks; block++)
        run_task (self, chunk, group, block, inputs[0], inputs[1],
                  self->n_chunks > 1 ? element (self->numeric, scratch, chunk * size) : output);
  if (self->n_chunks > 1)
    openblas_combine (self->numeric, scratch, self->n_chunks, size, size, output);
}
