/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: the products of convolutions, straight from images by lanes.  A pixel of sixteen images or more is one or several
 * vectors, so that neither the pixels need to be brought into a matrix nor the matrix packed, and each pixel can have taps of its own.
 * Tiles of accumulators stay in registers.
 */
#pragma once

#include "vector.h"

#define UNROLL _Pragma ("GCC unroll 32")

/* ROWS target channels of one pixel, VECTORS of its lanes; BLOCK weights lie side by side */
#define DEFINE_WEIGH(ROWS, VECTORS, BLOCK) \
  static void \
  weigh_##ROWS##_##VECTORS (const WeighCall *call, gsize lane, const Real *w, Real *d) \
  { \
    Vector total[ROWS][VECTORS]; \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint v = 0; v < VECTORS; v++) \
        { \
          total[r][v] = call->add ? load_vector (d + r * call->target_plane + v * VECTOR_SIZE) : (Vector) { 0 }; \
          /* the next rows of the target: they are far away */ \
          __builtin_prefetch (d + (ROWS + r) * call->target_plane + v * VECTOR_SIZE, 1); \
        } \
    for (gsize tap = 0; tap < call->n_taps; tap++) \
      { \
        const Real *from = (const Real *) call->source + call->sources[tap] + lane; \
        const Real *weight = w + (gsize) call->positions[tap] * call->channels * BLOCK; \
        for (gsize channel = 0; channel < call->channels; channel++, from += call->source_plane, weight += BLOCK) \
          { \
            Vector x[VECTORS]; \
            UNROLL for (guint v = 0; v < VECTORS; v++) \
              x[v] = load_vector (from + v * VECTOR_SIZE); \
            UNROLL for (guint r = 0; r < ROWS; r++) \
              { \
                const Vector factor = repeat (weight[r]); \
                UNROLL for (guint v = 0; v < VECTORS; v++) \
                  total[r][v] = MULTIPLY_ADD (x[v], factor, total[r][v]); \
              } \
          } \
      } \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint v = 0; v < VECTORS; v++) \
        store_vector (d + r * call->target_plane + v * VECTOR_SIZE, total[r][v]); \
  }

typedef void (*WeighFunc) (const WeighCall *call, gsize lane, const Real *w, Real *d);

/* As many accumulators as hide the latency of a multiply-add and fit in the registers. */
#if VECTOR_BYTES == 64
#define WIDE_BLOCK 4
#define NARROW_BLOCK 8
DEFINE_WEIGH (1, 4, WIDE_BLOCK)
DEFINE_WEIGH (2, 4, WIDE_BLOCK)
DEFINE_WEIGH (3, 4, WIDE_BLOCK)
DEFINE_WEIGH (4, 4, WIDE_BLOCK)
DEFINE_WEIGH (1, 1, NARROW_BLOCK)
DEFINE_WEIGH (2, 1, NARROW_BLOCK)
DEFINE_WEIGH (4, 1, NARROW_BLOCK)
DEFINE_WEIGH (8, 1, NARROW_BLOCK)
DEFINE_WEIGH (8, 2, NARROW_BLOCK)
#else
#define NARROW_BLOCK 4
#endif
DEFINE_WEIGH (1, 2, NARROW_BLOCK)
DEFINE_WEIGH (2, 2, NARROW_BLOCK)
DEFINE_WEIGH (4, 2, NARROW_BLOCK)

/* Kernels by rows, the largest first; how many vectors of a pixel go together */
typedef struct {
  guint vectors, block;
  struct {
    guint rows;
    WeighFunc func;
  } funcs[4];
} Weigher;

static const Weigher *
find_weigher (gsize lanes)
{
#if VECTOR_BYTES == 64
  static const Weigher wide = { 4, WIDE_BLOCK, { { 4, weigh_4_4 }, { 3, weigh_3_4 }, { 2, weigh_2_4 }, { 1, weigh_1_4 } } };
  static const Weigher pair = { 2, NARROW_BLOCK, { { 8, weigh_8_2 }, { 4, weigh_4_2 }, { 2, weigh_2_2 }, { 1, weigh_1_2 } } };
  static const Weigher single = { 1, NARROW_BLOCK, { { 8, weigh_8_1 }, { 4, weigh_4_1 }, { 2, weigh_2_1 }, { 1, weigh_1_1 } } };
  gsize vectors = lanes / VECTOR_SIZE;

  return vectors % 4 == 0 ? &wide : vectors % 2 == 0 ? &pair : &single;
#else
  static const Weigher pair = { 2, NARROW_BLOCK, { { 4, weigh_4_2 }, { 2, weigh_2_2 }, { 1, weigh_1_2 } } };

  return &pair;
#endif
}

static gsize
weigh_rows (gsize lanes)
{
  return find_weigher (lanes)->block;
}

static void
weigh (const WeighCall *call)
{
  const Weigher *weigher = find_weigher (call->lanes);
  gsize block = weigher->block;

  for (gsize lane = 0; lane < call->lanes; lane += weigher->vectors * VECTOR_SIZE)
    for (gsize m = 0, i = 0; m < call->m; m += weigher->funcs[i].rows)
      {
        while (weigher->funcs[i].rows > call->m - m)
          i++;
        weigher->funcs[i].func (call, lane, (const Real *) call->weights + m / block * block * call->n_positions * call->channels + m % block,
                                (Real *) call->target + m * call->target_plane + lane);
      }
}

static void
pack_weights (const PackCall *call)
{
  gsize first = 0;

#ifndef LOOPS_FLOAT64
  for (; first + 4 <= call->positions && call->rows == call->weigh_rows; first += 4)
    for (gsize row = 0; row < call->rows; row += 4)
      for (gsize channel = 0; channel < call->channels; channel++)
        {
          Real square[16];

          turn_square (square, 4, (const Real *) call->s + channel * call->channel_step + row * call->row_step + first, call->row_step);
          for (guint k = 0; k < 4; k++)
            if (call->to[first + k] >= 0)
              *(Four *) ((Real *) call->d + call->to[first + k] + channel * call->weigh_rows + row) = *(const Four *) (square + 4 * k);
        }
#endif
  for (gsize i = first; i < call->positions; i++)
    for (gsize channel = 0; channel < call->channels && call->to[i] >= 0; channel++)
      for (gsize row = 0; row < call->weigh_rows; row++)
        ((Real *) call->d)[call->to[i] + (gint64) (channel * call->weigh_rows + row)] =
          row < call->rows ? ((const Real *) call->s)[channel * call->channel_step + row * call->row_step + i] : 0;
}

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

/* ROWS channels of the first against COLUMNS channels of the second, over the pixels of a rectangle and their lanes */
#define DEFINE_CORRELATE(ROWS, COLUMNS) \
  static void \
  correlate_##ROWS##_##COLUMNS (const CorrelateCall *call, const Real *y, const Real *x, Real *d) \
  { \
    const gsize y_plane = call->y_plane, x_plane = call->x_plane; \
    Vector total[ROWS * COLUMNS] = { 0 }; \
    for (gsize row = 0; row < call->rows; row++, y += call->y_row, x += call->x_row) \
      for (gsize at = 0; at < call->columns; at += VECTOR_SIZE) \
        { \
          Vector a[ROWS]; \
          UNROLL for (guint i = 0; i < ROWS; i++) \
            a[i] = load_vector (y + i * y_plane + at); \
          UNROLL for (guint j = 0; j < COLUMNS; j++) \
            { \
              const Vector b = load_vector (x + j * x_plane + at); \
              UNROLL for (guint i = 0; i < ROWS; i++) \
                total[i * COLUMNS + j] = MULTIPLY_ADD (a[i], b, total[i * COLUMNS + j]); \
            } \
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

static void
correlate (const CorrelateCall *call, CorrelateTile tile)
{
  for (gsize n = 0; n < call->n; n += tile.n)
    for (gsize m = 0; m < call->m; m += tile.m)
      (tile.n == CORRELATE_COLUMNS ? correlate_wide : correlate_narrow)
        (call, (const Real *) call->y + m * call->y_plane, (const Real *) call->x + n * call->x_plane,
         (Real *) call->d + m * call->n + n * tile.m);
}
