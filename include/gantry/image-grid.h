/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>

G_BEGIN_DECLS

GANTRY_API guint gantry_image_grid_choose_columns (gsize n);
GANTRY_API gboolean gantry_image_grid_save (GantryArray *images, guint columns, const gchar *path, GError **error);

G_END_DECLS
