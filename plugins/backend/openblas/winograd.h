/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What winograd-plan.c decides and winograd.c runs; winograd-weight.c has its plan to itself. */
#pragma once

#include "direct.h"

#define WINOGRAD_TILE 4        /* results of a tile, in each direction */
#define WINOGRAD_DEPTH 256     /* channels that are summed at a time: their panel stays in the nearest cache */
#define WINOGRAD_MAX_STRIDE 2

/*
 * With a stride, convolutions are made of smaller ones without: the pixels of x fall into phases by their position modulo the stride, and each phase
 * meets every so manieth position of the kernel alone.
 *
 * One phase along one axis: where its tiles start in the source and in the target, and how many targets it has.
 */
typedef struct {
  gssize source;
  gsize target, n_targets;
} WinogradPhase;

/* Source and target are x and y, or y and x where the convolution is the adjoint. */
struct _Winograd {
  const Numeric *numeric;
  const WinogradLoops *loops;
  Geometry geometry;
  gboolean adjoint;
  gsize stride;
  gsize frequencies;
  gsize source_channels, source_height, source_width;
  gsize target_channels, target_height, target_width;
  gsize source_step, target_step;            /* from one pixel of a phase to the next */
  gsize source_phases, target_phases;        /* summed over, or one after the other */
  WinogradPhase down[WINOGRAD_MAX_STRIDE], across[WINOGRAD_MAX_STRIDE];
  gsize depth;                               /* channels of all phases that are summed over */
  gsize tiles_down, tiles_across;
  gsize n_units;                             /* tiles of a set */
  gsize units_per_piece, n_pieces;
  gsize columns;                             /* of a piece's products */
  gsize strip, strips_per_task, n_tasks;     /* target channels whose products are kept at a time; tasks of a piece */
  gsize kernels_step, sources_step, results_step; /* from one frequency to the next */
  guint n_threads;
};

/* FLOPs of the transform of a tile or a kernel, for each lane */
typedef struct {
  gsize source, kernel, gradient, result, weight;
} WinogradFlops;

/* An odd number of cache lines: frequencies that lie so far apart share the cache evenly. */
static inline gsize
openblas_winograd_spread (gsize elements)
{
  return ((elements + MAX_LANES - 1) / MAX_LANES | 1) * MAX_LANES;
}

/* winograd-choice.c: what tiles it would go by; NULL: by none */
const WinogradLoops *openblas_winograd_find_loops (const Numeric *numeric, const Geometry *g);
const WinogradFlops *openblas_winograd_get_tile_flops (const WinogradLoops *loops);
/* winograd-plan.c: the pixels first, first + step .. of @side that lie in an image of @size */
void openblas_winograd_find_span (gssize first, gsize step, gsize size, gsize side, guint *start, guint *end);
gsize openblas_winograd_kernels_bytes (const Winograd *self);
gsize openblas_winograd_sources_bytes (const Winograd *self);
gsize openblas_winograd_thread_bytes (const Winograd *self);
