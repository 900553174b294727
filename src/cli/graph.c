/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry graph PIPELINE [--phase=NAME] [--format=text|dot] [--full] [--after-compile] */
#include "cli/cli.h"
#include "cli/graph.h"

typedef struct {
  gchar *phase;
  gchar *format;
  gboolean full;
  gboolean after_compile;
} Options;

static gboolean
check_options (const Options *options, const gchar *const *phases)
{
  static const gchar *const formats[] = { "text", "dot", NULL };

  if (options->format != NULL && !g_strv_contains (formats, options->format))
    {
      g_autofree gchar *suggestion = cli_suggest (options->format, formats);

      cli_fail (CLI_BAD_INPUT, "graph: --format=%s: expected text or dot%s", options->format, suggestion);
      return FALSE;
    }
  if (options->phase != NULL && !g_strv_contains (phases, options->phase))
    {
      g_autofree gchar *all = g_strjoinv (", ", (gchar **) phases);
      g_autofree gchar *suggestion = cli_suggest (options->phase, phases);

      cli_fail (CLI_BAD_INPUT, "graph: the game has no phase '%s'%s; there are: %s", options->phase, suggestion, all);
      return FALSE;
    }
  return TRUE;
}

static gboolean
print_phase (GantrySession *session, const gchar *phase, const Options *options, GError **error)
{
  GraphView view = { phase, NULL, NULL, options->full, options->after_compile };

  view.program = gantry_session_get_program (session, phase, error);
  view.graph = view.program != NULL ? gantry_session_get_graph (session, phase, error) : NULL;
  if (view.graph == NULL)
    return FALSE;
  if (g_strcmp0 (options->format, "dot") == 0)
    cli_graph_print_dot (&view, stdout);
  else
    cli_graph_print_text (&view, stdout);
  return TRUE;
}

static gint
print_phases (GantrySession *session, const Options *options)
{
  const gchar *const *phases = gantry_session_get_phases (session);
  gboolean first = TRUE;
  g_autoptr (GError) error = NULL;

  if (!check_options (options, phases))
    return CLI_BAD_INPUT;
  for (guint i = 0; phases[i] != NULL; i++)
    {
      if (options->phase != NULL && !g_str_equal (options->phase, phases[i]))
        continue;
      if (!first)
        putchar ('\n');
      if (!print_phase (session, phases[i], options, &error))
        return cli_fail_error (CLI_BAD_INPUT, error);
      first = FALSE;
    }
  return CLI_DONE;
}

gint
cli_graph (gint argc, gchar **argv)
{
  Options options = { NULL };
  const GOptionEntry entries[] = {
    { "phase", 0, 0, G_OPTION_ARG_STRING, &options.phase, "one phase of a turn, not all", "NAME" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, "text or, for graphviz, dot", "FORMAT" },
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
  return status;
}
