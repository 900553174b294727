/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same elements in another shape. */
#include "graph/graph-internal.h"

enum { RESHAPE, PERMUTE, BROADCAST_TO, N_OPS };

/* The attributes as a shape: dimensions that no shape can have are errors. */
static gboolean
read_dims (const GantryOpCall *call, GantryShape *shape, GError **error)
{
  if (call->n_ints > GANTRY_MAX_DIMS)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%u axes, at most %d are possible", call->n_ints, GANTRY_MAX_DIMS);
      return FALSE;
    }
  for (guint i = 0; i < call->n_ints; i++)
    if (call->ints[i] <= 0)
      {
        g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "size %" G_GINT64_FORMAT " for axis %u, at least 1 is needed",
                     call->ints[i], i);
        return FALSE;
      }
  shape->n_dims = call->n_ints;
  for (guint i = 0; i < call->n_ints; i++)
    shape->dims[i] = (gsize) call->ints[i];
  return TRUE;
}

static gboolean
infer_reshape (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;
  gsize count;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, -1, 0, error) || !read_dims (call, shape, error))
    return FALSE;
  return (gantry_shape_count (shape, &count) && count == gantry_shape_size (x)) ||
         _gantry_shapes_error (error, x, shape, "the numbers of elements differ");
}

static gboolean
infer_permute (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;
  guint seen = 0;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, (gint) x->n_dims, 0, error))
    return FALSE;
  *shape = *x;
  for (guint i = 0; i < x->n_dims; i++)
    {
      if (!_gantry_call_axis (call, call->ints[i], x->n_dims, error))
        return FALSE;
      if (seen & GANTRY_AXIS (call->ints[i]))
        return _gantry_shape_error (error, x, "axis %d is named twice", (gint) call->ints[i]);
      seen |= GANTRY_AXIS (call->ints[i]);
      shape->dims[i] = x->dims[call->ints[i]];
    }
  return TRUE;
}

static gboolean
infer_broadcast_to (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;
  GantryShape both;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, -1, 0, error) || !read_dims (call, shape, error))
    return FALSE;
  return (gantry_shape_broadcast (x, shape, &both) && gantry_shape_equal (&both, shape)) ||
         _gantry_shapes_error (error, x, shape, "the first does not broadcast to the second");
}

static GantryTensor *
permute_back (GantryTensor *dy, const GantryTensor *y)
{
  guint axes[GANTRY_MAX_DIMS];

  for (guint i = 0; i < y->n_ints; i++)
    axes[y->ints[i]] = i;
  return gantry_permute (dy, axes);
}

#define RULE(name, expression) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx) \
  { \
    dx[0] = expression; \
  }

RULE (reshape, gantry_reshape (dy, &y->inputs[0]->shape))
RULE (permute, permute_back (dy, y))
RULE (broadcast_to, gantry_sum_to (dy, &y->inputs[0]->shape))

#define ENTRY(op_name, op_flags, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 1, .flags = op_flags, .infer = shape_rule, .gradient = gradient_rule, \
    .flops = _gantry_flops_none }

static const GantryOp ops[N_OPS] = {
  [RESHAPE] = ENTRY ("reshape", GANTRY_OP_VIEW, infer_reshape, reshape_gradient),
  [PERMUTE] = ENTRY ("permute", 0, infer_permute, permute_gradient),
  [BROADCAST_TO] = ENTRY ("broadcast-to", 0, infer_broadcast_to, broadcast_to_gradient)
};

const GantryOpFamily _gantry_family_shape = { ops, N_OPS };

static GantryTensor *
apply_shape (guint op, GantryTensor *x, const GantryShape *shape)
{
  gint64 dims[GANTRY_MAX_DIMS];

  if (x != NULL && gantry_shape_equal (&x->shape, shape))
    return x;
  if (x != NULL && shape->n_dims > GANTRY_MAX_DIMS)
    return _gantry_op_fail (x, ops[op].name, GANTRY_GRAPH_ERROR_SHAPE, "%u axes, at most %d are possible", shape->n_dims, GANTRY_MAX_DIMS);
  for (guint i = 0; i < shape->n_dims; i++)
    dims[i] = (gint64) shape->dims[i];
  return gantry_apply (&ops[op], &x, 1, dims, shape->n_dims, NULL, 0);
}

/**
 * gantry_reshape:
 * @x: a tensor
 * @shape: a shape with as many elements
 *
 * Returns: (transfer none): the same elements in the same order
 */
GantryTensor *
gantry_reshape (GantryTensor *x, const GantryShape *shape)
{
  return apply_shape (RESHAPE, x, shape);
}

/**
 * gantry_flatten:
 * @x: a tensor, [batch, ...]
 *
 * Returns: (transfer none): [batch, rest]
 */
GantryTensor *
gantry_flatten (GantryTensor *x)
{
  GantryShape shape = { 2, { 1, 1 } };

  g_return_val_if_fail (x != NULL, NULL);
  if (x->shape.n_dims == 0)
    return _gantry_op_fail (x, "flatten", GANTRY_GRAPH_ERROR_SHAPE, "[]: a batch axis is needed");
  shape.dims[0] = x->shape.dims[0];
  shape.dims[1] = gantry_shape_size (&x->shape) / x->shape.dims[0];
  return gantry_reshape (x, &shape);
}

/**
 * gantry_permute:
 * @x: a tensor of any dtype
 * @axes: (array): as many axes as @x has, each once
 *
 * Returns: (transfer none): x with its axes in another order: axis i of the result is axis axes[i] of x
 */
GantryTensor *
gantry_permute (GantryTensor *x, const guint *axes)
{
  gint64 ints[GANTRY_MAX_DIMS];

  g_return_val_if_fail (x != NULL, NULL);
  for (guint i = 0; i < x->shape.n_dims; i++)
    ints[i] = axes[i];
  return gantry_apply (&ops[PERMUTE], &x, 1, ints, x->shape.n_dims, NULL, 0);
}

/**
 * gantry_transpose:
 * @x: a tensor of any dtype with at least two axes
 *
 * Returns: (transfer none): x with its last two axes exchanged
 */
GantryTensor *
gantry_transpose (GantryTensor *x)
{
  guint axes[GANTRY_MAX_DIMS];
  guint n;

  g_return_val_if_fail (x != NULL, NULL);
  n = x->shape.n_dims;
  if (n < 2)
    {
      g_autofree gchar *shape = gantry_shape_to_string (&x->shape);

      return _gantry_op_fail (x, "transpose", GANTRY_GRAPH_ERROR_SHAPE, "%s: at least two axes are needed", shape);
    }
  for (guint i = 0; i < n; i++)
    axes[i] = i;
  axes[n - 2] = n - 1;
  axes[n - 1] = n - 2;
  return gantry_permute (x, axes);
}

/**
 * gantry_broadcast_to:
 * @x: a tensor of any dtype
 * @shape: a shape that the shape of @x broadcasts to
 *
 * Returns: (transfer none): x repeated along the axes that it has not or has with size 1
 */
GantryTensor *
gantry_broadcast_to (GantryTensor *x, const GantryShape *shape)
{
  return apply_shape (BROADCAST_TO, x, shape);
}

/**
 * gantry_sum_to:
 * @x: a real tensor
 * @shape: a shape that broadcasts to that of @x
 *
 * The adjoint of [func@Gantry.broadcast_to].
 *
 * Returns: (transfer none): x summed over what broadcasting would repeat; @x itself where the shapes are equal
 */
GantryTensor *
gantry_sum_to (GantryTensor *x, const GantryShape *shape)
{
  GantryShape both;
  guint extra, leading = 0, inner = 0;

  g_return_val_if_fail (x != NULL, NULL);
  if (gantry_shape_equal (&x->shape, shape))
    return x;
  if (!gantry_shape_broadcast (shape, &x->shape, &both) || !gantry_shape_equal (&both, &x->shape))
    {
      g_autofree gchar *from = gantry_shape_to_string (&x->shape);
      g_autofree gchar *to = gantry_shape_to_string (shape);

      return _gantry_op_fail (x, "sum-to", GANTRY_GRAPH_ERROR_SHAPE, "%s and %s: the second does not broadcast to the first", from, to);
    }
  extra = x->shape.n_dims - shape->n_dims;
  for (guint i = 0; i < x->shape.n_dims; i++)
    if (i < extra)
      leading |= GANTRY_AXIS (i);
    else if (shape->dims[i - extra] == 1 && x->shape.dims[i] != 1)
      inner |= GANTRY_AXIS (i);
  if (inner == 0)
    return gantry_sum_axes (x, leading, FALSE);
  return gantry_reshape (gantry_sum_axes (x, leading | inner, TRUE), shape);
}
