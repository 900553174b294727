/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The elementary functions of the openblas backend in float32: close to the true value, right at the ends, the same bits at
 * every instruction set. */
#include "engine/openblas-fixture.h"

#include <float.h>
#include <math.h>
#include <string.h>

static gdouble
sigmoid (gdouble x)
{
  return x >= 0 ? 1 / (1 + exp (-x)) : exp (x) / (1 + exp (x));
}

static gdouble
softplus (gdouble x)
{
  return (x > 0 ? x : 0) + log1p (exp (-fabs (x)));
}

static const struct {
  const gchar *name;
  GantryTensor *(*build) (GantryTensor *x);
  gdouble (*exact) (gdouble x);
  gdouble low, high; /* range that is looked at densely */
  gdouble ulps;      /* largest error, in units of the last place */
} functions[] = {
  { "exp", gantry_exp, exp, -104, 89, 1.5 },
  { "log", gantry_log, log, 0, 20, 1.5 },
  { "expm1", gantry_expm1, expm1, -30, 89, 2.5 },
  { "log1p", gantry_log1p, log1p, -1, 20, 1.5 },
  { "sin", gantry_sin, sin, -1000, 1000, 0.6 },
  { "cos", gantry_cos, cos, -1000, 1000, 0.6 },
  { "sin of large numbers", gantry_sin, sin, 0.9e6, 1.1e6, 0.6 },
  { "erf", gantry_erf, erf, -5, 5, 2.5 },
  { "tanh", gantry_tanh, tanh, -10, 10, 2.5 },
  { "sigmoid", gantry_sigmoid, sigmoid, -105, 20, 2.5 },
  { "softplus", gantry_softplus, softplus, -105, 100, 2.5 },
  { "floor", gantry_floor, floor, -100, 100, 0 },
  { "ceil", gantry_ceil, ceil, -100, 100, 0 },
  { "round", gantry_round, nearbyint, -100, 100, 0 },
};

static const gfloat ends[] = {
  0, -0.0f, INFINITY, -INFINITY, NAN, FLT_MAX, -FLT_MAX, FLT_MIN, -FLT_MIN, 1e-45f, -1e-45f, 1e-40f, 1e-30f, -1e-30f, 1, -1, 88.72283f,
  88.72284f, -103.97f, -104, 89, 1e6f, 1000001, 0.5f, -0.5f, 2.5f, -3.5f, 3.1415927f, -1.5707964f, 16777216, -2, -0.99999994f, 4, -4,
  1e-4f, -1e-4f, 1e-7f, 0.70710678f, 1.41421356f, 0.99999994f, 1.0000001f, -1e30f, 1e30f,
};

#define DENSE 200000
#define SIZE (DENSE + DENSE / 2 + G_N_ELEMENTS (ends))

/* Evenly over the range, then over the exponents, then the ends. */
static gfloat
sample (guint function, gsize i)
{
  gdouble low = functions[function].low, high = functions[function].high;

  if (i < DENSE)
    return low + (high - low) * i / DENSE;
  i -= DENSE;
  if (i < DENSE / 2)
    return (i % 2 == 0 || low >= 0 ? 1 : -1) * exp2 (-140 + 160.0 * i / (DENSE / 2));
  return ends[i - DENSE / 2];
}

static void
evaluate (guint function, guint level, gfloat *values)
{
  g_autoptr (GantryBackend) backend = NULL;
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  gfloat *x;

  openblas_set_level (level);
  backend = openblas_open ();
  gantry_graph_output (graph, "y", functions[function].build (gantry_graph_feed (graph, "x", GANTRY_SHAPE (SIZE), GANTRY_FLOAT32)));
  program = gantry_program_compile (graph, state, &backend, 1, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  x = gantry_array_get_data (gantry_program_get_input (program, "x"));
  for (gsize i = 0; i < SIZE; i++)
    x[i] = sample (function, i);
  fixture_run (program, 0, 0);
  memcpy (values, gantry_array_get_data (gantry_program_get_output (program, "y")), SIZE * sizeof *values);
}

START_TEST (test_errors)
{
  g_autofree gfloat *values = g_new (gfloat, SIZE);
  g_autofree gfloat *others = g_new (gfloat, SIZE);

  evaluate (_i, GANTRY_CPU_BASELINE, values);
  for (guint level = GANTRY_CPU_AVX2; level < GANTRY_N_CPU_LEVELS; level++)
    {
      evaluate (_i, level, others);
      for (gsize i = 0; i < SIZE; i++)
        ck_assert_msg (memcmp (&values[i], &others[i], sizeof values[i]) == 0 || (values[i] != values[i] && others[i] != others[i]),
                       "%s (%a): %a at baseline, %a at %s", functions[_i].name, sample (_i, i), values[i], others[i],
                       gantry_cpu_level_get_name (level));
    }
  for (gsize i = 0; i < SIZE; i++)
    {
      gfloat x = sample (_i, i);
      gdouble exact = functions[_i].exact (x), unit = exp2 (MAX (-149, ilogb (exact) - 23));

      if (exact != exact)
        ck_assert_msg (values[i] != values[i], "%s (%a): %a is a number", functions[_i].name, x, values[i]);
      else if (isinf ((gfloat) exact) || exact == 0)
        ck_assert_msg (values[i] == (gfloat) exact && !signbit (values[i]) == !signbit (exact), "%s (%a): %a was expected, %a was found",
                       functions[_i].name, x, exact, values[i]);
      else
        ck_assert_msg (fabs (values[i] - exact) <= functions[_i].ulps * unit, "%s (%a): %a was expected, %a was found: %.2f units",
                       functions[_i].name, x, exact, values[i], fabs (values[i] - exact) / unit);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("openblas-math");
  TCase *tcase = tcase_create ("openblas-math");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, test_errors, 0, G_N_ELEMENTS (functions));
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
