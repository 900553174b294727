/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normalizations of a sample by itself, and dropout: by hand, in the three modes, and what they refuse. */
#include "layers/model.h"

#include <math.h>

static GantryTensor *
feed (GantryGraph *graph, const GantryShape *shape)
{
  return gantry_graph_feed (graph, "x", shape, gantry_graph_get_dtype (graph));
}

static GantryTensor *
instance_norm (GantryTensor *x)
{
  const GantryNormOptions options = { .affine = TRUE };

  return gantry_layer_instance_norm (x, "norm", &options);
}

static GantryTensor *
group_norm (GantryTensor *x)
{
  return gantry_layer_group_norm (x, "norm", 1, NULL);
}

static GantryTensor *
layer_norm (GantryTensor *x)
{
  return gantry_layer_layer_norm (x, "norm", 1, NULL);
}

static GantryTensor *
layer_norm_per_channel (GantryTensor *x)
{
  return gantry_layer_layer_norm_per_channel (x, "norm", NULL);
}

/* x [1, 2, 2] = 1, 3, 5, 11: rows have means 2 and 8 and variances 1 and 9, everything has 5 and 14. */
static const gdouble x[] = { 1, 3, 5, 11 };

static const struct {
  GantryTensor *(*build) (GantryTensor *x);
  gdouble mean[4], variance[4];
  guint parameter[4]; /* which element of weight and bias */
} cases[] = {
  { instance_norm, { 2, 2, 8, 8 }, { 1, 1, 9, 9 }, { 0, 0, 1, 1 } },
  { group_norm, { 5, 5, 5, 5 }, { 14, 14, 14, 14 }, { 0, 0, 1, 1 } },
  { layer_norm, { 2, 2, 8, 8 }, { 1, 1, 9, 9 }, { 0, 1, 0, 1 } },
  { layer_norm_per_channel, { 5, 5, 5, 5 }, { 14, 14, 14, 14 }, { 0, 0, 1, 1 } },
};

START_TEST (by_hand_in_every_mode)
{
  static const gdouble weight[] = { 3, 2 }, bias[] = { 1, -1 };

  for (guint mode = GANTRY_MODE_TRAIN; mode <= GANTRY_MODE_EVALUATE; mode++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      g_autoptr (GantryState) state = gantry_state_new (1);
      g_autoptr (GantryProgram) program = NULL;
      g_auto (GStrv) names = NULL;

      gantry_graph_push_mode (graph, mode);
      gantry_graph_output (graph, "y", cases[_i].build (feed (graph, GANTRY_SHAPE (1, 2, 2))));
      gantry_graph_pop_mode (graph);
      program = model_compile (graph, state);
      names = gantry_state_list (state);
      ck_assert_uint_eq (g_strv_length (names), 2);
      ck_assert_double_eq (model_get (state, "norm.weight", 1), 1);
      ck_assert_double_eq (model_get (state, "norm.bias", 1), 0);
      ck_assert (gantry_state_is_trainable (state, "norm.weight") && gantry_state_is_trainable (state, "norm.bias"));
      model_set (state, "norm.weight", weight);
      model_set (state, "norm.bias", bias);
      model_bind (program, "x", x);
      model_run (program);
      for (guint i = 0; i < 4; i++)
        {
          const guint k = cases[_i].parameter[i];

          assert_near (model_output (program, "y", i), (x[i] - cases[_i].mean[i]) / sqrt (cases[_i].variance[i] + 1e-5) * weight[k] + bias[k], 1e-13);
        }
    }
}
END_TEST

/* Shapes and names as a PyTorch state dict has them. */
START_TEST (variables)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *image = feed (graph, GANTRY_SHAPE (2, 6, 4, 3));

  gantry_layer_group_norm (image, "group", 3, NULL);
  gantry_layer_instance_norm (image, "instance", NULL);
  gantry_layer_layer_norm (image, "layer", 0, NULL);
  gantry_layer_layer_norm (image, "rows", 2, NULL);
  ck_assert_ptr_null (model_finish (graph));
  ck_assert (gantry_shape_equal (&gantry_graph_find_variable (graph, "group.weight")->shape, GANTRY_SHAPE (6)));
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "instance.weight"));
  ck_assert (gantry_shape_equal (&gantry_graph_find_variable (graph, "layer.bias")->shape, GANTRY_SHAPE (6, 4, 3)));
  ck_assert (gantry_shape_equal (&gantry_graph_find_variable (graph, "rows.weight")->shape, GANTRY_SHAPE (4, 3)));
}
END_TEST

/* In float32 too what is constant is centred to nothing, not to a rounding error times 1 / sqrt (eps). */
START_TEST (constant)
{
  static const gchar *const backends[] = { "reference", "openblas" };
  gdouble sevens[3 * 7 * 5];

  for (guint i = 0; i < G_N_ELEMENTS (sevens); i++)
    sevens[i] = 0.7;
  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      g_autoptr (GantryState) state = gantry_state_new (1);
      g_autoptr (GantryProgram) program = NULL;

      gantry_graph_output (graph, "y", cases[k].build (feed (graph, GANTRY_SHAPE (3, 7, 5))));
      program = model_compile_for (graph, state, backends[_i]);
      model_bind (program, "x", sevens);
      model_run (program);
      for (guint i = 0; i < G_N_ELEMENTS (sevens); i++)
        ck_assert_double_eq (model_output (program, "y", i), 0);
    }
}
END_TEST

static GantryProgram *
compile_dropout (GantryState *state, GantryMode mode, gdouble p)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);

  gantry_graph_push_mode (graph, mode);
  gantry_graph_output (graph, "y", gantry_layer_dropout (feed (graph, GANTRY_SHAPE (200, 50)), "drop", p));
  gantry_graph_pop_mode (graph);
  return model_compile (graph, state);
}

START_TEST (dropout)
{
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) train = compile_dropout (state, GANTRY_MODE_TRAIN, 0.3);
  g_autoptr (GantryProgram) frozen = compile_dropout (state, GANTRY_MODE_FROZEN, 0.3);
  g_autoptr (GantryProgram) evaluate = compile_dropout (state, GANTRY_MODE_EVALUATE, 0.3);
  g_autofree gdouble *ones = g_new (gdouble, 10000);
  guint dropped = 0;

  for (guint i = 0; i < 10000; i++)
    ones[i] = 1;
  model_bind (train, "x", ones);
  model_bind (frozen, "x", ones);
  model_bind (evaluate, "x", ones);
  model_run (train);
  model_run (frozen);
  model_run (evaluate);
  ck_assert_ptr_nonnull (gantry_program_get_input (train, "drop.mask"));
  ck_assert_ptr_null (gantry_program_get_input (evaluate, "drop.mask"));
  for (guint i = 0; i < 10000; i++)
    {
      const gdouble y = model_output (train, "y", i);

      dropped += y == 0;
      ck_assert (y == 0 || fabs (y - 1 / 0.7) < 1e-15);
      ck_assert_double_eq (model_output (frozen, "y", i), y);
      ck_assert_double_eq (model_output (evaluate, "y", i), 1);
    }
  ck_assert (ABS ((gint) dropped - 3000) < 200);
}
END_TEST

/* A mask of zeros and ones in place of the draws. */
START_TEST (dropout_replayed)
{
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile_dropout (state, GANTRY_MODE_TRAIN, 0.5);
  g_autoptr (GantryArray) mask = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (200, 50));
  g_autoptr (GError) error = NULL;
  g_autofree gdouble *numbers = g_new (gdouble, 10000);

  for (guint i = 0; i < 10000; i++)
    {
      numbers[i] = i;
      gantry_array_set_double (mask, i, i % 3 == 0);
    }
  model_bind (program, "x", numbers);
  ck_assert (gantry_program_bind (program, "drop.mask", mask, &error));
  model_run (program);
  for (guint i = 0; i < 10000; i++)
    ck_assert_double_eq (model_output (program, "y", i), i % 3 == 0 ? 2.0 * i : 0);
}
END_TEST

static GantryTensor *
refuse_group (GantryTensor *x)
{
  return gantry_layer_group_norm (x, "a", 4, NULL);
}

static GantryTensor *
refuse_instance (GantryTensor *x)
{
  return gantry_layer_instance_norm (x, "a", NULL);
}

static GantryTensor *
refuse_layer (GantryTensor *x)
{
  return gantry_layer_layer_norm (x, "a", 2, NULL);
}

static GantryTensor *
refuse_no_axes (GantryTensor *x)
{
  return gantry_layer_layer_norm (x, "a", 0, NULL);
}

static GantryTensor *
refuse_dropout (GantryTensor *x)
{
  return gantry_layer_dropout (x, "a", 1);
}

static GantryTensor *
refuse_standardize (GantryTensor *x)
{
  return gantry_standardize (x, GANTRY_AXIS (5), 1e-5);
}

static GantryTensor *
refuse_standardize_nothing (GantryTensor *x)
{
  return gantry_standardize (x, 0, 1e-5);
}

static const struct {
  GantryTensor *(*build) (GantryTensor *x);
  GantryShape shape;
  const gchar *message;
} refusals[] = {
  { refuse_group, { 1, { 8 } }, "a: group-norm: [8], expected [batch, channels, ...]" },
  { refuse_group, { 3, { 2, 6, 3 } }, "a: group-norm: [2, 6, 3] in 4 groups, expected a number that divides the channels" },
  { refuse_group, { 2, { 2, 4 } }, "a: group-norm: [2, 4, 1] has one value a group: statistics need two" },
  { refuse_instance, { 1, { 8 } }, "a: instance-norm: [8], expected [batch, channels, ...]" },
  { refuse_instance, { 4, { 2, 3, 1, 1 } }, "a: instance-norm: [2, 3, 1] has one value a channel: statistics need two" },
  { refuse_layer, { 2, { 2, 6 } }, "a: layer-norm: [2, 6] over the last 2 axes, expected at least one of them and not the batch's" },
  { refuse_layer, { 3, { 2, 1, 1 } }, "a: layer-norm: [2, 1, 1] has one value a sample: statistics need two" },
  { refuse_no_axes, { 1, { 2 } }, "a: layer-norm: [2] over the last 0 axes, expected at least one of them and not the batch's" },
  { refuse_no_axes, { 0, { 0 } }, "a: layer-norm: [] over the last 0 axes, expected at least one of them and not the batch's" },
  { refuse_dropout, { 2, { 2, 6 } }, "a: dropout: probability 1, expected 0 to below 1" },
  { refuse_standardize, { 2, { 2, 6 } }, "sum: [2, 6]: axis 5 is out of range, there are 2" },
  { refuse_standardize_nothing, { 2, { 2, 6 } }, "standardize: no axes" },
};

START_TEST (refusal)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *y = refusals[_i].build (feed (graph, &refusals[_i].shape));
  g_autofree gchar *message = model_finish (graph);

  ck_assert (gantry_tensor_is_poisoned (y));
  ck_assert_str_eq (message, refusals[_i].message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("norms");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, by_hand_in_every_mode, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tests, variables);
  tcase_add_loop_test (tests, constant, 0, 2);
  tcase_add_test (tests, dropout);
  tcase_add_test (tests, dropout_replayed);
  tcase_add_loop_test (tests, refusal, 0, G_N_ELEMENTS (refusals));
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
