/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: Winograd's convolutions of 3x3 kernels by tiles of 4x4 results.  A tile, or a kernel, is a polynomial in each direction;
 * it is evaluated at six points, where a convolution is a product, and the product is interpolated.  Lanes lie side by side, so that a transform
 * is arithmetic on whole vectors.
 *
 * The points are 0, +-5/8, +-3/2 and infinity: exact in binary, in pairs that share their even and odd parts, and of many that were measured those
 * with the smallest error (0, +-1, +-2 and infinity have twice as much).
 */
#pragma once

#include "vector.h"

/* A block of rows against a panel of two vectors: as many accumulators as fit in the registers */
#if VECTOR_BYTES == 64
#define PRODUCT_ROWS 8
#else
#define PRODUCT_ROWS 4
#endif
#define PRODUCT_COLUMNS (2 * VECTOR_SIZE)

#define POINT_A ((Real) 0.625)
#define POINT_B ((Real) 1.5)
#define SQUARE_A (POINT_A * POINT_A)
#define SQUARE_B (POINT_B * POINT_B)
/* What Lagrange's polynomials are divided by, for the points 0, +-a and +-b */
#define SCALE_0 (1 / (SQUARE_A * SQUARE_B))
#define SCALE_A (1 / (2 * SQUARE_A * (SQUARE_A - SQUARE_B)))
#define SCALE_B (1 / (2 * SQUARE_B * (SQUARE_B - SQUARE_A)))

#define INLINE __attribute__ ((always_inline)) static inline

/* Six pixels: coefficients of the transposed interpolation */
INLINE void
transform_source (const Vector *x, Vector *y)
{
  const Vector minus_a = repeat (-SQUARE_A), minus_b = repeat (-SQUARE_B), sum = repeat (-(SQUARE_A + SQUARE_B));
  const Vector product = repeat (SQUARE_A * SQUARE_B), a = repeat (POINT_A), b = repeat (POINT_B);
  const Vector even_a = MULTIPLY_ADD (minus_b, x[2], x[4]), odd_a = MULTIPLY_ADD (minus_b, x[1], x[3]);
  const Vector even_b = MULTIPLY_ADD (minus_a, x[2], x[4]), odd_b = MULTIPLY_ADD (minus_a, x[1], x[3]);

  y[0] = MULTIPLY_ADD (product, x[0], MULTIPLY_ADD (sum, x[2], x[4]));
  y[1] = MULTIPLY_ADD (a, odd_a, even_a);
  y[2] = MULTIPLY_ADD (-a, odd_a, even_a);
  y[3] = MULTIPLY_ADD (b, odd_b, even_b);
  y[4] = MULTIPLY_ADD (-b, odd_b, even_b);
  y[5] = MULTIPLY_ADD (product, x[1], MULTIPLY_ADD (sum, x[3], x[5]));
}

/* Three weights, evaluated and scaled */
INLINE void
transform_kernel (const Vector *x, Vector *y)
{
  const Vector even_a = SCALE_A * MULTIPLY_ADD (repeat (SQUARE_A), x[2], x[0]), odd_a = (SCALE_A * POINT_A) * x[1];
  const Vector even_b = SCALE_B * MULTIPLY_ADD (repeat (SQUARE_B), x[2], x[0]), odd_b = (SCALE_B * POINT_B) * x[1];

  y[0] = SCALE_0 * x[0];
  y[1] = even_a + odd_a;
  y[2] = even_a - odd_a;
  y[3] = even_b + odd_b;
  y[4] = even_b - odd_b;
  y[5] = x[2];
}

/* To four pixels */
INLINE void
transform_result (const Vector *x, Vector *y)
{
  const Vector sum_a = x[1] + x[2], difference_a = x[1] - x[2], sum_b = x[3] + x[4], difference_b = x[3] - x[4];

  y[0] = x[0] + sum_a + sum_b;
  y[1] = MULTIPLY_ADD (repeat (POINT_A), difference_a, POINT_B * difference_b);
  y[2] = MULTIPLY_ADD (repeat (SQUARE_A), sum_a, SQUARE_B * sum_b);
  y[3] = MULTIPLY_ADD (repeat (POINT_A * SQUARE_A), difference_a, MULTIPLY_ADD (repeat (POINT_B * SQUARE_B), difference_b, x[5]));
}

/* Four pixels of y, evaluated; what they are divided by is left to the sums. */
INLINE void
transform_gradient (const Vector *x, Vector *y)
{
  const Vector even_a = MULTIPLY_ADD (repeat (SQUARE_A), x[2], x[0]), odd_a = MULTIPLY_ADD (repeat (SQUARE_A), x[3], x[1]);
  const Vector even_b = MULTIPLY_ADD (repeat (SQUARE_B), x[2], x[0]), odd_b = MULTIPLY_ADD (repeat (SQUARE_B), x[3], x[1]);

  y[0] = x[0];
  y[1] = MULTIPLY_ADD (repeat (POINT_A), odd_a, even_a);
  y[2] = MULTIPLY_ADD (repeat (-POINT_A), odd_a, even_a);
  y[3] = MULTIPLY_ADD (repeat (POINT_B), odd_b, even_b);
  y[4] = MULTIPLY_ADD (repeat (-POINT_B), odd_b, even_b);
  y[5] = x[3];
}

/* Scaled, to three weights */
INLINE void
transform_weight (const Vector *x, Vector *y)
{
  const Vector sum_a = x[1] + x[2], difference_a = x[1] - x[2], sum_b = x[3] + x[4], difference_b = x[3] - x[4];

  y[0] = MULTIPLY_ADD (repeat (SCALE_0), x[0], MULTIPLY_ADD (repeat (SCALE_A), sum_a, SCALE_B * sum_b));
  y[1] = MULTIPLY_ADD (repeat (SCALE_A * POINT_A), difference_a, (SCALE_B * POINT_B) * difference_b);
  y[2] = MULTIPLY_ADD (repeat (SCALE_A * SQUARE_A), sum_a, MULTIPLY_ADD (repeat (SCALE_B * SQUARE_B), sum_b, x[5]));
}

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

#define DEFINE_TO_FREQUENCIES(name, SIDE, put) \
  INLINE void \
  name##_from (const TileCall *call, gsize lane, gboolean is_whole) \
  { \
    const Real *pixels = (const Real *) call->pixels + lane; \
    Vector x[6], y[6], between[6 * SIDE]; \
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
        UNROLL for (guint i = 0; i < 6; i++) \
          between[i * SIDE + column] = y[i]; \
      } \
    UNROLL for (guint i = 0; i < 6; i++) \
      { \
        transform_##name (between + i * SIDE, y); \
        UNROLL for (guint j = 0; j < 6; j++) \
          put (call, lane, 6 * i + j, y[j]); \
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

#define DEFINE_FROM_FREQUENCIES(name, SIDE) \
  static void \
  name##_from_frequencies (const TileCall *call) \
  { \
    for (gsize lane = 0; lane < call->lanes; lane += VECTOR_SIZE) \
      { \
        const Real *from = (const Real *) call->frequencies + find_column (call, lane); \
        Real *pixels = (Real *) call->pixels + call->offset + lane; \
        Vector x[6], y[6], between[6 * SIDE]; \
        UNROLL for (guint j = 0; j < 6; j++) \
          { \
            UNROLL for (guint i = 0; i < 6; i++) \
              x[i] = load_vector (from + (6 * i + j) * call->frequency); \
            transform_##name (x, y); \
            UNROLL for (guint i = 0; i < SIDE; i++) \
              between[i * 6 + j] = y[i]; \
          } \
        UNROLL for (guint row = 0; row < SIDE; row++) \
          if (row < call->bottom) \
            { \
              transform_##name (between + row * 6, y); \
              UNROLL for (guint column = 0; column < SIDE; column++) \
                if (column < call->right) \
                  store_vector (pixels + row * call->row + column * call->column, y[column]); \
            } \
      } \
  }

DEFINE_TO_FREQUENCIES (source, 6, put_columns)
DEFINE_TO_FREQUENCIES (kernel, 3, put_rows)
DEFINE_TO_FREQUENCIES (gradient, 4, put_columns)
DEFINE_FROM_FREQUENCIES (result, 4)
DEFINE_FROM_FREQUENCIES (weight, 3)

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

static const WinogradLoops winograd = {
  PRODUCT_ROWS, PRODUCT_COLUMNS, source_to_frequencies, kernel_to_frequencies, gradient_to_frequencies, result_from_frequencies,
  weight_from_frequencies, multiply
};
