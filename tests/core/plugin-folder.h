/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders of plugins made for a test, in a temporary folder. */
#pragma once

#include <glib.h>

/* A new empty folder; remove with plugin_folder_free. */
gchar *plugin_folder_new (void);
/* Puts the bad plugin of the build tree there as KIND/NAME.so. */
void plugin_folder_add (const gchar *folder, const gchar *kind, const gchar *name, const gchar *module);
/* Puts a file with this text there as KIND/NAME.so. */
void plugin_folder_add_text (const gchar *folder, const gchar *kind, const gchar *name, const gchar *text, gssize length);
void plugin_folder_free (gchar *folder);

/* The path of KIND/NAME.so. (transfer full) */
gchar *plugin_folder_path (const gchar *folder, const gchar *kind, const gchar *name);
