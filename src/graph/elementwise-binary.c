/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops with two operands, broadcast against each other. */
#include "graph/elementwise-internal.h"
#include <math.h>

enum { ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, POW, ATAN2, N_OPS };

gboolean
_gantry_infer_pair (const GantryOpCall *call, guint takes, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryTensor *a = call->inputs[0], *b = call->inputs[1];

  *dtype = a->dtype;
  if (!_gantry_call_expect (call, 0, 0, error) || !_gantry_call_same_dtype (call, 0, 1, error) || !_gantry_call_takes (call, 0, takes, error))
    return FALSE;
  return gantry_shape_broadcast (&a->shape, &b->shape, shape) ||
         _gantry_shapes_error (error, &a->shape, &b->shape, "they do not broadcast: aligned at the last axis, sizes must be equal or 1");
}

gboolean
_gantry_infer_number_pair (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return _gantry_infer_pair (call, GANTRY_OP_TAKES_NUMBERS, shape, dtype, error);
}

gboolean
_gantry_infer_real_pair (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return _gantry_infer_pair (call, GANTRY_OP_TAKES_FLOAT, shape, dtype, error);
}

/* dy where a goes before b, half of it where they are equal, 0 elsewhere. */
static GantryTensor *
share (GantryTensor *before, GantryTensor *a, GantryTensor *b, GantryTensor *dy)
{
  GantryTensor *tie = gantry_select (gantry_equal (a, b), gantry_scale (dy, 0.5), _gantry_zero (dy));

  return gantry_select (before, dy, tie);
}

/* 0 where the exponent is, whatever the base: 0 times the infinite power -1 of 0 is none. */
static GantryTensor *
power_slope (GantryTensor *a, GantryTensor *b)
{
  GantryTensor *zero = _gantry_zero (b);

  return gantry_select (gantry_equal (b, zero), zero, gantry_mul (b, gantry_pow (a, gantry_offset (b, -1))));
}

/* The logarithm of the base, and 0 where the base is 0: the power does not depend on an exponent there. */
static GantryTensor *
log_of_base (GantryTensor *a)
{
  GantryTensor *zero = _gantry_zero (a), *none = gantry_equal (a, zero);

  return gantry_select (none, zero, gantry_log (gantry_select (none, gantry_fill (a->graph, GANTRY_SCALAR, a->dtype, 1), a)));
}

static GantryTensor *
over_square_radius (GantryTensor *x, GantryTensor *a, GantryTensor *b)
{
  return gantry_div (x, gantry_add (gantry_square (a), gantry_square (b)));
}

BINARY_RULE (add, dy, dy)
BINARY_RULE (sub, dy, gantry_neg (dy))
BINARY_RULE (mul, gantry_mul (dy, b), gantry_mul (dy, a))
BINARY_RULE (div, gantry_div (dy, b), gantry_neg (gantry_div (gantry_mul (dy, y), b)))
BINARY_RULE (maximum, share (gantry_greater (a, b), a, b, dy), share (gantry_greater (b, a), a, b, dy))
BINARY_RULE (minimum, share (gantry_less (a, b), a, b, dy), share (gantry_less (b, a), a, b, dy))
BINARY_RULE (pow, gantry_mul (dy, power_slope (a, b)), gantry_mul (dy, gantry_mul (y, log_of_base (a))))
BINARY_RULE (atan2, gantry_mul (dy, over_square_radius (b, a, b)), gantry_neg (gantry_mul (dy, over_square_radius (a, a, b))))

static const GantryOp ops[N_OPS] = {
  [ADD] = BINARY_ENTRY ("add", _gantry_infer_number_pair, add_gradient),
  [SUB] = BINARY_ENTRY ("sub", _gantry_infer_number_pair, sub_gradient),
  [MUL] = BINARY_ENTRY ("mul", _gantry_infer_number_pair, mul_gradient),
  [DIV] = BINARY_ENTRY ("div", _gantry_infer_real_pair, div_gradient),
  [MAXIMUM] = BINARY_ENTRY ("maximum", _gantry_infer_number_pair, maximum_gradient),
  [MINIMUM] = BINARY_ENTRY ("minimum", _gantry_infer_number_pair, minimum_gradient),
  [POW] = BINARY_ENTRY ("pow", _gantry_infer_real_pair, pow_gradient),
  [ATAN2] = BINARY_ENTRY ("atan2", _gantry_infer_real_pair, atan2_gradient)
};

const GantryOpFamily _gantry_family_binary = { ops, N_OPS };

static GantryTensor *
apply (guint op, GantryTensor *a, GantryTensor *b)
{
  GantryTensor *inputs[] = { a, b };

  return gantry_apply (&ops[op], inputs, 2, NULL, 0, NULL, 0);
}

/**
 * gantry_add:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): a + b, of the broadcast shape
 */
GantryTensor *
gantry_add (GantryTensor *a, GantryTensor *b)
{
  return apply (ADD, a, b);
}

/**
 * gantry_sub:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): a - b, of the broadcast shape
 */
GantryTensor *
gantry_sub (GantryTensor *a, GantryTensor *b)
{
  return apply (SUB, a, b);
}

/**
 * gantry_mul:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): a times b element by element, of the broadcast shape
 */
GantryTensor *
gantry_mul (GantryTensor *a, GantryTensor *b)
{
  return apply (MUL, a, b);
}

/**
 * gantry_div:
 * @a: a real tensor
 * @b: another of the same dtype, of a shape that broadcasts with that of @a, not 0
 *
 * Returns: (transfer none): a / b element by element, of the broadcast shape
 */
GantryTensor *
gantry_div (GantryTensor *a, GantryTensor *b)
{
  return apply (DIV, a, b);
}

/**
 * gantry_maximum:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): the larger one element by element; where they are equal each has half of the gradient
 */
GantryTensor *
gantry_maximum (GantryTensor *a, GantryTensor *b)
{
  return apply (MAXIMUM, a, b);
}

/**
 * gantry_minimum:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): the smaller one element by element; where they are equal each has half of the gradient
 */
GantryTensor *
gantry_minimum (GantryTensor *a, GantryTensor *b)
{
  return apply (MINIMUM, a, b);
}

/**
 * gantry_pow:
 * @a: a real tensor: positive, or 0 with exponents that are not negative, or anything with whole exponents
 * @b: exponents of the same dtype, of a shape that broadcasts with that of @a
 *
 * The derivative in @a is 0 where @b is 0, that in @b is 0 where @a is 0.
 *
 * Returns: (transfer none): a to the power of b element by element, of the broadcast shape
 */
GantryTensor *
gantry_pow (GantryTensor *a, GantryTensor *b)
{
  return apply (POW, a, b);
}

/**
 * gantry_power:
 * @x: a real tensor; what it may be depends on the exponent as in [func@Gantry.pow]
 * @exponent: finite
 *
 * Returns: (transfer none): x to the power of a number
 */
GantryTensor *
gantry_power (GantryTensor *x, gdouble exponent)
{
  g_return_val_if_fail (x != NULL, NULL);
  if (!isfinite (exponent))
    return _gantry_op_fail (x, "power", GANTRY_GRAPH_ERROR_ARGUMENT, "%g, a finite number is needed", exponent);
  if (x->poisoned || !gantry_dtype_is_float (x->dtype))
    return gantry_pow (x, x);
  return gantry_pow (x, gantry_fill (x->graph, GANTRY_SCALAR, x->dtype, exponent));
}

/**
 * gantry_atan2:
 * @a: a real tensor
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): the angle from the first axis to the point (b, a), from -pi to pi, of the broadcast shape
 */
GantryTensor *
gantry_atan2 (GantryTensor *a, GantryTensor *b)
{
  return apply (ATAN2, a, b);
}
