/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of a tensor, and tensors put together. */
#include "graph/graph-internal.h"

enum { SLICE, PAD, CONCAT, N_OPS };

static gboolean
infer_slice (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;
  gint64 axis, start, length, size;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, 3, 0, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_NUMBERS, error) ||
      !_gantry_call_axis (call, call->ints[0], x->n_dims, error))
    return FALSE;
  axis = call->ints[0];
  start = call->ints[1];
  length = call->ints[2];
  size = (gint64) x->dims[axis];
  if (start < 0 || length < 1 || length > size || start > size - length)
    return _gantry_shape_error (error, x, "%" G_GINT64_FORMAT " elements from %" G_GINT64_FORMAT " are not within axis %" G_GINT64_FORMAT,
                                length, start, axis);
  *shape = *x;
  shape->dims[axis] = (gsize) length;
  return TRUE;
}

static gboolean
infer_pad (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;
  gint64 axis, before, after, size;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, 3, 0, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error) ||
      !_gantry_call_axis (call, call->ints[0], x->n_dims, error))
    return FALSE;
  axis = call->ints[0];
  before = call->ints[1];
  after = call->ints[2];
  if (before < 0 || after < 0 || __builtin_add_overflow ((gint64) x->dims[axis], before, &size) || __builtin_add_overflow (size, after, &size))
    return _gantry_shape_error (error, x, "padding by %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT ", small numbers from 0 are needed", before, after);
  *shape = *x;
  shape->dims[axis] = (gsize) size;
  return TRUE;
}

static gboolean
fits_beside (const GantryShape *a, const GantryShape *b, gint64 axis)
{
  if (a->n_dims != b->n_dims)
    return FALSE;
  for (guint i = 0; i < a->n_dims; i++)
    if (i != axis && a->dims[i] != b->dims[i])
      return FALSE;
  return TRUE;
}

static gboolean
infer_concat (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *first = &call->inputs[0]->shape;
  GantryShape sum = *first;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, 1, 0, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_NUMBERS, error) ||
      !_gantry_call_axis (call, call->ints[0], first->n_dims, error))
    return FALSE;
  for (guint i = 1; i < call->n_inputs; i++)
    {
      const GantryShape *x = &call->inputs[i]->shape;

      if (!_gantry_call_same_dtype (call, 0, i, error))
        return FALSE;
      if (!fits_beside (first, x, call->ints[0]))
        return _gantry_shapes_error (error, first, x, "they differ in more than axis %" G_GINT64_FORMAT, call->ints[0]);
      if (!g_size_checked_add (&sum.dims[call->ints[0]], sum.dims[call->ints[0]], x->dims[call->ints[0]]))
        return _gantry_shapes_error (error, first, x, "together they are too large");
    }
  *shape = sum;
  return TRUE;
}

static void
slice_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  gsize size = y->inputs[0]->shape.dims[y->ints[0]];
  gsize start = (gsize) y->ints[1], length = (gsize) y->ints[2];

  dx[0] = gantry_pad (dy, (guint) y->ints[0], start, size - start - length);
}

static void
pad_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_slice (dy, (guint) y->ints[0], (gsize) y->ints[1], y->inputs[0]->shape.dims[y->ints[0]]);
}

static void
concat_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  guint axis = (guint) y->ints[0];
  gsize start = 0;

  for (guint i = 0; i < y->n_inputs; i++)
    {
      gsize length = y->inputs[i]->shape.dims[axis];

      if (_gantry_gradient_wanted (y, i))
        dx[i] = gantry_slice (dy, axis, start, length);
      start += length;
    }
}

#define ENTRY(op_name, inputs, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = inputs, .infer = shape_rule, .gradient = gradient_rule, .flops = _gantry_flops_none }

static const GantryOp ops[N_OPS] = {
  [SLICE] = ENTRY ("slice", 1, infer_slice, slice_gradient),
  [PAD] = ENTRY ("pad", 1, infer_pad, pad_gradient),
  [CONCAT] = ENTRY ("concat", -1, infer_concat, concat_gradient)
};

const GantryOpFamily _gantry_family_slicing = { ops, N_OPS };

static GantryTensor *
apply_three (guint op, GantryTensor *x, guint axis, gsize first, gsize second)
{
  gint64 ints[] = { axis, first > G_MAXINT64 ? -1 : (gint64) first, second > G_MAXINT64 ? -1 : (gint64) second };

  return gantry_apply (&ops[op], &x, 1, ints, 3, NULL, 0);
}

/**
 * gantry_slice:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @start: the first element kept
 * @length: how many are kept, at least 1
 *
 * Returns: (transfer none): the part of x along the axis; @x itself where that is all
 */
GantryTensor *
gantry_slice (GantryTensor *x, guint axis, gsize start, gsize length)
{
  if (x != NULL && axis < x->shape.n_dims && start == 0 && length == x->shape.dims[axis])
    return x;
  return apply_three (SLICE, x, axis, start, length);
}

/**
 * gantry_pad:
 * @x: a real tensor
 * @axis: an axis
 * @before: how many zeros in front
 * @after: how many zeros behind
 *
 * Returns: (transfer none): x with zeros around it along the axis; @x itself where there are none
 */
GantryTensor *
gantry_pad (GantryTensor *x, guint axis, gsize before, gsize after)
{
  if (x != NULL && axis < x->shape.n_dims && before == 0 && after == 0)
    return x;
  return apply_three (PAD, x, axis, before, after);
}

/**
 * gantry_concat:
 * @xs: (array length=n): tensors of one dtype, whole or real numbers, whose shapes are equal but for one axis
 * @n: how many, at least 1
 * @axis: that axis
 *
 * Returns: (transfer none): the tensors one behind the other along the axis; the tensor itself where it is one
 */
GantryTensor *
gantry_concat (GantryTensor *const *xs, guint n, guint axis)
{
  gint64 ints[] = { axis };

  if (n == 1 && xs[0] != NULL && axis < xs[0]->shape.n_dims)
    return xs[0];
  return gantry_apply (&ops[CONCAT], xs, n, ints, 1, NULL, 0);
}
