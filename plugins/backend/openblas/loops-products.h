/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: the products of convolutions, straight from images by lanes.  A pixel of sixteen images or more is one or several
 * vectors, so that neither the pixels need to be brought into a matrix nor the matrix packed, and each pixel can have taps of its own.
 * Tiles of accumulators stay in registers.
 */
#pragma once

#include "vector.h"

#define UNROLL _Pragma ("GCC unroll 32")

/* ROWS target channels of one pixel, VECTORS of its lanes */
#define DEFINE_WEIGH(ROWS, VECTORS) \
  static void \
  weigh_##ROWS##_##VECTORS (const WeighCall *call, const Real *s, const Real *w, Real *d) \
  { \
    const gsize row = call->weight_row, n_taps = call->n_taps; \
    const gint64 *const sources = call->sources, *const positions = call->positions; \
    Vector total[ROWS][VECTORS]; \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint v = 0; v < VECTORS; v++) \
        total[r][v] = call->add ? load_vector (d + r * call->target_plane + v * VECTOR_SIZE) : (Vector) { 0 }; \
    for (gsize channel = 0; channel < call->channels; channel++, s += call->source_plane, w += call->weight_channel) \
      for (gsize tap = 0; tap < n_taps; tap++) \
        { \
          const Real *from = s + sources[tap], *weight = w + positions[tap]; \
          Vector x[VECTORS]; \
          UNROLL for (guint v = 0; v < VECTORS; v++) \
            x[v] = load_vector (from + v * VECTOR_SIZE); \
          UNROLL for (guint r = 0; r < ROWS; r++) \
            { \
              const Vector factor = repeat (weight[r * row]); \
              UNROLL for (guint v = 0; v < VECTORS; v++) \
                total[r][v] = MULTIPLY_ADD (x[v], factor, total[r][v]); \
            } \
        } \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint v = 0; v < VECTORS; v++) \
        store_vector (d + r * call->target_plane + v * VECTOR_SIZE, total[r][v]); \
  }

/* As many accumulators as hide the latency of a multiply-add and fit in the registers. */
#define DEFINE_WEIGH_ROWS(VECTORS) \
  DEFINE_WEIGH (1, VECTORS) \
  DEFINE_WEIGH (2, VECTORS) \
  DEFINE_WEIGH (3, VECTORS) \
  DEFINE_WEIGH (4, VECTORS)

#define WEIGH_ROWS(VECTORS) { NULL, weigh_1_##VECTORS, weigh_2_##VECTORS, weigh_3_##VECTORS, weigh_4_##VECTORS }

typedef void (*WeighFunc) (const WeighCall *call, const Real *s, const Real *w, Real *d);

DEFINE_WEIGH_ROWS (2)
#if VECTOR_BYTES == 64
DEFINE_WEIGH_ROWS (1)
DEFINE_WEIGH_ROWS (4)
DEFINE_WEIGH (8, 1)
DEFINE_WEIGH (8, 2)
#endif

static void
weigh_lanes (const WeighCall *call, gsize lane, guint most, WeighFunc many, const WeighFunc *few)
{
  const Real *s = (const Real *) call->source + lane, *w = call->weights;
  Real *d = (Real *) call->target + lane;

  for (gsize m = 0, rows; m < call->m; m += rows)
    {
      rows = call->m - m >= most ? most : MIN (call->m - m, 4);
      (rows == most ? many : few[rows]) (call, s, w + m * call->weight_row, d + m * call->target_plane);
    }
}

static void
weigh (const WeighCall *call)
{
  static const WeighFunc few_2[] = WEIGH_ROWS (2);
#if VECTOR_BYTES == 64
  static const WeighFunc few_1[] = WEIGH_ROWS (1), few_4[] = WEIGH_ROWS (4);
  gsize vectors = call->lanes / VECTOR_SIZE;

  if (vectors % 4 == 0)
    for (gsize lane = 0; lane < call->lanes; lane += 4 * VECTOR_SIZE)
      weigh_lanes (call, lane, 4, weigh_4_4, few_4);
  else if (vectors % 2 == 0)
    for (gsize lane = 0; lane < call->lanes; lane += 2 * VECTOR_SIZE)
      weigh_lanes (call, lane, 8, weigh_8_2, few_2);
  else
    for (gsize lane = 0; lane < call->lanes; lane += VECTOR_SIZE)
      weigh_lanes (call, lane, 8, weigh_8_1, few_1);
#else
  for (gsize lane = 0; lane < call->lanes; lane += 2 * VECTOR_SIZE)
    weigh_lanes (call, lane, 4, weigh_4_2, few_2);
#endif
}

/* Sums of the lanes of four accumulators, in a fixed tree */
static inline void
add_up (Real *sums, Vector a, Vector b, Vector c, Vector d)
{
#if VECTOR_BYTES == 16 && defined (LOOPS_FLOAT64)
  const Vector all[] = { a, b, c, d };

  for (guint i = 0; i < 4; i++)
    sums[i] = all[i][0] + all[i][1];
#else
  const Quad p = fold (a), q = fold (b), r = fold (c), s = fold (d);
  const Quad low = __builtin_shufflevector (p, q, 0, 4, 1, 5) + __builtin_shufflevector (p, q, 2, 6, 3, 7);
  const Quad high = __builtin_shufflevector (r, s, 0, 4, 1, 5) + __builtin_shufflevector (r, s, 2, 6, 3, 7);

  *(UnalignedQuad *) sums = __builtin_shufflevector (low, high, 0, 1, 4, 5) + __builtin_shufflevector (low, high, 2, 3, 6, 7);
#endif
}

/* ROWS channels of the first against COLUMNS channels of the second, over the pixels of a rectangle and their lanes */
#define TOTAL(i, rows, columns) total[MIN (i, rows * columns - 1) / columns][MIN (i, rows * columns - 1) % columns]

#define DEFINE_CORRELATE(ROWS, COLUMNS) \
  static void \
  correlate_##ROWS##_##COLUMNS (const CorrelateCall *call, const Real *y, const Real *x, Real *d) \
  { \
    const gsize y_plane = call->y_plane, x_plane = call->x_plane; \
    Vector total[ROWS][COLUMNS] = { 0 }; \
    Real sums[(ROWS * COLUMNS + 3) / 4 * 4]; \
    for (gsize row = 0; row < call->rows; row++) \
      for (gsize column = 0; column < call->columns; column++) \
        { \
          const Real *at_y = y + row * call->y_row + column * call->lanes, *at_x = x + row * call->x_row + column * call->x_column; \
          for (gsize lane = 0; lane < call->lanes; lane += VECTOR_SIZE) \
            { \
              Vector a[ROWS]; \
              UNROLL for (guint i = 0; i < ROWS; i++) \
                a[i] = load_vector (at_y + i * y_plane + lane); \
              UNROLL for (guint j = 0; j < COLUMNS; j++) \
                { \
                  const Vector b = load_vector (at_x + j * x_plane + lane); \
                  UNROLL for (guint i = 0; i < ROWS; i++) \
                    total[i][j] = MULTIPLY_ADD (a[i], b, total[i][j]); \
                } \
            } \
        } \
    UNROLL for (gint i = 0; i < ROWS * COLUMNS; i += 4) \
      add_up (sums + i, TOTAL (i, ROWS, COLUMNS), TOTAL (i + 1, ROWS, COLUMNS), TOTAL (i + 2, ROWS, COLUMNS), TOTAL (i + 3, ROWS, COLUMNS)); \
    UNROLL for (guint i = 0; i < ROWS; i++) \
      UNROLL for (guint j = 0; j < COLUMNS; j++) \
        d[i * call->d_row + j * call->d_column] += sums[i * COLUMNS + j]; \
  }

#if VECTOR_BYTES == 64
#define CORRELATE_ROWS 4
#define CORRELATE_COLUMNS 6
DEFINE_CORRELATE (4, 6)
DEFINE_CORRELATE (4, 1)
DEFINE_CORRELATE (1, 6)
#define correlate_tile correlate_4_6
#define correlate_column correlate_4_1
#define correlate_row correlate_1_6
#else
#define CORRELATE_ROWS 2
#define CORRELATE_COLUMNS 4
DEFINE_CORRELATE (2, 4)
DEFINE_CORRELATE (2, 1)
DEFINE_CORRELATE (1, 4)
#define correlate_tile correlate_2_4
#define correlate_column correlate_2_1
#define correlate_row correlate_1_4
#endif
DEFINE_CORRELATE (1, 1)

static void
correlate (const CorrelateCall *call)
{
  for (gsize n = 0; n < call->n;)
    {
      gboolean is_tile = n + CORRELATE_COLUMNS <= call->n;
      const Real *y = call->y, *x = (const Real *) call->x + n * call->x_plane;
      Real *d = (Real *) call->d + n * call->d_column;
      gsize m = 0;

      for (; m + CORRELATE_ROWS <= call->m; m += CORRELATE_ROWS)
        (is_tile ? correlate_tile : correlate_column) (call, y + m * call->y_plane, x, d + m * call->d_row);
      for (; m < call->m; m++)
        (is_tile ? correlate_row : correlate_1_1) (call, y + m * call->y_plane, x, d + m * call->d_row);
      n += is_tile ? CORRELATE_COLUMNS : 1;
    }
}
