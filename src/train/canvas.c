/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pixels, discs, and numbers in a font of 5x7 dots, two pixels each. */
#include "train/canvas-private.h"

#include <math.h>
#include <string.h>

#define DOT 2
#define GLYPH_ROWS 7
#define GLYPH_COLUMNS 5

/* A row is five bits, the leftmost dot the highest. */
static const struct {
  gchar character;
  guint8 rows[GLYPH_ROWS];
} glyphs[] = {
  { '0', { 0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e } }, { '1', { 0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e } },
  { '2', { 0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f } }, { '3', { 0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e } },
  { '4', { 0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02 } }, { '5', { 0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e } },
  { '6', { 0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e } }, { '7', { 0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08 } },
  { '8', { 0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e } }, { '9', { 0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c } },
  { '-', { 0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00 } }, { '+', { 0x00, 0x04, 0x04, 0x1f, 0x04, 0x04, 0x00 } },
  { '.', { 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c } }, { 'e', { 0x00, 0x00, 0x0e, 0x11, 0x1f, 0x10, 0x0e } },
};

GantryCanvas *
_gantry_canvas_new (gint width, gint height)
{
  GantryCanvas *self = g_new (GantryCanvas, 1);

  *self = (GantryCanvas) { g_malloc ((gsize) width * height * 3), width, height };
  memset (self->pixels, 255, (gsize) width * height * 3);
  return self;
}

void
_gantry_canvas_free (GantryCanvas *self)
{
  g_free (self->pixels);
  g_free (self);
}

void
_gantry_canvas_mix (GantryCanvas *self, gint x, gint y, const guint8 *rgb, gdouble share)
{
  guint8 *pixel;

  if (x < 0 || y < 0 || x >= self->width || y >= self->height)
    return;
  pixel = self->pixels + ((gsize) y * self->width + x) * 3;
  for (guint c = 0; c < 3; c++)
    pixel[c] = (guint8) lround (pixel[c] + share * (rgb[c] - pixel[c]));
}

void
_gantry_canvas_set (GantryCanvas *self, gint x, gint y, const guint8 *rgb)
{
  _gantry_canvas_mix (self, x, y, rgb, 1);
}

void
_gantry_canvas_fill (GantryCanvas *self, gint x, gint y, gint width, gint height, const guint8 *rgb)
{
  for (gint row = y; row < y + height; row++)
    for (gint column = x; column < x + width; column++)
      _gantry_canvas_set (self, column, row, rgb);
}

void
_gantry_canvas_disc (GantryCanvas *self, gint x, gint y, gint radius, const guint8 *rgb)
{
  for (gint row = -radius; row <= radius; row++)
    for (gint column = -radius; column <= radius; column++)
      if (column * column + row * row <= radius * radius)
        _gantry_canvas_set (self, x + column, y + row, rgb);
}

static void
draw_glyph (GantryCanvas *self, gint x, gint y, gchar character, const guint8 *rgb)
{
  for (guint g = 0; g < G_N_ELEMENTS (glyphs); g++)
    for (gint row = 0; glyphs[g].character == character && row < GLYPH_ROWS; row++)
      for (gint column = 0; column < GLYPH_COLUMNS; column++)
        if ((glyphs[g].rows[row] & (1 << (GLYPH_COLUMNS - 1 - column))) != 0)
          _gantry_canvas_fill (self, x + column * DOT, y + row * DOT, DOT, DOT, rgb);
}

static void
format (gdouble number, gchar text[G_ASCII_DTOSTR_BUF_SIZE])
{
  g_ascii_formatd (text, G_ASCII_DTOSTR_BUF_SIZE, "%.3g", number == 0 ? 0 : number);
}

void
_gantry_canvas_number (GantryCanvas *self, gint x, gint y, gdouble number, const guint8 *rgb)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  format (number, text);
  for (guint i = 0; text[i] != '\0'; i++)
    draw_glyph (self, x + i * GANTRY_CANVAS_GLYPH_WIDTH, y, text[i], rgb);
}

gint
_gantry_canvas_number_width (gdouble number)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  format (number, text);
  return (gint) strlen (text) * GANTRY_CANVAS_GLYPH_WIDTH;
}
