/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Pixels to draw upon, [height, width, 3].  What lies outside is not drawn. */
typedef struct {
  guint8 *pixels;
  gint width;
  gint height;
} GantryCanvas;

#define GANTRY_CANVAS_GLYPH_WIDTH 12 /* of a character, with the gap that follows it */
#define GANTRY_CANVAS_GLYPH_HEIGHT 14

GantryCanvas *_gantry_canvas_new (gint width, gint height); /* white */
void _gantry_canvas_free (GantryCanvas *self);
void _gantry_canvas_set (GantryCanvas *self, gint x, gint y, const guint8 *rgb);
void _gantry_canvas_mix (GantryCanvas *self, gint x, gint y, const guint8 *rgb, gdouble share); /* with what is there */
void _gantry_canvas_fill (GantryCanvas *self, gint x, gint y, gint width, gint height, const guint8 *rgb);
void _gantry_canvas_disc (GantryCanvas *self, gint x, gint y, gint radius, const guint8 *rgb);
/* Three significant digits, its top left corner at (x, y); other than numbers there is no text. */
void _gantry_canvas_number (GantryCanvas *self, gint x, gint y, gdouble number, const guint8 *rgb);
gint _gantry_canvas_number_width (gdouble number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryCanvas, _gantry_canvas_free)

G_END_DECLS
