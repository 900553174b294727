/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry graph PIPELINE [--phase=NAME] [--format=text|dot|svg] [--output=FILE] [--full] [--after-compile] */
#include "cli/cli.h"
#include "cli/graph.h"

#include <errno.h>
#include <glib/gstdio.h>

typedef struct {
  gchar *phase;
  gchar *format;
  gchar *output;
  gboolean full;
  gboolean after_compile;
} Options;

/* Phases that run together as one program. */
static gboolean
is_run (GantrySession *session, const gchar *name)
{
  const gchar *run;

  for (guint i = 0; (run = gantry_session_get_run (session, i, NULL, NULL)) != NULL; i++)
    if (g_str_equal (run, name))
      return TRUE;
  return FALSE;
}

static gboolean
check_options (GantrySession *session, const Options *options, const gchar *const *phases)
{
  static const gchar *const formats[] = { "text", "dot", "svg", NULL };

  if (options->format != NULL && !g_strv_contains (formats, options->format))
    {
      g_autofree gchar *suggestion = cli_suggest (options->format, formats);

      cli_fail (CLI_BAD_INPUT, "graph: --format=%s: expected text, dot or svg%s", options->format, suggestion);
      return FALSE;
    }
  if (options->full && g_strcmp0 (options->format, "svg") == 0)
    {
      cli_fail (CLI_BAD_INPUT, "graph: --full: a picture has a box a scope; --format=dot has a node a tensor");
      return FALSE;
    }
  if (options->phase != NULL && !g_strv_contains (phases, options->phase) && !is_run (session, options->phase))
    {
      g_autofree gchar *all = g_strjoinv (", ", (gchar **) phases);
      g_autofree gchar *suggestion = cli_suggest (options->phase, phases);

      cli_fail (CLI_BAD_INPUT, "graph: the game has no phase '%s'%s; there are: %s", options->phase, suggestion, all);
      return FALSE;
    }
  return TRUE;
}

/* The phases that are asked for. */
static GArray *
compile_phases (GantrySession *session, const Options *options, GError **error)
{
  const gchar *const only[] = { options->phase, NULL };
  const gchar *const *phases = options->phase != NULL ? only : gantry_session_get_phases (session);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (GraphView));

  for (guint i = 0; phases[i] != NULL; i++)
    {
      GraphView view = { phases[i], NULL, NULL, options->full, options->after_compile };

      view.program = gantry_session_get_program (session, phases[i], error);
      view.graph = view.program != NULL ? gantry_session_get_graph (session, phases[i], error) : NULL;
      if (view.graph == NULL)
        return NULL;
      g_array_append_val (views, view);
    }
  return g_steal_pointer (&views);
}

static void
print_views (const GraphView *views, guint n_views, const gchar *format, FILE *file)
{
  if (g_strcmp0 (format, "svg") == 0)
    {
      cli_graph_print_svg (views, n_views, file);
      return;
    }
  for (guint i = 0; i < n_views; i++)
    {
      if (i > 0)
        fputc ('\n', file);
      if (g_strcmp0 (format, "dot") == 0)
        cli_graph_print_dot (&views[i], file);
      else
        cli_graph_print_text (&views[i], file);
    }
}

static gint
print_phases (GantrySession *session, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) views = NULL;
  FILE *file = stdout;
  gboolean written;

  if (!check_options (session, options, gantry_session_get_phases (session)))
    return CLI_BAD_INPUT;
  views = compile_phases (session, options, &error);
  if (views == NULL)
    return cli_fail_error (CLI_BAD_INPUT, error);
  if (options->output != NULL)
    file = g_fopen (options->output, "w");
  if (file == NULL)
    return cli_fail (CLI_BAD_INPUT, "graph: %s: cannot be written: %s", options->output, g_strerror (errno));
  print_views ((const GraphView *) (gpointer) views->data, views->len, options->format, file);
  written = fflush (file) == 0 && !ferror (file);
  if (options->output != NULL)
    written = fclose (file) == 0 && written;
  if (!written)
    return cli_fail (CLI_FAILED, "graph: %s: cannot be written: %s", options->output != NULL ? options->output : "standard output",
                     g_strerror (errno));
  return CLI_DONE;
}

gint
cli_graph (gint argc, gchar **argv)
{
  Options options = { NULL };
  const GOptionEntry entries[] = {
    { "phase", 0, 0, G_OPTION_ARG_STRING, &options.phase, "one phase of a turn, not all; or phases that run together", "NAME" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, "text; dot, for graphviz; or svg, a picture", "FORMAT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "write there, not to standard output", "FILE" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &options.full, "every tensor, not only every scope", NULL },
    { "after-compile", 0, 0, G_OPTION_ARG_NONE, &options.after_compile, "the kernels that run, not the tensors that were described", NULL },
    { NULL }
  };
  g_autoptr (GantryPipeline) pipeline = NULL;
  g_autoptr (GantrySession) session = NULL;
  g_autoptr (GError) error = NULL;
  gint status = CLI_BAD_INPUT;

  pipeline = cli_parse_pipeline (&argc, &argv, entries, "PIPELINE [--batch=N] [pipeline options]",
                                 "Shows what a training step computes: scopes, shapes, parameters, FLOPs, planned memory, kernels.");
  if (pipeline != NULL)
    {
      session = gantry_session_new (pipeline, &error);
      status = session != NULL ? print_phases (session, &options) : cli_fail_error (CLI_BAD_INPUT, error);
    }
  g_free (options.phase);
  g_free (options.format);
  g_free (options.output);
  return status;
}
