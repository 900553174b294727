/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a graph to what has to be computed: results, simplification, and how often each tensor is used. */
#include "compile-private.h"
#include "graph/graph-private.h"
#include "simplify-private.h"

static void
add_result (GArray *results, const gchar *name, GantryTensor *tensor)
{
  GantryResult result = { name, tensor };

  g_array_append_val (results, result);
}

static void
collect_results (GantryLowering *self, GantryGraph *graph)
{
  g_autoptr (GPtrArray) assigned = _gantry_graph_list_assigned (graph);

  self->output_names = gantry_graph_list_outputs (graph);
  for (guint i = 0; self->output_names[i] != NULL; i++)
    add_result (self->outputs, self->output_names[i], gantry_graph_find_output (graph, self->output_names[i]));
  for (guint i = 0; i < assigned->len; i++)
    {
      GantryVariable *variable = g_ptr_array_index (assigned, i);

      add_result (self->assignments, variable->name, gantry_graph_get_assigned (graph, variable));
    }
}

void
_gantry_lowering_recount (GantryLowering *self)
{
  guint n = gantry_graph_get_n_tensors (self->graph);
  GArray *results[] = { self->outputs, self->assignments };

  g_free (self->uses);
  self->uses = g_new0 (guint, n + 1);
  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      self->uses[gantry_tensor_get_id (g_array_index (results[k], GantryResult, i).tensor)]++;
  for (guint id = n; id-- > 0;)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (self->graph, id);

      for (guint i = 0; self->uses[id] > 0 && i < gantry_tensor_get_n_inputs (tensor); i++)
        self->uses[gantry_tensor_get_id (gantry_tensor_get_input (tensor, i))]++;
    }
}

void
_gantry_lowering_replace_graph (GantryLowering *self, GantryGraph *graph)
{
  g_object_unref (self->graph);
  self->graph = graph;
  _gantry_lowering_recount (self);
}

static gboolean
simplify (GantryLowering *self, GError **error)
{
  GantrySimplifier *simplifier = _gantry_simplifier_new (self->graph, self->uses);
  GArray *results[] = { self->outputs, self->assignments };
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();

  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      g_ptr_array_add (wanted, g_array_index (results[k], GantryResult, i).tensor);
  _gantry_simplifier_import (simplifier, (GantryTensor *const *) wanted->pdata, wanted->len);
  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      {
        GantryResult *result = &g_array_index (results[k], GantryResult, i);

        result->tensor = _gantry_simplifier_get (simplifier, result->tensor);
      }
  _gantry_lowering_replace_graph (self, _gantry_simplifier_free (simplifier));
  return gantry_graph_finish (self->graph, error);
}

GantryLowering *
_gantry_lowering_new (GantryGraph *graph, GantryCompileFlags flags, GError **error)
{
  g_autoptr (GantryLowering) self = g_new0 (GantryLowering, 1);

  self->source = g_object_ref (graph);
  self->graph = g_object_ref (graph);
  self->outputs = g_array_new (FALSE, FALSE, sizeof (GantryResult));
  self->assignments = g_array_new (FALSE, FALSE, sizeof (GantryResult));
  self->reorders = g_hash_table_new (NULL, NULL);
  self->precision = (flags & GANTRY_COMPILE_BFLOAT16) != 0 ? GANTRY_PRECISION_BFLOAT16 : GANTRY_PRECISION_FULL;
  if (!gantry_graph_finish (graph, error))
    return NULL;
  collect_results (self, graph);
  /* Twice: some rules want to know how often a tensor is used, which shows when the others are done. */
  for (guint pass = 0; pass < 2 && (flags & GANTRY_COMPILE_NO_SIMPLIFY) == 0; pass++)
    if (!simplify (self, error))
      return NULL;
  if (self->uses == NULL)
    _gantry_lowering_recount (self);
  return g_steal_pointer (&self);
}

void
_gantry_lowering_free (GantryLowering *self)
{
  g_object_unref (self->source);
  g_object_unref (self->graph);
  g_strfreev (self->output_names);
  g_array_unref (self->outputs);
  g_array_unref (self->assignments);
  g_hash_table_unref (self->reorders);
  g_free (self->uses);
  g_free (self);
}

guint
_gantry_lowering_count_uses (GantryLowering *self, GantryTensor *tensor)
{
  g_return_val_if_fail (gantry_tensor_get_graph (tensor) == self->graph, G_MAXUINT);
  return self->uses[gantry_tensor_get_id (tensor)];
}

gboolean
_gantry_tensor_is_view (GantryTensor *tensor)
{
  return (gantry_tensor_get_op (tensor)->flags & GANTRY_OP_VIEW) != 0;
}

GantryTensor *
_gantry_tensor_get_root (GantryTensor *tensor)
{
  while (_gantry_tensor_is_view (tensor))
    tensor = gantry_tensor_get_input (tensor, 0);
  return tensor;
}
