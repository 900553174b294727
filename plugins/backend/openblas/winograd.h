/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What winograd-plan.c decides and winograd.c runs; winograd-weight.c has its plan to itself. */
#pragma once

#include "direct.h"

#define WINOGRAD_TILE 4         /* results of a tile, in each direction */
#define WINOGRAD_FREQUENCIES 36
#define WINOGRAD_DEPTH 256      /* channels that are summed at a time: their panel stays in the nearest cache, and rounding errors stay small */

/* Source and target are x and y, or y and x where the convolution is the adjoint. */
struct _Winograd {
  const Numeric *numeric;
  Geometry geometry;
  gboolean adjoint;
  gsize source_channels, source_height, source_width;
  gsize target_channels, target_height, target_width;
  gsize pad_h, pad_w;                        /* of the source */
  gsize tiles_down, tiles_across;
  gsize n_units;                             /* tiles of a set */
  gsize units_per_piece, n_pieces;
  gsize columns;                             /* of a piece's products */
  gsize strip, strips_per_task, n_tasks;     /* target channels whose products are kept at a time; tasks of a piece */
  gsize kernel_step, source_step, result_step; /* from one frequency to the next */
  guint n_threads;
};

/* An odd number of cache lines: frequencies that lie so far apart share the cache evenly. */
static inline gsize
openblas_winograd_spread (gsize elements)
{
  return ((elements + MAX_LANES - 1) / MAX_LANES | 1) * MAX_LANES;
}

gsize openblas_winograd_kernel_bytes (const Winograd *self);
gsize openblas_winograd_source_bytes (const Winograd *self);
gsize openblas_winograd_thread_bytes (const Winograd *self);
