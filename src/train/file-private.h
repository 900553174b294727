/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/error.h>

G_BEGIN_DECLS

/* A file in the making: under a temporary name beside its own, until it is whole. */
typedef struct {
  gchar *path;
  gchar *temporary;
  gint fd;
} GantryFile;

GantryFile *_gantry_file_create (const gchar *path, GError **error);
gboolean _gantry_file_write (GantryFile *self, gconstpointer data, gsize size, GError **error);
gboolean _gantry_file_commit (GantryFile *self, GError **error); /* frees it, whatever happens */
void _gantry_file_abandon (GantryFile *self);

gboolean _gantry_file_replace (const gchar *path, gconstpointer data, gsize size, GError **error);
gboolean _gantry_file_sync_folder (const gchar *path, GError **error);
void _gantry_file_set_error (GError **error, const gchar *path, const gchar *what, gint reason);
gboolean _gantry_file_is_temporary (const gchar *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryFile, _gantry_file_abandon)

G_END_DECLS
