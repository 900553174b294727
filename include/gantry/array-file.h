/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>

G_BEGIN_DECLS

GANTRY_API gboolean gantry_array_save_csv (GantryArray *self, const gchar *path, GError **error);
GANTRY_API gboolean gantry_array_save_npy (GantryArray *self, const gchar *path, GError **error);

G_END_DECLS
