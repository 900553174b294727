/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What openblas computes in one pass over memory: optimizers' steps, normalizations, and what shares its inputs. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "engine/openblas-fixture.h"

#define ROWS 40
#define COLUMNS 700
#define LARGE 20001 /* more than the caches hold, where the loops go in smaller tiles */

static GantryProgram *
compile (GantryGraph *graph, GantryState *state, GantryCompileFlags flags)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  GantryBackend *backends[] = { openblas, fixture_reference () };
  g_autoptr (GError) error = NULL;
  GantryProgram *program = gantry_program_compile_full (graph, state, backends, G_N_ELEMENTS (backends), flags, &error);

  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

/* Kernels that touch a tensor of so many elements, and how many tensors of that size they read and write together. */
static guint
count_passes (GantryProgram *program, gsize size, gdouble *traffic)
{
  guint n = 0;

  *traffic = 0;
  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      GantryKernelReport report = { sizeof report };

      gantry_program_get_kernel_report (program, i, &report);
      if (report.bytes < size * sizeof (gfloat))
        continue;
      n++;
      *traffic += floor (report.bytes / (size * sizeof (gfloat)));
    }
  return n;
}

static void
compare_outputs (GantryGraph *graph, GantryProgram *a, GantryProgram *b, gdouble tolerance)
{
  g_auto (GStrv) names = gantry_graph_list_outputs (graph);

  for (guint k = 0; names[k] != NULL; k++)
    for (gsize i = 0; i < gantry_array_get_size (gantry_program_get_output (a, names[k])); i++)
      {
        const gdouble x = fixture_output (a, names[k], i), y = fixture_output (b, names[k], i);

        ck_assert_msg (fabs (x - y) <= tolerance * fmax (1, fabs (y)), "%s[%zu]: %.9g and %.9g", names[k], i, x, y);
      }
}

/* Binds all inputs to numbers of both signs and runs. */
static void
run (GantryGraph *graph, GantryProgram *program, guint step)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (graph);

  for (guint k = 0; k < inputs->len; k++)
    {
      GantryArray *array = gantry_program_get_input (program, gantry_tensor_get_name (inputs->pdata[k]));

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        gantry_array_set_double (array, i, sin (0.37 * (gdouble) i + k + step) + 0.1);
    }
  fixture_run (program, step, 0);
}

/* Adam as the plugin has it, the gradient scaled by a clipping factor and an average of the weights behind it. */
static void
build_adam (GantryGraph *graph, guint parameter)
{
  g_autofree gchar *scope = g_strdup_printf ("p%u", parameter);
  const GantryShape *shape = GANTRY_SHAPE (ROWS, parameter == 2 ? LARGE : COLUMNS + parameter);
  GantryTensor *gradient, *rate, *clip, *decay, *m, *v, *p, *average;
  GantryVariable *variables[4];
  static const gchar *const names[] = { "m", "v", "weight", "average" };

  rate = gantry_graph_find_input (graph, "rate");
  clip = gantry_graph_find_input (graph, "clip");
  decay = gantry_graph_find_input (graph, "decay");
  gantry_graph_push_scope (graph, scope);
  gradient = gantry_mul (gantry_graph_feed (graph, scope, shape, GANTRY_FLOAT32), clip);
  for (guint i = 0; i < 4; i++)
    variables[i] = gantry_graph_variable (graph, names[i], shape, GANTRY_FLOAT32, GANTRY_CONSTANT (0.5), FALSE);
  m = gantry_add (gantry_scale (gantry_graph_read (graph, variables[0]), 0.5), gantry_scale (gradient, 0.5));
  v = gantry_add (gantry_scale (gantry_graph_read (graph, variables[1]), 0.9), gantry_scale (gantry_square (gradient), 0.1));
  p = gantry_sub (gantry_graph_read (graph, variables[2]), gantry_mul (rate, gantry_div (m, gantry_offset (gantry_sqrt (v), 1e-8))));
  average = gantry_average_move (gantry_graph_read (graph, variables[3]), p, decay);
  gantry_graph_assign (graph, variables[0], m);
  gantry_graph_assign (graph, variables[1], v);
  gantry_graph_assign (graph, variables[2], p);
  gantry_graph_assign (graph, variables[3], average);
  gantry_graph_pop (graph);
}

static void
check_states (GantryState *a, GantryState *b)
{
  g_auto (GStrv) names = gantry_state_list (a);

  ck_assert_uint_gt (g_strv_length (names), 0);
  for (guint k = 0; names[k] != NULL; k++)
    ck_assert_msg (memcmp (gantry_array_get_data (gantry_state_get (a, names[k])), gantry_array_get_data (gantry_state_get (b, names[k])),
                           gantry_array_get_bytes (gantry_state_get (a, names[k]))) == 0, "%s has other bits", names[k]);
}

/* One pass a parameter, with the bits of one pass a tensor, wherever the results lie. */
START_TEST (test_adam)
{
  static const GantryCompileFlags flags[] = { GANTRY_COMPILE_DEFAULT, GANTRY_COMPILE_NO_JOIN, GANTRY_COMPILE_NO_REUSE };
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_object_unref);
  gdouble traffic;

  omp_set_num_threads (2);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      g_autoptr (GantryProgram) program = NULL;

      g_ptr_array_add (states, gantry_state_new (1));
      gantry_graph_feed (graph, "rate", GANTRY_SCALAR, GANTRY_FLOAT32);
      gantry_graph_feed (graph, "clip", GANTRY_SCALAR, GANTRY_FLOAT32);
      gantry_graph_feed (graph, "decay", GANTRY_SCALAR, GANTRY_FLOAT32);
      for (guint k = 0; k < 3; k++)
        build_adam (graph, k);
      program = compile (graph, states->pdata[i], flags[i]);
      ck_assert_uint_eq (count_passes (program, ROWS * COLUMNS, &traffic), i == 1 ? 12 : 3);
      /* five tensors are read and four written; one by one, m, v and p are read again, and the gradient twice */
      count_passes (program, ROWS * LARGE, &traffic);
      ck_assert_double_eq (traffic, i == 1 ? 13 : 9);
      for (guint step = 0; step < 3; step++)
        run (graph, program, step);
      if (i > 0)
        check_states (states->pdata[0], states->pdata[i]);
    }
}
END_TEST

/* What the second result reads, the first may not be stored on, and the other way round where it is read no more. */
START_TEST (test_exchange)
{
  static const GantryCompileFlags flags[] = { GANTRY_COMPILE_DEFAULT, GANTRY_COMPILE_NO_JOIN };
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      g_autoptr (GantryProgram) program = NULL;
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (ROWS, COLUMNS), GANTRY_FLOAT32), *a, *b;
      GantryVariable *first = gantry_graph_variable (graph, "a", GANTRY_SHAPE (ROWS, COLUMNS), GANTRY_FLOAT32, GANTRY_NORMAL (0, 1), FALSE);
      GantryVariable *second = gantry_graph_variable (graph, "b", GANTRY_SHAPE (ROWS, COLUMNS), GANTRY_FLOAT32, GANTRY_NORMAL (0, 1), FALSE);

      g_ptr_array_add (states, gantry_state_new (1));
      a = gantry_graph_read (graph, first);
      b = gantry_graph_read (graph, second);
      gantry_graph_assign (graph, first, gantry_tanh (gantry_add (b, x)));
      gantry_graph_assign (graph, second, gantry_tanh (gantry_sub (a, gantry_mul (b, x))));
      gantry_graph_output (graph, "mask", gantry_less (a, x));
      program = compile (graph, states->pdata[i], flags[i]);
      ck_assert_uint_eq (gantry_program_get_n_kernels (program), i == 0 ? 1 : 3);
      for (guint step = 0; step < 3; step++)
        run (graph, program, step);
    }
  check_states (states->pdata[0], states->pdata[1]);
}
END_TEST

/* Turned reads x as twice does, and centred as the sum does, but both need another result first. */
START_TEST (test_cycle)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL, apart = NULL;
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (ROWS, ROWS), GANTRY_FLOAT32), *twice = gantry_scale (x, 2);
  gdouble traffic;

  gantry_graph_output (graph, "twice", twice);
  gantry_graph_output (graph, "turned", gantry_add (x, gantry_transpose (gantry_tanh (twice))));
  gantry_graph_output (graph, "centred", gantry_sub (x, gantry_sum_axes (gantry_tanh (x), GANTRY_AXIS (1), TRUE)));
  program = compile (graph, state, GANTRY_COMPILE_DEFAULT);
  apart = compile (graph, state, GANTRY_COMPILE_NO_JOIN);
  ck_assert_uint_eq (count_passes (apart, ROWS * ROWS, &traffic), 6);
  /* twice with its tanh, the permutation, turned with the sum, centred */
  ck_assert_uint_eq (count_passes (program, ROWS * ROWS, &traffic), 4);
  run (graph, program, 0);
  run (graph, apart, 0);
  compare_outputs (graph, program, apart, 1e-6);
}
END_TEST

/* Sums and maxima over the same axes, with what they are of where it is wanted, on any number of threads. */
START_TEST (test_reductions)
{
  static const guint axes[] = { GANTRY_AXIS (0), GANTRY_AXIS (1), GANTRY_AXIS (0) | GANTRY_AXIS (2), 7 };
  static const gint threads[] = { 1, 2, 3 };

  for (guint k = 0; k < G_N_ELEMENTS (axes); k++)
    for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
      {
        g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
        g_autoptr (GantryState) state = gantry_state_new (1);
        g_autoptr (GantryProgram) program = NULL, apart = NULL;
        GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (37, 21, 130), GANTRY_FLOAT32);
        GantryTensor *y = gantry_graph_feed (graph, "y", GANTRY_SHAPE (37, 21, 130), GANTRY_FLOAT32);
        GantryTensor *product = gantry_mul (x, gantry_tanh (y));
        gdouble traffic;

        gantry_graph_output (graph, "sum", gantry_sum_axes (x, axes[k], TRUE));
        gantry_graph_output (graph, "mean", gantry_mean_axes (product, axes[k], FALSE));
        gantry_graph_output (graph, "max", gantry_max_axes (product, axes[k], TRUE));
        gantry_graph_output (graph, "product", product);
        omp_set_num_threads (2);
        program = compile (graph, state, GANTRY_COMPILE_DEFAULT);
        apart = compile (graph, state, GANTRY_COMPILE_NO_JOIN);
        ck_assert_uint_eq (gantry_program_get_n_kernels (program), 1);
        ck_assert_uint_eq (count_passes (program, 37 * 21 * 130, &traffic), 1);
        ck_assert_double_eq (traffic, 3);
        omp_set_num_threads (threads[t]);
        run (graph, program, 0);
        run (graph, apart, 0);
        compare_outputs (graph, program, apart, 1e-6);
      }
}
END_TEST

/* Batch normalization with an activation in both directions, other kernels between them as convolutions are: its gradient is one pass for
 * all sums and one for the result. */
START_TEST (test_batch_norm)
{
  const gsize size = 64 * 24 * 100;
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL, apart = NULL;
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (64, 24, 10, 10), GANTRY_FLOAT32), *y, *loss, *slopes[3], *on[3];
  gdouble traffic;

  y = gantry_leaky_relu (gantry_layer_batch_norm (x, "norm", NULL), 0.2);
  y = gantry_permute (y, (guint[]) { 1, 0, 2, 3 });
  loss = gantry_sum (gantry_square (gantry_permute (y, (guint[]) { 3, 2, 1, 0 })));
  on[0] = x;
  on[1] = gantry_graph_read (graph, gantry_graph_find_variable (graph, "norm.weight"));
  on[2] = gantry_graph_read (graph, gantry_graph_find_variable (graph, "norm.bias"));
  gantry_gradients (loss, on, 3, slopes);
  gantry_graph_output (graph, "dx", gantry_permute (slopes[0], (guint[]) { 2, 0, 1, 3 }));
  gantry_graph_output (graph, "dweight", slopes[1]);
  gantry_graph_output (graph, "dbias", slopes[2]);
  program = compile (graph, state, GANTRY_COMPILE_DEFAULT);
  apart = compile (graph, state, GANTRY_COMPILE_NO_JOIN);
  /* mean, variance, y; three of what lies between; the sums, which store the activation's gradient by the way, and dx; what comes after */
  ck_assert_uint_eq (count_passes (program, size, &traffic), 9);
  ck_assert_double_eq (traffic, 1 + 1 + 2 + 3 * 2 + 3 + 3 + 2);
  ck_assert_uint_eq (count_passes (apart, size, &traffic), 12);
  run (graph, program, 0);
  run (graph, apart, 0);
  compare_outputs (graph, program, apart, 2e-5);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("passes");
  TCase *tcase = tcase_create ("passes");

  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, test_adam);
  tcase_add_test (tcase, test_exchange);
  tcase_add_test (tcase, test_cycle);
  tcase_add_test (tcase, test_reductions);
  tcase_add_test (tcase, test_batch_norm);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
