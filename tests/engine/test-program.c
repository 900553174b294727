/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiling and running: inputs, outputs, state, errors. */
#include <math.h>
#include <string.h>

#include "engine/engine-fixture.h"

START_TEST (test_runs)
{
  g_autoptr(GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr(GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT64);
  GantryVariable *weight = gantry_graph_variable (graph, "weight", GANTRY_SHAPE (3, 2), GANTRY_FLOAT64, GANTRY_CONSTANT (2), TRUE);
  GantryTensor *y = gantry_matmul (x, gantry_graph_read (graph, weight));
  GantryTensor *loss = gantry_mean (gantry_square (y));
  g_autoptr(GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", y);
  gantry_graph_output (graph, "loss", loss);
  gantry_graph_output (graph, "gradient", gantry_gradient (loss, gantry_graph_read (graph, weight)));
  program = fixture_compile (graph, state);
  fixture_bind_ramp (program, "x", 1, 1);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "y", 0), 12);
  ck_assert_double_eq (fixture_output (program, "y", 3), 30);
  ck_assert_double_eq_tol (fixture_output (program, "loss", 0), (144 + 900) / 2., 1e-12);
  /* d/dw = x^T y / 2 */
  ck_assert_double_eq_tol (fixture_output (program, "gradient", 0), (1 * 12 + 4 * 30) / 2., 1e-12);
  ck_assert_double_eq_tol (fixture_output (program, "gradient", 5), (3 * 12 + 6 * 30) / 2., 1e-12);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("program");
  TCase *tcase = tcase_create ("program");

  tcase_add_test (tcase, test_runs);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
