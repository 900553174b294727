/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/run.h>

G_BEGIN_DECLS

/* The folder of a run, held by this process alone. */
typedef struct {
  gchar *path;
  gint lock;
} GantryRunFolder;

gboolean _gantry_run_folder_check_new (const gchar *path, GError **error);
GantryRunFolder *_gantry_run_folder_create (const gchar *path, GError **error);
GantryRunFolder *_gantry_run_folder_open (const gchar *path, GError **error);
void _gantry_run_folder_close (GantryRunFolder *self);
gboolean _gantry_run_folder_get_space (const gchar *path, guint64 *bytes); /* free; FALSE where that is not known */
gchar *_gantry_run_folder_find_holder (const gchar *path);                 /* process that trains it, or NULL */

/* run-start.c */
gboolean _gantry_run_folder_is_leftover (const gchar *path); /* of a start that was killed */
void _gantry_run_folder_remove_leftover (const gchar *path); /* all of it but the lock, which the caller holds */

/* run-checkpoints.c */
gchar *_gantry_run_folder_find_checkpoint (const gchar *path); /* the newest, or NULL */
gchar *_gantry_run_folder_save (GantryRunFolder *self, GantryCheckpoint *checkpoint, guint64 images, guint keep, gboolean is_marked,
                                GError **error);
void _gantry_run_folder_tidy_checkpoints (GantryRunFolder *self, guint keep);

gchar *_gantry_run_folder_sample_path (GantryRunFolder *self, guint64 images);
void _gantry_run_folder_tidy (GantryRunFolder *self, guint keep);

/*
 * The log keeps what a checkpoint knows of: later lines were written by steps that are about to be taken again, and of rollbacks by those that are
 * about to happen again.  @more: a line that comes after these, or NULL.
 */
gboolean _gantry_run_log_truncate (GantryRunFolder *self, guint64 images, guint n_rollbacks, const gchar *more, GError **error);
gchar *_gantry_run_log_format_origin (guint64 images, guint64 steps, const gchar *origin);
gchar *_gantry_run_log_format_rollback (guint64 images, guint64 steps, guint number, guint64 from, const gchar *reason);
gboolean _gantry_run_log_append (GantryRunFolder *self, const gchar *line, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryRunFolder, _gantry_run_folder_close)

G_END_DECLS
