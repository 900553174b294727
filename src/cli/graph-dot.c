/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `gantry graph --format=dot`: for graphviz.  A node a stretch of one scope, or with --full a node a
   tensor inside a box a scope. */
#include "cli/graph.h"

static void
print_quoted (const gchar *text, FILE *file)
{
  fputc ('"', file);
  for (; *text != '\0'; text++)
    if (*text == '\n')
      fputs ("\\n", file);
    else if (*text == '"' || *text == '\\')
      fprintf (file, "\\%c", *text);
    else
      fputc (*text, file);
  fputc ('"', file);
}

static const gchar *
get_title (const gchar *scope)
{
  return *scope != '\0' ? scope : "(no scope)";
}

/* Tensors of one scope and direction that were made one after the other: a layer, a loss, the gradient of either. */
typedef struct {
  const GraphScope *scope;
  GantryTensor *input;  /* a batch or a draw that stands alone, else NULL */
  gboolean is_gradient;
  gdouble flops;
  GantryTensor *result;
} Stretch;

/* What is done to each of several variables is one stretch, though other tensors lie between. */
static Stretch *
get_stretch (GPtrArray *stretches, const GraphScope *scope, GantryTensor *tensor)
{
  gboolean is_input = gantry_tensor_get_n_inputs (tensor) == 0, is_gradient = cli_graph_is_gradient (tensor);
  guint first = g_hash_table_size (scope->variables) > 0 || stretches->len == 0 ? 0 : stretches->len - 1;
  Stretch *stretch;

  for (guint i = first; i < stretches->len && !is_input; i++)
    {
      stretch = stretches->pdata[i];
      if (stretch->scope == scope && stretch->is_gradient == is_gradient && stretch->input == NULL)
        return stretch;
    }
  stretch = g_new0 (Stretch, 1);
  stretch->scope = scope;
  stretch->is_gradient = is_gradient;
  stretch->input = is_input ? tensor : NULL;
  g_ptr_array_add (stretches, stretch);
  return stretch;
}

/* Constants and variables are in no stretch. */
static GPtrArray *
find_stretches (const GraphSummary *summary, GHashTable *of_tensor)
{
  GPtrArray *stretches = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < summary->tensors->len; i++)
    {
      GantryTensor *tensor = summary->tensors->pdata[i];
      Stretch *stretch;

      if (gantry_tensor_get_n_inputs (tensor) == 0 && !cli_graph_is_data (tensor))
        continue;
      stretch = get_stretch (stretches, g_hash_table_lookup (summary->index, tensor), tensor);
      stretch->flops += gantry_tensor_get_flops (tensor);
      stretch->result = tensor;
      g_hash_table_insert (of_tensor, tensor, stretch);
    }
  return stretches;
}

/* The phase is the name of the whole graph. */
static const gchar *
skip_phase (const gchar *scope)
{
  const gchar *rest = g_str_has_prefix (scope, "phase ") ? strstr (scope, ": ") : NULL;

  return rest != NULL ? rest + strlen (": ") : get_title (scope);
}

static gchar *
format_label (const Stretch *stretch)
{
  g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (stretch->result));
  g_autofree gchar *flops = cli_graph_format_count (stretch->flops);
  guint n_variables = g_hash_table_size (stretch->scope->variables);

  if (stretch->input != NULL)
    return g_strdup_printf ("%s\n%s", gantry_tensor_get_name (stretch->input), shape);
  if (n_variables > 1)
    return g_strdup_printf ("%s\n%u variables, %s FLOPs", skip_phase (stretch->scope->name), n_variables, flops);
  return g_strdup_printf ("%s%s\n%s, %s FLOPs", skip_phase (stretch->scope->name), stretch->is_gradient ? "\ngradient" : "", shape, flops);
}

static void
print_stretches (GPtrArray *stretches, GHashTable *numbers, FILE *file)
{
  for (guint i = 0; i < stretches->len; i++)
    {
      const Stretch *stretch = stretches->pdata[i];
      g_autofree gchar *label = format_label (stretch);

      g_hash_table_insert (numbers, stretches->pdata[i], GUINT_TO_POINTER (i));
      fprintf (file, "  s%u [%slabel=", i, stretch->input != NULL ? "shape=ellipse, " : stretch->is_gradient ? "style=dashed, " : "");
      print_quoted (label, file);
      fputs ("];\n", file);
    }
}

/* One edge between two stretches, however many tensors pass. */
static void
print_stretch_edges (const GraphSummary *summary, GHashTable *of_tensor, GHashTable *numbers, FILE *file)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < summary->tensors->len; i++)
    {
      GantryTensor *tensor = summary->tensors->pdata[i];
      const Stretch *to = g_hash_table_lookup (of_tensor, tensor);
      g_autoptr (GPtrArray) sources = g_ptr_array_new ();

      cli_graph_collect_sources (summary, tensor, sources);
      for (guint k = 0; k < sources->len; k++)
        {
          const Stretch *from = g_hash_table_lookup (of_tensor, sources->pdata[k]);
          g_autofree gchar *edge = NULL, *shape = NULL;

          if (from == NULL || from == to)
            continue;
          edge = g_strdup_printf ("s%u -> s%u", GPOINTER_TO_UINT (g_hash_table_lookup (numbers, from)),
                                  GPOINTER_TO_UINT (g_hash_table_lookup (numbers, to)));
          if (!g_hash_table_add (seen, g_strdup (edge)))
            continue;
          shape = gantry_shape_to_string (gantry_tensor_get_shape (sources->pdata[k]));
          fprintf (file, "  %s [label=", edge);
          print_quoted (shape, file);
          fputs ("];\n", file);
        }
    }
}

static void
print_scopes (const GraphSummary *summary, FILE *file)
{
  g_autoptr (GHashTable) of_tensor = g_hash_table_new (NULL, NULL), numbers = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) stretches = find_stretches (summary, of_tensor);

  print_stretches (stretches, numbers, file);
  print_stretch_edges (summary, of_tensor, numbers, file);
}

static void
print_tensor_nodes (const GraphSummary *summary, FILE *file)
{
  for (guint i = 0; i < summary->scopes->len; i++)
    {
      const GraphScope *scope = summary->scopes->pdata[i];

      fprintf (file, "  subgraph cluster_%u {\n    label=", i);
      print_quoted (get_title (scope->name), file);
      fputs (";\n", file);
      for (guint k = 0; k < summary->tensors->len; k++)
        {
          GantryTensor *tensor = summary->tensors->pdata[k];
          g_autofree gchar *label = NULL;

          if (g_hash_table_lookup (summary->index, tensor) != scope)
            continue;
          label = cli_graph_describe_tensor (tensor);
          fprintf (file, "    t%u [%slabel=", gantry_tensor_get_id (tensor), cli_graph_is_gradient (tensor) ? "style=dashed, " : "");
          print_quoted (label, file);
          fputs ("];\n", file);
        }
      fputs ("  }\n", file);
    }
}

static void
print_tensor_edges (const GraphSummary *summary, FILE *file)
{
  for (guint i = 0; i < summary->tensors->len; i++)
    {
      GantryTensor *tensor = summary->tensors->pdata[i];
      g_autoptr (GPtrArray) sources = g_ptr_array_new ();

      cli_graph_collect_sources (summary, tensor, sources);
      for (guint k = 0; k < sources->len; k++)
        fprintf (file, "  t%u -> t%u;\n", gantry_tensor_get_id (sources->pdata[k]), gantry_tensor_get_id (tensor));
    }
}

void
cli_graph_print_dot (const GraphView *view, FILE *file)
{
  g_autoptr (GraphSummary) summary = cli_graph_summary_new (view);

  fputs ("digraph ", file);
  print_quoted (view->phase, file);
  fputs (" {\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n", file);
  if (view->full)
    {
      print_tensor_nodes (summary, file);
      print_tensor_edges (summary, file);
    }
  else
    {
      print_scopes (summary, file);
    }
  fputs ("}\n", file);
}
