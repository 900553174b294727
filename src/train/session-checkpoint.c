/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A session to a checkpoint and back. */
#include "train/session-private.h"

#include <gantry/error.h>
#include <gantry/init.h>
#include <gantry/log.h>
#include <omp.h>
#include <string.h>

/*
 * Format 2 has rollbacks, which an older Gantry would not follow.  A checkpoint is written in the lowest format that says all of it.  Metadata that
 * do not change how a training goes on need no new format: a version that does not know them keeps them.
 */
#define FORMAT 2
#define FORMAT_WITHOUT_ROLLBACKS 1
#define N_PROBES 64

static const gchar *const known_metadata[] = { "gantry", "pipeline", "sample-shape", "terms", "data", "build", "backend", "threads", "images",
                                               "steps", "seed", "seconds", "origin", "rollbacks", "micro-batch", "whole-turns", NULL };

/* Tells data apart: how many records, what the reader says of its files, and a digest of some records. */
gchar *
_gantry_session_fingerprint (GantryReader *reader, GError **error)
{
  const gsize n = gantry_reader_count (reader);
  guint n_fields = 0;
  const GantryField *fields = gantry_reader_fields (reader, &n_fields);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) record = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *digest = gantry_reader_digest (reader);

  if (digest != NULL)
    g_checksum_update (checksum, (const guchar *) digest, strlen (digest));
  for (guint f = 0; f < n_fields; f++)
    g_ptr_array_add (record, g_malloc0 (MAX (1, gantry_shape_size (&fields[f].shape) * gantry_dtype_size (fields[f].dtype))));
  for (gsize i = 0; i < MIN (n, N_PROBES); i++)
    {
      const gsize index = n <= N_PROBES ? i : (gsize) ((gdouble) i * (n - 1) / (N_PROBES - 1));

      if (!gantry_reader_read (reader, index, record->pdata, error))
        {
          g_prefix_error (error, "reader/%s: record %" G_GSIZE_FORMAT ": ", gantry_component_get_name ((GantryComponent *) reader), index);
          return NULL;
        }
      for (guint f = 0; f < n_fields; f++)
        g_checksum_update (checksum, record->pdata[f], gantry_shape_size (&fields[f].shape) * gantry_dtype_size (fields[f].dtype));
    }
  return g_strdup_printf ("%" G_GSIZE_FORMAT " records, sha256 %.32s", n, g_checksum_get_string (checksum));
}

static gchar *
describe_backends (GantrySession *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->backends->len; i++)
    {
      g_autofree gchar *line = gantry_backend_describe (self->backends->pdata[i]);

      g_string_append_printf (text, "%s%s: %s", i > 0 ? "; " : "", gantry_component_get_name (self->backends->pdata[i]), line != NULL ? line : "");
    }
  return g_strdup (text->str);
}

static gchar *
shape_to_words (const GantryShape *shape)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < shape->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, i > 0 ? " " : "", shape->dims[i]);
  return g_strdup (text->str);
}

static void
set_kept_metadata (GantrySession *self, GantryCheckpoint *checkpoint)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->kept);
  while (g_hash_table_iter_next (&iter, &key, &value))
    gantry_checkpoint_set_metadata (checkpoint, key, value);
}

static void
keep_metadata (GantrySession *self, GantryCheckpoint *checkpoint)
{
  g_auto (GStrv) keys = gantry_checkpoint_list_metadata (checkpoint);

  g_hash_table_remove_all (self->kept);
  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_strv_contains (known_metadata, keys[i]))
      g_hash_table_insert (self->kept, g_strdup (keys[i]), g_strdup (gantry_checkpoint_get_metadata (checkpoint, keys[i])));
}

static void
set_number (GantryCheckpoint *checkpoint, const gchar *key, guint64 number)
{
  g_autofree gchar *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  gantry_checkpoint_set_metadata (checkpoint, key, text);
}

/**
 * gantry_session_to_checkpoint:
 * @self: a session
 *
 * All variables and counters, the resolved pipeline, and what the numbers were made with.  After a short last turn `whole-turns` says how many
 * images were shown before it.  The arrays are the session's own:
 * the next step changes them.
 *
 * Returns: (transfer full): a checkpoint
 */
GantryCheckpoint *
gantry_session_to_checkpoint (GantrySession *self)
{
  GantryCheckpoint *checkpoint = gantry_checkpoint_new ();
  g_auto (GStrv) names = gantry_state_list (self->state);
  g_autofree gchar *pipeline = gantry_pipeline_to_text (self->pipeline);
  g_autofree gchar *shape = shape_to_words (&self->sample_shape);
  g_autofree gchar *terms = _gantry_session_terms_to_text (self);
  g_autofree gchar *build = g_strdup_printf ("Gantry %s, compiler %s", gantry_version (), __VERSION__);
  g_autofree gchar *backends = describe_backends (self);
  g_autofree gchar *rollbacks = _gantry_session_rollbacks_to_text (self);

  set_kept_metadata (self, checkpoint);
  for (guint i = 0; names[i] != NULL; i++)
    gantry_checkpoint_set (checkpoint, names[i], gantry_state_get (self->state, names[i]));
  gantry_checkpoint_set_metadata (checkpoint, "terms", terms);
  set_number (checkpoint, "gantry", rollbacks != NULL ? FORMAT : FORMAT_WITHOUT_ROLLBACKS);
  gantry_checkpoint_set_metadata (checkpoint, "rollbacks", rollbacks);
  gantry_checkpoint_set_metadata (checkpoint, "origin", self->origin);
  gantry_checkpoint_set_metadata (checkpoint, "pipeline", pipeline);
  gantry_checkpoint_set_metadata (checkpoint, "sample-shape", shape);
  gantry_checkpoint_set_metadata (checkpoint, "data", self->fingerprint);
  gantry_checkpoint_set_metadata (checkpoint, "build", build);
  gantry_checkpoint_set_metadata (checkpoint, "backend", backends);
  set_number (checkpoint, "threads", omp_get_max_threads ());
  set_number (checkpoint, "micro-batch", self->micro_batch);
  set_number (checkpoint, "images", self->images);
  if (_gantry_session_was_short_turn (self))
    set_number (checkpoint, "whole-turns", self->images - self->shown);
  set_number (checkpoint, "steps", self->steps);
  set_number (checkpoint, "seed", gantry_state_get_seed (self->state));
  return checkpoint;
}

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_clear_error (error);
  if (error != NULL)
    *error = g_error_new_valist (GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, format, args);
  va_end (args);
  return FALSE;
}

static gboolean
get_number (GantryCheckpoint *checkpoint, const gchar *key, guint64 *number, GError **error)
{
  const gchar *text = gantry_checkpoint_get_metadata (checkpoint, key);

  if (text == NULL)
    return fail (error, "its metadata has no '%s': it is no checkpoint of a training", key);
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, number, NULL))
    return fail (error, "its metadata says %s='%s': expected a whole number", key, text);
  return TRUE;
}

gboolean
_gantry_session_check_format (GantryCheckpoint *checkpoint, GError **error)
{
  const gchar *format = gantry_checkpoint_get_metadata (checkpoint, "gantry");
  const gchar *build = gantry_checkpoint_get_metadata (checkpoint, "build");
  guint64 number;

  if (format == NULL)
    return fail (error, "its metadata has no 'gantry': it is no checkpoint of a training");
  if (!g_ascii_string_to_unsigned (format, 10, 1, G_MAXINT32, &number, NULL))
    return fail (error, "its metadata says gantry='%s': expected the number of a format", format);
  if (number > FORMAT)
    return fail (error, "it is of format %s, which a newer Gantry wrote (%s); Gantry %s reads formats up to %d", format,
                 build != NULL ? build : "its metadata do not say which", gantry_version (), FORMAT);
  return TRUE;
}

/* Whether a checkpoint has every variable, with its shape and dtype. */
static gboolean
check_variables (GantrySession *self, GantryCheckpoint *checkpoint, gchar **names, GError **error)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *stored = gantry_checkpoint_get (checkpoint, names[i]);
      GantryArray *own = gantry_state_get (self->state, names[i]);

      if (stored == NULL)
        return fail (error, "it has no variable '%s', which the pipeline needs", names[i]);
      if (!gantry_shape_equal (gantry_array_get_shape (stored), gantry_array_get_shape (own))
          || gantry_array_get_dtype (stored) != gantry_array_get_dtype (own))
        {
          g_autofree gchar *found = gantry_shape_to_string (gantry_array_get_shape (stored));
          g_autofree gchar *due = gantry_shape_to_string (gantry_array_get_shape (own));

          return fail (error, "its variable '%s' is %s %s, but the pipeline needs %s %s", names[i],
                       gantry_dtype_name (gantry_array_get_dtype (stored)), found, gantry_dtype_name (gantry_array_get_dtype (own)), due);
        }
    }
  return TRUE;
}

/* In a training nothing of a checkpoint may be left over. */
static gboolean
check_leftovers (GantryCheckpoint *checkpoint, gchar **names, GError **error)
{
  g_auto (GStrv) stored = gantry_checkpoint_list (checkpoint);

  for (guint i = 0; stored[i] != NULL; i++)
    if (!g_strv_contains ((const gchar *const *) names, stored[i]))
      return fail (error, "its variable '%s' has no place in the pipeline", stored[i]);
  return TRUE;
}

static void
warn_of_difference (GantryCheckpoint *checkpoint, const gchar *key, const gchar *now)
{
  const gchar *then = gantry_checkpoint_get_metadata (checkpoint, key);

  if (then != NULL && !g_str_equal (then, now))
    gantry_log_message ("session", GANTRY_LOG_WARNING,
                        "resumed with another %s: numbers may differ in their last bits from an uninterrupted run's (%s; was %s)", key, now, then);
}

static void
warn_of_environment (GantrySession *self, GantryCheckpoint *checkpoint)
{
  g_autoptr (GantryCheckpoint) now = gantry_session_to_checkpoint (self);

  warn_of_difference (checkpoint, "build", gantry_checkpoint_get_metadata (now, "build"));
  warn_of_difference (checkpoint, "backend", gantry_checkpoint_get_metadata (now, "backend"));
  warn_of_difference (checkpoint, "threads", gantry_checkpoint_get_metadata (now, "threads"));
  warn_of_difference (checkpoint, "micro-batch", gantry_checkpoint_get_metadata (now, "micro-batch"));
}

static gboolean
check_data (GantrySession *self, GantryCheckpoint *checkpoint, GError **error)
{
  const gchar *stored = gantry_checkpoint_get_metadata (checkpoint, "data");

  if (self->fingerprint == NULL || stored == NULL || g_str_equal (self->fingerprint, stored))
    return TRUE;
  return fail (error, "it was trained on other data: %s, here are %s", stored, self->fingerprint);
}

/* A session that samples has no phase that would want its networks' other variables: they are there for those who ask a critic. */
static gboolean
take_networks (GantrySession *self, GantryCheckpoint *checkpoint, GError **error)
{
  g_auto (GStrv) stored = gantry_checkpoint_list (checkpoint);

  for (guint i = 0; stored[i] != NULL; i++)
    for (guint k = 0; k < self->networks->len; k++)
      {
        const gchar *name = gantry_network_get_name (self->networks->pdata[k]);
        const gsize length = strlen (name);

        if (strncmp (stored[i], name, length) == 0 && stored[i][length] == '.'
            && !gantry_state_set (self->state, stored[i], gantry_checkpoint_get (checkpoint, stored[i]), error))
          return FALSE;
      }
  return TRUE;
}

gboolean
_gantry_session_take_counters (GantrySession *self, GantryCheckpoint *checkpoint, GError **error)
{
  const gchar *rollbacks = gantry_checkpoint_get_metadata (checkpoint, "rollbacks");
  guint64 images, steps;

  if (!get_number (checkpoint, "images", &images, error) || !get_number (checkpoint, "steps", &steps, error))
    return FALSE;
  if (!_gantry_session_terms_from_text (self, gantry_checkpoint_get_metadata (checkpoint, "terms")))
    return fail (error, "its metadata 'terms' is no list of NAME=NUMBER");
  self->images = images;
  self->steps = steps;
  self->shown = 0;
  keep_metadata (self, checkpoint);
  g_free (self->origin);
  self->origin = g_strdup (gantry_checkpoint_get_metadata (checkpoint, "origin"));
  if (!_gantry_session_rollbacks_from_text (self, rollbacks))
    return fail (error, "its metadata says rollbacks='%s': expected a list of IMAGES<IMAGES", rollbacks);
  return TRUE;
}

/**
 * gantry_session_restore:
 * @self: a session of the pipeline that the checkpoint was made with
 * @checkpoint: a checkpoint of a session
 * @error: return location for an error
 *
 * Takes over variables and counters.  A training must find every variable and leave none over, and must have the same data; a
 * session for sampling takes the variables of its networks.  A different build, backend, instruction set or number of threads is a warning of the log
 * category `session`.  Nothing is changed unless everything fits.
 *
 * Returns: whether it could be taken over; %GANTRY_TRAIN_ERROR_CHECKPOINT otherwise
 */
gboolean
gantry_session_restore (GantrySession *self, GantryCheckpoint *checkpoint, GError **error)
{
  g_auto (GStrv) names = gantry_state_list (self->state);
  guint64 seed;

  if (!_gantry_session_check_format (checkpoint, error) || !get_number (checkpoint, "seed", &seed, error)
      || !check_variables (self, checkpoint, names, error))
    return FALSE;
  if (self->loader != NULL && (!check_leftovers (checkpoint, names, error) || !check_data (self, checkpoint, error)))
    return FALSE;
  if (!_gantry_session_take_counters (self, checkpoint, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!gantry_state_set (self->state, names[i], gantry_checkpoint_get (checkpoint, names[i]), error))
      return FALSE;
  if (self->loader == NULL && !take_networks (self, checkpoint, error))
    return FALSE;
  gantry_state_set_seed (self->state, seed);
  if (self->loader != NULL)
    warn_of_environment (self, checkpoint);
  return TRUE;
}

static gboolean
parse_shape (const gchar *text, GantryShape *shape)
{
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, " ", GANTRY_MAX_DIMS + 1) : g_new0 (gchar *, 1);
  gsize count;

  *shape = (GantryShape) { 0 };
  for (; words[shape->n_dims] != NULL; shape->n_dims++)
    {
      guint64 dim;

      if (shape->n_dims == GANTRY_MAX_DIMS || !g_ascii_string_to_unsigned (words[shape->n_dims], 10, 1, G_MAXINT32, &dim, NULL))
        return FALSE;
      shape->dims[shape->n_dims] = dim;
    }
  return shape->n_dims > 0 && gantry_shape_count (shape, &count);
}

/**
 * gantry_session_new_from_checkpoint:
 * @registry: where plugins are looked for
 * @checkpoint: a checkpoint of a training
 * @error: return location for an error
 *
 * A session that samples what a checkpoint holds: the pipeline is in the checkpoint.
 *
 * Returns: (transfer full) (nullable): a session for sampling
 */
GantrySession *
gantry_session_new_from_checkpoint (GantryRegistry *registry, GantryCheckpoint *checkpoint, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (registry);
  g_autoptr (GantrySession) self = NULL;
  const gchar *text = gantry_checkpoint_get_metadata (checkpoint, "pipeline");
  GantryShape shape;

  if (!_gantry_session_check_format (checkpoint, error))
    return NULL;
  if (text == NULL || !parse_shape (gantry_checkpoint_get_metadata (checkpoint, "sample-shape"), &shape))
    {
      fail (error, "its metadata has no pipeline or no sample-shape: it is no checkpoint of a training");
      return NULL;
    }
  if (!gantry_pipeline_load_text (pipeline, text, "pipeline of the checkpoint", error))
    return NULL;
  self = gantry_session_new_for_sampling (pipeline, &shape, error);
  if (self == NULL || !gantry_session_restore (self, checkpoint, error))
    return NULL;
  return g_steal_pointer (&self);
}
