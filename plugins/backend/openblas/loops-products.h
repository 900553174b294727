/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: the products of convolutions, straight from images by lanes.  A pixel of sixteen images is one or a few
 * vectors, so that neither the pixels need to be brought into a matrix nor the matrix packed.  Tiles of accumulators stay
 * in registers.
 */
#pragma once

#include "vector.h"

#define UNROLL _Pragma ("GCC unroll 32")

/* Channels and taps that are summed before the next pixels: their vectors fit in the nearest cache. */
#define BLOCK_K 64

/* ROWS target channels at PIXELS neighbouring pixels */
#define DEFINE_WEIGH(ROWS, PIXELS) \
  static void \
  weigh_##ROWS##_##PIXELS (Real *d, gsize d_channel, gsize d_step, const Real *s, gsize s_step, const Real *w, gsize w_step, \
                           const gint64 *offsets, gsize n, gboolean add) \
  { \
    Vector total[ROWS][PIXELS * PIXEL_VECTORS]; \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint p = 0; p < PIXELS * PIXEL_VECTORS; p++) \
        total[r][p] = add ? load_vector (d + r * d_channel + p / PIXEL_VECTORS * d_step + p % PIXEL_VECTORS * VECTOR_SIZE) \
                          : (Vector) { 0 }; \
    for (gsize k = 0; k < n; k++) \
      { \
        const Real *from = s + offsets[k]; \
        Vector x[PIXELS * PIXEL_VECTORS]; \
        UNROLL for (guint p = 0; p < PIXELS * PIXEL_VECTORS; p++) \
          x[p] = load_vector (from + p / PIXEL_VECTORS * s_step + p % PIXEL_VECTORS * VECTOR_SIZE); \
        UNROLL for (guint r = 0; r < ROWS; r++) \
          { \
            const Vector weight = repeat (w[r * w_step + k]); \
            UNROLL for (guint p = 0; p < PIXELS * PIXEL_VECTORS; p++) \
              total[r][p] = MULTIPLY_ADD (x[p], weight, total[r][p]); \
          } \
      } \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint p = 0; p < PIXELS * PIXEL_VECTORS; p++) \
        store_vector (d + r * d_channel + p / PIXEL_VECTORS * d_step + p % PIXEL_VECTORS * VECTOR_SIZE, total[r][p]); \
  }

/* As many accumulators as hide the latency of a multiply-add and fit in the registers. */
#if VECTOR_BYTES == 64 && !defined (LOOPS_FLOAT64)
#define WEIGH_ROWS 4
#define WEIGH_PIXELS 4
DEFINE_WEIGH (4, 4)
DEFINE_WEIGH (1, 4)
DEFINE_WEIGH (4, 1)
DEFINE_WEIGH (1, 1)
#define weigh_tile weigh_4_4
#define weigh_row weigh_1_4
#define weigh_column weigh_4_1
#elif VECTOR_BYTES == 64
#define WEIGH_ROWS 4
#define WEIGH_PIXELS 2
DEFINE_WEIGH (4, 2)
DEFINE_WEIGH (1, 2)
DEFINE_WEIGH (4, 1)
DEFINE_WEIGH (1, 1)
#define weigh_tile weigh_4_2
#define weigh_row weigh_1_2
#define weigh_column weigh_4_1
#elif VECTOR_BYTES == 32 && !defined (LOOPS_FLOAT64)
#define WEIGH_ROWS 4
#define WEIGH_PIXELS 1
DEFINE_WEIGH (4, 1)
DEFINE_WEIGH (1, 1)
#define weigh_tile weigh_4_1
#define weigh_row weigh_1_1
#define weigh_column weigh_4_1
#else
#define WEIGH_ROWS 2
#define WEIGH_PIXELS 1
DEFINE_WEIGH (2, 1)
DEFINE_WEIGH (1, 1)
#define weigh_tile weigh_2_1
#define weigh_row weigh_1_1
#define weigh_column weigh_2_1
#endif

static void
weigh (const WeighCall *call)
{
  const Real *weights = call->weights;

  for (gsize first = 0; first < call->k; first += BLOCK_K)
    for (gsize r = 0; r < call->rows; r++)
      for (gsize c = 0; c < call->columns;)
        {
          gboolean is_tile = c + WEIGH_PIXELS <= call->columns;
          gsize n = MIN (BLOCK_K, call->k - first), m = 0;
          Real *d = (Real *) call->target + r * call->target_row_step + c * call->target_column_step;
          const Real *s = (const Real *) call->source + r * call->row_step + c * call->column_step;

          for (; m + WEIGH_ROWS <= call->m; m += WEIGH_ROWS)
            (is_tile ? weigh_tile : weigh_column) (d + m * call->target_channel_step, call->target_channel_step, call->target_column_step, s,
                                                   call->column_step, weights + m * call->k + first, call->k, call->offsets + first, n,
                                                   first > 0);
          for (; m < call->m; m++)
            (is_tile ? weigh_row : weigh_1_1) (d + m * call->target_channel_step, call->target_channel_step, call->target_column_step, s,
                                               call->column_step, weights + m * call->k + first, call->k, call->offsets + first, n, first > 0);
          c += is_tile ? WEIGH_PIXELS : 1;
        }
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

/* ROWS channels of the first against COLUMNS channels and taps of the second, over the pixels of a chunk. Where a pixel is
 * several vectors, they go to the same accumulator. */
#define TOTAL(i, rows, columns) total[MIN (i, rows * columns - 1) / columns][MIN (i, rows * columns - 1) % columns]

#define DEFINE_CORRELATE(ROWS, COLUMNS) \
  static void \
  correlate_##ROWS##_##COLUMNS (const CorrelateCall *call, const Real *y, const Real *x, const gint64 *offsets, Real *d) \
  { \
    Vector total[ROWS][COLUMNS] = { 0 }; \
    Real sums[(ROWS * COLUMNS + 3) / 4 * 4]; \
    for (gsize u = 0; u < call->n_units; u++) \
      { \
        const Real *row_y = y + call->units[u].y, *row_x = x + call->units[u].x; \
        for (gsize r = 0; r < call->units[u].rows; r++, row_x += call->row_step) \
          { \
            const Real *from = row_x; \
            for (gsize c = 0; c < call->columns; c++, from += call->column_step) \
              UNROLL for (guint v = 0; v < PIXEL_VECTORS; v++, row_y += VECTOR_SIZE) \
                { \
                  Vector a[ROWS]; \
                  UNROLL for (guint i = 0; i < ROWS; i++) \
                    a[i] = load_vector (row_y + i * call->y_step); \
                  UNROLL for (guint j = 0; j < COLUMNS; j++) \
                    { \
                      const Vector b = load_vector (from + offsets[j] + v * VECTOR_SIZE); \
                      UNROLL for (guint i = 0; i < ROWS; i++) \
                        total[i][j] = MULTIPLY_ADD (a[i], b, total[i][j]); \
                    } \
                } \
          } \
      } \
    UNROLL for (gint i = 0; i < ROWS * COLUMNS; i += 4) \
      add_up (sums + i, TOTAL (i, ROWS, COLUMNS), TOTAL (i + 1, ROWS, COLUMNS), TOTAL (i + 2, ROWS, COLUMNS), TOTAL (i + 3, ROWS, COLUMNS)); \
    UNROLL for (guint i = 0; i < ROWS; i++) \
      UNROLL for (guint j = 0; j < COLUMNS; j++) \
        d[i * call->d_step + j] = call->add ? d[i * call->d_step + j] + sums[i * COLUMNS + j] : sums[i * COLUMNS + j]; \
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
  for (gsize k = 0; k < call->k;)
    {
      gboolean is_tile = k + CORRELATE_COLUMNS <= call->k;
      const gint64 *offsets = call->offsets + k;
      gsize m = 0;

      for (; m + CORRELATE_ROWS <= call->m; m += CORRELATE_ROWS)
        (is_tile ? correlate_tile : correlate_column) (call, (const Real *) call->y + m * call->y_step, call->x, offsets,
                                                       (Real *) call->d + m * call->d_step + k);
      for (; m < call->m; m++)
        (is_tile ? correlate_row : correlate_1_1) (call, (const Real *) call->y + m * call->y_step, call->x, offsets,
                                                   (Real *) call->d + m * call->d_step + k);
      k += is_tile ? CORRELATE_COLUMNS : 1;
    }
}
