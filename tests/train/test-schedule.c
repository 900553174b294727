/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Schedules: their values, the text they are written out as, and what every mistake is told. */
#include "train/schedule-private.h"

#include "training-fixture.h"

#include <math.h>

static GParamSpec *pspec;

static void
setup (void)
{
  pspec = g_param_spec_ref_sink (g_param_spec_double ("gamma", NULL, NULL, 0, 1000, 1, G_PARAM_READWRITE | GANTRY_SCHEDULABLE));
}

static void
teardown (void)
{
  g_clear_pointer (&pspec, g_param_spec_unref);
}

#define N_MOMENTS 5

/* Values at so many images of a training of 1000. */
static const struct {
  const gchar *text;
  const gchar *full;
  guint64 images[N_MOMENTS];
  gdouble values[N_MOMENTS];
} rows[] = {
  { "3 over 10", "3 over 10", { 0, 5, 10, 500, 5000 }, { 3, 3, 3, 3, 3 } },
  { "1:3 linear", "1:3 linear over 1000", { 0, 250, 500, 1000, 9000 }, { 1, 1.5, 2, 3, 3 } },
  { "3:1 linear over 100", "3:1 linear over 100", { 0, 25, 50, 99, 100 }, { 3, 2.5, 2, 1.02, 1 } },
  { "0.05:0.005 cosine",
    "0.05:0.005 cosine over 1000",
    { 0, 250, 500, 750, 1000 },
    { 0.05, 0.04340990257669733, 0.0275, 0.01159009742330268, 0.005 } },
  { "100:1 exponential over 0.1k", "100:1 exponential over 100", { 0, 25, 50, 75, 100 }, { 100, 31.622776601683793, 10, 3.1622776601683795, 1 } },
  { "4:2:1 steps over 99", "4:2:1 steps over 99", { 0, 32, 33, 66, 99 }, { 4, 4, 2, 1, 1 } },
  { "7:0 steps", "7:0 steps over 1000", { 0, 499, 500, 999, 1000 }, { 7, 7, 0, 0, 0 } },
  { "2 warm-up 200", "2 over 1000 warm-up 200", { 0, 50, 100, 200, 900 }, { 0, 0.5, 1, 2, 2 } },
  { "1 over 100, 1:0 linear", "1 over 100, 1:0 linear over 900", { 0, 100, 550, 1000, 1001 }, { 1, 1, 0.5, 0, 0 } },
  { " 1 over 100 ,  2:4  linear over 100,8 warm-up 300",
    "1 over 100, 2:4 linear over 100, 8 over 800 warm-up 300",
    { 50, 99, 150, 210, 300 },
    { 1 / 6., 0.33, 1.5, 5.6, 8 } },
};

START_TEST (values)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySchedule) schedule = _gantry_schedule_parse (pspec, rows[_i].text, 1000, &error);
  g_autoptr (GantrySchedule) again = NULL;

  ck_assert_msg (schedule != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (_gantry_schedule_is_text (rows[_i].text));
  ck_assert_str_eq (_gantry_schedule_get_key (schedule), "gamma");
  ck_assert_str_eq (_gantry_schedule_get_text (schedule), rows[_i].full);
  /* What is written out is the same in a training of any length. */
  again = _gantry_schedule_parse (pspec, rows[_i].full, 10000, &error);
  ck_assert_msg (again != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (_gantry_schedule_get_text (again), rows[_i].full);
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      ck_assert_double_eq_tol (_gantry_schedule_at (schedule, rows[_i].images[i]), rows[_i].values[i], 1e-12);
      ck_assert_double_eq (_gantry_schedule_at (schedule, rows[_i].images[i]), _gantry_schedule_at (again, rows[_i].images[i]));
    }
}
END_TEST

static const struct {
  const gchar *text;
  const gchar *message;
} mistakes[] = {
  { "1:2", "schedule '1:2': '1:2' goes from one value to another: say how, by linear, cosine, exponential or steps" },
  { "1:2 cosin", "schedule '1:2 cosin': 'cosin' is not one of linear, cosine, exponential, steps, over, warm-up (did you mean 'cosine'?)" },
  { "1:2:3 linear", "schedule '1:2:3 linear': linear goes from one value to another, as in 1:0.1 linear, but '1:2:3' is 3" },
  { "1 linear", "schedule '1 linear': linear goes from one value to another, as in 1:0.1 linear, but '1' is 1" },
  { "1 steps", "schedule '1 steps': steps need two values or more, as in 1:0.5:0.1 steps" },
  { "0:1 exponential", "schedule '0:1 exponential': exponential needs two values of one sign, neither of them 0" },
  { "1:2000 linear", "schedule '1:2000 linear': 2000 is out of range: expected 0 to 1000" },
  { "1: linear", "schedule '1: linear': '' is not a number, 0 to 1000" },
  { "1:x linear", "schedule '1:x linear': 'x' is not a number, 0 to 1000" },
  { "1:2 linear over", "schedule '1:2 linear over': 'over' needs a number of images, as in over 100k" },
  { "1:2 linear over 0", "schedule '1:2 linear over 0': images after 'over': 0 is out of range: expected 1 to 1000000000000000" },
  { "1:2 linear over 5G",
    "schedule '1:2 linear over 5G': images after 'over': '5G' is not a whole number (digits; k, M = 10^3, 10^6), 1 to 1000000000000000" },
  { "1 warm-up 1k 5", "schedule '1 warm-up 1k 5': '5' is too much" },
  { "1 warm-up 5, 2", "schedule '1 warm-up 5': 'warm-up' is too much: a piece ends with 'over IMAGES', and a warm-up stands at the very end" },
  { "1:2 linear, 2", "schedule '1:2 linear': another piece follows: say for how many images this one lasts, as in 1:2 linear over 10k" },
  { "1 over 5,, 2", "schedule '': nothing between two commas: expected a value, as in 0.1 over 10k, 0.1:0.01 cosine" },
  { "1 over 1k, 2", "schedule '1 over 1k, 2': its pieces before the last take 1000 images, but the training is over after 1000" },
};

START_TEST (mistaken)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (_gantry_schedule_parse (pspec, mistakes[_i].text, 1000, &error));
  ck_assert_str_eq (error->message, mistakes[_i].message);
  ck_assert (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE));
}
END_TEST

START_TEST (warm_up_out_of_range)
{
  g_autoptr (GParamSpec) positive = g_param_spec_ref_sink (g_param_spec_double ("eps", NULL, NULL, 0.5, 2, 1, G_PARAM_READWRITE));
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (_gantry_schedule_parse (positive, "1 warm-up 5", 1000, &error));
  ck_assert_str_eq (error->message, "schedule '1 warm-up 5': a warm-up starts at 0, which is out of range: 0.5 at least");
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("schedule");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_loop_test (tests, values, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tests, mistaken, 0, G_N_ELEMENTS (mistakes));
  tcase_add_test (tests, warm_up_out_of_range);
  return fixture_run (tests);
}
