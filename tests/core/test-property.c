/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/error.h>
#include <gantry/property.h>

#include <check.h>
#include <stdlib.h>

typedef struct {
  const gchar *text;
  const gchar *formatted; /* NULL: refused */
} Case;

static void
run_cases (GParamSpec *floating, const Case *cases, gsize n)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (floating);

  for (gsize i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autoptr (GError) error = NULL;
      g_autofree gchar *formatted = NULL;
      gboolean good = gantry_param_parse (pspec, cases[i].text, &value, &error);

      ck_assert_msg (good == (cases[i].formatted != NULL), "'%s': %s", cases[i].text, good ? "accepted" : error->message);
      if (!good)
        {
          ck_assert (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE));
          ck_assert (!G_IS_VALUE (&value));
          continue;
        }
      formatted = gantry_param_format (pspec, &value);
      ck_assert_str_eq (formatted, cases[i].formatted);
    }
}

START_TEST (ints)
{
  static const Case cases[] = {
    { "0", "0" }, { "-5", "-5" }, { "+5", "5" }, { "007", "7" }, { "600k", "600000" }, { "1.5k", "1500" }, { "2M", "2000000" },
    { "-3k", "-3000" }, { "0.0000005M", NULL }, { "1.5", NULL }, { "2.0", "2" }, { "", NULL }, { "-", NULL }, { "5K", NULL }, { "5kk", NULL },
    { "5 ", NULL }, { " 5", NULL }, { "0x10", NULL }, { "1e3", NULL }, { "k", NULL }, { "1.k", NULL },
    { "9223372036854775807", "9223372036854775807" },
    { "9223372036854775808", NULL }, { "-9223372036854775808", "-9223372036854775808" }, { "-9223372036854775809", NULL },
    { "99999999999999999999999999999999999999999999999", NULL }, { "9223372036854775807M", NULL },
  };

  run_cases (g_param_spec_int64 ("x", NULL, NULL, G_MININT64, G_MAXINT64, 0, G_PARAM_READWRITE), cases, G_N_ELEMENTS (cases));
}
END_TEST

START_TEST (sizes)
{
  static const Case cases[] = {
    { "1K", "1024" }, { "1M", "1048576" }, { "1G", "1073741824" }, { "0.5K", "512" }, { "1k", NULL }, { "-1", NULL }, { "4G", NULL },
    { "3G", "3221225472" },
  };

  run_cases (g_param_spec_uint64 ("x", NULL, NULL, 0, G_GUINT64_CONSTANT (3) << 30, 0, G_PARAM_READWRITE), cases, G_N_ELEMENTS (cases));
}
END_TEST

START_TEST (largest_size)
{
  static const Case cases[] = { { "18446744073709551615", "18446744073709551615" }, { "18446744073709551616", NULL } };

  run_cases (g_param_spec_uint64 ("x", NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_READWRITE), cases, G_N_ELEMENTS (cases));
}
END_TEST

START_TEST (doubles)
{
  static const Case cases[] = {
    { "2e-4", "0.0002" }, { "0.1", "0.1" }, { "1", "1" }, { "100", "100" }, { "12.5", "12.5" }, { "1e-5", "1e-05" }, { "100.00001", NULL },
    { "-0.1", NULL }, { "nan", NULL }, { "inf", NULL },
    { "1,5", NULL }, { "", NULL }, { " 1", NULL }, { "1 ", NULL }, { "0.30000000000000004", "0.30000000000000004" },
  };

  run_cases (g_param_spec_double ("x", NULL, NULL, 0, 100, 0, G_PARAM_READWRITE), cases, G_N_ELEMENTS (cases));
}
END_TEST

START_TEST (small_ints)
{
  static const Case cases[] = { { "255", "255" }, { "256", NULL }, { "0", "0" }, { "-1", NULL } };

  run_cases (g_param_spec_uchar ("x", NULL, NULL, 0, 255, 0, G_PARAM_READWRITE), cases, G_N_ELEMENTS (cases));
}
END_TEST

START_TEST (others)
{
  static const Case bools[] = { { "yes", "true" }, { "off", "false" }, { "True", NULL }, { "1", NULL } };
  static const Case lists[] = { { "a; b\nc", "a; b; c" }, { "", "" }, { ";;", "" } };
  static const Case strings[] = { { "", "" }, { "a b", "a b" }, { "\xff", NULL } };
  static const Case pointers[] = { { "x", NULL } };

  run_cases (g_param_spec_boolean ("x", NULL, NULL, FALSE, G_PARAM_READWRITE), bools, G_N_ELEMENTS (bools));
  run_cases (g_param_spec_boxed ("x", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE), lists, G_N_ELEMENTS (lists));
  run_cases (g_param_spec_string ("x", NULL, NULL, NULL, G_PARAM_READWRITE), strings, G_N_ELEMENTS (strings));
  run_cases (g_param_spec_pointer ("x", NULL, NULL, G_PARAM_READWRITE), pointers, G_N_ELEMENTS (pointers));
}
END_TEST

static void
assert_described (GParamSpec *floating, const gchar *type, const gchar *range)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (floating);
  g_autofree gchar *got_type = gantry_param_describe_type (pspec);
  g_autofree gchar *got_range = gantry_param_describe_range (pspec);

  ck_assert_str_eq (got_type, type);
  ck_assert_str_eq (got_range, range);
}

START_TEST (descriptions)
{
  assert_described (g_param_spec_int64 ("x", NULL, NULL, 1, 4096, 1, G_PARAM_READWRITE), "int", "1 to 4096");
  assert_described (g_param_spec_int64 ("x", NULL, NULL, 1, G_MAXINT64, 1, G_PARAM_READWRITE), "int", "at least 1");
  assert_described (g_param_spec_int64 ("x", NULL, NULL, G_MININT64, 4, 1, G_PARAM_READWRITE), "int", "at most 4");
  assert_described (g_param_spec_double ("x", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 1, G_PARAM_READWRITE), "double", "");
  assert_described (g_param_spec_double ("x", NULL, NULL, 0, 0.1, 0, G_PARAM_READWRITE), "double", "0 to 0.1");
  assert_described (g_param_spec_uint64 ("x", NULL, NULL, 0, G_MAXUINT64, 1, G_PARAM_READWRITE), "size", "at least 0");
  assert_described (g_param_spec_boolean ("x", NULL, NULL, FALSE, G_PARAM_READWRITE), "bool", "true|false");
  assert_described (g_param_spec_string ("x", NULL, NULL, NULL, G_PARAM_READWRITE), "string", "");
  assert_described (g_param_spec_boxed ("x", NULL, NULL, G_TYPE_STRV, G_PARAM_READWRITE), "list", "");
}
END_TEST

START_TEST (nearest)
{
  static const gchar *const names[] = { "hinge", "non-saturating", "wasserstein", "r1", NULL };

  ck_assert_str_eq (gantry_nearest_name ("hnige", names), "hinge");
  ck_assert_str_eq (gantry_nearest_name ("hinges", names), "hinge");
  ck_assert_str_eq (gantry_nearest_name ("ihgne", names), "hinge");
  ck_assert_str_eq (gantry_nearest_name ("nonsaturating", names), "non-saturating");
  ck_assert_str_eq (gantry_nearest_name ("wass", names), "wasserstein");
  ck_assert_str_eq (gantry_nearest_name ("r2", names), "r1");
  ck_assert_ptr_null (gantry_nearest_name ("x", names));
  ck_assert_ptr_null (gantry_nearest_name ("", names));
  ck_assert_ptr_null (gantry_nearest_name ("gradient-penalty", names));
}
END_TEST

gint
main (void)
{
  Suite *suite = suite_create ("property");
  TCase *tests = tcase_create ("property");
  SRunner *runner;
  gint failed;

  tcase_add_test (tests, ints);
  tcase_add_test (tests, sizes);
  tcase_add_test (tests, largest_size);
  tcase_add_test (tests, doubles);
  tcase_add_test (tests, small_ints);
  tcase_add_test (tests, others);
  tcase_add_test (tests, descriptions);
  tcase_add_test (tests, nearest);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
