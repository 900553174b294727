/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d and conv2d-input by Winograd's tiles: phases, and pieces. */
#include "config.h"

#include "winograd.h"

#define COLUMNS 64          /* of a piece, about: what is read again and again of it stays in the caches */
#define STRIP 256
#define SHORT_STRIP 64
#define TASKS_PER_THREAD 2

void
openblas_winograd_find_span (gssize first, gsize step, gsize size, gsize side, guint *start, guint *end)
{
  gsize before = first < 0 ? ((gsize) -first + step - 1) / step : 0;
  gsize until = first < (gssize) size ? ((gsize) ((gssize) size - first) + step - 1) / step : 0;

  *start = (guint) MIN (before, side);
  *end = (guint) MIN (until, side);
}

/* Pixel s i + b - p of x meets pixel i of y at position b of the kernel, and pixel i - 1 at position b + s. */
static void
init_phases (const Winograd *self, WinogradPhase *phases, gsize target_size, gsize padding)
{
  for (gsize b = 0; b < self->stride; b++)
    if (!self->adjoint)
      phases[b] = (WinogradPhase) { (gssize) b - (gssize) padding, 0, target_size };
    else
      {
        gsize first = b < padding ? (padding - b + self->stride - 1) / self->stride : 0, target = self->stride * first + b - padding;

        phases[b] = (WinogradPhase) { (gssize) first - (gssize) (self->loops->kernel - 1), target,
                                      target < target_size ? (target_size - target + self->stride - 1) / self->stride : 0 };
      }
}

static gsize
count_tiles (const Winograd *self, const WinogradPhase *phases)
{
  gsize most = 0;

  for (gsize b = 0; b < self->stride; b++)
    most = MAX (most, phases[b].n_targets);
  return (most + WINOGRAD_TILE - 1) / WINOGRAD_TILE;
}

static void
set_pieces (Winograd *self)
{
  const Geometry *g = &self->geometry;
  gsize n_strips;

  self->n_units = g->n_sets * self->tiles_down * self->tiles_across;
  self->units_per_piece = MIN (self->n_units, MAX (1, COLUMNS / g->lanes));
  self->n_pieces = (self->n_units + self->units_per_piece - 1) / self->units_per_piece;
  self->columns = openblas_round_up (self->units_per_piece * g->lanes, self->loops->columns);
  /* small images: threads share a piece, and each transforms its source */
  self->strip = MIN (self->n_pieces < TASKS_PER_THREAD * self->n_threads ? SHORT_STRIP : STRIP,
                     openblas_round_up (self->target_channels, self->loops->rows));
  n_strips = (self->target_channels + self->strip - 1) / self->strip;
  self->n_tasks = MIN (n_strips, MAX (1, TASKS_PER_THREAD * self->n_threads / self->n_pieces));
  self->strips_per_task = (n_strips + self->n_tasks - 1) / self->n_tasks;
  self->n_tasks = (n_strips + self->strips_per_task - 1) / self->strips_per_task;
}

Winograd *
openblas_winograd_new (const Numeric *numeric, const Geometry *g, gboolean adjoint)
{
  Winograd *self = g_new0 (Winograd, 1);

  self->numeric = numeric;
  self->loops = openblas_winograd_find_loops (numeric, g);
  self->geometry = *g;
  self->adjoint = adjoint;
  self->stride = g->stride_h;
  self->frequencies = self->loops->points * self->loops->points;
  self->n_threads = openblas_count_threads ();
  self->source_channels = adjoint ? g->o : g->c;
  self->source_height = adjoint ? g->oh : g->h;
  self->source_width = adjoint ? g->ow : g->w;
  self->target_channels = adjoint ? g->c : g->o;
  self->target_height = adjoint ? g->h : g->oh;
  self->target_width = adjoint ? g->w : g->ow;
  self->source_step = adjoint ? 1 : self->stride;
  self->target_step = adjoint ? self->stride : 1;
  self->source_phases = self->source_step * self->source_step;
  self->target_phases = self->target_step * self->target_step;
  self->depth = self->source_phases * self->source_channels;
  init_phases (self, self->down, self->target_height, g->pad_h);
  init_phases (self, self->across, self->target_width, g->pad_w);
  self->tiles_down = count_tiles (self, self->down);
  self->tiles_across = count_tiles (self, self->across);
  set_pieces (self);
  self->kernels_step = openblas_winograd_spread (self->depth * openblas_round_up (self->target_channels, MAX_LANES));
  self->sources_step = openblas_winograd_spread (self->depth * self->columns);
  self->results_step = openblas_winograd_spread (self->strip * self->columns);
  return self;
}

void
openblas_winograd_free (gpointer data)
{
  g_free (data);
}

gsize
openblas_winograd_kernels_bytes (const Winograd *self)
{
  return ALIGNED (self->frequencies * self->kernels_step * self->numeric->loops->size);
}

gsize
openblas_winograd_sources_bytes (const Winograd *self)
{
  return ALIGNED (self->frequencies * self->sources_step * self->numeric->loops->size);
}

gsize
openblas_winograd_thread_bytes (const Winograd *self)
{
  return openblas_winograd_sources_bytes (self) + ALIGNED (self->frequencies * self->results_step * self->numeric->loops->size);
}

gsize
openblas_winograd_get_scratch (const Winograd *self)
{
  return openblas_winograd_kernels_bytes (self) + self->n_threads * openblas_winograd_thread_bytes (self);
}

gdouble
openblas_winograd_get_flops (const Winograd *self)
{
  const WinogradFlops *flops = openblas_winograd_get_tile_flops (self->loops);
  gdouble depth = (gdouble) self->depth, o = (gdouble) self->target_channels, lanes = (gdouble) (self->n_units * self->geometry.lanes);

  return (gdouble) self->target_phases * (lanes * (2 * (gdouble) self->frequencies * depth * o + (gdouble) flops->source * depth +
                                                   (gdouble) flops->result * o) + (gdouble) flops->kernel * depth * o);
}
