/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry sample RUN|CHECKPOINT [OPTION...] */
#include "cli/cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define CHUNK 64
#define MAX_GRID 10000
#define MAX_COUNT 100000000
#define NO_LABEL G_MININT64

/* Some of the rows, [count, ...]; NULL of NULL. */
static GantryArray *
take_rows (GantryArray *all, gsize at, gsize count)
{
  GantryShape shape;
  gsize row;
  GantryArray *some;

  if (all == NULL)
    return NULL;
  shape = *gantry_array_get_shape (all);
  row = gantry_array_get_bytes (all) / shape.dims[0];
  shape.dims[0] = count;
  some = gantry_array_new (gantry_array_get_dtype (all), &shape);
  memcpy (gantry_array_get_data (some), (guint8 *) gantry_array_get_data (all) + at * row, count * row);
  return some;
}

static GantryArray *
take_image (GantryArray *images, gsize i)
{
  return take_rows (images, i, 1);
}

static gboolean
refuse_for_points (const gchar *option, GError **error)
{
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "%s: samples are points, which one picture shows: it is for images", option);
  return FALSE;
}

static gboolean
make_folder (const gchar *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) == 0)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: cannot be made: %s", folder, g_strerror (errno));
  return FALSE;
}

static gboolean
save_each (GantrySession *session, GantryArray *latents, GantryArray *labels, const gchar *folder, GError **error)
{
  const gsize n = gantry_array_get_shape (latents)->dims[0];

  for (gsize at = 0; at < n; at += CHUNK)
    {
      const gsize count = MIN (CHUNK, n - at);
      g_autoptr (GantryArray) some = take_rows (latents, at, count);
      g_autoptr (GantryArray) some_labels = take_rows (labels, at, count);
      g_autoptr (GantryArray) images = gantry_session_sample_labels (session, count, some, some_labels, error);

      if (images == NULL)
        return FALSE;
      if (gantry_array_get_shape (images)->n_dims == 2)
        return refuse_for_points ("--each", error);
      if (at == 0 && !make_folder (folder, error))
        return FALSE;
      for (gsize i = 0; i < count; i++)
        {
          g_autoptr (GantryArray) image = take_image (images, i);
          g_autofree gchar *name = g_strdup_printf ("%06" G_GSIZE_FORMAT ".png", at + i);
          g_autofree gchar *path = g_build_filename (folder, name, NULL);

          if (!gantry_image_grid_save (image, 1, path, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
save_grid (GantrySession *session, GantryArray *latents, GantryArray *labels, gint64 label, guint columns, const gchar *path, GError **error)
{
  g_autoptr (GantryArray) images = gantry_session_sample_labels (session, gantry_array_get_shape (latents)->dims[0], latents, labels, error);

  if (images != NULL && gantry_array_get_shape (images)->n_dims == 2)
    return columns > 0 ? refuse_for_points ("--columns", error)
                       : gantry_session_save_points (session, images, label == NO_LABEL ? -1 : label, path, error);
  if (columns == 0 && label == NO_LABEL)
    columns = gantry_session_get_classes (session);
  return images != NULL && gantry_image_grid_save (images, columns, path, error);
}

/* Samples as numbers, for other programs to read. */
static gboolean
save_numbers (GantrySession *session, GantryArray *latents, GantryArray *labels, const gchar *format, const gchar *path, GError **error)
{
  g_autoptr (GantryArray) samples = gantry_session_sample_labels (session, gantry_array_get_shape (latents)->dims[0], latents, labels, error);

  if (samples == NULL)
    return FALSE;
  return g_str_equal (format, "csv") ? gantry_array_save_csv (samples, path, error) : gantry_array_save_npy (samples, path, error);
}

/* What --format= says, or else the ending of the file's name; NULL, with a message printed, where there is no such format. */
static const gchar *
choose_format (const gchar *asked, const gchar *output)
{
  static const gchar *const formats[] = { "png", "csv", "npy", NULL };
  const gchar *ending = output != NULL ? strrchr (output, '.') : NULL;

  for (guint i = 0; formats[i] != NULL; i++)
    if (asked != NULL ? g_str_equal (asked, formats[i]) : ending != NULL && g_ascii_strcasecmp (ending + 1, formats[i]) == 0)
      return formats[i];
  if (asked == NULL)
    return formats[0];
  cli_fail (CLI_BAD_INPUT, "sample: --format=%s: expected png, csv or npy", asked);
  return NULL;
}

/* All of one class, or one class after the other; NULL where the network is not conditional. */
static GantryArray *
make_labels (GantrySession *session, gsize n, gint64 label)
{
  const gsize classes = gantry_session_get_classes (session);
  GantryArray *labels;
  gint64 *values;

  if (classes == 0)
    return NULL;
  labels = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (n));
  values = gantry_array_get_data (labels);
  for (gsize i = 0; i < n; i++)
    values[i] = label >= 0 ? label : (gint64) (i % classes);
  return labels;
}

/* Whether the network knows the class; a message is printed where it does not. */
static gboolean
check_label (GantrySession *session, gint64 label)
{
  const gsize classes = gantry_session_get_classes (session);

  if (label == NO_LABEL || (label >= 0 && label < (gint64) classes))
    return TRUE;
  if (classes == 0)
    cli_fail (CLI_BAD_INPUT, "sample: --label=%" G_GINT64_FORMAT ": the network is not conditional, it takes no labels", label);
  else
    cli_fail (CLI_BAD_INPUT, "sample: --label=%" G_GINT64_FORMAT " is out of range: expected 0 to %" G_GSIZE_FORMAT, label, classes - 1);
  return FALSE;
}

static GantrySession *
load (const gchar *path, GError **error)
{
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autofree gchar *found = gantry_training_find_checkpoint (path, error);
  GantryRegistry *registry;
  GantrySession *session;

  if (found == NULL)
    return NULL;
  registry = cli_get_registry ();
  checkpoint = registry != NULL ? gantry_checkpoint_load (found, error) : NULL;
  if (checkpoint == NULL)
    return NULL;
  session = gantry_session_new_from_checkpoint (registry, checkpoint, error);
  if (session == NULL)
    g_prefix_error (error, "%s: ", found);
  return session;
}

gint
cli_sample (gint argc, gchar **argv)
{
  gint64 count = 64, seed = -1, label = NO_LABEL;
  gint columns = 0;
  gboolean is_grid, is_saved;
  g_autofree gchar *output = NULL;
  g_autofree gchar *path = NULL;
  const gchar *format;
  g_autofree gchar *each = NULL;
  g_autofree gchar *asked_format = NULL;
  g_autofree gchar *weights = NULL;
  const GOptionEntry entries[] = {
    { "count", 'n', 0, G_OPTION_ARG_INT64, &count, "How many samples; 64 by default", "N" },
    { "seed", 's', 0, G_OPTION_ARG_INT64, &seed, "Decides the latents; by default those of the run's own sample grids", "SEED" },
    { "label", 'l', 0, G_OPTION_ARG_INT64, &label, "Class that a conditional network is asked for; by default one after the other", "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where they go; samples.png by default", "FILE" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &asked_format,
      "png, a picture of all; csv, a line of numbers a sample; npy, an array for NumPy; by default what FILE ends in, or png", "FORMAT" },
    { "each", 0, 0, G_OPTION_ARG_FILENAME, &each, "Writes each image as a file of its own, FOLDER/000000.png and so on", "FOLDER" },
    { "columns", 0, 0, G_OPTION_ARG_INT, &columns, "Images of a row; by default one a class, or an about square grid", "N" },
    { "weights", 'w', 0, G_OPTION_ARG_STRING, &weights, "live, or average, which is the default where the run keeps one", "WEIGHTS" },
    { NULL }
  };
  g_autoptr (GantrySession) session = NULL;
  g_autoptr (GantryArray) latents = NULL;
  g_autoptr (GantryArray) labels = NULL;
  g_autoptr (GError) error = NULL;

  if (!cli_parse_options (&argc, &argv, entries, "RUN|CHECKPOINT", "Draws images with a run's newest checkpoint, or a checkpoint."))
    return CLI_BAD_INPUT;
  if (argc != 2)
    return cli_fail (CLI_BAD_INPUT, "sample: expected one run folder or checkpoint; see gantry sample --help");
  if (output != NULL && each != NULL)
    return cli_fail (CLI_BAD_INPUT, "sample: --output writes a grid and --each single images: choose one");
  if (asked_format != NULL && each != NULL)
    return cli_fail (CLI_BAD_INPUT, "sample: --each writes PNG files: --format is for --output");
  format = choose_format (asked_format, output);
  if (format == NULL)
    return CLI_BAD_INPUT;
  is_grid = each == NULL && g_str_equal (format, "png");
  if (count < 1 || count > (is_grid ? MAX_GRID : MAX_COUNT))
    return cli_fail (CLI_BAD_INPUT, "sample: --count=%" G_GINT64_FORMAT " is out of range: expected 1 to %d", count, is_grid ? MAX_GRID : MAX_COUNT);
  if (columns > 0 && !is_grid)
    return cli_fail (CLI_BAD_INPUT, "sample: --columns is for the one picture that shows all samples");
  if (columns < 0 || columns > MAX_GRID)
    return cli_fail (CLI_BAD_INPUT, "sample: --columns=%d is out of range: expected 1 to %d", columns, MAX_GRID);
  if (weights != NULL && !g_str_equal (weights, "live") && !g_str_equal (weights, "average"))
    return cli_fail (CLI_BAD_INPUT, "sample: --weights=%s: expected live or average", weights);
  if (seed < -1)
    return cli_fail (CLI_BAD_INPUT, "sample: --seed=%" G_GINT64_FORMAT " is out of range: expected 0 or more", seed);
  session = load (argv[1], &error);
  if (session == NULL)
    return error != NULL ? cli_fail_error (CLI_BAD_INPUT, error) : CLI_BAD_INPUT;
  if (!check_label (session, label))
    return CLI_BAD_INPUT;
  if (weights != NULL && !gantry_session_set_weights (session, g_str_equal (weights, "live") ? GANTRY_WEIGHTS_LIVE : GANTRY_WEIGHTS_AVERAGE, &error))
    return cli_fail_error (CLI_BAD_INPUT, error);
  if (seed < 0)
    seed = gantry_state_get_seed (gantry_session_get_state (session));
  latents = gantry_session_draw_latents (session, seed, count, &error);
  if (latents == NULL)
    return cli_fail_error (CLI_FAILED, error);
  labels = make_labels (session, count, label);
  path = output != NULL ? g_strdup (output) : g_strconcat ("samples.", format, NULL);
  if (each != NULL)
    is_saved = save_each (session, latents, labels, each, &error);
  else if (is_grid)
    is_saved = save_grid (session, latents, labels, label, columns, path, &error);
  else
    is_saved = save_numbers (session, latents, labels, format, path, &error);
  if (!is_saved)
    return cli_fail_error (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE) ? CLI_BAD_INPUT : CLI_FAILED, error);
  if (output == NULL && each == NULL)
    g_print ("%" G_GINT64_FORMAT " %s in %s\n", count, count == 1 ? "sample" : "samples", path);
  return CLI_DONE;
}
