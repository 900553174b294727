/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry checkpoints RUN [--mark=IMAGES] [--unmark=IMAGES] */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define LATEST "latest"

/* Images of the checkpoint that a word means: a number, with k or M for 10^3 or 10^6, or "latest". */
static gboolean
find_checkpoint (GPtrArray *checkpoints, const gchar *option, const gchar *word, guint64 *images)
{
  g_autoptr (GString) known = g_string_new (NULL);
  gchar *end = NULL;
  guint64 number = g_ascii_strtoull (word, &end, 10);

  if (g_str_equal (word, LATEST) && checkpoints->len > 0)
    {
      *images = ((GantryRunCheckpoint *) checkpoints->pdata[checkpoints->len - 1])->images;
      return TRUE;
    }
  if (end != word && (*end == 'k' || *end == 'M'))
    number *= *end++ == 'k' ? 1000 : 1000000;
  for (guint i = 0; i < checkpoints->len; i++)
    {
      const GantryRunCheckpoint *checkpoint = checkpoints->pdata[i];

      if (g_ascii_isdigit (*word) && *end == '\0' && checkpoint->images == number)
        {
          *images = number;
          return TRUE;
        }
      g_string_append_printf (known, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", checkpoint->images);
    }
  cli_fail (CLI_BAD_INPUT, "checkpoints: --%s=%s: the run has no such checkpoint; it has: %s", option, word, known->len > 0 ? known->str : "none");
  return FALSE;
}

static gboolean
set_marks (const gchar *run, GPtrArray *checkpoints, const gchar *option, gchar **words, GError **error)
{
  const gboolean is_marked = g_str_equal (option, "mark");

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      guint64 images;

      if (!find_checkpoint (checkpoints, option, words[i], &images) || !gantry_run_mark_checkpoint (run, images, is_marked, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
print_all (const gchar *run, GError **error)
{
  g_autoptr (GPtrArray) checkpoints = gantry_run_list_checkpoints (run, error);

  if (checkpoints == NULL)
    return FALSE;
  if (checkpoints->len > 0)
    printf ("%s%12s  %-19s  %10s  marked%s\n", cli_bold (), "images", "written", "size", cli_plain ());
  for (guint i = 0; i < checkpoints->len; i++)
    {
      const GantryRunCheckpoint *checkpoint = checkpoints->pdata[i];
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (checkpoint->time);
      g_autofree gchar *written = time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S") : g_strdup ("?");
      g_autofree gchar *bytes = gantry_format_bytes (checkpoint->bytes);

      printf ("%12" G_GUINT64_FORMAT "  %-19s  %10s%s\n", checkpoint->images, written, bytes, checkpoint->is_marked ? "  yes" : "");
    }
  return TRUE;
}

gint
cli_checkpoints (gint argc, gchar **argv)
{
  g_auto (GStrv) marked = NULL;
  g_auto (GStrv) unmarked = NULL;
  const GOptionEntry entries[] = {
    { "mark", 'm', 0, G_OPTION_ARG_STRING_ARRAY, &marked, "This checkpoint stays, whatever keep= says; 'latest' is the newest", "IMAGES" },
    { "unmark", 'u', 0, G_OPTION_ARG_STRING_ARRAY, &unmarked, "It need not stay any more", "IMAGES" },
    { NULL }
  };
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GError) error = NULL;

  if (!cli_parse_options (&argc, &argv, entries, "RUN", "Lists the checkpoints of a run, and marks those that are to stay.  The run may be in use."))
    return CLI_BAD_INPUT;
  if (argc != 2)
    return cli_fail (CLI_BAD_INPUT, "checkpoints: expected one run folder; see gantry checkpoints --help");
  checkpoints = gantry_run_list_checkpoints (argv[1], &error);
  if (checkpoints == NULL)
    return cli_fail_error (CLI_BAD_INPUT, error);
  if (!set_marks (argv[1], checkpoints, "mark", marked, &error) || !set_marks (argv[1], checkpoints, "unmark", unmarked, &error))
    return error != NULL ? cli_fail_error (CLI_FAILED, error) : CLI_BAD_INPUT;
  return print_all (argv[1], &error) ? CLI_DONE : cli_fail_error (CLI_BAD_INPUT, error);
}
