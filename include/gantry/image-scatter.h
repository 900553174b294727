/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>

G_BEGIN_DECLS

GANTRY_API gboolean gantry_image_scatter_save (GantryArray *points, GantryArray *real, const gchar *path, GError **error);

G_END_DECLS
