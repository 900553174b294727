/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attention and conditional batch norm: by hand, in the three modes, names, and what they refuse. */
#include "layers/model.h"

#include <math.h>

static GantryTensor *
feed (GantryGraph *graph, const gchar *name, const GantryShape *shape)
{
  return gantry_graph_feed (graph, name, shape, gantry_graph_get_dtype (graph));
}

START_TEST (attention)
{
  static const gdouble q[] = { 1, 0, 0, 2 }, k[] = { 1, 0, 0, 1, 0, 0 }, v[] = { 10, 20, 30 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *weights;
  const gdouble a = exp (1 / sqrt (2)), b = exp (2 / sqrt (2));

  gantry_graph_output (graph, "y", gantry_attention (feed (graph, "q", GANTRY_SHAPE (2, 2)), feed (graph, "k", GANTRY_SHAPE (3, 2)),
                                                     feed (graph, "v", GANTRY_SHAPE (3, 1)), 0, &weights));
  gantry_graph_output (graph, "weights", weights);
  program = model_compile (graph, state);
  model_bind (program, "q", q);
  model_bind (program, "k", k);
  model_bind (program, "v", v);
  model_run (program);
  assert_near (model_output (program, "y", 0), (10 * a + 20 + 30) / (a + 2), 1e-14);
  assert_near (model_output (program, "y", 1), (10 + 20 * b + 30) / (b + 2), 1e-14);
  assert_near (model_output (program, "weights", 4), b / (b + 2), 1e-14);
}
END_TEST

/* Logits that overflow the exponential function: the largest takes all. */
START_TEST (large_logits)
{
  static const gdouble q[] = { 100 }, k[] = { 100, 99, -100 }, v[] = { 10, 20, 30 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", gantry_attention (feed (graph, "q", GANTRY_SHAPE (1, 1)), feed (graph, "k", GANTRY_SHAPE (3, 1)),
                                                     feed (graph, "v", GANTRY_SHAPE (3, 1)), 1, NULL));
  program = model_compile (graph, state);
  model_bind (program, "q", q);
  model_bind (program, "k", k);
  model_bind (program, "v", v);
  model_run (program);
  assert_near (model_output (program, "y", 0), 10, 1e-14);
}
END_TEST

static const struct {
  GantrySelfAttention kind;
  const gchar *const names[8];
  GantryShape shapes[8];
} blocks[] = {
  { GANTRY_SELF_ATTENTION_POOLED,
    { "sa.theta.weight", "sa.phi.weight", "sa.g.weight", "sa.o.weight", "sa.gamma" },
    { { 4, { 2, 16, 1, 1 } }, { 4, { 2, 16, 1, 1 } }, { 4, { 8, 16, 1, 1 } }, { 4, { 16, 8, 1, 1 } }, { 0, { 0 } } } },
  { GANTRY_SELF_ATTENTION_FULL,
    { "sa.query_conv.weight", "sa.query_conv.bias", "sa.key_conv.weight", "sa.key_conv.bias", "sa.value_conv.weight", "sa.value_conv.bias",
      "sa.gamma" },
    { { 4, { 2, 16, 1, 1 } }, { 1, { 2 } }, { 4, { 2, 16, 1, 1 } }, { 1, { 2 } }, { 4, { 16, 16, 1, 1 } }, { 1, { 16 } }, { 1, { 1 } } } },
};

/* Gamma is 0 at first: the block gives what it gets, whatever is attended to.  An odd number of pixels is no hindrance. */
START_TEST (self_attention_starts_as_identity)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GPtrArray) variables = NULL;
  gdouble x[2 * 16 * 3 * 5];
  GantryTensor *attention;

  gantry_graph_output (graph, "y", gantry_layer_self_attention (feed (graph, "x", GANTRY_SHAPE (2, 16, 3, 5)), "sa", blocks[_i].kind, NULL,
                                                                &attention));
  gantry_graph_output (graph, "attention", attention);
  variables = gantry_graph_list_variables (graph);
  for (guint i = 0; i < variables->len; i++)
    {
      const GantryVariable *variable = variables->pdata[i];

      ck_assert_ptr_nonnull (blocks[_i].names[i]);
      ck_assert_str_eq (variable->name, blocks[_i].names[i]);
      ck_assert_msg (gantry_shape_equal (&variable->shape, &blocks[_i].shapes[i]), "%s", variable->name);
      ck_assert (variable->trainable);
    }
  program = model_compile (graph, state);
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    x[i] = sin (i);
  model_bind (program, "x", x);
  model_run (program);
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    ck_assert_double_eq (model_output (program, "y", i), x[i]);
}
END_TEST

/* [2, 2]: channel 0 is 1 and 3 with mean 2 and variance 1, channel 1 is 10 and 30 with mean 20 and variance 100. */
static const gdouble columns[] = { 1, 10, 3, 30 };

static GantryProgram *
compile_conditional (GantryState *state, GantryMode mode)
{
  const GantryConditionalNormOptions options = { .n_classes = 3 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *labels = gantry_graph_feed (graph, "labels", GANTRY_SHAPE (2), GANTRY_INT64);

  gantry_graph_push_mode (graph, mode);
  gantry_graph_output (graph, "y", gantry_layer_conditional_batch_norm (feed (graph, "x", GANTRY_SHAPE (2, 2)), labels, "cbn", &options));
  gantry_graph_pop_mode (graph);
  return model_compile (graph, state);
}

START_TEST (conditional_modes)
{
  static const gdouble gain[] = { 0, 0, 1, 2, 3, 4 }, bias[] = { 5, 6, 0, 0, -1, -2 }, labels[] = { 2, 0 };
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) train = compile_conditional (state, GANTRY_MODE_TRAIN);
  g_autoptr (GantryProgram) frozen = compile_conditional (state, GANTRY_MODE_FROZEN);
  g_autoptr (GantryProgram) evaluate = compile_conditional (state, GANTRY_MODE_EVALUATE);
  GantryProgram *programs[] = { frozen, train, evaluate };

  model_set (state, "cbn.gain.weight", gain);
  model_set (state, "cbn.bias.weight", bias);
  for (guint i = 0; i < 3; i++)
    {
      model_bind (programs[i], "x", columns);
      model_bind (programs[i], "labels", labels);
    }
  for (guint i = 0; i < 2; i++)
    {
      model_run (programs[i]);
      assert_near (model_output (programs[i], "y", 0), (1 + 3) * -1 / sqrt (1 + 1e-5) - 1, 1e-13);
      assert_near (model_output (programs[i], "y", 1), (1 + 4) * -10 / sqrt (100 + 1e-5) - 2, 1e-13);
      assert_near (model_output (programs[i], "y", 2), 1 / sqrt (1 + 1e-5) + 5, 1e-13);
      assert_near (model_get (state, "cbn.stored_mean", 1), i == 0 ? 0 : 0.1 * 20, 1e-13);
      assert_near (model_get (state, "cbn.stored_var", 1), i == 0 ? 1 : 0.9 + 0.1 * 200, 1e-13);
    }
  model_run (evaluate);
  assert_near (model_output (evaluate, "y", 1), 5 * (10 - 2) / sqrt (20.9 + 1e-5) - 2, 1e-13);
  assert_near (model_get (state, "cbn.stored_mean", 1), 2, 1e-13);
}
END_TEST

static GantryTensor *
refuse_attention (GantryGraph *graph)
{
  return gantry_attention (feed (graph, "q", GANTRY_SHAPE (2, 3, 4)), feed (graph, "k", GANTRY_SHAPE (2, 3, 4)),
                           feed (graph, "v", GANTRY_SHAPE (2, 5, 4)), 0, NULL);
}

static GantryTensor *
refuse_vectors (GantryGraph *graph)
{
  GantryTensor *x = feed (graph, "q", GANTRY_SHAPE (3));

  return gantry_attention (x, x, x, 0, NULL);
}

static GantryTensor *
refuse_channels (GantryGraph *graph)
{
  return gantry_layer_self_attention (feed (graph, "x", GANTRY_SHAPE (2, 7, 4, 4)), "sa", GANTRY_SELF_ATTENTION_POOLED, NULL, NULL);
}

static GantryTensor *
refuse_pixels (GantryGraph *graph)
{
  return gantry_layer_self_attention (feed (graph, "x", GANTRY_SHAPE (2, 8, 1, 4)), "sa", GANTRY_SELF_ATTENTION_POOLED, NULL, NULL);
}

static GantryTensor *
condition (GantryGraph *graph, const GantryShape *shape, GantryDType dtype, gsize n_classes)
{
  const GantryConditionalNormOptions options = { .n_classes = n_classes };

  return gantry_layer_conditional_batch_norm (feed (graph, "x", GANTRY_SHAPE (2, 7, 4, 4)), gantry_graph_feed (graph, "y", shape, dtype), "c",
                                              &options);
}

static GantryTensor *
refuse_batch (GantryGraph *graph)
{
  return condition (graph, GANTRY_SHAPE (3), GANTRY_INT64, 4);
}

static GantryTensor *
refuse_class_matrix (GantryGraph *graph)
{
  return condition (graph, GANTRY_SHAPE (2, 1), GANTRY_INT64, 4);
}

static GantryTensor *
refuse_classes_of_vectors (GantryGraph *graph)
{
  return condition (graph, GANTRY_SHAPE (2, 5), GANTRY_FLOAT64, 4);
}

static GantryTensor *
refuse_no_classes (GantryGraph *graph)
{
  return condition (graph, GANTRY_SHAPE (2), GANTRY_INT64, 0);
}

#define EXPECTED ", expected [batch, channels, ...] on labels [batch] or vectors [batch, features]"

static const struct {
  GantryTensor *(*build) (GantryGraph *graph);
  const gchar *message;
} refusals[] = {
  { refuse_attention, "attention: queries [2, 3, 4], keys [2, 3, 4], values [2, 5, 4], expected [..., n, d], [..., m, d], [..., m, e]" },
  { refuse_vectors, "attention: queries [3], keys [3], values [3], expected [..., n, d], [..., m, d], [..., m, e]" },
  { refuse_channels, "sa: self-attention: [2, 7, 4, 4], expected [batch, channels, height, width] of at least 8 channels and 2 pixels each way" },
  { refuse_pixels, "sa: self-attention: [2, 8, 1, 4], expected [batch, channels, height, width] of at least 8 channels and 2 pixels each way" },
  { refuse_batch, "c: conditional-batch-norm: [2, 7, 4, 4] on int64 [3]" EXPECTED },
  { refuse_class_matrix, "c: conditional-batch-norm: [2, 7, 4, 4] on int64 [2, 1]" EXPECTED },
  { refuse_classes_of_vectors, "c: conditional-batch-norm: 4 classes for a condition of float64, expected 0" },
  { refuse_no_classes, "c: conditional-batch-norm: 0 classes for a condition of int64, expected at least 1" },
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
  Suite *suite = suite_create ("attention");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, attention);
  tcase_add_test (tests, large_logits);
  tcase_add_loop_test (tests, self_attention_starts_as_identity, 0, G_N_ELEMENTS (blocks));
  tcase_add_test (tests, conditional_modes);
  tcase_add_loop_test (tests, refusal, 0, G_N_ELEMENTS (refusals));
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
