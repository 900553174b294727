/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

gint
cli_fail (gint status, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  fflush (stdout);
  fprintf (stderr, "gantry: %s\n", message);
  return status;
}

gint
cli_fail_error (gint status, const GError *error)
{
  return cli_fail (status, "%s", error->message);
}

GantryRegistry *
cli_get_registry (void)
{
  static gboolean scanned;
  GantryRegistry *registry = gantry_registry_get_default ();
  g_autoptr (GError) error = NULL;

  if (!scanned && !gantry_registry_scan (registry, &error))
    {
      cli_fail_error (CLI_BAD_INPUT, error);
      return NULL;
    }
  scanned = TRUE;
  return registry;
}

gboolean
cli_parse_options (gint *argc, gchar ***argv, const GOptionEntry *entries, const gchar *parameters, const gchar *summary)
{
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autofree gchar *program = g_strconcat ("gantry ", (*argv)[0], NULL);
  g_autoptr (GError) error = NULL;

  g_set_prgname (program);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  cli_fail (CLI_BAD_INPUT, "%s: %s; see %s --help", (*argv)[0], error->message, program);
  return FALSE;
}

gchar *
cli_suggest (const gchar *name, const gchar *const *candidates)
{
  const gchar *nearest = gantry_nearest_name (name, candidates);

  return nearest != NULL ? g_strdup_printf (" (did you mean '%s'?)", nearest) : g_strdup ("");
}

static gboolean
has_colour (void)
{
  static gint known = -1;
  const gchar *terminal = g_getenv ("TERM");
  const gchar *refused = g_getenv ("NO_COLOR");

  if (known < 0)
    known = isatty (STDOUT_FILENO) && terminal != NULL && !g_str_equal (terminal, "dumb") && (refused == NULL || refused[0] == '\0');
  return known;
}

const gchar *
cli_bold (void)
{
  return has_colour () ? "\033[1m" : "";
}

const gchar *
cli_dim (void)
{
  return has_colour () ? "\033[2m" : "";
}

const gchar *
cli_plain (void)
{
  return has_colour () ? "\033[0m" : "";
}
