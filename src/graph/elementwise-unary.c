/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops with one operand. */
#include "graph/elementwise-internal.h"
#include <math.h>

enum {
  NEG, ABS, SIGN, EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, TANH, SIGMOID, SOFTPLUS, RELU, LEAKY_RELU, SCALE, OFFSET, CAST, DETACH, N_OPS
};

static gboolean
infer_takes (const GantryOpCall *call, guint takes, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = call->inputs[0]->shape;
  *dtype = call->inputs[0]->dtype;
  return _gantry_call_expect (call, 0, 0, error) && _gantry_call_takes (call, 0, takes, error);
}

gboolean
_gantry_infer_real (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return infer_takes (call, GANTRY_OP_TAKES_FLOAT, shape, dtype, error);
}

gboolean
_gantry_infer_numbers (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return infer_takes (call, GANTRY_OP_TAKES_NUMBERS, shape, dtype, error);
}

gboolean
_gantry_infer_real_attribute (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = call->inputs[0]->shape;
  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, 0, 1, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error))
    return FALSE;
  if (isfinite (call->reals[0]))
    return TRUE;
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%g, a finite number is needed", call->reals[0]);
  return FALSE;
}

static gboolean
infer_cast (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = call->inputs[0]->shape;
  if (!_gantry_call_expect (call, 1, 0, error))
    return FALSE;
  if (call->ints[0] != GANTRY_FLOAT32 && call->ints[0] != GANTRY_FLOAT64 && call->ints[0] != GANTRY_INT64)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE,
                   "to %s, float32, float64 or int64 is needed: truth values come from comparisons", gantry_dtype_name ((GantryDType) call->ints[0]));
      return FALSE;
    }
  *dtype = (GantryDType) call->ints[0];
  return TRUE;
}

static GantryTensor *
one_minus (GantryTensor *x)
{
  return gantry_offset (gantry_neg (x), 1);
}

UNARY_RULE (neg, gantry_neg (dy))
UNARY_RULE (abs, gantry_mul (dy, gantry_sign (x)))
UNARY_RULE (exp, gantry_mul (dy, y))
UNARY_RULE (log, gantry_div (dy, x))
UNARY_RULE (sqrt, gantry_div (gantry_scale (dy, 0.5), y))
UNARY_RULE (rsqrt, gantry_mul (gantry_scale (dy, -0.5), gantry_mul (y, gantry_square (y))))
UNARY_RULE (reciprocal, gantry_neg (gantry_mul (dy, gantry_square (y))))
UNARY_RULE (square, gantry_mul (gantry_scale (dy, 2), x))
UNARY_RULE (tanh, gantry_mul (dy, one_minus (gantry_square (y))))
UNARY_RULE (sigmoid, gantry_mul (dy, gantry_mul (y, one_minus (y))))
UNARY_RULE (softplus, gantry_mul (dy, gantry_sigmoid (x)))
UNARY_RULE (relu, gantry_select (gantry_greater (x, _gantry_zero (x)), dy, _gantry_zero (x)))
UNARY_RULE (leaky_relu, gantry_select (gantry_greater (x, _gantry_zero (x)), dy, gantry_scale (dy, real)))
UNARY_RULE (scale, gantry_scale (dy, real))
UNARY_RULE (offset, dy)
UNARY_RULE (cast, gantry_cast (dy, x->dtype))

static const GantryOp ops[N_OPS] = {
  [NEG] = UNARY_ENTRY ("neg", 0, _gantry_infer_numbers, neg_gradient),
  [ABS] = UNARY_ENTRY ("abs", 0, _gantry_infer_numbers, abs_gradient),
  [SIGN] = UNARY_ENTRY ("sign", GANTRY_OP_STOPS_GRADIENT, _gantry_infer_numbers, NULL),
  [EXP] = UNARY_ENTRY ("exp", 0, _gantry_infer_real, exp_gradient),
  [LOG] = UNARY_ENTRY ("log", 0, _gantry_infer_real, log_gradient),
  [SQRT] = UNARY_ENTRY ("sqrt", 0, _gantry_infer_real, sqrt_gradient),
  [RSQRT] = UNARY_ENTRY ("rsqrt", 0, _gantry_infer_real, rsqrt_gradient),
  [RECIPROCAL] = UNARY_ENTRY ("reciprocal", 0, _gantry_infer_real, reciprocal_gradient),
  [SQUARE] = UNARY_ENTRY ("square", 0, _gantry_infer_real, square_gradient),
  [TANH] = UNARY_ENTRY ("tanh", 0, _gantry_infer_real, tanh_gradient),
  [SIGMOID] = UNARY_ENTRY ("sigmoid", 0, _gantry_infer_real, sigmoid_gradient),
  [SOFTPLUS] = UNARY_ENTRY ("softplus", 0, _gantry_infer_real, softplus_gradient),
  [RELU] = UNARY_ENTRY ("relu", 0, _gantry_infer_real, relu_gradient),
  [LEAKY_RELU] = UNARY_ENTRY ("leaky-relu", 0, _gantry_infer_real_attribute, leaky_relu_gradient),
  [SCALE] = UNARY_ENTRY ("scale", 0, _gantry_infer_real_attribute, scale_gradient),
  [OFFSET] = UNARY_ENTRY ("offset", 0, _gantry_infer_real_attribute, offset_gradient),
  [CAST] = FREE_ENTRY ("cast", 0, infer_cast, cast_gradient),
  [DETACH] = FREE_ENTRY ("detach", GANTRY_OP_STOPS_GRADIENT, _gantry_infer_real, NULL)
};

const GantryOpFamily _gantry_family_unary = { ops, N_OPS };

static GantryTensor *
apply (guint op, GantryTensor *x)
{
  return gantry_apply (&ops[op], &x, 1, NULL, 0, NULL, 0);
}

static GantryTensor *
apply_real (guint op, GantryTensor *x, gdouble real)
{
  return gantry_apply (&ops[op], &x, 1, NULL, 0, &real, 1);
}

/**
 * gantry_neg:
 * @x: a tensor of real or whole numbers
 *
 * Returns: (transfer none): -x
 */
GantryTensor *
gantry_neg (GantryTensor *x)
{
  return apply (NEG, x);
}

/**
 * gantry_abs:
 * @x: a tensor of real or whole numbers
 *
 * Returns: (transfer none): |x|; its derivative at 0 is 0
 */
GantryTensor *
gantry_abs (GantryTensor *x)
{
  return apply (ABS, x);
}

/**
 * gantry_sign:
 * @x: a tensor of real or whole numbers
 *
 * Returns: (transfer none): -1, 0 or 1; a constant to the gradient
 */
GantryTensor *
gantry_sign (GantryTensor *x)
{
  return apply (SIGN, x);
}

/**
 * gantry_exp:
 * @x: a real tensor
 *
 * Returns: (transfer none): e to the power of x
 */
GantryTensor *
gantry_exp (GantryTensor *x)
{
  return apply (EXP, x);
}

/**
 * gantry_log:
 * @x: a real tensor, positive
 *
 * Returns: (transfer none): natural logarithm of x
 */
GantryTensor *
gantry_log (GantryTensor *x)
{
  return apply (LOG, x);
}

/**
 * gantry_sqrt:
 * @x: a real tensor, not negative
 *
 * Returns: (transfer none): square root of x
 */
GantryTensor *
gantry_sqrt (GantryTensor *x)
{
  return apply (SQRT, x);
}

/**
 * gantry_rsqrt:
 * @x: a real tensor, positive
 *
 * Returns: (transfer none): 1 / sqrt(x)
 */
GantryTensor *
gantry_rsqrt (GantryTensor *x)
{
  return apply (RSQRT, x);
}

/**
 * gantry_reciprocal:
 * @x: a real tensor, not 0
 *
 * Returns: (transfer none): 1 / x
 */
GantryTensor *
gantry_reciprocal (GantryTensor *x)
{
  return apply (RECIPROCAL, x);
}

/**
 * gantry_square:
 * @x: a real tensor
 *
 * Returns: (transfer none): x times x
 */
GantryTensor *
gantry_square (GantryTensor *x)
{
  return apply (SQUARE, x);
}

/**
 * gantry_tanh:
 * @x: a real tensor
 *
 * Returns: (transfer none): hyperbolic tangent of x
 */
GantryTensor *
gantry_tanh (GantryTensor *x)
{
  return apply (TANH, x);
}

/**
 * gantry_sigmoid:
 * @x: a real tensor
 *
 * Returns: (transfer none): 1 / (1 + exp(-x)), without overflow for any x
 */
GantryTensor *
gantry_sigmoid (GantryTensor *x)
{
  return apply (SIGMOID, x);
}

/**
 * gantry_softplus:
 * @x: a real tensor
 *
 * Returns: (transfer none): log(1 + exp(x)), without overflow for any x
 */
GantryTensor *
gantry_softplus (GantryTensor *x)
{
  return apply (SOFTPLUS, x);
}

/**
 * gantry_relu:
 * @x: a real tensor
 *
 * Returns: (transfer none): max(x, 0); its derivative at 0 is 0
 */
GantryTensor *
gantry_relu (GantryTensor *x)
{
  return apply (RELU, x);
}

/**
 * gantry_leaky_relu:
 * @x: a real tensor
 * @slope: finite
 *
 * Returns: (transfer none): x where it is positive, @slope times x elsewhere; its derivative at 0 is @slope
 */
GantryTensor *
gantry_leaky_relu (GantryTensor *x, gdouble slope)
{
  return apply_real (LEAKY_RELU, x, slope);
}

/**
 * gantry_scale:
 * @x: a real tensor
 * @factor: finite
 *
 * Returns: (transfer none): @factor times x
 */
GantryTensor *
gantry_scale (GantryTensor *x, gdouble factor)
{
  return apply_real (SCALE, x, factor);
}

/**
 * gantry_offset:
 * @x: a real tensor
 * @addend: finite
 *
 * Returns: (transfer none): x plus @addend
 */
GantryTensor *
gantry_offset (GantryTensor *x, gdouble addend)
{
  return apply_real (OFFSET, x, addend);
}

/**
 * gantry_cast:
 * @x: a tensor of any dtype
 * @dtype: float32, float64 or int64; to int64 it rounds towards 0
 *
 * Returns: (transfer none): x in another dtype, @x itself where it has it already; the gradient passes between real dtypes
 */
GantryTensor *
gantry_cast (GantryTensor *x, GantryDType dtype)
{
  gint64 to = dtype;

  if (x != NULL && x->dtype == dtype)
    return x;
  return gantry_apply (&ops[CAST], &x, 1, &to, 1, NULL, 0);
}

/**
 * gantry_detach:
 * @x: a real tensor
 *
 * Returns: (transfer none): x, a constant to the gradient
 */
GantryTensor *
gantry_detach (GantryTensor *x)
{
  return apply (DETACH, x);
}
