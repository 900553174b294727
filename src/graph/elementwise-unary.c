/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops with one operand. */
#include "graph/graph-internal.h"
#include <math.h>

enum {
  NEG, ABS, SIGN, EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, TANH, SIGMOID, SOFTPLUS, RELU, LEAKY_RELU, SCALE, OFFSET, CAST, DETACH, N_OPS
};

static gboolean
infer_plain (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = call->inputs[0]->shape;
  *dtype = call->inputs[0]->dtype;
  return _gantry_call_expect (call, 0, 0, error) && _gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error);
}

static gboolean
infer_real (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
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

/* Gradient rules: x is the operand, y the result, dy the gradient of y; `real` is the op's attribute. */
#define RULE(name, expression) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx) \
  { \
    GantryTensor *x G_GNUC_UNUSED = y->inputs[0]; \
    gdouble real G_GNUC_UNUSED = y->n_reals > 0 ? y->reals[0] : 0; \
    dx[0] = expression; \
  }

RULE (neg, gantry_neg (dy))
RULE (abs, gantry_mul (dy, gantry_sign (x)))
RULE (exp, gantry_mul (dy, y))
RULE (log, gantry_div (dy, x))
RULE (sqrt, gantry_div (gantry_scale (dy, 0.5), y))
RULE (rsqrt, gantry_mul (gantry_scale (dy, -0.5), gantry_mul (y, gantry_square (y))))
RULE (reciprocal, gantry_neg (gantry_mul (dy, gantry_square (y))))
RULE (square, gantry_mul (gantry_scale (dy, 2), x))
RULE (tanh, gantry_mul (dy, one_minus (gantry_square (y))))
RULE (sigmoid, gantry_mul (dy, gantry_mul (y, one_minus (y))))
RULE (softplus, gantry_mul (dy, gantry_sigmoid (x)))
RULE (relu, gantry_select (gantry_greater (x, _gantry_zero (x)), dy, _gantry_zero (x)))
RULE (leaky_relu, gantry_select (gantry_greater (x, _gantry_zero (x)), dy, gantry_scale (dy, real)))
RULE (scale, gantry_scale (dy, real))
RULE (offset, dy)
RULE (cast, gantry_cast (dy, x->dtype))

#define ENTRY(op_name, op_flags, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 1, .flags = GANTRY_OP_ELEMENTWISE | (op_flags), \
    .infer = shape_rule, .gradient = gradient_rule }

static const GantryOp ops[N_OPS] = {
  [NEG] = ENTRY ("neg", 0, infer_plain, neg_gradient),
  [ABS] = ENTRY ("abs", 0, infer_plain, abs_gradient),
  [SIGN] = ENTRY ("sign", GANTRY_OP_STOPS_GRADIENT, infer_plain, NULL),
  [EXP] = ENTRY ("exp", 0, infer_plain, exp_gradient),
  [LOG] = ENTRY ("log", 0, infer_plain, log_gradient),
  [SQRT] = ENTRY ("sqrt", 0, infer_plain, sqrt_gradient),
  [RSQRT] = ENTRY ("rsqrt", 0, infer_plain, rsqrt_gradient),
  [RECIPROCAL] = ENTRY ("reciprocal", 0, infer_plain, reciprocal_gradient),
  [SQUARE] = ENTRY ("square", 0, infer_plain, square_gradient),
  [TANH] = ENTRY ("tanh", 0, infer_plain, tanh_gradient),
  [SIGMOID] = ENTRY ("sigmoid", 0, infer_plain, sigmoid_gradient),
  [SOFTPLUS] = ENTRY ("softplus", 0, infer_plain, softplus_gradient),
  [RELU] = ENTRY ("relu", 0, infer_plain, relu_gradient),
  [LEAKY_RELU] = ENTRY ("leaky-relu", 0, infer_real, leaky_relu_gradient),
  [SCALE] = ENTRY ("scale", 0, infer_real, scale_gradient),
  [OFFSET] = ENTRY ("offset", 0, infer_real, offset_gradient),
  [CAST] = ENTRY ("cast", 0, infer_cast, cast_gradient),
  [DETACH] = ENTRY ("detach", GANTRY_OP_STOPS_GRADIENT, infer_plain, NULL)
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
 * @x: a real tensor
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
 * @x: a real tensor
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
 * @x: a real tensor
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
