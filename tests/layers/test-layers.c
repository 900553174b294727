/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layers against small cases computed by hand, and the three modes. */
#include "layers/model.h"

#include <math.h>

static GantryTensor *
feed (GantryGraph *graph, const gchar *name, const GantryShape *shape)
{
  return gantry_graph_feed (graph, name, shape, GANTRY_FLOAT64);
}

START_TEST (linear)
{
  static const gdouble x[] = { 1, 2, -1, 3 }, w[] = { 1, 0, 2, 1, -1, 1 }, b[] = { 0.5, 0, -1 };
  static const gdouble y[] = { 1.5, 4, 0, -0.5, 1, 3 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", gantry_layer_linear (feed (graph, "x", GANTRY_SHAPE (2, 2)), "fc", 3, NULL));
  program = model_compile (graph, state);
  for (guint i = 0; i < 6; i++)
    ck_assert_double_lt (fabs (model_get (state, "fc.weight", i)), sqrt (0.5));
  model_set (state, "fc.weight", w);
  model_set (state, "fc.bias", b);
  model_bind (program, "x", x);
  model_run (program);
  for (guint i = 0; i < 6; i++)
    assert_near (model_output (program, "y", i), y[i], 1e-14);
}
END_TEST

/* x [1, 1, 3, 3] from 1 to 9; the kernel 2x2 from 1 to 4. */
static const gdouble nine[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static const gdouble four[] = { 1, 2, 3, 4 };
static const gdouble half[] = { 0.5 };

START_TEST (conv2d)
{
  static const gdouble y[] = { 4.5, 18.5, 36.5, 77.5 }; /* stride 2, padding 1 */
  const GantryConvolution geometry = { .stride = { 2, 2 }, .padding = { 1, 1 } };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", gantry_layer_conv2d (feed (graph, "x", GANTRY_SHAPE (1, 1, 3, 3)), "c", 1, 2, &geometry, NULL));
  program = model_compile (graph, state);
  model_set (state, "c.weight", four);
  model_set (state, "c.bias", half);
  model_bind (program, "x", nine);
  model_run (program);
  for (guint i = 0; i < 4; i++)
    assert_near (model_output (program, "y", i), y[i], 1e-14);
}
END_TEST

START_TEST (conv_transpose2d)
{
  /* Each input number paints a kernel: with stride 2 they do not overlap. */
  static const gdouble y[] = { 1.5, 2.5, 2.5, 4.5, 3.5, 4.5, 6.5, 8.5, 3.5, 6.5, 4.5, 8.5, 9.5, 12.5, 12.5, 16.5 };
  const GantryConvolution geometry = { .stride = { 2, 2 } };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *x = feed (graph, "x", GANTRY_SHAPE (1, 1, 2, 2));

  gantry_graph_output (graph, "y", gantry_layer_conv_transpose2d (x, "c", 1, 2, &geometry, NULL));
  program = model_compile (graph, state);
  model_set (state, "c.weight", four);
  model_set (state, "c.bias", half);
  model_bind (program, "x", four);
  model_run (program);
  for (guint i = 0; i < 16; i++)
    assert_near (model_output (program, "y", i), y[i], 1e-14);
}
END_TEST

/* [3, 2]: channel 0 has mean 2 and biased variance 2/3, channel 1 mean 20 and 800/3. */
static const gdouble columns[] = { 1, 0, 2, 20, 3, 40 };

static GantryProgram *
compile_batch_norm (GantryState *state, GantryMode mode)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);

  gantry_graph_push_mode (graph, mode);
  gantry_graph_output (graph, "y", gantry_layer_batch_norm (feed (graph, "x", GANTRY_SHAPE (3, 2)), "bn", NULL));
  gantry_graph_pop_mode (graph);
  return model_compile (graph, state);
}

static void
check_batch_statistics (GantryProgram *program)
{
  assert_near (model_output (program, "y", 0), 3 * -1 / sqrt (2.0 / 3 + 1e-5) + 1, 1e-13);
  assert_near (model_output (program, "y", 3), 0.0 - 1, 1e-13);
  assert_near (model_output (program, "y", 5), 2 * 20 / sqrt (800.0 / 3 + 1e-5) - 1, 1e-13);
}

START_TEST (batch_norm_modes)
{
  static const gdouble weight[] = { 3, 2 }, bias[] = { 1, -1 };
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) train = compile_batch_norm (state, GANTRY_MODE_TRAIN);
  g_autoptr (GantryProgram) frozen = compile_batch_norm (state, GANTRY_MODE_FROZEN);
  g_autoptr (GantryProgram) evaluate = compile_batch_norm (state, GANTRY_MODE_EVALUATE);

  model_set (state, "bn.weight", weight);
  model_set (state, "bn.bias", bias);
  model_bind (train, "x", columns);
  model_bind (frozen, "x", columns);
  model_bind (evaluate, "x", columns);

  model_run (frozen);
  check_batch_statistics (frozen);
  ck_assert_double_eq (model_get (state, "bn.running_mean", 0), 0);
  ck_assert_double_eq (model_get (state, "bn.running_var", 1), 1);
  ck_assert_double_eq (model_get (state, "bn.num_batches_tracked", 0), 0);

  model_run (train);
  check_batch_statistics (train);
  assert_near (model_get (state, "bn.running_mean", 0), 0.1 * 2, 1e-14);
  assert_near (model_get (state, "bn.running_mean", 1), 0.1 * 20, 1e-14);
  assert_near (model_get (state, "bn.running_var", 0), 0.9 + 0.1 * 1, 1e-14);
  assert_near (model_get (state, "bn.running_var", 1), 0.9 + 0.1 * 400, 1e-14);
  ck_assert_double_eq (model_get (state, "bn.num_batches_tracked", 0), 1);

  model_run (evaluate);
  assert_near (model_output (evaluate, "y", 0), 3 * (1 - 0.2) / sqrt (1 + 1e-5) + 1, 1e-13);
  assert_near (model_output (evaluate, "y", 5), 2 * (40 - 2) / sqrt (40.9 + 1e-5) - 1, 1e-13);
  assert_near (model_get (state, "bn.running_mean", 0), 0.2, 1e-14);
  ck_assert_double_eq (model_get (state, "bn.num_batches_tracked", 0), 1);
}
END_TEST

START_TEST (batch_norm_twice)
{
  static const gdouble same[] = { 4, 4, 4, 6, 6, 6 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  /* Two applications in one graph: the second moves what the first has left. */
  gantry_graph_output (graph, "a", gantry_layer_batch_norm (feed (graph, "a", GANTRY_SHAPE (3, 2)), "bn", NULL));
  gantry_graph_output (graph, "b", gantry_layer_batch_norm (feed (graph, "b", GANTRY_SHAPE (3, 2)), "bn", NULL));
  program = model_compile (graph, state);
  model_bind (program, "a", columns);
  model_bind (program, "b", same);
  model_run (program);
  assert_near (model_get (state, "bn.running_mean", 0), 0.9 * 0.2 + 0.1 * (14.0 / 3), 1e-14);
  ck_assert_double_eq (model_get (state, "bn.num_batches_tracked", 0), 2);
}
END_TEST

/* In float32 too a constant channel is centred to nothing, whatever the size of the batch. */
START_TEST (batch_norm_constant)
{
  static const gchar *const backends[] = { "reference", "openblas" };
  static const gsize sizes[] = { 1, 2, 4, 7 };
  gdouble sevens[7 * 3 * 6 * 5];

  for (guint i = 0; i < G_N_ELEMENTS (sevens); i++)
    sevens[i] = 7;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      g_autoptr (GantryState) state = gantry_state_new (1);
      g_autoptr (GantryProgram) program = NULL;
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (sizes[i], 3, 6, 5), GANTRY_FLOAT32);

      gantry_graph_output (graph, "y", gantry_layer_batch_norm (x, "bn", NULL));
      program = model_compile_for (graph, state, backends[_i]);
      model_bind (program, "x", sevens);
      model_run (program);
      ck_assert_double_eq (model_output (program, "y", 0), 0);
    }
}
END_TEST

/* Central differences of sum |g|^2, g the gradient of a nonlinear sum over the layer's output. */
START_TEST (batch_norm_second_order)
{
  static const gdouble x[] = { 0.3, -1, 0.7, 2, -0.2, 0.5, 1.1, -0.4 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *input = feed (graph, "x", GANTRY_SHAPE (4, 2));
  GantryTensor *y = gantry_layer_batch_norm (input, "bn", NULL);
  GantryTensor *slope = gantry_gradient (gantry_sum (gantry_tanh (gantry_add (y, gantry_square (y)))), input);
  GantryTensor *penalty = gantry_sum (gantry_square (slope));
  const gdouble h = 1e-6;

  gantry_graph_output (graph, "penalty", penalty);
  gantry_graph_output (graph, "gradient", gantry_gradient (penalty, input));
  program = model_compile (graph, state);
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    {
      gdouble moved[G_N_ELEMENTS (x)], above, below, exact;

      memcpy (moved, x, sizeof x);
      moved[i] = x[i] + h;
      model_bind (program, "x", moved);
      model_run (program);
      above = model_output (program, "penalty", 0);
      moved[i] = x[i] - h;
      model_bind (program, "x", moved);
      model_run (program);
      below = model_output (program, "penalty", 0);
      model_bind (program, "x", x);
      model_run (program);
      exact = model_output (program, "gradient", i);
      assert_near (exact, (above - below) / (2 * h), 1e-6);
    }
}
END_TEST

/* sigma estimates and reads of one application; the weight [2, 3] has singular values 3 and 2. */
static GantryProgram *
compile_spectral_norm (GantryState *state, GantryMode mode)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryVariable *variable = gantry_graph_variable (graph, "weight_orig", GANTRY_SHAPE (2, 3), GANTRY_FLOAT64, NULL, TRUE);
  GantryTensor *weight = gantry_graph_read (graph, variable);
  GantryTensor *sigma, *normalised;

  gantry_graph_push_mode (graph, mode);
  normalised = gantry_spectral_norm (weight, NULL, &sigma);
  gantry_graph_pop_mode (graph);
  gantry_graph_output (graph, "sigma", sigma);
  gantry_graph_output (graph, "weight", normalised);
  gantry_graph_output (graph, "gradient", gantry_gradient (sigma, weight));
  return model_compile (graph, state);
}

START_TEST (spectral_norm)
{
  static const gdouble weight[] = { 0, 3, 0, 2, 0, 0 };
  g_autoptr (GantryState) state = gantry_state_new (7);
  g_autoptr (GantryProgram) train = compile_spectral_norm (state, GANTRY_MODE_TRAIN);
  g_autoptr (GantryProgram) frozen = compile_spectral_norm (state, GANTRY_MODE_FROZEN);
  gdouble u;

  assert_near (hypot (model_get (state, "weight_u", 0), model_get (state, "weight_u", 1)), 1, 1e-12);
  model_set (state, "weight_orig", weight);
  u = model_get (state, "weight_u", 0);
  model_run (frozen);
  ck_assert_double_eq (model_get (state, "weight_u", 0), u);
  for (guint i = 0; i < 60; i++)
    model_run (train);
  ck_assert_double_ne (model_get (state, "weight_u", 0), u);
  assert_near (model_output (train, "sigma", 0), 3, 1e-12);
  assert_near (model_output (train, "weight", 3), 2.0 / 3, 1e-12);
  assert_near (fabs (model_get (state, "weight_v", 1)), 1, 1e-12);
  /* d sigma / d W = u v^T, with u and v constant. */
  assert_near (model_output (train, "gradient", 1), 1, 1e-12);
  assert_near (model_output (train, "gradient", 0), 0, 1e-9);
  model_run (frozen);
  assert_near (model_output (frozen, "sigma", 0), 3, 1e-12);
}
END_TEST

START_TEST (spectral_norm_axis)
{
  /* [2, 3, 1, 1] with outputs on axis 1: the matrix is 3 x 2. */
  static const gdouble weight[] = { 0, 3, 0, 2, 0, 0 };
  const GantrySpectralNormOptions options = { .dim = 1, .power_iterations = 80 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (7);
  g_autoptr (GantryProgram) program = NULL;
  GantryVariable *variable = gantry_graph_variable (graph, "weight_orig", GANTRY_SHAPE (2, 3, 1, 1), GANTRY_FLOAT64, NULL, TRUE);
  GantryTensor *sigma;

  gantry_spectral_norm (gantry_graph_read (graph, variable), &options, &sigma);
  gantry_graph_output (graph, "sigma", sigma);
  program = model_compile (graph, state);
  ck_assert_uint_eq (gantry_array_get_size (gantry_state_get (state, "weight_u")), 3);
  ck_assert_uint_eq (gantry_array_get_size (gantry_state_get (state, "weight_v")), 2);
  model_set (state, "weight_orig", weight);
  model_run (program);
  assert_near (model_output (program, "sigma", 0), 3, 1e-12);
}
END_TEST

static const struct {
  GantryShape shape;
  const gchar *message;
} refusals[] = {
  { { 1, { 4 } }, "a: linear: [4] to 5 features: expected [batch, ..., features] and at least 1" },
  { { 3, { 2, 3, 4 } }, "b: conv2d: [2, 3, 4], expected [batch, channels, height, width]" },
  { { 3, { 2, 3, 4 } }, "c: conv_transpose2d: [2, 3, 4], expected [batch, channels, height, width]" },
  { { 1, { 2 } }, "d: batch-norm: [2], expected [batch, channels, ...]" },
  { { 2, { 1, 6 } }, "d: batch-norm: [1, 6] has one value a channel: statistics need two" },
  { { 1, { 2 } }, "spectral-norm: [2] with outputs on axis 0, expected at least two axes and one of them" },
};

START_TEST (refusal)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = feed (graph, "x", &refusals[_i].shape);
  g_autofree gchar *message = NULL;
  GantryTensor *y = NULL;

  switch (refusals[_i].message[0])
    {
    case 'a':
      y = gantry_layer_linear (x, "a", 5, NULL);
      break;
    case 'b':
      y = gantry_layer_conv2d (x, "b", 5, 3, NULL, NULL);
      break;
    case 'c':
      y = gantry_layer_conv_transpose2d (x, "c", 5, 3, NULL, NULL);
      break;
    case 'd':
      y = gantry_layer_batch_norm (x, "d", NULL);
      break;
    default:
      y = gantry_spectral_norm (x, NULL, NULL);
    }
  ck_assert_ptr_nonnull (y);
  ck_assert (gantry_tensor_is_poisoned (y));
  message = model_finish (graph);
  ck_assert_str_eq (message, refusals[_i].message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("layers");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, linear);
  tcase_add_test (tests, conv2d);
  tcase_add_test (tests, conv_transpose2d);
  tcase_add_test (tests, batch_norm_modes);
  tcase_add_test (tests, batch_norm_twice);
  tcase_add_loop_test (tests, batch_norm_constant, 0, 2);
  tcase_add_test (tests, batch_norm_second_order);
  tcase_add_test (tests, spectral_norm);
  tcase_add_test (tests, spectral_norm_axis);
  tcase_add_loop_test (tests, refusal, 0, G_N_ELEMENTS (refusals));
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
