/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What differentiation makes of a graph's structure; numbers are checked in test-gradients. */
#include <check.h>
#include <gantry/op.h>
#include <gantry/ops.h>
#include <stdlib.h>
#include <string.h>

static GantryGraph *graph;
static GantryTensor *x;

static void
setup (void)
{
  graph = gantry_graph_new (GANTRY_FLOAT32);
  x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32);
}

static void
teardown (void)
{
  g_clear_object (&graph);
}

static void
assert_message (const gchar *expected)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_graph_finish (graph, &error));
  ck_assert_str_eq (error->message, expected);
}

static void
assert_zero (GantryTensor *gradient, GantryTensor *like)
{
  const gdouble *reals = gantry_tensor_get_reals (gradient, NULL);

  ck_assert (gantry_graph_finish (graph, NULL));
  ck_assert_str_eq (gantry_tensor_get_op_name (gradient), "fill");
  ck_assert (reals[0] == 0);
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (gradient), gantry_tensor_get_shape (like)));
  ck_assert_int_eq (gantry_tensor_get_dtype (gradient), gantry_tensor_get_dtype (like));
}

START_TEST (unconnected)
{
  GantryTensor *y = gantry_graph_feed (graph, "y", GANTRY_SHAPE (4), GANTRY_FLOAT64);

  assert_zero (gantry_gradient (gantry_sum (x), y), y);
}
END_TEST

START_TEST (made_later)
{
  GantryTensor *loss = gantry_sum (x);
  GantryTensor *y = gantry_square (x);

  assert_zero (gantry_gradient (loss, y), y);
}
END_TEST

START_TEST (detached)
{
  assert_zero (gantry_gradient (gantry_sum (gantry_square (gantry_detach (x))), x), x);
}
END_TEST

START_TEST (through_whole_numbers)
{
  GantryTensor *whole = gantry_cast (gantry_cast (x, GANTRY_INT64), GANTRY_FLOAT32);

  assert_zero (gantry_gradient (gantry_sum (whole), x), x);
  ck_assert (!gantry_tensor_depends_on (whole, x));
}
END_TEST

START_TEST (through_comparisons)
{
  GantryTensor *mask = gantry_cast (gantry_greater (x, gantry_constant (graph, 0)), GANTRY_FLOAT32);

  assert_zero (gantry_gradient (gantry_sum (mask), x), x);
}
END_TEST

START_TEST (by_itself)
{
  GantryTensor *loss = gantry_sum (x);
  GantryTensor *gradient = gantry_gradient (loss, loss);

  ck_assert_str_eq (gantry_tensor_get_op_name (gradient), "fill");
  ck_assert (gantry_tensor_get_reals (gradient, NULL)[0] == 1);
}
END_TEST

START_TEST (by_something_inside)
{
  GantryTensor *middle = gantry_detach (x);
  GantryTensor *loss = gantry_sum (gantry_square (middle));
  GantryTensor *both[] = { x, middle }, *gradients[2];

  gantry_gradients (loss, both, 2, gradients);
  assert_zero (gradients[0], x);
  ck_assert_str_eq (gantry_tensor_get_op_name (gradients[1]), "mul");
}
END_TEST

START_TEST (nothing_unneeded_is_made)
{
  GantryTensor *w = gantry_graph_feed (graph, "w", GANTRY_SHAPE (3, 5), GANTRY_FLOAT32);
  GantryTensor *loss = gantry_sum (gantry_matmul (x, w));
  guint before = gantry_graph_get_n_tensors (graph);
  guint products = 0, sums = 0;

  gantry_gradient (loss, x);
  for (guint id = before; id < gantry_graph_get_n_tensors (graph); id++)
    {
      products += g_str_equal (gantry_tensor_get_op_name (gantry_graph_get_tensor (graph, id)), "matmul");
      sums += g_str_equal (gantry_tensor_get_op_name (gantry_graph_get_tensor (graph, id)), "add");
    }
  ck_assert_uint_eq (products, 1);
  ck_assert_uint_eq (sums, 0);
}
END_TEST

START_TEST (dependence)
{
  GantryTensor *y = gantry_square (x);

  ck_assert (gantry_tensor_depends_on (y, x));
  ck_assert (gantry_tensor_depends_on (x, x));
  ck_assert (!gantry_tensor_depends_on (x, y));
  ck_assert (!gantry_tensor_depends_on (gantry_detach (y), x));
  ck_assert (!gantry_tensor_depends_on (gantry_sign (y), x));
}
END_TEST

START_TEST (scopes_of_gradients)
{
  GantryTensor *loss, *gradient;

  gantry_graph_push_label (graph, "critic");
  loss = gantry_sum (gantry_exp (x));
  gantry_graph_pop (graph);
  gradient = gantry_gradient (loss, x);
  ck_assert_str_eq (gantry_tensor_get_scope (gradient), "critic: gradient");
  gradient = gantry_gradient (gantry_sum (gradient), x);
  ck_assert_str_eq (gantry_tensor_get_scope (gradient), "critic: gradient");
  ck_assert_str_eq (gantry_tensor_get_scope (gantry_neg (x)), "");
}
END_TEST

static gboolean
infer_same (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = *gantry_tensor_get_shape (call->inputs[0]);
  *dtype = gantry_tensor_get_dtype (call->inputs[0]);
  return TRUE;
}

static void
misshapen_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_sum (dy);
}

static gboolean
infer_silent (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return FALSE;
}

static const GantryOp ruleless = { .size = sizeof (GantryOp), .name = "ruleless", .n_inputs = 1, .infer = infer_same };
static const GantryOp misshapen = { .size = sizeof (GantryOp), .name = "misshapen", .n_inputs = 1, .infer = infer_same,
                                    .gradient = misshapen_gradient };
static const GantryOp silent = { .size = sizeof (GantryOp), .name = "silent", .n_inputs = 1, .infer = infer_silent };
static const GantryOp impostor = { .size = sizeof (GantryOp), .name = "add", .n_inputs = 1, .infer = infer_same };
static const GantryOp stunted = { .size = 16, .name = "stunted", .n_inputs = 1, .infer = infer_same };

START_TEST (missing_rule)
{
  GantryTensor *y, *gradient;

  gantry_graph_push_label (graph, "critic");
  y = gantry_apply (&ruleless, &x, 1, NULL, 0, NULL, 0);
  gantry_graph_pop (graph);
  ck_assert (gantry_graph_finish (graph, NULL));
  gradient = gantry_gradient (gantry_sum (y), x);
  ck_assert (gantry_tensor_is_poisoned (gradient));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (gradient), GANTRY_SHAPE (2, 3)));
  assert_message ("critic: gradient: ruleless: the op has no gradient rule");
}
END_TEST

START_TEST (missing_rule_off_the_path)
{
  GantryTensor *other = gantry_graph_feed (graph, "y", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32);
  GantryTensor *y = gantry_apply (&ruleless, &other, 1, NULL, 0, NULL, 0);

  gantry_gradient (gantry_sum (gantry_mul (x, y)), x);
  ck_assert (gantry_graph_finish (graph, NULL));
}
END_TEST

START_TEST (rule_with_a_wrong_shape)
{
  gantry_gradient (gantry_sum (gantry_apply (&misshapen, &x, 1, NULL, 0, NULL, 0)), x);
  assert_message ("gradient: misshapen: the gradient rule gives float32 [] for input 0, which is float32 [2, 3]");
}
END_TEST

START_TEST (silent_shape_rule)
{
  gantry_apply (&silent, &x, 1, NULL, 0, NULL, 0);
  assert_message ("silent: the shape rule failed without saying why");
}
END_TEST

START_TEST (name_of_a_builtin)
{
  gantry_apply (&impostor, &x, 1, NULL, 0, NULL, 0);
  assert_message ("add: the name is taken by a built-in op");
}
END_TEST

START_TEST (descriptor_of_another_size)
{
  g_autofree gchar *expected = g_strdup_printf ("stunted: a descriptor of 16 bytes with a name and a shape rule; %" G_GSIZE_FORMAT
                                                " bytes, a name and a shape rule are needed", sizeof (GantryOp));

  gantry_apply (&stunted, &x, 1, NULL, 0, NULL, 0);
  assert_message (expected);
}
END_TEST

START_TEST (too_many_inputs)
{
  gantry_apply (&ruleless, (GantryTensor *[]) { x, x }, 2, NULL, 0, NULL, 0);
  assert_message ("ruleless: 2 inputs, 1 are needed");
}
END_TEST

START_TEST (of_something_that_is_no_scalar)
{
  gantry_gradient (gantry_square (x), x);
  assert_message ("gradient: what is differentiated is float32 [2, 3], a real number [] is needed");
}
END_TEST

START_TEST (by_whole_numbers)
{
  GantryTensor *labels = gantry_graph_feed (graph, "labels", GANTRY_SHAPE (2), GANTRY_INT64);

  gantry_gradient (gantry_sum (x), labels);
  assert_message ("gradient: tensor 0 to differentiate by is int64, float32 or float64 is needed");
}
END_TEST

START_TEST (by_another_graph)
{
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);

  gantry_gradient (gantry_sum (x), gantry_constant (other, 1));
  assert_message ("gradient: tensor 0 to differentiate by is of another graph");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("differentiation");
  TCase *tcase = tcase_create ("differentiation");
  SRunner *runner;
  int failures;

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, unconnected);
  tcase_add_test (tcase, made_later);
  tcase_add_test (tcase, detached);
  tcase_add_test (tcase, through_whole_numbers);
  tcase_add_test (tcase, through_comparisons);
  tcase_add_test (tcase, by_itself);
  tcase_add_test (tcase, by_something_inside);
  tcase_add_test (tcase, nothing_unneeded_is_made);
  tcase_add_test (tcase, dependence);
  tcase_add_test (tcase, scopes_of_gradients);
  tcase_add_test (tcase, missing_rule);
  tcase_add_test (tcase, missing_rule_off_the_path);
  tcase_add_test (tcase, rule_with_a_wrong_shape);
  tcase_add_test (tcase, silent_shape_rule);
  tcase_add_test (tcase, name_of_a_builtin);
  tcase_add_test (tcase, descriptor_of_another_size);
  tcase_add_test (tcase, too_many_inputs);
  tcase_add_test (tcase, of_something_that_is_no_scalar);
  tcase_add_test (tcase, by_whole_numbers);
  tcase_add_test (tcase, by_another_graph);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
