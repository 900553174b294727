/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The graph itself: an arena of tensors, the error that sticks, outputs. */
#include "graph/graph-internal.h"
#include <string.h>

/**
 * GantryGraph:
 *
 * Arena of symbolic tensors.  What is built in it is a formula; errors need not be looked at on the way: the
 * first one sticks, with the scope it happened in, and [method@Gantry.Graph.finish] reports it.
 *
 * A graph is built by one thread at a time.
 */
G_DEFINE_FINAL_TYPE (GantryGraph, gantry_graph, G_TYPE_OBJECT)

static void
gantry_graph_finalize (GObject *object)
{
  GantryGraph *self = GANTRY_GRAPH (object);

  g_clear_error (&self->error);
  g_ptr_array_unref (self->tensors);
  g_array_unref (self->scopes);
  g_array_unref (self->modes);
  g_hash_table_unref (self->inputs_by_name);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->components);
  g_hash_table_unref (self->variables_by_name);
  g_ptr_array_unref (self->variables);
  g_ptr_array_unref (self->assigned);
  g_hash_table_unref (self->outputs_by_name);
  g_ptr_array_unref (self->outputs);
  g_ptr_array_unref (self->stage_variables);
  g_hash_table_unref (self->stage_names);
  g_string_chunk_free (self->strings);
  _gantry_arena_free (self->arena);
  G_OBJECT_CLASS (gantry_graph_parent_class)->finalize (object);
}

static void
gantry_graph_class_init (GantryGraphClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_graph_finalize;
}

static void
gantry_graph_init (GantryGraph *self)
{
  self->arena = _gantry_arena_new ();
  self->strings = g_string_chunk_new (4096);
  self->tensors = g_ptr_array_new ();
  self->scopes = g_array_new (FALSE, FALSE, sizeof (GantryScope));
  self->modes = g_array_new (FALSE, FALSE, sizeof (GantryMode));
  self->label = "";
  self->prefix = "";
  self->inputs_by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->inputs = g_ptr_array_new ();
  self->components = g_ptr_array_new_with_free_func (g_object_unref);
  self->variables_by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->variables = g_ptr_array_new ();
  self->assigned = g_ptr_array_new ();
  self->outputs_by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->outputs = g_ptr_array_new ();
  self->stage_variables = g_ptr_array_new ();
  self->stage_names = g_hash_table_new (g_str_hash, g_str_equal);
}

/**
 * gantry_graph_new:
 * @dtype: %GANTRY_FLOAT32 or %GANTRY_FLOAT64: what constants, scalars and random tensors are made of
 *
 * Another dtype is an error that sticks to the graph.
 *
 * Returns: (transfer full): an empty graph
 */
GantryGraph *
gantry_graph_new (GantryDType dtype)
{
  GantryGraph *self = g_object_new (GANTRY_TYPE_GRAPH, NULL);

  self->dtype = dtype;
  if (!gantry_dtype_is_float (dtype))
    {
      self->dtype = GANTRY_FLOAT32;
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "graph: dtype %s, float32 or float64 is needed",
                         gantry_dtype_name (dtype));
    }
  return self;
}

/**
 * gantry_graph_get_dtype:
 * @self: a graph
 *
 * Returns: what constants, scalars and random tensors are made of
 */
GantryDType
gantry_graph_get_dtype (GantryGraph *self)
{
  return self->dtype;
}

/**
 * gantry_graph_finish:
 * @self: a graph
 * @error: the first error that happened while it was built; its message begins with the scope
 *
 * Reports whether everything so far fitted.  May be called more than once.
 *
 * Returns: %TRUE when nothing failed
 */
gboolean
gantry_graph_finish (GantryGraph *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

/**
 * gantry_graph_has_failed:
 * @self: a graph
 *
 * Returns: whether an error sticks to it
 */
gboolean
gantry_graph_has_failed (GantryGraph *self)
{
  return self->error != NULL;
}

/**
 * gantry_graph_fail:
 * @self: a graph
 * @domain: error domain, such as %GANTRY_GRAPH_ERROR
 * @code: error code of the domain
 * @format: what was found and what was expected, as of printf()
 * @...: what it formats
 *
 * Makes an error stick to the graph, with the present label in front.  Only the first one is kept.
 */
void
gantry_graph_fail (GantryGraph *self, GQuark domain, gint code, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list arguments;

  if (self->error != NULL)
    return;
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (*self->label != '\0')
    self->error = g_error_new (domain, code, "%s: %s", self->label, message);
  else
    self->error = g_error_new_literal (domain, code, message);
}

/**
 * gantry_graph_poison:
 * @self: a graph
 * @shape: a plausible shape
 * @dtype: a plausible dtype
 *
 * The result of something that failed: it answers questions about its shape, and whatever is made from it is
 * poisoned too, without a further error.  Where nothing failed yet, making one is itself an error that sticks.
 *
 * Returns: (transfer none): a poisoned tensor
 */
GantryTensor *
gantry_graph_poison (GantryGraph *self, const GantryShape *shape, GantryDType dtype)
{
  static const GantryShape scalar = { 0, { 0 } };
  GantryTensor *tensor;

  if (self->error == NULL)
    gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "poison: a result is missing");
  tensor = _gantry_graph_add (self, &_gantry_op_poison, _gantry_shape_check (shape, dtype, NULL) ? shape : &scalar, dtype,
                              NULL, 0, NULL, 0, NULL, 0);
  tensor->poisoned = TRUE;
  return tensor;
}

const gchar *
_gantry_graph_intern (GantryGraph *graph, const gchar *text)
{
  return g_string_chunk_insert_const (graph->strings, text);
}

GantryTensor *
_gantry_graph_add (GantryGraph *graph, const GantryOp *op, const GantryShape *shape, GantryDType dtype,
                   GantryTensor *const *inputs, guint n_inputs, const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals)
{
  GantryTensor *tensor = _gantry_arena_alloc (graph->arena, sizeof (GantryTensor));

  tensor->graph = graph;
  tensor->id = graph->tensors->len;
  tensor->op = op;
  tensor->shape = *shape;
  tensor->dtype = dtype;
  tensor->n_inputs = n_inputs;
  tensor->inputs = _gantry_arena_copy (graph->arena, inputs, n_inputs * sizeof (GantryTensor *));
  tensor->n_ints = n_ints;
  tensor->ints = _gantry_arena_copy (graph->arena, ints, n_ints * sizeof (gint64));
  tensor->n_reals = n_reals;
  tensor->reals = _gantry_arena_copy (graph->arena, reals, n_reals * sizeof (gdouble));
  tensor->scope = graph->label;
  g_ptr_array_add (graph->tensors, tensor);
  return tensor;
}

GantryTensor *
_gantry_tensor_repeat (GantryTensor *tensor, GantryTensor *const *inputs)
{
  GantryTensor *again = _gantry_graph_add (tensor->graph, tensor->op, &tensor->shape, tensor->dtype, inputs != NULL ? inputs : tensor->inputs,
                                           tensor->n_inputs, tensor->ints, tensor->n_ints, tensor->reals, tensor->n_reals);

  again->scope = tensor->scope;
  return again;
}

/**
 * gantry_graph_get_n_tensors:
 * @self: a graph
 *
 * Returns: how many tensors were made, whether needed or not
 */
guint
gantry_graph_get_n_tensors (GantryGraph *self)
{
  return self->tensors->len;
}

/**
 * gantry_graph_get_tensor:
 * @self: a graph
 * @id: below [method@Gantry.Graph.get_n_tensors]
 *
 * Returns: (transfer none) (nullable): the tensor made as number @id, counted from 0; %NULL past the last
 */
GantryTensor *
gantry_graph_get_tensor (GantryGraph *self, guint id)
{
  return id < self->tensors->len ? g_ptr_array_index (self->tensors, id) : NULL;
}

/**
 * gantry_graph_output:
 * @self: a graph
 * @name: name of the output, unique in the graph
 * @tensor: what it delivers, of any shape and dtype
 *
 * Names what a program made from the graph must deliver.  A name that is taken, or a tensor of another graph,
 * is an error that sticks.
 */
void
gantry_graph_output (GantryGraph *self, const gchar *name, GantryTensor *tensor)
{
  if (tensor == NULL || tensor->graph != self)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "output '%s': %s", name,
                         tensor == NULL ? "no tensor" : "a tensor of another graph");
      return;
    }
  if (g_hash_table_contains (self->outputs_by_name, name))
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "output '%s': the name is taken by another output", name);
      return;
    }
  name = _gantry_graph_intern (self, name);
  g_hash_table_insert (self->outputs_by_name, (gpointer) name, tensor);
  g_ptr_array_add (self->outputs, (gpointer) name);
}

/**
 * gantry_graph_find_output:
 * @self: a graph
 * @name: name of an output
 *
 * Returns: (transfer none) (nullable): the tensor, %NULL where there is no such output
 */
GantryTensor *
gantry_graph_find_output (GantryGraph *self, const gchar *name)
{
  return g_hash_table_lookup (self->outputs_by_name, name);
}

/**
 * gantry_graph_list_outputs:
 * @self: a graph
 *
 * Returns: (transfer full) (array zero-terminated=1): names of the outputs in the order they were set
 */
gchar **
gantry_graph_list_outputs (GantryGraph *self)
{
  gchar **names = g_new0 (gchar *, self->outputs->len + 1);

  for (guint i = 0; i < self->outputs->len; i++)
    names[i] = g_strdup (g_ptr_array_index (self->outputs, i));
  return names;
}
