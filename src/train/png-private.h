/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Writes 8-bit pixels [height, width, channels], 1 or 3 channels, as one PNG file, replaced as a whole. */
gboolean _gantry_png_save (const guint8 *pixels, gsize height, gsize width, gsize channels, const gchar *path, GError **error);

/* The same for drawings, whose lines and areas of one colour are smaller unfiltered. */
gboolean _gantry_png_save_drawing (const guint8 *pixels, gsize height, gsize width, gsize channels, const gchar *path, GError **error);

/* The pixels of a PNG file as 8-bit RGB, [height, width, 3]; what is transparent lies on white. (transfer full) (nullable) */
guint8 *_gantry_png_load (const gchar *path, gsize *height, gsize *width, GError **error);
