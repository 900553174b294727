/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/training-fixture.h"

typedef struct {
  guint width;
  guint height;
  guint channels;       /* 1 grey, 3 RGB, 4 CMYK */
  gboolean is_one_row;  /* the pixels are those of every row */
  gboolean is_progressive;
  gboolean is_ycck;     /* of CMYK */
  gboolean is_not_adobe; /* of CMYK: no Adobe marker */
  guint orientation;    /* 0: no EXIF data */
  gboolean is_little_endian;
} JpegSpec;

typedef struct {
  guint width;
  guint height;
  gint type; /* PNG_COLOR_TYPE_* */
  guint bits;
  gboolean is_one_row; /* the pixels are those of every row */
  gboolean is_interlaced;
  const guint8 *palette; /* 4 bytes a colour, the last its opacity */
  guint n_colours;
  gboolean has_transparency; /* tRNS: of the palette, or the colour of the first pixel */
  guint orientation;         /* 0: no EXIF data */
} PngSpec;

/* Pixels are interleaved, 8 bits a channel; of PNG as they are stored. Quality is the best, colours are not subsampled. */
void write_jpeg (const gchar *path, const JpegSpec *spec, const guint8 *pixels);
void write_png (const gchar *path, const PngSpec *spec, const guint8 *pixels);

/* A reader of a folder, with properties that end with NULL: key, value, key, value ... */
GantryReader *open_folder (const gchar *folder, GError **error, ...) G_GNUC_NULL_TERMINATED;
/* As that, which must succeed. */
GantryReader *must_open_folder (const gchar *folder, const gchar *resolution, const gchar *fit);
/* A record as bytes, [channels, height, width]; must succeed. */
guint8 *must_read (GantryReader *reader, gsize index);
gint64 must_read_label (GantryReader *reader, gsize index);

/* Messages of the log, from here on. */
void watch_log (void);
/* How many have @part in them. */
guint count_messages (const gchar *part);
