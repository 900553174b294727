/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/training-private.h"

#include "train/file-private.h"
#include "train/session-private.h"

#include <gantry/error.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (GantryTraining, gantry_training, G_TYPE_OBJECT)

static void
gantry_training_finalize (GObject *object)
{
  GantryTraining *self = GANTRY_TRAINING (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->folder, _gantry_run_folder_close);
  g_free (self->note);
  G_OBJECT_CLASS (gantry_training_parent_class)->finalize (object);
}

static void
gantry_training_class_init (GantryTrainingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_training_finalize;
}

static void
gantry_training_init (GantryTraining *self)
{
}

gint64
_gantry_training_setting (GantryTraining *self, const gchar *key)
{
  return gantry_component_get_int (gantry_pipeline_get_settings (gantry_session_get_pipeline (self->session)), key);
}

gdouble
_gantry_training_seconds (GantryTraining *self)
{
  return self->began != 0 ? (g_get_monotonic_time () - self->began) / 1e6 : 0;
}

void
_gantry_training_emit (GantryTraining *self, GantryTrainingEventKind kind, const gchar *path, const gchar *message)
{
  const GantryTrainingEvent event = {
    .size = sizeof event,
    .kind = kind,
    .images = gantry_session_get_images (self->session),
    .total = self->total,
    .steps = gantry_session_get_steps (self->session),
    .start = self->start,
    .seconds = _gantry_training_seconds (self),
    .path = path,
    .message = message,
  };

  if (self->func != NULL)
    self->func (self, &event, self->user_data);
}

/* What room is missing where a checkpoint could not be written; the newest of those before it is whole. */
static void
explain_failed_save (GantryTraining *self, GError **error)
{
  GantryTrainingDisk disk = { .size = sizeof disk };
  g_autofree gchar *last = _gantry_run_folder_find_checkpoint (self->folder->path);
  g_autofree gchar *rest = last != NULL ? g_strdup_printf ("; the last one, %s, is whole: make room and go on by gantry train --resume=%s", last,
                                                           self->folder->path)
                                        : g_strdup ("");
  g_autoptr (GError) reason = error != NULL ? g_steal_pointer (error) : NULL;
  g_autofree gchar *size = NULL;

  _gantry_training_count_disk (self->session, self->folder->path, &disk);
  size = gantry_format_bytes (disk.checkpoint_bytes);
  if (reason != NULL)
    g_set_error (error, reason->domain, reason->code, "%s: a checkpoint takes %s%s", reason->message, size, rest);
}

gboolean
_gantry_training_save (GantryTraining *self, gboolean is_marked, GError **error)
{
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  const guint64 images = gantry_session_get_images (self->session);
  g_autofree gchar *seconds = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) (self->past_seconds + _gantry_training_seconds (self)));
  g_autofree gchar *path = NULL;
  gint64 keep = _gantry_training_setting (self, "keep");

  if (!_gantry_training_check_finite (self, error))
    return FALSE;
  checkpoint = gantry_session_to_checkpoint (self->session);
  gantry_checkpoint_set_metadata (checkpoint, "seconds", seconds);
  /* The one before a short turn stays beside it: a longer run goes on from there. */
  if (keep > 0 && _gantry_session_was_short_turn (self->session))
    keep++;
  path = _gantry_run_folder_save (self->folder, checkpoint, images, keep, is_marked, error);
  if (path == NULL)
    {
      explain_failed_save (self, error);
      return FALSE;
    }
  self->saved_images = images;
  self->is_saved = TRUE;
  _gantry_training_emit (self, GANTRY_TRAINING_SAVED, path, NULL);
  return TRUE;
}

gboolean
_gantry_training_write_pipeline (GantryTraining *self, GError **error)
{
  g_autofree gchar *text = gantry_pipeline_to_text (gantry_session_get_pipeline (self->session));
  g_autofree gchar *path = g_build_filename (self->folder->path, "pipeline.ini", NULL);

  return _gantry_file_replace (path, text, strlen (text), error);
}

/**
 * gantry_training_new:
 * @pipeline: a pipeline; it is resolved here if it is not yet
 * @folder: where the run goes; must not exist, or be empty
 * @error: return location for an error
 *
 * Makes a session and its run folder, and writes the resolved pipeline there.  Nothing is made where the pipeline or the
 * data are not as they should be.
 *
 * Returns: (transfer full) (nullable): a training before its first step
 */
GantryTraining *
gantry_training_new (GantryPipeline *pipeline, const gchar *folder, GError **error)
{
  g_autoptr (GantryTraining) self = g_object_new (GANTRY_TYPE_TRAINING, NULL);

  if (!gantry_pipeline_resolve (pipeline, error) || !_gantry_run_folder_check_new (folder, error))
    return NULL;
  self->session = gantry_session_new (pipeline, error);
  if (self->session == NULL || !_gantry_training_check_disk (self->session, folder, error))
    return NULL;
  self->folder = _gantry_run_folder_create (folder, error);
  if (self->folder == NULL || !_gantry_training_write_pipeline (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * gantry_training_get_session:
 * @self: a training
 *
 * Returns: (transfer none): its session
 */
GantrySession *
gantry_training_get_session (GantryTraining *self)
{
  return self->session;
}

/**
 * gantry_training_get_folder:
 * @self: a training
 *
 * Returns: its run folder
 */
const gchar *
gantry_training_get_folder (GantryTraining *self)
{
  return self->folder->path;
}

/**
 * gantry_training_get_note:
 * @self: a training
 *
 * Returns: (nullable): what it begins with, in words: the checkpoint of a warm start or a fork, and what was taken of it
 */
const gchar *
gantry_training_get_note (GantryTraining *self)
{
  return self->note;
}

/**
 * gantry_training_set_func:
 * @self: a training
 * @func: (nullable): hears of what happens
 * @user_data: handed to @func
 */
void
gantry_training_set_func (GantryTraining *self, GantryTrainingFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

/* A short turn is the last of this run, but would not be there in a longer one: what it starts from is saved. */
static gboolean
save_before_short_turn (GantryTraining *self, GError **error)
{
  const gboolean is_there = self->is_saved && self->saved_images == gantry_session_get_images (self->session);

  return is_there || !_gantry_session_is_short_turn (self->session) || _gantry_training_save (self, FALSE, error);
}

static gboolean
observe (GantryTraining *self, gboolean is_last, GError **error)
{
  for (const GantryObserver *observer = _gantry_observers; observer->observe != NULL; observer++)
    if (!observer->observe (self, observer, is_last, error))
      return FALSE;
  return TRUE;
}

/* One turn and what is due after it; at the end of the training what is due then. */
static gboolean
advance (GantryTraining *self, gboolean is_over, GError **error)
{
  if (is_over)
    return observe (self, TRUE, error);
  if (!save_before_short_turn (self, error) || !gantry_session_turn (self->session, error))
    return FALSE;
  _gantry_training_emit (self, GANTRY_TRAINING_STEPPED, NULL, NULL);
  return observe (self, FALSE, error);
}

/**
 * gantry_training_run:
 * @self: a training
 * @error: return location for an error
 *
 * Trains until `images` were shown, no fewer and no more, or the training is interrupted, and saves.  Where they are no whole number of
 * turns the last turn is short, and the checkpoint before it is kept.  Where a term or a variable is no finite number any more, the
 * training goes back to its newest checkpoint, once, and on from there with other random numbers and the data in another order.  Where it
 * diverges again before it has saved beyond that point, it stops.  A checkpoint has finite numbers alone.
 *
 * Returns: whether it went well; a training that was interrupted and saved did; %GANTRY_TRAIN_ERROR_DIVERGED where it stopped because it diverged
 */
gboolean
gantry_training_run (GantryTraining *self, GError **error)
{
  self->total = _gantry_training_setting (self, "images");
  self->start = self->logged_images = gantry_session_get_images (self->session);
  self->began = g_get_monotonic_time ();
  _gantry_training_emit (self, GANTRY_TRAINING_STARTED, NULL, NULL);
  if (!observe (self, FALSE, error))
    return FALSE;
  for (gboolean is_done = FALSE; !is_done;)
    {
      g_autoptr (GError) reason = NULL;
      const gboolean is_over = gantry_session_get_images (self->session) >= self->total || self->is_interrupted;

      if (advance (self, is_over, &reason))
        is_done = is_over;
      else if (!_gantry_training_roll_back (self, reason, error))
        return FALSE;
    }
  _gantry_training_emit (self, self->is_interrupted ? GANTRY_TRAINING_INTERRUPTED : GANTRY_TRAINING_FINISHED, NULL, NULL);
  return TRUE;
}

/**
 * gantry_training_interrupt:
 * @self: a training
 *
 * Asks it to stop after the present step and to save.  May be called by another thread or a signal handler.
 */
void
gantry_training_interrupt (GantryTraining *self)
{
  self->is_interrupted = TRUE;
}

/**
 * gantry_training_was_interrupted:
 * @self: a training
 *
 * Returns: whether it was asked to stop
 */
gboolean
gantry_training_was_interrupted (GantryTraining *self)
{
  return self->is_interrupted;
}
