/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures side by side: where each goes, what a smaller pixel is, and what cannot be put together. */
#include "tests/train/training-fixture.h"

#include <png.h>

#define GAP 8

static gchar *folder;

static void
setup (void)
{
  folder = fixture_folder ();
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_free (folder);
}

/* An RGB picture whose value at (y, x) is 16 @base + 8 y + 2 x + channel. */
static gchar *
write_picture (const gchar *name, gsize height, gsize width, guint base)
{
  g_autoptr (GantryArray) image = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (1, 3, height, width));
  gchar *path = g_build_filename (folder, name, NULL);

  for (gsize c = 0; c < 3; c++)
    for (gsize y = 0; y < height; y++)
      for (gsize x = 0; x < width; x++)
        gantry_array_set_double (image, (c * height + y) * width + x, (16 * base + 8 * y + 2 * x + c - 127.5) / 127.5);
  ck_assert (gantry_image_grid_save (image, 1, path, NULL));
  return path;
}

static guint8 *
read_picture (const gchar *path, gsize height, gsize width)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  guint8 *pixels = g_malloc (height * width * 3);

  ck_assert_msg (png_image_begin_read_from_file (&image, path), "%s", image.message);
  ck_assert_uint_eq (image.height, height);
  ck_assert_uint_eq (image.width, width);
  image.format = PNG_FORMAT_RGB;
  ck_assert (png_image_finish_read (&image, NULL, pixels, 0, NULL));
  return pixels;
}

START_TEST (places)
{
  g_autofree gchar *a = write_picture ("a.png", 2, 3, 0);
  g_autofree gchar *b = write_picture ("b.png", 2, 3, 4);
  g_autofree gchar *c = write_picture ("c.png", 2, 3, 8);
  const gchar *pictures[] = { a, b, c, NULL };
  g_autofree gchar *path = g_build_filename (folder, "film.png", NULL);
  const gsize height = 2 * 2 + GAP, width = 2 * 3 + GAP;
  g_autofree guint8 *pixels = NULL;

  ck_assert (gantry_image_film_save (pictures, 2, 1, path, NULL));
  pixels = read_picture (path, height, width);
  for (gsize y = 0; y < height; y++)
    for (gsize x = 0; x < width; x++)
      {
        const gsize row = y / (2 + GAP), column = x / (3 + GAP), i = row * 2 + column;
        const gboolean is_gap = y % (2 + GAP) >= 2 || x % (3 + GAP) >= 3 || i >= 3;

        for (gsize channel = 0; channel < 3; channel++)
          ck_assert_uint_eq (pixels[(y * width + x) * 3 + channel], is_gap ? 255 : 64 * i + 8 * (y % (2 + GAP)) + 2 * (x % (3 + GAP)) + channel);
      }
}
END_TEST

START_TEST (one_row)
{
  g_autofree gchar *a = write_picture ("a.png", 2, 3, 0);
  const gchar *pictures[] = { a, a, a, NULL };
  const gchar *one[] = { a, NULL };
  g_autofree gchar *path = g_build_filename (folder, "film.png", NULL);
  g_autofree guint8 *pixels = NULL;
  g_autofree guint8 *same = NULL;

  ck_assert (gantry_image_film_save (pictures, 0, 1, path, NULL));
  pixels = read_picture (path, 2, 3 * 3 + 2 * GAP);
  ck_assert (gantry_image_film_save (one, 5, 1, path, NULL));
  same = read_picture (path, 2, 3);
}
END_TEST

/* Means of 2 x 2 pixels; the fifth column and the third row are left out. */
START_TEST (smaller)
{
  g_autofree gchar *a = write_picture ("a.png", 3, 5, 1);
  const gchar *pictures[] = { a, NULL };
  g_autofree gchar *path = g_build_filename (folder, "film.png", NULL);
  g_autofree guint8 *pixels = NULL;

  ck_assert (gantry_image_film_save (pictures, 0, 2, path, NULL));
  pixels = read_picture (path, 1, 2);
  for (gsize x = 0; x < 2; x++)
    for (gsize channel = 0; channel < 3; channel++)
      ck_assert_uint_eq (pixels[x * 3 + channel], 16 + (0 + 8) / 2 + 4 * x + 1 + channel);
}
END_TEST

START_TEST (refused)
{
  g_autofree gchar *a = write_picture ("a.png", 2, 3, 0);
  g_autofree gchar *b = write_picture ("b.png", 3, 2, 0);
  g_autofree gchar *text = fixture_write (folder, "text.png", "no picture", -1);
  g_autofree gchar *missing = g_build_filename (folder, "missing.png", NULL);
  g_autofree gchar *path = g_build_filename (folder, "film.png", NULL);
  const struct {
    const gchar *pictures[3];
    guint shrink;
    const gchar *message;
  } cases[] = {
    { { a, b, NULL }, 1, "b.png: 2x3 pixels, where */a.png has 3x2: a film is of one size" },
    { { a, text, NULL }, 1, "text.png: cannot be read as PNG: *" },
    { { missing, NULL }, 1, "missing.png: cannot be read as PNG: *" },
    { { a, NULL }, 3, "a.png: 3x2 pixels cannot be made 3 times smaller" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree gchar *pattern = g_strconcat ("*/", cases[i].message, NULL);

      ck_assert (!gantry_image_film_save (cases[i].pictures, 0, cases[i].shrink, path, &error));
      ck_assert_msg (error->domain == GANTRY_TRAIN_ERROR && g_pattern_match_simple (pattern, error->message), "%s", error->message);
      ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
    }
}
END_TEST

int
main (void)
{
  TCase *tests = tcase_create ("film");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, places);
  tcase_add_test (tests, one_row);
  tcase_add_test (tests, smaller);
  tcase_add_test (tests, refused);
  return fixture_run (tests);
}
