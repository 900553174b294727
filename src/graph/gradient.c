/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Differentiation: one walk against the order of construction, emitting tensors. */
#include "graph/graph-internal.h"

/* Whether each tensor up to @top depends differentiably on one of @on. */
static guint8 *
mark (GantryTensor *top, GantryTensor *const *on, guint n)
{
  GPtrArray *tensors = top->graph->tensors;
  guint8 *carries = g_new0 (guint8, top->id + 1);

  for (guint i = 0; i < n; i++)
    if (on[i]->id <= top->id)
      carries[on[i]->id] = TRUE;
  for (guint id = 0; id <= top->id; id++)
    {
      const GantryTensor *tensor = g_ptr_array_index (tensors, id);

      if (!gantry_dtype_is_float (tensor->dtype) || tensor->op->flags & GANTRY_OP_STOPS_GRADIENT)
        continue;
      for (guint i = 0; i < tensor->n_inputs && !carries[id]; i++)
        carries[id] = carries[tensor->inputs[i]->id];
    }
  return carries;
}

gboolean
_gantry_gradient_wanted (const GantryTensor *y, guint input)
{
  const GantryGraph *graph = y->graph;
  guint id = y->inputs[input]->id;

  return graph->carries == NULL || (id < graph->n_carries && graph->carries[id]);
}

static gboolean
check_contribution (GantryTensor *y, guint i, GantryTensor *dx)
{
  GantryTensor *x = y->inputs[i];
  g_autofree gchar *found = NULL;
  g_autofree gchar *expected = NULL;

  if (dx->graph == x->graph && (dx->poisoned || (dx->dtype == x->dtype && gantry_shape_equal (&dx->shape, &x->shape))))
    return TRUE;
  if (dx->graph != x->graph)
    {
      gantry_graph_fail (y->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT,
                         "%s: the gradient rule gives a tensor of another graph for input %u", y->op->name, i);
      return FALSE;
    }
  found = gantry_shape_to_string (&dx->shape);
  expected = gantry_shape_to_string (&x->shape);
  gantry_graph_fail (y->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT, "%s: the gradient rule gives %s %s for input %u, which is %s %s",
                     y->op->name, gantry_dtype_name (dx->dtype), found, i, gantry_dtype_name (x->dtype), expected);
  return FALSE;
}

static void
accumulate (GantryTensor **sums, GantryTensor *x, GantryTensor *dx)
{
  sums[x->id] = sums[x->id] != NULL ? gantry_add (sums[x->id], dx) : dx;
}

/* Hands the gradient of one tensor on to its inputs. */
static void
propagate (GantryTensor *y, const guint8 *carries, GantryTensor **sums)
{
  g_autofree GantryTensor **dx = g_new0 (GantryTensor *, y->n_inputs);

  if (y->op->gradient == NULL)
    {
      gantry_graph_fail (y->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT, "%s: the op has no gradient rule", y->op->name);
      return;
    }
  y->op->gradient (y, sums[y->id], dx);
  for (guint i = 0; i < y->n_inputs; i++)
    if (dx[i] != NULL && carries[y->inputs[i]->id] && check_contribution (y, i, dx[i]))
      accumulate (sums, y->inputs[i], dx[i]);
}

/* What a rule makes says where its tensor was made, so that costs and errors of both directions share a scope. */
static const gchar *
enter (GantryTensor *y)
{
  g_autofree gchar *label = NULL;

  if (g_str_has_suffix (y->scope, "gradient"))
    label = g_strdup (y->scope);
  else
    label = *y->scope != '\0' ? g_strdup_printf ("%s: gradient", y->scope) : g_strdup ("gradient");
  return _gantry_graph_swap_label (y->graph, label);
}

static void
walk (GantryTensor *top, const guint8 *carries, GantryTensor **sums)
{
  GantryGraph *graph = top->graph;

  for (guint id = top->id + 1; id-- > 0 && graph->error == NULL;)
    {
      GantryTensor *y = g_ptr_array_index (graph->tensors, id);
      gboolean inner = FALSE;
      const gchar *label;

      if (sums[id] == NULL)
        continue;
      for (guint i = 0; i < y->n_inputs && !inner; i++)
        inner = carries[y->inputs[i]->id];
      if (!inner || y->op->flags & GANTRY_OP_STOPS_GRADIENT)
        continue;
      label = enter (y);
      propagate (y, carries, sums);
      graph->label = label;
    }
}

static gboolean
check_arguments (GantryTensor *scalar, GantryTensor *const *with_respect_to, guint n)
{
  GantryGraph *graph = scalar->graph;
  g_autofree gchar *shape = gantry_shape_to_string (&scalar->shape);

  for (guint i = 0; i < n; i++)
    {
      if (with_respect_to[i] == NULL || with_respect_to[i]->graph != graph)
        {
          gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "gradient: tensor %u to differentiate by is %s", i,
                             with_respect_to[i] == NULL ? "missing" : "of another graph");
          return FALSE;
        }
      if (!with_respect_to[i]->poisoned && !gantry_dtype_is_float (with_respect_to[i]->dtype))
        {
          gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "gradient: tensor %u to differentiate by is %s, "
                             "float32 or float64 is needed", i, gantry_dtype_name (with_respect_to[i]->dtype));
          return FALSE;
        }
    }
  if (scalar->poisoned)
    return FALSE;
  if (scalar->shape.n_dims != 0 || !gantry_dtype_is_float (scalar->dtype))
    {
      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "gradient: what is differentiated is %s %s, a real number [] is needed",
                         gantry_dtype_name (scalar->dtype), shape);
      return FALSE;
    }
  return TRUE;
}

static void
poison_all (GantryTensor *scalar, GantryTensor *const *with_respect_to, guint n, GantryTensor **gradients)
{
  for (guint i = 0; i < n; i++)
    {
      GantryTensor *like = with_respect_to[i] != NULL ? with_respect_to[i] : scalar;

      gradients[i] = gantry_graph_poison (scalar->graph, &like->shape, like->dtype);
    }
}

/**
 * gantry_gradients:
 * @scalar: what is differentiated: real, of shape []
 * @with_respect_to: (array length=n): tensors of the same graph, real
 * @n: how many
 * @gradients: (array length=n) (out caller-allocates): one tensor each, of the shape and dtype of the tensor
 *   differentiated by; an explicit zero where @scalar does not depend on it
 *
 * Differentiates by reverse accumulation, all at once: shared work is emitted once.  The gradients are tensors like
 * any other and can be differentiated again.  Whole numbers, truth values and [func@Gantry.detach] carry no gradient.
 * An op without a gradient rule on the way is an error that sticks and names the op and its scope.
 */
void
gantry_gradients (GantryTensor *scalar, GantryTensor *const *with_respect_to, guint n, GantryTensor **gradients)
{
  GantryGraph *graph = scalar->graph;
  g_autofree guint8 *carries = NULL;
  g_autofree GantryTensor **sums = NULL;

  if (!check_arguments (scalar, with_respect_to, n))
    {
      poison_all (scalar, with_respect_to, n, gradients);
      return;
    }
  carries = mark (scalar, with_respect_to, n);
  sums = g_new0 (GantryTensor *, scalar->id + 1);
  if (carries[scalar->id])
    {
      sums[scalar->id] = gantry_ones_like (scalar);
      graph->carries = carries;
      graph->n_carries = scalar->id + 1;
      walk (scalar, carries, sums);
      graph->carries = NULL;
      graph->n_carries = 0;
    }
  if (graph->error != NULL)
    {
      poison_all (scalar, with_respect_to, n, gradients);
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      GantryTensor *x = with_respect_to[i];

      gradients[i] = x->id <= scalar->id && sums[x->id] != NULL ? sums[x->id] : gantry_zeros_like (x);
    }
}

/**
 * gantry_gradient:
 * @scalar: what is differentiated: real, of shape []
 * @with_respect_to: a tensor of the same graph, real
 *
 * [func@Gantry.gradients] by one tensor.
 *
 * Returns: (transfer none): the gradient, of the shape and dtype of @with_respect_to
 */
GantryTensor *
gantry_gradient (GantryTensor *scalar, GantryTensor *with_respect_to)
{
  GantryTensor *gradient;

  gantry_gradients (scalar, &with_respect_to, 1, &gradient);
  return gradient;
}

/**
 * gantry_tensor_depends_on:
 * @tensor: a tensor
 * @on: another of the same graph
 *
 * Returns: whether a gradient of @tensor reaches @on: there is a path through real tensors without a
 *   [func@Gantry.detach]
 */
gboolean
gantry_tensor_depends_on (GantryTensor *tensor, GantryTensor *on)
{
  g_autofree guint8 *carries = NULL;

  if (tensor->graph != on->graph)
    return FALSE;
  carries = mark (tensor, &on, 1);
  return carries[tensor->id];
}
