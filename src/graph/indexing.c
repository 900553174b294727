/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements and rows that an int64 tensor names.  Each pair is adjoint: gather and scatter-add, index-select and index-add. */
#include "graph/graph-internal.h"

enum { GATHER, SCATTER_ADD, INDEX_SELECT, INDEX_ADD, N_OPS };

static gboolean
check_call (const GantryOpCall *call, gint n_ints, guint takes, GError **error)
{
  return _gantry_call_expect (call, n_ints, 0, error) && _gantry_call_takes (call, 0, takes, error) &&
         _gantry_call_takes (call, 1, GANTRY_OP_TAKES_INT, error);
}

static gboolean
check_size (const GantryOpCall *call, GError **error)
{
  return call->ints[1] >= 1 || _gantry_shape_error (error, &call->inputs[0]->shape, "size %" G_GINT64_FORMAT " for axis %" G_GINT64_FORMAT
                                                    ", at least 1 is needed", call->ints[1], call->ints[0]);
}

static gboolean
infer_gather (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape, *index = &call->inputs[1]->shape;
  gboolean fits = x->n_dims == index->n_dims;

  *shape = *index;
  *dtype = call->inputs[0]->dtype;
  if (!check_call (call, 1, GANTRY_OP_TAKES_ANY, error) || !_gantry_call_axis (call, call->ints[0], x->n_dims, error))
    return FALSE;
  for (guint i = 0; i < x->n_dims && fits; i++)
    fits = i == call->ints[0] || x->dims[i] == index->dims[i];
  return fits || _gantry_shapes_error (error, x, index, "tensor and index differ in more than axis %" G_GINT64_FORMAT, call->ints[0]);
}

static gboolean
infer_scatter_add (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape, *index = &call->inputs[1]->shape;

  *shape = *x;
  *dtype = call->inputs[0]->dtype;
  if (!check_call (call, 2, GANTRY_OP_TAKES_FLOAT, error) || !_gantry_call_axis (call, call->ints[0], x->n_dims, error) || !check_size (call, error))
    return FALSE;
  shape->dims[call->ints[0]] = (gsize) call->ints[1];
  return gantry_shape_equal (x, index) || _gantry_shapes_error (error, x, index, "tensor and index differ");
}

/* @outer with its @n axes from @axis on replaced by those of @inner. */
static gboolean
replace_axes (const GantryShape *outer, guint axis, guint n, const GantryShape *inner, GantryShape *result)
{
  guint n_dims = outer->n_dims - n + inner->n_dims;

  if (n_dims > GANTRY_MAX_DIMS)
    return FALSE;
  *result = *outer;
  result->n_dims = n_dims;
  for (guint i = 0; i < inner->n_dims; i++)
    result->dims[axis + i] = inner->dims[i];
  for (guint i = axis + n; i < outer->n_dims; i++)
    result->dims[i - n + inner->n_dims] = outer->dims[i];
  return TRUE;
}

static gboolean
infer_index_select (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape, *index = &call->inputs[1]->shape;

  *shape = *x;
  *dtype = call->inputs[0]->dtype;
  if (!check_call (call, 1, GANTRY_OP_TAKES_ANY, error) || !_gantry_call_axis (call, call->ints[0], x->n_dims, error))
    return FALSE;
  return replace_axes (x, (guint) call->ints[0], 1, index, shape) ||
         _gantry_shapes_error (error, x, index, "the result would have more than %d axes", GANTRY_MAX_DIMS);
}

static gboolean
infer_index_add (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape, *index = &call->inputs[1]->shape;
  GantryShape row = { 1, { 1 } };
  gboolean fits;

  *shape = *x;
  *dtype = call->inputs[0]->dtype;
  if (!check_call (call, 2, GANTRY_OP_TAKES_FLOAT, error) || !check_size (call, error))
    return FALSE;
  fits = call->ints[0] >= 0 && call->ints[0] + index->n_dims <= x->n_dims;
  for (guint i = 0; i < index->n_dims && fits; i++)
    fits = x->dims[call->ints[0] + i] == index->dims[i];
  if (!fits)
    return _gantry_shapes_error (error, x, index, "from axis %" G_GINT64_FORMAT " on the tensor has not the index's sizes", call->ints[0]);
  row.dims[0] = (gsize) call->ints[1];
  return replace_axes (x, (guint) call->ints[0], index->n_dims, &row, shape) ||
         _gantry_shapes_error (error, x, index, "the result would have more than %d axes", GANTRY_MAX_DIMS);
}

#define RULE(name, expression) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx) \
  { \
    GantryTensor *x = y->inputs[0], *index = y->inputs[1]; \
    guint axis = (guint) y->ints[0]; \
    dx[0] = expression; \
  }
#define SIZE (x->shape.dims[axis])

RULE (gather, gantry_scatter_add (dy, axis, index, SIZE))
RULE (scatter_add, ((void) x, gantry_gather (dy, axis, index)))
RULE (index_select, gantry_index_add (dy, axis, index, SIZE))
RULE (index_add, ((void) x, gantry_index_select (dy, axis, index)))

#define ENTRY(op_name, rule, count) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 2, .infer = infer_##rule, .gradient = rule##_gradient, .flops = count }

static const GantryOp ops[N_OPS] = {
  [GATHER] = ENTRY ("gather", gather, _gantry_flops_none),
  [SCATTER_ADD] = ENTRY ("scatter-add", scatter_add, _gantry_flops_of_input),
  [INDEX_SELECT] = ENTRY ("index-select", index_select, _gantry_flops_none),
  [INDEX_ADD] = ENTRY ("index-add", index_add, _gantry_flops_of_input)
};

const GantryOpFamily _gantry_family_indexing = { ops, N_OPS };

static GantryTensor *
apply (guint op, GantryTensor *x, GantryTensor *index, guint axis, gsize size, guint n_ints)
{
  GantryTensor *inputs[] = { x, index };
  gint64 ints[] = { axis, size > G_MAXINT64 ? 0 : (gint64) size };

  return gantry_apply (&ops[op], inputs, 2, ints, n_ints, NULL, 0);
}

/**
 * gantry_gather:
 * @x: a tensor of any dtype
 * @axis: an axis
 * @index: an int64 tensor whose shape is that of @x but for the axis
 *
 * Element (i, j, k) of the result is x[i, index[i, j, k], k] where the axis is 1.  An index outside of the axis is no error, as
 * kernels cannot fail: NaN is read there, of int64 its smallest value, of bool8 0.
 *
 * Returns: (transfer none): a tensor of the shape of @index
 */
GantryTensor *
gantry_gather (GantryTensor *x, guint axis, GantryTensor *index)
{
  return apply (GATHER, x, index, axis, 0, 1);
}

/**
 * gantry_scatter_add:
 * @x: a real tensor
 * @axis: an axis
 * @index: an int64 tensor of the shape of @x
 * @size: size of the result along the axis, at least 1
 *
 * The adjoint of [func@Gantry.gather]: each element is added to that which its index names, in the order of the index, to zeros.
 * An index outside of the axis is no error: its element is added nowhere, and the gradient there is NaN.
 *
 * Returns: (transfer none): the shape of @x but for the axis, which has @size
 */
GantryTensor *
gantry_scatter_add (GantryTensor *x, guint axis, GantryTensor *index, gsize size)
{
  return apply (SCATTER_ADD, x, index, axis, size, 2);
}

/**
 * gantry_index_select:
 * @x: a tensor of any dtype, [before, n, after]
 * @axis: the axis of n; before and after stand for any axes
 * @index: an int64 tensor of any shape
 *
 * Whole slices of a tensor: with axis 0 the rows of a table of embeddings.  An index outside of the axis is no error, as kernels
 * cannot fail: its slice reads NaN, of int64 its smallest value, of bool8 0.
 *
 * Returns: (transfer none): [before, shape of @index, after]
 */
GantryTensor *
gantry_index_select (GantryTensor *x, guint axis, GantryTensor *index)
{
  return apply (INDEX_SELECT, x, index, axis, 0, 1);
}

/**
 * gantry_index_add:
 * @x: a real tensor, [before, shape of @index, after]
 * @axis: the first axis of the index's
 * @index: an int64 tensor of any shape
 * @size: size of the result along the axis, at least 1
 *
 * The adjoint of [func@Gantry.index_select]: each slice is added to that which its index names, in the order of the index, to
 * zeros.  An index outside of the axis is no error: its slice is added nowhere, and the gradient there is NaN.
 *
 * Returns: (transfer none): [before, size, after]
 */
GantryTensor *
gantry_index_add (GantryTensor *x, guint axis, GantryTensor *index, gsize size)
{
  return apply (INDEX_ADD, x, index, axis, size, 2);
}

/**
 * gantry_one_hot:
 * @index: an int64 tensor of any shape
 * @size: how many there are to choose from, at least 1
 *
 * Returns: (transfer none): [shape of @index, size] in the graph's dtype: 1 where the last axis is at the index, 0 elsewhere; an
 *   index that is not below @size gives zeros
 */
GantryTensor *
gantry_one_hot (GantryTensor *index, gsize size)
{
  GantryShape shape;

  g_return_val_if_fail (index != NULL, NULL);
  shape = index->shape;
  if (shape.n_dims == GANTRY_MAX_DIMS)
    return _gantry_op_fail (index, "one-hot", GANTRY_GRAPH_ERROR_SHAPE, "the result would have more than %d axes", GANTRY_MAX_DIMS);
  if (index->dtype != GANTRY_INT64)
    return _gantry_op_fail (index, "one-hot", GANTRY_GRAPH_ERROR_DTYPE, "the index is %s, int64 is needed", gantry_dtype_name (index->dtype));
  shape.dims[shape.n_dims++] = 1;
  return gantry_cast (gantry_equal (gantry_reshape (index, &shape), gantry_count_up (index->graph, size)), index->graph->dtype);
}
