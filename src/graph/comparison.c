/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops that give truth values: comparisons of numbers, and what is made of truth values.  None has a gradient. */
#include "graph/elementwise-internal.h"

enum { LESS, GREATER, EQUAL, LESS_EQUAL, GREATER_EQUAL, NOT_EQUAL, AND, OR, NOT, N_OPS };

static gboolean
infer_comparison (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  gboolean fits = _gantry_infer_pair (call, GANTRY_OP_TAKES_NUMBERS, shape, dtype, error);

  *dtype = GANTRY_BOOL8;
  return fits;
}

static gboolean
infer_logic (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return _gantry_infer_pair (call, GANTRY_OP_TAKES_BOOL, shape, dtype, error);
}

static gboolean
infer_not (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = call->inputs[0]->shape;
  *dtype = GANTRY_BOOL8;
  return _gantry_call_expect (call, 0, 0, error) && _gantry_call_takes (call, 0, GANTRY_OP_TAKES_BOOL, error);
}

static const GantryOp ops[N_OPS] = {
  [LESS] = BINARY_ENTRY ("less", infer_comparison, NULL),
  [GREATER] = BINARY_ENTRY ("greater", infer_comparison, NULL),
  [EQUAL] = BINARY_ENTRY ("equal", infer_comparison, NULL),
  [LESS_EQUAL] = BINARY_ENTRY ("less-equal", infer_comparison, NULL),
  [GREATER_EQUAL] = BINARY_ENTRY ("greater-equal", infer_comparison, NULL),
  [NOT_EQUAL] = BINARY_ENTRY ("not-equal", infer_comparison, NULL),
  [AND] = BINARY_ENTRY ("logical-and", infer_logic, NULL),
  [OR] = BINARY_ENTRY ("logical-or", infer_logic, NULL),
  [NOT] = UNARY_ENTRY ("logical-not", 0, infer_not, NULL)
};

const GantryOpFamily _gantry_family_comparison = { ops, N_OPS };

static GantryTensor *
apply (guint op, GantryTensor *a, GantryTensor *b)
{
  GantryTensor *inputs[] = { a, b };

  return gantry_apply (&ops[op], inputs, 2, NULL, 0, NULL, 0);
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

/**
 * gantry_less_equal:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether a <= b element by element, bool8
 */
GantryTensor *
gantry_less_equal (GantryTensor *a, GantryTensor *b)
{
  return apply (LESS_EQUAL, a, b);
}

/**
 * gantry_greater_equal:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether a >= b element by element, bool8
 */
GantryTensor *
gantry_greater_equal (GantryTensor *a, GantryTensor *b)
{
  return apply (GREATER_EQUAL, a, b);
}

/**
 * gantry_not_equal:
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether a and b differ element by element, bool8; NaN differs from everything, itself included
 */
GantryTensor *
gantry_not_equal (GantryTensor *a, GantryTensor *b)
{
  return apply (NOT_EQUAL, a, b);
}

/**
 * gantry_logical_and:
 * @a: a bool8 tensor
 * @b: another, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether both are true element by element, bool8
 */
GantryTensor *
gantry_logical_and (GantryTensor *a, GantryTensor *b)
{
  return apply (AND, a, b);
}

/**
 * gantry_logical_or:
 * @a: a bool8 tensor
 * @b: another, of a shape that broadcasts with that of @a
 *
 * Returns: (transfer none): whether one of them is true, or both element by element, bool8
 */
GantryTensor *
gantry_logical_or (GantryTensor *a, GantryTensor *b)
{
  return apply (OR, a, b);
}

/**
 * gantry_logical_not:
 * @x: a bool8 tensor
 *
 * Returns: (transfer none): whether x is false element by element, bool8
 */
GantryTensor *
gantry_logical_not (GantryTensor *x)
{
  return gantry_apply (&ops[NOT], &x, 1, NULL, 0, NULL, 0);
}
