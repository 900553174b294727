/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Applying an op: checks that are the same for all, then the op's own shape rule. */
#include "graph/graph-internal.h"

static gboolean
check_op (const GantryOp *op, guint n_inputs, GError **error)
{
  const GantryOp *builtin;

  if (op->size < sizeof (GantryOp) || op->name == NULL || op->infer == NULL)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "a descriptor of %" G_GSIZE_FORMAT " bytes with %s and %s; %"
                   G_GSIZE_FORMAT " bytes, a name and a shape rule are needed", op->size, op->name != NULL ? "a name" : "no name",
                   op->infer != NULL ? "a shape rule" : "no shape rule", sizeof (GantryOp));
      return FALSE;
    }
  builtin = gantry_op_find (op->name);
  if (builtin != NULL && builtin != op)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "the name is taken by a built-in op");
      return FALSE;
    }
  if (op->n_inputs >= 0 && n_inputs != (guint) op->n_inputs)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%u inputs, %d are needed", n_inputs, op->n_inputs);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_inputs (GantryGraph *graph, GantryTensor *const *inputs, guint n_inputs, GError **error)
{
  for (guint i = 0; i < n_inputs; i++)
    if (inputs[i] == NULL || inputs[i]->graph != graph)
      {
        g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "input %u is %s", i,
                     inputs[i] == NULL ? "missing" : "a tensor of another graph");
        return FALSE;
      }
  return TRUE;
}

static gboolean
any_poisoned (GantryTensor *const *inputs, guint n_inputs)
{
  for (guint i = 0; i < n_inputs; i++)
    if (inputs[i]->poisoned)
      return TRUE;
  return FALSE;
}

/* A view has the memory of its input, so a rule that gives something larger must not get through. */
static gboolean
check_result (const GantryOpCall *call, const GantryShape *shape, GantryDType dtype, GError **error)
{
  const GantryTensor *x = call->n_inputs > 0 ? call->inputs[0] : NULL;
  gsize count;

  if ((guint) dtype > GANTRY_BOOL8)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "the shape rule gives a dtype that is none: %d", (gint) dtype);
      return FALSE;
    }
  if (!_gantry_shape_check (shape, dtype, error))
    return FALSE;
  if (x == NULL || (call->op->flags & GANTRY_OP_VIEW) == 0
      || (gantry_shape_count (shape, &count) && count == gantry_shape_size (&x->shape) && dtype == x->dtype))
    return TRUE;
  return _gantry_shapes_error (error, &x->shape, shape, "the op is a view, but its shape rule gives %s for elements of %s", gantry_dtype_name (dtype),
                               gantry_dtype_name (x->dtype));
}

static gboolean
infer (const GantryOp *op, GantryTensor *const *inputs, guint n_inputs, const gint64 *ints, guint n_ints,
       const gdouble *reals, guint n_reals, GantryShape *shape, GantryDType *dtype, GError **error)
{
  GantryOpCall call = { sizeof (GantryOpCall), op, inputs, n_inputs, ints, n_ints, reals, n_reals };
  GError *own = NULL;

  if (!op->infer (&call, shape, dtype, &own))
    {
      if (own == NULL)
        own = g_error_new (GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "the shape rule failed without saying why");
      g_propagate_error (error, own);
      return FALSE;
    }
  return check_result (&call, shape, *dtype, error);
}

static void
fail_everywhere (GantryGraph *graph, GantryTensor *const *inputs, guint n_inputs, const gchar *op, const GError *error)
{
  gantry_graph_fail (graph, error->domain, error->code, "%s: %s", op, error->message);
  for (guint i = 0; i < n_inputs; i++)
    if (inputs[i] != NULL && inputs[i]->graph != graph)
      gantry_graph_fail (inputs[i]->graph, error->domain, error->code, "%s: %s", op, error->message);
}

GantryTensor *
_gantry_graph_apply (GantryGraph *graph, const GantryOp *op, GantryTensor *const *inputs, guint n_inputs,
                     const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals)
{
  GantryShape shape = { 0, { 0 } };
  GantryDType dtype = graph->dtype;
  g_autoptr (GError) error = NULL;

  if (n_inputs > 0 && inputs[0] != NULL)
    {
      shape = inputs[0]->shape;
      dtype = inputs[0]->dtype;
    }
  if (!check_op (op, n_inputs, &error) || !check_inputs (graph, inputs, n_inputs, &error))
    {
      fail_everywhere (graph, inputs, n_inputs, op->name != NULL ? op->name : "op", error);
      return gantry_graph_poison (graph, &shape, dtype);
    }
  if (any_poisoned (inputs, n_inputs))
    {
      infer (op, inputs, n_inputs, ints, n_ints, reals, n_reals, &shape, &dtype, NULL);
      return gantry_graph_poison (graph, &shape, dtype);
    }
  if (!infer (op, inputs, n_inputs, ints, n_ints, reals, n_reals, &shape, &dtype, &error))
    {
      gantry_graph_fail (graph, error->domain, error->code, "%s: %s", op->name, error->message);
      return gantry_graph_poison (graph, &shape, dtype);
    }
  return _gantry_graph_add (graph, op, &shape, dtype, inputs, n_inputs, ints, n_ints, reals, n_reals);
}

/**
 * gantry_apply:
 * @op: an op, constant and never freed
 * @inputs: (array length=n_inputs): what it is applied to, tensors of one graph
 * @n_inputs: how many, at least 1
 * @ints: (array length=n_ints) (nullable): whole-number attributes, copied
 * @n_ints: how many
 * @reals: (array length=n_reals) (nullable): real attributes, copied
 * @n_reals: how many
 *
 * Applies an op.  Whatever does not fit is an error that sticks to the graph ("LABEL: OP: MESSAGE"), and a
 * poisoned tensor with a plausible shape comes back; a poisoned input gives one silently.
 *
 * Returns: (transfer none): the result
 */
GantryTensor *
gantry_apply (const GantryOp *op, GantryTensor *const *inputs, guint n_inputs,
              const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals)
{
  GantryGraph *graph = NULL;

  for (guint i = 0; i < n_inputs && graph == NULL; i++)
    if (inputs[i] != NULL)
      graph = inputs[i]->graph;
  g_return_val_if_fail (graph != NULL, NULL);
  return _gantry_graph_apply (graph, op, inputs, n_inputs, ints, n_ints, reals, n_reals);
}

gboolean
_gantry_call_expect (const GantryOpCall *call, gint n_ints, gint n_reals, GError **error)
{
  if ((n_ints < 0 || call->n_ints == (guint) n_ints) && (n_reals < 0 || call->n_reals == (guint) n_reals))
    return TRUE;
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%u whole and %u real attributes, %d and %d are needed",
               call->n_ints, call->n_reals, MAX (n_ints, 0), MAX (n_reals, 0));
  return FALSE;
}

static guint
kind_of (GantryDType dtype)
{
  if (gantry_dtype_is_float (dtype))
    return GANTRY_OP_TAKES_FLOAT;
  return dtype == GANTRY_INT64 ? GANTRY_OP_TAKES_INT : GANTRY_OP_TAKES_BOOL;
}

gboolean
_gantry_call_takes (const GantryOpCall *call, guint input, guint takes, GError **error)
{
  GantryDType dtype = call->inputs[input]->dtype;

  if (kind_of (dtype) & takes)
    return TRUE;
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "input %u is %s, %s is needed", input, gantry_dtype_name (dtype),
               takes == GANTRY_OP_TAKES_BOOL ? "bool8"
               : takes == GANTRY_OP_TAKES_INT ? "int64"
               : takes & GANTRY_OP_TAKES_INT ? "float32, float64 or int64" : "float32 or float64");
  return FALSE;
}

gboolean
_gantry_call_same_dtype (const GantryOpCall *call, guint a, guint b, GError **error)
{
  const GantryTensor *x = call->inputs[a], *y = call->inputs[b];
  g_autofree gchar *text_x = NULL;
  g_autofree gchar *text_y = NULL;

  if (x->dtype == y->dtype)
    return TRUE;
  text_x = gantry_shape_to_string (&x->shape);
  text_y = gantry_shape_to_string (&y->shape);
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "%s %s and %s %s do not mix: cast one of them",
               gantry_dtype_name (x->dtype), text_x, gantry_dtype_name (y->dtype), text_y);
  return FALSE;
}

gboolean
_gantry_call_axis (const GantryOpCall *call, gint64 axis, guint n_dims, GError **error)
{
  if (axis >= 0 && axis < n_dims)
    return TRUE;
  return _gantry_shape_error (error, &call->inputs[0]->shape, "axis %" G_GINT64_FORMAT " is out of range, there are %u", axis, n_dims);
}

GantryTensor *
_gantry_op_fail (GantryTensor *x, const gchar *op, gint code, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (!x->poisoned)
    gantry_graph_fail (x->graph, GANTRY_GRAPH_ERROR, code, "%s: %s", op, message);
  return gantry_graph_poison (x->graph, &x->shape, x->dtype);
}

gdouble
_gantry_flops_none (const GantryTensor *y)
{
  return 0;
}

gdouble
_gantry_flops_of_input (const GantryTensor *y)
{
  return (gdouble) gantry_shape_size (&y->inputs[0]->shape);
}
