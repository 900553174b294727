/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Points in one or two dimensions as a picture. */
#include <gantry/image-scatter.h>

#include "train/image-field-private.h"
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
static const guint8 dark[3] = { 56, 56, 56 }; /* what is grey, upon a critic's field */
static const guint8 colour[3] = { 204, 68, 0 };
static const guint8 ink[3] = { 48, 48, 48 };

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
draw_points (GantryCanvas *canvas, const Frame *frame, GantryArray *points, const guint8 *rgb)
{
  gdouble point[2];

  for (gsize i = 0; i < gantry_array_get_shape (points)->dims[0]; i++)
    if (get_point (points, i, point))
      _gantry_canvas_disc (canvas, to_pixel (frame, 0, point[0]), SIDE - 1 - to_pixel (frame, 1, point[1]), RADIUS, rgb);
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
draw_bins (GantryCanvas *canvas, const gdouble bins[N_BINS], gdouble most, gboolean is_outline, const guint8 *rgb)
{
  const gint height = SIDE - 2 * MARGIN, width = SIDE - 2 * MARGIN;
  gint before = 0;

  for (gint x = 0; x < width; x++)
    {
      const gint level = (gint) lround (bins[x * N_BINS / width] / most * (height - 1));
      const gint from = is_outline ? MIN (level, before) : 0;

      for (gint y = from; y <= (is_outline ? MAX (MAX (level, before), from + 1) : level); y++)
        _gantry_canvas_set (canvas, MARGIN + x, SIDE - 1 - MARGIN - y, rgb);
      before = level;
    }
}

static void
draw_histograms (GantryCanvas *canvas, const Frame *frame, GantryArray *points, GantryArray *real)
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
    draw_bins (canvas, bins[1], most, FALSE, grey);
  draw_bins (canvas, bins[0], most, TRUE, colour);
}

static gboolean
fail (GantryArray *points, const gchar *what, const gchar *path, GError **error)
{
  g_autofree gchar *text = gantry_shape_to_string (gantry_array_get_shape (points));

  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: %s of shape %s cannot be drawn: expected [n, 1 or 2], both of one kind", path,
               what, text);
  return FALSE;
}

static gboolean
check (GantryArray *points, GantryArray *real, const gchar *path, GError **error)
{
  if (!is_drawable (points))
    return fail (points, "points", path, error);
  if (real != NULL && (!is_drawable (real) || get_n_dims (real) != get_n_dims (points)))
    return fail (real, "real points", path, error);
  return TRUE;
}

/* Where a pixel lies; @y counts downwards. */
static gdouble
from_pixel (const Frame *frame, gsize d, gint pixel)
{
  const gint along = d == 0 ? pixel - MARGIN : SIDE - 1 - pixel - MARGIN;

  return frame->least[d] + frame->extent * along / (SIDE - 1 - 2 * MARGIN);
}

/**
 * gantry_image_scatter_grid:
 * @points: generated points, [n, 1] or [n, 2]
 * @real: (nullable): real points, [m, 1] or [m, 2]
 * @error: return location for an error
 *
 * The places at which [func@Gantry.image_scatter_save_critic] wants to know what the critic says, for a picture of these points: every
 * fourth pixel of its frame, the margin around the points included.
 *
 * Returns: (transfer full) (nullable): [129, 1], or [129 * 129, 2] in rows from the top, in the dtype of @points
 */
GantryArray *
gantry_image_scatter_grid (GantryArray *points, GantryArray *real, GError **error)
{
  const gsize n = _gantry_image_field_count (SIDE);
  GantryArray *grid;
  Frame frame;
  gsize n_dims;

  if (!check (points, real, "grid", error))
    return NULL;
  find_frame (points, real, &frame);
  n_dims = get_n_dims (points);
  grid = gantry_array_new (gantry_array_get_dtype (points), n_dims == 1 ? GANTRY_SHAPE (n, 1) : GANTRY_SHAPE (n * n, 2));
  for (gsize i = 0; i < gantry_array_get_shape (grid)->dims[0]; i++)
    {
      gantry_array_set_double (grid, i * n_dims, from_pixel (&frame, 0, i % n * GANTRY_FIELD_CELL));
      if (n_dims == 2)
        gantry_array_set_double (grid, i * 2 + 1, from_pixel (&frame, 1, i / n * GANTRY_FIELD_CELL));
    }
  return grid;
}

static GantryImageField *
make_field (GantryArray *points, GantryArray *values, gboolean is_probability, const gchar *path, GError **error)
{
  const gsize n = _gantry_image_field_count (SIDE), due = get_n_dims (points) == 1 ? n : n * n;
  const GantryShape *shape = gantry_array_get_shape (values);
  g_autofree gchar *text = gantry_shape_to_string (shape);

  if (shape->n_dims == 1 && shape->dims[0] == due)
    return _gantry_image_field_new (values, SIDE, is_probability);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: the critic's values are %s, expected [%" G_GSIZE_FORMAT "]", path, text, due);
  return NULL;
}

/* Where a line begins, its middle, and where it ends. */
static void
draw_axis (GantryCanvas *canvas, const Frame *frame)
{
  const gint y = SIDE - MARGIN;

  _gantry_canvas_fill (canvas, MARGIN, y, SIDE - 2 * MARGIN, 1, ink);
  for (guint i = 0; i < 3; i++)
    {
      const gint x = MARGIN + i * (SIDE - 1 - 2 * MARGIN) / 2;
      const gdouble value = frame->least[0] + frame->extent * i / 2;

      _gantry_canvas_fill (canvas, x, y, 1, 5, ink);
      _gantry_canvas_number (canvas, MAX (x - _gantry_canvas_number_width (value) / 2, 2), y + 7, value, ink);
    }
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
  return gantry_image_scatter_save_critic (points, real, NULL, FALSE, path, error);
}

/**
 * gantry_image_scatter_save_critic:
 * @points: generated points, [n, 1] or [n, 2]
 * @real: (nullable): real points, [m, 1] or [m, 2]
 * @values: (nullable): what the critic says at each place of [func@Gantry.image_scatter_grid] of the same points, 1-D
 * @is_probability: whether @values are probabilities that a point is real
 * @path: a PNG file, replaced as a whole
 * @error: return location for an error
 *
 * As [func@Gantry.image_scatter_save], with what the critic says.  Of two coordinates it is the background, from blue for the lowest over
 * white to green for the highest values, with contours, and a bar with its scale at the right.  Probabilities are on the scale from 0 to 1,
 * white and the dark contour are at 1/2, contours are a tenth apart, and marks on the bar show which values the picture has.  Other
 * values have no zero of their own: the scale goes from the least to the greatest in the picture, white and the dark contour are at the
 * median, a unit is the same change of colour everywhere, and contours are an eighth of the range apart.  Of one coordinate it is a curve
 * with an axis at the right, dotted at 1/2 or the median.  Where the critic gives no finite number the background is grey and the curve has a gap.
 * The picture is 656 pixels wide.
 *
 * Returns: whether it could be written
 */
gboolean
gantry_image_scatter_save_critic (GantryArray *points, GantryArray *real, GantryArray *values, gboolean is_probability, const gchar *path,
                                  GError **error)
{
  g_autoptr (GantryCanvas) canvas = NULL;
  g_autoptr (GantryImageField) field = NULL;
  Frame frame;

  if (!check (points, real, path, error))
    return FALSE;
  if (values != NULL && (field = make_field (points, values, is_probability, path, error)) == NULL)
    return FALSE;
  canvas = _gantry_canvas_new (field != NULL ? SIDE + GANTRY_FIELD_BAR_WIDTH : SIDE, SIDE);
  find_frame (points, real, &frame);
  if (get_n_dims (points) == 1)
    {
      draw_histograms (canvas, &frame, points, real);
      if (field != NULL)
        {
          draw_axis (canvas, &frame);
          _gantry_image_field_draw_curve (field, canvas, MARGIN);
        }
    }
  else
    {
      if (field != NULL)
        {
          _gantry_image_field_draw (field, canvas);
          _gantry_image_field_draw_bar (field, canvas, MARGIN);
        }
      if (real != NULL)
        draw_points (canvas, &frame, real, field != NULL ? dark : grey);
      draw_points (canvas, &frame, points, colour);
    }
  return _gantry_png_save (canvas->pixels, canvas->height, canvas->width, 3, path, error);
}
