/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d and conv2d-input as planned: for each tile of pixels the taps are gathered and multiplied with the weights. */
#include "config.h"

#include "taps.h"

/* [o, c/groups, kh, kw] to a matrix [c, o/groups x taps] for each phase */
static void
pack_weights (const Taps *self, gconstpointer weight, gpointer packed)
{
  const Geometry *g = &self->geometry;
  gsize o = g->o / g->groups, positions = g->kh * g->kw;

#pragma omp for schedule(dynamic, 4) nowait
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
  gsize n = rows * columns * lanes, k = phase->k, m = self->m, plane = openblas_stack_plane (&self->target, lanes);
  gsize row_step = self->row_step * self->source.columns * lanes, column_step = self->column_step * lanes;
  gsize target_row_step = self->target_row_step * self->target.columns * lanes, target_column_step = self->target_column_step * lanes;
  gpointer first = element (numeric, target, (phase->row + row * self->target_row_step) * self->target.columns * lanes +
                            (phase->column + column * self->target_column_step) * lanes);
  gboolean dense = target_column_step == lanes && (rows == 1 || columns * lanes == target_row_step);
  gpointer c = dense ? first : product;
  gsize ldc = dense ? plane : n;

  source = element (numeric, source, row * row_step + column * column_step);
  if (phase->n_taps == 1 && column_step == lanes && (rows == 1 || columns * lanes == row_step))
    openblas_gemm (numeric, FALSE, FALSE, m, n, k, weights, k, element (numeric, source, phase->offsets[0]),
                   openblas_stack_plane (&self->source, lanes), 0, c, ldc);
  else
    {
      for (gsize i = 0; i < k; i++)
        loops->gather (element (numeric, pixels, i * n), element (numeric, source, phase->offsets[i]), rows, columns, row_step, column_step,
                       lanes);
      openblas_gemm (numeric, FALSE, FALSE, m, n, k, weights, k, pixels, n, 0, c, ldc);
    }
  if (!dense)
    for (gsize i = 0; i < m; i++)
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
#pragma omp barrier
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
