/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps that are described one after the other in one graph.  Each reads what those before it assigned, as numbers that no gradient goes through;
 * what it names it names as if it were alone, so that a draw or a feed of one name is the same for all of them.
 */
#include "graph/graph-internal.h"

void
_gantry_graph_begin_stage (GantryGraph *graph)
{
  for (guint i = 0; i < graph->assigned->len; i++)
    {
      GantryVariableNode *node = graph->assigned->pdata[i];

      if (gantry_dtype_is_float (node->public.dtype))
        node->assigned = gantry_detach (node->assigned);
    }
  graph->stage++;
  g_ptr_array_set_size (graph->stage_variables, 0);
  g_hash_table_remove_all (graph->stage_names);
}

void
_gantry_graph_note_variable (GantryGraph *graph, GantryVariable *variable)
{
  GantryVariableNode *node = (GantryVariableNode *) variable;

  if (node->stage == graph->stage + 1)
    return;
  node->stage = graph->stage + 1;
  g_ptr_array_add (graph->stage_variables, node);
}

GPtrArray *
_gantry_graph_list_stage_variables (GantryGraph *graph)
{
  return g_ptr_array_copy (graph->stage_variables, NULL, NULL);
}

void
_gantry_graph_note_input (GantryGraph *graph, GantryTensor *input)
{
  g_hash_table_add (graph->stage_names, (gpointer) input->name);
}

const gchar *
_gantry_tensor_get_draw (const GantryTensor *tensor)
{
  return tensor->draw != NULL ? tensor->draw : tensor->name;
}
