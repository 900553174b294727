/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables: what reads give, what is assigned, what a binding does. */
#include <check.h>
#include <gantry/ops.h>
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

static GantryVariable *
declare (const gchar *name)
{
  return gantry_graph_variable (graph, name, GANTRY_SHAPE (3), GANTRY_FLOAT32, GANTRY_NORMAL (0, 0.02), TRUE);
}

static void
assert_message (const gchar *expected)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_graph_finish (graph, &error));
  ck_assert_str_eq (error->message, expected);
}

START_TEST (declaration)
{
  GantryVariable *variable, *again;
  g_autoptr (GPtrArray) all = NULL;

  gantry_graph_push_owner (graph, "generator");
  gantry_graph_push_scope (graph, "main.0");
  variable = declare ("weight");
  again = declare ("weight");
  gantry_graph_pop (graph);
  declare ("bias");
  all = gantry_graph_list_variables (graph);
  ck_assert_str_eq (variable->name, "generator.main.0.weight");
  ck_assert (variable == again);
  ck_assert (gantry_graph_find_variable (graph, "generator.main.0.weight") == variable);
  ck_assert (gantry_graph_find_variable (graph, "weight") == NULL);
  ck_assert (variable->initializer.kind == GANTRY_INITIALIZER_NORMAL && variable->initializer.b == 0.02);
  ck_assert (variable->trainable);
  ck_assert_uint_eq (all->len, 2);
  ck_assert (all->pdata[0] == variable);
  ck_assert_str_eq (((GantryVariable *) all->pdata[1])->name, "generator.bias");
  ck_assert (gantry_graph_finish (graph, NULL));
}
END_TEST

START_TEST (reads_give_what_was_assigned_last)
{
  GantryVariable *variable = declare ("v");
  GantryTensor *before = gantry_graph_read (graph, variable);
  GantryTensor *first = gantry_scale (before, 2), *second;

  ck_assert_str_eq (gantry_tensor_get_op_name (before), "variable");
  ck_assert_str_eq (gantry_tensor_get_name (before), "v");
  ck_assert (gantry_graph_read (graph, variable) == before);
  ck_assert (gantry_graph_get_assigned (graph, variable) == NULL);
  gantry_graph_assign (graph, variable, first);
  ck_assert (gantry_graph_read (graph, variable) == first);
  second = gantry_offset (gantry_graph_read (graph, variable), 1);
  gantry_graph_assign (graph, variable, second);
  ck_assert (gantry_graph_read (graph, variable) == second);
  ck_assert (gantry_graph_get_assigned (graph, variable) == second);
  ck_assert (gantry_graph_finish (graph, NULL));
}
END_TEST

START_TEST (assignment_before_any_read)
{
  GantryVariable *variable = declare ("v");
  GantryTensor *value = gantry_fill (graph, GANTRY_SHAPE (3), GANTRY_FLOAT32, 1);

  gantry_graph_assign (graph, variable, value);
  ck_assert (gantry_graph_read (graph, variable) == value);
}
END_TEST

START_TEST (bound_variables_discard_assignments)
{
  GantryVariable *variable = declare ("v");
  GantryTensor *own = gantry_scale (gantry_graph_read (graph, variable), 2);
  GantryTensor *other = gantry_fill (graph, GANTRY_SHAPE (3), GANTRY_FLOAT32, 1);
  GantryTensor *discarded = gantry_offset (other, 1);

  gantry_graph_assign (graph, variable, own);
  gantry_graph_bind (graph, variable, other);
  ck_assert (gantry_graph_read (graph, variable) == other);
  gantry_graph_assign (graph, variable, discarded);
  ck_assert (gantry_graph_read (graph, variable) == other);
  ck_assert (gantry_graph_get_assigned (graph, variable) == own);
  gantry_graph_bind (graph, variable, NULL);
  ck_assert (gantry_graph_read (graph, variable) == own);
  ck_assert (gantry_graph_finish (graph, NULL));
}
END_TEST

START_TEST (redeclared_with_another_shape)
{
  GantryVariable *variable;

  gantry_graph_push_owner (graph, "critic");
  declare ("v");
  variable = gantry_graph_variable (graph, "v", GANTRY_SHAPE (4), GANTRY_FLOAT64, NULL, TRUE);
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (gantry_graph_read (graph, variable)), GANTRY_SHAPE (4)));
  assert_message ("critic: variable 'critic.v': asked as float64 [4], but it is already float32 [3]");
}
END_TEST

START_TEST (trainable_whole_numbers)
{
  gantry_graph_variable (graph, "v", GANTRY_SHAPE (4), GANTRY_INT64, NULL, TRUE);
  assert_message ("variable 'v': a trainable variable of int64, float32 or float64 is needed");
}
END_TEST

START_TEST (random_whole_numbers)
{
  gantry_graph_variable (graph, "v", GANTRY_SHAPE (4), GANTRY_INT64, GANTRY_UNIFORM (0, 1), FALSE);
  assert_message ("variable 'v': random initial values of int64, float32 or float64 is needed");
}
END_TEST

START_TEST (empty_variable)
{
  GantryVariable *variable = gantry_graph_variable (graph, "v", GANTRY_SHAPE (4, 0), GANTRY_FLOAT32, NULL, TRUE);

  ck_assert (gantry_tensor_is_poisoned (gantry_graph_read (graph, variable)));
  assert_message ("variable 'v': [4, 0]: axis 1 has size 0, at least 1 is needed");
}
END_TEST

START_TEST (nameless_variable)
{
  gantry_graph_variable (graph, "", GANTRY_SHAPE (4), GANTRY_FLOAT32, NULL, TRUE);
  assert_message ("variable '': a name is needed");
}
END_TEST

START_TEST (value_of_another_shape)
{
  GantryVariable *variable = declare ("v");

  gantry_graph_assign (graph, variable, gantry_fill (graph, GANTRY_SHAPE (1, 3), GANTRY_FLOAT32, 0));
  ck_assert (gantry_graph_get_assigned (graph, variable) == NULL);
  assert_message ("assign 'v': float32 [1, 3] does not fit the variable's float32 [3]");
}
END_TEST

START_TEST (value_of_another_dtype)
{
  GantryVariable *variable = declare ("v");

  gantry_graph_bind (graph, variable, gantry_fill (graph, GANTRY_SHAPE (3), GANTRY_FLOAT64, 0));
  ck_assert_str_eq (gantry_tensor_get_op_name (gantry_graph_read (graph, variable)), "variable");
  assert_message ("bind 'v': float64 [3] does not fit the variable's float32 [3]");
}
END_TEST

START_TEST (variable_of_another_graph)
{
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);
  GantryVariable *variable = gantry_graph_variable (other, "v", GANTRY_SHAPE (3), GANTRY_FLOAT32, NULL, TRUE);
  GantryTensor *tensor = gantry_graph_read (graph, variable);

  ck_assert (gantry_tensor_is_poisoned (tensor) && gantry_tensor_get_graph (tensor) == graph);
  assert_message ("read 'v': a variable of another graph");
  ck_assert (!gantry_graph_has_failed (other));
}
END_TEST

START_TEST (value_of_another_graph)
{
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);

  gantry_graph_assign (graph, declare ("v"), gantry_fill (other, GANTRY_SHAPE (3), GANTRY_FLOAT32, 0));
  assert_message ("assign 'v': a tensor of another graph");
}
END_TEST

START_TEST (poisoned_values_say_nothing_more)
{
  GantryVariable *variable = declare ("v");

  gantry_graph_assign (graph, variable, gantry_exp (gantry_fill (graph, GANTRY_SHAPE (5), GANTRY_INT64, 0)));
  assert_message ("exp: input 0 is int64, float32 or float64 is needed");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("state");
  TCase *tcase = tcase_create ("state");
  SRunner *runner;
  int failures;

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, declaration);
  tcase_add_test (tcase, reads_give_what_was_assigned_last);
  tcase_add_test (tcase, assignment_before_any_read);
  tcase_add_test (tcase, bound_variables_discard_assignments);
  tcase_add_test (tcase, redeclared_with_another_shape);
  tcase_add_test (tcase, trainable_whole_numbers);
  tcase_add_test (tcase, random_whole_numbers);
  tcase_add_test (tcase, empty_variable);
  tcase_add_test (tcase, nameless_variable);
  tcase_add_test (tcase, value_of_another_shape);
  tcase_add_test (tcase, value_of_another_dtype);
  tcase_add_test (tcase, variable_of_another_graph);
  tcase_add_test (tcase, value_of_another_graph);
  tcase_add_test (tcase, poisoned_values_say_nothing_more);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
