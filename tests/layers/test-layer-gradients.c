/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of layer-cases.h: derivatives of both orders by finite differences, and openblas against reference. */
#include "layers/layer-cases.h"

#include <math.h>

static GantryArray *
get (GantryProgram *program, const gchar *letter, guint k)
{
  g_autofree gchar *name = g_strdup_printf ("%s%u", letter, k);

  return gantry_program_get_output (program, name);
}

/* Sums of output @letter k times the direction. */
static gdouble
along (GantryProgram *program, const gchar *letter, guint k, const gdouble *direction)
{
  GantryArray *slope = get (program, letter, k);
  gdouble sum = 0;

  for (gsize i = 0; i < gantry_array_get_size (slope); i++)
    sum += gantry_array_get_double (slope, i) * direction[i];
  return sum;
}

static void
move (GantryArray *array, const GantryArray *start, const gdouble *direction, gdouble step)
{
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, gantry_array_get_double (start, i) + step * direction[i]);
}

static void
check_target (const LayerCase *row, const LayerProblem *problem, GantryProgram *program, GantryState *state, guint draw, guint k)
{
  const gdouble step = 1e-5;
  GantryArray *array = layer_problem_get (problem, program, state, k);
  g_autoptr (GantryArray) start = gantry_array_copy (array);
  g_autoptr (GRand) rand = g_rand_new_with_seed (99 + k);
  g_autofree gdouble *direction = g_new (gdouble, gantry_array_get_size (array));
  gdouble first, second, above[2], below[2];

  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    direction[i] = g_rand_double_range (rand, -1, 1);
  model_run (program);
  first = along (program, "g", k, direction);
  second = along (program, "h", k, direction);
  move (array, start, direction, step);
  model_run (program);
  above[0] = model_output (program, "S", 0);
  above[1] = model_output (program, "P", 0);
  move (array, start, direction, -step);
  model_run (program);
  below[0] = model_output (program, "S", 0);
  below[1] = model_output (program, "P", 0);
  move (array, start, direction, 0);

  above[0] = (above[0] - below[0]) / (2 * step);
  above[1] = (above[1] - below[1]) / (2 * step);
  ck_assert_msg (fabs (first - above[0]) <= 1e-6 * (1 + fabs (first)), "%s, draw %u: dS/d%s is %.9g, differences give %.9g", row->name, draw,
                 problem->names[k], first, above[0]);
  ck_assert_msg (row->first_order || fabs (second - above[1]) <= 1e-6 * (1 + fabs (second)),
                 "%s, draw %u: dP/d%s is %.9g, differences give %.9g", row->name, draw, problem->names[k], second, above[1]);
}

START_TEST (finite_differences)
{
  const LayerCase *row = &layer_cases[_i];

  for (guint draw = 0; draw < LAYER_CASE_DRAWS; draw++)
    {
      g_autoptr (LayerProblem) problem = layer_problem_new (row, draw, GANTRY_FLOAT64);
      g_autoptr (GantryState) state = gantry_state_new (3);
      g_autoptr (GantryProgram) program = model_compile (problem->graph, state);

      layer_problem_fill (problem, program, state);
      for (guint k = 0; k < problem->n; k++)
        check_target (row, problem, program, state, draw, k);
    }
}
END_TEST

static GantryProgram *
run_on (const LayerProblem *problem, GantryState *state, const gchar *backend)
{
  GantryProgram *program = model_compile_for (problem->graph, state, backend);

  layer_problem_fill (problem, program, state);
  model_run (program);
  return program;
}

static void
compare (const gchar *layer, const gchar *name, GantryArray *found, GantryArray *expected, gdouble tolerance)
{
  gdouble largest = 1;

  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    largest = fmax (largest, fabs (gantry_array_get_double (expected, i)));
  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    {
      const gdouble a = gantry_array_get_double (found, i), b = gantry_array_get_double (expected, i);

      ck_assert_msg (fabs (a - b) <= tolerance * largest, "%s: %s[%" G_GSIZE_FORMAT "] is %.12g, on reference %.12g", layer, name, i, a, b);
    }
}

static void
check_parity (const LayerCase *row, guint draw, GantryDType dtype)
{
  g_autoptr (LayerProblem) problem = layer_problem_new (row, draw, dtype);
  g_autoptr (LayerProblem) exact = layer_problem_new (row, draw, GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (3), other = gantry_state_new (3);
  g_autoptr (GantryProgram) expected = run_on (exact, state, "reference");
  g_autoptr (GantryProgram) found = run_on (problem, other, "openblas");
  g_auto (GStrv) outputs = gantry_graph_list_outputs (problem->graph);
  g_auto (GStrv) variables = gantry_state_list (state);
  const gdouble tolerance = dtype == GANTRY_FLOAT32 ? 2e-4 : 1e-11;

  for (guint i = 0; outputs[i] != NULL; i++)
    compare (row->name, outputs[i], gantry_program_get_output (found, outputs[i]), gantry_program_get_output (expected, outputs[i]), tolerance);
  for (guint i = 0; variables[i] != NULL; i++)
    compare (row->name, variables[i], gantry_state_get (other, variables[i]), gantry_state_get (state, variables[i]), tolerance);
}

START_TEST (parity)
{
  for (guint draw = 0; draw < LAYER_CASE_DRAWS; draw++)
    {
      check_parity (&layer_cases[_i], draw, GANTRY_FLOAT64);
      check_parity (&layer_cases[_i], draw, GANTRY_FLOAT32);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("layer-gradients");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, finite_differences, 0, (int) n_layer_cases);
  tcase_add_loop_test (tests, parity, 0, (int) n_layer_cases);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
