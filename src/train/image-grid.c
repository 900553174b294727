/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A batch of images as one PNG file. */
#include <gantry/image-grid.h>

#include "train/png-private.h"

#include <gantry/error.h>
#include <math.h>

#define GAP 2

/**
 * gantry_image_grid_choose_columns:
 * @n: number of images
 *
 * Returns: columns of a grid that is about square, full where that can be
 */
guint
gantry_image_grid_choose_columns (gsize n)
{
  guint columns = ceil (sqrt (n));

  /* 10 images are better two rows of 5 than 4, 4 and 2. */
  for (guint wider = columns; wider <= 2 * columns; wider++)
    if (n % wider == 0)
      return wider;
  return columns;
}

/* uint8 clamp (round (127.5 x + 127.5)); what is no number becomes 0. */
static guint8
to_byte (gdouble x)
{
  const gdouble value = nearbyint (127.5 * x + 127.5);

  if (!(value > 0))
    return 0;
  return value > 255 ? 255 : (guint8) value;
}

typedef struct {
  gsize channels, height, width;
  gsize columns, rows;
  gsize pixel_width, pixel_height;
} Layout;

static guint8 *
draw (GantryArray *images, const Layout *layout)
{
  const gsize n = gantry_array_get_shape (images)->dims[0], stride = layout->pixel_width * layout->channels;
  guint8 *pixels = g_malloc0 (layout->pixel_height * stride);

  for (gsize i = 0; i < n; i++)
    {
      const gsize top = i / layout->columns * (layout->height + GAP), left = i % layout->columns * (layout->width + GAP);

      for (gsize c = 0; c < layout->channels; c++)
        for (gsize y = 0; y < layout->height; y++)
          for (gsize x = 0; x < layout->width; x++)
            {
              const gsize source = ((i * layout->channels + c) * layout->height + y) * layout->width + x;

              pixels[(top + y) * stride + (left + x) * layout->channels + c] = to_byte (gantry_array_get_double (images, source));
            }
    }
  return pixels;
}

/**
 * gantry_image_grid_save:
 * @images: [n, channels, height, width], 1 or 3 channels, in [-1, 1]
 * @columns: images of a row; 0 chooses
 * @path: a PNG file, replaced as a whole
 * @error: return location for an error
 *
 * Writes images as one PNG file of 8 bits: row by row, two black pixels between them.  A value x becomes
 * round (127.5 x + 127.5), clamped to 0 ... 255.
 *
 * Returns: whether it could be written
 */
gboolean
gantry_image_grid_save (GantryArray *images, guint columns, const gchar *path, GError **error)
{
  const GantryShape *shape = gantry_array_get_shape (images);
  g_autofree guint8 *pixels = NULL;
  Layout layout;

  if (shape->n_dims != 4 || (shape->dims[1] != 1 && shape->dims[1] != 3) || shape->dims[0] == 0)
    {
      g_autofree gchar *text = gantry_shape_to_string (shape);

      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: images of shape %s cannot be drawn: expected [n, 1 or 3, height, width]",
                   path, text);
      return FALSE;
    }
  layout.columns = columns > 0 ? MIN (columns, shape->dims[0]) : gantry_image_grid_choose_columns (shape->dims[0]);
  layout.rows = (shape->dims[0] + layout.columns - 1) / layout.columns;
  layout.channels = shape->dims[1];
  layout.height = shape->dims[2];
  layout.width = shape->dims[3];
  layout.pixel_width = layout.columns * (layout.width + GAP) - GAP;
  layout.pixel_height = layout.rows * (layout.height + GAP) - GAP;
  if (layout.pixel_width > G_MAXINT32 || layout.pixel_height > G_MAXINT32)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: a grid of %" G_GSIZE_FORMAT " images is too large for a PNG file", path,
                   shape->dims[0]);
      return FALSE;
    }
  pixels = draw (images, &layout);
  return _gantry_png_save (pixels, layout.pixel_height, layout.pixel_width, layout.channels, path, error);
}
