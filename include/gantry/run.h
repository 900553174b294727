/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/checkpoint.h>

G_BEGIN_DECLS

/**
 * GantryRunCheckpoint:
 * @images: real images that were shown when it was made
 * @bytes: size of the file
 * @time: when it was written, in seconds since 1970
 * @is_marked: whether it stays, however many newer ones there are
 * @path: the file
 *
 * A checkpoint in a run folder.
 */
typedef struct {
  gsize size;
  guint64 images;
  guint64 bytes;
  gint64 time;
  gboolean is_marked;
  gchar *path;
} GantryRunCheckpoint;

GANTRY_API GPtrArray *gantry_run_list_checkpoints (const gchar *run, GError **error); /* of GantryRunCheckpoint, the oldest first */
GANTRY_API gboolean gantry_run_mark_checkpoint (const gchar *run, guint64 images, gboolean is_marked, GError **error);
GANTRY_API gchar *gantry_format_bytes (guint64 bytes); /* "1.5 MiB" */

G_END_DECLS
