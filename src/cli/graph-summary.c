/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tensors of a phase, gathered by scope. */
#include "cli/graph.h"

#define GRADIENT "gradient"

/* What differentiation makes is labelled by the scope that it differentiates, and this word. */
gboolean
cli_graph_is_gradient (const GantryTensor *tensor)
{
  return g_str_has_suffix (gantry_tensor_get_scope (tensor), GRADIENT);
}

/* A part that is a variable's name is left out, so that an optimizer is one scope, and not one a variable. */
static gchar *
get_forward_scope (const GantryTensor *tensor, const gchar **variable)
{
  g_auto (GStrv) parts = g_strsplit (gantry_tensor_get_scope (tensor), ": ", -1);
  g_autoptr (GString) name = g_string_new (NULL);
  guint n = g_strv_length (parts);

  if (n > 0 && g_str_equal (parts[n - 1], GRADIENT))
    n--;
  *variable = NULL;
  for (guint i = 0; i < n; i++)
    {
      const GantryVariable *found = gantry_graph_find_variable (gantry_tensor_get_graph (tensor), parts[i]);

      if (found != NULL)
        *variable = found->name;
      else
        g_string_append_printf (name, "%s%s", name->len > 0 ? ": " : "", parts[i]);
    }
  return g_strdup (name->str);
}

static void
collect_tensors (const GraphView *view, GPtrArray *tensors)
{
  if (view->after_compile)
    for (guint i = 0; i < gantry_program_get_n_kernels (view->program); i++)
      g_ptr_array_add (tensors, gantry_program_get_kernel (view->program, i, NULL, NULL));
  else
    for (guint i = 0; i < gantry_graph_get_n_tensors (view->graph); i++)
      g_ptr_array_add (tensors, gantry_graph_get_tensor (view->graph, i));
}

static guint64
count_parameters (const GantryTensor *tensor)
{
  const gchar *name = gantry_tensor_get_name (tensor);
  GantryVariable *variable = NULL;

  if (name != NULL && g_str_equal (gantry_tensor_get_op_name (tensor), "variable"))
    variable = gantry_graph_find_variable (gantry_tensor_get_graph (tensor), name);
  return variable != NULL && variable->trainable ? gantry_tensor_get_size (tensor) : 0;
}

static void
add_tensor (GraphScope *scope, GantryTensor *tensor, const gchar *variable)
{
  if (variable != NULL)
    g_hash_table_add (scope->variables, (gpointer) variable);
  if (cli_graph_is_gradient (tensor))
    {
      scope->n_gradient++;
      scope->gradient_flops += gantry_tensor_get_flops (tensor);
      return;
    }
  scope->n_tensors++;
  scope->flops += gantry_tensor_get_flops (tensor);
  scope->n_parameters += count_parameters (tensor);
  if (gantry_tensor_get_n_inputs (tensor) > 0 || scope->result == NULL)
    scope->result = tensor;
}

static void
scope_free (gpointer data)
{
  GraphScope *scope = data;

  g_hash_table_unref (scope->variables);
  g_free (scope);
}

static GraphScope *
get_scope (GraphSummary *self, GHashTable *by_name, const gchar *name)
{
  GraphScope *scope = g_hash_table_lookup (by_name, name);

  if (scope != NULL)
    return scope;
  scope = g_new0 (GraphScope, 1);
  scope->name = g_intern_string (name);
  scope->variables = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (by_name, (gpointer) scope->name, scope);
  g_ptr_array_add (self->scopes, scope);
  return scope;
}

/* What leaves a scope is its result, rather than a statistic that it keeps. */
static void
find_results (GraphSummary *self)
{
  g_autoptr (GHashTable) decided = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->tensors->len; i++)
    {
      GantryTensor *tensor = self->tensors->pdata[i];
      GraphScope *scope = g_hash_table_lookup (self->index, tensor);

      for (guint k = 0; k < gantry_tensor_get_n_inputs (tensor) && !cli_graph_is_gradient (tensor); k++)
        {
          GantryTensor *input = gantry_tensor_get_input (tensor, k);
          GraphScope *from = g_hash_table_lookup (self->index, input);

          if (from == NULL || from == scope || cli_graph_is_gradient (input) || gantry_tensor_get_n_inputs (input) == 0)
            continue;
          if (g_hash_table_add (decided, from) || gantry_tensor_get_id (input) > gantry_tensor_get_id (from->result))
            from->result = input;
        }
    }
}

static void
find_parents (GraphSummary *self, GHashTable *by_name)
{
  for (guint i = 0; i < self->scopes->len; i++)
    {
      GraphScope *scope = self->scopes->pdata[i];
      g_autofree gchar *name = g_strdup (scope->name);
      gchar *end;

      while (scope->parent == NULL && (end = g_strrstr (name, ": ")) != NULL)
        {
          *end = '\0';
          scope->parent = g_hash_table_lookup (by_name, name);
        }
    }
}

GraphSummary *
cli_graph_summary_new (const GraphView *view)
{
  GraphSummary *self = g_new0 (GraphSummary, 1);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  self->tensors = g_ptr_array_new ();
  self->scopes = g_ptr_array_new_with_free_func (scope_free);
  self->index = g_hash_table_new (NULL, NULL);
  collect_tensors (view, self->tensors);
  for (guint i = 0; i < self->tensors->len; i++)
    {
      GantryTensor *tensor = self->tensors->pdata[i];
      const gchar *variable;
      g_autofree gchar *name = get_forward_scope (tensor, &variable);
      GraphScope *scope = get_scope (self, by_name, name);

      add_tensor (scope, tensor, variable);
      g_hash_table_insert (self->index, tensor, scope);
    }
  find_results (self);
  find_parents (self, by_name);
  return self;
}

void
cli_graph_summary_free (GraphSummary *self)
{
  g_ptr_array_unref (self->tensors);
  g_ptr_array_unref (self->scopes);
  g_hash_table_unref (self->index);
  g_free (self);
}

/* What a tensor is made from, of that which is shown: a kernel may have taken in what lies between. */
void
cli_graph_collect_sources (const GraphSummary *summary, GantryTensor *tensor, GPtrArray *sources)
{
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      if (g_ptr_array_find (sources, input, NULL))
        continue;
      if (g_hash_table_contains (summary->index, input))
        g_ptr_array_add (sources, input);
      else
        cli_graph_collect_sources (summary, input, sources);
    }
}

/* A batch or a draw. */
gboolean
cli_graph_is_data (const GantryTensor *tensor)
{
  return g_str_equal (gantry_tensor_get_op_name (tensor), "feed") || g_str_equal (gantry_tensor_get_op_name (tensor), "random");
}

gchar *
cli_graph_describe_tensor (const GantryTensor *tensor)
{
  g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (tensor));
  const gchar *name = gantry_tensor_get_name (tensor);

  return g_strdup_printf ("%s %s %s%s%s", gantry_tensor_get_op_name (tensor), gantry_dtype_name (gantry_tensor_get_dtype (tensor)), shape,
                          name != NULL ? " " : "", name != NULL ? name : "");
}

static gchar *
format_scaled (gdouble value, gdouble base, const gchar *const *units)
{
  guint i = 0;

  for (; value >= base && units[i + 1] != NULL; i++)
    value /= base;
  if (i == 0)
    return g_strdup_printf ("%.0f%s", value, units[0]);
  return g_strdup_printf ("%.*f%s", value < 10 ? 2 : value < 100 ? 1 : 0, value, units[i]);
}

gchar *
cli_graph_format_count (gdouble count)
{
  static const gchar *const units[] = { "", " k", " M", " G", " T", " P", NULL };

  return format_scaled (count, 1000, units);
}

gchar *
cli_graph_format_bytes (gsize bytes)
{
  static const gchar *const units[] = { " bytes", " KiB", " MiB", " GiB", " TiB", NULL };

  return format_scaled (bytes, 1024, units);
}
