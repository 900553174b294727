/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reductions over sets of axes. */
#include "graph/graph-internal.h"

enum { SUM, MAX_OF, N_OPS };

static gboolean
infer_reduction (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;
  gint64 axes, known = ((gint64) 1 << x->n_dims) - 1;
  gboolean keep;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, 2, 0, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_NUMBERS, error))
    return FALSE;
  axes = call->ints[0];
  keep = call->ints[1] != 0;
  if (axes <= 0)
    return _gantry_shape_error (error, x, "no axes to reduce");
  if (axes & ~known)
    return _gantry_shape_error (error, x, "axis %d is out of range, there are %u", g_bit_nth_msf ((gulong) axes, -1), x->n_dims);
  *shape = (GantryShape) { 0, { 0 } };
  for (guint i = 0; i < x->n_dims; i++)
    if (!(axes & GANTRY_AXIS (i)))
      shape->dims[shape->n_dims++] = x->dims[i];
    else if (keep)
      shape->dims[shape->n_dims++] = 1;
  return TRUE;
}

/* @reduced, y or something of its shape, such that it broadcasts to the operand of y: with the reduced axes as size 1,
   unless they are the first ones, which broadcasting adds by itself. */
static GantryTensor *
keep_axes (GantryTensor *reduced, const GantryTensor *y)
{
  GantryShape shape = y->inputs[0]->shape;

  if ((y->ints[0] & (y->ints[0] + 1)) == 0)
    return reduced;
  for (guint i = 0; i < shape.n_dims; i++)
    if (y->ints[0] & GANTRY_AXIS (i))
      shape.dims[i] = 1;
  return gantry_reshape (reduced, &shape);
}

static void
sum_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_broadcast_to (keep_axes (dy, y), &y->inputs[0]->shape);
}

static void
max_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  GantryTensor *x = y->inputs[0];
  GantryTensor *largest = gantry_equal (x, keep_axes (y, y));
  GantryTensor *ties = gantry_sum_axes (gantry_cast (largest, x->dtype), (guint) y->ints[0], TRUE);

  dx[0] = gantry_select (largest, gantry_div (keep_axes (dy, y), ties), _gantry_zero (x));
}

#define ENTRY(op_name, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 1, .infer = infer_reduction, .gradient = gradient_rule, .flops = _gantry_flops_of_input }

static const GantryOp ops[N_OPS] = {
  [SUM] = ENTRY ("sum", sum_gradient),
  [MAX_OF] = ENTRY ("max", max_gradient)
};

const GantryOpFamily _gantry_family_reduction = { ops, N_OPS };

static GantryTensor *
reduce (guint op, GantryTensor *x, guint axes, gboolean keep)
{
  gint64 ints[] = { axes, keep != FALSE };

  /* Over no axes at all there is nothing to do. */
  if (axes == 0)
    return x;
  return gantry_apply (&ops[op], &x, 1, ints, 2, NULL, 0);
}

static guint
all_axes (const GantryTensor *x)
{
  return GANTRY_AXIS (x->shape.n_dims) - 1;
}

/**
 * gantry_sum_axes:
 * @x: a tensor of real or whole numbers
 * @axes: a set of axes, such as GANTRY_AXIS (0) | GANTRY_AXIS (2); 0 gives @x
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): sums over the axes
 */
GantryTensor *
gantry_sum_axes (GantryTensor *x, guint axes, gboolean keep)
{
  return reduce (SUM, x, axes, keep);
}

/**
 * gantry_mean_axes:
 * @x: a real tensor
 * @axes: a set of axes; 0 gives @x
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): arithmetic means over the axes
 */
GantryTensor *
gantry_mean_axes (GantryTensor *x, guint axes, gboolean keep)
{
  gdouble n = 1;

  g_return_val_if_fail (x != NULL, NULL);
  for (guint i = 0; i < x->shape.n_dims; i++)
    if (axes & GANTRY_AXIS (i))
      n *= (gdouble) x->shape.dims[i];
  return axes == 0 ? x : gantry_scale (gantry_sum_axes (x, axes, keep), 1 / n);
}

/**
 * gantry_max_axes:
 * @x: a tensor of real or whole numbers
 * @axes: a set of axes; 0 gives @x
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): the largest elements over the axes; where several are, they share the gradient equally
 */
GantryTensor *
gantry_max_axes (GantryTensor *x, guint axes, gboolean keep)
{
  return reduce (MAX_OF, x, axes, keep);
}

/**
 * gantry_sum:
 * @x: a tensor of real or whole numbers
 *
 * Returns: (transfer none): the sum of everything, []
 */
GantryTensor *
gantry_sum (GantryTensor *x)
{
  g_return_val_if_fail (x != NULL, NULL);
  return gantry_sum_axes (x, all_axes (x), FALSE);
}

/**
 * gantry_mean:
 * @x: a real tensor
 *
 * Returns: (transfer none): the arithmetic mean of everything, []
 */
GantryTensor *
gantry_mean (GantryTensor *x)
{
  g_return_val_if_fail (x != NULL, NULL);
  return gantry_mean_axes (x, all_axes (x), FALSE);
}

/**
 * gantry_sum_per_sample:
 * @x: a tensor of real or whole numbers, [batch, ...]
 *
 * Returns: (transfer none): the sum over everything but axis 0, [batch]
 */
GantryTensor *
gantry_sum_per_sample (GantryTensor *x)
{
  g_return_val_if_fail (x != NULL, NULL);
  if (x->shape.n_dims == 0)
    return _gantry_op_fail (x, "sum-per-sample", GANTRY_GRAPH_ERROR_SHAPE, "[]: a batch axis is needed");
  return gantry_sum_axes (x, all_axes (x) & ~GANTRY_AXIS (0), FALSE);
}
