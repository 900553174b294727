/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JPEG files, through libjpeg-turbo: row by row, and no larger than needed. */
#include "picture.h"

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <string.h>

#define MAX_SCANS 200 /* of a progressive file: each costs a pass over all of the picture, however short it is */
#define EXIF_HEADER 6 /* "Exif" and two zeros */

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf jump;
  gchar message[JMSG_LENGTH_MAX];
} Errors;

typedef struct {
  struct jpeg_decompress_struct codec;
  struct jpeg_progress_mgr progress;
  Errors errors;
  const PictureSettings *settings;
  GantryImageFitter *fitter;
  GByteArray *exif;
  guint orientation;
  gboolean is_read;
} Jpeg;

static void
on_error (j_common_ptr codec)
{
  Errors *errors = (Errors *) codec->err;

  codec->err->format_message (codec, errors->message);
  longjmp (errors->jump, 1);
}

/* A warning means that the picture is not what was saved, but for some that are about nothing but the manners of the program that saved it. */
static void
on_message (j_common_ptr codec, gint level)
{
  const gint code = codec->err->msg_code;

  if (level < 0 && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR && code != JWRN_BOGUS_PROGRESSION)
    on_error (codec);
}

static void
on_output (j_common_ptr codec)
{
}

static void
on_progress (j_common_ptr codec)
{
  Errors *errors = (Errors *) codec->err;

  if (((j_decompress_ptr) codec)->input_scan_number <= MAX_SCANS)
    return;
  g_snprintf (errors->message, sizeof errors->message, "more than %d scans", MAX_SCANS);
  longjmp (errors->jump, 1);
}

static guint8
next_byte (j_decompress_ptr codec)
{
  if (codec->src->bytes_in_buffer == 0)
    codec->src->fill_input_buffer (codec);
  codec->src->bytes_in_buffer--;
  return *codec->src->next_input_byte++;
}

/* Keeps EXIF data alone: what else there may be, and how often, would take memory. */
static boolean
on_app1 (j_decompress_ptr codec)
{
  Jpeg *self = codec->client_data;
  gsize left = next_byte (codec) << 8;

  left |= next_byte (codec);
  if (left < 2)
    ERREXIT (codec, JERR_BAD_LENGTH);
  left -= 2;
  g_byte_array_set_size (self->exif, 0);
  for (; left > 0; left--)
    {
      const guint8 byte = next_byte (codec);

      g_byte_array_append (self->exif, &byte, 1);
      if (self->exif->len == EXIF_HEADER && memcmp (self->exif->data, "Exif\0", EXIF_HEADER) != 0)
        {
          left--;
          break;
        }
    }
  if (left > 0)
    codec->src->skip_input_data (codec, left);
  else if (self->exif->len > EXIF_HEADER && self->orientation == 0)
    self->orientation = picture_get_orientation (self->exif->data + EXIF_HEADER, self->exif->len - EXIF_HEADER);
  return TRUE;
}

/* The least of the sizes that the inverse transform can give which is not enlarged afterwards. */
static guint
choose_denominator (const struct jpeg_decompress_struct *codec, const PictureSettings *settings)
{
  const gsize width = codec->image_width, height = codec->image_height;
  const gsize side = g_str_equal (settings->fit, "pad") ? MAX (width, height) : MIN (width, height);
  guint denominator = g_str_equal (settings->fit, "crop") ? 1 : 8;

  while (denominator > 1 && (side + denominator - 1) / denominator < settings->resolution)
    denominator /= 2;
  return denominator;
}

/* Files in several scans are held as coefficients, all of them. */
static guint64
get_memory (struct jpeg_decompress_struct *codec)
{
  guint64 blocks = 0;

  if (!jpeg_has_multiple_scans (codec))
    return 0;
  for (gint c = 0; c < codec->num_components; c++)
    {
      const jpeg_component_info *component = &codec->comp_info[c];

      blocks += ((guint64) component->width_in_blocks + component->h_samp_factor)
                * ((guint64) component->height_in_blocks + component->v_samp_factor);
    }
  return blocks * DCTSIZE2 * sizeof (JCOEF);
}

static guint8
multiply (guint a, guint b)
{
  return (guint8) ((a * b + 127) / 255);
}

/* In place. Adobe's programs store the light that is left instead of the ink. */
static void
cmyk_to_rgb (guint8 *row, gsize width, gboolean is_inverted)
{
  const guint8 mask = is_inverted ? 0 : 255;

  for (gsize x = 0; x < width; x++)
    {
      const guint8 *cmyk = row + 4 * x;
      const guint8 black = cmyk[3] ^ mask;
      const guint8 rgb[3] = { multiply (cmyk[0] ^ mask, black), multiply (cmyk[1] ^ mask, black), multiply (cmyk[2] ^ mask, black) };

      memcpy (row + 3 * x, rgb, sizeof rgb);
    }
}

static gboolean
start (Jpeg *self, gsize *channels, GError **error)
{
  struct jpeg_decompress_struct *codec = &self->codec;
  const guint64 memory = get_memory (codec);

  if (memory > self->settings->memory)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   "is a progressive JPEG file of %ux%u pixels, which takes %.1f MiB of memory: more than the %.1f MiB of memory=",
                   codec->image_width, codec->image_height, memory / MEBIBYTE, self->settings->memory / MEBIBYTE);
      return FALSE;
    }
  *channels = codec->num_components == 1 ? 1 : 3;
  codec->out_color_space = codec->num_components == 1 ? JCS_GRAYSCALE : codec->num_components == 4 ? JCS_CMYK : JCS_RGB;
  codec->scale_num = 1;
  codec->scale_denom = choose_denominator (codec, self->settings);
  jpeg_start_decompress (codec);
  self->fitter = gantry_image_fitter_new (*channels, codec->output_height, codec->output_width, MAX (self->orientation, 1), self->settings->fit,
                                          self->settings->resolution, error);
  return self->fitter != NULL;
}

static gboolean
read_rows (Jpeg *self, gsize channels, guint8 *square, GError **error)
{
  struct jpeg_decompress_struct *codec = &self->codec;
  const gboolean is_cmyk = codec->out_color_space == JCS_CMYK;
  JSAMPARRAY rows = codec->mem->alloc_sarray ((j_common_ptr) codec, JPOOL_IMAGE, codec->output_width * codec->output_components, 1);

  while (codec->output_scanline < codec->output_height)
    {
      jpeg_read_scanlines (codec, rows, 1);
      if (is_cmyk)
        cmyk_to_rgb (rows[0], codec->output_width, codec->saw_Adobe_marker);
      gantry_image_fitter_add_row (self->fitter, rows[0], channels, 1);
    }
  /* To the very end: what is cut short in its last bytes is cut short. */
  jpeg_finish_decompress (codec);
  return gantry_image_fitter_finish (self->fitter, square, error);
}

/* Nothing between here and libjpeg holds memory that a jump could lose. */
static gboolean
decode (Jpeg *self, FILE *file, guint8 *square, gsize *channels, GError **error)
{
  struct jpeg_decompress_struct *codec = &self->codec;

  if (setjmp (self->errors.jump) != 0)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "is a damaged or unusual JPEG file: %s", self->errors.message);
      return FALSE;
    }
  jpeg_create_decompress (codec);
  codec->client_data = self;
  codec->progress = &self->progress;
  jpeg_stdio_src (codec, file);
  jpeg_set_marker_processor (codec, JPEG_APP0 + 1, on_app1);
  jpeg_read_header (codec, TRUE);
  return start (self, channels, error) && read_rows (self, *channels, square, error);
}

gboolean
picture_read_jpeg (FILE *file, const PictureSettings *settings, guint8 *square, gsize *channels, GError **error)
{
  Jpeg self = { .settings = settings, .exif = g_byte_array_new () };
  gboolean is_read;

  self.codec.err = jpeg_std_error (&self.errors.manager);
  self.errors.manager.error_exit = on_error;
  self.errors.manager.emit_message = on_message;
  self.errors.manager.output_message = on_output;
  self.progress.progress_monitor = on_progress;
  is_read = decode (&self, file, square, channels, error);
  jpeg_destroy_decompress (&self.codec);
  gantry_image_fitter_free (self.fitter);
  g_byte_array_unref (self.exif);
  return is_read;
}
