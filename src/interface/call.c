/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interface/call-private.h"

#include "graph/graph-private.h"

/* "loss/hinge", or "loss/hinge (INSTANCE)" where a pipeline gave it a name of its own. */
gchar *
_gantry_component_label (gpointer component)
{
  const gchar *kind = gantry_component_get_kind (component);
  const gchar *name = gantry_component_get_name (component);
  const gchar *instance = gantry_component_get_instance (component);

  if (name == NULL)
    return g_strdup (G_OBJECT_TYPE_NAME (component));
  if (instance == NULL || g_str_equal (instance, name))
    return g_strdup_printf ("%s/%s", kind, name);
  return g_strdup_printf ("%s/%s (%s)", kind, name, instance);
}

/* A new prefix of names, like gantry_graph_push_owner(), but errors say nothing of it: the component's label says more. */
void
_gantry_push_prefix (GantryGraph *graph, const gchar *prefix)
{
  g_autofree gchar *label = gantry_graph_get_label (graph);

  gantry_graph_push_owner (graph, prefix);
  _gantry_graph_swap_label (graph, label);
}

/* Errors made until the end of the call start with "KIND/NAME: VFUNC". */
void
_gantry_context_begin (const GantryContext *context, const gchar *vfunc)
{
  g_autofree gchar *label = _gantry_component_label (context->component);

  gantry_graph_push_label (context->graph, "%s: %s", label, vfunc);
}

void
_gantry_context_end (const GantryContext *context)
{
  gantry_graph_pop (context->graph);
}

void
_gantry_context_fail (const GantryContext *context, GantryGraphError code, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  gantry_graph_fail (context->graph, GANTRY_GRAPH_ERROR, code, "%s", message);
}

/* What a vfunc gave, if it is a tensor of this graph, of the graph's dtype and of the shape that is due; else a poisoned one. */
GantryTensor *
_gantry_context_check (const GantryContext *context, const gchar *what, GantryTensor *given, const GantryShape *shape)
{
  g_autofree gchar *due = gantry_shape_to_string (shape);
  const GantryDType dtype = gantry_graph_get_dtype (context->graph);

  if (given == NULL)
    {
      _gantry_context_fail (context, GANTRY_GRAPH_ERROR_ARGUMENT, "%s: the plugin gave no tensor, expected one of shape %s", what, due);
    }
  else if (gantry_tensor_get_graph (given) != context->graph)
    {
      _gantry_context_fail (context, GANTRY_GRAPH_ERROR_ARGUMENT, "%s: the plugin gave a tensor of another graph", what);
    }
  else if (gantry_tensor_is_poisoned (given))
    {
      return given;
    }
  else if (!gantry_shape_equal (gantry_tensor_get_shape (given), shape))
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (given));

      _gantry_context_fail (context, GANTRY_GRAPH_ERROR_SHAPE, "%s: the plugin gave %s, expected %s%s", what, found, due,
                            shape->n_dims == 0 ? ", a scalar such as a mean" : "");
    }
  else if (gantry_tensor_get_dtype (given) != dtype)
    {
      _gantry_context_fail (context, GANTRY_GRAPH_ERROR_DTYPE, "%s: the plugin gave %s, expected %s", what,
                            gantry_dtype_name (gantry_tensor_get_dtype (given)), gantry_dtype_name (dtype));
    }
  else
    {
      return given;
    }
  return gantry_graph_poison (context->graph, shape, dtype);
}
