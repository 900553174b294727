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

/* One op of a fused program, on values by their numbers. */
typedef struct {
  LoopOp op;
  guint result;
  guint arguments[3];
  gdouble value;
} LoopStep;

#define LOOP_TILE 512
#define LOOP_SMALL_TILE 128

/* Convolutions work on images in groups whose members are neighbours in memory: [.., row, column, lane]. */
#define MAX_LANES 16

/* target[m][lane] (+)= sum over taps and channels of the weight of [m][tap's position][channel] times source[channel][tap's place][lane],
 * one target pixel; steps in elements; a channel may be a pair of them.  Weights: [m / weigh_rows][position][channel][weigh_rows] */
typedef struct {
  gsize lanes;
  gsize m;
  gsize channels, n_taps, n_positions;
  const gint64 *sources, *positions; /* of each tap */
  const void *source;
  gsize source_plane;
  const void *weights;
  void *target;
  gsize target_plane;
  gboolean add; /* to what is in the target */
} WeighCall;

/* target[m][pixel] (+)= sum over taps and channels of the weight of [tap's place][channel][m] times source[channel][tap's place][pixel], one
 * vector of lanes of pixels a step apart; steps in elements.  m is at most narrow_rows, which is how many weights of a channel there are. */
typedef struct {
  gsize m, pixels;
  gsize channels, n_taps;
  const gint64 *sources, *places; /* of each tap */
  const void *source;
  gsize source_plane, source_step;
  const void *weights;
  void *target;
  gsize target_plane, target_step;
  gboolean add; /* to what is in the target */
} NarrowCall;

/* d[to[position] + channel / depth * weigh_rows + row] = s[channel][row][position]; places
 * beyond the rows are zero; to[position] < 0: nobody wants it */
typedef struct {
  void *d;
  const gint64 *to;
  const void *s;
  gsize channels, channel_step;
  gsize row_step;
  gsize rows, weigh_rows;
  gsize positions; /* neighbours in s */
} PackCall;

/* d[m][n] += sum over rows and columns, pixels with their lanes, of y[m][row][column] x[n][row][column].  m and n are multiples of the tile's sides,
 * d is [m / tile.m][n / tile.n][tile.m][tile.n]. */
typedef struct {
  gsize m, n;
} CorrelateTile;

typedef struct {
  gsize m, n;
  gsize rows, columns;
  const void *y;
  gsize y_plane, y_row;
  const void *x;
  gsize x_plane, x_row;
  void *d;
} CorrelateCall;

/*
 * Products with images by lanes, a multiple of MAX_LANES.  What is multiplied may be rounded to half the size on its way to where it is brought
 * together: two channels, a pair, then take the place of one.
 */
typedef struct {
  gsize depth;       /* channels that take the place of one, in WeighCall and PackCall */
  gsize factor_size; /* bytes of what CorrelateCall reads */
  /* d[i] = channels [0, depth) of place i, a plane apart in s; those from `channels` on are zero.  n is a multiple of MAX_LANES, as below. */
  void (*bring_channels) (void *d, const void *s, gsize plane, gsize channels, gsize n);
  void (*bring_pixels) (void *d, const void *s, gsize n); /* to factors of CorrelateCall */
  gsize (*weigh_rows) (gsize lanes); /* a multiple of 4 */
  void (*weigh) (const WeighCall *call);
  void (*pack_weights) (const PackCall *call);
  CorrelateTile (*correlate_tile) (gsize n); /* that suits so many channels of x */
  void (*correlate) (const CorrelateCall *call, CorrelateTile tile);
} Products;

/* A tile of pixels, [row][column][lane], and what it is at the pairs of points, its frequencies.  Lane 0 is column `first` of the products of
 * matrices, whose columns lie in panels, or the first row of a block.  Steps in elements. */
typedef struct {
  gsize lanes;
  void *pixels;
  gssize offset, row, column;      /* of the tile's first pixel, and the steps to the next ones */
  gsize next;                      /* step to the tile that comes after it */
  guint top, bottom, left, right;  /* rows and columns of the tile that lie inside the image; others are zero, and not written */
  void *frequencies;
  gsize frequency, panel;          /* steps from one frequency, panel or block to the next */
  gsize first;
} TileCall;

/* d[m][n] (+)= sum over k of a[m][k] b[k][n], for one panel of n.  a is packed, [m / rows][k][rows], with rows 1 apart, or each row lies in
 * one piece. */
typedef struct {
  gsize m, k; /* m a multiple of the rows */
  const void *a;
  gsize a_block, a_row; /* steps to the next block, and to the next row in it */
  const void *b;
  void *d;
  gboolean add;
} ProductCall;

typedef enum {
  WINOGRAD_3X3,
  WINOGRAD_2X2,
  N_WINOGRAD_KERNELS
} WinogradKernel;

/* Tiles of 4x4 results for one size of kernel.  A tile of the source has as many pixels in each direction as there are points. */
typedef struct {
  gsize kernel, points; /* in each direction */
  gsize rows, columns;  /* of products: in a block and in a panel */
  void (*source_to_frequencies) (const TileCall *call);
  void (*kernel_to_frequencies) (const TileCall *call);   /* lanes are rows */
  void (*gradient_to_frequencies) (const TileCall *call); /* 4x4 pixels */
  void (*result_from_frequencies) (const TileCall *call); /* 4x4 pixels */
  void (*weight_from_frequencies) (const TileCall *call); /* a kernel */
  void (*multiply) (const ProductCall *call);
} WinogradLoops;

typedef struct {
  gsize size; /* bytes of an element */
  LoopFunc ops[N_LOOPS];
  void (*fill) (void *d, gdouble value, gsize n);
  void (*expand) (void *d, const void *s, gsize n, gsize times); /* each of n elements so many times in a row */
  void (*from_bool) (void *d, const guint8 *s, gsize n);
  void (*to_bool) (guint8 *d, const void *s, gsize n);

  /* All steps for n_tiles tiles of LOOP_TILE or LOOP_SMALL_TILE elements; the values that are listed as moving lie in a row, and are moved behind
   * their end; of others a tile is there, again and again. */
  void (*run_tiles) (const LoopStep *steps, guint n_steps, gpointer *values, const guint8 *moving, guint n_moving, gsize n_tiles);
  void (*run_small_tiles) (const LoopStep *steps, guint n_steps, gpointer *values, const guint8 *moving, guint n_moving, gsize n_tiles);

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
  const Products *products;
  /* To a few channels, a vector at a time */
  gsize part; /* lanes of a vector */
  gsize narrow_rows;
  void (*narrow) (const NarrowCall *call);
  void (*bring_parts) (void *d, const void *s, gsize n, gsize parts, gsize step); /* [n][parts][part] to [parts][n][part], parts a step apart */
  const WinogradLoops *winograd; /* N_WINOGRAD_KERNELS; float32 alone */
} Loops;

extern const Loops openblas_loops_float32_baseline, openblas_loops_float64_baseline;
extern const Loops openblas_loops_float32_avx2, openblas_loops_float64_avx2;
extern const Loops openblas_loops_float32_avx512, openblas_loops_float64_avx512;
extern const Products *const openblas_products_bfloat16;
