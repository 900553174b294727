/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d and conv2d-input as one thing.  A target pixel is a weighted sum of source pixels at fixed distances, the taps.
 * conv2d has one phase, with all kernel positions as taps.  In conv2d-input the target pixels fall into stride_h x stride_w
 * phases by their position modulo the stride; each phase has the taps kernel positions that meet it, and source step 1.
 * So the adjoint gathers, like conv2d, and adds nothing up in memory.  A phase is a product weight [m, k] x pixels [k, n]
 * with k = source channels x taps, tiled over pixels.
 */
#include "config.h"

#include <string.h>

#include "convolution.h"

/* Rows of a product below which summing in registers beats calling BLAS. */
#define FEW_ROWS 4
#define TILE_BYTES (512 * 1024)

typedef struct {
  gsize rows, columns;       /* of the phase's target pixels */
  gsize row, column;         /* the first of them */
  gsize tile_rows, tile_columns;
  gsize n_tiles;
  gsize n_taps;
  gsize *positions;          /* kernel position of each tap */
  gsize k;
  gint64 *offsets;           /* k source offsets, from the group's first channel */
  gsize weights;             /* elements into the packed weights */
} Phase;

struct _Taps {
  const Numeric *numeric;
  Geometry geometry;
  gboolean adjoint;
  Stack source, target;
  gsize row_step, column_step;               /* from a source pixel to the next target pixel's */
  gsize target_row_step, target_column_step; /* between a phase's pixels in the target */
  gsize m;                                   /* target channels of a group */
  guint n_phases;
  Phase *phases;
  guint n_threads;
  gsize pixels_size, product_size;           /* bytes of a thread's matrices */
  gsize n_weights;                           /* packed, elements */
};

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
  tile = phase->tile_rows * phase->tile_columns * g->lanes * self->numeric->loops->size;
  self->pixels_size = MAX (self->pixels_size, ALIGNED (phase->k * tile));
  self->product_size = MAX (self->product_size, ALIGNED (self->m * tile));
  phase->weights = self->n_weights;
  self->n_weights += self->target.channels * phase->k;
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

/* [o, c/groups, kh, kw] to a matrix [c, o/groups x taps] for each phase */
static void
pack_weights (const Taps *self, gconstpointer weight, gpointer packed)
{
  const Geometry *g = &self->geometry;
  gsize o = g->o / g->groups, positions = g->kh * g->kw;

#pragma omp for schedule(static) nowait
  for (gsize channel = 0; channel < g->c; channel++)
    for (guint p = 0; p < self->n_phases; p++)
      {
        const Phase *phase = &self->phases[p];
        gsize to = phase->weights + channel * phase->k;

        for (gsize i = 0; i < o; i++)
          {
            gsize from = ((channel / self->m * o + i) * self->m + channel % self->m) * positions;

            if (self->numeric->loops->size == sizeof (gfloat))
              for (gsize tap = 0; tap < phase->n_taps; tap++)
                ((gfloat *) packed)[to++] = ((const gfloat *) weight)[from + phase->positions[tap]];
            else
              for (gsize tap = 0; tap < phase->n_taps; tap++)
                ((gdouble *) packed)[to++] = ((const gdouble *) weight)[from + phase->positions[tap]];
          }
      }
}

static void
run_tile (const Taps *self, const Phase *phase, gsize tile, gconstpointer weights, gconstpointer source, gpointer target, gpointer pixels,
          gpointer product)
{
  const Numeric *numeric = self->numeric;
  const Loops *loops = numeric->loops;
  gsize lanes = self->geometry.lanes;
  gsize column_tiles = (phase->columns + phase->tile_columns - 1) / phase->tile_columns;
  gsize row = tile / column_tiles * phase->tile_rows, column = tile % column_tiles * phase->tile_columns;
  gsize rows = MIN (phase->tile_rows, phase->rows - row), columns = MIN (phase->tile_columns, phase->columns - column);
  gsize n = rows * columns * lanes, k = phase->k, plane = openblas_stack_plane (&self->target, lanes);
  gsize row_step = self->row_step * self->source.columns * lanes, column_step = self->column_step * lanes;
  gsize target_row_step = self->target_row_step * self->target.columns * lanes, target_column_step = self->target_column_step * lanes;
  gpointer first = element (numeric, target, (phase->row + row * self->target_row_step) * self->target.columns * lanes +
                            (phase->column + column * self->target_column_step) * lanes);
  gboolean dense = target_column_step == lanes && (rows == 1 || columns * lanes == target_row_step);
  gpointer c = dense ? first : product;
  gsize ldc = dense ? plane : n;

  source = element (numeric, source, row * row_step + column * column_step);
  if (self->m <= FEW_ROWS)
    for (gsize i = 0; i < self->m; i++)
      loops->weigh (element (numeric, c, i * ldc), source, element (numeric, weights, i * k), phase->offsets, k, rows, columns, row_step,
                    column_step, lanes);
  else if (phase->n_taps == 1 && column_step == lanes && (rows == 1 || columns * lanes == row_step))
    openblas_gemm (numeric, FALSE, FALSE, self->m, n, k, weights, k, element (numeric, source, phase->offsets[0]),
                   openblas_stack_plane (&self->source, lanes), 0, c, ldc);
  else
    {
      for (gsize i = 0; i < k; i++)
        loops->gather (element (numeric, pixels, i * n), element (numeric, source, phase->offsets[i]), rows, columns, row_step, column_step,
                       lanes);
      openblas_gemm (numeric, FALSE, FALSE, self->m, n, k, weights, k, pixels, n, 0, c, ldc);
    }
  if (!dense)
    for (gsize i = 0; i < self->m; i++)
      loops->scatter (element (numeric, first, i * plane), element (numeric, product, i * n), rows, columns, target_row_step,
                      target_column_step, lanes);
}

/* A phase that no kernel position meets: its target pixels are zero. */
static void
clear_phase (const Taps *self, const Phase *phase, gpointer target)
{
  gsize lanes = self->geometry.lanes, plane = openblas_stack_plane (&self->target, lanes);

  for (gsize i = 0; i < self->m; i++)
    for (gsize row = 0; row < phase->rows; row++)
      for (gsize column = 0; column < phase->columns; column++)
        self->numeric->loops->fill (element (self->numeric, target,
                                             i * plane + ((phase->row + row * self->target_row_step) * self->target.columns + phase->column +
                                                          column * self->target_column_step) * lanes), 0, lanes);
}

void
openblas_taps_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Taps *self = data;
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gpointer source = scratch;
  gpointer target = (guint8 *) source + openblas_stack_bytes (numeric, &self->source, g);
  gpointer packed = (guint8 *) target + openblas_stack_bytes (numeric, &self->target, g);
  guint8 *threads = (guint8 *) packed + ALIGNED (self->adjoint ? self->n_weights * numeric->loops->size : 0);
  gconstpointer weights = self->adjoint ? packed : inputs[1];
  gsize source_group = self->source.channels / g->groups * openblas_stack_plane (&self->source, g->lanes);
  gsize target_group = self->m * openblas_stack_plane (&self->target, g->lanes);

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    guint8 *pixels = threads + openblas_thread_number () * (self->pixels_size + self->product_size);

    if (self->adjoint)
      pack_weights (self, inputs[1], packed);
    openblas_stack_fill (numeric, &self->source, g, inputs[0], source);
    for (guint p = 0; p < self->n_phases; p++)
      {
        const Phase *phase = &self->phases[p];
        gsize n_tiles = MAX (1, phase->n_tiles);

#pragma omp for schedule(dynamic) collapse(3) nowait
        for (gsize set = 0; set < g->n_sets; set++)
          for (gsize group = 0; group < g->groups; group++)
            for (gsize tile = 0; tile < n_tiles; tile++)
              {
                gpointer to = element (numeric, target, (set * g->groups + group) * target_group);

                if (phase->k == 0)
                  clear_phase (self, phase, to);
                else
                  run_tile (self, phase, tile, element (numeric, weights, phase->weights + group * self->m * phase->k),
                            element (numeric, source, (set * g->groups + group) * source_group), to, pixels, pixels + self->pixels_size);
              }
      }
#pragma omp barrier
    openblas_stack_empty (numeric, &self->target, g, target, output);
  }
}
