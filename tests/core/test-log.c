/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/error.h>
#include <gantry/log.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

static GString *received;

static void
receive (const gchar *category, GantryLogLevel level, const gchar *message, gpointer user_data)
{
  g_string_append_printf (received, "%s %d %s\n", category, level, message);
}

static void
setup (void)
{
  received = g_string_new (NULL);
  gantry_log_set_handler (receive, NULL);
}

static void
teardown (void)
{
  gantry_log_set_handler (NULL, NULL);
  g_string_free (received, TRUE);
}

START_TEST (default_level)
{
  gantry_log_message ("loss", GANTRY_LOG_INFO, "shown %d", 1);
  gantry_log_message ("loss", GANTRY_LOG_DEBUG, "hidden");
  ck_assert_str_eq (received->str, "loss 3 shown 1\n");
}
END_TEST

START_TEST (by_category)
{
  ck_assert (gantry_log_set_thresholds ("registry:5, loss:4,1", NULL));
  gantry_debug ("loss", "a");
  gantry_log_message ("loss", GANTRY_LOG_TRACE, "b");
  gantry_log_message ("registry", GANTRY_LOG_TRACE, "c");
  gantry_log_message ("graph", GANTRY_LOG_WARNING, "d");
  gantry_log_message ("graph", GANTRY_LOG_ERROR, "e");
  ck_assert_str_eq (received->str, "loss 4 a\nregistry 5 c\ngraph 1 e\n");
  ck_assert (gantry_log_set_thresholds (NULL, NULL));
  ck_assert (!gantry_log_enabled ("registry", GANTRY_LOG_DEBUG));
  ck_assert (gantry_log_enabled ("graph", GANTRY_LOG_INFO));
}
END_TEST

START_TEST (bad_spec)
{
  static const gchar *const bad[] = { "registry:6", "registry:", ":3", "registry", "registry:33", "7" };

  ck_assert (gantry_log_set_thresholds ("graph:5", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (!gantry_log_set_thresholds (bad[i], &error));
      ck_assert (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE));
      ck_assert_ptr_nonnull (strstr (error->message, bad[i]));
    }
  ck_assert (gantry_log_enabled ("graph", GANTRY_LOG_TRACE));
}
END_TEST

START_TEST (environment)
{
  g_setenv ("GANTRY_DEBUG", "engine:5", TRUE);
  ck_assert (gantry_log_enabled ("engine", GANTRY_LOG_TRACE));
  ck_assert (!gantry_log_enabled ("graph", GANTRY_LOG_DEBUG));
}
END_TEST

START_TEST (bad_environment)
{
  g_setenv ("GANTRY_DEBUG", "engine=5", TRUE);
  gantry_log_message ("graph", GANTRY_LOG_INFO, "after");
  ck_assert_str_eq (received->str, "log 2 GANTRY_DEBUG: log levels: 'engine=5' is not CATEGORY:LEVEL with a level from 0 (silent) to 5 (trace)\n"
                                   "graph 3 after\n");
}
END_TEST

START_TEST (without_handler)
{
  gantry_log_set_handler (NULL, NULL);
  gantry_log_message ("graph", GANTRY_LOG_ERROR, "nowhere");
  ck_assert_str_eq (received->str, "");
}
END_TEST

gint
main (void)
{
  Suite *suite = suite_create ("log");
  TCase *tests = tcase_create ("log");
  SRunner *runner;
  gint failed;

  g_unsetenv ("GANTRY_DEBUG");
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, default_level);
  tcase_add_test (tests, by_category);
  tcase_add_test (tests, bad_spec);
  tcase_add_test (tests, without_handler);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  /* The environment is read once a process. */
  if (srunner_fork_status (runner) == CK_FORK)
    {
      tcase_add_test (tests, environment);
      tcase_add_test (tests, bad_environment);
    }
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
