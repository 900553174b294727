/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions made of ops, order and truth values: against formulas, far from 0, with ties and NaN, on both backends. */
#include <math.h>

#include "engine/openblas-fixture.h"

#define N 4

/* Runs an output of x on a backend: 0 the reference, 1 openblas with the reference behind it. */
static GantryProgram *
evaluate (GantryTensor *output, const gdouble *x, guint which)
{
  GantryGraph *graph = gantry_tensor_get_graph (output);
  g_autoptr (GantryBackend) openblas = which == 1 ? openblas_open () : NULL;
  GantryBackend *backends[] = { openblas, fixture_reference () };
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryProgram *program;

  gantry_graph_output (graph, "output", output);
  program = gantry_program_compile (graph, state, which == 1 ? backends : backends + 1, 1 + which, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  if (x != NULL)
    fixture_bind (program, "x", x);
  fixture_run (program, 0, 0);
  return program;
}

static GantryTensor *
vector (GantryGraph *graph, GantryDType dtype)
{
  return gantry_graph_feed (graph, "x", GANTRY_SHAPE (N), dtype);
}

static GantryTensor *
number (GantryTensor *like, gdouble value)
{
  return gantry_fill (gantry_tensor_get_graph (like), GANTRY_SCALAR, gantry_tensor_get_dtype (like), value);
}

static GantryTensor *
as_float (GantryTensor *x)
{
  return gantry_cast (x, GANTRY_FLOAT64);
}

static GantryTensor *elu (GantryTensor *x) { return gantry_elu (x, 0.5); }
static GantryTensor *clamp (GantryTensor *x) { return gantry_clamp (x, -1, 2); }
static GantryTensor *clamp_below (GantryTensor *x) { return gantry_clamp (x, 1, INFINITY); }
static GantryTensor *cube (GantryTensor *x) { return gantry_power (x, 3); }
static GantryTensor *inverse_square (GantryTensor *x) { return gantry_power (x, -2); }
static GantryTensor *softmax (GantryTensor *x) { return gantry_softmax (x, 0); }
static GantryTensor *log_softmax (GantryTensor *x) { return gantry_log_softmax (x, 0); }
static GantryTensor *logsumexp (GantryTensor *x) { return gantry_logsumexp (x, 1, TRUE); }
static GantryTensor *variance (GantryTensor *x) { return gantry_variance (x, 1, 1, TRUE); }
static GantryTensor *deviation (GantryTensor *x) { return gantry_standard_deviation (x, 1, 0, TRUE); }
static GantryTensor *norm (GantryTensor *x) { return gantry_norm_axes (x, 1, TRUE); }
static GantryTensor *unit (GantryTensor *x) { return gantry_normalize (x, 1, 1e-6); }
static GantryTensor *least (GantryTensor *x) { return gantry_min_axes (x, 1, TRUE); }
static GantryTensor *arg_max (GantryTensor *x) { return as_float (gantry_arg_max (x, 0, TRUE)); }
static GantryTensor *arg_min (GantryTensor *x) { return as_float (gantry_arg_min (x, 0, TRUE)); }
static GantryTensor *max_along (GantryTensor *x) { return gantry_max_along (x, 0, FALSE); }
static GantryTensor *min_along (GantryTensor *x) { return gantry_min_along (x, 0, FALSE); }
static GantryTensor *arg_sort (GantryTensor *x) { return as_float (gantry_arg_sort (x, 0, FALSE)); }
static GantryTensor *arg_sort_down (GantryTensor *x) { return as_float (gantry_arg_sort (x, 0, TRUE)); }
static GantryTensor *sort (GantryTensor *x) { return gantry_sort (x, 0, FALSE); }
static GantryTensor *hit (GantryTensor *x) { return gantry_binary_cross_entropy (x, number (x, 1)); }
static GantryTensor *miss (GantryTensor *x) { return gantry_binary_cross_entropy (x, number (x, 0)); }
static GantryTensor *half (GantryTensor *x) { return gantry_binary_cross_entropy (x, number (x, 0.5)); }

static GantryTensor *less_equal (GantryTensor *x) { return as_float (gantry_less_equal (x, number (x, 1))); }
static GantryTensor *greater_equal (GantryTensor *x) { return as_float (gantry_greater_equal (x, number (x, 1))); }
static GantryTensor *not_equal (GantryTensor *x) { return as_float (gantry_not_equal (x, x)); }

static GantryTensor *
between (GantryTensor *x)
{
  return as_float (gantry_logical_and (gantry_greater (x, number (x, 0)), gantry_logical_not (gantry_greater_equal (x, number (x, 2)))));
}

static GantryTensor *
outside (GantryTensor *x)
{
  return as_float (gantry_logical_or (gantry_less (x, number (x, 0)), gantry_greater_equal (x, number (x, 2))));
}

static const struct {
  const gchar *name;
  GantryTensor *(*build) (GantryTensor *x);
  gdouble x[N];
  gdouble expected[N];
  guint n;
} rows[] = {
  { "elu", elu, { -1000, -1, 0, 1000 }, { -0.5, -0.31606027941427883, 0, 1000 }, 4 },
  { "selu", gantry_selu, { -1000, -1, 0, 2 }, { -1.7580993408473768, -1.1113307378125625, 0, 2.1014019747109609 }, 4 },
  { "silu", gantry_silu, { -1000, 0, 1, 1000 }, { 0, 0, 0.7310585786300049, 1000 }, 4 },
  { "gelu", gantry_gelu, { -40, 0, 1, 40 }, { 0, 0, 0.8413447460685429, 40 }, 4 },
  { "gelu-tanh", gantry_gelu_tanh, { -40, 0, 1, 40 }, { 0, 0, 0.8411919906082768, 40 }, 4 },
  { "mish", gantry_mish, { -1000, 0, 1, 1000 }, { 0, 0, 0.8650983882673103, 1000 }, 4 },
  { "log-sigmoid", gantry_log_sigmoid, { -1000, 0, 40, 1000 }, { -1000, -G_LN2, -4.248354255291589e-18, 0 }, 4 },
  { "hardtanh", gantry_hardtanh, { -3, -1, 0.5, 7 }, { -1, -1, 0.5, 1 }, 4 },
  { "clamp", clamp, { -INFINITY, NAN, 2, INFINITY }, { -1, NAN, 2, 2 }, 4 },
  { "clamp from below", clamp_below, { -INFINITY, 0, 1, INFINITY }, { 1, 1, 1, INFINITY }, 4 },
  { "power 3", cube, { -2, 0, 0.5, 3 }, { -8, 0, 0.125, 27 }, 4 },
  { "power -2", inverse_square, { -2, 1, 0.5, 4 }, { 0.25, 1, 4, 0.0625 }, 4 },
  { "tan", gantry_tan, { 0, 1, -1, 2 }, { 0, 1.5574077246549023, -1.5574077246549023, -2.185039863261519 }, 4 },
  { "round", gantry_round, { -1.5, 0.5, 1.5, 2.5 }, { -2, 0, 2, 2 }, 4 },
  { "softmax", softmax, { 1000, 1000, -1000, -INFINITY }, { 0.5, 0.5, 0, 0 }, 4 },
  { "log-softmax", log_softmax, { 10000, 0, 0, 0 }, { 0, -10000, -10000, -10000 }, 4 },
  { "logsumexp", logsumexp, { 1000, 1000, 1000, 1000 }, { 1001.3862943611199 }, 1 },
  { "logsumexp of nothing", logsumexp, { -INFINITY, -INFINITY, -INFINITY, -INFINITY }, { -INFINITY }, 1 },
  { "logsumexp of too much", logsumexp, { 0, INFINITY, 1, 2 }, { INFINITY }, 1 },
  { "variance", variance, { 1, 2, 3, 6 }, { 14.0 / 3 }, 1 },
  { "standard deviation", deviation, { 1, 2, 3, 6 }, { 1.8708286933869707 }, 1 },
  { "standard deviation of a constant", deviation, { 5, 5, 5, 5 }, { 0 }, 1 },
  { "norm", norm, { 1, -1, 1, 1 }, { 2 }, 1 },
  { "norm of 0", norm, { 0, 0, 0, 0 }, { 0 }, 1 },
  { "norm of NaN", norm, { 0, NAN, 0, 0 }, { NAN }, 1 },
  { "normalize", unit, { 3, 0, -4, 0 }, { 0.6, 0, -0.8, 0 }, 4 },
  { "normalize 0", unit, { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, 4 },
  { "normalize by eps", unit, { 1e-7, 0, 0, 0 }, { 0.1, 0, 0, 0 }, 4 },
  { "min", least, { 3, -2, 7, -2 }, { -2 }, 1 },
  { "arg-max", arg_max, { 3, 7, -1, 7 }, { 1 }, 1 },
  { "arg-max of NaN", arg_max, { 3, INFINITY, NAN, NAN }, { 2 }, 1 },
  { "arg-min", arg_min, { 3, -1, 7, -1 }, { 1 }, 1 },
  { "arg-min of NaN", arg_min, { -INFINITY, 2, 3, NAN }, { 3 }, 1 },
  { "max-along", max_along, { 3, 7, -1, 7 }, { 7 }, 1 },
  { "max-along of NaN", max_along, { 3, 7, NAN, 8 }, { NAN }, 1 },
  { "min-along", min_along, { 3, 7, -1, 7 }, { -1 }, 1 },
  { "arg-sort", arg_sort, { 3, 1, 3, 1 }, { 1, 3, 0, 2 }, 4 },
  { "arg-sort descending", arg_sort_down, { 3, 1, 3, 1 }, { 0, 2, 1, 3 }, 4 },
  { "arg-sort of NaN", arg_sort, { NAN, INFINITY, NAN, -0.5 }, { 3, 1, 0, 2 }, 4 },
  { "arg-sort of NaN descending", arg_sort_down, { 1, NAN, 2, NAN }, { 1, 3, 2, 0 }, 4 },
  { "sort", sort, { 3, -1, INFINITY, 0 }, { -1, 0, 3, INFINITY }, 4 },
  { "binary cross-entropy of a hit", hit, { -1000, 0, 40, 1000 }, { 1000, G_LN2, 4.248354255291589e-18, 0 }, 4 },
  { "binary cross-entropy of a miss", miss, { -1000, -40, 0, 1000 }, { 0, 4.248354255291589e-18, G_LN2, 1000 }, 4 },
  { "binary cross-entropy of neither", half, { -1000, 0, 1, 1000 }, { 500, G_LN2, 0.813261687518223, 500 }, 4 },
  { "less-equal", less_equal, { 0, 1, 2, NAN }, { 1, 1, 0, 0 }, 4 },
  { "greater-equal", greater_equal, { 0, 1, 2, NAN }, { 0, 1, 1, 0 }, 4 },
  { "not-equal", not_equal, { 0, INFINITY, -2, NAN }, { 0, 0, 0, 1 }, 4 },
  { "between", between, { -1, 0, 1, 2 }, { 0, 0, 1, 0 }, 4 },
  { "outside", outside, { -1, 0, 1, 2 }, { 1, 0, 0, 1 }, 4 }
};

START_TEST (test_values)
{
  for (guint which = 0; which < 2; which++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      g_autoptr (GantryProgram) program = evaluate (rows[_i].build (vector (graph, GANTRY_FLOAT64)), rows[_i].x, which);

      for (guint i = 0; i < rows[_i].n; i++)
        {
          gdouble found = fixture_output (program, "output", i), expected = rows[_i].expected[i];

          ck_assert_msg (found == expected || (found != found && expected != expected) || fabs (found - expected) <= 1e-13 * fabs (expected),
                         "%s, %s: element %u is %.17g, not %.17g", rows[_i].name, which == 1 ? "openblas" : "reference", i, found, expected);
        }
    }
}
END_TEST

/* Along each axis of [3, 5, 7], against the definition. */
START_TEST (test_sorts_along)
{
  static const gsize dims[] = { 3, 5, 7 }, strides[] = { 35, 7, 1 };
  gboolean descending = _i > 2;
  guint axis = _i % 3;
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (3, 5, 7), GANTRY_FLOAT64);
  GantryTensor *order = gantry_arg_sort (x, axis, descending);
  g_autoptr (GantryProgram) program = NULL;
  gdouble values[105];

  for (gsize i = 0; i < 105; i++)
    values[i] = (gdouble) (i * 37 % 11); /* with ties */
  gantry_graph_output (graph, "sorted", gantry_sort (x, axis, descending));
  gantry_graph_output (graph, "largest", gantry_arg_max (x, axis, TRUE));
  program = evaluate (order, values, 0);
  for (gsize i = 0; i < 105; i++)
    {
      gsize position = i / strides[axis] % dims[axis], start = i - position * strides[axis], rank = 0, largest = 0;

      for (gsize k = 0; k < dims[axis]; k++)
        {
          gdouble other = values[start + k * strides[axis]];

          rank += (descending ? other > values[i] : other < values[i]) || (other == values[i] && k < position);
          if (other > values[start + largest * strides[axis]])
            largest = k;
        }
      ck_assert_double_eq (fixture_output (program, "output", start + rank * strides[axis]), position);
      ck_assert_double_eq (fixture_output (program, "sorted", start + rank * strides[axis]), values[i]);
      ck_assert_double_eq (fixture_output (program, "largest", i / (dims[axis] * strides[axis]) * strides[axis] + i % strides[axis]), largest);
    }
}
END_TEST

/* Whole numbers stay exact beyond 2^53, where doubles do not. */
START_TEST (test_integers)
{
  const gint64 big = ((gint64) 1 << 60) + 1;

  for (guint which = 0; which < 2; which++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      GantryTensor *x = vector (graph, GANTRY_INT64);
      const gchar *names[] = { "neg", "abs", "sign", "sum", "max", "min", "maximum", "least", "sorted" };
      const gint64 expected[] = { -big, big, 1, big - 2, big, -7, big, -7, -7 };
      g_autoptr (GantryProgram) program = NULL;
      g_autoptr (GantryState) state = gantry_state_new (1);
      g_autoptr (GantryBackend) openblas = openblas_open ();
      GantryBackend *backends[] = { openblas, fixture_reference () };
      gint64 *values;

      gantry_graph_output (graph, "neg", gantry_neg (x));
      gantry_graph_output (graph, "abs", gantry_abs (x));
      gantry_graph_output (graph, "sign", gantry_sign (x));
      gantry_graph_output (graph, "sum", gantry_sum (x));
      gantry_graph_output (graph, "max", gantry_max_axes (x, GANTRY_AXIS (0), FALSE));
      gantry_graph_output (graph, "min", gantry_min_axes (x, GANTRY_AXIS (0), FALSE));
      gantry_graph_output (graph, "maximum", gantry_maximum (x, number (x, 2)));
      gantry_graph_output (graph, "least", gantry_min_along (x, 0, FALSE));
      gantry_graph_output (graph, "sorted", gantry_sort (x, 0, FALSE));
      program = gantry_program_compile (graph, state, which == 1 ? backends : backends + 1, 1 + which, NULL);
      ck_assert_ptr_nonnull (program);
      values = gantry_array_get_data (gantry_program_get_input (program, "x"));
      values[0] = big;
      values[1] = -7;
      values[2] = 5;
      values[3] = 0;
      fixture_run (program, 0, 0);
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        ck_assert_msg (((const gint64 *) gantry_array_get_data (gantry_program_get_output (program, names[i])))[0] == expected[i], "%s", names[i]);
    }
}
END_TEST

/* The logits of two samples with one label each; the last is no class. */
START_TEST (test_cross_entropy)
{
  static const gdouble logits[] = { 1, 2, 3, 2000, -2000, 0, 0, 0, 0 };
  static const gint64 labels[] = { 2, 1, 3 };

  for (guint which = 0; which < 2; which++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (3, 3), GANTRY_FLOAT64);
      GantryTensor *label = gantry_constant_integers (graph, GANTRY_SHAPE (3), labels);
      g_autoptr (GantryProgram) program = NULL;

      gantry_graph_output (graph, "smooth", gantry_cross_entropy (x, label, 0.3));
      program = evaluate (gantry_cross_entropy (x, label, 0), logits, which);
      ck_assert_double_eq_tol (fixture_output (program, "output", 0), 0.40760596444438, 1e-13);
      ck_assert_double_eq_tol (fixture_output (program, "output", 1), 4000, 1e-10);
      ck_assert (isnan (fixture_output (program, "output", 2)));
      ck_assert_double_eq_tol (fixture_output (program, "smooth", 0), 0.70760596444438, 1e-13);
      ck_assert_double_eq_tol (fixture_output (program, "smooth", 1), 0.7 * 4000 + 0.1 * 6000, 1e-10);
      ck_assert (isnan (fixture_output (program, "smooth", 2)));
    }
}
END_TEST

/* A truth value that is fed, and one whose operands are of another dtype than the rest. */
START_TEST (test_logic_of_feeds)
{
  for (guint which = 0; which < 2; which++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      GantryTensor *x = vector (graph, GANTRY_BOOL8);
      GantryTensor *y = gantry_constant_integers (graph, GANTRY_SHAPE (N), (const gint64[]) { 0, 0, 1, 1 });
      GantryTensor *odd = gantry_greater (y, number (y, 0));
      g_autoptr (GantryProgram) program = NULL;

      gantry_graph_output (graph, "and", gantry_logical_and (x, odd));
      gantry_graph_output (graph, "or", gantry_logical_or (odd, x));
      gantry_graph_output (graph, "not", gantry_logical_not (x));
      program = evaluate (gantry_cast (gantry_logical_and (x, gantry_logical_not (odd)), GANTRY_FLOAT64), (const gdouble[]) { 0, 1, 0, 1 }, which);
      for (guint i = 0; i < N; i++)
        {
          ck_assert_double_eq (fixture_output (program, "and", i), (i & 1) && (i & 2));
          ck_assert_double_eq (fixture_output (program, "or", i), i > 0);
          ck_assert_double_eq (fixture_output (program, "not", i), !(i & 1));
          ck_assert_double_eq (fixture_output (program, "output", i), i == 1);
        }
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("functions");
  TCase *tcase = tcase_create ("functions");

  tcase_add_loop_test (tcase, test_values, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tcase, test_sorts_along, 0, 6);
  tcase_add_test (tcase, test_integers);
  tcase_add_test (tcase, test_cross_entropy);
  tcase_add_test (tcase, test_logic_of_feeds);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
