/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d and conv2d-input as one thing.  A target pixel is a weighted sum of source pixels at fixed distances, the taps.
 * conv2d has one phase, with all kernel positions as taps.  In conv2d-input the target pixels fall into stride_h x stride_w
 * phases by their position modulo the stride; each phase has the taps kernel positions that meet it, and source step 1.
 * So the adjoint gathers, like conv2d, and adds nothing up in memory.  A phase is a product weight [m, k] x pixels [k, n]
 * with k = source channels x taps, tiled over pixels.
 */
#include "config.h"

#include "taps.h"

#define TILE_BYTES (512 * 1024)

static gssize
floor_divide (gssize a, gssize b)
{
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* Where along one axis the taps of a phase lie, in source pixels from the phase's first target pixel. */
static gboolean
tap_distance (const Taps *self, gsize phase, gsize kernel, gsize stride, gsize padding, gsize dilation, gssize *distance)
{
  gssize numerator;

  if (!self->adjoint)
    {
      *distance = (gssize) (kernel * dilation) - (gssize) padding;
      return TRUE;
    }
  numerator = (gssize) (phase + padding) - (gssize) (kernel * dilation);
  *distance = floor_divide (numerator, stride);
  return *distance * (gssize) stride == numerator;
}

/* The margin that the source needs along one axis, so that every tap of every target pixel lies in it. */
static void
set_margin (const Taps *self, gsize n_phases, gsize target, gsize source, gsize kernel, gsize stride, gsize padding, gsize dilation,
            gsize *before, gsize *total)
{
  gssize low = 0, high = source;

  for (gsize phase = 0; phase < MIN (n_phases, target); phase++)
    for (gsize position = 0; position < kernel; position++)
      {
        gssize distance, last;

        if (!tap_distance (self, phase, position, stride, padding, dilation, &distance))
          continue;
        last = distance + (gssize) (self->adjoint ? (target - 1 - phase) / n_phases : (target - 1) * stride);
        low = MIN (low, distance);
        high = MAX (high, last + 1);
      }
  *before = -low;
  *total = high - low;
}

static void
choose_tiles (Taps *self, Phase *phase)
{
  gsize lanes = self->geometry.lanes, size = self->numeric->loops->size;
  gsize pixels = CLAMP (TILE_BYTES / (phase->k * lanes * size), 128 / lanes + 1, 512 / lanes + 1);
  gsize n_row_tiles, n_column_tiles;

  phase->tile_columns = MIN (phase->columns, pixels);
  n_column_tiles = (phase->columns + phase->tile_columns - 1) / phase->tile_columns;
  phase->tile_columns = (phase->columns + n_column_tiles - 1) / n_column_tiles;
  phase->tile_rows = n_column_tiles > 1 ? 1 : MIN (phase->rows, MAX (1, pixels / phase->columns));
  n_row_tiles = (phase->rows + phase->tile_rows - 1) / phase->tile_rows;
  phase->tile_rows = (phase->rows + n_row_tiles - 1) / n_row_tiles;
  n_row_tiles = (phase->rows + phase->tile_rows - 1) / phase->tile_rows;
  phase->n_tiles = n_row_tiles * n_column_tiles;
}

static void
init_phase (Taps *self, Phase *phase, gsize row, gsize column)
{
  const Geometry *g = &self->geometry;
  gsize channels = self->source.channels / g->groups, plane = openblas_stack_plane (&self->source, g->lanes);
  gsize tile;

  phase->row = row;
  phase->column = column;
  phase->rows = (self->target.height - row + self->target_row_step - 1) / self->target_row_step;
  phase->columns = (self->target.width - column + self->target_column_step - 1) / self->target_column_step;
  phase->positions = g_new (gsize, g->kh * g->kw);
  phase->offsets = g_new (gint64, g->kh * g->kw * channels);
  for (gsize y = 0; y < g->kh; y++)
    for (gsize x = 0; x < g->kw; x++)
      {
        gssize down, right;

        if (!tap_distance (self, row, y, g->stride_h, g->pad_h, g->dilation_h, &down) ||
            !tap_distance (self, column, x, g->stride_w, g->pad_w, g->dilation_w, &right))
          continue;
        phase->offsets[phase->n_taps] = ((down + (gssize) self->source.top) * (gssize) self->source.columns + right +
                                         (gssize) self->source.left) * (gssize) g->lanes;
        phase->positions[phase->n_taps++] = y * g->kw + x;
      }
  phase->k = channels * phase->n_taps;
  for (gsize i = phase->n_taps; i < phase->k; i++)
    phase->offsets[i] = phase->offsets[i - phase->n_taps] + (gint64) plane;
  if (phase->k == 0)
    return;
  choose_tiles (self, phase);
  phase->weights = self->n_weights;
  self->n_weights += self->target.channels * phase->k;
  tile = phase->tile_rows * phase->tile_columns * g->lanes * self->numeric->loops->size;
  self->pixels_size = MAX (self->pixels_size, ALIGNED (phase->k * tile));
  self->product_size = MAX (self->product_size, ALIGNED (self->m * tile));
}

Taps *
openblas_taps_new (const Numeric *numeric, const Geometry *g, gboolean adjoint)
{
  Taps *self = g_new0 (Taps, 1);
  gsize phases_h = adjoint ? g->stride_h : 1, phases_w = adjoint ? g->stride_w : 1;
  Stack x = { g->c, g->h, g->w, 0, 0, g->h, g->w }, y = { g->o, g->oh, g->ow, 0, 0, g->oh, g->ow };

  self->numeric = numeric;
  self->geometry = *g;
  self->adjoint = adjoint;
  self->source = adjoint ? y : x;
  self->target = adjoint ? x : y;
  self->row_step = adjoint ? 1 : g->stride_h;
  self->column_step = adjoint ? 1 : g->stride_w;
  self->target_row_step = phases_h;
  self->target_column_step = phases_w;
  self->m = self->target.channels / g->groups;
  self->n_threads = openblas_count_threads ();
  set_margin (self, phases_h, self->target.height, self->source.height, g->kh, g->stride_h, g->pad_h, g->dilation_h, &self->source.top,
              &self->source.rows);
  set_margin (self, phases_w, self->target.width, self->source.width, g->kw, g->stride_w, g->pad_w, g->dilation_w, &self->source.left,
              &self->source.columns);
  phases_h = MIN (phases_h, self->target.height);
  phases_w = MIN (phases_w, self->target.width);
  self->n_phases = phases_h * phases_w;
  self->phases = g_new0 (Phase, self->n_phases);
  for (gsize i = 0; i < self->n_phases; i++)
    init_phase (self, &self->phases[i], i / phases_w, i % phases_w);
  return self;
}

void
openblas_taps_free (gpointer data)
{
  Taps *self = data;

  for (guint i = 0; i < self->n_phases; i++)
    {
      g_free (self->phases[i].positions);
      g_free (self->phases[i].offsets);
    }
  g_free (self->phases);
  g_free (self);
}

gsize
openblas_taps_get_scratch (const Taps *self)
{
  return openblas_stack_bytes (self->numeric, &self->source, &self->geometry) +
         openblas_stack_bytes (self->numeric, &self->target, &self->geometry) +
         ALIGNED (self->adjoint ? self->n_weights * self->numeric->loops->size : 0) +
         self->n_threads * (self->pixels_size + self->product_size);
}
