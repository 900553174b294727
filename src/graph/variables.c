/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Named state: a read gives the value last assigned in construction order. */
#include "graph/graph-internal.h"

static gboolean
check_declaration (GantryGraph *self, const gchar *name, const GantryShape *shape, GantryDType dtype, const GantryInitializer *initializer,
                   gboolean trainable, GError **error)
{
  if (name == NULL || *name == '\0')
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "a name is needed");
      return FALSE;
    }
  if (!_gantry_shape_check (shape, dtype, error))
    return FALSE;
  if (trainable && !gantry_dtype_is_float (dtype))
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "a trainable variable of %s, float32 or float64 is needed",
                   gantry_dtype_name (dtype));
      return FALSE;
    }
  return initializer == NULL || _gantry_initializer_check (initializer, shape, dtype, error);
}

static void
fail_redeclared (GantryGraph *self, const GantryVariable *variable, const GantryShape *shape, GantryDType dtype)
{
  g_autofree gchar *found = gantry_shape_to_string (&variable->shape);
  g_autofree gchar *asked = gantry_shape_to_string (shape);

  gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "variable '%s': asked as %s %s, but it is already %s %s",
                     variable->name, gantry_dtype_name (dtype), asked, gantry_dtype_name (variable->dtype), found);
}

static GantryVariableNode *
new_node (GantryGraph *self, const gchar *name, const GantryShape *shape, GantryDType dtype, const GantryInitializer *initializer,
          gboolean trainable)
{
  GantryVariableNode *node = _gantry_arena_alloc (self->arena, sizeof (GantryVariableNode));

  node->graph = self;
  node->public.name = _gantry_graph_intern (self, name != NULL ? name : "");
  node->public.shape = *shape;
  node->public.dtype = dtype;
  node->public.initializer = initializer != NULL ? *initializer : *GANTRY_CONSTANT (0);
  node->public.trainable = trainable;
  return node;
}

/**
 * gantry_graph_variable:
 * @self: a graph
 * @name: a name in the present scope; the full name is "PREFIX.NAME"
 * @shape: its shape
 * @dtype: its dtype
 * @initializer: (nullable): how it is filled when it is made; %NULL for zeros
 * @trainable: whether it belongs to a player's parameters
 *
 * Declares a variable.  Declaring it again gives the same one; with another shape or dtype it is an error that
 * sticks, and a variable that only answers questions comes back.  The first declaration's initializer counts.
 *
 * Returns: (transfer none): the variable
 */
GantryVariable *
gantry_graph_variable (GantryGraph *self, const gchar *name, const GantryShape *shape, GantryDType dtype,
                       const GantryInitializer *initializer, gboolean trainable)
{
  g_autofree gchar *full = gantry_graph_qualify (self, name != NULL ? name : "");
  g_autoptr (GError) error = NULL;
  GantryVariableNode *node = g_hash_table_lookup (self->variables_by_name, full);

  if (!check_declaration (self, name, shape, dtype, initializer, trainable, &error))
    {
      gantry_graph_fail (self, error->domain, error->code, "variable '%s': %s", full, error->message);
      return &new_node (self, full, shape, dtype, initializer, trainable)->public;
    }
  if (node == NULL)
    {
      node = new_node (self, full, shape, dtype, initializer, trainable);
      g_hash_table_insert (self->variables_by_name, (gpointer) node->public.name, node);
      g_ptr_array_add (self->variables, node);
      _gantry_graph_note_variable (self, &node->public);
      return &node->public;
    }
  if (node->public.dtype != dtype || !gantry_shape_equal (&node->public.shape, shape))
    {
      fail_redeclared (self, &node->public, shape, dtype);
      return &new_node (self, full, shape, dtype, initializer, trainable)->public;
    }
  _gantry_graph_note_variable (self, &node->public);
  return &node->public;
}

/**
 * gantry_graph_find_variable:
 * @self: a graph
 * @full_name: full name, such as "generator.main.0.weight"
 *
 * Returns: (transfer none) (nullable): the variable, %NULL where none of that name was declared
 */
GantryVariable *
gantry_graph_find_variable (GantryGraph *self, const gchar *full_name)
{
  GantryVariableNode *node = g_hash_table_lookup (self->variables_by_name, full_name);

  return node != NULL ? &node->public : NULL;
}

/**
 * gantry_graph_list_variables:
 * @self: a graph
 *
 * Returns: (transfer container) (element-type GantryVariable): all variables in the order they were declared
 */
GPtrArray *
gantry_graph_list_variables (GantryGraph *self)
{
  return g_ptr_array_copy (self->variables, NULL, NULL);
}

GantryTensor *
_gantry_variable_leaf (GantryVariable *variable)
{
  GantryVariableNode *node = (GantryVariableNode *) variable;

  if (node->leaf == NULL)
    {
      if (!_gantry_shape_check (&variable->shape, variable->dtype, NULL))
        return gantry_graph_poison (node->graph, &variable->shape, variable->dtype);
      node->leaf = _gantry_graph_add_leaf (node->graph, &_gantry_op_variable, &variable->shape, variable->dtype, variable->name);
      node->leaf->variable = variable;
    }
  return node->leaf;
}

static GantryVariableNode *
own_node (GantryGraph *self, GantryVariable *variable, const gchar *what)
{
  GantryVariableNode *node = (GantryVariableNode *) variable;

  if (node != NULL && node->graph == self)
    return node;
  gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%s '%s': %s", what, node != NULL ? variable->name : "",
                     node != NULL ? "a variable of another graph" : "no variable");
  return NULL;
}

/**
 * gantry_graph_read:
 * @self: a graph
 * @variable: a variable of the graph
 *
 * Returns: (transfer none): the value last assigned in construction order, at first the one from before the run;
 *   or the tensor it is bound to
 */
GantryTensor *
gantry_graph_read (GantryGraph *self, GantryVariable *variable)
{
  GantryVariableNode *node = own_node (self, variable, "read");

  if (node == NULL)
    return variable != NULL ? gantry_graph_poison (self, &variable->shape, variable->dtype)
                            : gantry_graph_poison (self, GANTRY_SCALAR, self->dtype);
  if (node->bound != NULL)
    return node->bound;
  return node->assigned != NULL ? node->assigned : _gantry_variable_leaf (variable);
}

static gboolean
check_value (GantryGraph *self, const GantryVariable *variable, GantryTensor *value, const gchar *what)
{
  g_autofree gchar *expected = gantry_shape_to_string (&variable->shape);
  g_autofree gchar *found = NULL;

  if (value == NULL || value->graph != self)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%s '%s': %s", what, variable->name,
                         value == NULL ? "no tensor" : "a tensor of another graph");
      return FALSE;
    }
  if (value->poisoned)
    return FALSE;
  if (value->dtype == variable->dtype && gantry_shape_equal (&value->shape, &variable->shape))
    return TRUE;
  found = gantry_shape_to_string (&value->shape);
  gantry_graph_fail (self, GANTRY_GRAPH_ERROR, value->dtype != variable->dtype ? GANTRY_GRAPH_ERROR_DTYPE : GANTRY_GRAPH_ERROR_SHAPE,
                     "%s '%s': %s %s does not fit the variable's %s %s", what, variable->name, gantry_dtype_name (value->dtype), found,
                     gantry_dtype_name (variable->dtype), expected);
  return FALSE;
}

/**
 * gantry_graph_assign:
 * @self: a graph
 * @variable: a variable of the graph
 * @value: its next value, of its shape and dtype
 *
 * Later reads in the graph give @value; a run commits the last assigned values of all variables together, after
 * everything was read.  While the variable is bound, the assignment is discarded.
 */
void
gantry_graph_assign (GantryGraph *self, GantryVariable *variable, GantryTensor *value)
{
  GantryVariableNode *node = own_node (self, variable, "assign");

  if (node == NULL || !check_value (self, variable, value, "assign") || node->bound != NULL)
    return;
  if (node->assigned == NULL)
    g_ptr_array_add (self->assigned, node);
  node->assigned = value;
}

/**
 * gantry_graph_get_assigned:
 * @self: a graph
 * @variable: a variable of the graph
 *
 * Returns: (transfer none) (nullable): what a run commits, %NULL where the variable is only read
 */
GantryTensor *
gantry_graph_get_assigned (GantryGraph *self, GantryVariable *variable)
{
  GantryVariableNode *node = own_node (self, variable, "get-assigned");

  return node != NULL ? node->assigned : NULL;
}

/**
 * gantry_graph_bind:
 * @self: a graph
 * @variable: a variable of the graph
 * @value: (nullable): a tensor of its shape and dtype; %NULL ends the binding
 *
 * Replaces a variable by a tensor: until the binding ends, reads give @value and assignments are discarded.
 */
void
gantry_graph_bind (GantryGraph *self, GantryVariable *variable, GantryTensor *value)
{
  GantryVariableNode *node = own_node (self, variable, "bind");

  if (node == NULL || (value != NULL && !check_value (self, variable, value, "bind")))
    return;
  node->bound = value;
}

GPtrArray *
_gantry_graph_list_assigned (GantryGraph *graph)
{
  return g_ptr_array_copy (graph->assigned, NULL, NULL);
}

void
_gantry_graph_discard_assigned (GantryGraph *graph)
{
  for (guint i = 0; i < graph->assigned->len; i++)
    ((GantryVariableNode *) graph->assigned->pdata[i])->assigned = NULL;
  g_ptr_array_set_size (graph->assigned, 0);
}
