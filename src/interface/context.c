/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interface/call-private.h"

/**
 * gantry_context_scalar:
 * @context: first member of an input struct
 * @key: a property of the component that is being called
 *
 * A property of the component as a scalar tensor.  A schedulable property moves without compiling again: a
 * program reads its present value in each run.  Usually written `gantry_scalar (in, "gamma")`.
 *
 * Returns: (transfer none): shape [], the graph's dtype; a property that is no number is an error of the graph
 */
GantryTensor *
gantry_context_scalar (const GantryContext *context, const gchar *key)
{
  return gantry_graph_scalar (context->graph, context->component, key);
}

/* Where no host collects them, published tensors become outputs of the graph: "NAME", "NAME#2", ... */
static void
publish_as_output (GantryGraph *graph, const gchar *name, GantryTensor *tensor)
{
  g_autofree gchar *unique = g_strdup (name);
  guint n = 1;

  while (gantry_graph_find_output (graph, unique) != NULL)
    {
      g_free (unique);
      unique = g_strdup_printf ("%s#%u", name, ++n);
    }
  gantry_graph_output (graph, unique, tensor);
}

/**
 * gantry_context_publish:
 * @context: first member of an input struct
 * @name: kebab-case name, unique within one call of the vfunc
 * @tensor: any tensor of the graph
 *
 * Makes an intermediate tensor readable by name after each run: `loss.NAME` of a loss, `INSTANCE.NAME` of a
 * regularizer, such as `r1.gradient-norm`.  Where a game has several matches the match's name stands between.
 * A name published twice is an error of the graph.  Usually written `gantry_publish (in, "real", t)`.
 */
void
gantry_context_publish (const GantryContext *context, const gchar *name, GantryTensor *tensor)
{
  const GantryContextHost *host = context->host;
  const gchar *prefix = host != NULL && host->term != NULL ? host->term : gantry_component_get_instance (context->component);
  g_autofree gchar *full = prefix != NULL ? g_strdup_printf ("%s.%s", prefix, name) : g_strdup (name);

  if (tensor == NULL || gantry_tensor_get_graph (tensor) != context->graph)
    _gantry_context_fail (context, GANTRY_GRAPH_ERROR_ARGUMENT, "publish `%s`: no tensor of this graph", name);
  else if (host == NULL || host->terms == NULL)
    publish_as_output (context->graph, full, tensor);
  else if (gantry_tensors_get (host->terms, full) != NULL)
    _gantry_context_fail (context, GANTRY_GRAPH_ERROR_NAME, "publish `%s`: `%s` is there already", name, full);
  else
    gantry_tensors_set (host->terms, full, tensor);
}
