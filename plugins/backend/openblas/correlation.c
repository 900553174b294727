/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d-weight: dw [o, k] = dy [o, pixels of all images] x (pixels that each kernel position met)^T, with k = channels x
 * kernel positions.  The pixels are cut into a fixed number of chunks, each summed by one thread into a part of its own;
 * the parts are then added in a fixed tree.
 */
#include "config.h"

#include <string.h>

#include "convolution.h"

#define MAX_CHUNKS 16
#define ENOUGH_TASKS 8
#define BLOCK_K 256
#define TILE_COLUMNS 1024

typedef struct {
  gsize x, y; /* where it starts */
  gsize rows;
} Unit;

struct _Correlation {
  const Numeric *numeric;
  Geometry geometry;
  Stack x, y;
  gsize k;                /* columns of the weight as a matrix */
  gint64 *offsets;        /* k offsets into x, from the group's first channel */
  gsize block;            /* of k */
  gsize n_blocks;
  gsize tile_rows;        /* of y */
  gsize tiles;            /* of a set */
  gsize units_per_chunk;  /* a unit is a tile of a set */
  Unit *units;
  guint n_chunks;
  guint n_threads;
  gsize pixels_size;
};

Correlation *
openblas_correlation_new (const Numeric *numeric, const Geometry *g)
{
  Correlation *self = g_new0 (Correlation, 1);
  gsize channels = g->c / g->groups, plane, units, chunks;

  self->numeric = numeric;
  self->geometry = *g;
  self->x = (Stack) { g->c, g->h, g->w, g->pad_h, g->pad_w, g->h + 2 * g->pad_h, g->w + 2 * g->pad_w };
  self->y = (Stack) { g->o, g->oh, g->ow, 0, 0, g->oh, g->ow };
  self->k = channels * g->kh * g->kw;
  self->offsets = g_new (gint64, self->k);
  plane = openblas_stack_plane (&self->x, g->lanes);
  for (gsize i = 0; i < self->k; i++)
    {
      gsize position = i % (g->kh * g->kw), y = position / g->kw * g->dilation_h, x = position % g->kw * g->dilation_w;

      self->offsets[i] = i / (g->kh * g->kw) * plane + (y * self->x.columns + x) * g->lanes;
    }
  self->block = MIN (self->k, BLOCK_K);
  self->n_blocks = (self->k + self->block - 1) / self->block;
  self->tile_rows = CLAMP (TILE_COLUMNS / (g->ow * g->lanes), 1, g->oh);
  self->tiles = (g->oh + self->tile_rows - 1) / self->tile_rows;
  units = self->tiles * g->n_sets;
  chunks = MIN (MIN (units, MAX_CHUNKS), (ENOUGH_TASKS + self->n_blocks * g->groups - 1) / (self->n_blocks * g->groups));
  self->units_per_chunk = (units + chunks - 1) / chunks;
  self->n_chunks = (units + self->units_per_chunk - 1) / self->units_per_chunk;
  self->n_threads = openblas_count_threads ();
  self->units = g_new (Unit, units);
  for (gsize i = 0; i < units; i++)
    {
      gsize row = i % self->tiles * self->tile_rows;

      self->units[i] = (Unit) {
        i / self->tiles * g->c * plane + row * g->stride_h * self->x.columns * g->lanes,
        i / self->tiles * g->o * openblas_stack_plane (&self->y, g->lanes) + row * g->ow * g->lanes,
        MIN (self->tile_rows, g->oh - row)
      };
    }
  self->pixels_size = ALIGNED (self->block * self->tile_rows * g->ow * g->lanes * numeric->loops->size);
  return self;
}

void
openblas_correlation_free (gpointer data)
{
  Correlation *self = data;

  g_free (self->offsets);
  g_free (self->units);
  g_free (self);
}

static gsize
parts_bytes (const Correlation *self)
{
  return self->n_chunks > 1 ? ALIGNED (self->n_chunks * self->geometry.o * self->k * self->numeric->loops->size) : 0;
}

gsize
openblas_correlation_get_scratch (const Correlation *self)
{
  return openblas_stack_bytes (self->numeric, &self->x, &self->geometry) + openblas_stack_bytes (self->numeric, &self->y, &self->geometry) +
         parts_bytes (self) + self->n_threads * self->pixels_size;
}

static void
run_block (const Correlation *self, gsize chunk, gsize group, gsize block, gconstpointer x, gconstpointer y, gpointer pixels, gpointer part)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gsize o = g->o / g->groups, start = block * self->block, n = MIN (self->block, self->k - start);
  gsize plane_x = openblas_stack_plane (&self->x, g->lanes), plane_y = openblas_stack_plane (&self->y, g->lanes);
  gsize row_step = g->stride_h * self->x.columns * g->lanes, column_step = g->stride_w * g->lanes;
  gsize first = chunk * self->units_per_chunk, last = MIN (first + self->units_per_chunk, self->tiles * g->n_sets);

  x = element (numeric, x, group * (g->c / g->groups) * plane_x);
  y = element (numeric, y, group * o * plane_y);
  part = element (numeric, part, group * o * self->k + start);
  for (gsize unit = first; unit < last; unit++)
    {
      const Unit *u = &self->units[unit];
      gsize inner = u->rows * g->ow * g->lanes;

      for (gsize i = 0; i < n; i++)
        numeric->loops->gather (element (numeric, pixels, i * inner), element (numeric, x, u->x + self->offsets[start + i]), u->rows, g->ow,
                                row_step, column_step, g->lanes);
      openblas_gemm (numeric, FALSE, TRUE, o, n, inner, element (numeric, y, u->y), plane_y, pixels, inner, unit == first ? 0 : 1, part,
                     self->k);
    }
}

void
openblas_correlation_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Correlation *self = data;
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gpointer x = scratch;
  gpointer y = (guint8 *) x + openblas_stack_bytes (numeric, &self->x, g);
  guint8 *parts = (guint8 *) y + openblas_stack_bytes (numeric, &self->y, g);
  guint8 *threads = parts + parts_bytes (self);
  gsize size = g->o * self->k;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    guint8 *pixels = threads + openblas_thread_number () * self->pixels_size;

    openblas_stack_fill (numeric, &self->x, g, inputs[0], x);
    openblas_stack_fill (numeric, &self->y, g, inputs[1], y);
#pragma omp barrier
#pragma omp for schedule(dynamic) collapse(3) nowait
    for (gsize chunk = 0; chunk < self->n_chunks; chunk++)
      for (gsize group = 0; group < g->groups; group++)
        for (gsize block = 0; block < self->n_blocks; block++)
          run_block (self, chunk, group, block, x, y, pixels,
                     self->n_chunks > 1 ? element (numeric, parts, chunk * size) : output);
  }
  if (self->n_chunks > 1)
    openblas_combine (numeric, parts, self->n_chunks, size, size, output);
}
