/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In the order in which --help shows them. */
static const CliCommand commands[] = {
  { "train", "trains what a pipeline describes, or goes on with a run", cli_train },
  { "sample", "draws images with a run or a checkpoint", cli_sample },
  { "film", "puts a run's sample pictures side by side", cli_film },
  { "checkpoints", "lists the checkpoints of a run, and marks those that are to stay", cli_checkpoints },
  { "list", "lists the plugins", cli_list },
  { "inspect", "shows a plugin's properties, or the files that cannot be used", cli_inspect },
  { "graph", "shows what a training step computes", cli_graph },
  { "bench", "measures what a training step costs, and where the time goes", cli_bench },
  { "doctor", "shows what there is to train with: processor, BLAS, backends, plugin folders", cli_doctor },
};

static void
print_help (FILE *file)
{
  fprintf (file,
           "Usage: gantry [--plugin-path=FOLDER] COMMAND ...\n\n"
           "Generative adversarial networks made of plugins.\n\nCommands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (file, "  %-11s  %s\n", commands[i].name, commands[i].summary);
  fprintf (file,
           "\nOptions:\n"
           "  --plugin-path=FOLDER  looks for plugins, KIND/NAME.so, in FOLDER first; more than once: in this order\n"
           "  --help                shows this help; gantry COMMAND --help that of a command\n"
           "  --version             shows the version\n"
           "\nExit status: 0 done, 1 the run failed, 2 bad input, 130 interrupted and saved.\n");
}

static void
print_log (const gchar *category, GantryLogLevel level, const gchar *message, gpointer user_data)
{
  static const gchar *const words[] = { "", "error: ", "warning: ", "", "debug: ", "trace: " };

  const gchar *terminal = g_getenv ("TERM");
  const gboolean has_line = isatty (STDERR_FILENO) && terminal != NULL && !g_str_equal (terminal, "dumb");

  /* In the place of the line that shows progress, which comes again. */
  fprintf (stderr, "%sgantry: %s%s: %s\n", has_line ? "\r\033[K" : "", words[level], category, message);
}

/* A program shows errors and warnings; GANTRY_DEBUG asks for more. */
static gboolean
set_up_log (void)
{
  const gchar *asked = g_getenv ("GANTRY_DEBUG");
  g_autofree gchar *spec = g_strconcat ("2,", asked, NULL);
  g_autoptr (GError) error = NULL;

  gantry_log_set_handler (print_log, NULL);
  if (gantry_log_set_thresholds (spec, &error))
    return TRUE;
  cli_fail (CLI_BAD_INPUT, "GANTRY_DEBUG: %s", error->message);
  return FALSE;
}

/* Takes --plugin-path out of the arguments, wherever it stands before "--"; FALSE if its folder is missing. */
static gboolean
take_plugin_paths (gint *argc, gchar **argv)
{
  static const gchar option[] = "--plugin-path";
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  gint kept = 1;
  gint i = 1;

  for (; i < *argc && !g_str_equal (argv[i], "--"); i++)
    {
      if (g_str_has_prefix (argv[i], option) && argv[i][strlen (option)] == '=' && argv[i][strlen (option) + 1] != '\0')
        g_ptr_array_add (folders, argv[i] + strlen (option) + 1);
      else if (g_str_equal (argv[i], option) && i + 1 < *argc)
        g_ptr_array_add (folders, argv[++i]);
      else if (g_str_equal (argv[i], option) || g_str_equal (argv[i], "--plugin-path="))
        return FALSE;
      else
        argv[kept++] = argv[i];
    }
  while (i < *argc)
    argv[kept++] = argv[i++];
  argv[kept] = NULL;
  *argc = kept;
  for (guint f = folders->len; f > 0; f--)
    gantry_registry_prepend_folder (gantry_registry_get_default (), folders->pdata[f - 1]);
  return TRUE;
}

static gint
run_command (gint argc, gchar **argv)
{
  const gchar *names[G_N_ELEMENTS (commands) + 1] = { NULL };
  g_autofree gchar *suggestion = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_str_equal (argv[0], commands[i].name))
        return commands[i].run (argc, argv);
      names[i] = commands[i].name;
    }
  suggestion = cli_suggest (argv[0], names);
  return cli_fail (CLI_BAD_INPUT, "no %s is called '%s'%s; see gantry --help", argv[0][0] == '-' ? "option" : "command", argv[0], suggestion);
}

static gint
run (gint argc, gchar **argv)
{
  if (!set_up_log ())
    return CLI_BAD_INPUT;
  gantry_init ();
  if (!take_plugin_paths (&argc, argv))
    return cli_fail (CLI_BAD_INPUT, "--plugin-path: a folder is missing: --plugin-path=FOLDER");
  if (argc < 2)
    {
      print_help (stderr);
      return CLI_BAD_INPUT;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    print_help (stdout);
  else if (g_str_equal (argv[1], "--version"))
    printf ("gantry %s (plugin ABI %d.%d)\n", gantry_version (), GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR);
  else
    return run_command (argc - 1, argv + 1);
  return CLI_DONE;
}

gint
main (gint argc, gchar **argv)
{
  gint status;

  setlocale (LC_CTYPE, "");
  status = run (argc, argv);
  if ((fflush (stdout) != 0 || ferror (stdout)) && status == CLI_DONE)
    return cli_fail (CLI_FAILED, "standard output: %s", g_strerror (errno));
  return status;
}
