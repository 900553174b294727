/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions by Winograd's tiles: against the reference and the direct loops, where they are chosen, and what they are said to cost. */
#include "engine/openblas-fixture.h"

#include <math.h>
#include <string.h>

#define N_TILED 3 /* y, dx and dweight */
#define FEED(name, ...) gantry_graph_feed (graph, name, GANTRY_SHAPE (__VA_ARGS__), gantry_graph_get_dtype (graph))

typedef struct {
  gsize n, c, h, w, o, pad_h, pad_w, stride; /* 0 for 1, and a kernel of 3x3; 2 and one of 4x4 */
} Case;

/* Batches of 16, 32 and 64 lanes and several sets; images that are no multiple of the tiles, or smaller; channels that fill no block or strip. */
static const Case cases[] = {
  { 16, 1, 1, 1, 1, 1, 1 }, { 16, 3, 3, 5, 2, 0, 0 },   { 32, 17, 5, 20, 11, 1, 1 }, { 48, 2, 7, 9, 3, 2, 1 },
  { 64, 9, 8, 8, 70, 1, 1 }, { 128, 5, 6, 4, 8, 0, 2 }, { 16, 300, 4, 4, 5, 1, 1 },  { 20, 6, 6, 6, 7, 2, 2 },
  { 64, 1, 13, 2, 1, 1, 2 }, { 16, 8, 2, 2, 140, 1, 1 },
  { 16, 3, 8, 8, 2, 1, 1, 2 }, { 16, 5, 9, 12, 11, 0, 2, 2 }, { 32, 17, 20, 6, 9, 3, 1, 2 }, { 48, 2, 5, 4, 3, 1, 0, 2 },
  { 64, 70, 8, 8, 40, 1, 1, 2 }, { 128, 4, 11, 7, 70, 2, 3, 2 }, { 24, 6, 16, 16, 7, 1, 1, 2 }, { 16, 1, 2, 2, 1, 1, 1, 2 },
};

static void
build (GantryGraph *graph, gconstpointer data)
{
  const Case *c = data;
  const gsize stride = MAX (1, c->stride), kernel = 2 + stride;
  const GantryConvolution geometry = { { stride, stride }, { c->pad_h, c->pad_w }, { 1, 1 } };
  GantryTensor *x = FEED ("x", c->n, c->c, c->h, c->w), *weight = FEED ("weight", c->o, c->c, kernel, kernel);
  GantryTensor *y = gantry_conv2d (x, weight, &geometry);
  GantryTensor *dy = gantry_graph_feed (graph, "dy", gantry_tensor_get_shape (y), gantry_graph_get_dtype (graph));
  GantryTensor *objective = gantry_sum (gantry_mul (y, dy));

  gantry_graph_output (graph, "y", y);
  gantry_graph_output (graph, "dx", gantry_gradient (objective, x));
  gantry_graph_output (graph, "dweight", gantry_gradient (objective, weight));
}

static void
use_winograd (const gchar *when)
{
  g_setenv ("GANTRY_WINOGRAD", when, TRUE);
}

static GantryProgram *
compile (const Case *c, GantryDType dtype, GantryBackend *backend)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryProgram *program;

  build (graph, c);
  program = gantry_program_compile (graph, state, &backend, 1, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  fixture_fill (program, graph);
  return program;
}

static guint
count_winograd (GantryProgram *program)
{
  guint n = 0;

  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      const gchar *name;

      gantry_program_get_kernel (program, i, &name, NULL);
      n += g_str_has_prefix (name, "winograd-");
    }
  return n;
}

START_TEST (agrees)
{
  openblas_set_level (_i % GANTRY_N_CPU_LEVELS);
  use_winograd ("always");
  openblas_check_to (build, &cases[_i / GANTRY_N_CPU_LEVELS], GANTRY_FLOAT32, 5e-6);
}
END_TEST

/* Against float64, next to the direct loops, which add up a weight's gradient lane by lane: tiles are no other precision. */
START_TEST (error_is_small)
{
  static const Case both[] = { { 16, 64, 8, 8, 64, 1, 1 }, { 16, 64, 16, 16, 64, 1, 1, 2 } };
  const Case c = both[_i];
  const gchar *const outputs[] = { "y", "dx", "dweight" };
  g_autoptr (GantryProgram) exact = compile (&c, GANTRY_FLOAT64, fixture_reference ());
  gdouble errors[2][3] = { { 0 } };

  fixture_run (exact, 0, 0);
  for (guint k = 0; k < 2; k++)
    {
      g_autoptr (GantryBackend) backend = NULL;
      g_autoptr (GantryProgram) program = NULL;

      use_winograd (k == 0 ? "never" : "always");
      backend = openblas_open ();
      program = compile (&c, GANTRY_FLOAT32, backend);
      fixture_run (program, 0, 0);
      for (guint i = 0; i < 3; i++)
        {
          GantryArray *found = gantry_program_get_output (program, outputs[i]), *expected = gantry_program_get_output (exact, outputs[i]);
          gdouble error = 0, square = 0;

          for (gsize j = 0; j < gantry_array_get_size (expected); j++)
            {
              gdouble value = gantry_array_get_double (expected, j), difference = gantry_array_get_double (found, j) - value;

              error += difference * difference;
              square += value * value;
            }
          errors[k][i] = sqrt (error / square);
        }
    }
  for (guint i = 0; i < 3; i++)
    {
      ck_assert_double_gt (errors[1][i], 0);
      ck_assert_msg (errors[1][i] < (i < 2 ? 4 : 8) * errors[0][i] && errors[1][i] < 2e-6, "%s: %g, direct %g", outputs[i], errors[1][i],
                     errors[0][i]);
    }
}
END_TEST

static const struct {
  const gchar *use;
  Case c;
  GantryDType dtype;
  guint expected;
} choices[] = {
  { "auto", { 64, 64, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, N_TILED },
  { "auto", { 64, 64, 32, 32, 64, 1, 1, 2 }, GANTRY_FLOAT32, N_TILED },
  { "auto", { 24, 64, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, N_TILED }, /* plain images, brought side by side */
  { "auto", { 64, 3, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, 0 },
  { "auto", { 64, 64, 1, 5, 64, 1, 1 }, GANTRY_FLOAT32, 0 },
  { "auto", { 4, 64, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, 0 },
  { "auto", { 64, 64, 16, 16, 64, 1, 1 }, GANTRY_FLOAT64, 0 },
  { "never", { 64, 64, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, 0 },
  { "always", { 64, 3, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, N_TILED },
  { "", { 64, 64, 16, 16, 64, 1, 1 }, GANTRY_FLOAT32, N_TILED },
};

START_TEST (is_chosen)
{
  g_autoptr (GantryBackend) backend = NULL;
  g_autoptr (GantryProgram) program = NULL;
  g_autofree gchar *description = NULL;

  use_winograd (choices[_i].use);
  backend = openblas_open ();
  program = compile (&choices[_i].c, choices[_i].dtype, backend);
  ck_assert_uint_eq (count_winograd (program), choices[_i].expected);
  description = gantry_backend_describe (backend);
  ck_assert_msg (strstr (description, choices[_i].use) != NULL, "%s", description);
}
END_TEST

START_TEST (environment_is_checked)
{
  g_autoptr (GantryComponent) component = NULL;
  g_autoptr (GError) error = NULL;

  fixture_reference ();
  use_winograd ("sometimes");
  component = gantry_registry_create (gantry_registry_get_default (), "backend", "openblas", NULL, &error);
  ck_assert_ptr_nonnull (component);
  ck_assert (!gantry_backend_open (GANTRY_BACKEND (component), &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "GANTRY_WINOGRAD: 'sometimes'");
}
END_TEST

/* A pixel that is no number, or none that is finite, does not get lost: every result that it belongs to is not finite either. */
START_TEST (not_finite)
{
  static const Case c = { 16, 3, 9, 9, 4, 1, 1 };
  static const gdouble values[] = { NAN, INFINITY, -INFINITY };
  g_autoptr (GantryBackend) backend = NULL;
  g_autoptr (GantryProgram) program = NULL;
  GantryArray *x, *y;

  use_winograd ("always");
  backend = openblas_open ();
  program = compile (&c, GANTRY_FLOAT32, backend);
  x = gantry_program_get_input (program, "x");
  y = gantry_program_get_output (program, "y");
  for (gsize pixel = 0; pixel < 81; pixel++)
    {
      gdouble before = gantry_array_get_double (x, 81 + pixel);

      gantry_array_set_double (x, 81 + pixel, values[_i]);
      fixture_run (program, 0, 0);
      gantry_array_set_double (x, 81 + pixel, before);
      for (gsize at = 0; at < 4 * 81; at++)
        if (ABS ((gint) (at % 81 / 9) - (gint) (pixel / 9)) <= 1 && ABS ((gint) (at % 9) - (gint) (pixel % 9)) <= 1)
          ck_assert_msg (!isfinite (gantry_array_get_double (y, at)), "pixel %zu: y[%zu] is finite", pixel, at);
    }
}
END_TEST

/* What tiles need is reported, and what the program needs is the sum. */
static const struct {
  Case c;
  gdouble direct, tiles[2]; /* of y and dweight, a pair of channels; by 16 tiles an image */
} costs[] = {
  { { 64, 64, 16, 16, 64, 1, 1 },
    2.0 * 64 * 64 * 64 * 46 * 46, /* no tap outside the image */
    { 64 * 16 * (2.0 * 36 * 64 * 64 + 64 * (288 + 160)) + 153 * 64 * 64, 64 * 16 * (2.0 * 36 * 64 * 64 + 64 * (288 + 160)) + 162 * 64 * 64 } },
  { { 64, 64, 32, 32, 64, 1, 1, 2 },
    2.0 * 64 * 64 * 64 * 62 * 62,
    { 64 * 16 * (2.0 * 25 * 64 * 64 * 4 + 64 * (4 * 200 + 135)) + 4 * 56 * 64 * 64,
      4 * (64 * 16 * (2.0 * 25 * 64 * 64 + 64 * (200 + 144)) + 77 * 64 * 64) } },
};

START_TEST (flops)
{
  for (guint k = 0; k < 2; k++)
    {
      g_autoptr (GantryBackend) backend = NULL;
      g_autoptr (GantryProgram) program = NULL;
      GantryProgramReport whole = { sizeof whole };
      gdouble sum = 0;
      guint n_found = 0;

      use_winograd (k == 0 ? "never" : "auto");
      backend = openblas_open ();
      program = compile (&costs[_i].c, GANTRY_FLOAT32, backend);
      gantry_program_get_report (program, &whole);
      for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
        {
          GantryKernelReport report = { sizeof report };
          gboolean is_weight;

          gantry_program_get_kernel_report (program, i, &report);
          sum += report.flops;
          is_weight = strcmp (report.op, "blocked-conv2d-weight") == 0;
          if (!is_weight && strcmp (report.op, "blocked-conv2d") != 0)
            continue;
          ck_assert_double_eq (report.flops, k == 0 ? costs[_i].direct : costs[_i].tiles[is_weight]);
          n_found++;
        }
      ck_assert_uint_eq (n_found, 2);
      ck_assert_double_eq (sum, whole.flops);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("winograd");
  TCase *tcase = tcase_create ("winograd");

  tcase_set_timeout (tcase, 300);
  tcase_add_loop_test (tcase, agrees, 0, G_N_ELEMENTS (cases) * GANTRY_N_CPU_LEVELS);
  tcase_add_loop_test (tcase, error_is_small, 0, 2);
  tcase_add_loop_test (tcase, is_chosen, 0, G_N_ELEMENTS (choices));
  tcase_add_test (tcase, environment_is_checked);
  tcase_add_loop_test (tcase, not_finite, 0, 3);
  tcase_add_loop_test (tcase, flops, 0, G_N_ELEMENTS (costs));
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
