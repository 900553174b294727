/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that take a pipeline file and options that change it. */
#include "cli/cli.h"

#include <string.h>

static gboolean
apply_option (GantryPipeline *pipeline, const gchar *argument, GError **error)
{
  const gchar *equals = strchr (argument, '=');
  g_autofree gchar *option = equals != NULL ? g_strndup (argument, (gsize) (equals - argument)) : g_strdup (argument);

  return gantry_pipeline_apply_option (pipeline, option, equals != NULL ? equals + 1 : NULL, error);
}

static gboolean
read_arguments (GantryPipeline *pipeline, gint argc, gchar **argv, GError **error)
{
  const gchar *path = NULL;

  for (gint i = 1; i < argc; i++)
    {
      if (argv[i][0] == '-' && argv[i][1] == '-' && argv[i][2] != '\0')
        continue;
      if (path != NULL)
        {
          g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "one pipeline file, but '%s' follows '%s'", argv[i], path);
          return FALSE;
        }
      path = argv[i];
    }
  if (path == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "no pipeline file was given");
      return FALSE;
    }
  if (!gantry_pipeline_load (pipeline, path, error))
    return FALSE;
  for (gint i = 1; i < argc; i++)
    {
      if (argv[i] != path && !apply_option (pipeline, argv[i], error))
        return FALSE;
    }
  return gantry_pipeline_resolve (pipeline, error);
}

GantryPipeline *
cli_parse_pipeline (gint *argc, gchar ***argv, const GOptionEntry *entries, const gchar *parameters, const gchar *summary)
{
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autofree gchar *program = g_strconcat ("gantry ", (*argv)[0], NULL);
  g_autoptr (GantryPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  GantryRegistry *registry;

  g_set_prgname (program);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context,
                                    "Options of the pipeline, --KIND=NAME, --add-KIND=NAME, --no-KIND, --KIND.key=VALUE, --NETWORK.key=VALUE,\n"
                                    "--key=VALUE, change what its file says.\n");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      cli_fail (CLI_BAD_INPUT, "%s: %s; see %s --help", (*argv)[0], error->message, program);
      return NULL;
    }
  registry = cli_get_registry ();
  if (registry == NULL)
    return NULL;
  pipeline = gantry_pipeline_new (registry);
  if (read_arguments (pipeline, *argc, *argv, &error))
    return g_steal_pointer (&pipeline);
  cli_fail_error (CLI_BAD_INPUT, error);
  return NULL;
}
