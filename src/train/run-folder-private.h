/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/checkpoint.h>

G_BEGIN_DECLS

/* The folder of a run, held by this process alone. */
typedef struct {
  gchar *path;
  gint lock;
} GantryRunFolder;

gboolean _gantry_run_folder_check_new (const gchar *path, guint64 bytes, GError **error);
GantryRunFolder *_gantry_run_folder_create (const gchar *path, GError **error);
GantryRunFolder *_gantry_run_folder_open (const gchar *path, GError **error);
void _gantry_run_folder_close (GantryRunFolder *self);
gboolean _gantry_run_folder_check_space (const gchar *path, guint64 bytes, GError **error);

gchar *_gantry_run_folder_find_checkpoint (const gchar *path); /* the newest, or NULL */
gchar *_gantry_run_folder_save (GantryRunFolder *self, GantryCheckpoint *checkpoint, guint64 images, guint keep, GError **error);
gchar *_gantry_run_folder_sample_path (GantryRunFolder *self, guint64 images);
void _gantry_run_folder_remove_temporaries (GantryRunFolder *self);

/* The log keeps what a checkpoint knows of: later lines were written by steps that are about to be taken again. */
gboolean _gantry_run_log_truncate (GantryRunFolder *self, guint64 images, GError **error);
gboolean _gantry_run_log_append (GantryRunFolder *self, const gchar *line, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryRunFolder, _gantry_run_folder_close)

G_END_DECLS
