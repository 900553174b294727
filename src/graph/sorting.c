/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Positions in the order of the elements along an axis, and what is gathered by them. */
#include "graph/graph-internal.h"

enum { ARG_MAX, ARG_MIN, ARG_SORT, N_OPS };

static gboolean
check_call (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = call->inputs[0]->shape;
  *dtype = GANTRY_INT64;
  return _gantry_call_expect (call, 2, 0, error) && _gantry_call_takes (call, 0, GANTRY_OP_TAKES_NUMBERS, error) &&
         _gantry_call_axis (call, call->ints[0], shape->n_dims, error);
}

static gboolean
infer_extremum (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  guint axis;

  if (!check_call (call, shape, dtype, error))
    return FALSE;
  axis = (guint) call->ints[0];
  shape->dims[axis] = 1;
  if (call->ints[1] != 0)
    return TRUE;
  shape->n_dims--;
  for (guint i = axis; i < shape->n_dims; i++)
    shape->dims[i] = shape->dims[i + 1];
  return TRUE;
}

static gboolean
infer_order (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return check_call (call, shape, dtype, error);
}

/* Comparisons of a sort: n log2 n. */
static gdouble
count_comparisons (const GantryTensor *y)
{
  return (gdouble) gantry_shape_size (&y->shape) * g_bit_storage (y->shape.dims[y->ints[0]] - 1);
}

#define ENTRY(op_name, shape_rule, count) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 1, .flags = GANTRY_OP_STOPS_GRADIENT, .infer = shape_rule, .flops = count }

static const GantryOp ops[N_OPS] = {
  [ARG_MAX] = ENTRY ("arg-max", infer_extremum, _gantry_flops_of_input),
  [ARG_MIN] = ENTRY ("arg-min", infer_extremum, _gantry_flops_of_input),
  [ARG_SORT] = ENTRY ("arg-sort", infer_order, count_comparisons)
};

const GantryOpFamily _gantry_family_sorting = { ops, N_OPS };

static GantryTensor *
apply (guint op, GantryTensor *x, guint axis, gboolean option)
{
  gint64 ints[] = { axis, option != FALSE };

  return gantry_apply (&ops[op], &x, 1, ints, 2, NULL, 0);
}

/**
 * gantry_arg_max:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @keep: whether the axis stays, with size 1
 *
 * Returns: (transfer none): positions of the largest elements along the axis, int64; of several the first; NaN counts as the largest
 */
GantryTensor *
gantry_arg_max (GantryTensor *x, guint axis, gboolean keep)
{
  return apply (ARG_MAX, x, axis, keep);
}

/**
 * gantry_arg_min:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @keep: whether the axis stays, with size 1
 *
 * Returns: (transfer none): positions of the smallest elements along the axis, int64; of several the first; NaN counts as the smallest
 */
GantryTensor *
gantry_arg_min (GantryTensor *x, guint axis, gboolean keep)
{
  return apply (ARG_MIN, x, axis, keep);
}

/**
 * gantry_arg_sort:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @descending: whether the largest come first
 *
 * Returns: (transfer none): positions along the axis in the order of their elements, int64; equal ones stay in their order; NaN counts as
 *   the largest
 */
GantryTensor *
gantry_arg_sort (GantryTensor *x, guint axis, gboolean descending)
{
  return apply (ARG_SORT, x, axis, descending);
}

static GantryTensor *
pick (GantryTensor *x, guint axis, GantryTensor *position, gboolean keep)
{
  GantryShape shape;
  GantryTensor *y = gantry_gather (x, axis, position);

  if (keep)
    return y;
  shape = y->shape;
  if (shape.n_dims > 0)
    shape.n_dims--;
  for (guint i = axis; i < shape.n_dims; i++)
    shape.dims[i] = shape.dims[i + 1];
  return gantry_reshape (y, &shape);
}

/**
 * gantry_max_along:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @keep: whether the axis stays, with size 1
 *
 * Returns: (transfer none): the largest elements along the axis; where several are, the first one has the whole gradient,
 *   unlike [func@Gantry.max_axes]
 */
GantryTensor *
gantry_max_along (GantryTensor *x, guint axis, gboolean keep)
{
  return pick (x, axis, gantry_arg_max (x, axis, TRUE), keep);
}

/**
 * gantry_min_along:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @keep: whether the axis stays, with size 1
 *
 * Returns: (transfer none): the smallest elements along the axis; where several are, the first one has the whole gradient,
 *   unlike [func@Gantry.min_axes]
 */
GantryTensor *
gantry_min_along (GantryTensor *x, guint axis, gboolean keep)
{
  return pick (x, axis, gantry_arg_min (x, axis, TRUE), keep);
}

/**
 * gantry_sort:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @descending: whether the largest come first
 *
 * Returns: (transfer none): the elements in order along the axis, equal ones in their order, NaN as the largest; each has its own gradient
 */
GantryTensor *
gantry_sort (GantryTensor *x, guint axis, gboolean descending)
{
  return gantry_gather (x, axis, gantry_arg_sort (x, axis, descending));
}
