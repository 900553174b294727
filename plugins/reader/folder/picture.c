/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A picture of any format as a record. */
#include "picture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

PictureFormat
picture_get_format (const guint8 *bytes, gsize n_bytes)
{
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff };
  static const guint8 png[FORMAT_BYTES] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

  if (n_bytes >= sizeof jpeg && memcmp (bytes, jpeg, sizeof jpeg) == 0)
    return FORMAT_JPEG;
  return n_bytes >= sizeof png && memcmp (bytes, png, sizeof png) == 0 ? FORMAT_PNG : FORMAT_OTHER;
}

FILE *
picture_open (const gchar *path, GError **error)
{
  const gint fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  FILE *file = NULL;
  gint reason = 0;

  if (fd < 0 || fstat (fd, &status) < 0)
    reason = errno;
  else if (!S_ISREG (status.st_mode))
    {
      close (fd);
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "is no regular file");
      return NULL;
    }
  else if ((file = fdopen (fd, "rb")) == NULL)
    reason = errno;
  if (file == NULL)
    {
      if (fd >= 0)
        close (fd);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (reason), "cannot be opened: %s", g_strerror (reason));
    }
  return file;
}

/* ITU-R BT.601 luma, as JPEG has it. */
static guint8
to_grey (guint8 red, guint8 green, guint8 blue)
{
  return (guint8) (0.299 * red + 0.587 * green + 0.114 * blue + 0.5);
}

static void
to_record (const guint8 *square, gsize channels, const PictureSettings *settings, gfloat *image)
{
  const gsize size = settings->resolution * settings->resolution;

  for (gsize c = 0; c < settings->channels; c++)
    {
      const guint8 *plane = square + (channels == settings->channels ? c * size : 0);

      for (gsize i = 0; i < size; i++)
        {
          const guint8 value = channels > settings->channels ? to_grey (square[i], square[size + i], square[2 * size + i]) : plane[i];

          image[c * size + i] = value / 127.5f - 1;
        }
    }
}

static gboolean
decode (FILE *file, const PictureSettings *settings, guint8 *square, gsize *channels, GError **error)
{
  guint8 first[FORMAT_BYTES];
  const gsize n_first = fread (first, 1, sizeof first, file);

  rewind (file);
  switch (picture_get_format (first, n_first))
    {
    case FORMAT_JPEG:
      return picture_read_jpeg (file, settings, square, channels, error);
    case FORMAT_PNG:
      return picture_read_png (file, settings, square, channels, error);
    default:
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "is neither JPEG nor PNG");
      return FALSE;
    }
}

gboolean
picture_read (const gchar *path, const PictureSettings *settings, gfloat *image, GError **error)
{
  g_autofree guint8 *square = NULL;
  FILE *file = picture_open (path, error);
  gsize channels = 0;
  gboolean is_read;
  gint reason;

  if (file == NULL)
    return FALSE;
  square = g_malloc (3 * settings->resolution * settings->resolution);
  errno = 0;
  is_read = decode (file, settings, square, &channels, error);
  reason = ferror (file) ? errno : 0;
  fclose (file);
  if (!is_read && reason != 0)
    {
      /* To a decoder, a device that fails looks like a file that ends. */
      g_clear_error (error);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (reason), "cannot be read: %s", g_strerror (reason));
    }
  if (is_read)
    to_record (square, channels, settings, image);
  return is_read;
}
