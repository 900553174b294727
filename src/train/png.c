/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PNG files. */
#include "train/png-private.h"

#include "train/file-private.h"

#include <gantry/error.h>
#include <png.h>
#include <setjmp.h>

#define MAX_PIXELS ((gsize) 1 << 28)

static void
collect (png_structp png, png_bytep data, png_size_t size)
{
  g_byte_array_append (png_get_io_ptr (png), data, size);
}

static void
collect_flush (png_structp png)
{
}

static void
collect_error (png_structp png, png_const_charp message)
{
  longjmp (png_jmpbuf (png), 1);
}

static void
collect_warning (png_structp png, png_const_charp message)
{
}

static gboolean
encode (const guint8 *pixels, gsize height, gsize width, gsize channels, gboolean is_drawing, GByteArray *bytes)
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, collect_error, collect_warning);
  png_infop info = png != NULL ? png_create_info_struct (png) : NULL;

  if (info == NULL || setjmp (png_jmpbuf (png)))
    {
      png_destroy_write_struct (&png, &info);
      return FALSE;
    }
  png_set_write_fn (png, bytes, collect, collect_flush);
  png_set_user_limits (png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR (png, info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (is_drawing)
    {
      png_set_filter (png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
      png_set_compression_level (png, 9);
    }
  png_write_info (png, info);
  for (gsize y = 0; y < height; y++)
    png_write_row (png, pixels + y * width * channels);
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  return TRUE;
}

static gboolean
save (const guint8 *pixels, gsize height, gsize width, gsize channels, gboolean is_drawing, const gchar *path, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (!encode (pixels, height, width, channels, is_drawing, bytes))
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: cannot be encoded as PNG", path);
      return FALSE;
    }
  return _gantry_file_replace (path, bytes->data, bytes->len, error);
}

gboolean
_gantry_png_save (const guint8 *pixels, gsize height, gsize width, gsize channels, const gchar *path, GError **error)
{
  return save (pixels, height, width, channels, FALSE, path, error);
}

gboolean
_gantry_png_save_drawing (const guint8 *pixels, gsize height, gsize width, gsize channels, const gchar *path, GError **error)
{
  return save (pixels, height, width, channels, TRUE, path, error);
}

guint8 *
_gantry_png_load (const gchar *path, gsize *height, gsize *width, GError **error)
{
  static const png_color white = { 255, 255, 255 };
  png_image image = { .version = PNG_IMAGE_VERSION };
  g_autofree guint8 *pixels = NULL;

  if (png_image_begin_read_from_file (&image, path))
    {
      *height = image.height;
      *width = image.width;
      image.format = PNG_FORMAT_RGB;
      if (image.width > MAX_PIXELS / image.height)
        g_strlcpy (image.message, "too large", sizeof image.message);
      else
        {
          pixels = g_malloc (PNG_IMAGE_SIZE (image));
          if (png_image_finish_read (&image, &white, pixels, 0, NULL))
            return g_steal_pointer (&pixels);
        }
    }
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: cannot be read as PNG: %s", path, image.message);
  png_image_free (&image);
  return NULL;
}
