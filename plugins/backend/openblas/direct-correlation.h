/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What direct-correlation-plan.c decides and direct-correlation.c runs. */
#pragma once

#include "direct.h"

#define CORRELATION_BLOCK 16 /* channels of x, gone through with one piece of y */
#define CORRELATION_TILE 64  /* channels of y, gone through for every kernel position */

/* The pixels of y that are gone through at a time */
typedef struct {
  gsize set;
  gsize row, column;
  gsize rows, columns;
  gsize x_row, x_column; /* the pixels of x that it meets */
  gsize x_rows, x_columns;
  gsize y;               /* where its outputs lie among those of all units, in factors */
} Unit;

/* The pixels of y along an axis that a kernel position meets */
typedef struct {
  gsize first, last;
} Reach;

struct _DirectCorrelation {
  const Numeric *numeric;
  Geometry geometry;
  Reach *down, *across;
  gsize channels, outputs; /* of a group */
  gsize n_blocks;          /* of channels */
  CorrelateTile corner;    /* of the result that is computed at once */
  gsize block_padded;      /* channels of a block, up to a multiple of the corner's side */
  gsize outputs_padded;
  gsize x_panel, y_panel;  /* factors */
  gsize all_y;             /* factors of the outputs of all units where they are brought together once, for all blocks of channels, or 0 */
  GArray *units;
  gsize units_per_chunk;
  guint n_chunks;
  guint n_threads;
};

/* An odd number of pixels: channels that lie so far apart share the cache evenly. */
static inline gsize
correlation_panel_plane (const DirectCorrelation *self, gsize rows, gsize columns)
{
  return (rows * columns | 1) * self->geometry.lanes;
}

/* Bytes of the chunks' parts, of the outputs of all units, of a thread's panels, and of all that a thread has to itself */
gsize openblas_correlation_parts_bytes (const DirectCorrelation *self);
gsize openblas_correlation_all_y_bytes (const DirectCorrelation *self);
gsize openblas_correlation_x_panel_bytes (const DirectCorrelation *self);
gsize openblas_correlation_y_panel_bytes (const DirectCorrelation *self);
gsize openblas_correlation_thread_bytes (const DirectCorrelation *self);
/* Elements of a task's result: [kernel position][outputs][channels], in corners */
gsize openblas_correlation_sums_size (const DirectCorrelation *self);
