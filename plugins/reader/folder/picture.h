/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>

#include <stdio.h>

#define MEBIBYTE 1048576.0
#define FORMAT_BYTES 8 /* as many of the first bytes tell formats apart */

typedef enum {
  FORMAT_OTHER,
  FORMAT_JPEG,
  FORMAT_PNG
} PictureFormat;

/* What becomes of a picture. */
typedef struct {
  gchar *fit;
  gsize resolution;
  gsize channels;       /* 3 or 1 */
  guint8 background[3]; /* below what is transparent */
  guint64 memory;       /* the most that may be held of one picture, in bytes */
} PictureSettings;

PictureFormat picture_get_format (const guint8 *bytes, gsize n_bytes);

/* Opens a regular file without waiting; the error's domain is G_FILE_ERROR. */
FILE *picture_open (const gchar *path, GError **error);

/* Reads a picture, [channels, resolution, resolution] from -1 to 1. Errors say what is wrong, but not with which file. */
gboolean picture_read (const gchar *path, const PictureSettings *settings, gfloat *image, GError **error);

/* Decoders: @square has room for 3 channels, *channels says whether it got 1 or 3. */
gboolean picture_read_jpeg (FILE *file, const PictureSettings *settings, guint8 *square, gsize *channels, GError **error);
gboolean picture_read_png (FILE *file, const PictureSettings *settings, guint8 *square, gsize *channels, GError **error);

/* The tag Orientation, 1 to 8, of EXIF data from the TIFF header on; 1 where they do not have it. */
guint picture_get_orientation (const guint8 *tiff, gsize size);
