/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shapes of functions, comparisons, logic, sorting and losses, and what each says about what does not fit. */
#include <check.h>
#include <gantry/op.h>
#include <gantry/ops.h>
#include <math.h>
#include <stdlib.h>

static GantryGraph *graph;
static guint n_feeds;

static GantryTensor *
feed (const GantryShape *shape, GantryDType dtype)
{
  g_autofree gchar *name = g_strdup_printf ("x%u", n_feeds++);

  return gantry_graph_feed (graph, name, shape, dtype);
}

#define f(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_FLOAT32)
#define d(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_FLOAT64)
#define i(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_INT64)
#define b(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_BOOL8)

typedef struct {
  GantryTensor *(*build) (void);
  const gchar *expected; /* a shape with its dtype, or a message */
} Row;

#define BUILD(name, expression) \
  static GantryTensor * \
  name (void) \
  { \
    return expression; \
  }

static GantryTensor *
builtin (const gchar *op, GantryTensor *x, const gint64 *ints, guint n_ints)
{
  return gantry_apply (gantry_op_find (op), &x, 1, ints, n_ints, NULL, 0);
}

/* What fits. */
BUILD (fit_sin, gantry_sin (d (2, 3)))
BUILD (fit_abs, gantry_abs (i (2)))
BUILD (fit_maximum, gantry_maximum (i (2, 1), i (3)))
BUILD (fit_pow, gantry_pow (f (2, 1), f (3)))
BUILD (fit_power, gantry_power (f (2, 3), -1.5))
BUILD (fit_not_equal, gantry_not_equal (i (4, 1), i (3)))
BUILD (fit_and, gantry_logical_and (b (4, 1), b (3)))
BUILD (fit_not, gantry_logical_not (b (4)))
BUILD (fit_clamp, gantry_clamp (d (2, 3), 0, 0))
BUILD (fit_clamp_not, gantry_clamp (f (2, 3), -INFINITY, INFINITY))
BUILD (fit_elu, gantry_elu (d (5), 1))
BUILD (fit_sum_int, gantry_sum (i (2, 3)))
BUILD (fit_min, gantry_min_axes (f (2, 3, 4), GANTRY_AXIS (1), FALSE))
BUILD (fit_variance, gantry_variance (d (2, 3, 4), GANTRY_AXIS (0) | GANTRY_AXIS (2), 1, FALSE))
BUILD (fit_deviation, gantry_standard_deviation (f (2, 3), GANTRY_AXIS (0), 0, TRUE))
BUILD (fit_norm, gantry_norm_axes (f (2, 3, 4), GANTRY_AXIS (2), TRUE))
BUILD (fit_normalize, gantry_normalize (d (2, 3), GANTRY_AXIS (1), 1e-12))
BUILD (fit_logsumexp, gantry_logsumexp (f (2, 3, 4), GANTRY_AXIS (1) | GANTRY_AXIS (2), FALSE))
BUILD (fit_logsumexp_none, gantry_logsumexp (f (2, 3), 0, FALSE))
BUILD (fit_softmax, gantry_softmax (f (2, 3), 0))
BUILD (fit_log_softmax, gantry_log_softmax (d (2, 3), 1))
BUILD (fit_arg_max, gantry_arg_max (f (2, 3, 4), 1, FALSE))
BUILD (fit_arg_min, gantry_arg_min (i (2, 3, 4), 2, TRUE))
BUILD (fit_arg_max_scalar, gantry_arg_max (f (7), 0, FALSE))
BUILD (fit_arg_sort, gantry_arg_sort (f (2, 3), 0, TRUE))
BUILD (fit_sort, gantry_sort (i (2, 3), 1, FALSE))
BUILD (fit_max_along, gantry_max_along (d (2, 3, 4), 0, FALSE))
BUILD (fit_cross_entropy, gantry_cross_entropy (f (8, 10), i (8), 0))
BUILD (fit_cross_entropy_map, gantry_cross_entropy (f (8, 10, 4, 5), i (8, 4, 5), 0.1))
BUILD (fit_binary, gantry_binary_cross_entropy (f (8, 1), f (8, 5)))

static const Row fitting[] = {
  { fit_sin, "float64 [2, 3]" },
  { fit_abs, "int64 [2]" },
  { fit_maximum, "int64 [2, 3]" },
  { fit_pow, "float32 [2, 3]" },
  { fit_power, "float32 [2, 3]" },
  { fit_not_equal, "bool8 [4, 3]" },
  { fit_and, "bool8 [4, 3]" },
  { fit_not, "bool8 [4]" },
  { fit_clamp, "float64 [2, 3]" },
  { fit_clamp_not, "float32 [2, 3]" },
  { fit_elu, "float64 [5]" },
  { fit_sum_int, "int64 []" },
  { fit_min, "float32 [2, 4]" },
  { fit_variance, "float64 [3]" },
  { fit_deviation, "float32 [1, 3]" },
  { fit_norm, "float32 [2, 3, 1]" },
  { fit_normalize, "float64 [2, 3]" },
  { fit_logsumexp, "float32 [2]" },
  { fit_logsumexp_none, "float32 [2, 3]" },
  { fit_softmax, "float32 [2, 3]" },
  { fit_log_softmax, "float64 [2, 3]" },
  { fit_arg_max, "int64 [2, 4]" },
  { fit_arg_min, "int64 [2, 3, 1]" },
  { fit_arg_max_scalar, "int64 []" },
  { fit_arg_sort, "int64 [2, 3]" },
  { fit_sort, "int64 [2, 3]" },
  { fit_max_along, "float64 [3, 4]" },
  { fit_cross_entropy, "float32 [8]" },
  { fit_cross_entropy_map, "float32 [8, 4, 5]" },
  { fit_binary, "float32 [8, 5]" }
};

/* What does not. */
BUILD (bad_sin, gantry_sin (i (2)))
BUILD (bad_floor, gantry_floor (b (2)))
BUILD (bad_pow, gantry_pow (f (2), f (3)))
BUILD (bad_pow_mix, gantry_pow (f (2), d (2)))
BUILD (bad_power, gantry_power (f (2), NAN))
BUILD (bad_power_int, gantry_power (i (2), 2))
BUILD (bad_atan2, gantry_atan2 (i (2), i (2)))
BUILD (bad_less_equal, gantry_less_equal (f (2), i (2)))
BUILD (bad_not_equal, gantry_not_equal (b (2), b (2)))
BUILD (bad_and, gantry_logical_and (b (2), f (2)))
BUILD (bad_and_number, gantry_logical_and (f (2), f (2)))
BUILD (bad_or, gantry_logical_or (b (2), b (3)))
BUILD (bad_not, gantry_logical_not (i (2)))
BUILD (bad_clamp, gantry_clamp (f (2), 1, -1))
BUILD (bad_clamp_nan, gantry_clamp (f (2), NAN, 1))
BUILD (bad_clamp_int, gantry_clamp (i (2), 0, 1))
BUILD (bad_elu, gantry_elu (f (2), INFINITY))
BUILD (bad_elu_int, gantry_elu (i (2), 1))
BUILD (bad_variance, gantry_variance (f (2, 3), GANTRY_AXIS (0), 2, FALSE))
BUILD (bad_variance_axis, gantry_variance (f (2, 3), GANTRY_AXIS (4), 0, FALSE))
BUILD (bad_min_axis, gantry_min_axes (f (2, 3), GANTRY_AXIS (2), FALSE))
BUILD (bad_normalize, gantry_normalize (f (2, 3), GANTRY_AXIS (1), 0))
BUILD (bad_logsumexp, gantry_logsumexp (f (2, 3), GANTRY_AXIS (3), FALSE))
BUILD (bad_softmax, gantry_softmax (f (2, 3), 2))
BUILD (bad_log_softmax, gantry_log_softmax (f (2, 3), 32))
BUILD (bad_softmax_int, gantry_softmax (i (2, 3), 1))
BUILD (bad_arg_max, gantry_arg_max (f (2, 3), 2, FALSE))
BUILD (bad_arg_max_bool, gantry_arg_max (b (2, 3), 1, FALSE))
BUILD (bad_arg_sort, gantry_arg_sort (gantry_constant (graph, 1), 0, FALSE))
BUILD (bad_arg_sort_attributes, builtin ("arg-sort", f (2), (const gint64[]) { 0 }, 1))
BUILD (bad_arg_min_negative, builtin ("arg-min", f (2), (const gint64[]) { -1, 0 }, 2))
BUILD (bad_sort, gantry_sort (f (2, 3), 5, FALSE))
BUILD (bad_max_along, gantry_max_along (f (2, 3), 2, FALSE))
BUILD (bad_labels, gantry_cross_entropy (f (8, 10), i (7), 0))
BUILD (bad_labels_axes, gantry_cross_entropy (f (8, 10), i (8, 1), 0))
BUILD (bad_labels_real, gantry_cross_entropy (f (8, 10), f (8), 0))
BUILD (bad_smoothing, gantry_cross_entropy (f (8, 10), i (8), 1.5))
BUILD (bad_targets, gantry_binary_cross_entropy (f (8, 2), f (8, 5)))

static const Row failing[] = {
  { bad_sin, "sin: input 0 is int64, float32 or float64 is needed" },
  { bad_floor, "floor: input 0 is bool8, float32 or float64 is needed" },
  { bad_pow, "pow: [2] and [3]: they do not broadcast: aligned at the last axis, sizes must be equal or 1" },
  { bad_pow_mix, "pow: float32 [2] and float64 [2] do not mix: cast one of them" },
  { bad_power, "power: nan, a finite number is needed" },
  { bad_power_int, "pow: input 0 is int64, float32 or float64 is needed" },
  { bad_atan2, "atan2: input 0 is int64, float32 or float64 is needed" },
  { bad_less_equal, "less-equal: float32 [2] and int64 [2] do not mix: cast one of them" },
  { bad_not_equal, "not-equal: input 0 is bool8, float32, float64 or int64 is needed" },
  { bad_and, "logical-and: bool8 [2] and float32 [2] do not mix: cast one of them" },
  { bad_and_number, "logical-and: input 0 is float32, bool8 is needed" },
  { bad_or, "logical-or: [2] and [3]: they do not broadcast: aligned at the last axis, sizes must be equal or 1" },
  { bad_not, "logical-not: input 0 is int64, bool8 is needed" },
  { bad_clamp, "clamp: from 1 to -1: the lower bound must not be above the upper one" },
  { bad_clamp_nan, "clamp: from nan to 1: the lower bound must not be above the upper one" },
  { bad_clamp_int, "clamp: input 0 is int64, float32 or float64 is needed" },
  { bad_elu, "scale: inf, a finite number is needed" },
  { bad_elu_int, "expm1: input 0 is int64, float32 or float64 is needed" },
  { bad_variance, "variance: of 2 elements with a correction of 2" },
  { bad_variance_axis, "sum: [2, 3]: axis 4 is out of range, there are 2" },
  { bad_min_axis, "max: [2, 3]: axis 2 is out of range, there are 2" },
  { bad_normalize, "normalize: eps is 0, a positive number is needed" },
  { bad_logsumexp, "max: [2, 3]: axis 3 is out of range, there are 2" },
  { bad_softmax, "softmax: [2, 3]: axis 2 is out of range, there are 2" },
  { bad_log_softmax, "log-softmax: [2, 3]: axis 32 is out of range, there are 2" },
  { bad_softmax_int, "detach: input 0 is int64, float32 or float64 is needed" },
  { bad_arg_max, "arg-max: [2, 3]: axis 2 is out of range, there are 2" },
  { bad_arg_max_bool, "arg-max: input 0 is bool8, float32, float64 or int64 is needed" },
  { bad_arg_sort, "arg-sort: []: axis 0 is out of range, there are 0" },
  { bad_arg_sort_attributes, "arg-sort: 1 whole and 0 real attributes, 2 and 0 are needed" },
  { bad_arg_min_negative, "arg-min: [2]: axis -1 is out of range, there are 1" },
  { bad_sort, "arg-sort: [2, 3]: axis 5 is out of range, there are 2" },
  { bad_max_along, "arg-max: [2, 3]: axis 2 is out of range, there are 2" },
  { bad_labels, "cross-entropy: [8, 10] and int64 [7]: logits [batch, classes, ...] and int64 labels [batch, ...] are needed" },
  { bad_labels_axes, "cross-entropy: [8, 10] and int64 [8, 1]: logits [batch, classes, ...] and int64 labels [batch, ...] are needed" },
  { bad_labels_real, "cross-entropy: [8, 10] and float32 [8]: logits [batch, classes, ...] and int64 labels [batch, ...] are needed" },
  { bad_smoothing, "cross-entropy: smoothing is 1.5, a number from 0 to 1 is needed" },
  { bad_targets, "mul: [8, 5] and [8, 2]: they do not broadcast: aligned at the last axis, sizes must be equal or 1" }
};

static void
setup (void)
{
  graph = gantry_graph_new (GANTRY_FLOAT32);
  n_feeds = 0;
}

static void
teardown (void)
{
  g_clear_object (&graph);
}

START_TEST (fits)
{
  GantryTensor *tensor = fitting[_i].build ();
  g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (tensor));
  g_autofree gchar *text = g_strdup_printf ("%s %s", gantry_dtype_name (gantry_tensor_get_dtype (tensor)), shape);
  g_autoptr (GError) error = NULL;

  gantry_graph_finish (graph, &error);
  ck_assert_msg (error == NULL, "%s expected, but: %s", fitting[_i].expected, error != NULL ? error->message : "");
  ck_assert_str_eq (text, fitting[_i].expected);
}
END_TEST

START_TEST (fails)
{
  g_autoptr (GError) error = NULL;
  GantryTensor *tensor = failing[_i].build ();

  ck_assert (tensor != NULL && gantry_tensor_is_poisoned (tensor) && gantry_tensor_get_size (tensor) >= 1);
  ck_assert (!gantry_graph_finish (graph, &error));
  ck_assert (error->domain == GANTRY_GRAPH_ERROR);
  ck_assert_str_eq (error->message, failing[_i].expected);
}
END_TEST

/* On what has failed already every function gives something that has failed, and says nothing more. */
START_TEST (poisoned_stays_poisoned)
{
  GantryTensor *x = gantry_sub (f (2, 3), f (4, 3)), *y = gantry_cast (x, GANTRY_INT64);
  GantryTensor *results[] = {
    gantry_sin (x), gantry_power (x, 2), gantry_clamp (x, 0, 1), gantry_elu (x, 1), gantry_gelu (x), gantry_variance (x, 1, 1, FALSE),
    gantry_normalize (x, 1, 1e-6), gantry_logsumexp (x, 1, FALSE), gantry_softmax (x, 1), gantry_log_softmax (x, 1),
    gantry_arg_max (x, 1, FALSE), gantry_sort (x, 0, FALSE), gantry_max_along (x, 1, FALSE), gantry_min_along (x, 1, TRUE),
    gantry_cross_entropy (x, i (2), 0), gantry_cross_entropy (f (2, 3), y, 0), gantry_binary_cross_entropy (x, x),
    gantry_logical_not (gantry_less_equal (x, x))
  };
  g_autoptr (GError) error = NULL;

  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    ck_assert_msg (gantry_tensor_is_poisoned (results[k]), "result %u", k);
  ck_assert (!gantry_graph_finish (graph, &error));
  ck_assert (g_str_has_prefix (error->message, "sub: "));
}
END_TEST

START_TEST (flops)
{
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_sin (f (2, 3))), 6);
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_atan2 (f (2, 3), f (4, 1, 1))), 24);
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_arg_max (f (2, 3), 1, FALSE)), 6);
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_arg_sort (f (2, 8), 1, FALSE)), 2 * 8 * 3);
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_arg_sort (f (2, 1), 1, FALSE)), 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("function-shapes");
  TCase *tcase = tcase_create ("function-shapes");
  SRunner *runner;
  int failures;

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, fits, 0, G_N_ELEMENTS (fitting));
  tcase_add_loop_test (tcase, fails, 0, G_N_ELEMENTS (failing));
  tcase_add_test (tcase, poisoned_stays_poisoned);
  tcase_add_test (tcase, flops);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
