/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What layers do to their weights, and embeddings: by hand, in the three modes, names, and what they refuse. */
#include "layers/model.h"

#include <math.h>

static GantryTensor *
feed (GantryGraph *graph, const gchar *name, const GantryShape *shape)
{
  return gantry_graph_feed (graph, name, shape, gantry_graph_get_dtype (graph));
}

static GantryProgram *
compile_linear (GantryState *state, GantryMode mode, guint applications, const GantryLayerOptions *options)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);

  gantry_graph_push_mode (graph, mode);
  for (guint i = 0; i < applications; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("y%u", i);

      gantry_graph_output (graph, name, gantry_layer_linear (feed (graph, "x", GANTRY_SHAPE (3, 3)), "fc", 2, options));
    }
  gantry_graph_pop_mode (graph);
  return model_compile (graph, state);
}

static const gdouble identity[] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 }; /* so that the output is the transposed weight */
static const gdouble diagonal[] = { 3, 0, 0, 0, 2, 0 };          /* [2, 3] with singular values 3 and 2 */

/* One step of the power iteration on the diagonal weight, from u = (u0, u1) / |u|. */
static void
iterate (gdouble *u0, gdouble *u1)
{
  const gdouble a = 9 * *u0, b = 4 * *u1;

  *u0 = a / hypot (a, b);
  *u1 = b / hypot (a, b);
}

/* SNGAN applies its discriminator twice a step, to real and fake samples, BigGAN once to both: as many iterations follow. */
START_TEST (iterations_follow_applications)
{
  static const struct {
    guint applications, power_iterations, expected;
  } rows[] = { { 1, 0, 1 }, { 2, 0, 2 }, { 1, 3, 3 }, { 2, 2, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_SPECTRAL, .power_iterations = rows[i].power_iterations };
      g_autoptr (GantryState) state = gantry_state_new (5);
      g_autoptr (GantryProgram) program = compile_linear (state, GANTRY_MODE_TRAIN, rows[i].applications, &options);
      gdouble u0 = model_get (state, "fc.weight_u", 0), u1 = model_get (state, "fc.weight_u", 1);

      model_set (state, "fc.weight_orig", diagonal);
      model_bind (program, "x", identity);
      model_run (program);
      for (guint k = 0; k < rows[i].expected; k++)
        iterate (&u0, &u1);
      assert_near (model_get (state, "fc.weight_u", 0), u0, 1e-13);
      assert_near (model_get (state, "fc.weight_u", 1), u1, 1e-13);
    }
}
END_TEST

/* It iterates in every mode, and stores when training. */
START_TEST (spectral_norm_of_biggan)
{
  static const gdouble start[] = { 1, 1 };

  for (guint mode = GANTRY_MODE_TRAIN; mode <= GANTRY_MODE_EVALUATE; mode++)
    {
      const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_SPECTRAL_BIGGAN };
      g_autoptr (GantryState) state = gantry_state_new (5);
      g_autoptr (GantryProgram) program = compile_linear (state, mode, 1, &options);
      const gboolean trains = mode == GANTRY_MODE_TRAIN;
      gdouble u0 = 1, u1 = 1, v0 = 3 / hypot (3, 2), v1 = 2 / hypot (3, 2), sigma;

      ck_assert_uint_eq (gantry_array_get_shape (gantry_state_get (state, "fc.u0"))->n_dims, 2);
      ck_assert_double_eq (model_get (state, "fc.sv0", 0), 1);
      model_set (state, "fc.weight", diagonal);
      model_set (state, "fc.u0", start);
      model_bind (program, "x", identity);
      model_run (program);
      iterate (&u0, &u1);
      sigma = u0 * 3 * v0 + u1 * 2 * v1;
      assert_near (model_output (program, "y0", 0), 3 / sigma, 1e-13);
      assert_near (model_get (state, "fc.u0", 0), trains ? u0 : 1, 1e-13);
      assert_near (model_get (state, "fc.sv0", 0), trains ? sigma : 1, 1e-13);
    }
}
END_TEST

START_TEST (weight_norm)
{
  static const gdouble direction[] = { 3, 0, 4, 0, 2, 0 }, length[] = { 10, -1 };
  static const gdouble expected[] = { 6, 0, 0, -1, 8, 0 };
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_NORM };
  g_autoptr (GantryState) state = gantry_state_new (5);
  g_autoptr (GantryProgram) program = compile_linear (state, GANTRY_MODE_TRAIN, 1, &options);

  /* U(-1/sqrt(3), 1/sqrt(3)) has the variance 1/9: three of them the mean square length 1/3. */
  assert_near (model_get (state, "fc.weight_g", 1), sqrt (1.0 / 3), 1e-14);
  ck_assert (gantry_state_is_trainable (state, "fc.weight_g") && gantry_state_is_trainable (state, "fc.weight_v"));
  model_set (state, "fc.weight_v", direction);
  model_set (state, "fc.weight_g", length);
  model_bind (program, "x", identity);
  model_run (program);
  for (guint i = 0; i < 6; i++)
    assert_near (model_output (program, "y0", i), expected[i], 1e-14);
}
END_TEST

/* The length that a weight starts with is the root of its mean square length, whatever the initialiser. */
START_TEST (weight_norm_start)
{
  static const GantryInitializer initializers[] = {
    { GANTRY_INITIALIZER_NORMAL, 0.5, 2 },          { GANTRY_INITIALIZER_UNIFORM, -1, 3 },
    { GANTRY_INITIALIZER_UNIT_VECTOR, 0, 0 },       { GANTRY_INITIALIZER_TRUNCATED_NORMAL, 0.5, 1.2 },
    { GANTRY_INITIALIZER_XAVIER_UNIFORM, 2, 0 },    { GANTRY_INITIALIZER_XAVIER_NORMAL, 2, 0 },
    { GANTRY_INITIALIZER_KAIMING_UNIFORM, 2, 0 },   { GANTRY_INITIALIZER_KAIMING_NORMAL, 2, GANTRY_FAN_OUT },
    { GANTRY_INITIALIZER_ORTHOGONAL, 3, 0 },        { GANTRY_INITIALIZER_CONSTANT, 0.25, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (initializers); i++)
    {
      const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_NORM, .weight_initializer = &initializers[i] };
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      g_autoptr (GantryState) state = gantry_state_new (5);
      g_autoptr (GantryProgram) program = NULL;
      gdouble squares = 0, start;

      gantry_graph_output (graph, "y", gantry_layer_linear (feed (graph, "x", GANTRY_SHAPE (1, 200)), "fc", 60, &options));
      program = model_compile (graph, state);
      for (guint k = 0; k < 60 * 200; k++)
        squares += model_get (state, "fc.weight_v", k) * model_get (state, "fc.weight_v", k) / 60;
      start = model_get (state, "fc.weight_g", 7);
      ck_assert_msg (fabs (start / sqrt (squares) - 1) < 0.02, "initialiser %u: %g for %g", i, start, sqrt (squares));
    }
}
END_TEST

START_TEST (weight_standardization)
{
  static const gdouble weight[] = { 1, 2, 6, 7, 7, 7 }; /* mean 3, unbiased deviation sqrt (7); all equal */
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_STANDARDIZED };
  g_autoptr (GantryState) state = gantry_state_new (5);
  g_autoptr (GantryProgram) program = compile_linear (state, GANTRY_MODE_TRAIN, 1, &options);

  model_set (state, "fc.weight", weight);
  model_bind (program, "x", identity);
  model_run (program);
  for (guint i = 0; i < 3; i++)
    {
      assert_near (model_output (program, "y0", 2 * i), (weight[i] - 3) / (sqrt (7) + 1e-5), 1e-14);
      ck_assert_double_eq (model_output (program, "y0", 2 * i + 1), 0);
    }
}
END_TEST

/* Equal weights: a deviation of 0, and no derivative that is not a number. */
START_TEST (standardization_of_equal_weights)
{
  static const gdouble equal[] = { 7, 7, 7, 7, 7, 7 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (5);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *weight = feed (graph, "w", GANTRY_SHAPE (2, 3));
  GantryTensor *y = gantry_weight_standardize (weight, 0, 0.5);

  gantry_graph_output (graph, "g", gantry_gradient (gantry_sum (gantry_slice (y, 1, 0, 1)), weight));
  program = model_compile (graph, state);
  model_bind (program, "w", equal);
  model_run (program);
  assert_near (model_output (program, "g", 0), 2 * (1 - 1.0 / 3), 1e-14);
  assert_near (model_output (program, "g", 4), 2 * (0 - 1.0 / 3), 1e-14);
}
END_TEST

START_TEST (factors)
{
  static const gdouble bias[] = { 5, -7 };
  const GantryLayerOptions options = { .bias = TRUE, .weight_factor = 0.5, .bias_factor = 0.1 };
  g_autoptr (GantryState) state = gantry_state_new (5);
  g_autoptr (GantryProgram) program = compile_linear (state, GANTRY_MODE_TRAIN, 1, &options);

  model_set (state, "fc.weight", diagonal);
  model_set (state, "fc.bias", bias);
  model_bind (program, "x", identity);
  model_run (program);
  assert_near (model_output (program, "y0", 0), 1.5 + 0.5, 1e-14);
  assert_near (model_output (program, "y0", 1), -0.7, 1e-14);
}
END_TEST

START_TEST (embedding)
{
  static const gdouble rows[] = { 1, 2, 3, 4, 5, 6 }, index[] = { 2, 0, 2, 1 };
  static const gdouble expected[] = { 5, 6, 1, 2, 5, 6, 3, 4 }, counts[] = { 1, 1, 1, 1, 2, 2 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (5);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *y = gantry_layer_embedding (gantry_graph_feed (graph, "i", GANTRY_SHAPE (2, 2), GANTRY_INT64), "e", 3, 2, NULL);

  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (y), GANTRY_SHAPE (2, 2, 2)));
  ck_assert_int_eq (gantry_graph_find_variable (graph, "e.weight")->initializer.kind, GANTRY_INITIALIZER_NORMAL);
  gantry_graph_output (graph, "y", y);
  gantry_graph_output (graph, "g",
                       gantry_gradient (gantry_sum (y), gantry_graph_read (graph, gantry_graph_find_variable (graph, "e.weight"))));
  program = model_compile (graph, state);
  model_set (state, "e.weight", rows);
  model_bind (program, "i", index);
  model_run (program);
  for (guint i = 0; i < 8; i++)
    ck_assert_double_eq (model_output (program, "y", i), expected[i]);
  for (guint i = 0; i < 6; i++)
    ck_assert_double_eq (model_output (program, "g", i), counts[i]);
}
END_TEST

/* A normalised table of embeddings has the same variables as a weight. */
START_TEST (spectral_embedding)
{
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_SPECTRAL };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);

  gantry_layer_embedding (gantry_graph_feed (graph, "i", GANTRY_SHAPE (2), GANTRY_INT64), "e", 3, 2, &options);
  ck_assert_ptr_null (model_finish (graph));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "e.weight_orig"));
  ck_assert (gantry_shape_equal (&gantry_graph_find_variable (graph, "e.weight_u")->shape, GANTRY_SHAPE (3)));
}
END_TEST

static GantryTensor *
refuse_index (GantryGraph *graph)
{
  return gantry_layer_embedding (feed (graph, "i", GANTRY_SHAPE (4)), "e", 3, 2, NULL);
}

static GantryTensor *
refuse_no_rows (GantryGraph *graph)
{
  return gantry_layer_embedding (gantry_graph_feed (graph, "i", GANTRY_SHAPE (4), GANTRY_INT64), "e", 0, 2, NULL);
}

static GantryTensor *
refuse_bias (GantryGraph *graph)
{
  const GantryLayerOptions options = { .bias = TRUE };

  return gantry_layer_embedding (gantry_graph_feed (graph, "i", GANTRY_SHAPE (4), GANTRY_INT64), "e", 3, 2, &options);
}

static GantryTensor *
refuse_axis (GantryGraph *graph)
{
  return gantry_weight_norm (feed (graph, "v", GANTRY_SHAPE (4, 2)), feed (graph, "g", GANTRY_SHAPE (4, 1)), 2);
}

static GantryTensor *
refuse_vector (GantryGraph *graph)
{
  return gantry_weight_standardize (feed (graph, "w", GANTRY_SHAPE (4)), 0, 1e-5);
}

static GantryTensor *
refuse_single (GantryGraph *graph)
{
  return gantry_weight_standardize (feed (graph, "w", GANTRY_SHAPE (4, 1)), 0, 1e-5);
}

static GantryTensor *
refuse_biggan (GantryGraph *graph)
{
  return gantry_spectral_norm_biggan (feed (graph, "w", GANTRY_SHAPE (4)), NULL, NULL);
}

static const struct {
  GantryTensor *(*build) (GantryGraph *graph);
  const gchar *message;
} refusals[] = {
  { refuse_index, "e: embedding: indices of float64, expected int64" },
  { refuse_no_rows, "e: embedding: 0 vectors of 2 features: expected at least 1 of each, and no bias" },
  { refuse_bias, "e: embedding: 3 vectors of 2 features with a bias: expected at least 1 of each, and no bias" },
  { refuse_axis, "weight-norm: [4, 2] with outputs on axis 2, expected at least two axes and one of them" },
  { refuse_vector, "weight-standardize: [4] with outputs on axis 0, expected at least two axes and one of them" },
  { refuse_single, "weight-standardize: [4, 1] has one value a filter: statistics need two" },
  { refuse_biggan, "spectral-norm: [4] with outputs on axis 0, expected at least two axes and one of them" },
};

START_TEST (refusal)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *y = refusals[_i].build (graph);
  g_autofree gchar *message = model_finish (graph);

  ck_assert (gantry_tensor_is_poisoned (y));
  ck_assert_str_eq (message, refusals[_i].message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("weights");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, iterations_follow_applications);
  tcase_add_test (tests, spectral_norm_of_biggan);
  tcase_add_test (tests, weight_norm);
  tcase_add_test (tests, weight_norm_start);
  tcase_add_test (tests, weight_standardization);
  tcase_add_test (tests, standardization_of_equal_weights);
  tcase_add_test (tests, factors);
  tcase_add_test (tests, embedding);
  tcase_add_test (tests, spectral_embedding);
  tcase_add_loop_test (tests, refusal, 0, G_N_ELEMENTS (refusals));
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
