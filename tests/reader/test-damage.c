/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files damaged in every way: an error or an image, never anything else. */
#include "reader/picture-fixture.h"

#include <png.h>
#include <stdio.h>
#include <zlib.h>

#define N_KINDS 8
#define N_ROUNDS 400

static gchar *folder;
static gchar *file;

static void
setup (void)
{
  folder = fixture_folder ();
  file = g_build_filename (folder, "picture", NULL);
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_free (folder);
  g_free (file);
}

/* Anew: what replaces a file in its place waits for the disk. */
static void
put_bytes (const gchar *bytes, gsize size)
{
  FILE *stream;

  g_unlink (file);
  stream = fopen (file, "wb");
  ck_assert_ptr_nonnull (stream);
  ck_assert_uint_eq (fwrite (bytes, 1, size, stream), size);
  ck_assert_int_eq (fclose (stream), 0);
}

static void
write_picture (guint kind)
{
  static const guint8 palette[] = { 10, 20, 30, 255, 200, 100, 50, 9, 0, 0, 0, 0, 250, 250, 0, 128 };
  guint8 pixels[20 * 20 * 8];

  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = (guint8) (i * 7 + i / 60 * 31);
  switch (kind)
    {
    case 0: write_jpeg (file, &(JpegSpec) { 20, 20, 3, .orientation = 6 }, pixels); break;
    case 1: write_jpeg (file, &(JpegSpec) { 20, 20, 3, .is_progressive = TRUE }, pixels); break;
    case 2: write_jpeg (file, &(JpegSpec) { 20, 20, 4, .is_ycck = TRUE }, pixels); break;
    case 3: write_jpeg (file, &(JpegSpec) { 20, 20, 1, .orientation = 3, .is_little_endian = TRUE }, pixels); break;
    case 4: write_png (file, &(PngSpec) { 20, 20, PNG_COLOR_TYPE_RGB_ALPHA, 16, .orientation = 8 }, pixels); break;
    case 5: write_png (file, &(PngSpec) { 20, 20, PNG_COLOR_TYPE_RGB, 8, .is_interlaced = TRUE }, pixels); break;
    case 6:
      for (guint i = 0; i < sizeof pixels; i++)
        pixels[i] &= 0x33;
      write_png (file, &(PngSpec) { 20, 20, PNG_COLOR_TYPE_PALETTE, 4, .palette = palette, .n_colours = 4, .has_transparency = TRUE }, pixels);
      break;
    default: write_png (file, &(PngSpec) { 20, 20, PNG_COLOR_TYPE_GRAY, 8, .has_transparency = TRUE }, pixels); break;
    }
}

/* Reads the file afresh: a strict reader remembers nothing of it. */
static gboolean
read_file (GantryReader *reader, const gchar *what)
{
  gfloat image[3 * 64];
  gpointer const record[] = { image };
  g_autoptr (GError) error = NULL;

  if (!gantry_reader_read (reader, 0, record, &error))
    {
      ck_assert_msg (error != NULL && strstr (error->message, "/picture: ") != NULL, "%s", what);
      return FALSE;
    }
  ck_assert (error == NULL);
  for (guint i = 0; i < G_N_ELEMENTS (image); i++)
    ck_assert_msg (image[i] >= -1 && image[i] <= 1, "%s", what);
  return TRUE;
}

static GantryReader *
open_strictly (void)
{
  g_autoptr (GError) error = NULL;
  GantryReader *reader = open_folder (folder, &error, "resolution", "8", "memory", "4M", "strict", "yes", NULL);

  ck_assert_ptr_nonnull (reader);
  return reader;
}

/* Whatever is missing at the end is noticed. */
START_TEST (cut_short)
{
  g_autoptr (GantryReader) reader = NULL;
  g_autofree gchar *bytes = NULL;
  gsize size;

  write_picture (_i);
  ck_assert (g_file_get_contents (file, &bytes, &size, NULL));
  reader = open_strictly ();
  ck_assert (read_file (reader, "whole"));
  for (gsize n = 0; n < size; n += n < 700 || n + 40 > size ? 1 : 7)
    {
      put_bytes (bytes, n);
      ck_assert_msg (!read_file (reader, "cut short"), "kind %d of %u bytes is read from its first %u", _i, (guint) size, (guint) n);
    }
}
END_TEST

/* Sums of the chunks of a PNG file are made right again, so that what they hold is looked at. */
static void
mend_sums (guint8 *bytes, gsize size)
{
  for (gsize at = 8; at + 12 <= size;)
    {
      const gsize length = (gsize) bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
      guint32 sum;

      if (length > size - at - 12)
        return;
      sum = GUINT32_TO_BE ((guint32) crc32 (0, bytes + at + 4, length + 4));
      memcpy (bytes + at + 8 + length, &sum, 4);
      at += length + 12;
    }
}

START_TEST (changed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1 + _i);
  g_autoptr (GantryReader) reader = NULL;
  g_autofree gchar *bytes = NULL;
  guint n_good = 0;
  gsize size;

  write_picture (_i);
  ck_assert (g_file_get_contents (file, &bytes, &size, NULL));
  reader = open_strictly ();
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autofree gchar *changed = g_memdup2 (bytes, size);
      /* Early bytes say more. */
      const gsize reach = round % 2 == 0 ? size : MIN (size, 200);

      for (gint32 n = g_rand_int_range (random, 1, 5); n > 0; n--)
        {
          const gsize at = (gsize) g_rand_int_range (random, 0, reach);

          changed[at] = (gchar) (round % 3 == 0 ? g_rand_int_range (random, 0, 256) : changed[at] ^ 1 << g_rand_int_range (random, 0, 8));
        }
      if (_i >= 4 && round % 4 != 0)
        mend_sums ((guint8 *) changed, size);
      put_bytes (changed, size);
      n_good += read_file (reader, "changed");
    }
  ck_assert_uint_lt (n_good, N_ROUNDS);
}
END_TEST

/* Colours that the palette does not have. */
START_TEST (beyond_palette)
{
  static const guint8 palette[] = { 10, 20, 30, 255, 200, 100, 50, 255 };
  static const guint8 pixels[] = { 0, 1, 1, 2 };
  g_autoptr (GantryReader) reader = NULL;

  write_png (file, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_PALETTE, 8, .palette = palette, .n_colours = 2 }, pixels);
  reader = open_strictly ();
  ck_assert (!read_file (reader, "beyond the palette"));
}
END_TEST

/* Parts that a decoder could do without: the picture would be another. */
START_TEST (damaged_transparency)
{
  g_autoptr (GantryReader) reader = NULL;
  g_autofree gchar *bytes = NULL;
  gsize size, at = 0;

  write_picture (6);
  ck_assert (g_file_get_contents (file, &bytes, &size, NULL));
  while (memcmp (bytes + at, "tRNS", 4) != 0)
    at++;
  bytes[at + 5] ^= 1;
  put_bytes (bytes, size);
  reader = open_strictly ();
  ck_assert (!read_file (reader, "damaged transparency"));
}
END_TEST

/* A picture of very many passes over it. */
START_TEST (many_scans)
{
  static const guint8 grey[64] = { 0 };
  g_autoptr (GantryReader) reader = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *whole = NULL;
  gsize size, scan, end;

  write_jpeg (file, &(JpegSpec) { 8, 8, 1, .is_progressive = TRUE }, grey);
  ck_assert (g_file_get_contents (file, (gchar **) &whole, &size, NULL));
  for (scan = 0; whole[scan] != 0xff || whole[scan + 1] != 0xc4; scan++)
    ;
  for (end = scan + 2; whole[end] != 0xff || whole[end + 1] != 0xda; end++)
    ;
  for (end += 2; whole[end] != 0xff || whole[end + 1] == 0; end++)
    ;
  g_byte_array_append (bytes, whole, scan);
  for (guint i = 0; i < 1000; i++)
    g_byte_array_append (bytes, whole + scan, end - scan);
  g_byte_array_append (bytes, whole + end, size - end);
  put_bytes ((const gchar *) bytes->data, bytes->len);
  reader = open_strictly ();
  ck_assert (!read_file (reader, "many scans"));
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("damage");

  gantry_init ();
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_loop_test (tests, cut_short, 0, N_KINDS);
  tcase_add_loop_test (tests, changed, 0, N_KINDS);
  tcase_add_test (tests, beyond_palette);
  tcase_add_test (tests, damaged_transparency);
  tcase_add_test (tests, many_scans);
  return fixture_run (tests);
}
