/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scopes, modes, inputs, outputs, the error that sticks. */
#include <check.h>
#include <gantry/op.h>
#include <gantry/ops.h>
#include <gantry/tensors.h>
#include <stdlib.h>

static GantryGraph *graph;

static void
setup (void)
{
  graph = gantry_graph_new (GANTRY_FLOAT32);
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
assert_place (const gchar *label, const gchar *prefix)
{
  g_autofree gchar *found_label = gantry_graph_get_label (graph);
  g_autofree gchar *found_prefix = gantry_graph_get_prefix (graph);

  ck_assert_str_eq (found_label, label);
  ck_assert_str_eq (found_prefix, prefix);
}

START_TEST (scopes)
{
  g_autofree gchar *full = NULL;

  assert_place ("", "");
  gantry_graph_push_owner (graph, "generator");
  gantry_graph_push_scope (graph, "main");
  assert_place ("generator: main", "generator.main");
  gantry_graph_push_label (graph, "step %d", 3);
  full = gantry_graph_qualify (graph, "weight");
  ck_assert_str_eq (full, "generator.main.weight");
  gantry_graph_push_owner (graph, "critic");
  assert_place ("generator: main: step 3: critic", "critic");
  gantry_graph_pop (graph);
  assert_place ("generator: main: step 3", "generator.main");
  gantry_graph_pop (graph);
  gantry_graph_pop (graph);
  assert_place ("generator", "generator");
  gantry_graph_pop (graph);
  assert_place ("", "");
  ck_assert (gantry_graph_finish (graph, NULL));
  gantry_graph_pop (graph);
  assert_message ("pop: no scope was pushed");
}
END_TEST

START_TEST (tensors_know_their_scope)
{
  GantryTensor *outside = gantry_constant (graph, 1), *inside;

  gantry_graph_push_scope (graph, "head");
  inside = gantry_neg (outside);
  gantry_graph_pop (graph);
  ck_assert_str_eq (gantry_tensor_get_scope (outside), "");
  ck_assert_str_eq (gantry_tensor_get_scope (inside), "head");
  ck_assert (gantry_tensor_get_input (inside, 0) == outside);
  ck_assert (gantry_tensor_get_input (inside, 1) == NULL);
  ck_assert_uint_eq (gantry_tensor_get_id (inside), 1);
  ck_assert (gantry_graph_get_tensor (graph, 1) == inside);
  ck_assert (gantry_graph_get_tensor (graph, 2) == NULL);
}
END_TEST

START_TEST (modes)
{
  ck_assert_int_eq (gantry_graph_get_mode (graph), GANTRY_MODE_TRAIN);
  gantry_graph_push_mode (graph, GANTRY_MODE_FROZEN);
  gantry_graph_push_mode (graph, GANTRY_MODE_EVALUATE);
  ck_assert_int_eq (gantry_graph_get_mode (graph), GANTRY_MODE_EVALUATE);
  gantry_graph_pop_mode (graph);
  ck_assert_int_eq (gantry_graph_get_mode (graph), GANTRY_MODE_FROZEN);
  gantry_graph_pop_mode (graph);
  gantry_graph_pop_mode (graph);
  assert_message ("pop: no mode was pushed");
}
END_TEST

START_TEST (the_first_error_sticks)
{
  gantry_graph_push_label (graph, "loss");
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "%d is wrong", 1);
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "2 is wrong");
  gantry_graph_pop (graph);
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "3 is wrong");
  ck_assert (gantry_graph_has_failed (graph));
  assert_message ("loss: 1 is wrong");
  assert_message ("loss: 1 is wrong");
}
END_TEST

START_TEST (poison_without_an_error_is_one)
{
  gantry_graph_poison (graph, GANTRY_SHAPE (2), GANTRY_FLOAT32);
  assert_message ("poison: a result is missing");
}
END_TEST

START_TEST (graph_of_whole_numbers)
{
  g_clear_object (&graph);
  graph = gantry_graph_new (GANTRY_INT64);
  assert_message ("graph: dtype int64, float32 or float64 is needed");
}
END_TEST

START_TEST (tensors_of_two_graphs)
{
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *sum = gantry_add (gantry_constant (graph, 1), gantry_constant (other, 1));

  ck_assert (gantry_tensor_is_poisoned (sum));
  ck_assert (gantry_graph_has_failed (other));
  assert_message ("add: input 1 is a tensor of another graph");
}
END_TEST

START_TEST (feeds)
{
  GantryTensor *x;

  gantry_graph_push_owner (graph, "generator");
  x = gantry_graph_feed (graph, "real", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32);
  ck_assert_str_eq (gantry_tensor_get_name (x), "real");
  ck_assert_int_eq (gantry_tensor_get_input_kind (x), GANTRY_INPUT_FEED);
  ck_assert (gantry_graph_feed (graph, "real", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32) == x);
  ck_assert (gantry_graph_find_input (graph, "real") == x);
  ck_assert (gantry_graph_find_input (graph, "generator.real") == NULL);
  ck_assert (gantry_graph_finish (graph, NULL));
  gantry_graph_feed (graph, "real", GANTRY_SHAPE (3), GANTRY_FLOAT32);
  assert_message ("generator: feed 'real': asked as float32 [3], but it is already a feed of float32 [2, 3]");
}
END_TEST

START_TEST (random_tensors)
{
  GantryTensor *first, *second, *third;
  g_autoptr (GPtrArray) inputs = NULL;

  gantry_graph_push_owner (graph, "generator");
  first = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "latent", GANTRY_SHAPE (4, 8));
  second = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "latent", GANTRY_SHAPE (4, 8));
  third = gantry_graph_random (graph, GANTRY_INPUT_UNIFORM, "latent", GANTRY_SHAPE (2));
  inputs = gantry_graph_list_inputs (graph);
  ck_assert (first != second);
  ck_assert_str_eq (gantry_tensor_get_name (first), "generator.latent");
  ck_assert_str_eq (gantry_tensor_get_name (second), "generator.latent#2");
  ck_assert_str_eq (gantry_tensor_get_name (third), "generator.latent#3");
  ck_assert_int_eq (gantry_tensor_get_input_kind (third), GANTRY_INPUT_UNIFORM);
  ck_assert_uint_eq (inputs->len, 3);
  ck_assert (inputs->pdata[1] == second);
  gantry_graph_feed (graph, "generator.latent", GANTRY_SHAPE (4, 8), GANTRY_FLOAT32);
  assert_message ("generator: feed 'generator.latent': asked as float32 [4, 8], but it is already a random of float32 [4, 8]");
}
END_TEST

START_TEST (random_of_another_kind)
{
  gantry_graph_random (graph, GANTRY_INPUT_SCALAR, "z", GANTRY_SHAPE (4));
  assert_message ("random 'z': kind 3 is neither normal nor uniform");
}
END_TEST

static const GantryProperty properties[] = {
  GANTRY_DOUBLE ("gamma", 0, 10, 1, GANTRY_SCHEDULABLE, "", "weight of the penalty"),
  GANTRY_INT ("interval", 1, 100, 1, 0, "steps", "steps between two"),
  GANTRY_STRING ("note", "", 0, "a remark"),
  GANTRY_END
};

typedef struct {
  GantryComponent parent_instance;
} TestPenalty;

typedef struct {
  GantryComponentClass parent_class;
} TestPenaltyClass;

GType test_penalty_get_type (void);
G_DEFINE_TYPE (TestPenalty, test_penalty, GANTRY_TYPE_COMPONENT)

static void
test_penalty_class_init (TestPenaltyClass *klass)
{
  gantry_component_class_install (GANTRY_COMPONENT_CLASS (klass), properties, sizeof (GantryProperty));
}

static void
test_penalty_init (TestPenalty *self)
{
}

START_TEST (scalars)
{
  GantryComponent *penalty = g_object_new (test_penalty_get_type (), NULL);
  g_autoptr (GantryComponent) twin = g_object_new (test_penalty_get_type (), NULL);
  GantryTensor *gamma, *interval, *other;

  gantry_component_set_identity (penalty, "regularizer", "r1", "first");
  gantry_component_set_identity (twin, "regularizer", "r1", "first");
  gamma = gantry_graph_scalar (graph, penalty, "gamma");
  interval = gantry_graph_scalar (graph, penalty, "interval");
  other = gantry_graph_scalar (graph, twin, "gamma");
  ck_assert_str_eq (gantry_tensor_get_name (gamma), "regularizer.first.gamma");
  ck_assert_str_eq (gantry_tensor_get_name (interval), "regularizer.first.interval");
  ck_assert_str_eq (gantry_tensor_get_name (other), "regularizer.first.gamma#2");
  ck_assert (gantry_graph_scalar (graph, penalty, "gamma") == gamma);
  ck_assert_int_eq (gantry_tensor_get_input_kind (gamma), GANTRY_INPUT_SCALAR);
  ck_assert_uint_eq (gantry_tensor_get_n_dims (gamma), 0);
  g_object_unref (penalty);
  ck_assert (GANTRY_IS_COMPONENT (penalty));
  ck_assert (gantry_graph_finish (graph, NULL));
  gantry_graph_scalar (graph, penalty, "gama");
  assert_message ("scalar 'gama': no such property; the nearest is 'gamma'");
}
END_TEST

START_TEST (scalar_that_is_no_number)
{
  g_autoptr (GantryComponent) penalty = g_object_new (test_penalty_get_type (), NULL);

  gantry_graph_scalar (graph, penalty, "note");
  assert_message ("scalar 'note': the property is a gchararray, not a number");
}
END_TEST

START_TEST (outputs)
{
  GantryTensor *one = gantry_constant (graph, 1), *two = gantry_constant (graph, 2);
  g_auto (GStrv) names = NULL;

  gantry_graph_output (graph, "loss.real", one);
  gantry_graph_output (graph, "loss", two);
  names = gantry_graph_list_outputs (graph);
  ck_assert_uint_eq (g_strv_length (names), 2);
  ck_assert_str_eq (names[0], "loss.real");
  ck_assert (gantry_graph_find_output (graph, "loss") == two);
  ck_assert (gantry_graph_find_output (graph, "r1") == NULL);
  gantry_graph_output (graph, "loss", one);
  assert_message ("output 'loss': the name is taken by another output");
}
END_TEST

START_TEST (output_of_another_graph)
{
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);

  gantry_graph_output (graph, "loss", gantry_constant (other, 1));
  assert_message ("output 'loss': a tensor of another graph");
}
END_TEST

START_TEST (boxed_tensors_hold_their_graph)
{
  GantryTensor *tensor = gantry_constant (graph, 1);
  GantryTensor *copy = g_boxed_copy (GANTRY_TYPE_TENSOR, tensor);

  g_clear_object (&graph);
  ck_assert_str_eq (gantry_tensor_get_op_name (copy), "fill");
  g_boxed_free (GANTRY_TYPE_TENSOR, copy);
}
END_TEST

START_TEST (named_tensors)
{
  g_autoptr (GantryTensors) tensors = gantry_tensors_new ();
  GantryTensor *one = gantry_constant (graph, 1), *two = gantry_constant (graph, 2);

  gantry_tensors_set (tensors, "logits", one);
  gantry_tensors_set (tensors, "features.0", one);
  gantry_tensors_set (tensors, "logits", two);
  ck_assert_uint_eq (gantry_tensors_get_n (tensors), 2);
  ck_assert_str_eq (gantry_tensors_get_name (tensors, 0), "logits");
  ck_assert (gantry_tensors_get_name (tensors, 2) == NULL);
  ck_assert (gantry_tensors_get (tensors, "logits") == two);
  ck_assert (gantry_tensors_get (tensors, "image") == NULL);
  g_clear_object (&graph);
  ck_assert_uint_eq (gantry_tensor_get_n_dims (gantry_tensors_get (tensors, "logits")), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("graph");
  TCase *tcase = tcase_create ("graph");
  SRunner *runner;
  int failures;

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, scopes);
  tcase_add_test (tcase, tensors_know_their_scope);
  tcase_add_test (tcase, modes);
  tcase_add_test (tcase, the_first_error_sticks);
  tcase_add_test (tcase, poison_without_an_error_is_one);
  tcase_add_test (tcase, graph_of_whole_numbers);
  tcase_add_test (tcase, tensors_of_two_graphs);
  tcase_add_test (tcase, feeds);
  tcase_add_test (tcase, random_tensors);
  tcase_add_test (tcase, random_of_another_kind);
  tcase_add_test (tcase, scalars);
  tcase_add_test (tcase, scalar_that_is_no_number);
  tcase_add_test (tcase, outputs);
  tcase_add_test (tcase, output_of_another_graph);
  tcase_add_test (tcase, boxed_tensors_hold_their_graph);
  tcase_add_test (tcase, named_tensors);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
