/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gradient penalty of a quadratic critic against its formula in plain C, and what it leaves alone. */
#include "layers/model.h"

#include <math.h>

enum { N = 3 };

static const gdouble real[N] = { 1, -2, 0.5 }, fake[N] = { -1, 0.25, 3 }, epsilon[N] = { 0.25, 0, 0.875 };
/* D(x) = x - 0.5 x^2 + 3 */
static const gdouble powers[] = { 1, -0.5 }, offset[] = { 3 };

static GantryNetwork *
make_critic (const gchar *layers, const gchar *normalization)
{
  g_autoptr (GantryArchitecture) architecture =
    model_create ("architecture", "mlp", "layers", layers, "width", "4", "powers", "2", "normalization", normalization, NULL);
  g_autoptr (GError) error = NULL;
  GantryNetwork *network = gantry_network_new ("critic", "discriminator", architecture, GANTRY_SHAPE (1), &error);

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  return network;
}

static GantryTensors *
judge (GantryNetwork *critic, GantryTensor *x)
{
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, "point", x);
  return gantry_network_apply (critic, gantry_tensor_get_graph (x), inputs, GANTRY_MODE_TRAIN);
}

/* The penalty over a match, as a player's objective has it. */
static GantryTensor *
describe (GantryGraph *graph, GantryRegularizer *regularizer, GantryNetwork *critic, GantrySide side)
{
  g_autoptr (GPtrArray) regularizers = g_ptr_array_new ();
  g_autoptr (GPtrArray) matches = g_ptr_array_new ();
  g_autoptr (GantryTensors) terms = gantry_tensors_new ();
  GantryMatch match = { .size = sizeof match, .name = "main", .critic = critic };
  g_autoptr (GantryTensors) real_outputs = NULL;
  g_autoptr (GantryTensors) fake_outputs = NULL;

  match.real = gantry_graph_feed (graph, "real", GANTRY_SHAPE (N, 1), GANTRY_FLOAT64);
  match.fake = gantry_graph_feed (graph, "fake", GANTRY_SHAPE (N, 1), GANTRY_FLOAT64);
  match.real_outputs = real_outputs = judge (critic, match.real);
  match.fake_outputs = fake_outputs = judge (critic, match.fake);
  g_ptr_array_add (regularizers, regularizer);
  g_ptr_array_add (matches, &match);
  return gantry_objective_build (graph, side, NULL, regularizers, matches, terms);
}

static const struct {
  const gchar *properties[9];
  gdouble lambda, target;
  gboolean one_sided, fake_weighs, takes_max, divides;
} variants[] = {
  { { NULL }, 10, 1, FALSE, FALSE, FALSE, FALSE },
  { { "weighs", "fake", NULL }, 10, 1, FALSE, TRUE, FALSE, FALSE },
  { { "one-sided", "yes", NULL }, 10, 1, TRUE, FALSE, FALSE, FALSE },
  { { "target", "0", "lambda", "2", NULL }, 2, 0, FALSE, FALSE, FALSE, FALSE },
  { { "reduction", "max", NULL }, 10, 1, FALSE, FALSE, TRUE, FALSE },
  { { "target", "4", "divide-by-target-squared", "yes", NULL }, 10, 4, FALSE, FALSE, FALSE, TRUE },
};

static gdouble
by_hand (guint v)
{
  gdouble sum = 0, most = 0, penalty;

  for (guint i = 0; i < N; i++)
    {
      const gdouble e = variants[v].fake_weighs ? 1 - epsilon[i] : epsilon[i];
      const gdouble x = e * real[i] + (1 - e) * fake[i];
      gdouble excess = fabs (powers[0] + 2 * powers[1] * x) - variants[v].target;

      if (variants[v].one_sided)
        excess = MAX (excess, 0);
      sum += excess * excess;
      most = MAX (most, excess * excess);
    }
  penalty = variants[v].lambda * (variants[v].takes_max ? most : sum / N);
  return variants[v].divides ? penalty / (variants[v].target * variants[v].target) : penalty;
}

START_TEST (formula)
{
  const gchar *const *p = variants[_i].properties;
  g_autoptr (GantryRegularizer) regularizer = model_create ("regularizer", "gradient-penalty", p[0], p[1], p[2], p[3], p[4], NULL);
  g_autoptr (GantryNetwork) critic = make_critic ("0", "none");
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "penalty", describe (graph, regularizer, critic, GANTRY_SIDE_DISCRIMINATOR));
  program = model_compile (graph, state);
  model_set (state, "critic.main.0.weight", powers);
  model_set (state, "critic.main.0.bias", offset);
  model_bind (program, "real", real);
  model_bind (program, "fake", fake);
  model_bind (program, "regularizer.gradient-penalty.epsilon", epsilon);
  model_run (program);
  assert_near (model_output (program, "penalty", 0), by_hand (_i), 1e-13);
}
END_TEST

/* The critic's statistics have seen the real and the generated samples, not the points between. */
START_TEST (state_is_left_alone)
{
  g_autoptr (GantryRegularizer) regularizer = model_create ("regularizer", "gradient-penalty", NULL);
  g_autoptr (GantryNetwork) critic = make_critic ("2", "batch");
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "penalty", describe (graph, regularizer, critic, GANTRY_SIDE_DISCRIMINATOR));
  program = model_compile (graph, state);
  model_bind (program, "real", real);
  model_bind (program, "fake", fake);
  model_run (program);
  ck_assert_double_eq (model_get (state, "critic.main.3.num_batches_tracked", 0), 2);
  ck_assert_double_gt (model_output (program, "penalty", 0), 0);
}
END_TEST

START_TEST (not_for_the_generator)
{
  static const gchar *const plugins[] = { "gradient-penalty", "weight-clip" };
  g_autoptr (GantryRegularizer) regularizer = model_create ("regularizer", plugins[_i], NULL);
  g_autoptr (GantryNetwork) critic = make_critic ("0", "none");
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autofree gchar *message = NULL;

  describe (graph, regularizer, critic, GANTRY_SIDE_GENERATOR);
  message = model_finish (graph);
  ck_assert_str_eq (message, "no loss and no regularizer gives the generator's side anything to minimise");
}
END_TEST

START_TEST (target_that_divides)
{
  g_autoptr (GantryRegularizer) regularizer =
    model_create ("regularizer", "gradient-penalty", "target", "0", "divide-by-target-squared", "yes", NULL);
  g_autoptr (GantryNetwork) critic = make_critic ("0", "none");
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autofree gchar *message = NULL;

  describe (graph, regularizer, critic, GANTRY_SIDE_DISCRIMINATOR);
  message = model_finish (graph);
  ck_assert_ptr_nonnull (message);
  ck_assert_msg (strstr (message, "regularizer/gradient-penalty: penalty: divide-by-target-squared=yes with target=0") != NULL, "%s", message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("regularizers");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, formula, 0, G_N_ELEMENTS (variants));
  tcase_add_test (tests, state_is_left_alone);
  tcase_add_loop_test (tests, not_for_the_generator, 0, 2);
  tcase_add_test (tests, target_that_divides);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
