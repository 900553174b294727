/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d and conv2d-input by Winograd's tiles, of images by lanes.  All kernels are transformed first.  A task transforms a few tiles of all source
 * channels; each frequency is then a product of matrices, [target channel][source channel] times [source channel][tile, lane], whose results are
 * transformed back a strip of target channels at a time.  Nothing but the transformed kernels is larger than the caches of one processor.
 * Phases of the source count as more channels, those of the target are computed one after the other.
 */
#include "config.h"

#include <string.h>

#include "winograd.h"

#define BATCH 16 /* source channels whose kernels are brought side by side at a time */

/* The kernels of @phase, of MAX_LANES target channels from @first on and of the channels from @channel on, whose weights are in @lanes; the
 * adjoint's are turned around. */
static void
transform_phase (const Winograd *self, gsize phase, gsize first, gsize channel, gsize n, gsize depth, gpointer lanes, gpointer kernels)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gssize turned = self->adjoint ? (gssize) (self->stride * (self->loops->kernel - 1)) : 0, step = (gssize) self->stride * (self->adjoint ? -1 : 1);
  gssize row = (gssize) (phase / self->stride) + turned, column = (gssize) (phase % self->stride) + turned;
  TileCall call = {
    .lanes = MAX_LANES, .offset = (row * (gssize) g->kw + column) * MAX_LANES, .row = step * (gssize) g->kw * MAX_LANES,
    .column = step * MAX_LANES, .next = g->kh * g->kw * MAX_LANES, .bottom = (guint) self->loops->kernel, .right = (guint) self->loops->kernel,
    .frequency = self->kernels_step, .panel = self->depth * self->loops->rows
  };

  for (gsize i = 0; i < n; i++)
    {
      call.pixels = element (numeric, lanes, i * g->kh * g->kw * MAX_LANES);
      call.frequencies = element (numeric, kernels, first * self->depth + (depth + channel + i) * self->loops->rows);
      self->loops->kernel_to_frequencies (&call);
    }
}

static void
transform_kernels (const Winograd *self, gsize phase, gsize first, gsize channel, gconstpointer weight, gpointer lanes, gpointer kernels)
{
  const Numeric *numeric = self->numeric;
  const Loops *loops = numeric->loops;
  const gsize positions = self->geometry.kh * self->geometry.kw;
  gsize n = MIN (MAX_LANES, self->target_channels - first), channels = MIN (BATCH, self->source_channels - channel);

  if (n < MAX_LANES)
    memset (lanes, 0, channels * positions * MAX_LANES * loops->size);
  if (!self->adjoint)
    loops->to_lanes (lanes, element (numeric, weight, (first * self->source_channels + channel) * positions), self->source_channels * positions, n,
                     MAX_LANES, channels * positions);
  else
    for (gsize i = 0; i < channels; i++)
      loops->to_lanes (element (numeric, lanes, i * positions * MAX_LANES),
                       element (numeric, weight, ((channel + i) * self->target_channels + first) * positions), positions, n, MAX_LANES, positions);
  for (gsize i = 0; i < self->source_phases; i++)
    transform_phase (self, phase + i, first, channel, channels, i * self->source_channels, lanes, kernels);
}

/* To [frequency][target channels / rows][source phase, channel][rows] */
static void
pack_kernels (const Winograd *self, gsize phase, gconstpointer weight, gpointer lanes, gpointer kernels)
{
#pragma omp for schedule(dynamic) collapse(2)
  for (gsize first = 0; first < self->target_channels; first += MAX_LANES)
    for (gsize channel = 0; channel < self->source_channels; channel += BATCH)
      transform_kernels (self, phase, first, channel, weight, lanes, kernels);
}

/* The set of a unit, and the row and column of its tile */
static gsize
find_tile (const Winograd *self, gsize unit, gsize *row, gsize *column)
{
  gsize tiles = self->tiles_down * self->tiles_across;

  *row = unit % tiles / self->tiles_across;
  *column = unit % tiles % self->tiles_across;
  return unit / tiles;
}

/* To [frequency][columns / panel][source phase, channel][panel] */
static void
transform_sources (const Winograd *self, gsize phase, gsize first, gsize last, gconstpointer source, gpointer sources)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = self->loops;
  gsize lanes = self->geometry.lanes, plane = self->source_height * self->source_width * lanes, step = self->source_step;
  TileCall call = {
    .lanes = lanes, .row = (gssize) (step * self->source_width * lanes), .column = (gssize) (step * lanes), .next = plane,
    .frequency = self->sources_step, .panel = self->depth * loops->columns
  };

  for (gsize depth = 0; depth < self->depth; depth++)
    for (gsize unit = first; unit < last; unit++)
      {
        gsize at = phase + depth / self->source_channels, channel = depth % self->source_channels, tile_row, tile_column;
        gsize set = find_tile (self, unit, &tile_row, &tile_column);
        gssize row = self->down[at / self->stride].source + (gssize) (step * WINOGRAD_TILE * tile_row);
        gssize column = self->across[at % self->stride].source + (gssize) (step * WINOGRAD_TILE * tile_column);

        openblas_winograd_find_span (row, step, self->source_height, loops->points, &call.top, &call.bottom);
        openblas_winograd_find_span (column, step, self->source_width, loops->points, &call.left, &call.right);
        call.pixels = element (numeric, source, (set * self->source_channels + channel) * plane);
        call.offset = (row * (gssize) self->source_width + column) * (gssize) lanes;
        call.frequencies = element (numeric, sources, depth * loops->columns);
        call.first = (unit - first) * lanes;
        loops->source_to_frequencies (&call);
      }
}

/* Target channels [@target, @target + @n): to [frequency][columns / panel][target channel][panel] */
static void
multiply (const Winograd *self, gsize target, gsize n, gconstpointer kernels, gconstpointer sources, gpointer results)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = self->loops;
  ProductCall call = { .m = openblas_round_up (n, loops->rows), .a_block = self->depth * loops->rows, .a_row = 1 };

  for (gsize frequency = 0; frequency < self->frequencies; frequency++)
    for (gsize k = 0; k < self->depth; k += WINOGRAD_DEPTH)
      for (gsize column = 0; column < self->columns; column += loops->columns)
        {
          call.k = MIN (WINOGRAD_DEPTH, self->depth - k);
          call.add = k > 0;
          call.a = element (numeric, kernels, frequency * self->kernels_step + target * self->depth + k * loops->rows);
          call.b = element (numeric, sources, frequency * self->sources_step + column * self->depth + k * loops->columns);
          call.d = element (numeric, results, frequency * self->results_step + column * self->strip);
          loops->multiply (&call);
        }
}

static void
transform_results (const Winograd *self, gsize phase, gsize first, gsize last, gsize target, gsize n, gpointer results, gpointer output)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = self->loops;
  const WinogradPhase *down = &self->down[phase / self->stride], *across = &self->across[phase % self->stride];
  gsize lanes = self->geometry.lanes, plane = self->target_height * self->target_width * lanes, step = self->target_step;
  TileCall call = {
    .lanes = lanes, .row = (gssize) (step * self->target_width * lanes), .column = (gssize) (step * lanes), .frequency = self->results_step,
    .panel = self->strip * loops->columns
  };

  for (gsize i = 0; i < n; i++)
    for (gsize unit = first; unit < last; unit++)
      {
        gsize tile_row, tile_column, set = find_tile (self, unit, &tile_row, &tile_column);
        gsize row = tile_row * WINOGRAD_TILE, column = tile_column * WINOGRAD_TILE;

        call.bottom = row < down->n_targets ? (guint) MIN (WINOGRAD_TILE, down->n_targets - row) : 0;
        call.right = column < across->n_targets ? (guint) MIN (WINOGRAD_TILE, across->n_targets - column) : 0;
        call.pixels = element (numeric, output, (set * self->target_channels + target + i) * plane);
        call.offset = (gssize) (((down->target + step * row) * self->target_width + across->target + step * column) * lanes);
        call.frequencies = element (numeric, results, i * loops->columns);
        call.first = (unit - first) * lanes;
        loops->result_from_frequencies (&call);
      }
}

static void
run_task (const Winograd *self, gsize phase, gsize piece, gsize task, gconstpointer kernels, gconstpointer source, gpointer output, gpointer scratch)
{
  gsize first = piece * self->units_per_piece, last = MIN (first + self->units_per_piece, self->n_units);
  gsize target = task * self->strips_per_task * self->strip;
  gsize end = MIN (target + self->strips_per_task * self->strip, self->target_channels);
  gpointer results = (guint8 *) scratch + openblas_winograd_sources_bytes (self);

  /* columns that no tile fills are multiplied with the others, and given to nobody */
  if ((last - first) * self->geometry.lanes < self->columns)
    memset (scratch, 0, openblas_winograd_sources_bytes (self));
  transform_sources (self, phase, first, last, source, scratch);
  for (; target < end; target += self->strip)
    {
      gsize n = MIN (self->strip, end - target);

      multiply (self, target, n, kernels, scratch, results);
      transform_results (self, phase, first, last, target, n, results, output);
    }
}

void
openblas_winograd_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Winograd *self = data;
  guint8 *threads = (guint8 *) scratch + openblas_winograd_kernels_bytes (self);

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    guint8 *own = threads + openblas_thread_number () * openblas_winograd_thread_bytes (self);

    for (gsize phase = 0; phase < self->target_phases; phase++)
      {
        pack_kernels (self, phase, inputs[1], own, scratch);
#pragma omp for schedule(dynamic) collapse(2)
        for (gsize piece = 0; piece < self->n_pieces; piece++)
          for (gsize task = 0; task < self->n_tasks; task++)
            run_task (self, phase, piece, task, scratch, inputs[0], output, own);
      }
  }
}
