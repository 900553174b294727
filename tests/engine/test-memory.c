/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order in which kernels run, and what runs again: less memory, and the same bits. */
#include <string.h>

#include "engine/engine-fixture.h"
#include "engine/openblas-fixture.h"

#define N_RUNS 3
#define SIDE 64

typedef void (*BuildGraph) (GantryGraph *graph);

/* What a graph needs, and all numbers that it gives. */
typedef struct {
  GantryProgramReport report;
  GArray *numbers; /* gfloat */
} Result;

static void
clear_result (Result *self)
{
  g_array_unref (self->numbers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, clear_result)

/* Two branches that nobody joins before the end, each with its gradient. */
static void
build_branches (GantryGraph *graph)
{
  GantryTensor *weight = gantry_graph_feed (graph, "w", GANTRY_SHAPE (SIDE, SIDE), GANTRY_FLOAT32), *inputs[2], *sums[2], *slopes[2];

  for (guint b = 0; b < 2; b++)
    {
      GantryTensor *h = inputs[b] = gantry_graph_feed (graph, b == 0 ? "a" : "b", GANTRY_SHAPE (SIDE, SIDE), GANTRY_FLOAT32);

      for (guint layer = 0; layer < 4; layer++)
        h = gantry_tanh (gantry_scale (gantry_matmul (h, weight), 1.0 / SIDE));
      sums[b] = gantry_sum (h);
    }
  for (guint b = 0; b < 2; b++)
    slopes[b] = gantry_sum (gantry_square (gantry_gradient (sums[b], inputs[b])));
  gantry_graph_output (graph, "loss", gantry_add (sums[0], sums[1]));
  gantry_graph_output (graph, "slope", gantry_add (slopes[0], slopes[1]));
}

/* Convolutions, statistics of the batch, noise that is drawn anew in each run, relu; and a step of every weight along its gradient. */
static void
build_network (GantryGraph *graph)
{
  static const GantryConvolution geometry = { .padding = { 1, 1 } };
  const guint everywhere = GANTRY_AXIS (0) | GANTRY_AXIS (2) | GANTRY_AXIS (3);
  const GantryShape *shape = GANTRY_SHAPE (16, 128, 8, 8);
  GantryTensor *h = gantry_graph_feed (graph, "x", shape, GANTRY_FLOAT32), *reads[4], *gradients[4], *loss;
  GantryVariable *weights[4];

  for (guint layer = 0; layer < 4; layer++)
    {
      g_autofree gchar *name = g_strdup_printf ("w%u", layer);
      GantryTensor *noise = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, name, shape), *centred, *variance;

      weights[layer] = gantry_graph_variable (graph, name, GANTRY_SHAPE (128, 128, 3, 3), GANTRY_FLOAT32, GANTRY_NORMAL (0, 0.03), TRUE);
      reads[layer] = gantry_graph_read (graph, weights[layer]);
      h = gantry_conv2d (h, reads[layer], &geometry);
      centred = gantry_sub (h, gantry_mean_axes (h, everywhere, TRUE));
      variance = gantry_mean_axes (gantry_square (centred), everywhere, TRUE);
      h = gantry_relu (gantry_add (gantry_mul (centred, gantry_rsqrt (gantry_offset (variance, 1e-5))), gantry_scale (noise, 0.1)));
    }
  loss = gantry_mean (gantry_square (gantry_offset (h, -0.3)));
  gantry_gradients (loss, reads, 4, gradients);
  for (guint layer = 0; layer < 4; layer++)
    gantry_graph_assign (graph, weights[layer], gantry_sub (reads[layer], gradients[layer]));
  gantry_graph_output (graph, "loss", loss);
}

/* What is made of a variable is read before and after the largest tensors are there, and after the variable has its next value. */
static void
build_counter (GantryGraph *graph)
{
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (SIDE, SIDE), GANTRY_FLOAT32), *before, *made, *early, *large;
  GantryVariable *variable = gantry_graph_variable (graph, "v", GANTRY_SHAPE (SIDE, SIDE), GANTRY_FLOAT32, GANTRY_NORMAL (0, 1), FALSE);

  before = gantry_graph_read (graph, variable);
  made = gantry_tanh (before);
  early = gantry_matmul (made, made);
  gantry_graph_assign (graph, variable, gantry_offset (before, 1));
  large = gantry_concat ((GantryTensor *[]) { early, x, early, x }, 4, 1);
  large = gantry_matmul_full (large, TRUE, large, FALSE);
  large = gantry_matmul (gantry_slice (gantry_matmul (large, large), 0, 0, SIDE), gantry_concat ((GantryTensor *[]) { x, x, x, x }, 4, 0));
  gantry_graph_output (graph, "late", gantry_matmul (gantry_matmul (large, made), gantry_matmul (before, made)));
  gantry_graph_output (graph, "next", gantry_matmul (made, gantry_graph_read (graph, variable)));
}

static Result
run (BuildGraph build, GantryBackend *first, GantryCompileFlags flags, gsize workspace)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) outputs = NULL, variables = NULL;
  GantryBackend *backends[] = { first, fixture_reference () };
  Result result = { .report.size = sizeof result.report, .numbers = g_array_new (FALSE, FALSE, sizeof (gfloat)) };

  build (graph);
  inputs = gantry_graph_list_inputs (graph);
  outputs = gantry_graph_list_outputs (graph);
  program = gantry_program_compile_within (graph, state, backends, 2, flags, workspace, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  variables = gantry_state_list (state);
  for (guint i = 0; i < inputs->len; i++)
    if (gantry_tensor_get_input_kind (inputs->pdata[i]) == GANTRY_INPUT_FEED)
      fixture_bind_ramp (program, gantry_tensor_get_name (inputs->pdata[i]), -1, 2.0 / gantry_tensor_get_size (inputs->pdata[i]));
  for (guint k = 0; k < N_RUNS; k++)
    {
      fixture_run (program, k, 0);
      for (guint i = 0; outputs[i] != NULL; i++)
        {
          GantryArray *array = gantry_program_get_output (program, outputs[i]);

          g_array_append_vals (result.numbers, gantry_array_get_data (array), gantry_array_get_size (array));
        }
    }
  for (guint i = 0; variables[i] != NULL; i++)
    {
      GantryArray *array = gantry_state_get (state, variables[i]);

      g_array_append_vals (result.numbers, gantry_array_get_data (array), gantry_array_get_size (array));
    }
  gantry_program_get_report (program, &result.report);
  return result;
}

static void
check_same (const Result *a, const Result *b)
{
  ck_assert_uint_eq (a->numbers->len, b->numbers->len);
  ck_assert (memcmp (a->numbers->data, b->numbers->data, a->numbers->len * sizeof (gfloat)) == 0);
}

/* One branch after the other: each needs its own activations alone. */
START_TEST (test_order)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_auto (Result) built = run (build_branches, openblas, GANTRY_COMPILE_IN_ORDER, G_MAXSIZE);
  g_auto (Result) ordered = run (build_branches, openblas, GANTRY_COMPILE_DEFAULT, G_MAXSIZE);

  check_same (&built, &ordered);
  ck_assert_uint_eq (built.report.n_repeated, 0);
  ck_assert_uint_le (ordered.report.workspace, built.report.workspace * 7 / 10);
  ck_assert_double_eq (built.report.flops, ordered.report.flops);
}
END_TEST

/* In another order, and the more is computed again the less memory it takes. */
START_TEST (test_network)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_auto (Result) built = run (build_network, openblas, GANTRY_COMPILE_IN_ORDER, G_MAXSIZE);
  g_auto (Result) light = run (build_network, openblas, GANTRY_COMPILE_DEFAULT, G_MAXSIZE);
  g_auto (Result) least = run (build_network, openblas, GANTRY_COMPILE_DEFAULT, 0);
  const gsize middle = (light.report.workspace + least.report.workspace) / 2;
  g_auto (Result) half = run (build_network, openblas, GANTRY_COMPILE_DEFAULT, middle);

  check_same (&built, &light);
  check_same (&built, &half);
  check_same (&built, &least);
  ck_assert_uint_eq (light.report.n_kernels, built.report.n_kernels + light.report.n_repeated);
  ck_assert_uint_gt (half.report.n_repeated, light.report.n_repeated);
  ck_assert_uint_gt (least.report.n_repeated, half.report.n_repeated);
  ck_assert_uint_le (light.report.workspace, built.report.workspace);
  ck_assert_uint_le (half.report.workspace, middle);
  ck_assert_uint_lt (least.report.workspace, half.report.workspace);
  ck_assert_double_eq (built.report.flops, least.report.flops);
}
END_TEST

/* Kernels that run again still read what a variable was before it was assigned. */
START_TEST (test_variables)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_auto (Result) alone = run (build_counter, openblas, GANTRY_COMPILE_NO_REUSE, G_MAXSIZE);
  g_auto (Result) built = run (build_counter, openblas, GANTRY_COMPILE_IN_ORDER, G_MAXSIZE);
  g_auto (Result) least = run (build_counter, openblas, GANTRY_COMPILE_DEFAULT, 0);

  check_same (&alone, &built);
  check_same (&alone, &least);
  ck_assert_uint_gt (least.report.n_repeated, 0);
}
END_TEST

/* Kernels and the program count the same FLOPs: what runs again is said beside them. */
START_TEST (test_reports)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryBackend *backends[] = { openblas, fixture_reference () };
  GantryProgramReport report = { .size = sizeof report };
  gdouble flops = 0, again = 0;
  guint n_repeated = 0;

  build_network (graph);
  program = gantry_program_compile_within (graph, state, backends, 2, GANTRY_COMPILE_DEFAULT, 0, NULL);
  gantry_program_get_report (program, &report);
  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      GantryKernelReport kernel = { .size = sizeof kernel };

      gantry_program_get_kernel_report (program, i, &kernel);
      *(kernel.is_repeated ? &again : &flops) += kernel.flops;
      n_repeated += kernel.is_repeated;
    }
  ck_assert_double_eq_tol (flops, report.flops, 1e-9 * report.flops);
  ck_assert_double_gt (again, 0);
  ck_assert_uint_eq (n_repeated, report.n_repeated);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("memory");
  TCase *tcase = tcase_create ("memory");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, test_order);
  tcase_add_test (tcase, test_network);
  tcase_add_test (tcase, test_variables);
  tcase_add_test (tcase, test_reports);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
