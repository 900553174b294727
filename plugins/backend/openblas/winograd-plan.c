/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions by Winograd's tiles: which are worth it, and how they are cut into pieces. */
#include "config.h"

#include "winograd.h"

#define COLUMNS 64          /* of a piece, about: what is read again and again of it stays in the caches */
#define STRIP 64
#define TASKS_PER_THREAD 2
/* FLOPs of a tile's or a kernel's transform, for each lane */
#define SOURCE_FLOPS 288
#define RESULT_FLOPS 160
#define KERNEL_FLOPS 117

static void
set_pieces (Winograd *self)
{
  const Geometry *g = &self->geometry;
  gsize n_strips;

  self->n_units = g->n_sets * self->tiles_down * self->tiles_across;
  self->units_per_piece = MIN (self->n_units, MAX (1, COLUMNS / g->lanes));
  self->n_pieces = (self->n_units + self->units_per_piece - 1) / self->units_per_piece;
  self->columns = openblas_round_up (self->units_per_piece * g->lanes, self->numeric->loops->winograd->columns);
  self->strip = MIN (STRIP, openblas_round_up (self->target_channels, self->numeric->loops->winograd->rows));
  n_strips = (self->target_channels + self->strip - 1) / self->strip;
  /* small images: threads share a piece, and each transforms its source */
  self->n_tasks = MIN (n_strips, MAX (1, TASKS_PER_THREAD * self->n_threads / self->n_pieces));
  self->strips_per_task = (n_strips + self->n_tasks - 1) / self->n_tasks;
  self->n_tasks = (n_strips + self->strips_per_task - 1) / self->strips_per_task;
}

Winograd *
openblas_winograd_new (const Numeric *numeric, const Geometry *g, gboolean adjoint)
{
  Winograd *self = g_new0 (Winograd, 1);

  self->numeric = numeric;
  self->geometry = *g;
  self->adjoint = adjoint;
  self->n_threads = openblas_count_threads ();
  self->source_channels = adjoint ? g->o : g->c;
  self->source_height = adjoint ? g->oh : g->h;
  self->source_width = adjoint ? g->ow : g->w;
  self->target_channels = adjoint ? g->c : g->o;
  self->target_height = adjoint ? g->h : g->oh;
  self->target_width = adjoint ? g->w : g->ow;
  self->pad_h = adjoint ? g->kh - 1 - g->pad_h : g->pad_h;
  self->pad_w = adjoint ? g->kw - 1 - g->pad_w : g->pad_w;
  self->tiles_down = (self->target_height + WINOGRAD_TILE - 1) / WINOGRAD_TILE;
  self->tiles_across = (self->target_width + WINOGRAD_TILE - 1) / WINOGRAD_TILE;
  set_pieces (self);
  self->kernel_step = openblas_winograd_spread (self->source_channels * openblas_round_up (self->target_channels, MAX_LANES));
  self->source_step = openblas_winograd_spread (self->source_channels * self->columns);
  self->result_step = openblas_winograd_spread (self->strip * self->columns);
  return self;
}

void
openblas_winograd_free (gpointer data)
{
  g_free (data);
}

gsize
openblas_winograd_kernel_bytes (const Winograd *self)
{
  return ALIGNED (WINOGRAD_FREQUENCIES * self->kernel_step * self->numeric->loops->size);
}

gsize
openblas_winograd_source_bytes (const Winograd *self)
{
  return ALIGNED (WINOGRAD_FREQUENCIES * self->source_step * self->numeric->loops->size);
}

gsize
openblas_winograd_thread_bytes (const Winograd *self)
{
  return openblas_winograd_source_bytes (self) + ALIGNED (WINOGRAD_FREQUENCIES * self->result_step * self->numeric->loops->size);
}

gsize
openblas_winograd_get_scratch (const Winograd *self)
{
  return openblas_winograd_kernel_bytes (self) + self->n_threads * openblas_winograd_thread_bytes (self);
}

gdouble
openblas_winograd_get_flops (const Winograd *self)
{
  gdouble c = self->source_channels, o = self->target_channels, lanes = (gdouble) self->n_units * self->geometry.lanes;

  return lanes * (2.0 * WINOGRAD_FREQUENCIES * c * o + SOURCE_FLOPS * c + RESULT_FLOPS * o) + KERNEL_FLOPS * c * o;
}
