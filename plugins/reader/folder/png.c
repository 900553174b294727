/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PNG files, through libpng: row by row, but for interlaced ones. */
#include "picture.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#define MAX_SIDE 1000000

typedef struct {
  png_structp png;
  png_infop info;
  const PictureSettings *settings;
  GantryImageFitter *fitter;
  guint8 *rows;     /* one, or all of an interlaced picture */
  gsize n_channels; /* of a row, with that of transparency */
  gsize n_shown;    /* of the picture, without it: 1 or 3 */
  guint8 *line;     /* of a picture with a palette: a row in its colours */
  guint8 palette[256][3];
  gint n_colours; /* of the palette; 0 where there is none */
  gint unknown;   /* a colour that the palette lacks, or 0 */
  gchar message[128];
} Png;

static void
on_error (png_structp png, png_const_charp message)
{
  Png *self = png_get_error_ptr (png);

  g_strlcpy (self->message, message, sizeof self->message);
  png_longjmp (png, 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
}

/* Everything becomes 8 bits of grey, of colours with or without transparency, or of numbers in a palette. */
static void
set_transformations (Png *self)
{
  const guint type = png_get_color_type (self->png, self->info);
  const gboolean has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid (self->png, self->info, PNG_INFO_tRNS) != 0;

  if (png_get_bit_depth (self->png, self->info) == 16)
    png_set_scale_16 (self->png);
  if (type == PNG_COLOR_TYPE_PALETTE)
    {
      png_set_packing (self->png);
      return;
    }
  if (type == PNG_COLOR_TYPE_GRAY)
    png_set_expand_gray_1_2_4_to_8 (self->png);
  if (png_get_valid (self->png, self->info, PNG_INFO_tRNS) != 0)
    png_set_tRNS_to_alpha (self->png);
  if (has_alpha && (type & PNG_COLOR_MASK_COLOR) == 0)
    png_set_gray_to_rgb (self->png);
}

static guint
get_orientation (Png *self)
{
  png_uint_32 size = 0;
  png_bytep exif = NULL;

  return png_get_eXIf_1 (self->png, self->info, &size, &exif) != 0 ? picture_get_orientation (exif, size) : 1;
}

static guint8
lay (guint8 colour, guint8 background, guint alpha)
{
  return (guint8) ((colour * alpha + background * (255 - alpha) + 127) / 255);
}

/* libpng would take colours that a palette lacks for black, and not say so. */
static void
get_palette (Png *self)
{
  png_colorp colours = NULL;
  png_bytep opacities = NULL;
  gint n_opacities = 0;

  if (png_get_color_type (self->png, self->info) != PNG_COLOR_TYPE_PALETTE)
    return;
  png_get_PLTE (self->png, self->info, &colours, &self->n_colours);
  png_get_tRNS (self->png, self->info, &opacities, &n_opacities, NULL);
  for (gint i = 0; i < self->n_colours; i++)
    {
      const guint8 rgb[3] = { colours[i].red, colours[i].green, colours[i].blue };

      for (gsize c = 0; c < 3; c++)
        self->palette[i][c] = lay (rgb[c], self->settings->background[c], i < n_opacities ? opacities[i] : 255);
    }
}

static void
look_up (Png *self, const guint8 *row, gsize width)
{
  for (gsize x = 0; x < width; x++)
    {
      memcpy (self->line + 3 * x, self->palette[row[x]], 3);
      if (row[x] >= self->n_colours)
        self->unknown = row[x];
    }
}

/* Lays colours upon the background, in place, and drops the transparency. */
static void
compose (guint8 *row, gsize width, const guint8 *background)
{
  for (gsize x = 0; x < width; x++)
    {
      const guint alpha = row[4 * x + 3];

      for (gsize c = 0; c < 3; c++)
        row[3 * x + c] = lay (row[4 * x + c], background[c], alpha);
    }
}

static void
add_row (Png *self, guint8 *row)
{
  const gsize width = png_get_image_width (self->png, self->info);

  if (self->n_channels == 4)
    compose (row, width, self->settings->background);
  if (self->n_colours > 0)
    look_up (self, row, width);
  gantry_image_fitter_add_row (self->fitter, self->n_colours > 0 ? self->line : row, self->n_shown, 1);
}

static gboolean
allocate (Png *self, gsize n_rows, GError **error)
{
  const guint64 memory = (guint64) n_rows * png_get_rowbytes (self->png, self->info);

  if (memory > self->settings->memory)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   "is %s PNG file of %ux%u pixels, which takes %.1f MiB of memory: more than the %.1f MiB of memory=",
                   n_rows > 1 ? "an interlaced" : "a",
                   png_get_image_width (self->png, self->info), png_get_image_height (self->png, self->info),
                   memory / MEBIBYTE, self->settings->memory / MEBIBYTE);
      return FALSE;
    }
  self->rows = g_try_malloc0 (memory);
  if (self->rows == NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "cannot be decoded: there are no %.1f MiB of memory for it", memory / MEBIBYTE);
  return self->rows != NULL;
}

static gboolean
read_rows (Png *self, guint8 *square, GError **error)
{
  const gsize height = png_get_image_height (self->png, self->info), width = png_get_image_width (self->png, self->info);
  const gint n_passes = png_set_interlace_handling (self->png);
  gsize stride;

  png_read_update_info (self->png, self->info);
  stride = png_get_rowbytes (self->png, self->info);
  self->n_channels = png_get_channels (self->png, self->info);
  get_palette (self);
  self->n_shown = self->n_channels == 1 && self->n_colours == 0 ? 1 : 3;
  self->fitter = gantry_image_fitter_new (self->n_shown, height, width, get_orientation (self), self->settings->fit, self->settings->resolution,
                                          error);
  if (self->fitter == NULL || !allocate (self, n_passes > 1 ? height : 1, error))
    return FALSE;
  if (self->n_colours > 0)
    self->line = g_malloc (3 * width);
  for (gint pass = 0; pass < n_passes; pass++)
    for (gsize y = 0; y < height; y++)
      {
        guint8 *row = self->rows + (n_passes > 1 ? y * stride : 0);

        png_read_row (self->png, row, NULL);
        if (pass == n_passes - 1)
          add_row (self, row);
      }
  png_read_end (self->png, NULL);
  return gantry_image_fitter_finish (self->fitter, square, error);
}

static gboolean
check_palette (Png *self, GError **error)
{
  if (self->unknown != 0)
    g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "is a damaged PNG file: it has pixels of colour %d, its palette has %d colours",
                 self->unknown, self->n_colours);
  return self->unknown == 0;
}

/* Nothing between here and libpng holds memory that a jump could lose. */
static gboolean
decode (Png *self, FILE *file, guint8 *square, gsize *channels, GError **error)
{
  static const png_byte ignored[] = "tEXt\0zTXt\0iTXt\0iCCP\0sPLT";

  if (setjmp (png_jmpbuf (self->png)) != 0)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "is a damaged or unusual PNG file: %s", self->message);
      return FALSE;
    }
  png_init_io (self->png, file);
  png_set_crc_action (self->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits (self->png, MAX_SIDE, MAX_SIDE);
  png_set_keep_unknown_chunks (self->png, PNG_HANDLE_CHUNK_NEVER, ignored, sizeof ignored / 5);
  png_read_info (self->png, self->info);
  set_transformations (self);
  if (!read_rows (self, square, error) || !check_palette (self, error))
    return FALSE;
  *channels = self->n_shown;
  return TRUE;
}

gboolean
picture_read_png (FILE *file, const PictureSettings *settings, guint8 *square, gsize *channels, GError **error)
{
  Png self = { .settings = settings };
  gboolean is_read = FALSE;

  self.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &self, on_error, on_warning);
  self.info = self.png != NULL ? png_create_info_struct (self.png) : NULL;
  if (self.info != NULL)
    is_read = decode (&self, file, square, channels, error);
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "cannot be decoded: libpng cannot be started");
  png_destroy_read_struct (&self.png, &self.info, NULL);
  gantry_image_fitter_free (self.fitter);
  g_free (self.rows);
  g_free (self.line);
  return is_read;
}
