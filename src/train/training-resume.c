/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Going on with a run: the same pipeline, but for what does not change a step; the newest checkpoint. */
#include "train/training-private.h"

#include "train/pipeline-private.h"
#include "train/session-private.h"

#include <gantry/error.h>
#include <gantry/log.h>
#include <string.h>

static gboolean
may_differ (GantryComponent *component, GParamSpec *pspec)
{
  if (g_str_equal (gantry_component_get_kind (component), "pipeline"))
    return _gantry_settings_may_change (pspec->name);
  /* Data may have moved; that they are the same data is checked by what they hold. */
  return g_str_equal (gantry_component_get_kind (component), "reader")
         && (gantry_param_is_path (pspec) || g_str_equal (pspec->name, "labels") || g_str_equal (pspec->name, "strict"));
}

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (GError **error, const gchar *folder, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE,
               "%s: %s: a resumed run can change its length, its intervals and its threads alone; to go on with this in a new folder: "
               "gantry train --resume=%s --fork --output=NEW OPTIONS",
               folder, message, folder);
  return FALSE;
}

static const gchar *
frozen_text (GantrySection *section)
{
  const GantrySetting *freeze = _gantry_section_find (section, "freeze");

  return freeze != NULL ? freeze->text : "";
}

static gboolean
compare_host_keys (const gchar *folder, GantrySection *section, GantrySection *old, GError **error)
{
  static const gchar *const keys[] = { "interval", "step", "weight", "match" };

  for (guint i = 0; i < G_N_ELEMENTS (keys) && section->host != NULL; i++)
    if (_gantry_section_get_owner (section, keys[i]) == section->host)
      {
        g_autofree gchar *a = _gantry_section_get_text (section, keys[i]);
        g_autofree gchar *b = _gantry_section_get_text (old, keys[i]);

        if (g_strcmp0 (a, b) != 0)
          return refuse (error, folder, "%s %s: %s is %s, it was %s", section->kind, gantry_component_get_instance (section->component),
                         keys[i], a, b);
      }
  return TRUE;
}

static gboolean
compare_components (const gchar *folder, GantrySection *section, GantrySection *old, GError **error)
{
  GantryComponent *now = section->component, *then = old->component;
  g_autofree GParamSpec **pspecs = NULL;
  const gchar *kind = gantry_component_get_kind (now);
  const gchar *instance = gantry_component_get_instance (now);
  guint n_pspecs = 0;

  if (!g_str_equal (gantry_component_get_name (now), gantry_component_get_name (then)))
    return refuse (error, folder, "%s %s is %s, it was %s", kind, instance, gantry_component_get_name (now), gantry_component_get_name (then));
  if (g_strcmp0 (frozen_text (section), frozen_text (old)) != 0)
    return refuse (error, folder, "network %s freezes other variables", instance);
  if (!compare_host_keys (folder, section, old, error))
    return FALSE;
  pspecs = gantry_component_list_properties (now, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autofree gchar *a = _gantry_section_get_text (section, pspecs[i]->name);
      g_autofree gchar *b = _gantry_section_get_text (old, pspecs[i]->name);

      if (g_strcmp0 (a, b) != 0 && !may_differ (now, pspecs[i]))
        return refuse (error, folder, "%s %s: %s is %s, it was %s", kind, instance, pspecs[i]->name, a, b);
    }
  return TRUE;
}

static GantrySection *
find_component (GantryPipeline *pipeline, const GantrySection *like)
{
  for (guint i = 0; i < pipeline->sections->len; i++)
    {
      GantrySection *section = pipeline->sections->pdata[i];

      if (g_str_equal (section->kind, like->kind)
          && g_str_equal (gantry_component_get_instance (section->component), gantry_component_get_instance (like->component)))
        return section;
    }
  return NULL;
}

static gboolean
compare_pipelines (const gchar *folder, GantryPipeline *now, GantryPipeline *then, GError **error)
{
  for (guint i = 0; i < then->sections->len; i++)
    {
      GantrySection *section = then->sections->pdata[i];

      if (find_component (now, section) == NULL)
        return refuse (error, folder, "there is no %s %s any more", section->kind, gantry_component_get_instance (section->component));
    }
  for (guint i = 0; i < now->sections->len; i++)
    {
      GantrySection *section = now->sections->pdata[i];
      GantrySection *old = find_component (then, section);

      if (old == NULL)
        return refuse (error, folder, "%s %s is new", section->kind, gantry_component_get_instance (section->component));
      if (g_strcmp0 (_gantry_pipeline_get_role (now, section->instance != NULL ? section->instance : ""),
                     _gantry_pipeline_get_role (then, section->instance != NULL ? section->instance : ""))
          != 0)
        return refuse (error, folder, "network %s has another role", section->instance);
      if (!compare_components (folder, section, old, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
_gantry_training_has_changed (GantryPipeline *now, GantryPipeline *then)
{
  return !compare_pipelines ("", now, then, NULL);
}

gboolean
_gantry_training_apply_options (GantryPipeline *pipeline, const gchar *const *options, GError **error)
{
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    {
      const gchar *equals = strchr (options[i], '=');
      g_autofree gchar *name = equals != NULL ? g_strndup (options[i], equals - options[i]) : g_strdup (options[i]);

      if (!gantry_pipeline_apply_option (pipeline, name, equals != NULL ? equals + 1 : NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* The pipeline that a checkpoint was made with. */
GantryPipeline *
_gantry_training_load_pipeline_of (GantryRegistry *registry, GantryCheckpoint *checkpoint, const gchar *path, GError **error)
{
  g_autoptr (GantryPipeline) then = gantry_pipeline_new (registry);
  const gchar *text = gantry_checkpoint_get_metadata (checkpoint, "pipeline");

  if (!_gantry_session_check_format (checkpoint, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (text == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "%s: its metadata has no 'pipeline': it is no checkpoint of a training",
                   path);
      return NULL;
    }
  if (!gantry_pipeline_load_text (then, text, path, error) || !gantry_pipeline_resolve (then, error))
    return NULL;
  return g_steal_pointer (&then);
}

static GantryPipeline *
load_file (GantryRegistry *registry, const gchar *path, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (registry);

  if (!gantry_pipeline_load (pipeline, path, error) || !gantry_pipeline_resolve (pipeline, error))
    return NULL;
  return g_steal_pointer (&pipeline);
}

static gboolean
restore (GantryTraining *self, GantryCheckpoint *checkpoint, const gchar *path, GError **error)
{
  const gchar *seconds = gantry_checkpoint_get_metadata (checkpoint, "seconds");

  if (!gantry_session_restore (self->session, checkpoint, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  self->past_seconds = seconds != NULL ? g_ascii_strtod (seconds, NULL) : 0;
  self->saved_images = gantry_session_get_images (self->session);
  self->is_saved = TRUE;
  return TRUE;
}

static GantryCheckpoint *
load_checkpoint (const gchar *path, GError **error)
{
  GantryCheckpoint *checkpoint = gantry_checkpoint_load (path, error);

  if (checkpoint == NULL && error != NULL && *error != NULL)
    {
      g_autofree gchar *message = g_strdup ((*error)->message);

      g_clear_error (error);
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "%s; take it away to resume from the checkpoint before it", message);
    }
  return checkpoint;
}

/*
 * A run that ended with a short turn and is to be longer: that turn would not have been short, so the run goes on from the checkpoint before
 * it.
 */
static gboolean
leave_short_turn (const gchar *folder, GantryPipeline *now, GantryCheckpoint **checkpoint, gchar **path, GError **error)
{
  const gchar *before = gantry_checkpoint_get_metadata (*checkpoint, "whole-turns");
  const gchar *images = gantry_checkpoint_get_metadata (*checkpoint, "images");
  const gint64 total = gantry_component_get_int (gantry_pipeline_get_settings (now), "images");
  g_autofree gchar *name = NULL;
  g_autofree gchar *found = NULL;
  GantryCheckpoint *earlier;

  if (before == NULL || images == NULL || total <= (gint64) g_ascii_strtoull (images, NULL, 10))
    return TRUE;
  name = g_strdup_printf ("%012" G_GUINT64_FORMAT ".safetensors", (guint64) g_ascii_strtoull (before, NULL, 10));
  found = g_build_filename (folder, "checkpoints", name, NULL);
  if (!g_file_test (found, G_FILE_TEST_EXISTS))
    {
      gantry_log_message ("session", GANTRY_LOG_WARNING,
                          "the last turn of the run was a short one, and %s from before it is gone: going on after it, which gives other numbers "
                          "than a run of this length from the start",
                          found);
      return TRUE;
    }
  earlier = load_checkpoint (found, error);
  if (earlier == NULL)
    return FALSE;
  g_object_unref (*checkpoint);
  *checkpoint = earlier;
  g_free (*path);
  *path = g_steal_pointer (&found);
  return TRUE;
}

/**
 * gantry_training_resume:
 * @registry: where plugins are looked for
 * @folder: a run folder
 * @options: (nullable) (array zero-terminated=1): options that change the run's length or intervals, such as `--images=1M`
 * @error: return location for an error
 *
 * Goes on with a run from its newest checkpoint, or from the start where there is none yet; where the run ended with a turn of fewer images
 * and is to be longer, from the checkpoint before that turn.  With the same build,
 * backend, instruction set and threads the variables get the bits that an uninterrupted run would have given them.  Lines of the log that
 * were written after the checkpoint are dropped: their steps are taken again.
 *
 * Returns: (transfer full) (nullable): a training
 */
GantryTraining *
gantry_training_resume (GantryRegistry *registry, const gchar *folder, const gchar *const *options, GError **error)
{
  g_autoptr (GantryTraining) self = g_object_new (GANTRY_TYPE_TRAINING, NULL);
  g_autoptr (GantryPipeline) now = gantry_pipeline_new (registry);
  g_autoptr (GantryPipeline) then = NULL;
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autofree gchar *path = g_build_filename (folder, "pipeline.ini", NULL);
  g_autofree gchar *checkpoint_path = NULL;

  self->folder = _gantry_run_folder_open (folder, error);
  if (self->folder == NULL || !gantry_pipeline_load (now, path, error) || !_gantry_training_apply_options (now, options, error)
      || !gantry_pipeline_resolve (now, error))
    return NULL;
  checkpoint_path = _gantry_run_folder_find_checkpoint (folder);
  if (checkpoint_path != NULL)
    {
      checkpoint = load_checkpoint (checkpoint_path, error);
      if (checkpoint == NULL || !leave_short_turn (folder, now, &checkpoint, &checkpoint_path, error))
        return NULL;
    }
  then = checkpoint != NULL ? _gantry_training_load_pipeline_of (registry, checkpoint, checkpoint_path, error) : load_file (registry, path, error);
  if (then == NULL || !compare_pipelines (folder, now, then, error))
    return NULL;
  self->session = gantry_session_new (now, error);
  if (self->session == NULL || (checkpoint != NULL && !restore (self, checkpoint, checkpoint_path, error)))
    return NULL;
  if (!_gantry_training_check_disk (self->session, folder, error))
    return NULL;
  _gantry_run_folder_tidy (self->folder, _gantry_training_setting (self, "keep"));
  if (!_gantry_training_write_pipeline (self, error)
      || !_gantry_run_log_truncate (self->folder, gantry_session_get_images (self->session), self->session->rollbacks->len, NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * gantry_training_find_checkpoint:
 * @path: a run folder or a checkpoint
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the newest checkpoint of the run; @path itself where it is a file
 */
gchar *
gantry_training_find_checkpoint (const gchar *path, GError **error)
{
  gchar *found;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_strdup (path);
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "%s: there is no such run folder or checkpoint", path);
      return NULL;
    }
  found = _gantry_run_folder_find_checkpoint (path);
  if (found == NULL)
    g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "%s: holds no checkpoint", path);
  return found;
}
