/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every sort of JPEG and PNG file gives the colours that it shows. */
#include "reader/picture-fixture.h"

#include <png.h>

static gchar *folder;
static gchar *file;

static void
setup (void)
{
  folder = fixture_folder ();
  file = g_build_filename (folder, "picture", NULL);
  watch_log ();
}

static void
teardown (void)
{
  gantry_log_set_handler (NULL, NULL);
  fixture_remove (folder);
  g_free (folder);
  g_free (file);
}

/* The one picture of the folder, cropped. */
static guint8 *
show (const gchar *resolution, const gchar *channels)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = open_folder (folder, &error, "resolution", resolution, "fit", "crop", "channels", channels, "background",
                                                 "#1020f0", NULL);
  guint8 *bytes;

  ck_assert_msg (reader != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_reader_count (reader), 1);
  bytes = must_read (reader, 0);
  ck_assert_uint_eq (count_messages (""), 0);
  return bytes;
}

static void
assert_near (const guint8 *bytes, gsize plane, gsize at, guint red, guint green, guint blue, guint tolerance)
{
  const guint colour[3] = { red, green, blue };

  for (guint c = 0; c < 3; c++)
    ck_assert_msg (ABS ((gint) bytes[c * plane + at] - (gint) colour[c]) <= (gint) tolerance, "channel %u of pixel %u is %u, expected %u", c,
                   (guint) at, bytes[c * plane + at], colour[c]);
}

/* A picture as it is to be looked at, or as it is stored. */
typedef struct {
  guint width;
  guint height;
  guint8 pixels[3 * 100];
} Photo;

static Photo
rotate (const Photo *photo)
{
  Photo result = { photo->height, photo->width, { 0 } };

  for (guint y = 0; y < photo->height; y++)
    for (guint x = 0; x < photo->width; x++)
      memcpy (result.pixels + 3 * (x * result.width + result.width - 1 - y), photo->pixels + 3 * (y * photo->width + x), 3);
  return result;
}

static Photo
mirror (const Photo *photo)
{
  Photo result = { photo->width, photo->height, { 0 } };

  for (guint y = 0; y < photo->height; y++)
    for (guint x = 0; x < photo->width; x++)
      memcpy (result.pixels + 3 * (y * photo->width + photo->width - 1 - x), photo->pixels + 3 * (y * photo->width + x), 3);
  return result;
}

static Photo
make_photo (void)
{
  Photo photo = { 9, 6, { 0 } };

  for (guint y = 0; y < 6; y++)
    for (guint x = 0; x < 9; x++)
      {
        const guint8 colour[3] = { 28 * x, 45 * y, 20 + 10 * x + 10 * y };

        memcpy (photo.pixels + 3 * (9 * y + x), colour, 3);
      }
  return photo;
}

/* What a viewer does with a stored picture: mirrors it, and turns it clockwise so many times. */
static Photo
turn (const Photo *stored, guint orientation)
{
  static const struct {
    gboolean is_mirrored;
    guint quarters;
  } turns[] = { { FALSE, 0 }, { TRUE, 0 }, { FALSE, 2 }, { TRUE, 2 }, { TRUE, 3 }, { FALSE, 1 }, { TRUE, 1 }, { FALSE, 3 } };
  Photo photo = turns[orientation - 1].is_mirrored ? mirror (stored) : *stored;

  for (guint i = 0; i < turns[orientation - 1].quarters; i++)
    photo = rotate (&photo);
  return photo;
}

static void
assert_shows (const Photo *photo, guint resolution, guint tolerance)
{
  g_autofree gchar *text = g_strdup_printf ("%u", resolution);
  g_autofree guint8 *bytes = show (text, "3");
  const guint top = (photo->height - resolution) / 2, left = (photo->width - resolution) / 2;

  for (guint y = 0; y < resolution; y++)
    for (guint x = 0; x < resolution; x++)
      {
        const guint8 *colour = photo->pixels + 3 * ((top + y) * photo->width + left + x);

        assert_near (bytes, resolution * resolution, y * resolution + x, colour[0], colour[1], colour[2], tolerance);
      }
}

START_TEST (orientations)
{
  const Photo stored = make_photo ();
  const guint orientation = _i % 8 + 1;
  const Photo seen = turn (&stored, orientation);

  write_jpeg (file, &(JpegSpec) { 9, 6, 3, .orientation = orientation, .is_little_endian = _i >= 8 }, stored.pixels);
  assert_shows (&seen, 5, 3);
  assert_shows (&seen, 6, 3);
  write_png (file, &(PngSpec) { 9, 6, PNG_COLOR_TYPE_RGB, 8, .orientation = orientation }, stored.pixels);
  assert_shows (&seen, 5, 0);
}
END_TEST

START_TEST (jpeg_progressive)
{
  const Photo photo = make_photo ();

  write_jpeg (file, &(JpegSpec) { 9, 6, 3, .is_progressive = TRUE }, photo.pixels);
  assert_shows (&photo, 5, 3);
}
END_TEST

/* Ink: 200, 50, 0 and 30 of black, so that the red light is (255 - 200) (255 - 30) / 255, and so on. */
START_TEST (jpeg_cmyk)
{
  const gboolean is_inverted = _i != 2;
  guint8 pixels[64 * 4];
  g_autofree guint8 *bytes = NULL;

  for (guint i = 0; i < 64; i++)
    {
      static const guint8 ink[] = { 200, 50, 0, 30 };

      for (guint c = 0; c < 4; c++)
        pixels[4 * i + c] = is_inverted ? 255 - ink[c] : ink[c];
    }
  write_jpeg (file, &(JpegSpec) { 8, 8, 4, .is_ycck = _i == 1, .is_not_adobe = !is_inverted }, pixels);
  bytes = show ("8", "3");
  for (guint i = 0; i < 64; i++)
    assert_near (bytes, 64, i, 49, 181, 225, 2);
}
END_TEST

START_TEST (grey)
{
  guint8 pixels[64];
  g_autofree guint8 *colours = NULL;
  g_autofree guint8 *greys = NULL;

  for (guint i = 0; i < 64; i++)
    pixels[i] = 3 * i;
  if (_i == 0)
    write_jpeg (file, &(JpegSpec) { 8, 8, 1 }, pixels);
  else
    write_png (file, &(PngSpec) { 8, 8, PNG_COLOR_TYPE_GRAY, 8 }, pixels);
  colours = show ("8", "3");
  greys = show ("8", "1");
  for (guint i = 0; i < 64; i++)
    {
      assert_near (colours, 64, i, 3 * i, 3 * i, 3 * i, _i == 0 ? 3 : 0);
      ck_assert_uint_eq (greys[i], colours[i]);
    }
}
END_TEST

START_TEST (colours_as_grey)
{
  static const guint8 pixels[] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255 };
  g_autofree guint8 *bytes = NULL;

  write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_RGB, 8 }, pixels);
  bytes = show ("2", "1");
  ck_assert_mem_eq (bytes, ((guint8[]) { 76, 150, 29, 255 }), 4);
}
END_TEST

START_TEST (png_16_bits)
{
  static const guint8 pixels[] = { 0x12, 0x00, 0x80, 0x80, 0xff, 0xff };
  g_autofree guint8 *bytes = NULL;

  write_png (file, &(PngSpec) { 1, 1, PNG_COLOR_TYPE_RGB, 16 }, pixels);
  bytes = show ("1", "3");
  ck_assert_mem_eq (bytes, ((guint8[]) { 0x12, 0x80, 0xff }), 3);
}
END_TEST

START_TEST (png_few_bits)
{
  static const guint8 pixels[] = { 0x1b, 0xb1 }; /* 0 1 / 2 3 of the first two pixels of each row */
  g_autofree guint8 *bytes = NULL;

  write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_GRAY, 2 }, pixels);
  bytes = show ("2", "1");
  ck_assert_mem_eq (bytes, ((guint8[]) { 0, 85, 170, 255 }), 4);
}
END_TEST

static const guint8 palette[] = { 10, 20, 30, 255, 200, 100, 50, 255, 0, 0, 0, 0, 250, 250, 0, 128 };

START_TEST (png_palette)
{
  static const guint8 pixels[] = { 0x10, 0x23 };
  g_autofree guint8 *bytes = NULL;

  write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_PALETTE, 4, .palette = palette, .n_colours = 4, .has_transparency = _i }, pixels);
  bytes = show ("2", "3");
  assert_near (bytes, 4, 0, 200, 100, 50, 0);
  assert_near (bytes, 4, 1, 10, 20, 30, 0);
  if (_i == 0)
    {
      assert_near (bytes, 4, 2, 0, 0, 0, 0);
      assert_near (bytes, 4, 3, 250, 250, 0, 0);
    }
  else
    {
      assert_near (bytes, 4, 2, 0x10, 0x20, 0xf0, 0);
      assert_near (bytes, 4, 3, (250 * 128 + 0x10 * 127) / 255, (250 * 128 + 0x20 * 127) / 255, 0xf0 * 127 / 255, 1);
    }
}
END_TEST

START_TEST (png_opacity)
{
  static const guint8 grey[] = { 100, 255, 100, 0, 100, 51, 0, 255 };
  static const guint8 colours[] = { 1, 2, 3, 255, 1, 2, 3, 0, 255, 0, 100, 51, 9, 9, 9, 255 };
  g_autofree guint8 *bytes = NULL;

  if (_i == 0)
    write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_GRAY_ALPHA, 8 }, grey);
  else
    write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_RGB_ALPHA, 8, .is_interlaced = TRUE }, colours);
  bytes = show ("2", "3");
  assert_near (bytes, 4, 1, 0x10, 0x20, 0xf0, 0);
  if (_i == 0)
    {
      assert_near (bytes, 4, 0, 100, 100, 100, 0);
      assert_near (bytes, 4, 2, 33, 46, 212, 0);
    }
  else
    {
      assert_near (bytes, 4, 0, 1, 2, 3, 0);
      assert_near (bytes, 4, 2, 64, 26, 212, 0);
    }
}
END_TEST

/* The colour of the first pixel is transparent, at 8 and 16 bits. */
START_TEST (png_transparent_colour)
{
  static const guint8 grey[] = { 7, 100, 7, 200 };
  static const guint8 deep[] = { 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 7, 1, 2, 3, 4, 5, 6, 9, 9, 9, 9, 9, 9 };
  g_autofree guint8 *bytes = NULL;

  if (_i == 0)
    write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_GRAY, 8, .has_transparency = TRUE }, grey);
  else
    write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_RGB, 16, .has_transparency = TRUE }, deep);
  bytes = show ("2", "3");
  assert_near (bytes, 4, 0, 0x10, 0x20, 0xf0, 0);
  assert_near (bytes, 4, 2, 0x10, 0x20, 0xf0, 0);
  if (_i == 0)
    assert_near (bytes, 4, 1, 100, 100, 100, 0);
  else
    assert_near (bytes, 4, 1, 1, 3, 5, 0);
}
END_TEST

START_TEST (png_interlaced)
{
  const Photo photo = make_photo ();

  write_png (file, &(PngSpec) { 9, 6, PNG_COLOR_TYPE_RGB, 8, .is_interlaced = TRUE }, photo.pixels);
  assert_shows (&photo, 5, 0);
}
END_TEST

/* One pixel fills the whole image. */
START_TEST (one_pixel)
{
  static const guint8 pixel[] = { 10, 120, 240 };
  g_autoptr (GantryReader) reader = NULL;
  g_autofree guint8 *bytes = NULL;

  if (_i % 2 == 0)
    write_jpeg (file, &(JpegSpec) { 1, 1, 3 }, pixel);
  else
    write_png (file, &(PngSpec) { 1, 1, PNG_COLOR_TYPE_RGB, 8 }, pixel);
  reader = must_open_folder (folder, "16", _i < 2 ? "resize" : "pad");
  bytes = must_read (reader, 0);
  for (guint i = 0; i < 256; i++)
    assert_near (bytes, 256, i, 10, 120, 240, _i % 2 == 0 ? 3 : 0);
}
END_TEST

/* A large photo is decoded at a fraction of its size: it must show the same as a small one. */
START_TEST (large)
{
  const guint sizes[] = { 64, 150, 400 };
  g_autofree guint8 *pixels = g_malloc (3 * 400 * 533);

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    {
      const guint width = sizes[k], height = sizes[k] * 4 / 3;
      g_autoptr (GantryReader) reader = NULL;
      g_autofree guint8 *bytes = NULL;

      for (guint y = 0; y < height; y++)
        for (guint x = 0; x < width; x++)
          {
            const guint8 colour[3] = { 255 * x / width, 255 * y / height, 90 };

            memcpy (pixels + 3 * (y * width + x), colour, 3);
          }
      write_jpeg (file, &(JpegSpec) { width, height, 3 }, pixels);
      reader = must_open_folder (folder, "16", "resize");
      bytes = must_read (reader, 0);
      for (guint y = 1; y < 15; y++)
        for (guint x = 1; x < 15; x++)
          assert_near (bytes, 256, 16 * y + x, 255 * (x + 0.5) / 16, 255 * ((y + 0.5) * 3 / 4 + 2) / 16, 90, 4);
    }
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("pictures");

  gantry_init ();
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_loop_test (tests, orientations, 0, 16);
  tcase_add_test (tests, jpeg_progressive);
  tcase_add_loop_test (tests, jpeg_cmyk, 0, 3);
  tcase_add_loop_test (tests, grey, 0, 2);
  tcase_add_test (tests, colours_as_grey);
  tcase_add_test (tests, png_16_bits);
  tcase_add_test (tests, png_few_bits);
  tcase_add_loop_test (tests, png_palette, 0, 2);
  tcase_add_loop_test (tests, png_opacity, 0, 2);
  tcase_add_loop_test (tests, png_transparent_colour, 0, 2);
  tcase_add_test (tests, png_interlaced);
  tcase_add_loop_test (tests, one_pixel, 0, 4);
  tcase_add_test (tests, large);
  return fixture_run (tests);
}
