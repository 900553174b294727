/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the compiler makes of a graph, seen by the kernels that are left. */
#include <math.h>

#include "engine/engine-fixture.h"

static GantryGraph *graph;
static GantryState *state;

static void
set_up (void)
{
  graph = gantry_graph_new (GANTRY_FLOAT64);
  state = gantry_state_new (1);
}

static void
tear_down (void)
{
  g_object_unref (graph);
  g_object_unref (state);
}

static GantryTensor *
feed (const gchar *name)
{
  return gantry_graph_feed (graph, name, GANTRY_SHAPE (2, 3), GANTRY_FLOAT64);
}

static GantryTensor *
fill (gdouble value)
{
  return gantry_fill (graph, GANTRY_SHAPE (2, 3), GANTRY_FLOAT64, value);
}

/* Compiles an output, expects so many kernels, and that its elements are @expected of those of x = 1, 2, ... and y = 10, 20, ...; then the
   graph is a new one. */
static void
expect (GantryTensor *output, guint n_kernels, gdouble (*expected) (gdouble x, gdouble y))
{
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "output", output);
  program = fixture_compile (graph, state);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), n_kernels);
  if (gantry_graph_find_input (graph, "x") != NULL)
    fixture_bind_ramp (program, "x", 1, 1);
  if (gantry_graph_find_input (graph, "y") != NULL)
    fixture_bind_ramp (program, "y", 10, 10);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < gantry_tensor_get_size (output); i++)
    ck_assert_double_eq_tol (fixture_output (program, "output", i), expected (i + 1, 10 * i + 10), 1e-12);
  tear_down ();
  set_up ();
}

#define EXPECTED(name, expression) static gdouble name (gdouble x, gdouble y) { return expression; }
EXPECTED (is_x, x)
EXPECTED (is_minus_x, -x)
EXPECTED (is_x_plus_2, x + 2)
EXPECTED (is_x_minus_2, x - 2)
EXPECTED (is_6x, 6 * x)
EXPECTED (is_x_minus_y, x - y)
EXPECTED (is_x_plus_y, x + y)
EXPECTED (is_square, x * x)
EXPECTED (is_reciprocal, 1 / x)
EXPECTED (is_5, 5)
EXPECTED (is_36, 36)
EXPECTED (is_twice_exp, 2 * exp (x))
EXPECTED (is_1, 1)
EXPECTED (is_root, sqrt (x))
EXPECTED (is_rsqrt, 1 / sqrt (x))
EXPECTED (is_cube, x * x * x)
EXPECTED (is_above_3, x > 3)

START_TEST (test_dead_code)
{
  GantryTensor *x = feed ("x");
  GantryTensor *unused = gantry_exp (x);

  gantry_matmul_full (unused, FALSE, unused, TRUE);
  expect (gantry_offset (x, 2), 1, is_x_plus_2);
}
END_TEST

START_TEST (test_common_subexpressions)
{
  GantryTensor *x = feed ("x");

  expect (gantry_add (gantry_exp (x), gantry_exp (gantry_detach (x))), 2, is_twice_exp);
}
END_TEST

/* The order of the operands of a sum does not make another value; that of a difference does. */
START_TEST (test_commutes)
{
  gantry_graph_output (graph, "other", gantry_add (feed ("y"), feed ("x")));
  expect (gantry_add (feed ("x"), feed ("y")), 1, is_x_plus_y);
  gantry_graph_output (graph, "other", gantry_sub (feed ("y"), feed ("x")));
  expect (gantry_sub (feed ("x"), feed ("y")), 2, is_x_minus_y);
}
END_TEST

/* Attributes are part of a value. */
START_TEST (test_attributes_distinguish)
{
  GantryTensor *x = feed ("x");

  gantry_graph_output (graph, "a", gantry_leaky_relu (x, 0.1));
  gantry_graph_output (graph, "b", gantry_leaky_relu (x, 0.2));
  gantry_graph_output (graph, "c", gantry_sum_axes (x, GANTRY_AXIS (0), FALSE));
  gantry_graph_output (graph, "d", gantry_sum_axes (x, GANTRY_AXIS (1), FALSE));
  expect (gantry_offset (x, 2), 5, is_x_plus_2);
}
END_TEST

START_TEST (test_powers)
{
  expect (gantry_power (feed ("x"), 1), 0, is_x);
  expect (gantry_power (feed ("x"), 0), 0, is_1);
  expect (gantry_pow (feed ("x"), fill (2)), 1, is_square);
  expect (gantry_power (feed ("x"), 0.5), 1, is_root);
  expect (gantry_power (feed ("x"), -0.5), 1, is_rsqrt);
  expect (gantry_power (feed ("x"), -1), 1, is_reciprocal);
  expect (gantry_power (feed ("x"), 3), 1, is_cube);
  expect (gantry_power (gantry_power (fill (6), 2), 1), 0, is_36);
}
END_TEST

START_TEST (test_logic)
{
  GantryTensor *above = gantry_greater (feed ("x"), fill (3));

  expect (gantry_cast (gantry_logical_not (gantry_logical_not (above)), GANTRY_FLOAT64), 2, is_above_3);
  above = gantry_greater (feed ("x"), fill (3));
  expect (gantry_cast (gantry_logical_or (above, gantry_logical_and (above, above)), GANTRY_FLOAT64), 2, is_above_3);
  expect (gantry_cast (gantry_logical_and (gantry_less_equal (fill (1), fill (2)), gantry_not_equal (fill (1), fill (2))), GANTRY_FLOAT64), 0, is_1);
}
END_TEST

START_TEST (test_random_is_never_merged)
{
  GantryTensor *a = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "z", GANTRY_SHAPE (2));
  GantryTensor *b = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "z", GANTRY_SHAPE (2));
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "difference", gantry_sub (a, b));
  program = fixture_compile (graph, state);
  fixture_run (program, 0, 0);
  ck_assert_double_ne (fixture_output (program, "difference", 0), 0);
}
END_TEST

START_TEST (test_identities)
{
  GantryTensor *x = feed ("x");
  GantryTensor *y = gantry_add (gantry_mul (x, fill (1)), fill (0));

  y = gantry_detach (gantry_scale (gantry_offset (gantry_sub (gantry_div (y, fill (1)), fill (0)), 0), 1));
  y = gantry_cast (gantry_neg (gantry_neg (y)), GANTRY_FLOAT64);
  y = gantry_broadcast_to (gantry_sum_to (gantry_slice (gantry_pad (y, 0, 0, 0), 1, 0, 3), GANTRY_SHAPE (2, 3)), GANTRY_SHAPE (2, 3));
  y = gantry_permute (gantry_permute (y, (guint[]) { 1, 0 }), (guint[]) { 1, 0 });
  y = gantry_reshape (gantry_reshape (y, GANTRY_SHAPE (3, 2)), GANTRY_SHAPE (2, 3));
  y = gantry_select (gantry_less (fill (1), fill (2)), gantry_maximum (y, y), fill (3));
  expect (gantry_concat (&y, 1, 0), 0, is_x);
}
END_TEST

START_TEST (test_signs)
{
  expect (gantry_add (feed ("x"), gantry_neg (feed ("y"))), 1, is_x_minus_y);
  expect (gantry_add (gantry_neg (feed ("y")), feed ("x")), 1, is_x_minus_y);
  expect (gantry_sub (feed ("x"), gantry_neg (feed ("y"))), 1, is_x_plus_y);
  expect (gantry_neg (gantry_sub (feed ("y"), feed ("x"))), 1, is_x_minus_y);
  expect (gantry_sub (fill (0), feed ("x")), 1, is_minus_x);
  expect (gantry_scale (feed ("x"), -1), 1, is_minus_x);
}
END_TEST

START_TEST (test_factors)
{
  expect (gantry_scale (gantry_neg (gantry_scale (gantry_mul (fill (-2), feed ("x")), 1.5)), 2), 1, is_6x);
  expect (gantry_mul (feed ("x"), feed ("x")), 1, is_square);
  expect (gantry_div (fill (1), feed ("x")), 1, is_reciprocal);
  expect (gantry_sub (feed ("x"), fill (2)), 1, is_x_minus_2);
  expect (gantry_add (fill (2), feed ("x")), 1, is_x_plus_2);
}
END_TEST

static GantryTensor *
sum_of_fills (void)
{
  return gantry_sum (gantry_concat ((GantryTensor *[]) { fill (3), gantry_mul (fill (9), gantry_constant (graph, 1. / 3)) }, 2, 0));
}

START_TEST (test_folds)
{
  expect (gantry_sqrt (gantry_square (gantry_exp (gantry_log (fill (5))))), 0, is_5);
  expect (gantry_reshape (sum_of_fills (), GANTRY_SHAPE (1)), 0, is_36);
}
END_TEST

static GantryTensor *
chain_permutes (GantryTensor *x)
{
  return gantry_permute (gantry_permute (x, (guint[]) { 1, 2, 3, 0 }), (guint[]) { 3, 1, 0, 2 });
}

static GantryTensor *
chain_slices (GantryTensor *x)
{
  return gantry_slice (gantry_slice (x, 2, 1, 4), 2, 2, 1);
}

static GantryTensor *
chain_pads (GantryTensor *x)
{
  return gantry_pad (gantry_pad (x, 1, 1, 2), 1, 3, 0);
}

static GantryTensor *
chain_axes_of_one (GantryTensor *x)
{
  return gantry_permute (gantry_sum_axes (gantry_slice (x, 1, 0, 1), GANTRY_AXIS (1), TRUE), (guint[]) { 1, 0, 3, 2 });
}

static GantryTensor *
swap_axes (GantryTensor *x)
{
  return gantry_permute (x, (guint[]) { 0, 2, 1, 3 });
}

static GantryTensor *
chain_broadcasts (GantryTensor *x)
{
  return gantry_broadcast_to (gantry_broadcast_to (x, GANTRY_SHAPE (2, 3, 5, 4)), GANTRY_SHAPE (3, 2, 3, 5, 4));
}

static const struct {
  GantryTensor *(*make) (GantryTensor *x);
  guint n_kernels;
} chains[] = {
  { chain_permutes, 1 }, { chain_slices, 1 }, { chain_pads, 1 }, { chain_axes_of_one, 1 }, { swap_axes, 1 }, { chain_broadcasts, 1 }
};

/* What follows each other is one, with the same numbers. */
START_TEST (test_chains)
{
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3, 5, _i == 3 ? 1 : 4), GANTRY_FLOAT64);
  GantryTensor *y = chains[_i].make (x);
  g_autoptr (GantryProgram) simple = NULL, plain = NULL;

  gantry_graph_output (graph, "y", y);
  simple = fixture_compile (graph, state);
  plain = fixture_compile_full (graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  ck_assert_uint_eq (gantry_program_get_n_kernels (simple), chains[_i].n_kernels);
  ck_assert_uint_ge (gantry_program_get_n_kernels (plain), chains[_i].n_kernels);
  fixture_bind_ramp (simple, "x", 1, 1);
  fixture_bind_ramp (plain, "x", 1, 1);
  fixture_run (simple, 0, 0);
  fixture_run (plain, 0, 0);
  for (gsize i = 0; i < gantry_tensor_get_size (y); i++)
    ck_assert_double_eq (fixture_output (simple, "y", i), fixture_output (plain, "y", i));
}
END_TEST

/* 70 slices of 1 element in the opposite order; without the rule there is no kernel with so many inputs. */
START_TEST (test_long_concat)
{
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (70), GANTRY_FLOAT64);
  GantryBackend *backends[] = { fixture_reference () };
  GantryTensor *parts[70];
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 70; i++)
    parts[i] = gantry_slice (x, 0, 69 - i, 1);
  gantry_graph_output (graph, "y", gantry_concat (parts, 70, 0));
  program = fixture_compile (graph, state);
  ck_assert_uint_eq (fixture_count_kernels (program, "concat"), 4);
  fixture_bind_ramp (program, "x", 0, 1);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < 70; i++)
    ck_assert_double_eq (fixture_output (program, "y", i), 69 - i);
  ck_assert_ptr_null (gantry_program_compile_full (graph, state, backends, 1, GANTRY_COMPILE_NO_SIMPLIFY, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "concat has 70 inputs, a kernel has room for 32");
}
END_TEST

/* In the type of the tensor: 16777217 does not exist in float32. */
START_TEST (test_folds_in_type)
{
  GantryTensor *big = gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT32, 16777216), *one = gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT32, 1);
  GantryTensor *third = gantry_div (gantry_cast (one, GANTRY_INT64), gantry_cast (big, GANTRY_INT64));
  g_autoptr (GantryProgram) program = NULL;

  ck_assert (gantry_tensor_is_poisoned (third));
  g_object_unref (graph);
  graph = gantry_graph_new (GANTRY_FLOAT32);
  big = gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT32, 16777216);
  one = gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT32, 1);
  gantry_graph_output (graph, "difference", gantry_sub (gantry_add (big, one), big));
  gantry_graph_output (graph, "int", gantry_cast (gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT32, -2.5), GANTRY_INT64));
  program = fixture_compile (graph, state);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 0);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "difference", 0), 0);
  ck_assert_double_eq (fixture_output (program, "int", 0), -2);
}
END_TEST

/* 0 times NaN is NaN: training wants to see it. */
START_TEST (test_zero_times_nan)
{
  GantryTensor *x = feed ("x");
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "product", gantry_mul (x, fill (0)));
  gantry_graph_output (graph, "scaled", gantry_scale (x, 0));
  program = fixture_compile (graph, state);
  fixture_bind_ramp (program, "x", NAN, 1);
  fixture_run (program, 0, 0);
  ck_assert (isnan (fixture_output (program, "product", 0)));
  ck_assert (isnan (fixture_output (program, "scaled", 0)));
}
END_TEST

/* Factors whose product would overflow or vanish stay apart. */
START_TEST (test_extreme_factors)
{
  expect (gantry_scale (gantry_scale (gantry_scale (feed ("x"), 1e-200), 1e200), 6), 3, is_6x);
  expect (gantry_scale (gantry_scale (gantry_scale (feed ("x"), 1e-2), 1e2), 6), 1, is_6x);
}
END_TEST

/* Operands are as small as broadcasting allows. */
START_TEST (test_broadcasts_shrink)
{
  GantryTensor *x = feed ("x");
  GantryTensor *row = gantry_graph_feed (graph, "row", GANTRY_SHAPE (3), GANTRY_FLOAT64);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *sum;

  gantry_graph_output (graph, "sum", gantry_add (x, gantry_exp (gantry_broadcast_to (row, GANTRY_SHAPE (2, 3)))));
  program = fixture_compile (graph, state);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 2);
  ck_assert_uint_eq (gantry_tensor_get_size (gantry_program_get_kernel (program, 0, NULL, NULL)), 3);
  sum = gantry_program_get_kernel (program, 1, NULL, NULL);
  ck_assert_str_eq (gantry_tensor_get_op_name (sum), "add");
  fixture_bind_ramp (program, "x", 0, 1);
  fixture_bind_ramp (program, "row", 0, 1);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < 6; i++)
    ck_assert_double_eq (fixture_output (program, "sum", i), i + exp (i % 3));
}
END_TEST

/* A graph asked only for the generator's gradients computes no weight gradient of the discriminator: one of three products. */
START_TEST (test_no_needless_gradients)
{
  GantryTensor *x = feed ("x");
  GantryTensor *w = gantry_graph_read (graph, gantry_graph_variable (graph, "w", GANTRY_SHAPE (3, 4), GANTRY_FLOAT64, GANTRY_CONSTANT (1), TRUE));
  GantryTensor *loss = gantry_sum (gantry_tanh (gantry_matmul (x, w)));
  GantryTensor *gradients[2];
  GantryProgramReport before = { .size = sizeof before }, after = { .size = sizeof after };
  g_autoptr (GantryProgram) program = NULL, both = NULL;
  gdouble product = gantry_tensor_get_flops (gantry_tensor_get_input (gantry_tensor_get_input (loss, 0), 0));

  gantry_gradients (loss, (GantryTensor *[]) { x, w }, 2, gradients);
  gantry_graph_output (graph, "slope", gradients[0]);
  program = fixture_compile (graph, state);
  gantry_graph_output (graph, "weight", gradients[1]);
  both = fixture_compile_full (graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  ck_assert_uint_eq (fixture_count_kernels (program, "matmul"), 2);
  ck_assert_uint_eq (fixture_count_kernels (both, "matmul"), 3);
  gantry_program_get_report (both, &before);
  gantry_program_get_report (program, &after);
  ck_assert_double_le (after.flops, before.flops - product);
  fixture_bind_ramp (both, "x", -0.4, 0.15);
  fixture_bind_ramp (program, "x", -0.4, 0.15);
  fixture_run (both, 0, 0);
  fixture_run (program, 0, 0);
  for (gsize i = 0; i < gantry_tensor_get_size (x); i++)
    ck_assert_double_eq_tol (fixture_output (program, "slope", i), fixture_output (both, "slope", i), 1e-15);
}
END_TEST

START_TEST (test_flag_keeps_graph)
{
  GantryTensor *x = feed ("x");
  g_autoptr (GantryProgram) program = NULL;

  gantry_exp (x);
  gantry_graph_output (graph, "output", gantry_neg (gantry_neg (x)));
  program = fixture_compile_full (graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("simplify");
  TCase *tcase = tcase_create ("simplify");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, test_dead_code);
  tcase_add_test (tcase, test_common_subexpressions);
  tcase_add_test (tcase, test_commutes);
  tcase_add_test (tcase, test_attributes_distinguish);
  tcase_add_test (tcase, test_powers);
  tcase_add_test (tcase, test_logic);
  tcase_add_test (tcase, test_random_is_never_merged);
  tcase_add_test (tcase, test_identities);
  tcase_add_test (tcase, test_signs);
  tcase_add_test (tcase, test_factors);
  tcase_add_test (tcase, test_folds);
  tcase_add_loop_test (tcase, test_chains, 0, G_N_ELEMENTS (chains));
  tcase_add_test (tcase, test_long_concat);
  tcase_add_test (tcase, test_folds_in_type);
  tcase_add_test (tcase, test_zero_times_nan);
  tcase_add_test (tcase, test_extreme_factors);
  tcase_add_test (tcase, test_broadcasts_shrink);
  tcase_add_test (tcase, test_no_needless_gradients);
  tcase_add_test (tcase, test_flag_keeps_graph);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
