/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A training that diverged goes back to its newest checkpoint, which is finite like every one, and on with other random numbers: with the same it
 * would diverge again.  The log says so first, then the checkpoint is written anew with the rollback in it.  Killed before, the training
 * diverges and goes back once more, as it depends on nothing else; killed after, it goes on from there.
 */
#include "train/session-private.h"
#include "train/training-private.h"

#include <gantry/error.h>

gboolean
_gantry_training_check_finite (GantryTraining *self, GError **error)
{
  gdouble value = 0;
  const gchar *name = _gantry_session_find_broken (self->session, &value);

  if (name == NULL)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DIVERGED,
               "after step %" G_GUINT64_FORMAT " (%" G_GUINT64_FORMAT " images): variable %s holds %g: the training has diverged",
               gantry_session_get_steps (self->session), gantry_session_get_images (self->session), name, value);
  return FALSE;
}

static void
give_up (GantryTraining *self, const GError *reason, const gchar *path, GError **error)
{
  const GArray *rollbacks = self->session->rollbacks;
  g_autofree gchar *again = NULL;

  if (path == NULL)
    {
      g_set_error (error, reason->domain, reason->code, "%s; there is no checkpoint to go back to", reason->message);
      return;
    }
  if (rollbacks->len > 0)
    {
      const GantryRollback *last = &g_array_index (rollbacks, GantryRollback, rollbacks->len - 1);

      again = g_strdup_printf (", again after it went back from %" G_GUINT64_FORMAT " images to %" G_GUINT64_FORMAT
                               " and on with other random numbers",
                               last->from, last->to);
    }
  g_set_error (error, reason->domain, reason->code,
               "%s%s.  The last good checkpoint stays: %s.  What may help from there: a lower learning-rate, clip-gradients, another loss or a "
               "regularizer, by gantry train --resume=%s --fork --output=NEW OPTIONS",
               reason->message, again != NULL ? again : "", path, self->folder->path);
}

/* Once: until a checkpoint beyond the point is there. */
static gboolean
may_roll_back (GantryTraining *self, GantryCheckpoint *checkpoint)
{
  const GArray *rollbacks = self->session->rollbacks;
  const gchar *images = gantry_checkpoint_get_metadata (checkpoint, "images");

  if (rollbacks->len == 0)
    return TRUE;
  return images != NULL && g_ascii_strtoull (images, NULL, 10) > g_array_index (rollbacks, GantryRollback, rollbacks->len - 1).from;
}

static gboolean
go_back (GantryTraining *self, GantryCheckpoint *checkpoint, guint64 from, const gchar *reason, GError **error)
{
  g_autofree gchar *line = NULL;

  if (!gantry_session_restore (self->session, checkpoint, error))
    return FALSE;
  _gantry_session_add_rollback (self->session, from);
  self->logged_images = gantry_session_get_images (self->session);
  self->logged_seconds = _gantry_training_seconds (self);
  line = _gantry_run_log_format_rollback (self->logged_images, gantry_session_get_steps (self->session), self->session->rollbacks->len, from, reason);
  return _gantry_run_log_truncate (self->folder, self->logged_images, self->session->rollbacks->len - 1, line, error)
         && _gantry_training_save (self, FALSE, error);
}

gboolean
_gantry_training_roll_back (GantryTraining *self, const GError *reason, GError **error)
{
  const guint64 from = gantry_session_get_images (self->session);
  g_autofree gchar *path = _gantry_run_folder_find_checkpoint (self->folder->path);
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autofree gchar *message = NULL;

  if (!g_error_matches (reason, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DIVERGED))
    {
      if (error != NULL)
        *error = g_error_copy (reason);
      return FALSE;
    }
  if (path != NULL)
    {
      checkpoint = gantry_checkpoint_load (path, error);
      if (checkpoint == NULL)
        {
          g_prefix_error (error, "%s; going back: ", reason->message);
          return FALSE;
        }
    }
  if (checkpoint == NULL || !may_roll_back (self, checkpoint))
    {
      give_up (self, reason, path, error);
      return FALSE;
    }
  if (!go_back (self, checkpoint, from, reason->message, error))
    {
      g_prefix_error (error, "%s; going back: ", reason->message);
      return FALSE;
    }
  message = g_strdup_printf ("%s; back to the checkpoint of %" G_GUINT64_FORMAT " images, and on with other random numbers", reason->message,
                             gantry_session_get_images (self->session));
  _gantry_training_emit (self, GANTRY_TRAINING_ROLLED_BACK, path, message);
  return TRUE;
}
