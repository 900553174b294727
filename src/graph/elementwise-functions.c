/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions of one real number: trigonometry, the error function, logarithms near 1, rounding. */
#include "graph/elementwise-internal.h"
#include <math.h>

enum { SIN, COS, ERF, EXPM1, LOG1P, FLOOR, CEIL, ROUND, N_OPS };

/* Derivative of erf. */
static GantryTensor *
bell (GantryTensor *x)
{
  return gantry_scale (gantry_exp (gantry_neg (gantry_square (x))), M_2_SQRTPI);
}

UNARY_RULE (sin, gantry_mul (dy, gantry_cos (x)))
UNARY_RULE (cos, gantry_neg (gantry_mul (dy, gantry_sin (x))))
UNARY_RULE (erf, gantry_mul (dy, bell (x)))
UNARY_RULE (expm1, gantry_mul (dy, gantry_exp (x)))
UNARY_RULE (log1p, gantry_div (dy, gantry_offset (x, 1)))

static const GantryOp ops[N_OPS] = {
  [SIN] = UNARY_ENTRY ("sin", 0, _gantry_infer_real, sin_gradient),
  [COS] = UNARY_ENTRY ("cos", 0, _gantry_infer_real, cos_gradient),
  [ERF] = UNARY_ENTRY ("erf", 0, _gantry_infer_real, erf_gradient),
  [EXPM1] = UNARY_ENTRY ("expm1", 0, _gantry_infer_real, expm1_gradient),
  [LOG1P] = UNARY_ENTRY ("log1p", 0, _gantry_infer_real, log1p_gradient),
  [FLOOR] = UNARY_ENTRY ("floor", GANTRY_OP_STOPS_GRADIENT, _gantry_infer_real, NULL),
  [CEIL] = UNARY_ENTRY ("ceil", GANTRY_OP_STOPS_GRADIENT, _gantry_infer_real, NULL),
  [ROUND] = UNARY_ENTRY ("round", GANTRY_OP_STOPS_GRADIENT, _gantry_infer_real, NULL)
};

const GantryOpFamily _gantry_family_functions = { ops, N_OPS };

static GantryTensor *
apply (guint op, GantryTensor *x)
{
  return gantry_apply (&ops[op], &x, 1, NULL, 0, NULL, 0);
}

/**
 * gantry_sin:
 * @x: a real tensor
 *
 * Returns: (transfer none): sine of x, in radians
 */
GantryTensor *
gantry_sin (GantryTensor *x)
{
  return apply (SIN, x);
}

/**
 * gantry_cos:
 * @x: a real tensor
 *
 * Returns: (transfer none): cosine of x, in radians
 */
GantryTensor *
gantry_cos (GantryTensor *x)
{
  return apply (COS, x);
}

/**
 * gantry_tan:
 * @x: a real tensor, not where the cosine is 0
 *
 * Returns: (transfer none): tangent of x, in radians
 */
GantryTensor *
gantry_tan (GantryTensor *x)
{
  return gantry_div (gantry_sin (x), gantry_cos (x));
}

/**
 * gantry_erf:
 * @x: a real tensor
 *
 * Returns: (transfer none): error function of x, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x
 */
GantryTensor *
gantry_erf (GantryTensor *x)
{
  return apply (ERF, x);
}

/**
 * gantry_expm1:
 * @x: a real tensor
 *
 * Returns: (transfer none): exp(x) - 1, exact near 0, too
 */
GantryTensor *
gantry_expm1 (GantryTensor *x)
{
  return apply (EXPM1, x);
}

/**
 * gantry_log1p:
 * @x: a real tensor, above -1
 *
 * Returns: (transfer none): log(1 + x), exact near 0, too
 */
GantryTensor *
gantry_log1p (GantryTensor *x)
{
  return apply (LOG1P, x);
}

/**
 * gantry_floor:
 * @x: a real tensor
 *
 * Returns: (transfer none): the largest whole number that is not above x; a constant to the gradient
 */
GantryTensor *
gantry_floor (GantryTensor *x)
{
  return apply (FLOOR, x);
}

/**
 * gantry_ceil:
 * @x: a real tensor
 *
 * Returns: (transfer none): the smallest whole number that is not below x; a constant to the gradient
 */
GantryTensor *
gantry_ceil (GantryTensor *x)
{
  return apply (CEIL, x);
}

/**
 * gantry_round:
 * @x: a real tensor
 *
 * Returns: (transfer none): the whole number nearest to x, the even one of two that are as near; a constant to the gradient
 */
GantryTensor *
gantry_round (GantryTensor *x)
{
  return apply (ROUND, x);
}
