/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images made square: padding, resizing, cropping. */
#include <gantry/gantry.h>

#include <check.h>

static void
fit (const guint8 *pixels, gsize channels, gsize height, gsize width, const gchar *how, gsize resolution, guint8 *result)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_image_fit (pixels, channels, height, width, how, resolution, result, &error), "%s", error != NULL ? error->message : "");
}

START_TEST (pad)
{
  /* The border has five 9 and three others: 9 is the background. */
  static const guint8 image[] = { 9, 9, 1, 9, 5, 2, 9, 9, 3 };
  guint8 result[25];

  fit (image, 1, 3, 3, "pad", 5, result);
  for (guint y = 0; y < 5; y++)
    {
      for (guint x = 0; x < 5; x++)
        {
          const gboolean inside = y >= 1 && y < 4 && x >= 1 && x < 4;

          ck_assert_uint_eq (result[5 * y + x], inside ? image[3 * (y - 1) + x - 1] : 9);
        }
    }
}
END_TEST

START_TEST (pad_colours)
{
  /* Two channels: each border value of a channel alone would be 1 and 1, but the most frequent pair is (0, 7). */
  static const guint8 image[] = { 0, 0, 1, 1, 1, 7, 7, 1, 2, 3 };
  guint8 result[2 * 25];

  fit (image, 2, 1, 5, "pad", 5, result);
  ck_assert_uint_eq (result[0], 0);
  ck_assert_uint_eq (result[25], 7);
  ck_assert_uint_eq (result[2 * 5 + 2], 1);
  ck_assert_uint_eq (result[25 + 2 * 5 + 4], 3);
}
END_TEST

START_TEST (pad_shrinks)
{
  /* A tall image: two columns of background on each side, then everything is halved. */
  guint8 image[8 * 4], result[4 * 4];

  memset (image, 10, sizeof image);
  for (guint y = 1; y < 7; y++)
    image[4 * y + 1] = image[4 * y + 2] = 250;
  fit (image, 1, 8, 4, "pad", 4, result);
  for (guint y = 0; y < 4; y++)
    {
      ck_assert_uint_eq (result[4 * y], 10);
      ck_assert_uint_eq (result[4 * y + 3], 10);
      ck_assert_uint_gt (result[4 * y + 1], 60);
      ck_assert_uint_eq (result[4 * y + 1], result[4 * y + 2]);
    }
}
END_TEST

START_TEST (resize_halves)
{
  /* Triangle of radius 2: the two middle pixels weigh 3, the outer ones 1; those outside of the image are left out. */
  static const guint8 row[] = { 0, 80, 160, 240 };
  guint8 image[16], result[4];

  for (guint y = 0; y < 4; y++)
    memcpy (image + 4 * y, row, 4);
  fit (image, 1, 4, 4, "resize", 2, result);
  ck_assert_uint_eq (result[0], (3 * 0 + 3 * 80 + 1 * 160 + 3) / 7);
  ck_assert_uint_eq (result[1], (1 * 80 + 3 * 160 + 3 * 240 + 3) / 7);
  ck_assert_uint_eq (result[2], result[0]);
}
END_TEST

START_TEST (resize_doubles)
{
  static const guint8 image[] = { 0, 100, 0, 100 };
  static const guint8 expected[] = { 0, 25, 75, 100 };
  guint8 result[16];

  fit (image, 1, 2, 2, "resize", 4, result);
  for (guint i = 0; i < 16; i++)
    ck_assert_uint_eq (result[i], expected[i % 4]);
}
END_TEST

START_TEST (resize_same)
{
  guint8 image[3 * 49], result[3 * 49];

  for (guint i = 0; i < sizeof image; i++)
    image[i] = (guint8) (i * 37);
  fit (image, 3, 7, 7, "resize", 7, result);
  ck_assert_mem_eq (image, result, sizeof image);
}
END_TEST

START_TEST (crops)
{
  static const guint8 image[] = { 0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24 };
  guint8 result[9];

  fit (image, 1, 3, 5, "crop", 3, result);
  ck_assert_mem_eq (result, ((const guint8[]) { 1, 2, 3, 11, 12, 13, 21, 22, 23 }), 9);
  fit (image, 1, 3, 5, "resize", 3, result);
  ck_assert_mem_eq (result, ((const guint8[]) { 1, 2, 3, 11, 12, 13, 21, 22, 23 }), 9);
  fit (image, 1, 3, 5, "crop", 1, result);
  ck_assert_uint_eq (result[0], 12);
}
END_TEST

/* The stored picture is mirrored and turned: 6 is a quarter to the right, 8 to the left. */
START_TEST (orientations)
{
  static const guint8 image[] = { 1, 2, 3, 4, 5, 6 };
  static const guint8 expected[][9] = { { 0 }, { 1, 2, 4, 5 }, { 3, 2, 6, 5 }, { 6, 5, 3, 2 }, { 4, 5, 1, 2 }, { 1, 4, 2, 5 }, { 4, 1, 5, 2 },
                                        { 6, 3, 5, 2 }, { 3, 6, 2, 5 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryImageFitter) fitter = gantry_image_fitter_new (1, 2, 3, _i, "crop", 2, &error);
  guint8 result[4];

  ck_assert_ptr_nonnull (fitter);
  gantry_image_fitter_add_row (fitter, image, 1, 1);
  gantry_image_fitter_add_row (fitter, image + 3, 1, 1);
  ck_assert (gantry_image_fitter_finish (fitter, result, &error));
  ck_assert_mem_eq (result, expected[_i], 4);
}
END_TEST

START_TEST (missing_rows)
{
  static const guint8 image[] = { 1, 2, 3 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) orientation = NULL;
  g_autoptr (GantryImageFitter) fitter = gantry_image_fitter_new (1, 2, 3, 1, "pad", 4, &error);
  guint8 result[16];

  gantry_image_fitter_add_row (fitter, image, 1, 1);
  ck_assert (!gantry_image_fitter_finish (fitter, result, &error));
  ck_assert_str_eq (error->message, "an image of 2 rows got 1");
  ck_assert_ptr_null (gantry_image_fitter_new (1, 2, 3, 9, "pad", 4, &orientation));
  ck_assert_str_eq (orientation->message, "orientation 9: expected 1 to 8");
}
END_TEST

START_TEST (refusals)
{
  static const guint8 image[16] = { 0 };
  guint8 result[16];
  g_autoptr (GError) small = NULL;
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) empty = NULL;

  ck_assert (!gantry_image_fit (image, 1, 4, 3, "crop", 4, result, &small));
  ck_assert_str_eq (small->message, "an image of 4x3 pixels is too small to crop 4 pixels: fit=pad and fit=resize take it");
  ck_assert (!gantry_image_fit (image, 1, 4, 4, "resise", 4, result, &unknown));
  ck_assert_str_eq (unknown->message, "fit `resise`: expected one of pad|resize|crop; nearest is `resize`");
  ck_assert (!gantry_image_fit (image, 1, 0, 4, "pad", 4, result, &empty));
  ck_assert (strstr (empty->message, "[1, 0, 4]") != NULL);
  ck_assert (!gantry_image_fit (image, 5, 1, 1, "pad", 4, result, NULL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("image-fit");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, pad);
  tcase_add_test (tests, pad_colours);
  tcase_add_test (tests, pad_shrinks);
  tcase_add_test (tests, resize_halves);
  tcase_add_test (tests, resize_doubles);
  tcase_add_test (tests, resize_same);
  tcase_add_test (tests, crops);
  tcase_add_loop_test (tests, orientations, 1, 9);
  tcase_add_test (tests, missing_rows);
  tcase_add_test (tests, refusals);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
