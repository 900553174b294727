/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a critic says over the plane, in colour, or over a line, as a curve.  Probabilities are on the scale from 0 to 1 with white at 1/2.
 * Other values have neither unit nor zero of their own (adding a constant to the critic of a Wasserstein game changes nothing), so their scale is
 * that of the picture: from the least to the greatest value, with white at the median, and one unit the same change of colour everywhere.
 */
#include "train/image-field-private.h"

#include <math.h>
#include <stdlib.h>

#define BAR_LEFT 12
#define BAR_WIDTH 16
#define N_LEVELS 8
#define N_PROBABILITY_LEVELS 10
#define FAINT 0.12

static const guint8 white[3] = { 255, 255, 255 };
static const guint8 low_colour[3] = { 92, 140, 214 };
static const guint8 high_colour[3] = { 104, 184, 92 };
static const guint8 curve_colour[3] = { 40, 84, 170 };
static const guint8 ink[3] = { 48, 48, 48 };
static const guint8 nothing[3] = { 224, 224, 224 }; /* where the critic gives no number */

gint
_gantry_image_field_count (gint side)
{
  return (side + GANTRY_FIELD_CELL - 1) / GANTRY_FIELD_CELL + 1;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

/* Of the finite values. */
static void
find_scale (GantryImageField *self, gsize size, gboolean is_probability)
{
  g_autofree gdouble *sorted = g_new (gdouble, size);
  gsize n = 0;

  for (gsize i = 0; i < size; i++)
    if (isfinite (self->values[i]))
      sorted[n++] = self->values[i];
  qsort (sorted, n, sizeof *sorted, compare);
  self->least = n > 0 ? sorted[0] : 0;
  self->most = n > 0 ? sorted[n - 1] : 0;
  self->low = is_probability ? 0 : self->least;
  self->high = is_probability ? 1 : self->most;
  self->centre = is_probability ? 0.5 : n > 0 ? sorted[n / 2] : 0;
}

GantryImageField *
_gantry_image_field_new (GantryArray *values, gint side, gboolean is_probability)
{
  GantryImageField *self = g_new0 (GantryImageField, 1);
  const gsize size = gantry_array_get_size (values);

  self->side = side;
  self->n = _gantry_image_field_count (side);
  self->values = g_new (gdouble, size);
  for (gsize i = 0; i < size; i++)
    self->values[i] = gantry_array_get_double (values, i);
  find_scale (self, size, is_probability);
  return self;
}

void
_gantry_image_field_free (GantryImageField *self)
{
  g_free (self->values);
  g_free (self);
}

static void
choose_colour (const GantryImageField *self, gdouble value, guint8 rgb[3])
{
  const gdouble reach = MAX (self->high - self->centre, self->centre - self->low);
  const gdouble t = reach > 0 ? CLAMP ((value - self->centre) / reach, -1, 1) : 0;
  const guint8 *end = t < 0 ? low_colour : high_colour;

  for (guint c = 0; c < 3; c++)
    rgb[c] = isfinite (value) ? (guint8) lround (white[c] + fabs (t) * (end[c] - white[c])) : nothing[c];
}

/* Between the nodes, bilinear. */
static gdouble
get_value (const GantryImageField *self, gint x, gint y)
{
  const gint column = x / GANTRY_FIELD_CELL, row = y / GANTRY_FIELD_CELL;
  const gdouble u = (gdouble) (x % GANTRY_FIELD_CELL) / GANTRY_FIELD_CELL, v = (gdouble) (y % GANTRY_FIELD_CELL) / GANTRY_FIELD_CELL;
  const gdouble *at = self->values + row * self->n + column;

  return (1 - v) * ((1 - u) * at[0] + u * at[1]) + v * ((1 - u) * at[self->n] + u * at[self->n + 1]);
}

/* Whether the values at hand are more than one number and its rounding. */
static gboolean
has_contours (const GantryImageField *self)
{
  return self->most - self->least > 1e-6 * MAX (fabs (self->most), fabs (self->least));
}

/* The number of the level below a value. */
static gint
find_level (const GantryImageField *self, gdouble value)
{
  const gint n = self->low == 0 && self->high == 1 && self->centre == 0.5 ? N_PROBABILITY_LEVELS : N_LEVELS;

  return (gint) floor ((value - self->low) / (self->high - self->low) * n);
}

static void
draw_contours (const GantryImageField *self, GantryCanvas *canvas, gint x, gint y)
{
  const gint right = MIN (x + 1, self->side - 1), below = MIN (y + 1, self->side - 1);
  const gdouble here = get_value (self, x, y), beside = get_value (self, right, y), under = get_value (self, x, below);

  if (!isfinite (here) || !isfinite (beside) || !isfinite (under))
    return;
  if ((here < self->centre) != (beside < self->centre) || (here < self->centre) != (under < self->centre))
    _gantry_canvas_fill (canvas, x, y, MIN (2, self->side - x), MIN (2, self->side - y), ink);
  else if (find_level (self, here) != find_level (self, beside) || find_level (self, here) != find_level (self, under))
    _gantry_canvas_mix (canvas, x, y, ink, 3 * FAINT);
}

void
_gantry_image_field_draw (const GantryImageField *self, GantryCanvas *canvas)
{
  for (gint y = 0; y < self->side; y++)
    for (gint x = 0; x < self->side; x++)
      {
        guint8 rgb[3];

        choose_colour (self, get_value (self, x, y), rgb);
        _gantry_canvas_set (canvas, x, y, rgb);
      }
  for (gint y = 0; y < self->side && has_contours (self); y++)
    for (gint x = 0; x < self->side; x++)
      draw_contours (self, canvas, x, y);
}

/* Height of a value in a picture: the scale's end at the upper margin. */
static gint
find_height (const GantryImageField *self, gdouble value, gint margin)
{
  const gdouble extent = self->high - self->low;

  return self->side - 1 - margin - (gint) lround ((extent > 0 ? (value - self->low) / extent : 0.5) * (self->side - 1 - 2 * margin));
}

/* The scale's ends and centre, the numbers apart from each other. */
static void
draw_numbers (const GantryImageField *self, GantryCanvas *canvas, gint left, gint margin)
{
  const gint gap = GANTRY_CANVAS_GLYPH_HEIGHT + 4;
  const gdouble numbers[3] = { self->high, self->centre, self->low };
  gint last = G_MININT;

  for (guint i = 0; i < 3; i++)
    {
      const gint height = find_height (self, numbers[i], margin);
      const gint bottom = find_height (self, self->low, margin);
      const gboolean is_end = i != 1;

      if (!is_end && (height - last < gap || bottom - height < gap))
        continue;
      if (i == 2 && self->high == self->low)
        continue;
      _gantry_canvas_fill (canvas, left, height, 5, 1, ink);
      _gantry_canvas_number (canvas, left + 8, height - GANTRY_CANVAS_GLYPH_HEIGHT / 2, numbers[i], ink);
      last = height;
    }
}

void
_gantry_image_field_draw_bar (const GantryImageField *self, GantryCanvas *canvas, gint margin)
{
  const gint left = self->side + BAR_LEFT, top = margin, bottom = self->side - 1 - margin;
  const gdouble ends[2] = { self->least, self->most };

  for (gint y = top; y <= bottom; y++)
    {
      guint8 rgb[3];

      choose_colour (self, self->low + (self->high - self->low) * (bottom - y) / (bottom - top), rgb);
      _gantry_canvas_fill (canvas, left, y, BAR_WIDTH, 1, rgb);
    }
  for (guint i = 0; i < 2; i++)
    _gantry_canvas_fill (canvas, left - 4, find_height (self, ends[i], margin) - 1, BAR_WIDTH + 4, 3, ink);
  draw_numbers (self, canvas, left + BAR_WIDTH, margin);
}

void
_gantry_image_field_draw_curve (const GantryImageField *self, GantryCanvas *canvas, gint margin)
{
  const gint axis = self->side + BAR_LEFT;
  gint before = 0;
  gboolean is_begun = FALSE;

  for (gint x = 0; x < axis; x += 2)
    _gantry_canvas_mix (canvas, x, find_height (self, self->centre, margin), ink, 0.5);
  for (gint x = 0; x < self->side; x++)
    {
      const gint node = x / GANTRY_FIELD_CELL;
      const gdouble u = (gdouble) (x % GANTRY_FIELD_CELL) / GANTRY_FIELD_CELL;
      const gdouble value = (1 - u) * self->values[node] + u * self->values[node + 1];
      gint height;

      if (!isfinite (value))
        {
          is_begun = FALSE;
          continue;
        }
      height = find_height (self, value, margin);
      before = is_begun ? before : height;
      _gantry_canvas_fill (canvas, x, MIN (before, height) - 1, 1, ABS (height - before) + 3, curve_colour);
      before = height;
      is_begun = TRUE;
    }
  _gantry_canvas_fill (canvas, axis, margin, 1, self->side - 2 * margin, ink);
  draw_numbers (self, canvas, axis, margin);
}
