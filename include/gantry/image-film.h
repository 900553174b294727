/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

GANTRY_API gboolean gantry_image_film_save (const gchar *const *pictures, guint columns, guint shrink, const gchar *path, GError **error);

G_END_DECLS
