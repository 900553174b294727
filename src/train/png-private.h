/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Writes 8-bit pixels [height, width, channels], 1 or 3 channels, as one PNG file, replaced as a whole. */
gboolean _gantry_png_save (const guint8 *pixels, gsize height, gsize width, gsize channels, const gchar *path, GError **error);
