/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry film RUN|PICTURE... [OPTION...] */
#include "cli/cli.h"

#include <string.h>

#define MAX_COLUMNS 10000
#define MAX_SHRINK 100

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

/* The sample pictures of a run in the order of the training; their names are numbers of one length. */
static GPtrArray *
list_pictures (const gchar *run, GError **error)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *folder = g_build_filename (run, "samples", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const gchar *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png") && g_ascii_isdigit (name[0]))
      g_ptr_array_add (pictures, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (pictures, compare_names);
  if (pictures->len > 0)
    return g_steal_pointer (&pictures);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: has no pictures: train with --sample-interval=", folder);
  return NULL;
}

/* From the first to the last, at distances as equal as can be. */
static void
choose_frames (GPtrArray *pictures, guint frames)
{
  const guint n = pictures->len;

  if (frames >= n)
    return;
  for (guint i = n, kept = frames; i > 0; i--)
    if (kept > 0 && i - 1 == (frames > 1 ? (kept - 1) * (n - 1) / (frames - 1) : n - 1))
      kept--;
    else
      g_ptr_array_remove_index (pictures, i - 1);
}

/* 0 is what an option is that was not given. */
static gboolean
check_range (const gchar *option, gint value, gint least, gint most)
{
  if (value >= least && value <= most)
    return TRUE;
  cli_fail (CLI_BAD_INPUT, "film: --%s=%d is out of range: expected 1 to %d", option, value, most);
  return FALSE;
}

gint
cli_film (gint argc, gchar **argv)
{
  gint frames = 0, columns = 0, shrink = 1;
  g_autofree gchar *output = NULL;
  const GOptionEntry entries[] = {
    { "frames", 'n', 0, G_OPTION_ARG_INT, &frames, "How many of a run's pictures, from the first to the last; all by default", "N" },
    { "columns", 0, 0, G_OPTION_ARG_INT, &columns, "Pictures of a row; by default there is one row", "N" },
    { "shrink", 0, 0, G_OPTION_ARG_INT, &shrink, "Makes each picture N times smaller", "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "PNG file; film.png by default", "FILE" },
    { NULL }
  };
  g_autoptr (GPtrArray) pictures = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_run;

  if (!cli_parse_options (&argc, &argv, entries, "RUN|PICTURE...", "Puts a run's sample pictures, or PNG files, side by side as one picture."))
    return CLI_BAD_INPUT;
  if (argc < 2)
    return cli_fail (CLI_BAD_INPUT, "film: expected one run folder or PNG files; see gantry film --help");
  if (!check_range ("frames", frames, 0, G_MAXINT) || !check_range ("columns", columns, 0, MAX_COLUMNS)
      || !check_range ("shrink", shrink, 1, MAX_SHRINK))
    return CLI_BAD_INPUT;
  is_run = argc == 2 && g_file_test (argv[1], G_FILE_TEST_IS_DIR);
  if (frames > 0 && !is_run)
    return cli_fail (CLI_BAD_INPUT, "film: --frames chooses among the pictures of a run folder");
  if (is_run)
    pictures = list_pictures (argv[1], &error);
  else
    pictures = g_ptr_array_new_with_free_func (g_free);
  if (pictures == NULL)
    return cli_fail_error (CLI_BAD_INPUT, error);
  for (gint i = 1; !is_run && i < argc; i++)
    g_ptr_array_add (pictures, g_strdup (argv[i]));
  if (frames > 0)
    choose_frames (pictures, frames);
  g_ptr_array_add (pictures, NULL);
  if (!gantry_image_film_save ((const gchar *const *) pictures->pdata, columns, shrink, output != NULL ? output : "film.png", &error))
    return cli_fail_error (g_error_matches (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA) ? CLI_BAD_INPUT : CLI_FAILED, error);
  if (output == NULL)
    g_print ("%u pictures in film.png\n", pictures->len - 1);
  return CLI_DONE;
}
