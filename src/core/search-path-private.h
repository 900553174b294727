/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/* The folders in which plugins are looked for after those that were named: GANTRY_PLUGIN_PATH, the user's, the system's.
 * The environment is not asked when the process is set-user-id. (transfer full) */
gchar **_gantry_search_path (void);

/* A file found in FOLDER/KIND/NAME.so. */
typedef struct {
  gchar *path;
  gchar *kind; /* name of its folder */
  gchar *stem; /* file name without .so */
} GantryPluginFile;

/* Adds the plugin files of a folder, sorted.  FALSE with the reason where the folder cannot be read. */
gboolean _gantry_search_folder (const gchar *folder, GPtrArray *files, GError **error);

void _gantry_plugin_file_free (gpointer data);

G_END_DECLS
