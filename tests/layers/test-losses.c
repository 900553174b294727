/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the reference cases say nothing of: swapped labels, two-sided smoothing; settings of optimizers that cannot be. */
#include "layers/model.h"

#include <math.h>

enum { N = 3, PATCH = 2 };

static const gdouble real[N * PATCH] = { 0.5, -1, 2, 0.25, -3, 1 };
static const gdouble fake[N * PATCH] = { -0.5, 1.5, -2, 0.75, 3, -1 };

static gdouble
softplus (gdouble x)
{
  return log1p (exp (x));
}

static gdouble
cross_entropy (gdouble target, gdouble x)
{
  return target * softplus (-x) + (1 - target) * softplus (x);
}

/* The discriminator's loss with a target of its own for each sample. */
static gdouble
by_hand (const gdouble *real_targets, const gdouble *fake_targets)
{
  gdouble sum = 0;

  for (guint i = 0; i < N * PATCH; i++)
    sum += cross_entropy (real_targets[i / PATCH], real[i]) + cross_entropy (fake_targets[i / PATCH], fake[i]);
  return sum / (N * PATCH);
}

static GantryProgram *
compile (GantryLoss *loss)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryLossInput in = { { graph, GANTRY_COMPONENT (loss), NULL }, sizeof in };

  in.real_logits = in.real = gantry_graph_feed (graph, "real", GANTRY_SHAPE (N, PATCH), GANTRY_FLOAT64);
  in.fake_logits = in.fake = gantry_graph_feed (graph, "fake", GANTRY_SHAPE (N, PATCH), GANTRY_FLOAT64);
  gantry_graph_output (graph, "d", gantry_loss_discriminator (loss, &in));
  gantry_graph_output (graph, "g", gantry_loss_generator (loss, &in));
  return model_compile (graph, state);
}

static void
bind (GantryProgram *program)
{
  model_bind (program, "real", real);
  model_bind (program, "fake", fake);
}

static const gchar *const logistic[] = { "non-saturating", "minimax" };

START_TEST (two_sided)
{
  static const gdouble real_targets[N] = { 0.9, 0.9, 0.9 }, fake_targets[N] = { 0.2, 0.2, 0.2 };
  g_autoptr (GantryLoss) loss = model_create ("loss", logistic[_i], "real-target", "0.9", "fake-target", "0.2", NULL);
  g_autoptr (GantryProgram) program = compile (loss);

  bind (program);
  model_run (program);
  assert_near (model_output (program, "d", 0), by_hand (real_targets, fake_targets), 1e-13);
}
END_TEST

/* A number below the probability swaps both kinds of target, for all logits of the sample. */
START_TEST (swapped)
{
  static const gdouble real_draws[N] = { 0.24, 0.25, 0.9 }, fake_draws[N] = { 0.5, 0.1, 0.26 };
  static const gdouble real_targets[N] = { 0.1, 0.8, 0.8 }, fake_targets[N] = { 0.1, 0.8, 0.1 };
  g_autoptr (GantryLoss) loss = model_create ("loss", logistic[_i], "real-target", "0.8", "fake-target", "0.1", "flip", "0.25", NULL);
  g_autoptr (GantryProgram) program = compile (loss);

  bind (program);
  model_bind (program, "flip-real", real_draws);
  model_bind (program, "flip-fake", fake_draws);
  model_run (program);
  assert_near (model_output (program, "d", 0), by_hand (real_targets, fake_targets), 1e-13);
}
END_TEST

START_TEST (never_and_always_swapped)
{
  static const gdouble ones[N] = { 1, 1, 1 }, zeros[N] = { 0 };
  g_autoptr (GantryLoss) never = model_create ("loss", logistic[_i], NULL);
  g_autoptr (GantryLoss) always = model_create ("loss", logistic[_i], "flip", "1", NULL);
  g_autoptr (GantryProgram) plain = compile (never);
  g_autoptr (GantryProgram) swapped = compile (always);

  bind (plain);
  bind (swapped);
  model_run (plain);
  model_run (swapped);
  ck_assert_ptr_null (gantry_program_get_input (plain, "flip-real"));
  assert_near (model_output (plain, "d", 0), by_hand (ones, zeros), 1e-13);
  assert_near (model_output (swapped, "d", 0), by_hand (zeros, ones), 1e-13);
  ck_assert_double_eq (model_output (plain, "g", 0), model_output (swapped, "g", 0));
}
END_TEST

START_TEST (drift)
{
  g_autoptr (GantryLoss) plain = model_create ("loss", "wasserstein", NULL);
  g_autoptr (GantryLoss) kept = model_create ("loss", "wasserstein", "drift", "0.5", NULL);
  g_autoptr (GantryProgram) without = compile (plain);
  g_autoptr (GantryProgram) with = compile (kept);
  gdouble squares = 0;

  bind (without);
  bind (with);
  model_run (without);
  model_run (with);
  for (guint i = 0; i < N * PATCH; i++)
    squares += real[i] * real[i] / (N * PATCH);
  assert_near (model_output (with, "d", 0), model_output (without, "d", 0) + 0.5 * squares, 1e-13);
}
END_TEST

static const gchar *const impossible[][2] = { { "0", "0" }, { "0.9", "0.5" } };

START_TEST (nesterov_wants_momentum)
{
  g_autoptr (GantryOptimizer) sgd =
    model_create ("optimizer", "sgd", "nesterov", "yes", "momentum", impossible[_i][0], "dampening", impossible[_i][1], NULL);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  g_autoptr (GPtrArray) gradients = g_ptr_array_new ();
  g_autofree gchar *message = NULL;

  g_ptr_array_add (variables, gantry_graph_variable (graph, "d.weight", GANTRY_SHAPE (N), GANTRY_FLOAT64, NULL, TRUE));
  g_ptr_array_add (gradients, gantry_graph_feed (graph, "gradient", GANTRY_SHAPE (N), GANTRY_FLOAT64));
  gantry_optimizer_apply (sgd, graph, "discriminator", variables, gradients);
  message = model_finish (graph);
  ck_assert_ptr_nonnull (message);
  ck_assert_msg (strstr (message, "optimizer/sgd: step: nesterov=yes with momentum=") != NULL, "%s", message);
}
END_TEST

/* A gradient that never changes has no deviation: what divides is eps alone, not the root of a negative number. */
START_TEST (centred_without_deviation)
{
  static const gdouble start[N] = { 1, 1, 1 }, gradient[N] = { 0.1, 0.3, 0.7 };
  g_autoptr (GantryOptimizer) rmsprop =
    model_create ("optimizer", "rmsprop", "centered", "yes", "alpha", "0", "eps", "1e-3", "learning-rate", "1e-6", NULL);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  g_autoptr (GPtrArray) gradients = g_ptr_array_new ();

  g_ptr_array_add (variables, gantry_graph_variable (graph, "d.weight", GANTRY_SHAPE (N), GANTRY_FLOAT64, NULL, TRUE));
  g_ptr_array_add (gradients, gantry_graph_feed (graph, "gradient", GANTRY_SHAPE (N), GANTRY_FLOAT64));
  gantry_optimizer_apply (rmsprop, graph, "d", variables, gradients);
  program = model_compile (graph, state);
  model_set (state, "d.weight", start);
  model_bind (program, "gradient", gradient);
  for (guint t = 1; t <= 3; t++)
    {
      model_run (program);
      for (guint i = 0; i < N; i++)
        assert_near (model_get (state, "d.weight", i), 1 - t * 1e-3 * gradient[i], 1e-9);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("losses");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, two_sided, 0, G_N_ELEMENTS (logistic));
  tcase_add_loop_test (tests, swapped, 0, G_N_ELEMENTS (logistic));
  tcase_add_loop_test (tests, never_and_always_swapped, 0, G_N_ELEMENTS (logistic));
  tcase_add_test (tests, drift);
  tcase_add_loop_test (tests, nesterov_wants_momentum, 0, G_N_ELEMENTS (impossible));
  tcase_add_test (tests, centred_without_deviation);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
