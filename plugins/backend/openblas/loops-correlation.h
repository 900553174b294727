/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: the products of a weight's gradient, sums over pixels and their lanes. */
#pragma once

#include "vector.h"

/* Adds to sums those of the lanes of four accumulators, in a fixed tree. */
__attribute__ ((always_inline)) static inline void
add_up_four (Real *sums, Vector a, Vector b, Vector c, Vector d)
{
#if VECTOR_BYTES == 16 && defined (LOOPS_FLOAT64)
  const Vector all[] = { a, b, c, d };

  for (guint i = 0; i < 4; i++)
    sums[i] += all[i][0] + all[i][1];
#else
  const Quad p = fold (a), q = fold (b), r = fold (c), s = fold (d);
  const Quad low = __builtin_shufflevector (p, q, 0, 4, 1, 5) + __builtin_shufflevector (p, q, 2, 6, 3, 7);
  const Quad high = __builtin_shufflevector (r, s, 0, 4, 1, 5) + __builtin_shufflevector (r, s, 2, 6, 3, 7);

  *(UnalignedQuad *) sums += __builtin_shufflevector (low, high, 0, 1, 4, 5) + __builtin_shufflevector (low, high, 2, 3, 6, 7);
#endif
}

#if VECTOR_BYTES == 64 && !defined (LOOPS_FLOAT64)
/* Halves of two vectors become one, until sixteen have become one, in the order that they come in. */
static inline Vector
join_halves (Vector a, Vector b)
{
  return __builtin_shufflevector (a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
         __builtin_shufflevector (a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

static inline Vector
join_quarters (Vector a, Vector b)
{
  return __builtin_shufflevector (a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
         __builtin_shufflevector (a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

static inline Vector
join_pairs (Vector a, Vector b)
{
  return __builtin_shufflevector (a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
         __builtin_shufflevector (a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

static inline Vector
join_singles (Vector a, Vector b)
{
  return __builtin_shufflevector (a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
         __builtin_shufflevector (a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}

__attribute__ ((always_inline)) static inline void
add_up_sixteen (Real *sums, const Vector *t)
{
  const Vector a = join_pairs (join_quarters (join_halves (t[0], t[4]), join_halves (t[8], t[12])),
                               join_quarters (join_halves (t[1], t[5]), join_halves (t[9], t[13])));
  const Vector b = join_pairs (join_quarters (join_halves (t[2], t[6]), join_halves (t[10], t[14])),
                               join_quarters (join_halves (t[3], t[7]), join_halves (t[11], t[15])));

  store_vector (sums, load_vector (sums) + join_singles (a, b));
}
#endif

__attribute__ ((always_inline)) static inline void
add_up (Real *sums, const Vector *totals, guint n)
{
  guint i = 0;

#if VECTOR_BYTES == 64 && !defined (LOOPS_FLOAT64)
  UNROLL for (; i + 16 <= n; i += 16)
    add_up_sixteen (sums + i, totals + i);
#endif
  UNROLL for (; i < n; i += 4)
    add_up_four (sums + i, totals[i], totals[i + 1], totals[i + 2], totals[i + 3]);
}

#define CORRELATE_STEP(ROWS, COLUMNS, LOAD) \
  { \
    Vector a[ROWS]; \
    UNROLL for (guint i = 0; i < ROWS; i++) \
      a[i] = LOAD (y + i * y_plane + at); \
    UNROLL for (guint j = 0; j < COLUMNS; j++) \
      { \
        const Vector b = LOAD (x + j * x_plane + at); \
        UNROLL for (guint i = 0; i < ROWS; i++) \
          total[i * COLUMNS + j] = MULTIPLY_ADD (a[i], b, total[i * COLUMNS + j]); \
      } \
  }

/* Sixteen lanes of an odd number of pixels are half a vector too many where factors are half as large. */
#ifdef LOOPS_BFLOAT16
#define CORRELATE_REST(ROWS, COLUMNS) \
  if (at < call->columns) \
    CORRELATE_STEP (ROWS, COLUMNS, load_half)
#else
#define CORRELATE_REST(ROWS, COLUMNS)
#endif

/* ROWS channels of the first against COLUMNS channels of the second, over the pixels of a rectangle and their lanes */
#define DEFINE_CORRELATE(ROWS, COLUMNS) \
  static void \
  correlate_##ROWS##_##COLUMNS (const CorrelateCall *call, const Factor *y, const Factor *x, Real *d) \
  { \
    const gsize y_plane = call->y_plane, x_plane = call->x_plane; \
    Vector total[ROWS * COLUMNS] = { 0 }; \
    for (gsize row = 0; row < call->rows; row++, y += call->y_row, x += call->x_row) \
      { \
        gsize at = 0; \
        for (; at + VECTOR_FACTORS <= call->columns; at += VECTOR_FACTORS) \
          CORRELATE_STEP (ROWS, COLUMNS, load_factors) \
        CORRELATE_REST (ROWS, COLUMNS) \
      } \
    add_up (d, total, ROWS * COLUMNS); \
  }

#if VECTOR_BYTES == 64
#define CORRELATE_ROWS 4
#define CORRELATE_COLUMNS 4
DEFINE_CORRELATE (4, 4)
DEFINE_CORRELATE (8, 2)
#define correlate_wide correlate_4_4
#define correlate_narrow correlate_8_2
#else
#define CORRELATE_ROWS 2
#define CORRELATE_COLUMNS 4
DEFINE_CORRELATE (2, 4)
DEFINE_CORRELATE (4, 2)
#define correlate_wide correlate_2_4
#define correlate_narrow correlate_4_2
#endif

static CorrelateTile
correlate_tile (gsize n)
{
  return n > CORRELATE_COLUMNS / 2 ? (CorrelateTile) { CORRELATE_ROWS, CORRELATE_COLUMNS } : (CorrelateTile) { 2 * CORRELATE_ROWS, 2 };
}

#define GROUP_TILES 2 /* of x, which stay in the nearest cache while those of y come and go */

static void
correlate (const CorrelateCall *call, CorrelateTile tile)
{
  for (gsize group = 0; group < call->n; group += GROUP_TILES * tile.n)
    for (gsize m = 0; m < call->m; m += tile.m)
      for (gsize n = group; n < MIN (group + GROUP_TILES * tile.n, call->n); n += tile.n)
        (tile.n == CORRELATE_COLUMNS ? correlate_wide : correlate_narrow)
          (call, (const Factor *) call->y + m * call->y_plane, (const Factor *) call->x + n * call->x_plane,
           (Real *) call->d + m * call->n + n * tile.m);
}
