/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a training will need on disk, said before it starts. */
#include "train/session-private.h"
#include "train/training-private.h"

#include <gantry/error.h>
#include <string.h>

#define METADATA_BYTES 4096
#define VARIABLE_BYTES 192    /* of the header, for each */
#define POINT_BYTES (1 << 16) /* of a plot of points, at most */

static guint64
get_setting (GantrySession *session, const gchar *key)
{
  return gantry_component_get_int (gantry_pipeline_get_settings (gantry_session_get_pipeline (session)), key);
}

static guint64
count_checkpoint_bytes (GantrySession *session)
{
  GantryState *state = gantry_session_get_state (session);
  g_auto (GStrv) names = gantry_state_list (state);
  g_autofree gchar *pipeline = gantry_pipeline_to_text (gantry_session_get_pipeline (session));
  guint64 bytes = METADATA_BYTES + 2 * strlen (pipeline); /* newlines are escaped */

  for (guint i = 0; names[i] != NULL; i++)
    bytes += gantry_array_get_bytes (gantry_state_get (state, names[i])) + VARIABLE_BYTES;
  return bytes;
}

/* As images, without what compression saves. */
static guint64
count_sample_bytes (GantrySession *session)
{
  const GantryShape *shape = &session->sample_shape;

  return shape->n_dims < 3 ? POINT_BYTES : get_setting (session, "samples") * gantry_shape_size (shape) + POINT_BYTES / 16;
}

/* Turns to come that cross a multiple of an interval. */
static guint64
count_crossings (GantrySession *session, guint64 interval)
{
  const guint64 images = gantry_session_get_images (session), total = get_setting (session, "images");
  const guint64 turn = _gantry_session_get_turn_images (session);

  if (interval == 0 || total <= images)
    return 0;
  return MIN ((total + turn - 1) / interval - images / interval, (total - images + turn - 1) / turn);
}

/* How many more checkpoints there will be at once than there are. */
static void
count_checkpoints (GantrySession *session, const gchar *folder, GantryTrainingDisk *disk)
{
  g_autoptr (GPtrArray) existing = gantry_run_list_checkpoints (folder, NULL);
  const guint64 keep = get_setting (session, "keep");
  guint64 n_plain = 0, n_saves;

  for (guint i = 0; existing != NULL && i < existing->len; i++)
    n_plain += !((GantryRunCheckpoint *) existing->pdata[i])->is_marked;
  disk->n_marked = count_crossings (session, get_setting (session, "mark"));
  /* One at the end, and before the first step of a new run. */
  n_saves = count_crossings (session, get_setting (session, "checkpoint-interval")) + 1 + (existing == NULL || existing->len == 0);
  disk->n_checkpoints = n_saves;
  /* A new one is written before the oldest is deleted. */
  if (keep > 0 && n_plain + n_saves > keep + 1)
    disk->n_checkpoints = MAX (keep + 1, n_plain + 1) - n_plain;
  disk->n_checkpoints += disk->n_marked;
}

void
_gantry_training_count_disk (GantrySession *session, const gchar *folder, GantryTrainingDisk *disk)
{
  disk->checkpoint_bytes = count_checkpoint_bytes (session);
  disk->n_checkpoints = disk->n_marked = disk->n_samples = disk->bytes = 0;
  if (gantry_session_get_images (session) >= get_setting (session, "images"))
    return;
  count_checkpoints (session, folder, disk);
  if (get_setting (session, "sample-interval") > 0)
    disk->n_samples = count_crossings (session, get_setting (session, "sample-interval")) + 1;
  disk->bytes = disk->n_checkpoints * disk->checkpoint_bytes + disk->n_samples * count_sample_bytes (session);
}

gboolean
_gantry_training_check_disk (GantrySession *session, const gchar *folder, GError **error)
{
  GantryTrainingDisk disk = { .size = sizeof disk };
  g_autofree gchar *needed = NULL;
  g_autofree gchar *found = NULL;
  g_autofree gchar *one = NULL;
  guint64 available;

  _gantry_training_count_disk (session, folder, &disk);
  if (!_gantry_run_folder_get_space (folder, &available) || available >= disk.bytes)
    return TRUE;
  needed = gantry_format_bytes (disk.bytes);
  found = gantry_format_bytes (available);
  one = gantry_format_bytes (disk.checkpoint_bytes);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN,
               "%s: not enough space: %s are free, the run needs up to %s: %" G_GUINT64_FORMAT " checkpoints of %s and %" G_GUINT64_FORMAT
               " sample pictures; keep= and mark= say how many checkpoints stay, sample-interval= how many pictures there are",
               folder, found, needed, disk.n_checkpoints, one, disk.n_samples);
  return FALSE;
}

/**
 * gantry_training_get_disk:
 * @self: a training
 * @disk: (inout): its `size` is set by the caller
 *
 * About what the training will need on disk from now until it ends.
 */
void
gantry_training_get_disk (GantryTraining *self, GantryTrainingDisk *disk)
{
  _gantry_training_count_disk (self->session, self->folder->path, disk);
}
