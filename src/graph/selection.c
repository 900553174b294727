/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choice between two tensors. */
#include "graph/graph-internal.h"

static gboolean
infer_select (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryTensor *condition = call->inputs[0], *a = call->inputs[1], *b = call->inputs[2];
  GantryShape values;

  *shape = a->shape;
  *dtype = a->dtype;
  if (!_gantry_call_expect (call, 0, 0, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_BOOL, error) ||
      !_gantry_call_same_dtype (call, 1, 2, error) || !_gantry_call_takes (call, 1, GANTRY_OP_TAKES_NUMBERS, error))
    return FALSE;
  if (!gantry_shape_broadcast (&a->shape, &b->shape, &values))
    return _gantry_shapes_error (error, &a->shape, &b->shape, "the values do not broadcast: aligned at the last axis, sizes must be equal or 1");
  return gantry_shape_broadcast (&condition->shape, &values, shape) ||
         _gantry_shapes_error (error, &condition->shape, &values, "condition and values do not broadcast");
}

/* Made of selections: a product with 0 would let infinities and NaN through to the branch not taken. */
static void
select_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  GantryTensor *condition = y->inputs[0];

  if (_gantry_gradient_wanted (y, 1))
    dx[1] = gantry_sum_to (gantry_select (condition, dy, _gantry_zero (dy)), &y->inputs[1]->shape);
  if (_gantry_gradient_wanted (y, 2))
    dx[2] = gantry_sum_to (gantry_select (condition, _gantry_zero (dy), dy), &y->inputs[2]->shape);
}

static const GantryOp ops[] = {
  { .size = sizeof (GantryOp), .name = "select", .n_inputs = 3, .flags = GANTRY_OP_ELEMENTWISE, .infer = infer_select, .gradient = select_gradient }
};

const GantryOpFamily _gantry_family_selection = { ops, G_N_ELEMENTS (ops) };

/**
 * gantry_select:
 * @condition: a bool8 tensor
 * @a: a tensor of real or whole numbers
 * @b: another of the same dtype
 *
 * The three shapes broadcast against each other.  What is not chosen has no influence on the result, even where it
 * is not a number, and its gradient is exactly 0, even where the gradient of the result is not a number.
 *
 * Returns: (transfer none): a where the condition holds, b elsewhere
 */
GantryTensor *
gantry_select (GantryTensor *condition, GantryTensor *a, GantryTensor *b)
{
  GantryTensor *inputs[] = { condition, a, b };

  return gantry_apply (&ops[0], inputs, 3, NULL, 0, NULL, 0);
}
