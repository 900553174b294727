/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* New runs that begin with another run's checkpoint: a warm start takes its weights, a fork goes on where it is. */
#include "train/session-private.h"
#include "train/training-private.h"

#include <gantry/error.h>

/*
 * The checkpoint comes first and pipeline.ini, which makes it a run, last: a run that was killed in between would otherwise be
 * resumed from initial weights.
 */
static gboolean
make_folder (GantryTraining *self, const gchar *folder, GError **error)
{
  g_autofree gchar *line = NULL;

  if (!_gantry_training_check_disk (self->session, folder, error))
    return FALSE;
  self->folder = _gantry_run_folder_create (folder, error);
  if (self->folder == NULL)
    return FALSE;
  line = _gantry_run_log_format_origin (gantry_session_get_images (self->session), gantry_session_get_steps (self->session), self->note);
  return _gantry_training_save (self, FALSE, error) && _gantry_run_log_append (self->folder, line, error)
         && _gantry_training_write_pipeline (self, error);
}

static const gchar *
get_images_text (GantryCheckpoint *checkpoint)
{
  const gchar *images = gantry_checkpoint_get_metadata (checkpoint, "images");

  return images != NULL ? images : "?";
}

static void
set_note (GantryTraining *self, const gchar *what, const gchar *path, GantryCheckpoint *checkpoint, const gchar *with, const GantryAdoption *adoption)
{
  g_autofree gchar *taken = _gantry_adoption_describe (adoption);
  g_autofree gchar *absolute = g_canonicalize_filename (path, NULL);

  g_free (self->session->origin);
  self->session->origin = g_strdup_printf ("%s %s (%s images)%s", what, absolute, get_images_text (checkpoint), with);
  g_free (self->note);
  self->note = g_strdup_printf ("%s: %s", self->session->origin, taken);
}

/**
 * gantry_training_new_from:
 * @pipeline: a pipeline; it is resolved here if it is not yet
 * @folder: where the run goes; must not exist, or be empty
 * @start: what its weights come from
 * @error: return location for an error
 *
 * As gantry_training_new(), but variables of networks, and their averages, begin with those of a checkpoint that have their name.  The optimizers
 * begin anew, and so do the counters.  An average that the checkpoint does not have begins with its network's weights.  Another shape or
 * dtype under a name is an error, and so is where nothing was taken; what was taken is in gantry_training_get_note(), the first line of
 * the log and the metadata `origin` of the run's checkpoints.
 *
 * Returns: (transfer full) (nullable): a training before its first step
 */
GantryTraining *
gantry_training_new_from (GantryPipeline *pipeline, const gchar *folder, const GantryWarmStart *start, GError **error)
{
  g_autoptr (GantryTraining) self = g_object_new (GANTRY_TYPE_TRAINING, NULL);
  g_autofree gchar *path = NULL;
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_auto (GantryAdoption) adoption = { 0 };

  if (!gantry_pipeline_resolve (pipeline, error) || !_gantry_run_folder_check_new (folder, error))
    return NULL;
  path = gantry_training_find_checkpoint (start->from, error);
  checkpoint = path != NULL ? gantry_checkpoint_load (path, error) : NULL;
  if (checkpoint == NULL)
    return NULL;
  self->session = gantry_session_new (pipeline, error);
  if (self->session == NULL)
    return NULL;
  if (!_gantry_session_warm_start (self->session, checkpoint, start->only, start->without, &adoption, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  set_note (self, "warm start from", path, checkpoint, "", &adoption);
  return make_folder (self, folder, error) ? g_steal_pointer (&self) : NULL;
}

/* The pipeline of a run, or of one of its checkpoints. */
static GantryPipeline *
load_base (GantryRegistry *registry, const gchar *run, GantryCheckpoint *checkpoint, const gchar *path, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (registry);
  const gchar *text = gantry_checkpoint_get_metadata (checkpoint, "pipeline");
  g_autofree gchar *file = g_build_filename (run, "pipeline.ini", NULL);

  if (g_file_test (run, G_FILE_TEST_IS_DIR) ? !gantry_pipeline_load (pipeline, file, error)
                                            : !gantry_pipeline_load_text (pipeline, text, path, error))
    return NULL;
  return g_steal_pointer (&pipeline);
}

static gboolean
check_length (GantryTraining *self, GantryCheckpoint *checkpoint, const gchar *path, GError **error)
{
  const guint64 images = gantry_session_get_images (self->session);
  const gint64 total = _gantry_training_setting (self, "images");

  if (images < (guint64) total)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE,
               "%s: %" G_GUINT64_FORMAT " images were shown already, and the length of the fork is images=%" G_GINT64_FORMAT
               ": give it a greater one, as in --images=%" G_GUINT64_FORMAT,
               path, images, total, 2 * images);
  return FALSE;
}

static void
note_holder (GantryTraining *self, const gchar *run)
{
  g_autofree gchar *holder = g_file_test (run, G_FILE_TEST_IS_DIR) ? _gantry_run_folder_find_holder (run) : NULL;
  g_autofree gchar *note = self->note;

  if (holder == NULL)
    self->note = g_steal_pointer (&note);
  else
    self->note = g_strdup_printf ("%s; process %s is training that run and goes on with it", note, holder);
}

/**
 * gantry_training_fork:
 * @registry: where plugins are looked for
 * @run: a run folder, whose newest checkpoint is taken, or one of its checkpoints
 * @folder: where the new run goes; must not exist, or be empty
 * @options: (nullable) (array zero-terminated=1): options that change its pipeline, such as `--loss=hinge`
 * @error: return location for an error
 *
 * Goes on with a run in a new folder and with anything changed: counters, variables, memory of optimizers and averages go on.  Variables that
 * the changed pipeline adds start fresh, the memory of an optimizer that was replaced too; what has no place any more is left.  Another
 * shape or dtype under a name is an error.  What was taken is in gantry_training_get_note(), the first line of the log and the
 * metadata `origin` of the run's checkpoints.  With nothing changed the fork gets the bits that the run itself would get.  @run is
 * not touched, and may be in use.
 *
 * Returns: (transfer full) (nullable): a training
 */
GantryTraining *
gantry_training_fork (GantryRegistry *registry, const gchar *run, const gchar *folder, const gchar *const *options, GError **error)
{
  g_autoptr (GantryTraining) self = g_object_new (GANTRY_TYPE_TRAINING, NULL);
  g_autoptr (GantryPipeline) now = NULL;
  g_autoptr (GantryPipeline) then = NULL;
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_auto (GantryAdoption) adoption = { 0 };
  g_autofree gchar *path = gantry_training_find_checkpoint (run, error);
  g_autofree gchar *changed = options != NULL && options[0] != NULL ? g_strjoinv (" ", (gchar **) options) : NULL;
  g_autofree gchar *with = changed != NULL ? g_strconcat (" with ", changed, NULL) : g_strdup ("");
  const gchar *seconds;

  if (path == NULL || !_gantry_run_folder_check_new (folder, error))
    return NULL;
  checkpoint = gantry_checkpoint_load (path, error);
  then = checkpoint != NULL ? _gantry_training_load_pipeline_of (registry, checkpoint, path, error) : NULL;
  now = then != NULL ? load_base (registry, run, checkpoint, path, error) : NULL;
  if (now == NULL || !_gantry_training_apply_options (now, options, error) || !gantry_pipeline_resolve (now, error))
    return NULL;
  self->session = gantry_session_new (now, error);
  if (self->session == NULL)
    return NULL;
  if (!_gantry_session_continue (self->session, checkpoint, then, &adoption, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  /* What made another run diverge need not do so here: this one may go back once more. */
  if (_gantry_training_has_changed (now, then))
    _gantry_session_rollbacks_from_text (self->session, NULL);
  if (!check_length (self, checkpoint, path, error))
    return NULL;
  seconds = gantry_checkpoint_get_metadata (checkpoint, "seconds");
  self->past_seconds = seconds != NULL ? g_ascii_strtod (seconds, NULL) : 0;
  set_note (self, "forked from", path, checkpoint, with, &adoption);
  note_holder (self, run);
  return make_folder (self, folder, error) ? g_steal_pointer (&self) : NULL;
}
