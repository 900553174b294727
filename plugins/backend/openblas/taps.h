/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What taps-plan.c decides and taps.c runs. */
#pragma once

#include "convolution.h"

typedef struct {
  gsize rows, columns;       /* of the phase's target pixels */
  gsize row, column;         /* the first of them */
  gsize tile_rows, tile_columns;
  gsize n_tiles;             /* of pixels */
  gsize n_taps;
  gsize *positions;          /* kernel position of each tap */
  gsize k;
  gint64 *offsets;           /* k source offsets, from the group's first channel */
  gsize weights;             /* elements into the packed weights */
} Phase;

struct _Taps {
  const Numeric *numeric;
  Geometry geometry;
  gboolean adjoint;
  Stack source, target;
  gsize row_step, column_step;               /* from a source pixel to the next target pixel's */
  gsize target_row_step, target_column_step; /* between a phase's pixels in the target */
  gsize m;                                   /* target channels of a group */
  guint n_phases;
  Phase *phases;
  guint n_threads;
  gsize pixels_size, product_size;           /* bytes of a thread's matrices */
  gsize n_weights;                           /* packed, elements */
};
