/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d and conv2d-input by Winograd's tiles, of images by lanes.  All kernels are transformed first.  A task transforms a few tiles of all source
 * channels; each frequency is then a product of matrices, [target channel][source channel] times [source channel][tile, lane], whose results are
 * transformed back a strip of target channels at a time.  Nothing but the transformed kernels is larger than the caches of one processor.
 */
#include "config.h"

#include <string.h>

#include "winograd.h"

#define BATCH 16 /* source channels whose kernels are brought side by side at a time */

typedef struct {
  gsize set;
  gsize row, column; /* of its first result */
} Place;

static Place
find_place (const Winograd *self, gsize unit)
{
  gsize tiles = self->tiles_down * self->tiles_across, tile = unit % tiles;

  return (Place) { unit / tiles, tile / self->tiles_across * WINOGRAD_TILE, tile % self->tiles_across * WINOGRAD_TILE };
}

/* The kernels of MAX_LANES target channels from @first on; the adjoint's are turned around. */
static void
transform_kernels (const Winograd *self, gsize first, gsize channel, gconstpointer weight, gpointer lanes, gpointer kernels)
{
  const Numeric *numeric = self->numeric;
  const Loops *loops = numeric->loops;
  const gsize positions = 9, rows = loops->winograd->rows;
  gsize n = MIN (MAX_LANES, self->target_channels - first), channels = MIN (BATCH, self->source_channels - channel);
  TileCall call = {
    .lanes = MAX_LANES, .row = 3 * MAX_LANES, .column = MAX_LANES, .next = 9 * MAX_LANES, .bottom = 3, .right = 3, .frequency = self->kernel_step,
    .panel = self->source_channels * rows
  };

  if (n < MAX_LANES)
    memset (lanes, 0, channels * positions * MAX_LANES * loops->size);
  if (!self->adjoint)
    loops->to_lanes (lanes, element (numeric, weight, (first * self->source_channels + channel) * positions), self->source_channels * positions, n,
                     MAX_LANES, channels * positions);
  else
    for (gsize i = 0; i < channels; i++)
      loops->to_lanes (element (numeric, lanes, i * positions * MAX_LANES),
                       element (numeric, weight, ((channel + i) * self->target_channels + first) * positions), positions, n, MAX_LANES, positions);
  if (self->adjoint)
    {
      call.offset = (gssize) (positions - 1) * MAX_LANES;
      call.row = -call.row;
      call.column = -call.column;
    }
  for (gsize i = 0; i < channels; i++)
    {
      call.pixels = element (numeric, lanes, i * positions * MAX_LANES);
      call.frequencies = element (numeric, kernels, first * self->source_channels + (channel + i) * rows);
      loops->winograd->kernel_to_frequencies (&call);
    }
}

/* To [frequency][target channels / rows][source channel][rows] */
static void
pack_kernels (const Winograd *self, gconstpointer weight, gpointer lanes, gpointer kernels)
{
#pragma omp for schedule(dynamic) collapse(2)
  for (gsize first = 0; first < self->target_channels; first += MAX_LANES)
    for (gsize channel = 0; channel < self->source_channels; channel += BATCH)
      transform_kernels (self, first, channel, weight, lanes, kernels);
}

/* To [frequency][columns / panel][source channel][panel] */
static void
transform_source (const Winograd *self, gsize first, gsize last, gconstpointer source, gpointer sources)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = numeric->loops->winograd;
  gsize lanes = self->geometry.lanes, plane = self->source_height * self->source_width * lanes;
  const gssize side = WINOGRAD_TILE + 2;
  TileCall call = {
    .lanes = lanes, .row = (gssize) (self->source_width * lanes), .column = (gssize) lanes, .next = plane, .frequency = self->source_step,
    .panel = self->source_channels * loops->columns
  };

  for (gsize channel = 0; channel < self->source_channels; channel++)
    for (gsize unit = first; unit < last; unit++)
      {
        Place place = find_place (self, unit);
        gssize row = (gssize) (place.row - self->pad_h), column = (gssize) (place.column - self->pad_w);

        call.pixels = element (numeric, source, (place.set * self->source_channels + channel) * plane);
        call.offset = row * call.row + column * call.column;
        call.top = (guint) CLAMP (-row, 0, side);
        call.left = (guint) CLAMP (-column, 0, side);
        call.bottom = (guint) CLAMP ((gssize) self->source_height - row, 0, side);
        call.right = (guint) CLAMP ((gssize) self->source_width - column, 0, side);
        call.frequencies = element (numeric, sources, channel * loops->columns);
        call.first = (unit - first) * lanes;
        loops->source_to_frequencies (&call);
      }
}

/* Target channels [@target, @target + @n): to [frequency][columns / panel][target channel][panel] */
static void
multiply (const Winograd *self, gsize target, gsize n, gconstpointer kernels, gconstpointer sources, gpointer results)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = numeric->loops->winograd;
  ProductCall call = { .m = openblas_round_up (n, loops->rows), .a_block = self->source_channels * loops->rows, .a_row = 1 };

  for (gsize frequency = 0; frequency < WINOGRAD_FREQUENCIES; frequency++)
    for (gsize k = 0; k < self->source_channels; k += WINOGRAD_DEPTH)
      for (gsize column = 0; column < self->columns; column += loops->columns)
        {
          call.k = MIN (WINOGRAD_DEPTH, self->source_channels - k);
          call.add = k > 0;
          call.a = element (numeric, kernels, frequency * self->kernel_step + target * self->source_channels + k * loops->rows);
          call.b = element (numeric, sources, frequency * self->source_step + column * self->source_channels + k * loops->columns);
          call.d = element (numeric, results, frequency * self->result_step + column * self->strip);
          loops->multiply (&call);
        }
}

static void
transform_results (const Winograd *self, gsize first, gsize last, gsize target, gsize n, gpointer results, gpointer output)
{
  const Numeric *numeric = self->numeric;
  const WinogradLoops *loops = numeric->loops->winograd;
  gsize lanes = self->geometry.lanes, plane = self->target_height * self->target_width * lanes;
  TileCall call = {
    .lanes = lanes, .row = (gssize) (self->target_width * lanes), .column = (gssize) lanes, .frequency = self->result_step,
    .panel = self->strip * loops->columns
  };

  for (gsize i = 0; i < n; i++)
    for (gsize unit = first; unit < last; unit++)
      {
        Place place = find_place (self, unit);

        call.pixels = element (numeric, output, (place.set * self->target_channels + target + i) * plane);
        call.offset = (gssize) place.row * call.row + (gssize) place.column * call.column;
        call.bottom = (guint) MIN (WINOGRAD_TILE, self->target_height - place.row);
        call.right = (guint) MIN (WINOGRAD_TILE, self->target_width - place.column);
        call.frequencies = element (numeric, results, i * loops->columns);
        call.first = (unit - first) * lanes;
        loops->result_from_frequencies (&call);
      }
}

static void
run_task (const Winograd *self, gsize piece, gsize task, gconstpointer kernels, gconstpointer source, gpointer output, gpointer scratch)
{
  gsize first = piece * self->units_per_piece, last = MIN (first + self->units_per_piece, self->n_units);
  gsize target = task * self->strips_per_task * self->strip;
  gsize end = MIN (target + self->strips_per_task * self->strip, self->target_channels);
  gpointer results = (guint8 *) scratch + openblas_winograd_source_bytes (self);

  /* columns that no tile fills are multiplied with the others, and given to nobody */
  if ((last - first) * self->geometry.lanes < self->columns)
    memset (scratch, 0, openblas_winograd_source_bytes (self));
  transform_source (self, first, last, source, scratch);
  for (; target < end; target += self->strip)
    {
      gsize n = MIN (self->strip, end - target);

      multiply (self, target, n, kernels, scratch, results);
      transform_results (self, first, last, target, n, results, output);
    }
}

void
openblas_winograd_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Winograd *self = data;
  guint8 *threads = (guint8 *) scratch + openblas_winograd_kernel_bytes (self);

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    guint8 *own = threads + openblas_thread_number () * openblas_winograd_thread_bytes (self);

    pack_kernels (self, inputs[1], own, scratch);
#pragma omp for schedule(dynamic) collapse(2) nowait
    for (gsize piece = 0; piece < self->n_pieces; piece++)
      for (gsize task = 0; task < self->n_tasks; task++)
        run_task (self, piece, task, scratch, inputs[0], output, own);
  }
}
