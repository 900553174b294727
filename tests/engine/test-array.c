/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "engine/engine-fixture.h"

/* A size that cannot be had is an answer, not the end, under the address sanitizer too. */
GANTRY_API const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "allocator_may_return_null=1";
}

START_TEST (test_zeros_aligned)
{
  for (gsize n = 1; n < 200; n += 7)
    {
      g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (n, 3));

      ck_assert_uint_eq ((guintptr) gantry_array_get_data (array) % 64, 0);
      ck_assert_uint_eq (gantry_array_get_size (array), 3 * n);
      ck_assert_uint_eq (gantry_array_get_bytes (array), 12 * n);
      for (gsize i = 0; i < 3 * n; i++)
        ck_assert_double_eq (gantry_array_get_double (array, i), 0);
    }
}
END_TEST

START_TEST (test_scalar)
{
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT64, GANTRY_SCALAR);

  ck_assert_uint_eq (gantry_array_get_size (array), 1);
  gantry_array_set_double (array, 0, 0.1);
  ck_assert_double_eq (gantry_array_get_double (array, 0), 0.1);
}
END_TEST

START_TEST (test_converts)
{
  const gdouble values[] = { 0.1, -2.7, 1e300, NAN, 0, 9007199254740993. };
  g_autoptr (GantryArray) doubles = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (6), values);
  g_autoptr (GantryArray) floats = gantry_array_convert (doubles, GANTRY_FLOAT32);
  g_autoptr (GantryArray) ints = gantry_array_convert (doubles, GANTRY_INT64);
  g_autoptr (GantryArray) bools = gantry_array_convert (doubles, GANTRY_BOOL8);
  const gint64 *numbers = gantry_array_get_data (ints);
  const guint8 *flags = gantry_array_get_data (bools);

  ck_assert_double_eq (gantry_array_get_double (floats, 0), 0.1f);
  ck_assert (isinf (gantry_array_get_double (floats, 2)));
  ck_assert (isnan (gantry_array_get_double (floats, 3)));
  ck_assert_int_eq (numbers[1], -2);
  ck_assert_int_eq (numbers[2], G_MININT64);
  ck_assert_int_eq (numbers[3], G_MININT64);
  ck_assert_int_eq (flags[0], 1);
  ck_assert_int_eq (flags[4], 0);
}
END_TEST

START_TEST (test_int64_is_exact)
{
  const gint64 big = G_GINT64_CONSTANT (9007199254740993);
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (1));
  g_autoptr (GantryArray) copy = NULL;

  *(gint64 *) gantry_array_get_data (array) = big;
  copy = gantry_array_copy (array);
  ck_assert_int_eq (*(gint64 *) gantry_array_get_data (copy), big);
}
END_TEST

START_TEST (test_assign)
{
  const gdouble values[] = { 1, 2, 3, 4 };
  g_autoptr (GantryArray) target = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (2, 2));
  g_autoptr (GantryArray) source = gantry_array_new_from_doubles (GANTRY_INT64, GANTRY_SHAPE (2, 2), values);
  g_autoptr (GantryArray) other = gantry_array_new_from_doubles (GANTRY_FLOAT32, GANTRY_SHAPE (4), values);
  g_autoptr (GError) error = NULL;

  ck_assert (gantry_array_assign (target, source, &error));
  ck_assert_double_eq (gantry_array_get_double (target, 3), 4);
  ck_assert (!gantry_array_assign (target, other, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "[4]");
  ck_assert_ptr_nonnull (strstr (error->message, "[2, 2]"));
}
END_TEST

START_TEST (test_no_memory)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_array_try_new (GANTRY_FLOAT32, GANTRY_SHAPE ((gsize) 1 << 40, (gsize) 1 << 20), &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "4611686018427387904 bytes");
  g_clear_error (&error);
  ck_assert_ptr_null (gantry_array_try_new (GANTRY_FLOAT64, GANTRY_SHAPE ((gsize) 1 << 40, (gsize) 1 << 23), &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "more bytes than can be addressed");
  ck_assert_ptr_null (gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (G_MAXSIZE)));
}
END_TEST

START_TEST (test_boxed)
{
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (2));
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GANTRY_TYPE_ARRAY);
  g_value_set_boxed (&value, array);
  ck_assert_ptr_eq (g_value_get_boxed (&value), array);
  g_value_unset (&value);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("array");
  TCase *tcase = tcase_create ("array");

  tcase_add_test (tcase, test_zeros_aligned);
  tcase_add_test (tcase, test_scalar);
  tcase_add_test (tcase, test_converts);
  tcase_add_test (tcase, test_int64_is_exact);
  tcase_add_test (tcase, test_assign);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_boxed);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
