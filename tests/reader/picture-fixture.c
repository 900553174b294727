/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures of every sort, and folders of them. */
#include "reader/picture-fixture.h"

#include <stdio.h>

#include <jpeglib.h>
#include <math.h>
#include <png.h>

static GMutex lock;
static GPtrArray *messages;

/* TIFF header and one directory of one entry. */
static gsize
make_exif (guint8 *bytes, guint orientation, gboolean is_little_endian)
{
  static const guint8 big[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
  static const guint8 little[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

  memcpy (bytes, is_little_endian ? little : big, sizeof big);
  bytes[is_little_endian ? 18 : 19] = orientation;
  return sizeof big;
}

static void
write_exif (j_compress_ptr codec, const JpegSpec *spec)
{
  guint8 bytes[64] = "Exif\0";
  static const guint8 other[] = "http://ns.adobe.com/xap/1.0/ and more that is no EXIF data";
  const gsize size = 6 + make_exif (bytes + 6, spec->orientation, spec->is_little_endian);

  jpeg_write_marker (codec, JPEG_APP0 + 1, other, sizeof other);
  jpeg_write_marker (codec, JPEG_APP0 + 1, bytes, size);
}

void
write_jpeg (const gchar *path, const JpegSpec *spec, const guint8 *pixels)
{
  struct jpeg_compress_struct codec = { 0 };
  struct jpeg_error_mgr errors;
  FILE *file = fopen (path, "wb");

  ck_assert_ptr_nonnull (file);
  codec.err = jpeg_std_error (&errors);
  jpeg_create_compress (&codec);
  jpeg_stdio_dest (&codec, file);
  codec.image_width = spec->width;
  codec.image_height = spec->height;
  codec.input_components = spec->channels;
  codec.in_color_space = spec->channels == 1 ? JCS_GRAYSCALE : spec->channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults (&codec);
  if (spec->is_ycck)
    jpeg_set_colorspace (&codec, JCS_YCCK);
  codec.write_Adobe_marker = codec.write_Adobe_marker && !spec->is_not_adobe;
  jpeg_set_quality (&codec, 100, TRUE);
  for (gint c = 0; c < codec.num_components; c++)
    codec.comp_info[c].h_samp_factor = codec.comp_info[c].v_samp_factor = 1;
  if (spec->is_progressive)
    jpeg_simple_progression (&codec);
  jpeg_start_compress (&codec, TRUE);
  if (spec->orientation > 0)
    write_exif (&codec, spec);
  while (codec.next_scanline < codec.image_height)
    {
      JSAMPROW row = (JSAMPROW) pixels + (spec->is_one_row ? 0 : (gsize) codec.next_scanline * spec->width * spec->channels);

      jpeg_write_scanlines (&codec, &row, 1);
    }
  jpeg_finish_compress (&codec);
  jpeg_destroy_compress (&codec);
  ck_assert_int_eq (fclose (file), 0);
}

static void
set_palette (png_structp png, png_infop info, const PngSpec *spec)
{
  png_color palette[256];
  png_byte opacities[256];

  for (guint i = 0; i < spec->n_colours; i++)
    {
      palette[i] = (png_color) { spec->palette[4 * i], spec->palette[4 * i + 1], spec->palette[4 * i + 2] };
      opacities[i] = spec->palette[4 * i + 3];
    }
  png_set_PLTE (png, info, palette, spec->n_colours);
  if (spec->has_transparency)
    png_set_tRNS (png, info, opacities, spec->n_colours, NULL);
}

static void
set_transparent_colour (png_structp png, png_infop info, const PngSpec *spec, const guint8 *pixels)
{
  png_color_16 colour = { 0 };
  const guint bytes = spec->bits / 8;
  guint values[3];

  for (guint c = 0; c < 3; c++)
    values[c] = bytes == 2 ? pixels[2 * c] << 8 | pixels[2 * c + 1] : pixels[c];
  if (spec->type == PNG_COLOR_TYPE_GRAY)
    colour.gray = values[0];
  colour.red = values[0];
  colour.green = values[1];
  colour.blue = values[2];
  png_set_tRNS (png, info, NULL, 0, &colour);
}

void
write_png (const gchar *path, const PngSpec *spec, const guint8 *pixels)
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  FILE *file = fopen (path, "wb");
  g_autofree png_bytep *rows = g_new (png_bytep, spec->height);
  guint8 exif[64];

  ck_assert_ptr_nonnull (file);
  ck_assert (setjmp (png_jmpbuf (png)) == 0);
  png_init_io (png, file);
  png_set_IHDR (png, info, spec->width, spec->height, spec->bits, spec->type, spec->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (spec->type == PNG_COLOR_TYPE_PALETTE)
    set_palette (png, info, spec);
  else if (spec->has_transparency)
    set_transparent_colour (png, info, spec, pixels);
  if (spec->orientation > 0)
    png_set_eXIf_1 (png, info, make_exif (exif, spec->orientation, TRUE), exif);
  for (guint y = 0; y < spec->height; y++)
    rows[y] = (png_bytep) pixels + (spec->is_one_row ? 0 : y * png_get_rowbytes (png, info));
  png_set_rows (png, info, rows);
  png_write_png (png, info, PNG_TRANSFORM_IDENTITY, NULL);
  png_destroy_write_struct (&png, &info);
  ck_assert_int_eq (fclose (file), 0);
}

GantryReader *
open_folder (const gchar *folder, GError **error, ...)
{
  GantryComponent *reader = gantry_registry_create (fixture_registry (), "reader", "folder", "folder", error);
  va_list properties;

  ck_assert_ptr_nonnull (reader);
  ck_assert (gantry_component_set (reader, "path", folder, error));
  va_start (properties, error);
  for (const gchar *key; (key = va_arg (properties, const gchar *)) != NULL;)
    ck_assert_msg (gantry_component_set (reader, key, va_arg (properties, const gchar *), error), "%s", key);
  va_end (properties);
  if (gantry_reader_open (GANTRY_READER (reader), error))
    return GANTRY_READER (reader);
  g_object_unref (reader);
  return NULL;
}

GantryReader *
must_open_folder (const gchar *folder, const gchar *resolution, const gchar *fit)
{
  g_autoptr (GError) error = NULL;
  GantryReader *reader = open_folder (folder, &error, "resolution", resolution, "fit", fit, NULL);

  ck_assert_msg (reader != NULL, "%s", error != NULL ? error->message : "");
  return reader;
}

static guint8 *
read_record (GantryReader *reader, gsize index, gint64 *label)
{
  guint n_fields = 0;
  const GantryField *fields = gantry_reader_fields (reader, &n_fields);
  const gsize size = gantry_shape_size (&fields[0].shape);
  g_autofree gfloat *values = g_new (gfloat, size);
  guint8 *bytes = g_malloc (size);
  gpointer const record[] = { values, label };
  g_autoptr (GError) error = NULL;

  ck_assert_str_eq (fields[0].name, "image");
  ck_assert_msg (gantry_reader_read (reader, index, record, &error), "record %u: %s", (guint) index, error != NULL ? error->message : "");
  for (gsize i = 0; i < size; i++)
    {
      ck_assert_float_ge (values[i], -1);
      ck_assert_float_le (values[i], 1);
      bytes[i] = (guint8) lrint ((values[i] + 1) * 127.5);
    }
  return bytes;
}

guint8 *
must_read (GantryReader *reader, gsize index)
{
  gint64 label = 0;

  return read_record (reader, index, &label);
}

gint64
must_read_label (GantryReader *reader, gsize index)
{
  gint64 label = -1;

  g_free (read_record (reader, index, &label));
  return label;
}

static void
on_message (const gchar *category, GantryLogLevel level, const gchar *message, gpointer data)
{
  g_mutex_lock (&lock);
  if (level <= GANTRY_LOG_WARNING)
    g_ptr_array_add (messages, g_strdup (message));
  g_mutex_unlock (&lock);
}

void
watch_log (void)
{
  g_clear_pointer (&messages, g_ptr_array_unref);
  messages = g_ptr_array_new_with_free_func (g_free);
  gantry_log_set_handler (on_message, NULL);
}

guint
count_messages (const gchar *part)
{
  guint n = 0;

  g_mutex_lock (&lock);
  for (guint i = 0; i < messages->len; i++)
    n += strstr (messages->pdata[i], part) != NULL;
  g_mutex_unlock (&lock);
  return n;
}
