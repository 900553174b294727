/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>

#include "train/canvas-private.h"

G_BEGIN_DECLS

/* Pixels between two places at which a critic is asked. */
#define GANTRY_FIELD_CELL 4
#define GANTRY_FIELD_BAR_WIDTH 144

/* A critic's values at the nodes of a grid over a picture of @side pixels, and how they are shown. */
typedef struct {
  gint side;
  gint n;         /* nodes of an axis: the first on the first pixel, the last beyond the last */
  gdouble *values; /* [n, n], rows downwards; or [n] */
  gdouble low;    /* what the scale begins with: 0 for probabilities, else the least value */
  gdouble high;
  gdouble centre; /* white: 1/2 for probabilities, else the median */
  gdouble least;  /* of the values */
  gdouble most;
} GantryImageField;

gint _gantry_image_field_count (gint side); /* nodes of an axis */
GantryImageField *_gantry_image_field_new (GantryArray *values, gint side, gboolean is_probability);
void _gantry_image_field_free (GantryImageField *self);
void _gantry_image_field_draw (const GantryImageField *self, GantryCanvas *canvas);
/* Beside the picture, from x = side on. */
void _gantry_image_field_draw_bar (const GantryImageField *self, GantryCanvas *canvas, gint margin);
/* Values of one coordinate, as a curve, with an axis of its own at the right. */
void _gantry_image_field_draw_curve (const GantryImageField *self, GantryCanvas *canvas, gint margin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryImageField, _gantry_image_field_free)

G_END_DECLS
