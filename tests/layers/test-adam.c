/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adam against its formula in plain C, step after step. */
#include "layers/model.h"

#include <math.h>

enum { N = 3, STEPS = 6 };

static const gdouble start[N] = { 0.5, -1, 2 };

/* The gradient of c p^3 / 3, as the graph below has it. */
static gdouble
slope (gdouble p, gdouble cotangent)
{
  return cotangent * p * p;
}

typedef struct {
  gdouble rate, beta1, beta2, eps, decay;
  gboolean amsgrad;
} Settings;

static void
step_by_hand (const Settings *s, guint t, const gdouble *cotangents, gdouble *p, gdouble *m, gdouble *v, gdouble *most)
{
  for (guint i = 0; i < N; i++)
    {
      const gdouble g = slope (p[i], cotangents[i]) + s->decay * p[i];

      m[i] = s->beta1 * m[i] + (1 - s->beta1) * g;
      v[i] = s->beta2 * v[i] + (1 - s->beta2) * g * g;
      most[i] = MAX (most[i], v[i]);
      p[i] -= s->rate / (1 - pow (s->beta1, t)) * m[i] / (sqrt (s->amsgrad ? most[i] : v[i]) / sqrt (1 - pow (s->beta2, t)) + s->eps);
    }
}

static GantryProgram *
compile (GantryOptimizer *adam, GantryState *state, GantryDType dtype)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  g_autoptr (GPtrArray) gradients = g_ptr_array_new ();
  GantryVariable *variable = gantry_graph_variable (graph, "d.weight", GANTRY_SHAPE (N), dtype, NULL, TRUE);
  GantryTensor *p = gantry_graph_read (graph, variable);
  GantryTensor *cotangent = gantry_graph_feed (graph, "cotangent", GANTRY_SHAPE (N), dtype);
  GantryTensor *objective = gantry_scale (gantry_sum (gantry_mul (cotangent, gantry_mul (p, gantry_square (p)))), 1.0 / 3);

  g_ptr_array_add (variables, variable);
  g_ptr_array_add (gradients, gantry_gradient (objective, p));
  gantry_optimizer_apply (adam, graph, "discriminator", variables, gradients);
  return model_compile (graph, state);
}

static void
check (const Settings *s, GantryOptimizer *adam, GantryDType dtype, gdouble tolerance)
{
  static const gdouble cotangents[STEPS][N] = { { 1, 0.1, -2 }, { 0, 0.3, 5 }, { -3, 1, 0 }, { 1, 1, 1 }, { 0, 0, 0 }, { 2, -1, 0.01 } };
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (adam, state, dtype);
  gdouble p[N], m[N] = { 0 }, v[N] = { 0 }, most[N] = { 0 };

  memcpy (p, start, sizeof p);
  model_set (state, "d.weight", start);
  for (guint t = 1; t <= STEPS; t++)
    {
      step_by_hand (s, t, cotangents[t - 1], p, m, v, most);
      model_bind (program, "cotangent", cotangents[t - 1]);
      model_run (program);
      for (guint i = 0; i < N; i++)
        {
          assert_near (model_get (state, "d.weight", i), p[i], tolerance);
          assert_near (model_get (state, "optimizer.discriminator.m.d.weight", i), m[i], tolerance);
          assert_near (model_get (state, "optimizer.discriminator.v.d.weight", i), v[i], tolerance);
          if (s->amsgrad)
            assert_near (model_get (state, "optimizer.discriminator.v_max.d.weight", i), most[i], tolerance);
        }
      ck_assert_double_eq (model_get (state, "optimizer.discriminator.step", 0), t);
    }
  ck_assert (s->amsgrad == (gantry_state_get (state, "optimizer.discriminator.v_max.d.weight") != NULL));
}

START_TEST (published_defaults)
{
  const Settings settings = { 1e-3, 0.9, 0.999, 1e-8, 0, FALSE };
  g_autoptr (GantryOptimizer) adam = model_create ("optimizer", "adam", NULL);

  check (&settings, adam, GANTRY_FLOAT64, 1e-13);
  check (&settings, adam, GANTRY_FLOAT32, 1e-6);
}
END_TEST

START_TEST (no_momentum)
{
  const Settings settings = { 0.01, 0, 0.99, 1e-6, 0, FALSE };
  g_autoptr (GantryOptimizer) adam =
    model_create ("optimizer", "adam", "learning-rate", "0.01", "beta1", "0", "beta2", "0.99", "eps", "1e-6", NULL);

  check (&settings, adam, GANTRY_FLOAT64, 1e-13);
}
END_TEST

START_TEST (amsgrad_and_decay)
{
  const Settings settings = { 0.002, 0.5, 0.9, 1e-8, 0.1, TRUE };
  g_autoptr (GantryOptimizer) adam = model_create ("optimizer", "adam", "learning-rate", "0.002", "beta1", "0.5", "beta2", "0.9",
                                                   "weight-decay", "0.1", "amsgrad", "yes", NULL);

  check (&settings, adam, GANTRY_FLOAT64, 1e-13);
}
END_TEST

START_TEST (rate_moves)
{
  static const gdouble ones[N] = { 1, 1, 1 };
  g_autoptr (GantryOptimizer) adam = model_create ("optimizer", "adam", "beta1", "0", "beta2", "0", "eps", "0", NULL);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (adam, state, GANTRY_FLOAT64);

  model_set (state, "d.weight", ones);
  model_bind (program, "cotangent", ones);
  model_run (program);
  assert_near (model_get (state, "d.weight", 0), 1 - 1e-3, 1e-14);
  g_object_set (adam, "learning-rate", 0.5, NULL);
  model_run (program);
  assert_near (model_get (state, "d.weight", 0), 1 - 1e-3 - 0.5, 1e-14);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("adam");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, published_defaults);
  tcase_add_test (tests, no_momentum);
  tcase_add_test (tests, amsgrad_and_decay);
  tcase_add_test (tests, rate_moves);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
