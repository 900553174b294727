/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Points in one or two dimensions as a picture. */
#include <gantry/image-scatter.h>

#include "train/png-private.h"

#include <gantry/error.h>
#include <math.h>
#include <string.h>

#define SIDE 512
#define MARGIN 24
#define RADIUS 2
#define N_BINS 64

typedef struct {
  gdouble least[2];
  gdouble extent; /* of both coordinates */
} Frame;

static const guint8 grey[3] = { 176, 176, 176 };
static const guint8 colour[3] = { 204, 68, 0 };

static gsize
get_n_dims (GantryArray *points)
{
  return gantry_array_get_shape (points)->dims[1];
}

static gboolean
is_drawable (GantryArray *points)
{
  const GantryShape *shape = gantry_array_get_shape (points);

  return shape->n_dims == 2 && (shape->dims[1] == 1 || shape->dims[1] == 2) && shape->dims[0] > 0;
}

/* What is no number has no place. */
static gboolean
get_point (GantryArray *points, gsize i, gdouble point[2])
{
  const gsize n_dims = get_n_dims (points);

  for (gsize d = 0; d < n_dims; d++)
    point[d] = gantry_array_get_double (points, i * n_dims + d);
  return isfinite (point[0]) && (n_dims == 1 || isfinite (point[1]));
}

static void
extend (GantryArray *points, gdouble least[2], gdouble most[2])
{
  const gsize n_dims = get_n_dims (points);
  gdouble point[2];

  for (gsize i = 0; i < gantry_array_get_shape (points)->dims[0]; i++)
    if (get_point (points, i, point))
      for (gsize d = 0; d < n_dims; d++)
        {
          least[d] = MIN (least[d], point[d]);
          most[d] = MAX (most[d], point[d]);
        }
}

static void
find_frame (GantryArray *points, GantryArray *real, Frame *frame)
{
  gdouble least[2] = { INFINITY, INFINITY }, most[2] = { -INFINITY, -INFINITY };

  extend (points, least, most);
  if (real != NULL)
    extend (real, least, most);
  frame->extent = 0;
  for (gsize d = 0; d < get_n_dims (points); d++)
    frame->extent = MAX (frame->extent, most[d] - least[d]);
  if (!(frame->extent > 0) || !isfinite (frame->extent))
    frame->extent = 1;
  for (gsize d = 0; d < get_n_dims (points); d++)
    frame->least[d] = isfinite (least[d]) ? (least[d] + most[d] - frame->extent) / 2 : 0;
}

static gint
to_pixel (const Frame *frame, gsize d, gdouble value)
{
  return MARGIN + (gint) lround ((value - frame->least[d]) / frame->extent * (SIDE - 1 - 2 * MARGIN));
}

static void
set_pixel (guint8 *pixels, gint x, gint y, const guint8 *rgb)
{
  memcpy (pixels + (y * SIDE + x) * 3, rgb, 3);
}

static void
draw_points (guint8 *pixels, const Frame *frame, GantryArray *points, const guint8 *rgb)
{
  gdouble point[2];

  for (gsize i = 0; i < gantry_array_get_shape (points)->dims[0]; i++)
    {
      gint left, top;

      if (!get_point (points, i, point))
        continue;
      left = to_pixel (frame, 0, point[0]);
      top = SIDE - 1 - to_pixel (frame, 1, point[1]);
      for (gint y = -RADIUS; y <= RADIUS; y++)
        for (gint x = -RADIUS; x <= RADIUS; x++)
          if (x * x + y * y <= RADIUS * RADIUS)
            set_pixel (pixels, left + x, top + y, rgb);
    }
}

/* The share of the points in each bin. */
static void
count_bins (const Frame *frame, GantryArray *points, gdouble bins[N_BINS])
{
  const gsize n = gantry_array_get_shape (points)->dims[0];
  gdouble point[2];

  memset (bins, 0, N_BINS * sizeof *bins);
  for (gsize i = 0; i < n; i++)
    if (get_point (points, i, point))
      bins[MIN ((gint) ((point[0] - frame->least[0]) / frame->extent * N_BINS), N_BINS - 1)] += 1.0 / n;
}

static void
draw_bins (guint8 *pixels, const gdouble bins[N_BINS], gdouble most, gboolean is_outline, const guint8 *rgb)
{
  const gint height = SIDE - 2 * MARGIN, width = SIDE - 2 * MARGIN;
  gint before = 0;

  for (gint x = 0; x < width; x++)
    {
      const gint level = (gint) lround (bins[x * N_BINS / width] / most * (height - 1));
      const gint from = is_outline ? MIN (level, before) : 0;

      for (gint y = from; y <= (is_outline ? MAX (MAX (level, before), from + 1) : level); y++)
        set_pixel (pixels, MARGIN + x, SIDE - 1 - MARGIN - y, rgb);
      before = level;
    }
}

static void
draw_histograms (guint8 *pixels, const Frame *frame, GantryArray *points, GantryArray *real)
{
  gdouble bins[2][N_BINS], most = 0;

  count_bins (frame, points, bins[0]);
  if (real != NULL)
    count_bins (frame, real, bins[1]);
  for (guint i = 0; i < N_BINS; i++)
    most = MAX (most, real != NULL ? MAX (bins[0][i], bins[1][i]) : bins[0][i]);
  if (most == 0)
    return;
  if (real != NULL)
    draw_bins (pixels, bins[1], most, FALSE, grey);
  draw_bins (pixels, bins[0], most, TRUE, colour);
}

static gboolean
fail (GantryArray *points, const gchar *what, const gchar *path, GError **error)
{
  g_autofree gchar *text = gantry_shape_to_string (gantry_array_get_shape (points));

  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: %s of shape %s cannot be drawn: expected [n, 1 or 2], both of one kind", path,
               what, text);
  return FALSE;
}

/**
 * gantry_image_scatter_save:
 * @points: generated points, [n, 1] or [n, 2]
 * @real: (nullable): real points, [m, 1] or [m, 2]
 * @path: a PNG file, replaced as a whole
 * @error: return location for an error
 *
 * Draws points as one PNG file of 512x512 pixels, the real ones in grey and the generated ones in colour above them: as discs where
 * they have two coordinates (both of one scale, the second upwards), as histograms of 64 bins where they have one, the
 * generated as a line.  The picture's frame holds all points; points that are no numbers are left out.
 *
 * Returns: whether it could be written
 */
gboolean
gantry_image_scatter_save (GantryArray *points, GantryArray *real, const gchar *path, GError **error)
{
  g_autofree guint8 *pixels = NULL;
  Frame frame;

  if (!is_drawable (points))
    return fail (points, "points", path, error);
  if (real != NULL && (!is_drawable (real) || get_n_dims (real) != get_n_dims (points)))
    return fail (real, "real points", path, error);
  pixels = g_malloc (SIDE * SIDE * 3);
  memset (pixels, 255, SIDE * SIDE * 3);
  find_frame (points, real, &frame);
  if (get_n_dims (points) == 1)
    draw_histograms (pixels, &frame, points, real);
  else
    {
      if (real != NULL)
        draw_points (pixels, &frame, real, grey);
      draw_points (pixels, &frame, points, colour);
    }
  return _gantry_png_save (pixels, SIDE, SIDE, 3, path, error);
}
