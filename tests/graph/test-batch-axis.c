/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What graphs of the usual kinds do with their batch. */
#include "graph/batch-axis-private.h"

#include <check.h>
#include <gantry/gantry.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 3
#define LARGE 6
#define WIDTH 4

typedef GantryTensor *(*Build) (GantryGraph *graph, gsize n);

static GantryTensor *
feed (GantryGraph *graph, gsize n)
{
  return gantry_graph_feed (graph, "x", GANTRY_SHAPE (n, WIDTH), GANTRY_FLOAT64);
}

static GantryTensor *
image (GantryGraph *graph, gsize n)
{
  return gantry_graph_feed (graph, "image", GANTRY_SHAPE (n, 2, 4, 4), GANTRY_FLOAT64);
}

static GantryTensor *
read (GantryGraph *graph, const gchar *name, const GantryShape *shape)
{
  return gantry_graph_read (graph, gantry_graph_variable (graph, name, shape, GANTRY_FLOAT64, NULL, TRUE));
}

static GantryTensor *
weight (GantryGraph *graph)
{
  return read (graph, "weight", GANTRY_SHAPE (WIDTH, 1));
}

static GantryTensor *
score (GantryGraph *graph, GantryTensor *x)
{
  return gantry_tanh (gantry_matmul (gantry_relu (x), weight (graph)));
}

static GantryTensor *
filters (GantryGraph *graph)
{
  return read (graph, "filters", GANTRY_SHAPE (3, 2, 3, 3));
}

static const GantryConvolution same = { .stride = { 1, 1 }, .padding = { 1, 1 }, .dilation = { 1, 1 }, .groups = 1 };

static GantryTensor *
convolve (GantryGraph *graph, GantryTensor *x)
{
  return gantry_sum_per_sample (gantry_tanh (gantry_conv2d (x, filters (graph), &same)));
}

static GantryTensor *
labels (GantryGraph *graph, gsize n)
{
  return gantry_graph_feed (graph, "label", GANTRY_SHAPE (n), GANTRY_INT64);
}

static GantryTensor *
decay (GantryGraph *graph)
{
  return gantry_sum (gantry_square (weight (graph)));
}

static GantryTensor *
count (GantryGraph *graph, gsize n)
{
  return gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT64, (gdouble) n);
}

static GantryTensor *
penalise (GantryGraph *graph, GantryTensor *x)
{
  GantryTensor *slope = gantry_gradient (gantry_sum (convolve (graph, x)), x);

  return gantry_mean (gantry_sum_per_sample (gantry_square (slope)));
}

static GantryTensor *
gradient_penalty (GantryGraph *graph, gsize n)
{
  GantryTensor *epsilon = gantry_graph_random (graph, GANTRY_INPUT_UNIFORM, "epsilon", GANTRY_SHAPE (n, 1, 1, 1));
  GantryTensor *fake = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "fake", GANTRY_SHAPE (n, 2, 4, 4));
  GantryTensor *point = gantry_add (gantry_mul (epsilon, image (graph, n)), gantry_mul (gantry_offset (gantry_neg (epsilon), 1), fake));
  GantryTensor *slope = gantry_flatten (gantry_gradient (gantry_sum (convolve (graph, point)), point));

  return gantry_mean (gantry_square (gantry_offset (gantry_norm_axes (slope, GANTRY_AXIS (1), FALSE), -1)));
}

static GantryTensor *
joint (GantryGraph *graph, gsize n)
{
  GantryTensor *fake = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "fake", GANTRY_SHAPE (n, WIDTH));
  GantryTensor *both = score (graph, gantry_concat ((GantryTensor *[]) { fake, feed (graph, n) }, 2, 0));
  GantryTensor *real = gantry_slice (both, 0, n, n), *first = gantry_slice (both, 0, 0, n);

  return gantry_sub (gantry_mean (first), gantry_mean (gantry_softplus (real)));
}

static GantryTensor *
attend (GantryGraph *graph, gsize n)
{
  GantryTensor *rows = gantry_reshape (image (graph, n), GANTRY_SHAPE (n, 2, 16));
  GantryTensor *weights = gantry_softmax (gantry_matmul_full (rows, TRUE, rows, FALSE), 2);

  return gantry_mean (gantry_square (gantry_matmul_full (rows, FALSE, weights, TRUE)));
}

static GantryTensor *
classify (GantryGraph *graph, gsize n)
{
  GantryTensor *logits = gantry_log_softmax (feed (graph, n), 1);

  return gantry_neg (gantry_mean (gantry_gather (logits, 1, gantry_reshape (labels (graph, n), GANTRY_SHAPE (n, 1)))));
}

static GantryTensor *
embed (GantryGraph *graph, gsize n)
{
  return gantry_mul (feed (graph, n), gantry_index_select (read (graph, "table", GANTRY_SHAPE (10, WIDTH)), 0, labels (graph, n)));
}

static GantryTensor *
center (GantryGraph *graph, gsize n)
{
  GantryTensor *x = feed (graph, n);

  return gantry_sub (x, gantry_mean_axes (x, GANTRY_AXIS (0), TRUE));
}

static GantryTensor *
relativistic (GantryGraph *graph, gsize n)
{
  GantryTensor *fake = score (graph, gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "fake", GANTRY_SHAPE (n, WIDTH)));

  return gantry_mean (gantry_softplus (gantry_sub (gantry_mean (fake), score (graph, feed (graph, n)))));
}

static GantryTensor *
apply_op (GantryTensor *x, const GantryOp *op)
{
  return gantry_apply (op, (GantryTensor *[]) { x }, 1, NULL, 0, NULL, 0);
}

static gboolean
infer_same (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = *gantry_tensor_get_shape (call->inputs[0]);
  *dtype = gantry_tensor_get_dtype (call->inputs[0]);
  return TRUE;
}

static const GantryOp strange_op = { .size = sizeof (GantryOp), .name = "strange", .n_inputs = 1, .infer = infer_same };
static const GantryOp function_op = { .size = sizeof (GantryOp), .name = "function", .n_inputs = 1, .flags = GANTRY_OP_ELEMENTWISE,
                                      .infer = infer_same };

#define BUILD(name, expression) \
  static GantryTensor * \
  build_##name (GantryGraph *graph, gsize n) \
  { \
    return expression; \
  }

BUILD (samples, score (graph, feed (graph, n)))
BUILD (mean, gantry_mean (score (graph, feed (graph, n))))
BUILD (sum, gantry_sum (score (graph, feed (graph, n))))
BUILD (divided, gantry_div (gantry_sum (feed (graph, n)), count (graph, n)))
BUILD (scaled_mean, gantry_scale (gantry_offset (gantry_mean (feed (graph, n)), 2), -0.25))
BUILD (mean_and_decay, gantry_add (gantry_mean (score (graph, feed (graph, n))), decay (graph)))
BUILD (sum_and_decay, gantry_add (gantry_sum (score (graph, feed (graph, n))), decay (graph)))
BUILD (sum_and_decays, gantry_add (gantry_sum (score (graph, feed (graph, n))), gantry_mul (count (graph, n), decay (graph))))
BUILD (sum_and_mean, gantry_add (gantry_sum (feed (graph, n)), gantry_mean (feed (graph, n))))
BUILD (unbiased, gantry_scale (gantry_sum (feed (graph, n)), 1.0 / (n - 1)))
BUILD (square_of_mean, gantry_square (gantry_mean (feed (graph, n))))
BUILD (decay, decay (graph))
BUILD (r1, penalise (graph, image (graph, n)))
BUILD (weight_gradient, gantry_gradient (gantry_mean (convolve (graph, image (graph, n))), filters (graph)))
BUILD (r1_gradient, gantry_gradient (penalise (graph, image (graph, n)), filters (graph)))
BUILD (strange_decay, gantry_add (gantry_mean (feed (graph, n)), gantry_sum (apply_op (weight (graph), &strange_op))))
BUILD (strange, apply_op (feed (graph, n), &strange_op))
BUILD (function, apply_op (feed (graph, n), &function_op))
BUILD (function_of_mean, apply_op (gantry_mean (feed (graph, n)), &function_op))
BUILD (instance_norm, gantry_mean (gantry_square (gantry_standardize (image (graph, n), GANTRY_AXIS (2) | GANTRY_AXIS (3), 1e-5))))
BUILD (batch_norm, gantry_standardize (image (graph, n), GANTRY_AXIS (0) | GANTRY_AXIS (2) | GANTRY_AXIS (3), 1e-5))
BUILD (gram, gantry_matmul_full (feed (graph, n), FALSE, feed (graph, n), TRUE))
BUILD (covariance, gantry_matmul_full (feed (graph, n), TRUE, feed (graph, n), FALSE))
BUILD (largest, gantry_max_axes (feed (graph, n), GANTRY_AXIS (0), FALSE))
BUILD (roll, gantry_roll (feed (graph, n), 0, 1))
BUILD (flip, gantry_flip (feed (graph, n), 0))
BUILD (some, gantry_slice (feed (graph, n), 0, 0, 2))
BUILD (draws_along_rows, gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "u", GANTRY_SHAPE (WIDTH, n)))
BUILD (shared_draws, gantry_mul (feed (graph, n), gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "u", GANTRY_SHAPE (1, WIDTH))))
BUILD (transposed, gantry_permute (feed (graph, n), ((const guint[]) { 1, 0 })))
BUILD (flat, gantry_sum (gantry_square (gantry_reshape (feed (graph, n), GANTRY_SHAPE (n * WIDTH)))))
BUILD (cut, gantry_reshape (feed (graph, n), GANTRY_SHAPE (WIDTH, n)))
BUILD (padded, gantry_pad (feed (graph, n), 0, n, 0))
BUILD (padded_by_one, gantry_pad (feed (graph, n), 0, 1, 0))
BUILD (zeros, gantry_add (gantry_sum (feed (graph, n)), gantry_constant (graph, 0)))
BUILD (sum_by_label, gantry_index_add (feed (graph, n), 0, labels (graph, n), 10))

typedef struct {
  Build build;
  GantryBatchKind kind;
  gdouble degree;
  const gchar *cause; /* "OP: REASON" begins so */
} Row;

static const Row rows[] = {
  { build_samples, GANTRY_BATCH_SAMPLE, 0, NULL },
  { build_mean, GANTRY_BATCH_SUM, -1, NULL },
  { build_sum, GANTRY_BATCH_SUM, 0, NULL },
  { build_divided, GANTRY_BATCH_SUM, -1, NULL },
  { build_scaled_mean, GANTRY_BATCH_SUM, -1, NULL },
  { build_mean_and_decay, GANTRY_BATCH_SUM, -1, NULL },
  { build_sum_and_decay, GANTRY_BATCH_MIXED, 0, "add: a sum over the batch meets a mean" },
  { build_sum_and_decays, GANTRY_BATCH_SUM, 0, NULL },
  { build_sum_and_mean, GANTRY_BATCH_MIXED, 0, "add: a sum over the batch meets a mean" },
  { build_unbiased, GANTRY_BATCH_MIXED, 0, "scale: a factor that follows the size of the batch" },
  { build_square_of_mean, GANTRY_BATCH_MIXED, 0, "square: a function that is not linear" },
  { build_decay, GANTRY_BATCH_SHARED, 0, NULL },
  { build_r1, GANTRY_BATCH_SUM, -1, NULL },
  { gradient_penalty, GANTRY_BATCH_SUM, -1, NULL },
  { build_weight_gradient, GANTRY_BATCH_SUM, -1, NULL },
  { build_r1_gradient, GANTRY_BATCH_SUM, -1, NULL },
  { joint, GANTRY_BATCH_SUM, -1, NULL },
  { attend, GANTRY_BATCH_SUM, -1, NULL },
  { classify, GANTRY_BATCH_SUM, -1, NULL },
  { embed, GANTRY_BATCH_SAMPLE, 0, NULL },
  { center, GANTRY_BATCH_MIXED, 0, "sub: single samples meet a sum or mean" },
  { relativistic, GANTRY_BATCH_MIXED, 0, "sub: single samples meet a sum or mean" },
  { build_strange_decay, GANTRY_BATCH_SUM, -1, NULL },
  { build_strange, GANTRY_BATCH_MIXED, 0, "strange: an op of which it is not known" },
  { build_function, GANTRY_BATCH_SAMPLE, 0, NULL },
  { build_function_of_mean, GANTRY_BATCH_MIXED, 0, "function: a function that is not linear" },
  { build_instance_norm, GANTRY_BATCH_SUM, -1, NULL },
  { build_batch_norm, GANTRY_BATCH_MIXED, 0, "sub: single samples meet a sum or mean" },
  { build_gram, GANTRY_BATCH_MIXED, 0, "matmul: relates samples to each other" },
  { build_covariance, GANTRY_BATCH_SUM, 0, NULL },
  { build_largest, GANTRY_BATCH_MIXED, 0, "max: works along the axis of the samples" },
  { build_roll, GANTRY_BATCH_MIXED, 0, "slice: takes some samples of the batch" },
  { build_flip, GANTRY_BATCH_MIXED, 0, "resample: its arguments follow the size of the batch" },
  { build_some, GANTRY_BATCH_MIXED, 0, "slice: takes some samples of the batch" },
  { build_draws_along_rows, GANTRY_BATCH_MIXED, 0, "random: its draws are not one row a sample" },
  { build_shared_draws, GANTRY_BATCH_SAMPLE, 0, NULL },
  { build_transposed, GANTRY_BATCH_SAMPLE, 0, NULL },
  { build_flat, GANTRY_BATCH_SUM, 0, NULL },
  { build_cut, GANTRY_BATCH_MIXED, 0, "reshape: takes samples apart" },
  { build_padded, GANTRY_BATCH_SAMPLE, 0, NULL },
  { build_padded_by_one, GANTRY_BATCH_MIXED, 0, "pad: takes some samples of the batch" },
  { build_zeros, GANTRY_BATCH_SUM, 0, NULL },
  { build_sum_by_label, GANTRY_BATCH_SUM, 0, NULL }
};

static GantryGraph *
make (Build build, gsize n, GantryTensor **result)
{
  GantryGraph *graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GError) error = NULL;

  *result = build (graph, n);
  ck_assert_msg (gantry_graph_finish (graph, &error), "%s", error != NULL ? error->message : "");
  return graph;
}

/* The same from a batch to a smaller and to a larger one. */
static void
check_row (const Row *row, gsize n, gsize n_other)
{
  GantryTensor *result, *unused;
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryGraph) graph = make (row->build, n, &result);
  g_autoptr (GantryGraph) other = make (row->build, n_other, &unused);
  g_autoptr (GantryBatchAnalysis) analysis = _gantry_batch_analysis_new (graph, n, other, n_other, &error);
  g_autofree gchar *cause = NULL;
  const GantryBatchUse *use;

  ck_assert_msg (analysis != NULL, "row %u: %s", (guint) (row - rows), error != NULL ? error->message : "");
  use = _gantry_batch_analysis_get (analysis, result);
  cause = use->kind == GANTRY_BATCH_MIXED ? _gantry_batch_analysis_explain (analysis, result) : g_strdup ("");
  ck_assert_msg (use->kind == row->kind && use->degree == row->degree, "row %u: kind %d of degree %g (%s)", (guint) (row - rows), use->kind,
                 use->degree, cause);
  if (row->cause != NULL)
    ck_assert_msg (g_str_has_prefix (cause, row->cause), "row %u: %s", (guint) (row - rows), cause);
}

START_TEST (kinds)
{
  check_row (&rows[_i], LARGE, SMALL);
  check_row (&rows[_i], SMALL, LARGE);
  check_row (&rows[_i], 5, 8);
}
END_TEST

static GantryTensor *
build_by_size (GantryGraph *graph, gsize n)
{
  GantryTensor *x = feed (graph, n);

  gantry_graph_push_label (graph, "loss/odd");
  x = n > SMALL ? gantry_tanh (x) : gantry_relu (x);
  gantry_graph_pop (graph);
  return x;
}

START_TEST (description_follows_the_size)
{
  GantryTensor *a, *b;
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryGraph) graph = make (build_by_size, LARGE, &a);
  g_autoptr (GantryGraph) other = make (build_by_size, SMALL, &b);

  ck_assert (_gantry_batch_analysis_new (graph, LARGE, other, SMALL, &error) == NULL);
  ck_assert_str_eq (error->message, "loss/odd: tanh: which ops there are depends on the size of the batch");
}
END_TEST

START_TEST (where_samples_lie)
{
  GantryTensor *result, *unused;
  g_autoptr (GantryGraph) graph = make (build_padded, LARGE, &result);
  g_autoptr (GantryGraph) other = make (build_padded, SMALL, &unused);
  g_autoptr (GantryBatchAnalysis) analysis = _gantry_batch_analysis_new (graph, LARGE, other, SMALL, NULL);
  const GantryBatchUse *use = _gantry_batch_analysis_get (analysis, result);

  ck_assert_uint_eq (use->axis, 0);
  ck_assert_uint_eq (use->pieces, 2);
  ck_assert_uint_eq (use->group, 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("batch-axis");
  TCase *tcase = tcase_create ("graphs");
  SRunner *runner;
  int n_failed;

  tcase_add_loop_test (tcase, kinds, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tcase, description_follows_the_size);
  tcase_add_test (tcase, where_samples_lie);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
