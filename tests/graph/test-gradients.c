/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every op's gradient rule, once and twice, against finite differences; the points where there is no derivative. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine-fixture.h"
#include "graph/op-cases.h"

/* Compares a column of gradients with finite differences of a scalar output, and says where they part. */
static gchar *
compare (GantryProgram *program, const OpProblem *problem, const gchar *scalar, const gchar *letter, gdouble step, gdouble tolerance)
{
  for (guint k = 0; k < problem->n; k++)
    {
      g_autofree gchar *x_name = g_strdup_printf ("x%u", k);
      g_autofree gchar *g_name = g_strdup_printf ("%s%u", letter, k);
      g_autoptr (GantryArray) expected = NULL;
      GantryArray *x = gantry_program_get_input (program, x_name);

      if (problem->fixed[k])
        continue;
      fixture_run (program, 0, 0);
      expected = gantry_array_copy (gantry_program_get_output (program, g_name));
      for (gsize i = 0; i < gantry_array_get_size (x); i++)
        {
          gdouble at = gantry_array_get_double (x, i), above, below, found = gantry_array_get_double (expected, i), difference;

          gantry_array_set_double (x, i, at + step);
          fixture_run (program, 0, 0);
          above = fixture_output (program, scalar, 0);
          gantry_array_set_double (x, i, at - step);
          fixture_run (program, 0, 0);
          below = fixture_output (program, scalar, 0);
          gantry_array_set_double (x, i, at);
          difference = (above - below) / (2 * step);
          if (!(fabs (difference - found) <= tolerance * (1 + fabs (difference))))
            return g_strdup_printf ("d%s/d%s[%" G_GSIZE_FORMAT "] is %.12g, finite differences give %.12g", scalar, x_name, i, found, difference);
        }
    }
  return NULL;
}

/* NULL where both orders agree. */
static gchar *
check_problem (const OpCase *row, const OpVariant *variant)
{
  g_autoptr (OpProblem) problem = op_problem_new (row, variant, GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = fixture_compile_full (problem->graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  gdouble step = row->step > 0 ? row->step : 1e-5, tolerance = row->tolerance > 0 ? row->tolerance : 1e-7;
  gchar *difference;

  op_problem_fill (problem, row, program);
  difference = compare (program, problem, "S", "g", step, tolerance);
  return difference != NULL ? difference : compare (program, problem, "P", "h", step, tolerance);
}

START_TEST (agrees_with_finite_differences)
{
  const OpCase *row = op_case_at (_i);

  for (guint k = 0; k < op_case_count_variants (row); k++)
    {
      g_autofree gchar *difference = check_problem (row, &row->variants[k]);

      ck_assert_msg (difference == NULL, "%s, variant %u: %s", row->op, k, difference);
    }
}
END_TEST

/* What the compiler makes of the same problems must give the same numbers. */
START_TEST (agrees_when_simplified)
{
  const OpCase *row = op_case_at (_i);

  for (guint k = 0; k < op_case_count_variants (row); k++)
    {
      g_autoptr (OpProblem) problem = op_problem_new (row, &row->variants[k], GANTRY_FLOAT64);
      g_autoptr (GantryState) state = gantry_state_new (1);
      g_autoptr (GantryProgram) plain = fixture_compile_full (problem->graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
      g_autoptr (GantryProgram) simple = fixture_compile (problem->graph, state);
      g_auto (GStrv) names = gantry_graph_list_outputs (problem->graph);

      for (guint p = 0; p < 2; p++)
        {
          op_problem_fill (problem, row, p == 0 ? plain : simple);
          fixture_run (p == 0 ? plain : simple, 0, 0);
        }
      for (guint o = 0; names[o] != NULL; o++)
        for (gsize i = 0; i < gantry_array_get_size (gantry_program_get_output (plain, names[o])); i++)
          {
            gdouble a = fixture_output (plain, names[o], i), b = fixture_output (simple, names[o], i);

            ck_assert_msg (fabs (a - b) <= 1e-12 * (1 + fabs (a)), "%s, variant %u: %s[%" G_GSIZE_FORMAT "] is %.17g, simplified %.17g", row->op, k,
                           names[o], i, a, b);
          }
    }
}
END_TEST

static gboolean
makes (const OpCase *row, const gchar *op)
{
  g_autoptr (OpProblem) problem = op_problem_new (row, &row->variants[0], GANTRY_FLOAT64);

  for (guint id = 0; id < gantry_graph_get_n_tensors (problem->graph); id++)
    if (strcmp (gantry_tensor_get_op_name (gantry_graph_get_tensor (problem->graph, id)), op) == 0)
      return TRUE;
  return FALSE;
}

START_TEST (every_op_has_a_row)
{
  const GantryOp *const *ops = gantry_op_list ();
  guint n = 0;

  for (; ops[n] != NULL; n++)
    {
      guint rows = 0;

      for (guint i = 0; i < n_op_cases; i++)
        if (strcmp (op_cases[i].op, ops[n]->name) == 0)
          {
            rows++;
            ck_assert_msg (makes (&op_cases[i], ops[n]->name), "the row of %s does not apply it", ops[n]->name);
            ck_assert_msg (op_case_count_variants (&op_cases[i]) >= 3, "the row of %s has too few shapes", ops[n]->name);
          }
      ck_assert_msg (rows == 1, "%s has %u rows", ops[n]->name, rows);
    }
  ck_assert_uint_eq (n, n_op_cases);
}
END_TEST

/* Ops whose rules are wrong: off by a factor, or right once and wrong twice. */
static gboolean
infer_same (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = *gantry_tensor_get_shape (call->inputs[0]);
  *dtype = gantry_tensor_get_dtype (call->inputs[0]);
  return TRUE;
}

static void
tanh_float64 (const GantryKernelData *data)
{
  const gdouble *x = data->inputs[0];
  gdouble *y = data->output;

  for (gsize i = 0; i < gantry_tensor_get_size (data->tensor); i++)
    y[i] = tanh (x[i]);
}

static GantryTensor *
slope (GantryTensor *y)
{
  return gantry_offset (gantry_neg (gantry_square (y)), 1);
}

static void
sound_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_mul (dy, slope (y));
}

static void
broken_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_mul (dy, gantry_offset (gantry_neg (y), 1));
}

static void
broken_twice_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_mul (dy, gantry_detach (slope (y)));
}

#define TANH(rule) \
  { .size = sizeof (GantryOp), .name = "test-tanh", .n_inputs = 1, .flags = GANTRY_OP_ELEMENTWISE, .infer = infer_same, .gradient = rule, \
    .float64 = tanh_float64 }

static const GantryOp test_tanhs[] = { TANH (sound_gradient), TANH (broken_gradient), TANH (broken_twice_gradient) };
static const GantryOp *test_tanh;

static GantryTensor *
build_test_tanh (GantryTensor *const *x, const OpVariant *variant)
{
  return gantry_apply (test_tanh, x, 1, NULL, 0, NULL, 0);
}

static gchar *
check_tanh (const GantryOp *op)
{
  static const OpCase row = { "test-tanh", 1, build_test_tanh, -2, 2, .variants = { { { { 2, { 2, 3 } } } } } };

  test_tanh = op;
  return check_problem (&row, &row.variants[0]);
}

START_TEST (broken_rules_are_caught)
{
  g_autofree gchar *sound = check_tanh (&test_tanhs[0]);
  g_autofree gchar *broken = check_tanh (&test_tanhs[1]);
  g_autofree gchar *broken_twice = check_tanh (&test_tanhs[2]);

  ck_assert_msg (sound == NULL, "%s", sound);
  ck_assert (broken != NULL && g_str_has_prefix (broken, "dS/dx0"));
  ck_assert (broken_twice != NULL && g_str_has_prefix (broken_twice, "dP/dx0"));
}
END_TEST

/* Where there is no derivative, a convention. */
typedef struct {
  GantryTensor *(*build) (GantryTensor *x);
  gdouble x[3];
  gdouble expected[3]; /* gradient of the sum */
} Point;

static GantryTensor *
leaky (GantryTensor *x)
{
  return gantry_leaky_relu (x, 0.25);
}

static GantryTensor *
larger_than_one (GantryTensor *x)
{
  return gantry_maximum (x, gantry_ones_like (x));
}

static GantryTensor *
smaller_than_one (GantryTensor *x)
{
  return gantry_minimum (gantry_ones_like (x), x);
}

static GantryTensor *
largest (GantryTensor *x)
{
  return gantry_max_axes (x, GANTRY_AXIS (0), FALSE);
}

static GantryTensor *
clamped (GantryTensor *x)
{
  return gantry_clamp (x, -1, 1);
}

static GantryTensor *
clamped_below (GantryTensor *x)
{
  return gantry_clamp (x, 0, INFINITY);
}

static GantryTensor *
elu (GantryTensor *x)
{
  return gantry_elu (x, 1);
}

static GantryTensor *
first_largest (GantryTensor *x)
{
  return gantry_max_along (x, 0, FALSE);
}

static GantryTensor *
first_smallest (GantryTensor *x)
{
  return gantry_min_along (x, 0, TRUE);
}

static GantryTensor *
smallest (GantryTensor *x)
{
  return gantry_min_axes (x, GANTRY_AXIS (0), FALSE);
}

/* 1, 2, 3 for the smallest, the next, the largest. */
static GantryTensor *
ranked (GantryTensor *x)
{
  return gantry_mul (gantry_sort (x, 0, FALSE), gantry_constant_array (gantry_tensor_get_graph (x), GANTRY_SHAPE (3), (gdouble[]) { 1, 2, 3 }));
}

static GantryTensor *
ranked_down (GantryTensor *x)
{
  return gantry_mul (gantry_sort (x, 0, TRUE), gantry_constant_array (gantry_tensor_get_graph (x), GANTRY_SHAPE (3), (gdouble[]) { 1, 2, 3 }));
}

static GantryTensor *
deviation (GantryTensor *x)
{
  return gantry_standard_deviation (x, GANTRY_AXIS (0), 1, FALSE);
}

static GantryTensor *
unit (GantryTensor *x)
{
  return gantry_normalize (x, GANTRY_AXIS (0), 0.25);
}

static GantryTensor *
squared (GantryTensor *x)
{
  return gantry_power (x, 2);
}

static GantryTensor *
to_the_zero (GantryTensor *x)
{
  return gantry_pow (x, gantry_zeros_like (x));
}

static GantryTensor *
power_of_zero (GantryTensor *x)
{
  return gantry_pow (gantry_zeros_like (x), x);
}

/* Where the other branch is taken, what comes back is infinite: a product with 0 would not be a number. */
static GantryTensor *
log_of_positive (GantryTensor *x)
{
  GantryTensor *zero = gantry_zeros_like (x);

  return gantry_log (gantry_select (gantry_greater (x, zero), x, zero));
}

static GantryTensor *
square_of_root (GantryTensor *x)
{
  return gantry_square (gantry_norm (x));
}

static const Point points[] = {
  { gantry_relu, { -1, 0, 1 }, { 0, 0, 1 } },
  { leaky, { -1, 0, 1 }, { 0.25, 0.25, 1 } },
  { gantry_abs, { -1, 0, 1 }, { -1, 0, 1 } },
  { larger_than_one, { 0, 1, 2 }, { 0, 0.5, 1 } },
  { smaller_than_one, { 0, 1, 2 }, { 1, 0.5, 0 } },
  { largest, { 3, 1, 3 }, { 0.5, 0, 0.5 } },
  { gantry_norm, { 0, 0, 0 }, { 0, 0, 0 } },
  { gantry_norm, { 0, 3, 4 }, { 0, 0.6, 0.8 } },
  { square_of_root, { 0, 0, 0 }, { 0, 0, 0 } },
  { log_of_positive, { 4, 0, -1 }, { 0.25, 0, 0 } },
  { gantry_softplus, { -1000, 0, 1000 }, { 0, 0.5, 1 } },
  { clamped, { -1, 1, 1.5 }, { 1, 1, 0 } },
  { clamped_below, { -1, 0, 1e300 }, { 0, 1, 1 } },
  { gantry_hardtanh, { -1, 1, -2 }, { 1, 1, 0 } },
  { elu, { 0, 1, 1000 }, { 1, 1, 1 } },
  { first_largest, { 3, 1, 3 }, { 1, 0, 0 } },
  { first_smallest, { 3, 1, 1 }, { 0, 1, 0 } },
  { smallest, { 3, 1, 1 }, { 0, 0.5, 0.5 } },
  { ranked, { 3, 1, 3 }, { 2, 1, 3 } },
  { ranked_down, { 3, 1, 3 }, { 1, 3, 2 } },
  { deviation, { 2, 2, 2 }, { 0, 0, 0 } },
  { unit, { 0, 0, 0 }, { 4, 4, 4 } },
  { squared, { -3, 0, 2 }, { -6, 0, 4 } },
  { to_the_zero, { -1, 0, 2 }, { 0, 0, 0 } },
  { power_of_zero, { 1, 2, 3 }, { 0, 0, 0 } },
  { gantry_floor, { -1, 0.5, 1 }, { 0, 0, 0 } },
  { gantry_log_sigmoid, { -1000, 0, 1000 }, { 1, 0.5, 0 } }
};

START_TEST (conventions)
{
  const Point *point = &points[_i];
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (3), GANTRY_FLOAT64);

  gantry_graph_output (graph, "g", gantry_gradient (gantry_sum (point->build (x)), x));
  program = fixture_compile (graph, state);
  fixture_bind (program, "x", point->x);
  fixture_run (program, 0, 0);
  for (gsize i = 0; i < 3; i++)
    ck_assert_double_eq_tol (fixture_output (program, "g", i), point->expected[i], 1e-15);
}
END_TEST

/* Higher orders: the derivatives of exp (2 x) are powers of 2 of it; those of tanh at 0 are 1, 0, -2, 0, 16. */
START_TEST (higher_orders)
{
  static const gdouble zero[] = { 0 };
  static const gdouble of_tanh[] = { 0, 1, 0, -2, 0, 16 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SCALAR, GANTRY_FLOAT64);
  GantryTensor *a = gantry_exp (gantry_scale (x, 2)), *b = gantry_tanh (x);

  for (guint order = 0; order < G_N_ELEMENTS (of_tanh); order++)
    {
      g_autofree gchar *name_a = g_strdup_printf ("a%u", order);
      g_autofree gchar *name_b = g_strdup_printf ("b%u", order);

      gantry_graph_output (graph, name_a, a);
      gantry_graph_output (graph, name_b, b);
      a = gantry_gradient (a, x);
      b = gantry_gradient (b, x);
    }
  program = fixture_compile (graph, state);
  fixture_bind (program, "x", zero);
  fixture_run (program, 0, 0);
  for (guint order = 0; order < G_N_ELEMENTS (of_tanh); order++)
    {
      g_autofree gchar *name_a = g_strdup_printf ("a%u", order);
      g_autofree gchar *name_b = g_strdup_printf ("b%u", order);

      ck_assert_double_eq_tol (fixture_output (program, name_a, 0), pow (2, order), 1e-12);
      ck_assert_double_eq_tol (fixture_output (program, name_b, 0), of_tanh[order], 1e-12);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("gradients");
  TCase *tcase = tcase_create ("gradients");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, every_op_has_a_row);
  tcase_add_loop_test (tcase, agrees_with_finite_differences, 0, (int) op_case_count ());
  tcase_add_loop_test (tcase, agrees_when_simplified, 0, (int) op_case_count ());
  tcase_add_test (tcase, broken_rules_are_caught);
  tcase_add_loop_test (tcase, conventions, 0, G_N_ELEMENTS (points));
  tcase_add_test (tcase, higher_orders);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
