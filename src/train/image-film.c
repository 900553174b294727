/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures of one size side by side, as the moments of a training. */
#include <gantry/image-film.h>

#include "train/png-private.h"

#include <gantry/error.h>
#include <string.h>

#define GAP 8
#define MAX_PIXELS ((gsize) 1 << 28)
#define fail(error, path, ...) gantry_set_file_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, path, __VA_ARGS__)

typedef struct {
  gsize n, columns, shrink;
  gsize width, height; /* of one picture as it is drawn */
} Film;

/* Each pixel is the mean of a square of @shrink^2, which keeps lines and points visible. */
static void
draw (const Film *film, gsize i, const guint8 *picture, guint8 *pixels, gsize stride)
{
  const gsize shrink = film->shrink, area = shrink * shrink;
  guint8 *corner = pixels + i / film->columns * (film->height + GAP) * stride + i % film->columns * (film->width + GAP) * 3;

  for (gsize y = 0; y < film->height; y++)
    for (gsize x = 0; x < film->width * 3; x++)
      {
        const guint8 *square = picture + (y * shrink * film->width * shrink + x / 3 * shrink) * 3 + x % 3;
        gsize sum = area / 2;

        for (gsize row = 0; row < shrink; row++)
          for (gsize column = 0; column < shrink; column++)
            sum += square[(row * film->width * shrink + column) * 3];
        corner[y * stride + x] = (guint8) (sum / area);
      }
}

/* The part of a picture that fills whole squares, in place. */
static void
crop (guint8 *picture, gsize width, const Film *film)
{
  for (gsize y = 1; y < film->height * film->shrink; y++)
    memmove (picture + y * film->width * film->shrink * 3, picture + y * width * 3, film->width * film->shrink * 3);
}

/**
 * gantry_image_film_save:
 * @pictures: (array zero-terminated=1): PNG files of one size, at least one, in the order of reading
 * @columns: pictures of a row; 0 for one row
 * @shrink: by how much each is made smaller, 1 or more; what does not fill a whole pixel at its right and lower edge is left out
 * @path: a PNG file, replaced as a whole
 * @error: return location for an error
 *
 * Puts pictures side by side, as the sample pictures of a run show its course.  They become 8-bit RGB; what is transparent
 * becomes white, as are the gaps.
 *
 * Returns: whether they could be read and the film be written
 */
gboolean
gantry_image_film_save (const gchar *const *pictures, guint columns, guint shrink, const gchar *path, GError **error)
{
  Film film = { g_strv_length ((gchar **) pictures), columns, shrink, 0, 0 };
  g_autofree guint8 *pixels = NULL;
  gsize first_height = 0, first_width = 0, width = 0, height = 0;

  g_return_val_if_fail (film.n > 0 && shrink > 0, FALSE);
  film.columns = columns > 0 ? MIN (columns, film.n) : film.n;
  for (gsize i = 0; i < film.n; i++)
    {
      gsize picture_height, picture_width;
      g_autofree guint8 *picture = _gantry_png_load (pictures[i], &picture_height, &picture_width, error);

      if (picture == NULL)
        return FALSE;
      if (i == 0)
        {
          first_height = picture_height;
          first_width = picture_width;
          film.height = picture_height / shrink;
          film.width = picture_width / shrink;
          width = film.columns * (film.width + GAP) - GAP;
          height = (film.n + film.columns - 1) / film.columns * (film.height + GAP) - GAP;
          if (film.height == 0 || film.width == 0)
            return fail (error, pictures[i], "%zux%zu pixels cannot be made %u times smaller", picture_width, picture_height, shrink);
          if (width > MAX_PIXELS / height)
            return fail (error, path, "%zu pictures of %zux%zu pixels are too large for one", film.n, film.width, film.height);
          pixels = g_malloc (width * height * 3);
          memset (pixels, 255, width * height * 3);
        }
      if (picture_height != first_height || picture_width != first_width)
        return fail (error, pictures[i], "%zux%zu pixels, where %s has %zux%zu: a film is of one size", picture_width, picture_height, pictures[0],
                     first_width, first_height);
      crop (picture, picture_width, &film);
      draw (&film, i, picture, pixels, width * 3);
    }
  return _gantry_png_save_drawing (pixels, height, width, 3, path, error);
}
