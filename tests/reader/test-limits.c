/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures as large as their formats allow are read in little memory, or refused with the reason. */
#include "reader/picture-fixture.h"

#include <png.h>
#include <sys/resource.h>

#define WIDTH 65500 /* the most that libjpeg reads; a file can say 65,535 */
#define HALF (WIDTH / 2)

static gchar *folder;
static gchar *file;
static guint8 *row;

static void
setup (void)
{
  folder = fixture_folder ();
  file = g_build_filename (folder, "picture", NULL);
  row = g_malloc (3 * WIDTH);
  /* Grey, and in the middle, which is what is seen of it, red and blue. */
  memset (row, 128, 3 * WIDTH);
  for (guint x = HALF - 128; x < HALF + 128; x++)
    {
      row[3 * x] = x < HALF ? 255 : 0;
      row[3 * x + 1] = 0;
      row[3 * x + 2] = x < HALF ? 0 : 255;
    }
  watch_log ();
}

static void
teardown (void)
{
  gantry_log_set_handler (NULL, NULL);
  fixture_remove (folder);
  g_free (folder);
  g_free (file);
  g_free (row);
}

/* The most memory that the process has had, in bytes. */
static gsize
get_peak (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (gsize) usage.ru_maxrss * 1024;
}

static void
assert_middle (GantryReader *reader)
{
  g_autofree guint8 *bytes = must_read (reader, 0);
  static const guint8 left[] = { 255, 0, 0 }, right[] = { 0, 0, 255 };

  ck_assert_uint_eq (count_messages (""), 0);
  for (guint c = 0; c < 3; c++)
    {
      ck_assert_int_le (ABS ((gint) bytes[64 * c + 8 * 4 + 1] - (gint) left[c]), 12);
      ck_assert_int_le (ABS ((gint) bytes[64 * c + 8 * 4 + 6] - (gint) right[c]), 12);
    }
}

/* libjpeg does not write such files: the header's number is changed. */
static void
widen (void)
{
  g_autofree gchar *bytes = NULL;
  gsize size, at = 2;

  ck_assert (g_file_get_contents (file, &bytes, &size, NULL));
  while ((guint8) bytes[at + 1] != 0xc0)
    at += 2 + ((guint8) bytes[at + 2] << 8 | (guint8) bytes[at + 3]);
  bytes[at + 7] = bytes[at + 8] = (gchar) 0xff;
  ck_assert (g_file_set_contents (file, bytes, size, NULL));
}

START_TEST (wide_jpeg)
{
  g_autoptr (GantryReader) reader = NULL;
  gsize before;

  write_jpeg (file, &(JpegSpec) { WIDTH, 256, 3, .is_one_row = TRUE }, row);
  reader = must_open_folder (folder, "8", _i == 0 ? "resize" : "crop");
  before = get_peak ();
  if (_i == 0)
    assert_middle (reader);
  else
    g_free (must_read (reader, 0));
  /* All of its pixels are 48 MiB. */
  ck_assert_uint_lt (get_peak () - before, 24 << 20);
}
END_TEST

START_TEST (widest_jpeg)
{
  gfloat image[3 * 64];
  gpointer const record[] = { image };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = NULL;

  write_jpeg (file, &(JpegSpec) { WIDTH, 16, 3, .is_one_row = TRUE }, row);
  widen ();
  reader = open_folder (folder, &error, "resolution", "8", "strict", "yes", NULL);
  ck_assert_ptr_nonnull (reader);
  ck_assert (!gantry_reader_read (reader, 0, record, &error));
  ck_assert_msg (strstr (error->message, "JPEG file: Maximum supported image dimension is 65500 pixels") != NULL, "%s", error->message);
}
END_TEST

START_TEST (wide_progressive)
{
  const gboolean is_refused = _i == 0;
  gfloat image[3 * 64];
  gpointer const record[] = { image };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = NULL;

  write_jpeg (file, &(JpegSpec) { WIDTH, 128, 3, .is_one_row = TRUE, .is_progressive = TRUE }, row);
  reader = open_folder (folder, &error, "resolution", "8", "memory", is_refused ? "32M" : "128M", "strict", "yes", NULL);
  ck_assert_ptr_nonnull (reader);
  ck_assert_int_eq (gantry_reader_read (reader, 0, record, &error), !is_refused);
  if (is_refused)
    ck_assert_msg (strstr (error->message, "is a progressive JPEG file of 65500x128 pixels, which takes 51.") != NULL
                     && strstr (error->message, "MiB of memory: more than the 32.0 MiB of memory=") != NULL,
                   "%s", error->message);
  else
    assert_middle (reader);
}
END_TEST

START_TEST (wide_png)
{
  const gboolean is_interlaced = _i == 1;
  gfloat image[3 * 64];
  gpointer const record[] = { image };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = NULL;
  gsize before;

  write_png (file, &(PngSpec) { WIDTH, 256, PNG_COLOR_TYPE_RGB, 8, .is_one_row = TRUE, .is_interlaced = is_interlaced }, row);
  reader = open_folder (folder, &error, "resolution", "8", "memory", "16M", "strict", "yes", NULL);
  ck_assert_ptr_nonnull (reader);
  if (is_interlaced)
    {
      ck_assert (!gantry_reader_read (reader, 0, record, &error));
      ck_assert_msg (strstr (error->message, "is an interlaced PNG file of 65500x256 pixels, which takes 48.0 MiB of memory: more than the 16.0 MiB")
                       != NULL,
                     "%s", error->message);
      return;
    }
  before = get_peak ();
  assert_middle (reader);
  ck_assert_uint_lt (get_peak () - before, 24 << 20);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("limits");

  gantry_init ();
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_loop_test (tests, wide_jpeg, 0, 2);
  tcase_add_test (tests, widest_jpeg);
  tcase_add_loop_test (tests, wide_progressive, 0, 2);
  tcase_add_loop_test (tests, wide_png, 0, 2);
  return fixture_run (tests);
}
