/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reference backend against formulas, small cases worked by hand, and identities that its kernels do not use. */
#include <math.h>

#include "engine/engine-fixture.h"

/* Runs an output of x = start, start + step, ... (and y likewise from -start) without simplification. */
static GantryProgram *
evaluate (GantryGraph *graph, GantryTensor *output, gdouble start, gdouble step)
{
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryProgram *program;

  gantry_graph_output (graph, "output", output);
  program = fixture_compile_full (graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  if (gantry_graph_find_input (graph, "x") != NULL)
    fixture_bind_ramp (program, "x", start, step);
  if (gantry_graph_find_input (graph, "y") != NULL)
    fixture_bind_ramp (program, "y", -start, step);
  fixture_run (program, 0, 0);
  return program;
}

static gdouble exact_neg (gdouble x) { return -x; }
static gdouble exact_sign (gdouble x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
static gdouble exact_rsqrt (gdouble x) { return pow (x, -0.5); }
static gdouble exact_reciprocal (gdouble x) { return pow (x, -1); }
static gdouble exact_square (gdouble x) { return pow (x, 2); }
static gdouble exact_sigmoid (gdouble x) { return 0.5 + 0.5 * tanh (x / 2); }
static gdouble exact_softplus (gdouble x) { return x > 30 ? x : log (1 + exp (x)); }
static gdouble exact_relu (gdouble x) { return fmax (x, 0); }

static const struct {
  GantryTensor *(*op) (GantryTensor *x);
  gdouble (*exact) (gdouble x);
  gboolean positive;
} unary[] = {
  { gantry_neg, exact_neg, FALSE }, { gantry_abs, fabs, FALSE }, { gantry_sign, exact_sign, FALSE }, { gantry_exp, exp, FALSE },
  { gantry_log, log, TRUE }, { gantry_sqrt, sqrt, TRUE }, { gantry_rsqrt, exact_rsqrt, TRUE }, { gantry_reciprocal, exact_reciprocal, TRUE },
  { gantry_square, exact_square, FALSE }, { gantry_tanh, tanh, FALSE }, { gantry_sigmoid, exact_sigmoid, FALSE },
  { gantry_softplus, exact_softplus, FALSE }, { gantry_relu, exact_relu, FALSE }, { gantry_detach, NULL, FALSE },
  { gantry_sin, sin, FALSE }, { gantry_cos, cos, FALSE }, { gantry_erf, erf, FALSE }, { gantry_expm1, expm1, FALSE },
  { gantry_log1p, log1p, TRUE }, { gantry_floor, floor, FALSE }, { gantry_ceil, ceil, FALSE }, { gantry_round, nearbyint, FALSE }
};

START_TEST (test_unary)
{
  for (GantryDType dtype = GANTRY_FLOAT32; dtype <= GANTRY_FLOAT64; dtype++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
      gdouble start = unary[_i].positive ? 0.25 : -2, tolerance = dtype == GANTRY_FLOAT32 ? 1e-6 : 1e-14;
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (17), dtype);
      g_autoptr (GantryProgram) program = evaluate (graph, unary[_i].op (x), start, 0.25);

      for (guint i = 0; i < 17; i++)
        {
          gdouble value = start + 0.25 * i, expected = unary[_i].exact == NULL ? value : unary[_i].exact (value);

          ck_assert_double_eq_tol (fixture_output (program, "output", i), expected, tolerance * fmax (1, fabs (expected)));
        }
    }
}
END_TEST

/* Far from 0, where naive formulas overflow, and NaN, which nothing hides. */
START_TEST (test_extremes)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (3), GANTRY_FLOAT64);
  GantryTensor *nan = gantry_fill (graph, GANTRY_SHAPE (3), GANTRY_FLOAT64, NAN);
  g_autoptr (GantryProgram) program = NULL;
  const gchar *names[] = { "relu", "leaky", "maximum", "minimum", "max" };

  gantry_graph_output (graph, "softplus", gantry_softplus (x));
  gantry_graph_output (graph, "sigmoid", gantry_sigmoid (x));
  gantry_graph_output (graph, "relu", gantry_relu (nan));
  gantry_graph_output (graph, "leaky", gantry_leaky_relu (nan, 0.1));
  gantry_graph_output (graph, "maximum", gantry_maximum (nan, x));
  gantry_graph_output (graph, "minimum", gantry_minimum (x, nan));
  gantry_graph_output (graph, "max", gantry_max_axes (nan, GANTRY_AXIS (0), FALSE));
  program = evaluate (graph, x, -1000, 1000);
  ck_assert_double_eq (fixture_output (program, "softplus", 0), 0);
  ck_assert_double_eq (fixture_output (program, "softplus", 2), 1000);
  ck_assert_double_eq (fixture_output (program, "sigmoid", 0), 0);
  ck_assert_double_eq (fixture_output (program, "sigmoid", 1), 0.5);
  ck_assert_double_eq (fixture_output (program, "sigmoid", 2), 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    ck_assert (isnan (fixture_output (program, names[i], 0)));
}
END_TEST

START_TEST (test_attributes)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2), GANTRY_FLOAT64);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "leaky", gantry_leaky_relu (x, 0.25));
  gantry_graph_output (graph, "scale", gantry_scale (x, 3));
  program = evaluate (graph, gantry_offset (x, 3), -2, 4);
  ck_assert_double_eq (fixture_output (program, "leaky", 0), -0.5);
  ck_assert_double_eq (fixture_output (program, "leaky", 1), 2);
  ck_assert_double_eq (fixture_output (program, "scale", 0), -6);
  ck_assert_double_eq (fixture_output (program, "output", 1), 5);
}
END_TEST

static gdouble exact_add (gdouble a, gdouble b) { return a + b; }
static gdouble exact_sub (gdouble a, gdouble b) { return a - b; }
static gdouble exact_mul (gdouble a, gdouble b) { return a * b; }
static gdouble exact_div (gdouble a, gdouble b) { return a / b; }
static gdouble exact_less (gdouble a, gdouble b) { return a < b; }
static gdouble exact_greater (gdouble a, gdouble b) { return a > b; }
static gdouble exact_equal (gdouble a, gdouble b) { return a == b; }
static gdouble exact_less_equal (gdouble a, gdouble b) { return a <= b; }
static gdouble exact_greater_equal (gdouble a, gdouble b) { return a >= b; }
static gdouble exact_not_equal (gdouble a, gdouble b) { return a != b; }

static const struct {
  GantryTensor *(*op) (GantryTensor *a, GantryTensor *b);
  gdouble (*exact) (gdouble a, gdouble b);
  gboolean integer;
} binary[] = {
  { gantry_add, exact_add, TRUE }, { gantry_sub, exact_sub, TRUE }, { gantry_mul, exact_mul, TRUE }, { gantry_div, exact_div, FALSE },
  { gantry_maximum, fmax, TRUE }, { gantry_minimum, fmin, TRUE }, { gantry_less, exact_less, TRUE },
  { gantry_greater, exact_greater, TRUE }, { gantry_equal, exact_equal, TRUE },
  { gantry_less_equal, exact_less_equal, TRUE }, { gantry_greater_equal, exact_greater_equal, TRUE },
  { gantry_not_equal, exact_not_equal, TRUE }, { gantry_pow, pow, FALSE }, { gantry_atan2, atan2, FALSE }
};

/* x [2, 1, 3] and y [4, 1]: element (i, j, k) comes from x (i, k) and y (j). */
START_TEST (test_binary)
{
  for (GantryDType dtype = GANTRY_FLOAT32; dtype <= (binary[_i].integer ? GANTRY_INT64 : GANTRY_FLOAT64); dtype++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (dtype == GANTRY_INT64 ? GANTRY_FLOAT32 : dtype);
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 1, 3), dtype);
      GantryTensor *y = gantry_graph_feed (graph, "y", GANTRY_SHAPE (4, 1), dtype);
      g_autoptr (GantryProgram) program = evaluate (graph, binary[_i].op (x, y), 1, 1);

      for (guint i = 0; i < 24; i++)
        {
          gdouble a = 1 + 3 * (i / 12) + i % 3, b = -1 + (gdouble) (i / 3 % 4), expected = binary[_i].exact (a, b);

          if (isfinite (expected))
            ck_assert_double_eq_tol (fixture_output (program, "output", i), expected, 1e-6);
        }
    }
}
END_TEST

START_TEST (test_select_and_cast)
{
  for (GantryDType dtype = GANTRY_FLOAT32; dtype <= GANTRY_INT64; dtype++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT64);
      GantryTensor *positive = gantry_greater (x, gantry_fill (graph, GANTRY_SCALAR, GANTRY_FLOAT64, 0));
      GantryTensor *cast = gantry_cast (x, dtype), *other = gantry_fill (graph, GANTRY_SHAPE (3), dtype, 7);
      g_autoptr (GantryProgram) program = evaluate (graph, gantry_cast (gantry_select (positive, cast, other), GANTRY_FLOAT64), -1.5, 1);

      for (guint i = 0; i < 6; i++)
        {
          gdouble value = -1.5 + i;
          gdouble expected = dtype == GANTRY_INT64 ? trunc (value) : value;

          ck_assert_double_eq (fixture_output (program, "output", i), value > 0 ? expected : 7);
        }
    }
}
END_TEST

START_TEST (test_reductions)
{
  for (guint axes = 0; axes < 8; axes++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3, 4), GANTRY_FLOAT64);
      GantryTensor *sum = gantry_sum_axes (x, axes, TRUE);
      gdouble sums[24] = { 0 }, maxima[24];
      g_autoptr (GantryProgram) program = NULL;

      for (guint i = 0; i < 24; i++)
        maxima[i] = -INFINITY;
      for (guint i = 0; i < 24; i++)
        {
          guint index[3] = { i / 12, i / 4 % 3, i % 4 }, target = 0;

          for (guint axis = 0; axis < 3; axis++)
            target = target * gantry_tensor_get_dim (sum, axis) + (axes >> axis & 1 ? 0 : index[axis]);
          sums[target] += (i - 10.) * 0.5;
          maxima[target] = fmax (maxima[target], (i - 10.) * 0.5);
        }
      gantry_graph_output (graph, "max", gantry_max_axes (x, axes, FALSE));
      program = evaluate (graph, sum, -5, 0.5);
      for (guint i = 0; i < gantry_tensor_get_size (sum); i++)
        {
          ck_assert_double_eq_tol (fixture_output (program, "output", i), sums[i], 1e-12);
          ck_assert_double_eq (fixture_output (program, "max", i), maxima[i]);
        }
    }
}
END_TEST

/* A float32 sum of many small numbers does not lose them. */
START_TEST (test_long_sum)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (1 << 20), GANTRY_FLOAT32);
  g_autoptr (GantryProgram) program = evaluate (graph, gantry_sum (x), 0.1, 0);

  ck_assert_double_eq (fixture_output (program, "output", 0), (gfloat) (0.1f * (gdouble) (1 << 20)));
}
END_TEST

START_TEST (test_moves)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3, 4), GANTRY_FLOAT64);
  GantryTensor *row = gantry_slice (x, 1, 2, 1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "permute", gantry_permute (x, (guint[]) { 2, 0, 1 }));
  gantry_graph_output (graph, "slice", gantry_slice (x, 1, 1, 2));
  gantry_graph_output (graph, "pad", gantry_pad (x, 2, 1, 2));
  gantry_graph_output (graph, "concat", gantry_concat ((GantryTensor *[]) { row, x, row }, 3, 1));
  gantry_graph_output (graph, "broadcast", gantry_broadcast_to (row, GANTRY_SHAPE (2, 2, 5, 4)));
  program = evaluate (graph, gantry_reshape (x, GANTRY_SHAPE (24)), 0, 1);
  for (guint i = 0; i < 24; i++)
    {
      ck_assert_double_eq (fixture_output (program, "output", i), i);
      /* [4, 2, 3]: k, i, j */
      ck_assert_double_eq (fixture_output (program, "permute", i), i / 3 % 2 * 12 + i % 3 * 4 + i / 6);
    }
  for (guint i = 0; i < 16; i++)
    ck_assert_double_eq (fixture_output (program, "slice", i), i / 8 * 12 + 4 + i % 8);
  for (guint i = 0; i < 42; i++)
    ck_assert_double_eq (fixture_output (program, "pad", i), i % 7 < 1 || i % 7 > 4 ? 0 : i / 7 * 4 + i % 7 - 1);
  for (guint i = 0; i < 40; i++)
    {
      guint sample = i / 20, line = i / 4 % 5;

      ck_assert_double_eq (fixture_output (program, "concat", i), sample * 12 + (line == 0 || line == 4 ? 2 : line - 1) * 4 + i % 4);
    }
  for (guint i = 0; i < 80; i++)
    ck_assert_double_eq (fixture_output (program, "broadcast", i), i / 20 % 2 * 12 + 8 + i % 4);
}
END_TEST

/* a [2, 1, 3, 4] times b [5, 4, 2], each stored as it is or transposed. */
START_TEST (test_matmul)
{
  gboolean ta = _i & 1, tb = _i >> 1;
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *a = gantry_graph_feed (graph, "x", ta ? GANTRY_SHAPE (2, 1, 4, 3) : GANTRY_SHAPE (2, 1, 3, 4), GANTRY_FLOAT64);
  GantryTensor *b = gantry_graph_feed (graph, "y", tb ? GANTRY_SHAPE (5, 2, 4) : GANTRY_SHAPE (5, 4, 2), GANTRY_FLOAT64);
  g_autoptr (GantryProgram) program = evaluate (graph, gantry_matmul_full (a, ta, b, tb), 1, 0.5);

  for (guint i = 0; i < 2 * 5 * 3 * 2; i++)
    {
      guint s = i / 30, t = i / 6 % 5, row = i / 2 % 3, column = i % 2;
      gdouble sum = 0;

      for (guint k = 0; k < 4; k++)
        sum += (1 + 0.5 * (12 * s + (ta ? 3 * k + row : 4 * row + k))) * (-1 + 0.5 * (8 * t + (tb ? 4 * column + k : 2 * k + column)));
      ck_assert_double_eq_tol (fixture_output (program, "output", i), sum, 1e-12);
    }
}
END_TEST

/* Worked by hand: stride 2, padding 1. */
START_TEST (test_conv2d)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (1, 1, 3, 3), GANTRY_FLOAT64);
  GantryTensor *w = gantry_reshape (gantry_constant_array (graph, GANTRY_SHAPE (4), (gdouble[]) { 1, 10, 100, 1000 }), GANTRY_SHAPE (1, 1, 2, 2));
  GantryConvolution geometry = { .stride = { 2, 2 }, .padding = { 1, 1 } };
  g_autoptr (GantryProgram) program = evaluate (graph, gantry_conv2d (x, w, &geometry), 1, 1);
  const gdouble expected[] = { 1000, 3200, 7040, 9865 };

  for (guint i = 0; i < 4; i++)
    ck_assert_double_eq (fixture_output (program, "output", i), expected[i]);
}
END_TEST

static const struct {
  gsize x[4], w[4];
  GantryConvolution geometry;
} convolutions[] = {
  { { 2, 3, 5, 4 }, { 4, 3, 3, 3 }, { .padding = { 1, 1 } } },
  { { 2, 4, 7, 6 }, { 6, 2, 3, 2 }, { .stride = { 2, 1 }, .padding = { 1, 0 }, .groups = 2 } },
  { { 1, 2, 9, 8 }, { 3, 2, 2, 3 }, { .stride = { 1, 2 }, .padding = { 2, 1 }, .dilation = { 3, 2 } } },
  { { 2, 3, 6, 6 }, { 3, 1, 4, 4 }, { .stride = { 2, 2 }, .padding = { 1, 1 }, .groups = 3 } },
  { { 1, 2, 8, 8 }, { 2, 2, 2, 2 }, { .stride = { 3, 3 } } }
};

static void
make_shape (const gsize *dims, GantryShape *shape)
{
  *shape = (GantryShape) { 4, { dims[0], dims[1], dims[2], dims[3] } };
}

/* Every product of the definition, added to where it belongs. */
static void
convolve (guint n, const GantryShape *x_shape, const GantryShape *w_shape, const GantryShape *y_shape, const gdouble *x, const gdouble *w, gdouble *y)
{
  const GantryConvolution *g = &convolutions[n].geometry;
  guint stride[2] = { MAX (1, g->stride[0]), MAX (1, g->stride[1]) }, dilation[2] = { MAX (1, g->dilation[0]), MAX (1, g->dilation[1]) };
  gsize out_group = y_shape->dims[1] / MAX (1, g->groups), in_group = w_shape->dims[1];
  gsize index = 0;

  for (gsize s = 0; s < y_shape->dims[0]; s++)
    for (gsize o = 0; o < y_shape->dims[1]; o++)
      for (gsize i = 0; i < y_shape->dims[2]; i++)
        for (gsize j = 0; j < y_shape->dims[3]; j++, index++)
          for (gsize c = 0; c < in_group; c++)
            for (gsize p = 0; p < w_shape->dims[2]; p++)
              for (gsize q = 0; q < w_shape->dims[3]; q++)
                {
                  gsize row = i * stride[0] + p * dilation[0] - g->padding[0], column = j * stride[1] + q * dilation[1] - g->padding[1];
                  gsize channel = o / out_group * in_group + c;

                  if (row < x_shape->dims[2] && column < x_shape->dims[3])
                    y[index] += x[((s * x_shape->dims[1] + channel) * x_shape->dims[2] + row) * x_shape->dims[3] + column]
                                * w[((o * in_group + c) * w_shape->dims[2] + p) * w_shape->dims[3] + q];
                }
}

static void
fill_wave (gdouble *values, gsize n, gdouble phase)
{
  for (gsize i = 0; i < n; i++)
    values[i] = sin (1.3 * i + phase);
}

static gdouble
dot (GantryProgram *program, const gchar *name, const gdouble *other)
{
  gdouble sum = 0;

  for (gsize i = 0; i < gantry_array_get_size (gantry_program_get_output (program, name)); i++)
    sum += fixture_output (program, name, i) * other[i];
  return sum;
}

/* conv2d by its definition; its adjoints by <conv (x, w), u> = <x, input (u, w)> = <w, weight (x, u)>. */
START_TEST (test_convolutions)
{
  for (GantryDType dtype = GANTRY_FLOAT32; dtype <= GANTRY_FLOAT64; dtype++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
      gdouble xs[1000], ws[1000], us[1000], expected[1000] = { 0 }, tolerance = dtype == GANTRY_FLOAT32 ? 1e-4 : 1e-11;
      GantryShape x_shape, w_shape, y_shape;
      GantryTensor *x, *w, *y, *u, *gradients[2];
      g_autoptr (GantryProgram) program = NULL;
      g_autoptr (GantryState) state = gantry_state_new (1);

      make_shape (convolutions[_i].x, &x_shape);
      make_shape (convolutions[_i].w, &w_shape);
      x = gantry_graph_feed (graph, "a", &x_shape, dtype);
      w = gantry_graph_feed (graph, "b", &w_shape, dtype);
      y = gantry_conv2d (x, w, &convolutions[_i].geometry);
      y_shape = *gantry_tensor_get_shape (y);
      u = gantry_graph_feed (graph, "u", &y_shape, dtype);
      gantry_gradients (gantry_sum (gantry_mul (y, u)), (GantryTensor *[]) { x, w }, 2, gradients);
      gantry_graph_output (graph, "y", y);
      gantry_graph_output (graph, "dx", gradients[0]);
      gantry_graph_output (graph, "dw", gradients[1]);
      program = fixture_compile (graph, state);
      ck_assert_uint_eq (fixture_count_kernels (program, "conv2d-input"), 1);
      ck_assert_uint_eq (fixture_count_kernels (program, "conv2d-weight"), 1);
      fill_wave (xs, gantry_shape_size (&x_shape), 0);
      fill_wave (ws, gantry_shape_size (&w_shape), 1);
      fill_wave (us, gantry_shape_size (&y_shape), 2);
      fixture_bind (program, "a", xs);
      fixture_bind (program, "b", ws);
      fixture_bind (program, "u", us);
      fixture_run (program, 0, 0);
      convolve (_i, &x_shape, &w_shape, &y_shape, xs, ws, expected);
      for (gsize i = 0; i < gantry_shape_size (&y_shape); i++)
        ck_assert_double_eq_tol (fixture_output (program, "y", i), expected[i], tolerance);
      ck_assert_double_eq_tol (dot (program, "dx", xs), dot (program, "y", us), 10 * tolerance);
      ck_assert_double_eq_tol (dot (program, "dw", ws), dot (program, "y", us), 10 * tolerance);
      /* The adjoint of another x, too: both sides are linear in it. */
      fill_wave (xs, gantry_shape_size (&x_shape), 3);
      fill_wave (ws, gantry_shape_size (&w_shape), 4);
      fixture_bind (program, "a", xs);
      fixture_run (program, 0, 0);
      ck_assert_double_eq_tol (dot (program, "dx", xs), dot (program, "y", us), 10 * tolerance);
      fixture_bind (program, "b", ws);
      fixture_run (program, 0, 0);
      ck_assert_double_eq_tol (dot (program, "dw", ws), dot (program, "y", us), 10 * tolerance);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("reference");
  TCase *tcase = tcase_create ("reference");

  tcase_add_loop_test (tcase, test_unary, 0, G_N_ELEMENTS (unary));
  tcase_add_test (tcase, test_extremes);
  tcase_add_test (tcase, test_attributes);
  tcase_add_loop_test (tcase, test_binary, 0, G_N_ELEMENTS (binary));
  tcase_add_test (tcase, test_select_and_cast);
  tcase_add_test (tcase, test_reductions);
  tcase_add_test (tcase, test_long_sum);
  tcase_add_test (tcase, test_moves);
  tcase_add_loop_test (tcase, test_matmul, 0, 4);
  tcase_add_test (tcase, test_conv2d);
  tcase_add_loop_test (tcase, test_convolutions, 0, G_N_ELEMENTS (convolutions));
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
