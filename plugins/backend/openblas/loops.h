/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The innermost loops of the backend: one table a dtype and instruction set.  loops.c is compiled once for each. */
#pragma once

#include <glib.h>

#include "loops-elementwise.h"

/* Operations of a fused program.  Truth values are 0 and 1 in the program's dtype. */
typedef enum {
#define NAME(name, ...) LOOP_##name,
  ELEMENTWISE_OPS (NAME, NAME)
#undef NAME
  LOOP_COPY,
  N_LOOPS
} LoopOp;

/* d[i] = op (a[i], b[i], c[i], value); d may be a, b or c. */
typedef void (*LoopFunc) (void *d, const void *a, const void *b, const void *c, gdouble value, gsize n);

/* Convolutions work on images in groups whose members are neighbours in memory: [.., row, column, lane]. */
#define MAX_LANES 16

/* target[m][lane] (+)= sum over channels and taps of weights[m][channel][position of the tap] source[channel][place of the tap][lane], one
 * target pixel; steps in elements */
typedef struct {
  gsize lanes;
  gsize m;
  gsize channels, n_taps;
  const gint64 *sources, *positions; /* of each tap */
  const void *source;
  gsize source_plane;
  const void *weights;
  gsize weight_row, weight_channel;
  void *target;
  gsize target_plane;
  gboolean add; /* to what is in the target */
} WeighCall;

/* d[m][n] += sum over rows, columns and lanes of y[m][row][column][lane] x[n][row][column][lane] */
typedef struct {
  gsize lanes;
  gsize m, n;
  gsize rows, columns;
  const void *y;
  gsize y_plane, y_row; /* its columns are neighbours */
  const void *x;
  gsize x_plane, x_row, x_column;
  void *d;
  gsize d_row, d_column;
} CorrelateCall;

typedef struct {
  gsize size; /* bytes of an element */
  LoopFunc ops[N_LOOPS];
  void (*fill) (void *d, gdouble value, gsize n);
  void (*expand) (void *d, const void *s, gsize n, gsize times); /* each of n elements so many times in a row */
  void (*from_bool) (void *d, const guint8 *s, gsize n);
  void (*to_bool) (guint8 *d, const void *s, gsize n);

  /* Reductions: a fixed number of partial results combined in a fixed tree. */
  gdouble (*sum) (const void *a, gsize n);
  void (*sum_rows) (gdouble *d, const void *a, gsize rows, gsize length); /* d[r] += sum of row r */
  gdouble (*max) (const void *a, gsize n);
  void (*add_into) (gdouble *d, const void *a, gsize n);
  void (*max_into) (gdouble *d, const void *a, gsize n);
  void (*from_double) (void *d, const gdouble *s, gsize n);
  gdouble (*dot) (const void *a, const void *b, gsize n);
  void (*add_scaled) (void *d, const void *a, gdouble factor, gsize n); /* d += factor a */
  void (*add) (void *d, const void *a, gsize n);

  /* [image][n] to [n][lane] and back; lanes beyond the images are left alone. */
  void (*to_lanes) (void *d, const void *s, gsize image_stride, gsize n_images, gsize lanes, gsize n);
  void (*from_lanes) (void *d, const void *s, gsize image_stride, gsize n_images, gsize lanes, gsize n);
  /* Pixels of a strided grid to dense ones and back; steps in elements. */
  void (*gather) (void *d, const void *s, gsize rows, gsize columns, gsize row_step, gsize column_step, gsize lanes);
  void (*scatter) (void *d, const void *s, gsize rows, gsize columns, gsize row_step, gsize column_step, gsize lanes);
  /* Products with images by lanes, a multiple of MAX_LANES */
  void (*weigh) (const WeighCall *call);
  void (*correlate) (const CorrelateCall *call);
} Loops;

extern const Loops openblas_loops_float32_baseline, openblas_loops_float64_baseline;
extern const Loops openblas_loops_float32_avx2, openblas_loops_float64_avx2;
extern const Loops openblas_loops_float32_avx512, openblas_loops_float64_avx512;
