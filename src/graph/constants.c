/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tensors that are known when the graph is built. */
#include "graph/graph-internal.h"
#include <math.h>

static gboolean
read_attributes (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  if (call->n_ints < 1 || call->n_ints > 1 + GANTRY_MAX_DIMS || call->ints[0] < GANTRY_FLOAT32 || call->ints[0] > GANTRY_BOOL8)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%u whole attributes, a dtype and up to %d dimensions are needed",
                   call->n_ints, GANTRY_MAX_DIMS);
      return FALSE;
    }
  *dtype = (GantryDType) call->ints[0];
  shape->n_dims = call->n_ints - 1;
  for (guint i = 0; i < shape->n_dims; i++)
    shape->dims[i] = call->ints[1 + i] > 0 ? (gsize) call->ints[1 + i] : 0;
  return _gantry_shape_check (shape, *dtype, error);
}

static gboolean
check_value (GantryDType dtype, gdouble value, GError **error)
{
  gdouble limit = dtype == GANTRY_BOOL8 ? 1 : 9007199254740992.0;

  if (gantry_dtype_is_float (dtype) || (value == trunc (value) && fabs (value) <= limit && (dtype == GANTRY_INT64 || value >= 0)))
    return TRUE;
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%g is no value of %s", value, gantry_dtype_name (dtype));
  return FALSE;
}

static gboolean
infer_fill (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return _gantry_call_expect (call, -1, 1, error) && read_attributes (call, shape, dtype, error) && check_value (*dtype, call->reals[0], error);
}

static gboolean
infer_constant (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  if (!read_attributes (call, shape, dtype, error))
    return FALSE;
  if (call->n_reals != gantry_shape_size (shape))
    return _gantry_shape_error (error, shape, "%u values were given", call->n_reals);
  for (guint i = 0; i < call->n_reals; i++)
    if (!check_value (*dtype, call->reals[i], error))
      return FALSE;
  return TRUE;
}

const GantryOp _gantry_op_fill = { .size = sizeof (GantryOp), .name = "fill", .infer = infer_fill, .flops = _gantry_flops_none };
const GantryOp _gantry_op_constant = { .size = sizeof (GantryOp), .name = "constant", .infer = infer_constant, .flops = _gantry_flops_none };

static GantryTensor *
apply (GantryGraph *graph, const GantryOp *op, const GantryShape *shape, GantryDType dtype, const gdouble *values, gsize n_values)
{
  gint64 ints[1 + GANTRY_MAX_DIMS] = { dtype };
  g_autoptr (GError) error = NULL;

  if (!_gantry_shape_check (shape, dtype, &error))
    {
      gantry_graph_fail (graph, error->domain, error->code, "%s: %s", op->name, error->message);
      return gantry_graph_poison (graph, shape, dtype);
    }
  if (n_values > G_MAXUINT)
    {
      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s: %" G_GSIZE_FORMAT " values are too many", op->name, n_values);
      return gantry_graph_poison (graph, shape, dtype);
    }
  for (guint i = 0; i < shape->n_dims; i++)
    ints[1 + i] = (gint64) shape->dims[i];
  return _gantry_graph_apply (graph, op, NULL, 0, ints, 1 + shape->n_dims, values, (guint) n_values);
}

/**
 * gantry_constant:
 * @graph: a graph
 * @value: a number
 *
 * Returns: (transfer none): the number in the graph's dtype, []
 */
GantryTensor *
gantry_constant (GantryGraph *graph, gdouble value)
{
  return gantry_fill (graph, GANTRY_SCALAR, graph->dtype, value);
}

/**
 * gantry_fill:
 * @graph: a graph
 * @shape: a shape
 * @dtype: a dtype
 * @value: a value of the dtype: whole and at most 2^53 for int64, 0 or 1 for bool8
 *
 * Returns: (transfer none): a tensor whose elements are all @value
 */
GantryTensor *
gantry_fill (GantryGraph *graph, const GantryShape *shape, GantryDType dtype, gdouble value)
{
  return apply (graph, &_gantry_op_fill, shape, dtype, &value, 1);
}

/**
 * gantry_constant_array:
 * @graph: a graph
 * @shape: a shape
 * @values: (array): as many numbers as the shape has elements, row-major, copied
 *
 * Returns: (transfer none): the numbers in the graph's dtype
 */
GantryTensor *
gantry_constant_array (GantryGraph *graph, const GantryShape *shape, const gdouble *values)
{
  gsize count = 0;

  gantry_shape_count (shape, &count);
  return apply (graph, &_gantry_op_constant, shape, graph->dtype, values, count);
}

/**
 * gantry_constant_integers:
 * @graph: a graph
 * @shape: a shape
 * @values: (array): as many numbers as the shape has elements, row-major, at most 2^53 in magnitude, copied
 *
 * Returns: (transfer none): the numbers as int64
 */
GantryTensor *
gantry_constant_integers (GantryGraph *graph, const GantryShape *shape, const gint64 *values)
{
  g_autofree gdouble *reals = NULL;
  gsize count = 0;

  if (gantry_shape_count (shape, &count) && count <= G_MAXUINT)
    reals = g_new (gdouble, count);
  for (gsize i = 0; i < count && reals != NULL; i++)
    reals[i] = (gdouble) values[i];
  return apply (graph, &_gantry_op_constant, shape, GANTRY_INT64, reals, count);
}

/**
 * gantry_count_up:
 * @graph: a graph
 * @n: how many, at least 1
 *
 * Returns: (transfer none): the int64 numbers 0, 1, ... n - 1, [n]
 */
GantryTensor *
gantry_count_up (GantryGraph *graph, gsize n)
{
  const GantryShape shape = { 1, { n } };
  g_autofree gdouble *values = NULL;

  if (n > G_MAXUINT)
    return apply (graph, &_gantry_op_constant, &shape, GANTRY_INT64, NULL, n);
  values = g_new (gdouble, n);
  for (gsize i = 0; i < n; i++)
    values[i] = (gdouble) i;
  return apply (graph, &_gantry_op_constant, &shape, GANTRY_INT64, values, n);
}

/**
 * gantry_zeros_like:
 * @x: a tensor
 *
 * Returns: (transfer none): zeros of the shape and dtype of @x
 */
GantryTensor *
gantry_zeros_like (GantryTensor *x)
{
  g_return_val_if_fail (x != NULL, NULL);
  return x->poisoned ? x : gantry_fill (x->graph, &x->shape, x->dtype, 0);
}

/**
 * gantry_ones_like:
 * @x: a tensor
 *
 * Returns: (transfer none): ones of the shape and dtype of @x
 */
GantryTensor *
gantry_ones_like (GantryTensor *x)
{
  g_return_val_if_fail (x != NULL, NULL);
  return x->poisoned ? x : gantry_fill (x->graph, &x->shape, x->dtype, 1);
}

GantryTensor *
_gantry_zero (GantryTensor *x)
{
  return x->poisoned ? x : gantry_fill (x->graph, GANTRY_SCALAR, x->dtype, 0);
}
