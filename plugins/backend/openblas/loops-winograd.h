/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: Winograd's convolutions by tiles of 4x4 results: transforms of tiles and kernels, and products of matrices.  Lanes lie side by
 * side, so that a transform is arithmetic on whole vectors.
 */
#pragma once

#include "loops-points.h"

/* A block of rows against a panel of two vectors: as many accumulators as fit in the registers */
#if VECTOR_BYTES == 64
#define PRODUCT_ROWS 8
#else
#define PRODUCT_ROWS 4
#endif
#define PRODUCT_COLUMNS (2 * VECTOR_SIZE)

/* Elements that are columns of a product lie in panels. */
INLINE gsize
find_column (const TileCall *call, gsize lane)
{
  gsize column = call->first + lane;

  return column / PRODUCT_COLUMNS * call->panel + column % PRODUCT_COLUMNS;
}

INLINE void
put_columns (const TileCall *call, gsize lane, guint frequency, Vector v)
{
  store_vector ((Real *) call->frequencies + find_column (call, lane) + frequency * call->frequency, v);
}

/* Those that are rows lie in blocks, which may be narrower than a vector. */
INLINE void
put_rows (const TileCall *call, gsize lane, guint frequency, Vector v)
{
  for (guint i = 0; i < VECTOR_SIZE; i += PRODUCT_ROWS)
    memcpy ((Real *) call->frequencies + (lane + i) / PRODUCT_ROWS * call->panel + frequency * call->frequency, (const Real *) &v + i,
            PRODUCT_ROWS * sizeof (Real));
}

INLINE gboolean
is_inside (const TileCall *call, guint row, guint column)
{
  return row >= call->top && row < call->bottom && column >= call->left && column < call->right;
}

/* SIDE x SIDE pixels at POINTS x POINTS points */
#define DEFINE_TO_FREQUENCIES(name, SIDE, POINTS, put) \
  INLINE void \
  name##_from (const TileCall *call, gsize lane, gboolean is_whole) \
  { \
    const Real *pixels = (const Real *) call->pixels + lane; \
    Vector x[SIDE], y[POINTS], between[POINTS * SIDE]; \
    if (is_whole) /* the next tile: it is far away */ \
      UNROLL for (guint row = 0; row < SIDE; row++) \
        UNROLL for (guint column = 0; column < SIDE; column++) \
          __builtin_prefetch (pixels + call->offset + row * call->row + column * call->column + call->next); \
    UNROLL for (guint column = 0; column < SIDE; column++) \
      { \
        UNROLL for (guint row = 0; row < SIDE; row++) \
          x[row] = is_whole || is_inside (call, row, column) ? load_vector (pixels + call->offset + row * call->row + column * call->column) \
                                                              : (Vector) { 0 }; \
        transform_##name (x, y); \
        UNROLL for (guint i = 0; i < POINTS; i++) \
          between[i * SIDE + column] = y[i]; \
      } \
    UNROLL for (guint i = 0; i < POINTS; i++) \
      { \
        transform_##name (between + i * SIDE, y); \
        UNROLL for (guint j = 0; j < POINTS; j++) \
          put (call, lane, POINTS * i + j, y[j]); \
      } \
  } \
  static void \
  name##_to_frequencies (const TileCall *call) \
  { \
    const gboolean is_whole = call->top == 0 && call->left == 0 && call->bottom >= SIDE && call->right >= SIDE; \
    for (gsize lane = 0; lane < call->lanes; lane += VECTOR_SIZE) \
      if (is_whole) \
        name##_from (call, lane, TRUE); \
      else \
        name##_from (call, lane, FALSE); \
  }

#define DEFINE_FROM_FREQUENCIES(name, SIDE, POINTS) \
  static void \
  name##_from_frequencies (const TileCall *call) \
  { \
    for (gsize lane = 0; lane < call->lanes; lane += VECTOR_SIZE) \
      { \
        const Real *from = (const Real *) call->frequencies + find_column (call, lane); \
        Real *pixels = (Real *) call->pixels + lane; \
        Vector x[POINTS], y[SIDE], between[POINTS * SIDE]; \
        UNROLL for (guint j = 0; j < POINTS; j++) \
          { \
            UNROLL for (guint i = 0; i < POINTS; i++) \
              x[i] = load_vector (from + (POINTS * i + j) * call->frequency); \
            transform_##name (x, y); \
            UNROLL for (guint i = 0; i < SIDE; i++) \
              between[i * POINTS + j] = y[i]; \
          } \
        UNROLL for (guint row = 0; row < SIDE; row++) \
          if (row < call->bottom) \
            { \
              transform_##name (between + row * POINTS, y); \
              UNROLL for (guint column = 0; column < SIDE; column++) \
                if (column < call->right) \
                  store_vector (pixels + call->offset + row * call->row + column * call->column, y[column]); \
            } \
      } \
  }

DEFINE_TO_FREQUENCIES (six_source, 6, 6, put_columns)
DEFINE_TO_FREQUENCIES (six_kernel, 3, 6, put_rows)
DEFINE_TO_FREQUENCIES (six_gradient, 4, 6, put_columns)
DEFINE_FROM_FREQUENCIES (six_result, 4, 6)
DEFINE_FROM_FREQUENCIES (six_weight, 3, 6)
DEFINE_TO_FREQUENCIES (five_source, 5, 5, put_columns)
DEFINE_TO_FREQUENCIES (five_kernel, 2, 5, put_rows)
DEFINE_TO_FREQUENCIES (five_gradient, 4, 5, put_columns)
DEFINE_FROM_FREQUENCIES (five_result, 4, 5)
DEFINE_FROM_FREQUENCIES (five_weight, 2, 5)

/* PRODUCT_ROWS rows of the first factor against a panel of the second */
INLINE void
multiply_block (const ProductCall *call, const Real *a, gsize a_row, gsize a_step, Real *d)
{
  const Real *b = call->b;
  Vector total[PRODUCT_ROWS][2];

  UNROLL for (guint r = 0; r < PRODUCT_ROWS; r++)
    UNROLL for (guint v = 0; v < 2; v++)
      total[r][v] = (Vector) { 0 };
  for (gsize i = 0; i < call->k; i++, a += a_step, b += PRODUCT_COLUMNS)
    {
      const Vector left = load_vector (b), right = load_vector (b + VECTOR_SIZE);

      UNROLL for (guint r = 0; r < PRODUCT_ROWS; r++)
        {
          const Vector factor = repeat (a[r * a_row]);

          total[r][0] = MULTIPLY_ADD (left, factor, total[r][0]);
          total[r][1] = MULTIPLY_ADD (right, factor, total[r][1]);
        }
    }
  UNROLL for (guint r = 0; r < PRODUCT_ROWS; r++)
    UNROLL for (guint v = 0; v < 2; v++, d += VECTOR_SIZE)
      store_vector (d, call->add ? load_vector (d) + total[r][v] : total[r][v]);
}

static void
multiply (const ProductCall *call)
{
  const Real *a = call->a;
  Real *d = call->d;

  for (gsize m = 0; m < call->m; m += PRODUCT_ROWS, a += call->a_block, d += PRODUCT_ROWS * PRODUCT_COLUMNS)
    if (call->a_row == 1)
      multiply_block (call, a, 1, PRODUCT_ROWS, d);
    else
      multiply_block (call, a, call->a_row, 1, d);
}

static const WinogradLoops winograd[N_WINOGRAD_KERNELS] = {
#define ENTRY(name, kernel, points) \
  { kernel, points, PRODUCT_ROWS, PRODUCT_COLUMNS, name##_source_to_frequencies, name##_kernel_to_frequencies, name##_gradient_to_frequencies, \
    name##_result_from_frequencies, name##_weight_from_frequencies, multiply }
  [WINOGRAD_3X3] = ENTRY (six, 3, 6),
  [WINOGRAD_2X2] = ENTRY (five, 2, 5),
#undef ENTRY
};
