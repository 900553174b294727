/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops with two operands, broadcast against each other. */
#include "graph/graph-internal.h"

enum { ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, LESS, GREATER, EQUAL, N_OPS };

static gboolean
infer_pair (const GantryOpCall *call, guint takes, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryTensor *a = call->inputs[0], *b = call->inputs[1];

  *dtype = a->dtype;
  if (!_gantry_call_expect (call, 0, 0, error) || !_gantry_call_same_dtype (call, 0, 1, error) || !_gantry_call_takes (call, 0, takes, error))
    return FALSE;
  return gantry_shape_broadcast (&a->shape, &b->shape, shape) ||
         _gantry_shapes_error (error, &a->shape, &b->shape, "they do not broadcast: aligned at the last axis, sizes must be equal or 1");
}

static gboolean
infer_numbers (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return infer_pair (call, GANTRY_OP_TAKES_NUMBERS, shape, dtype, error);
}

static gboolean
infer_real (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return infer_pair (call, GANTRY_OP_TAKES_FLOAT, shape, dtype, error);
}

static gboolean
infer_comparison (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  gboolean fits = infer_pair (call, GANTRY_OP_TAKES_NUMBERS, shape, dtype, error);

  *dtype = GANTRY_BOOL8;
  return fits;
}

/* dy where a goes before b, half of it where they are equal, 0 elsewhere. */
static GantryTensor *
share (GantryTensor *before, GantryTensor *a, GantryTensor *b, GantryTensor *dy)
{
  GantryTensor *tie = gantry_select (gantry_equal (a, b), gantry_scale (dy, 0.5), _gantry_zero (dy));

  return gantry_select (before, dy, tie);
}

/* Gradient rules: a and b are the operands, y the result, dy its gradient.  What was broadcast is summed. */
#define RULE(name, for_a, for_b) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx) \
  { \
    GantryTensor *a = y->inputs[0], *b = y->inputs[1]; \
    if (_gantry_gradient_wanted (y, 0)) \
      dx[0] = gantry_sum_to (for_a, &a->shape); \
    if (_gantry_gradient_wanted (y, 1)) \
      dx[1] = gantry_sum_to (for_b, &b->shape); \
  }

RULE (add, dy, dy)
RULE (sub, dy, gantry_neg (dy))
RULE (mul, gantry_mul (dy, b), gantry_mul (dy, a))
RULE (div, gantry_div (dy, b), gantry_neg (gantry_div (gantry_mul (dy, y), b)))
RULE (maximum, share (gantry_greater (a, b), a, b, dy), share (gantry_greater (b, a), a, b, dy))
RULE (minimum, share (gantry_less (a, b), a, b, dy), share (gantry_less (b, a), a, b, dy))

#define ENTRY(op_name, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 2, .flags = GANTRY_OP_ELEMENTWISE, .infer = shape_rule, .gradient = gradient_rule }

static const GantryOp ops[N_OPS] = {
  [ADD] = ENTRY ("add", infer_numbers, add_gradient),
  [SUB] = ENTRY ("sub", infer_numbers, sub_gradient),
  [MUL] = ENTRY ("mul", infer_numbers, mul_gradient),
  [DIV] = ENTRY ("div", infer_real, div_gradient),
  [MAXIMUM] = ENTRY ("maximum", infer_real, maximum_gradient),
  [MINIMUM] = ENTRY ("minimum", infer_real, minimum_gradient),
  [LESS] = ENTRY ("less", infer_comparison, NULL),
  [GREATER] = ENTRY ("greater", infer_comparison, NULL),
  [EQUAL] = ENTRY ("equal", infer_comparison, NULL)
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
 * @a: a real tensor
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
 * @a: a real tensor
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
 * gantry_less:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether a < b element by element, bool8
 */
GantryTensor *
gantry_less (GantryTensor *a, GantryTensor *b)
{
  return apply (LESS, a, b);
}

/**
 * gantry_greater:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether a > b element by element, bool8
 */
GantryTensor *
gantry_greater (GantryTensor *a, GantryTensor *b)
{
  return apply (GREATER, a, b);
}

/**
 * gantry_equal:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether a = b element by element, bool8
 */
GantryTensor *
gantry_equal (GantryTensor *a, GantryTensor *b)
{
  return apply (EQUAL, a, b);
}
