/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `gantry graph` as text: scopes or tensors, networks, program. */
#include "cli/graph.h"

static void
print_header (const GraphView *view, FILE *file)
{
  if (view->after_compile)
    fprintf (file, "phase %s: %u kernels\n\n", view->phase, gantry_program_get_n_kernels (view->program));
  else
    fprintf (file, "phase %s: %u tensors, computed in %s\n\n", view->phase, gantry_graph_get_n_tensors (view->graph),
             gantry_dtype_name (gantry_graph_get_dtype (view->graph)));
}

static const gchar *
get_scope_title (const gchar *name)
{
  return *name != '\0' ? name : "(no scope)";
}

typedef struct {
  const GraphSummary *summary;
  FILE *file;
  gint width; /* of the first column; 0 while it is being measured */
} ScopeTable;

/* A scope is called by what its name adds to that of the scope around it. */
static gchar *
format_title (const GraphScope *scope, guint depth)
{
  const gchar *rest = scope->parent != NULL ? scope->name + strlen (scope->parent->name) + strlen (": ") : scope->name;

  return g_strdup_printf ("%*s%s", (gint) (2 * depth), "", get_scope_title (rest));
}

static gchar *
format_result (const GraphScope *scope)
{
  guint n_variables = g_hash_table_size (scope->variables);

  if (n_variables > 1 && scope->parent != NULL)
    return g_strdup_printf ("%u variables", n_variables);
  return scope->result != NULL ? cli_graph_describe_tensor (scope->result) : g_strdup ("-");
}

static void
print_scope (const ScopeTable *table, const GraphScope *scope, const gchar *title)
{
  g_autofree gchar *flops = cli_graph_format_count (scope->flops);
  g_autofree gchar *gradient_flops = cli_graph_format_count (scope->gradient_flops);
  g_autofree gchar *result = format_result (scope);

  fprintf (table->file, "%-*s %8u %8s %8u %8s %12" G_GUINT64_FORMAT "  %s\n", table->width, title, scope->n_tensors, flops, scope->n_gradient,
           gradient_flops, scope->n_parameters, result);
}

static gint
walk_scopes (const ScopeTable *table, const GraphScope *parent, guint depth)
{
  gint width = strlen ("scope");

  for (guint i = 0; i < table->summary->scopes->len; i++)
    {
      const GraphScope *scope = table->summary->scopes->pdata[i];
      g_autofree gchar *title = NULL;
      gint inner;

      if (scope->parent != parent)
        continue;
      title = format_title (scope, depth);
      if (table->width > 0)
        print_scope (table, scope, title);
      inner = walk_scopes (table, scope, depth + 1);
      width = MAX (width, MAX (inner, (gint) strlen (title)));
    }
  return width;
}

static void
print_scopes (const GraphView *view, const GraphSummary *summary, FILE *file)
{
  const gchar *unit = view->after_compile ? "kernels" : "tensors";
  ScopeTable table = { summary, file, 0 };

  table.width = walk_scopes (&table, NULL, 0);
  fprintf (file, "%-*s %8s %8s %8s %8s\n", table.width, "", "forward", "", "gradient", "");
  fprintf (file, "%-*s %8s %8s %8s %8s %12s  %s\n", table.width, "scope", unit, "FLOPs", unit, "FLOPs", "parameters", "result");
  walk_scopes (&table, NULL, 0);
}

static void
print_inputs (const GantryTensor *tensor, FILE *file)
{
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    fprintf (file, "%s%%%u", i > 0 ? ", " : "", gantry_tensor_get_id (gantry_tensor_get_input (tensor, i)));
}

static void
print_attributes (const GantryTensor *tensor, FILE *file)
{
  guint n_ints, n_reals;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);
  const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);
  const guint most = 12;

  if (n_ints + n_reals == 0)
    return;
  fputs (" {", file);
  for (guint i = 0; i < MIN (n_ints, most); i++)
    fprintf (file, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", ints[i]);
  if (n_ints > 0 && n_reals > 0)
    fputs ("; ", file);
  for (guint i = 0; i < MIN (n_reals, most); i++)
    fprintf (file, "%s%.9g", i > 0 ? " " : "", reals[i]);
  fputs (n_ints > most || n_reals > most ? " ...}" : "}", file);
}

/* The scope is said where it changes. */
static void
print_tensors (const GraphView *view, const GraphSummary *summary, FILE *file)
{
  const gchar *scope = NULL;

  for (guint i = 0; i < summary->tensors->len; i++)
    {
      const GantryTensor *tensor = summary->tensors->pdata[i];
      g_autofree gchar *what = cli_graph_describe_tensor (tensor);
      const gchar *kernel, *backend;

      if (g_strcmp0 (scope, gantry_tensor_get_scope (tensor)) != 0)
        {
          scope = gantry_tensor_get_scope (tensor);
          fprintf (file, "%s:\n", get_scope_title (scope));
        }
      fprintf (file, "  %%%u = %s (", gantry_tensor_get_id (tensor), what);
      print_inputs (tensor, file);
      fputc (')', file);
      print_attributes (tensor, file);
      if (view->after_compile)
        {
          gantry_program_get_kernel (view->program, i, &kernel, &backend);
          fprintf (file, " by %s/%s", backend, kernel);
        }
      fputc ('\n', file);
    }
}

typedef struct {
  const gchar *name;
  guint64 trainable;
  guint64 other;
} Owner;

/* The first part of a variable's name says whose it is. */
static Owner *
find_owner (GPtrArray *owners, const gchar *variable)
{
  const gchar *dot = strchr (variable, '.');
  g_autofree gchar *name = g_strndup (variable, dot != NULL ? (gsize) (dot - variable) : strlen (variable));
  Owner *owner;

  for (guint i = 0; i < owners->len; i++)
    if (g_str_equal (((Owner *) owners->pdata[i])->name, name))
      return owners->pdata[i];
  owner = g_new0 (Owner, 1);
  owner->name = g_intern_string (name);
  g_ptr_array_add (owners, owner);
  return owner;
}

static void
print_variables (const GraphView *view, FILE *file)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (view->graph);
  g_autoptr (GPtrArray) owners = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < variables->len; i++)
    {
      const GantryVariable *variable = variables->pdata[i];
      Owner *owner = find_owner (owners, variable->name);

      *(variable->trainable ? &owner->trainable : &owner->other) += gantry_shape_size (&variable->shape);
    }
  fprintf (file, "\n%-20s  %12s  %12s\n", "variables", "parameters", "other state");
  for (guint i = 0; i < owners->len; i++)
    {
      const Owner *owner = owners->pdata[i];

      fprintf (file, "%-20s  %12" G_GUINT64_FORMAT "  %12" G_GUINT64_FORMAT "\n", owner->name, owner->trainable, owner->other);
    }
}

static void
count_kernel (GHashTable *counts, GPtrArray *order, const gchar *name)
{
  gpointer count = g_hash_table_lookup (counts, name);

  if (count == NULL)
    g_ptr_array_add (order, (gpointer) name);
  g_hash_table_insert (counts, (gpointer) name, GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
}

/* Each backend's kernels in the order in which they first run: "openblas 7: gemm-conv2d 4, relu 3". */
static void
print_backends (const GraphView *view, FILE *file)
{
  g_autoptr (GPtrArray) backends = g_ptr_array_new (), kernels = g_ptr_array_new ();
  g_autoptr (GHashTable) backend_counts = g_hash_table_new (g_str_hash, g_str_equal), kernel_counts = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = gantry_program_get_n_kernels (view->program);

  for (guint i = 0; i < n; i++)
    {
      const gchar *kernel, *backend;
      g_autofree gchar *name = NULL;

      gantry_program_get_kernel (view->program, i, &kernel, &backend);
      name = g_strconcat (backend, "/", kernel, NULL);
      count_kernel (backend_counts, backends, backend);
      count_kernel (kernel_counts, kernels, g_intern_string (name));
    }
  for (guint i = 0; i < backends->len; i++)
    {
      const gchar *backend = backends->pdata[i];
      gsize prefix = strlen (backend) + 1;
      const gchar *separator = ": ";

      fprintf (file, "  %s %u", backend, GPOINTER_TO_UINT (g_hash_table_lookup (backend_counts, backend)));
      for (guint k = 0; k < kernels->len; k++)
        {
          const gchar *kernel = kernels->pdata[k];

          if (!g_str_has_prefix (kernel, backend) || kernel[prefix - 1] != '/')
            continue;
          fprintf (file, "%s%s %u", separator, kernel + prefix, GPOINTER_TO_UINT (g_hash_table_lookup (kernel_counts, kernel)));
          separator = ", ";
        }
      fputc ('\n', file);
    }
}

static void
print_program (const GraphView *view, FILE *file)
{
  GantryProgramReport report = { sizeof report };
  g_autofree gchar *flops = NULL, *workspace = NULL, *variables = NULL;

  gantry_program_get_report (view->program, &report);
  flops = cli_graph_format_count (report.flops);
  workspace = cli_graph_format_bytes (report.workspace);
  variables = cli_graph_format_bytes (report.variables);
  fprintf (file, "\nprogram: %u kernels, %s FLOPs a run, workspace %s, variables %s\n", report.n_kernels, flops, workspace, variables);
  fprintf (file, "kernels that fell through to a later backend: %u\n", report.n_fall_throughs);
  if (report.n_blocked > 0)
    fprintf (file, "convolutions of blocked tensors: %u; kernels that change a layout: %u\n", report.n_blocked, report.n_reorders);
  print_backends (view, file);
}

void
cli_graph_print_text (const GraphView *view, FILE *file)
{
  g_autoptr (GraphSummary) summary = cli_graph_summary_new (view);

  print_header (view, file);
  if (view->full)
    print_tensors (view, summary, file);
  else
    print_scopes (view, summary, file);
  print_variables (view, file);
  print_program (view, file);
}
