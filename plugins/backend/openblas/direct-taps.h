/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What direct-taps-plan.c decides and direct-taps.c runs. */
#pragma once

#include "direct.h"

/* Target pixels with the same kernel positions */
typedef struct {
  gsize row, column;             /* the first of them */
  gsize n_positions;
  gsize weights;                 /* elements into the packed weights */
} Phase;

struct _DirectTaps {
  const Numeric *numeric;
  Geometry geometry;
  gboolean adjoint;
  AxisTaps down, across;
  gsize source_channels, target_channels; /* of a group */
  gsize source_height, source_width;
  gsize tile_rows, tile_columns;          /* target pixels */
  gsize depth, units;                     /* source channels that go together, and how many times */
  gsize step;                             /* units at a time */
  gsize tile_m, n_tiles_m;
  gsize weigh_rows;                       /* channels whose weights lie side by side */
  gsize n_phases;
  Phase *phases;
  gsize *places;                          /* phase and index in it of each kernel position */
  gsize n_weights;
  gsize panel;                            /* elements */
  guint n_threads;
};

/* An odd number of pixels: channels that lie so far apart share the cache evenly. */
static inline gsize
taps_panel_plane (const DirectTaps *self, gsize rows, gsize columns)
{
  return (rows * columns | 1) * self->geometry.lanes;
}

gsize openblas_direct_taps_count_tiles (const DirectTaps *self);
/* Bytes of the packed weights, of a thread's list of taps, and of all that a thread has to itself */
gsize openblas_direct_taps_packed_bytes (const DirectTaps *self);
gsize openblas_direct_taps_list_bytes (const DirectTaps *self);
gsize openblas_direct_taps_thread_bytes (const DirectTaps *self);
