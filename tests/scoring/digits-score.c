/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scores digits with the shipped classifier: those of a trained network, or real ones.  Prints the share of each class and the
   inception-style score; real digits come to 9.86. */
#include "judge.h"

#include <locale.h>
#include <string.h>

#define BATCH 100
#define PIXELS (32 * 32)

static gboolean real;
static gint n_samples = 1000;
static gint64 seed = 1;
static gdouble minimum_share, minimum_score;
static gchar *data_folder;

static const GOptionEntry entries[] = {
  { "real", 0, 0, G_OPTION_ARG_NONE, &real, "Score the shipped test digits, and say how many are recognised", NULL },
  { "samples", 0, 0, G_OPTION_ARG_INT, &n_samples, "How many samples [1000]", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the latents [1]", "SEED" },
  { "minimum-share", 0, 0, G_OPTION_ARG_DOUBLE, &minimum_share, "Fail when a class has a smaller share, in percent", "PERCENT" },
  { "minimum-score", 0, 0, G_OPTION_ARG_DOUBLE, &minimum_score, "Fail when the score is lower", "SCORE" },
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data_folder, "Folder with digits/ and classifiers/", "FOLDER" },
  { NULL }
};

static gfloat *
draw_samples (const gchar *path, gsize n, GError **error)
{
  g_autofree gchar *file = gantry_training_find_checkpoint (path, error);
  g_autoptr (GantryCheckpoint) checkpoint = file != NULL ? gantry_checkpoint_load (file, error) : NULL;
  g_autoptr (GantrySession) session = NULL;
  g_autoptr (GantryArray) latents = NULL, images = NULL, floats = NULL;

  if (checkpoint == NULL || (session = gantry_session_new_from_checkpoint (gantry_registry_get_default (), checkpoint, error)) == NULL)
    return NULL;
  latents = gantry_session_draw_latents (session, seed, n, error);
  if (latents == NULL || (images = gantry_session_sample (session, n, latents, error)) == NULL)
    return NULL;
  if (gantry_array_get_size (images) != n * PIXELS)
    {
      g_autofree gchar *shape = gantry_shape_to_string (gantry_array_get_shape (images));

      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: samples are %s, expected [%" G_GSIZE_FORMAT ", 1, 32, 32]",
                   file, shape, n);
      return NULL;
    }
  floats = gantry_array_convert (images, GANTRY_FLOAT32);
  return g_memdup2 (gantry_array_get_data (floats), n * PIXELS * sizeof (gfloat));
}

static GantryReader *
open_digits (GError **error)
{
  g_autoptr (GantryComponent) reader = gantry_registry_create (gantry_registry_get_default (), "reader", "idx", "digits", error);
  g_autofree gchar *images = g_build_filename (data_folder, "digits", "t10k-images-idx3-ubyte.gz", NULL);
  g_autofree gchar *labels = g_build_filename (data_folder, "digits", "t10k-labels-idx1-ubyte.gz", NULL);

  if (reader == NULL || !gantry_component_set (reader, "images", images, error) || !gantry_component_set (reader, "labels", labels, error)
      || !gantry_component_set (reader, "resolution", "32", error) || !gantry_reader_open (GANTRY_READER (reader), error))
    return NULL;
  return GANTRY_READER (g_steal_pointer (&reader));
}

/* n digits, evenly spread over the set. */
static gfloat *
read_digits (gsize n, gint64 *labels, GError **error)
{
  g_autoptr (GantryReader) reader = open_digits (error);
  g_autofree gfloat *images = g_new (gfloat, n * PIXELS);

  if (reader == NULL)
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      gpointer fields[] = { images + i * PIXELS, labels + i };

      if (!gantry_reader_read (reader, i * gantry_reader_count (reader) / n, fields, error))
        return NULL;
    }
  return g_steal_pointer (&images);
}

static gboolean
report (const gdouble *probabilities, gsize n, const gint64 *labels)
{
  gsize counts[JUDGE_CLASSES] = { 0 }, right = 0;
  gdouble score = judge_score (probabilities, n);
  gboolean good = score >= minimum_score;

  for (gsize i = 0; i < n; i++)
    {
      guint class = judge_class (probabilities + i * JUDGE_CLASSES);

      counts[class]++;
      right += labels != NULL && labels[i] == class;
    }
  for (guint k = 0; k < JUDGE_CLASSES; k++)
    {
      gdouble share = 100.0 * counts[k] / n;

      g_print ("%u: %.1f %%%s", k, share, k + 1 < JUDGE_CLASSES ? ", " : "\n");
      good = good && share >= minimum_share;
    }
  if (labels != NULL)
    g_print ("recognised: %.2f %%\n", 100.0 * right / n);
  g_print ("score: %.2f\n", score);
  return good;
}

gint
main (gint argc, gchar **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("RUN|CHECKPOINT");
  g_autoptr (GError) error = NULL;
  g_autoptr (Judge) judge = NULL;
  g_autofree gfloat *images = NULL;
  g_autofree gdouble *probabilities = NULL;
  g_autofree gint64 *labels = NULL;
  g_autofree gchar *classifier = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || n_samples < 1 || argc != (real ? 1 : 2))
    {
      g_printerr ("digits-score: %s\n", error != NULL ? error->message
                                                  : "expected a run directory or a checkpoint, or --real; and N from 1 up");
      return 2;
    }
  gantry_init ();
  if (data_folder == NULL)
    data_folder = g_build_filename (g_getenv ("GANTRY_TEST_SOURCE") != NULL ? g_getenv ("GANTRY_TEST_SOURCE") : ".", "data", NULL);
  classifier = g_build_filename (data_folder, "classifiers", "digits-lenet.safetensors", NULL);
  labels = real ? g_new0 (gint64, n_samples) : NULL;
  images = real ? read_digits (n_samples, labels, &error) : draw_samples (argv[1], n_samples, &error);
  judge = images != NULL ? judge_new (classifier, BATCH, &error) : NULL;
  probabilities = g_new0 (gdouble, (gsize) n_samples * JUDGE_CLASSES);
  if (judge == NULL || !judge_classify (judge, images, n_samples, probabilities, &error))
    {
      g_printerr ("digits-score: %s\n", error->message);
      return 1;
    }
  return report (probabilities, n_samples, labels) ? 0 : 1;
}
