/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d-weight by Winograd's tiles, of images by lanes: tiles of x, and of y where they meet them, are transformed a piece at a time; each
 * frequency adds [output][tile, lane] times [tile, lane][channel] to its sums, and the sums are transformed once.  All threads work on one piece, so
 * that there is one set of sums, and each is added up in the same order.  Phases of x are gone through one after the other.
 */
#include "config.h"

#include <string.h>

#include "winograd.h"

#define PIECE_BYTES (10 << 20) /* of the transformed tiles: with the sums they stay in a large cache */
#define MIN_COLUMNS 64
#define MAX_COLUMNS 512
#define DEPTH 128             /* columns that are summed at a time: rounding errors stay small */
#define BLOCK 8                /* channels of y that are transformed at a time */

struct _WinogradWeight {
  const Numeric *numeric;
  const WinogradLoops *loops;
  Geometry geometry;
  gsize frequencies;
  gsize n_phases;
  gsize tiles_across, n_tiles;
  gsize n_units;                 /* tiles of a set */
  gsize units_per_piece;
  gsize columns;                 /* of a piece */
  gsize outputs, channels;       /* rounded up to what products take at a time */
  gsize x_step, y_step, sum_step; /* from one frequency to the next */
  gsize tile_step;               /* from one transformed tile of x to that of the next channel, before they are turned */
  guint n_threads;
};

WinogradWeight *
openblas_winograd_weight_new (const Numeric *numeric, const Geometry *g)
{
  WinogradWeight *self = g_new0 (WinogradWeight, 1);
  const WinogradLoops *loops = openblas_winograd_find_loops (numeric, g);
  gsize frequencies = loops->points * loops->points;
  gsize columns = CLAMP (PIECE_BYTES / (frequencies * (g->c + g->o) * numeric->loops->size), MIN_COLUMNS, MAX_COLUMNS);

  self->numeric = numeric;
  self->loops = loops;
  self->geometry = *g;
  self->frequencies = frequencies;
  self->n_phases = g->stride_h * g->stride_w;
  self->n_threads = openblas_count_threads ();
  self->tiles_across = (g->ow + WINOGRAD_TILE - 1) / WINOGRAD_TILE;
  self->n_tiles = (g->oh + WINOGRAD_TILE - 1) / WINOGRAD_TILE * self->tiles_across;
  self->n_units = g->n_sets * self->n_tiles;
  self->units_per_piece = MIN (self->n_units, MAX (1, columns / g->lanes));
  self->columns = self->units_per_piece * g->lanes;
  self->outputs = openblas_round_up (g->o, MAX (BLOCK, loops->rows));
  self->channels = openblas_round_up (g->c, loops->columns);
  self->x_step = openblas_winograd_spread (self->channels * self->columns);
  self->y_step = openblas_winograd_spread (self->outputs * self->columns);
  self->sum_step = openblas_winograd_spread (self->outputs * self->channels);
  self->tile_step = openblas_winograd_spread (frequencies * g->lanes);
  return self;
}

void
openblas_winograd_weight_free (gpointer data)
{
  g_free (data);
}

static gsize
frequencies_bytes (const WinogradWeight *self, gsize step)
{
  return ALIGNED (self->frequencies * step * self->numeric->loops->size);
}

/* Tiles of a panel of channels, or the weights of one */
static gsize
thread_bytes (const WinogradWeight *self)
{
  return ALIGNED (self->loops->columns * self->tile_step * self->numeric->loops->size);
}

gsize
openblas_winograd_weight_get_scratch (const WinogradWeight *self)
{
  return frequencies_bytes (self, self->sum_step) + frequencies_bytes (self, self->x_step) + frequencies_bytes (self, self->y_step) +
         self->n_threads * thread_bytes (self);
}

gdouble
openblas_winograd_weight_get_flops (const WinogradWeight *self)
{
  const WinogradFlops *flops = openblas_winograd_get_tile_flops (self->loops);
  gdouble c = (gdouble) self->geometry.c, o = (gdouble) self->geometry.o, lanes = (gdouble) (self->n_units * self->geometry.lanes);

  return (gdouble) self->n_phases * (lanes * (2 * (gdouble) self->frequencies * c * o + (gdouble) flops->source * c + (gdouble) flops->gradient * o) +
                                     (gdouble) flops->weight * c * o);
}

/* A panel of channels of x: to [frequency][panel][tile, lane][channel] */
static void
transform_x (const WinogradWeight *self, gsize phase, gsize unit, gsize column, gsize channel, gconstpointer x, gpointer to, gpointer tiles)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  const WinogradLoops *loops = self->loops;
  gsize n = MIN (loops->columns, g->c - channel), plane = g->h * g->w * g->lanes, tile = unit % self->n_tiles;
  gssize first_row = (gssize) (tile / self->tiles_across * WINOGRAD_TILE * g->stride_h + phase / g->stride_w) - (gssize) g->pad_h;
  gssize first_column = (gssize) (tile % self->tiles_across * WINOGRAD_TILE * g->stride_w + phase % g->stride_w) - (gssize) g->pad_w;
  TileCall call = {
    .lanes = g->lanes, .offset = (first_row * (gssize) g->w + first_column) * (gssize) g->lanes, .row = (gssize) (g->stride_h * g->w * g->lanes),
    .column = (gssize) (g->stride_w * g->lanes), .next = plane, .frequency = g->lanes, .panel = loops->columns
  };

  openblas_winograd_find_span (first_row, g->stride_h, g->h, loops->points, &call.top, &call.bottom);
  openblas_winograd_find_span (first_column, g->stride_w, g->w, loops->points, &call.left, &call.right);
  for (gsize i = 0; i < n; i++)
    {
      call.pixels = element (numeric, x, (unit / self->n_tiles * g->c + channel + i) * plane);
      call.frequencies = element (numeric, tiles, i * self->tile_step);
      loops->source_to_frequencies (&call);
    }
  memset (element (numeric, tiles, n * self->tile_step), 0, (loops->columns - n) * self->tile_step * numeric->loops->size);
  for (gsize frequency = 0; frequency < self->frequencies; frequency++)
    numeric->loops->to_lanes (element (numeric, to, frequency * self->x_step + channel * self->columns + column * loops->columns),
                              element (numeric, tiles, frequency * g->lanes), self->tile_step, loops->columns, loops->columns, g->lanes);
}

/* A few channels of y: to [frequency][output][tile, lane] */
static void
transform_y (const WinogradWeight *self, gsize unit, gsize column, gsize output, gconstpointer y, gpointer to)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  const WinogradLoops *loops = self->loops;
  gsize plane = g->oh * g->ow * g->lanes, tile = unit % self->n_tiles;
  gsize row = tile / self->tiles_across * WINOGRAD_TILE, first = tile % self->tiles_across * WINOGRAD_TILE;
  TileCall call = {
    .lanes = g->lanes, .offset = (gssize) ((row * g->ow + first) * g->lanes), .row = (gssize) (g->ow * g->lanes), .column = (gssize) g->lanes,
    .next = plane, .bottom = (guint) MIN (WINOGRAD_TILE, g->oh - row), .right = (guint) MIN (WINOGRAD_TILE, g->ow - first),
    .frequency = self->y_step, .panel = loops->columns, .first = column
  };

  for (gsize i = output; i < output + BLOCK; i++)
    {
      call.frequencies = element (numeric, to, i * self->columns);
      if (i < g->o)
        {
          call.pixels = element (numeric, y, (unit / self->n_tiles * g->o + i) * plane);
          loops->gradient_to_frequencies (&call);
        }
      else
        for (gsize frequency = 0; frequency < self->frequencies; frequency++)
          memset (element (numeric, call.frequencies, frequency * self->y_step + column), 0, g->lanes * numeric->loops->size);
    }
}

static void
transform_piece (const WinogradWeight *self, gsize phase, gsize first, gsize n_units, gconstpointer x, gconstpointer y, gpointer x_tiles,
                 gpointer y_tiles, gpointer own)
{
  gsize panel = self->loops->columns, n_panels = self->channels / panel, n_tasks = n_panels + self->outputs / BLOCK;

#pragma omp for schedule(dynamic) collapse(2)
  for (gsize unit = 0; unit < n_units; unit++)
    for (gsize task = 0; task < n_tasks; task++)
      {
        gsize column = unit * self->geometry.lanes;

        if (task < n_panels)
          transform_x (self, phase, first + unit, column, task * panel, x, x_tiles, own);
        else
          transform_y (self, first + unit, column, (task - n_panels) * BLOCK, y, y_tiles);
      }
}

/* To [frequency][panel of channels][output][channel] */
static void
add_products (const WinogradWeight *self, gsize n_columns, gboolean add, gconstpointer x_tiles, gconstpointer y_tiles, gpointer sums)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = self->loops;

#pragma omp for schedule(dynamic) collapse(2)
  for (gsize frequency = 0; frequency < self->frequencies; frequency++)
    for (gsize channel = 0; channel < self->channels; channel += loops->columns)
      for (gsize k = 0; k < n_columns; k += DEPTH)
        loops->multiply (&(const ProductCall) {
          .m = self->outputs, .k = MIN (DEPTH, n_columns - k), .a = element (numeric, y_tiles, frequency * self->y_step + k),
          .a_block = loops->rows * self->columns, .a_row = self->columns,
          .b = element (numeric, x_tiles, frequency * self->x_step + channel * self->columns + k * loops->columns),
          .d = element (numeric, sums, frequency * self->sum_step + channel * self->outputs), .add = add || k > 0
        });
}

/* To those positions of the kernel that meet a phase of x */
static void
transform_sums (const WinogradWeight *self, gsize phase, gconstpointer sums, gpointer output, gpointer own)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  const WinogradLoops *loops = self->loops;
  gsize positions = g->kh * g->kw, length = g->stride_w == 1 ? loops->kernel : 1; /* of neighbours */

#pragma omp for schedule(dynamic) collapse(2)
  for (gsize i = 0; i < g->o; i++)
    for (gsize channel = 0; channel < g->c; channel += loops->columns)
      {
        loops->weight_from_frequencies (&(const TileCall) {
          .lanes = loops->columns, .pixels = own, .row = (gssize) (loops->kernel * loops->columns), .column = (gssize) loops->columns,
          .bottom = (guint) loops->kernel, .right = (guint) loops->kernel,
          .frequencies = element (numeric, sums, channel * self->outputs + i * loops->columns), .frequency = self->sum_step
        });
        for (gsize at = 0; at < loops->kernel * loops->kernel; at += length)
          {
            gsize row = at / loops->kernel * g->stride_h + phase / g->stride_w, column = at % loops->kernel * g->stride_w + phase % g->stride_w;

            numeric->loops->from_lanes (element (numeric, output, (i * g->c + channel) * positions + row * g->kw + column),
                                        element (numeric, own, at * loops->columns), positions, MIN (loops->columns, g->c - channel),
                                        loops->columns, length);
          }
      }
}

void
openblas_winograd_weight_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const WinogradWeight *self = data;
  guint8 *x_tiles = (guint8 *) scratch + frequencies_bytes (self, self->sum_step), *y_tiles = x_tiles + frequencies_bytes (self, self->x_step);
  guint8 *threads = y_tiles + frequencies_bytes (self, self->y_step);

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    guint8 *own = threads + openblas_thread_number () * thread_bytes (self);

    for (gsize phase = 0; phase < self->n_phases; phase++)
      {
        for (gsize first = 0; first < self->n_units; first += self->units_per_piece)
          {
            gsize n_units = MIN (self->units_per_piece, self->n_units - first);

            transform_piece (self, phase, first, n_units, inputs[0], inputs[1], x_tiles, y_tiles, own);
            add_products (self, n_units * self->geometry.lanes, first > 0, x_tiles, y_tiles, scratch);
          }
        transform_sums (self, phase, scratch, output, own);
      }
  }
}
