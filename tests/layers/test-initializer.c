/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How variables are filled: orthonormal vectors, fans, the cut normal; and what cannot be filled. */
#include "layers/model.h"

#include <math.h>

static GantryArray *
declare (const gchar *name, const GantryShape *shape, const GantryInitializer *initializer, GantryState *state)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GError) error = NULL;
  GantryVariable *variable = gantry_graph_variable (graph, name, shape, GANTRY_FLOAT64, initializer, TRUE);

  ck_assert_msg (gantry_graph_finish (graph, &error), "%s", error != NULL ? error->message : "");
  ck_assert_msg (gantry_state_declare (state, variable, &error), "%s", error != NULL ? error->message : "");
  return gantry_state_get (state, name);
}

static void
measure (const GantryArray *array, gdouble *mean, gdouble *deviation, gdouble *largest)
{
  const gsize n = gantry_array_get_size (array);
  gdouble squares = 0;

  *mean = *largest = 0;
  for (gsize i = 0; i < n; i++)
    {
      const gdouble value = gantry_array_get_double (array, i);

      *mean += value / n;
      squares += value * value / n;
      *largest = fmax (*largest, fabs (value));
    }
  *deviation = sqrt (squares - *mean * *mean);
}

/* a times orthonormal rows, or columns where there are more rows than columns. */
static void
check_orthogonal (const GantryArray *array, gsize rows, gsize columns, gdouble gain)
{
  const gboolean tall = rows > columns;
  const gsize n = tall ? columns : rows, length = tall ? rows : columns;

  for (gsize a = 0; a < n; a++)
    for (gsize b = 0; b <= a; b++)
      {
        gdouble product = 0;

        for (gsize i = 0; i < length; i++)
          product += gantry_array_get_double (array, tall ? i * columns + a : a * columns + i)
                     * gantry_array_get_double (array, tall ? i * columns + b : b * columns + i);
        assert_near (product, a == b ? gain * gain : 0, 1e-12);
      }
}

START_TEST (orthogonal)
{
  g_autoptr (GantryState) state = gantry_state_new (5), again = gantry_state_new (5), other = gantry_state_new (6);
  GantryArray *wide = declare ("wide", GANTRY_SHAPE (40, 3, 5, 5), GANTRY_ORTHOGONAL (1), state);
  GantryArray *tall = declare ("tall", GANTRY_SHAPE (150, 37), GANTRY_ORTHOGONAL (0.5), state);
  GantryArray *square = declare ("square", GANTRY_SHAPE (64, 64), GANTRY_ORTHOGONAL (1), state);
  GantryArray *same = declare ("square", GANTRY_SHAPE (64, 64), GANTRY_ORTHOGONAL (1), again);
  GantryArray *different = declare ("square", GANTRY_SHAPE (64, 64), GANTRY_ORTHOGONAL (1), other);

  check_orthogonal (wide, 40, 75, 1);
  check_orthogonal (tall, 150, 37, 0.5);
  check_orthogonal (square, 64, 64, 1);
  for (guint i = 0; i < 64 * 64; i++)
    ck_assert_double_eq (gantry_array_get_double (square, i), gantry_array_get_double (same, i));
  ck_assert_double_ne (gantry_array_get_double (square, 0), gantry_array_get_double (different, 0));
}
END_TEST

/* Rows (3, 4) and (1, 2): the first over its norm 5; the second without its part of 2.2 along that, (-0.32, 0.24), over 0.4. */
START_TEST (orthogonal_by_hand)
{
  static const gdouble draws[] = { 3, 4, 1, 2 }, expected[] = { 0.6, 0.8, -0.8, 0.6 };
  g_autoptr (GantryArray) from = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (2, 2), draws);
  g_autoptr (GantryArray) to = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (2, 2));
  g_autoptr (GError) error = NULL;

  ck_assert (gantry_initializer_fill (GANTRY_ORTHOGONAL (2), from, to, &error));
  for (guint i = 0; i < 4; i++)
    assert_near (gantry_array_get_double (to, i), 2 * expected[i], 1e-14);
}
END_TEST

static const struct {
  GantryInitializer initializer;
  gdouble deviation, bound; /* 0: none */
} spreads[] = {
  /* [50, 20, 3, 3]: fan_in 180, fan_out 450. */
  { { GANTRY_INITIALIZER_XAVIER_NORMAL, 1.5, 0 }, 0.084515425472851660, 0 },
  { { GANTRY_INITIALIZER_XAVIER_UNIFORM, 1.5, 0 }, 0.084515425472851660, 0.14638501094227997 },
  { { GANTRY_INITIALIZER_KAIMING_NORMAL, 2, GANTRY_FAN_IN }, 0.14907119849998599, 0 },
  { { GANTRY_INITIALIZER_KAIMING_UNIFORM, 2, GANTRY_FAN_OUT }, 0.094280904158206336, 0.16329931618554522 },
  /* The variance that is left when the tails beyond 2 are cut off: 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737. */
  { { GANTRY_INITIALIZER_TRUNCATED_NORMAL, 0.1, 2 }, 0.0879623, 0.2 },
  { { GANTRY_INITIALIZER_TRUNCATED_NORMAL, 0.1, 30 }, 0.1, 3 },
};

START_TEST (spread)
{
  g_autoptr (GantryState) state = gantry_state_new (11);
  GantryArray *array = declare ("w", GANTRY_SHAPE (50, 20, 3, 3), &spreads[_i].initializer, state);
  gdouble mean, deviation, largest;

  measure (array, &mean, &deviation, &largest);
  ck_assert_double_lt (fabs (mean), 4 * spreads[_i].deviation / sqrt (9000));
  ck_assert_double_lt (fabs (deviation / spreads[_i].deviation - 1), 0.04);
  if (spreads[_i].bound > 0)
    ck_assert_double_le (largest, spreads[_i].bound);
  if (spreads[_i].bound > 0 && spreads[_i].bound < 1)
    ck_assert_double_gt (largest, 0.99 * spreads[_i].bound);
}
END_TEST

/* Quantiles of the normal distribution cut off far out are those of the whole one, at both ends; the ends of the draws are the bounds. */
START_TEST (truncated_quantiles)
{
  static const gdouble draws[] = { 0, 0.5, 0.975, 0.025, 1e-12, 1 - 0x1p-53 };
  static const gdouble expected[] = { -12, 0, 1.959963984540054, -1.959963984540054, -7.034483825301132, 8.209536151601387 };
  g_autoptr (GantryArray) from = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (6), draws);
  g_autoptr (GantryArray) to = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (6));

  ck_assert (gantry_initializer_fill (GANTRY_TRUNCATED_NORMAL (1, 12), from, to, NULL));
  for (guint i = 0; i < 6; i++)
    assert_near (gantry_array_get_double (to, i), expected[i], 1e-13);
}
END_TEST

/* What a state draws is what the same draws give by hand. */
START_TEST (draws_of_a_state)
{
  g_autoptr (GantryState) state = gantry_state_new (11), plain = gantry_state_new (11);
  GantryArray *draws = declare ("w", GANTRY_SHAPE (4, 6), GANTRY_NORMAL (0, 1), plain);
  GantryArray *found = declare ("w", GANTRY_SHAPE (4, 6), GANTRY_ORTHOGONAL (1), state);
  g_autoptr (GantryArray) expected = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (4, 6));

  ck_assert (gantry_initializer_fill (GANTRY_ORTHOGONAL (1), draws, expected, NULL));
  for (guint i = 0; i < 24; i++)
    ck_assert_double_eq (gantry_array_get_double (found, i), gantry_array_get_double (expected, i));
}
END_TEST

START_TEST (dependent_draws)
{
  static const gdouble draws[] = { 0, 0, 1, 2 };
  g_autoptr (GantryArray) from = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (2, 2), draws);
  g_autoptr (GantryArray) to = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (2, 2));
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_initializer_fill (GANTRY_ORTHOGONAL (1), from, to, &error));
  ck_assert_str_eq (error->message, "draws that are linearly dependent cannot be made orthogonal");
  g_clear_error (&error);
  g_clear_pointer (&to, gantry_array_unref);
  to = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (2, 3));
  ck_assert (!gantry_initializer_fill (GANTRY_ORTHOGONAL (1), from, to, &error));
  ck_assert_str_eq (error->message, "draws of [2, 2] for an array of [2, 3]");
}
END_TEST

static const struct {
  GantryInitializer initializer;
  GantryShape shape;
  const gchar *message;
} refusals[] = {
  { { GANTRY_INITIALIZER_ORTHOGONAL, 1, 0 }, { 1, { 5 } }, "variable 'w': orthogonal initial values of [5], at least two axes are needed" },
  { { GANTRY_INITIALIZER_KAIMING_NORMAL, 1, 0 }, { 0, { 0 } }, "variable 'w': fans for initial values of [], at least two axes are needed" },
  { { GANTRY_INITIALIZER_XAVIER_UNIFORM, 1, 0 }, { 1, { 5 } }, "variable 'w': fans for initial values of [5], at least two axes are needed" },
  { { GANTRY_INITIALIZER_TRUNCATED_NORMAL, 1, 0 }, { 1, { 5 } },
    "variable 'w': a normal truncated at 0 standard deviations, more than 0 are needed" },
  { { GANTRY_INITIALIZER_NORMAL, NAN, 1 }, { 1, { 5 } }, "variable 'w': no initializer of kind 1 with nan and 1" },
  { { GANTRY_INITIALIZER_ORTHOGONAL + 1, 1, 1 }, { 2, { 5, 5 } }, "variable 'w': no initializer of kind 10 with 1 and 1" },
};

START_TEST (refusal)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autofree gchar *message = NULL;

  gantry_graph_variable (graph, "w", &refusals[_i].shape, GANTRY_FLOAT64, &refusals[_i].initializer, TRUE);
  message = model_finish (graph);
  ck_assert_str_eq (message, refusals[_i].message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("initializer");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, orthogonal);
  tcase_add_test (tests, orthogonal_by_hand);
  tcase_add_loop_test (tests, spread, 0, G_N_ELEMENTS (spreads));
  tcase_add_test (tests, truncated_quantiles);
  tcase_add_test (tests, draws_of_a_state);
  tcase_add_test (tests, dependent_draws);
  tcase_add_loop_test (tests, refusal, 0, G_N_ELEMENTS (refusals));
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
