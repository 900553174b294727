/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: Winograd's transforms in one direction.  A tile, or a kernel, is a polynomial; it is evaluated at some points, where a convolution
 * is a product, and the product is interpolated.
 *
 * Six points serve 3x3 kernels: 0, +-5/8, +-3/2 and infinity; five serve 2x2 kernels: +-3/8, +-5/4 and infinity.  They are exact in binary, in pairs
 * that share their even and odd parts, and of many that were measured those with the smallest error (0, +-1, +-2 and infinity have twice as much).
 */
#pragma once

#include "vector.h"

#define INLINE __attribute__ ((always_inline)) static inline

#define SIX_A ((Real) 0.625)
#define SIX_B ((Real) 1.5)
#define FIVE_A ((Real) 0.375)
#define FIVE_B ((Real) 1.25)
#define SQUARE(x) ((x) * (x))
#define CUBE(x) ((x) * (x) * (x))
/* What Lagrange's polynomials are divided by: at 0, and at +-a or +-b */
#define SIX_SCALE_0 (1 / (SQUARE (SIX_A) * SQUARE (SIX_B)))
#define SIX_SCALE_A (1 / (2 * SQUARE (SIX_A) * (SQUARE (SIX_A) - SQUARE (SIX_B))))
#define SIX_SCALE_B (1 / (2 * SQUARE (SIX_B) * (SQUARE (SIX_B) - SQUARE (SIX_A))))
#define FIVE_SCALE_A (1 / (2 * FIVE_A * (SQUARE (FIVE_A) - SQUARE (FIVE_B))))
#define FIVE_SCALE_B (1 / (2 * FIVE_B * (SQUARE (FIVE_B) - SQUARE (FIVE_A))))

/* even + point odd, and even - point odd */
INLINE void
evaluate_pair (Real point, Vector even, Vector odd, Vector *y)
{
  y[0] = MULTIPLY_ADD (repeat (point), odd, even);
  y[1] = MULTIPLY_ADD (repeat (-point), odd, even);
}

/* a x + b y */
INLINE Vector
combine (Real a, Vector x, Real b, Vector y)
{
  return MULTIPLY_ADD (repeat (a), x, b * y);
}

INLINE Vector
add_scaled_vector (Vector x, Real factor, Vector y)
{
  return MULTIPLY_ADD (repeat (factor), y, x);
}

/* Six pixels: coefficients of the transposed interpolation */
INLINE void
transform_six_source (const Vector *x, Vector *y)
{
  const Real product = SQUARE (SIX_A) * SQUARE (SIX_B), sum = -(SQUARE (SIX_A) + SQUARE (SIX_B));

  y[0] = add_scaled_vector (add_scaled_vector (x[4], sum, x[2]), product, x[0]);
  evaluate_pair (SIX_A, add_scaled_vector (x[4], -SQUARE (SIX_B), x[2]), add_scaled_vector (x[3], -SQUARE (SIX_B), x[1]), y + 1);
  evaluate_pair (SIX_B, add_scaled_vector (x[4], -SQUARE (SIX_A), x[2]), add_scaled_vector (x[3], -SQUARE (SIX_A), x[1]), y + 3);
  y[5] = add_scaled_vector (add_scaled_vector (x[5], sum, x[3]), product, x[1]);
}

/* Three weights, evaluated and scaled */
INLINE void
transform_six_kernel (const Vector *x, Vector *y)
{
  y[0] = SIX_SCALE_0 * x[0];
  evaluate_pair (SIX_A, SIX_SCALE_A * add_scaled_vector (x[0], SQUARE (SIX_A), x[2]), SIX_SCALE_A * x[1], y + 1);
  evaluate_pair (SIX_B, SIX_SCALE_B * add_scaled_vector (x[0], SQUARE (SIX_B), x[2]), SIX_SCALE_B * x[1], y + 3);
  y[5] = x[2];
}

/* Four pixels of y, evaluated; what they are divided by is left to the sums. */
INLINE void
transform_six_gradient (const Vector *x, Vector *y)
{
  y[0] = x[0];
  evaluate_pair (SIX_A, add_scaled_vector (x[0], SQUARE (SIX_A), x[2]), add_scaled_vector (x[1], SQUARE (SIX_A), x[3]), y + 1);
  evaluate_pair (SIX_B, add_scaled_vector (x[0], SQUARE (SIX_B), x[2]), add_scaled_vector (x[1], SQUARE (SIX_B), x[3]), y + 3);
  y[5] = x[3];
}

/* To four pixels */
INLINE void
transform_six_result (const Vector *x, Vector *y)
{
  const Vector sum_a = x[1] + x[2], difference_a = x[1] - x[2], sum_b = x[3] + x[4], difference_b = x[3] - x[4];

  y[0] = x[0] + sum_a + sum_b;
  y[1] = combine (SIX_A, difference_a, SIX_B, difference_b);
  y[2] = combine (SQUARE (SIX_A), sum_a, SQUARE (SIX_B), sum_b);
  y[3] = add_scaled_vector (add_scaled_vector (x[5], CUBE (SIX_B), difference_b), CUBE (SIX_A), difference_a);
}

/* Scaled, to three weights */
INLINE void
transform_six_weight (const Vector *x, Vector *y)
{
  const Vector sum_a = SIX_SCALE_A * (x[1] + x[2]), difference_a = SIX_SCALE_A * (x[1] - x[2]);
  const Vector sum_b = SIX_SCALE_B * (x[3] + x[4]), difference_b = SIX_SCALE_B * (x[3] - x[4]);

  y[0] = add_scaled_vector (sum_a + sum_b, SIX_SCALE_0, x[0]);
  y[1] = combine (SIX_A, difference_a, SIX_B, difference_b);
  y[2] = add_scaled_vector (add_scaled_vector (x[5], SQUARE (SIX_B), sum_b), SQUARE (SIX_A), sum_a);
}

/* The same for five pixels and two weights */
INLINE void
transform_five_source (const Vector *x, Vector *y)
{
  const Real product = SQUARE (FIVE_A) * SQUARE (FIVE_B), sum = -(SQUARE (FIVE_A) + SQUARE (FIVE_B));

  evaluate_pair (FIVE_A, add_scaled_vector (x[3], -SQUARE (FIVE_B), x[1]), add_scaled_vector (x[2], -SQUARE (FIVE_B), x[0]), y);
  evaluate_pair (FIVE_B, add_scaled_vector (x[3], -SQUARE (FIVE_A), x[1]), add_scaled_vector (x[2], -SQUARE (FIVE_A), x[0]), y + 2);
  y[4] = add_scaled_vector (add_scaled_vector (x[4], sum, x[2]), product, x[0]);
}

INLINE void
transform_five_kernel (const Vector *x, Vector *y)
{
  const Vector even_a = (FIVE_SCALE_A * FIVE_A) * x[1], odd_a = FIVE_SCALE_A * x[0];
  const Vector even_b = (FIVE_SCALE_B * FIVE_B) * x[1], odd_b = FIVE_SCALE_B * x[0];

  y[0] = even_a + odd_a;
  y[1] = even_a - odd_a;
  y[2] = even_b + odd_b;
  y[3] = even_b - odd_b;
  y[4] = x[1];
}

INLINE void
transform_five_gradient (const Vector *x, Vector *y)
{
  evaluate_pair (FIVE_A, add_scaled_vector (x[0], SQUARE (FIVE_A), x[2]), add_scaled_vector (x[1], SQUARE (FIVE_A), x[3]), y);
  evaluate_pair (FIVE_B, add_scaled_vector (x[0], SQUARE (FIVE_B), x[2]), add_scaled_vector (x[1], SQUARE (FIVE_B), x[3]), y + 2);
  y[4] = x[3];
}

INLINE void
transform_five_result (const Vector *x, Vector *y)
{
  const Vector sum_a = x[0] + x[1], difference_a = x[0] - x[1], sum_b = x[2] + x[3], difference_b = x[2] - x[3];

  y[0] = sum_a + sum_b;
  y[1] = combine (FIVE_A, difference_a, FIVE_B, difference_b);
  y[2] = combine (SQUARE (FIVE_A), sum_a, SQUARE (FIVE_B), sum_b);
  y[3] = add_scaled_vector (add_scaled_vector (x[4], CUBE (FIVE_B), difference_b), CUBE (FIVE_A), difference_a);
}

INLINE void
transform_five_weight (const Vector *x, Vector *y)
{
  y[0] = combine (FIVE_SCALE_A, x[0] - x[1], FIVE_SCALE_B, x[2] - x[3]);
  y[1] = combine (FIVE_SCALE_A * FIVE_A, x[0] + x[1], FIVE_SCALE_B * FIVE_B, x[2] + x[3]) + x[4];
}
