/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a training writes: log lines, sample grids, checkpoints. */
#include "train/session-private.h"
#include "train/training-private.h"

#include <gantry/image-grid.h>

/* Whether the step that was just taken crossed a multiple of the interval. */
static gboolean
is_due (GantryTraining *training, const gchar *key)
{
  const guint64 interval = _gantry_training_setting (training, key);
  const guint64 shown = _gantry_session_get_turn_images (training->session);
  const guint64 images = gantry_session_get_images (training->session);

  return interval > 0 && images > training->start && images / interval != (images - shown) / interval;
}

static void
append_number (GString *line, gdouble value)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (line, g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
}

static gboolean
observe_log (GantryTraining *training, const GantryObserver *observer, gboolean is_last, GError **error)
{
  g_autoptr (GString) line = NULL;
  g_auto (GStrv) terms = NULL;
  const guint64 images = gantry_session_get_images (training->session);
  const gdouble seconds = _gantry_training_seconds (training);
  gdouble value = 0;

  if (images == training->logged_images || (!is_last && !is_due (training, observer->interval)))
    return TRUE;
  line = g_string_new (NULL);
  g_string_printf (line, "{\"images\":%" G_GUINT64_FORMAT ",\"steps\":%" G_GUINT64_FORMAT ",\"seconds\":", images,
                   gantry_session_get_steps (training->session));
  append_number (line, training->past_seconds + seconds);
  g_string_append (line, ",\"images-per-second\":");
  append_number (line, (images - training->logged_images) / MAX (seconds - training->logged_seconds, 1e-9));
  g_string_append (line, ",\"terms\":{");
  terms = gantry_session_list_terms (training->session);
  for (guint i = 0; terms[i] != NULL; i++)
    {
      gantry_session_get_term (training->session, terms[i], &value);
      g_string_append_printf (line, "%s\"%s\":", i > 0 ? "," : "", terms[i]);
      append_number (line, value);
    }
  g_string_append (line, "}}\n");
  if (!_gantry_run_log_append (training->folder, line->str, error))
    return FALSE;
  training->logged_images = images;
  training->logged_seconds = seconds;
  _gantry_training_emit (training, GANTRY_TRAINING_LOGGED, NULL, NULL);
  return TRUE;
}

static gboolean
is_points (GantryArray *samples)
{
  const GantryShape *shape = gantry_array_get_shape (samples);

  return shape->n_dims == 2 && shape->dims[1] <= 2;
}

static gboolean
observe_samples (GantryTraining *training, const GantryObserver *observer, gboolean is_last, GError **error)
{
  const gboolean at_end = is_last && !training->is_interrupted && _gantry_training_setting (training, observer->interval) > 0
                          && gantry_session_get_images (training->session) > training->start;
  g_autoptr (GantryArray) images = NULL;
  g_autofree gchar *path = NULL;

  if (!at_end && (is_last || !is_due (training, observer->interval)))
    return TRUE;
  images = gantry_session_sample (training->session, _gantry_training_setting (training, "samples"), NULL, error);
  if (images == NULL)
    return FALSE;
  /* Samples that are neither pictures nor points are in the checkpoint alone. */
  if (gantry_array_get_shape (images)->n_dims != 4 && !is_points (images))
    return TRUE;
  path = _gantry_run_folder_sample_path (training->folder, gantry_session_get_images (training->session));
  /* A column a class, where there are classes. */
  if (is_points (images) ? !gantry_session_save_points (training->session, images, -1, path, error)
                         : !gantry_image_grid_save (images, gantry_session_get_classes (training->session), path, error))
    return FALSE;
  _gantry_training_emit (training, GANTRY_TRAINING_SAMPLED, path, NULL);
  return TRUE;
}

/* A checkpoint at every multiple of `mark`, and every one that an interval is due for. */
static gboolean
is_checkpoint_due (GantryTraining *training, const GantryObserver *observer)
{
  return is_due (training, observer->interval) || is_due (training, "mark");
}

/* A new run saves before its first step: that a checkpoint cannot be written is known before time is spent. */
static gboolean
observe_checkpoint (GantryTraining *training, const GantryObserver *observer, gboolean is_last, GError **error)
{
  const guint64 images = gantry_session_get_images (training->session);

  if (training->is_saved && (images == training->saved_images || (!is_last && !is_checkpoint_due (training, observer))))
    return TRUE;
  return _gantry_training_save (training, is_due (training, "mark"), error);
}

const GantryObserver _gantry_observers[] = {
  { observe_log, "log-interval" }, { observe_samples, "sample-interval" }, { observe_checkpoint, "checkpoint-interval" }, { NULL, NULL }
};
