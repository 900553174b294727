/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops broadcast by themselves: no operand is made larger than it has to be. */
#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)
#define MAX_OPERANDS 4

static gboolean
shapes_make (GantryTensor *const *operands, guint n, const GantryShape *expected)
{
  GantryShape shape = *gantry_tensor_get_shape (operands[0]);

  for (guint i = 1; i < n; i++)
    if (!gantry_shape_broadcast (&shape, gantry_tensor_get_shape (operands[i]), &shape))
      return FALSE;
  return gantry_shape_equal (&shape, expected);
}

/* The smallest tensor that broadcasts to the same values, or NULL. */
static GantryTensor *
shrink (GantrySimplifier *simplifier, GantryTensor *x)
{
  gdouble value;

  if (_gantry_tensor_is (x, "broadcast-to"))
    return INPUT (x, 0);
  if (gantry_tensor_get_n_dims (x) > 0 && _gantry_tensor_is_fill (x, &value))
    return _gantry_reduce (simplifier, gantry_fill (gantry_tensor_get_graph (x), GANTRY_SCALAR, gantry_tensor_get_dtype (x), value));
  return NULL;
}

static GantryTensor *
apply_again (GantryTensor *y, GantryTensor *const *inputs)
{
  guint n_ints, n_reals;
  const gint64 *ints = gantry_tensor_get_ints (y, &n_ints);
  const gdouble *reals = gantry_tensor_get_reals (y, &n_reals);

  return gantry_apply (gantry_tensor_get_op (y), inputs, gantry_tensor_get_n_inputs (y), ints, n_ints, reals, n_reals);
}

static GantryTensor *
rewrite_operands (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *operands[MAX_OPERANDS];
  guint n = gantry_tensor_get_n_inputs (y);
  gboolean changed = FALSE;

  for (guint i = 0; i < n; i++)
    operands[i] = INPUT (y, i);
  for (guint i = 0; i < n; i++)
    {
      GantryTensor *former = operands[i], *smaller = shrink (simplifier, former);

      if (smaller == NULL)
        continue;
      operands[i] = smaller;
      if (shapes_make (operands, n, gantry_tensor_get_shape (y)))
        changed = TRUE;
      else
        operands[i] = former;
    }
  return changed ? _gantry_reduce (simplifier, apply_again (y, operands)) : NULL;
}

/* f (broadcast (x)) = broadcast (f (x)). */
static GantryTensor *
rewrite_unary (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);
  GantryTensor *source;

  if (!_gantry_tensor_is (x, "broadcast-to"))
    return NULL;
  source = INPUT (x, 0);
  return _gantry_reduce (simplifier, gantry_broadcast_to (_gantry_reduce (simplifier, apply_again (y, &source)), gantry_tensor_get_shape (y)));
}

GantryTensor *
_gantry_rewrite_broadcast (GantrySimplifier *simplifier, GantryTensor *y)
{
  guint n = gantry_tensor_get_n_inputs (y);

  const GantryOp *op = gantry_tensor_get_op (y);

  /* The shape rule of a plugin's op may want what it was given. */
  if ((op->flags & GANTRY_OP_ELEMENTWISE) == 0 || n == 0 || n > MAX_OPERANDS || gantry_op_find (op->name) != op)
    return NULL;
  return n == 1 ? rewrite_unary (simplifier, y) : rewrite_operands (simplifier, y);
}
