/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>

G_BEGIN_DECLS

GANTRY_API gboolean gantry_image_scatter_save (GantryArray *points, GantryArray *real, const gchar *path, GError **error);

/* With what a critic says of each place of the grid, [n]. */
GANTRY_API GantryArray *gantry_image_scatter_grid (GantryArray *points, GantryArray *real, GError **error);
GANTRY_API gboolean gantry_image_scatter_save_critic (GantryArray *points, GantryArray *real, GantryArray *values, gboolean is_probability,
                                                      const gchar *path, GError **error);

G_END_DECLS
