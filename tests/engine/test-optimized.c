/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random graphs: what the compiler leaves out or puts on the same memory must not show in the numbers. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "engine/engine-fixture.h"

#define POOL 60
#define N_SHAPES 4
#define N_RUNS 3

typedef struct {
  GRand *rand;
  GantryGraph *graph;
  GantryTensor *pool[POOL];
  guint n;
} Maker;

static const GantryShape shapes[N_SHAPES] = { { 2, { 3, 4 } }, { 1, { 4 } }, { 2, { 3, 1 } }, { 0, { 0 } } };

static guint
dice (Maker *maker, guint n)
{
  return g_rand_int_range (maker->rand, 0, n);
}

static GantryTensor *
pick (Maker *maker)
{
  return maker->pool[dice (maker, maker->n)];
}

/* One of the pool with a shape that others are made to have. */
static GantryTensor *
pick_square (Maker *maker)
{
  return gantry_broadcast_to (pick (maker), &shapes[0]);
}

static GantryTensor *
make_unary (Maker *maker)
{
  GantryTensor *x = pick (maker);

  switch (dice (maker, 12))
    {
    case 0: return gantry_neg (x);
    case 1: return gantry_tanh (x);
    case 2: return gantry_sigmoid (x);
    case 3: return gantry_softplus (x);
    case 4: return gantry_relu (x);
    case 5: return gantry_leaky_relu (x, 0.2);
    case 6: return gantry_scale (x, (gdouble[]) { 1, -1, 0.5, 0 }[dice (maker, 4)]);
    case 7: return gantry_offset (x, (gdouble[]) { 0, 1, -0.25 }[dice (maker, 3)]);
    case 8: return gantry_detach (x);
    case 9: return gantry_tanh (gantry_square (x));
    case 10: return gantry_rsqrt (gantry_offset (gantry_square (x), 1));
    default: return gantry_abs (x);
    }
}

static GantryTensor *
make_binary (Maker *maker)
{
  GantryTensor *a = pick (maker), *b = pick (maker);

  switch (dice (maker, 7))
    {
    case 0: return gantry_add (a, b);
    case 1: return gantry_sub (a, b);
    case 2: return gantry_tanh (gantry_mul (a, b));
    case 3: return gantry_div (a, gantry_offset (gantry_square (b), 1));
    case 4: return gantry_maximum (a, b);
    case 5: return gantry_minimum (a, b);
    default: return gantry_select (gantry_less (a, b), gantry_scale (a, 2), b);
    }
}

/* Shapes that the pool has come back. */
static GantryTensor *
make_moved (Maker *maker)
{
  GantryTensor *x = pick_square (maker), *y = pick_square (maker);

  switch (dice (maker, 10))
    {
    case 0: return gantry_sum_to (x, &shapes[dice (maker, N_SHAPES)]);
    case 1: return gantry_mean_axes (x, GANTRY_AXIS (0), FALSE);
    case 2: return gantry_max_axes (x, GANTRY_AXIS (1), TRUE);
    case 3: return gantry_transpose (gantry_tanh (gantry_transpose (x)));
    case 4: return gantry_reshape (gantry_square (gantry_reshape (gantry_tanh (x), GANTRY_SHAPE (2, 6))), &shapes[0]);
    case 5: return gantry_slice (gantry_pad (x, 1, 1, 2), 1, dice (maker, 4), 4);
    case 6: return gantry_slice (gantry_concat ((GantryTensor *[]) { x, y }, 2, 0), 0, dice (maker, 4), 3);
    case 7: return gantry_tanh (gantry_matmul_full (gantry_tanh (gantry_matmul_full (x, FALSE, y, TRUE)), FALSE, y, FALSE));
    case 8: return gantry_reshape (gantry_slice (x, 0, 1, 1), &shapes[1]);
    default: return gantry_broadcast_to (x, &shapes[0]);
    }
}

static GantryTensor *
make_leaf (Maker *maker, guint i)
{
  const GantryShape *shape = &shapes[dice (maker, N_SHAPES)];
  g_autofree gchar *name = g_strdup_printf ("leaf%u", i);

  switch (dice (maker, 4))
    {
    case 0: return gantry_graph_feed (maker->graph, name, shape, GANTRY_FLOAT64);
    case 1: return gantry_graph_random (maker->graph, GANTRY_INPUT_NORMAL, name, shape);
    case 2: return gantry_fill (maker->graph, shape, GANTRY_FLOAT64, (gdouble[]) { 0, 1, -1, 0.3 }[dice (maker, 4)]);
    default:
      return gantry_graph_read (maker->graph, gantry_graph_variable (maker->graph, name, shape, GANTRY_FLOAT64, GANTRY_NORMAL (0, 1), TRUE));
    }
}

/* Reads variables again, which may have been assigned meanwhile. */
static GantryTensor *
make_read (Maker *maker)
{
  g_autoptr(GPtrArray) variables = gantry_graph_list_variables (maker->graph);

  return variables->len == 0 ? pick (maker) : gantry_graph_read (maker->graph, g_ptr_array_index (variables, dice (maker, variables->len)));
}

static void
assign_something (Maker *maker)
{
  g_autoptr(GPtrArray) variables = gantry_graph_list_variables (maker->graph);
  GantryTensor *value = pick (maker);

  for (guint i = 0; i < variables->len; i++)
    {
      GantryVariable *variable = g_ptr_array_index (variables, i);

      if (dice (maker, 3) == 0 && gantry_shape_equal (&variable->shape, gantry_tensor_get_shape (value)))
        gantry_graph_assign (maker->graph, variable, value);
    }
}

/* A sum of everything, its gradients, and the gradient of a sum of their squares. */
static void
add_gradients (Maker *maker)
{
  GantryTensor *loss = gantry_mean (gantry_square (pick (maker))), *slope, *again;
  GantryTensor *on = maker->pool[dice (maker, MIN (maker->n, 12))], *other = maker->pool[dice (maker, MIN (maker->n, 12))];

  loss = gantry_add (loss, gantry_mean (gantry_tanh (pick (maker))));
  slope = gantry_gradient (loss, on);
  again = gantry_gradient (gantry_sum (gantry_square (slope)), other);
  gantry_graph_output (maker->graph, "loss", loss);
  gantry_graph_output (maker->graph, "slope", slope);
  gantry_graph_output (maker->graph, "again", again);
}

static GantryGraph *
make_graph (guint seed)
{
  Maker maker = { g_rand_new_with_seed (seed), gantry_graph_new (GANTRY_FLOAT64), { NULL }, 0 };

  for (; maker.n < 10; maker.n++)
    maker.pool[maker.n] = make_leaf (&maker, maker.n);
  for (; maker.n < POOL; maker.n++)
    {
      GantryTensor *(*const makers[]) (Maker *) = { make_unary, make_unary, make_binary, make_binary, make_moved, make_read };

      maker.pool[maker.n] = makers[dice (&maker, G_N_ELEMENTS (makers))](&maker);
      if (dice (&maker, 6) == 0)
        assign_something (&maker);
    }
  for (guint i = 0; i < 4; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("output%u", i);

      gantry_graph_output (maker.graph, name, pick (&maker));
    }
  add_gradients (&maker);
  g_rand_free (maker.rand);
  return maker.graph;
}

/* Everything that a program delivered: outputs of every run, and the variables in the end. */
static GArray *
run_all (GantryGraph *graph, GantryCompileFlags flags, gsize *workspace)
{
  g_autoptr(GantryState) state = gantry_state_new (1);
  g_autoptr(GantryProgram) program = fixture_compile_full (graph, state, flags);
  g_autoptr(GPtrArray) inputs = gantry_graph_list_inputs (graph);
  g_auto(GStrv) outputs = gantry_graph_list_outputs (graph), variables = gantry_state_list (state);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gdouble));
  GantryProgramReport report = { .size = sizeof report };

  for (guint i = 0; i < inputs->len; i++)
    if (gantry_tensor_get_input_kind (g_ptr_array_index (inputs, i)) == GANTRY_INPUT_FEED)
      fixture_bind_ramp (program, gantry_tensor_get_name (g_ptr_array_index (inputs, i)), -0.9 + 0.01 * i, 0.17);
  for (guint run = 0; run < N_RUNS; run++)
    {
      fixture_run (program, run, 0);
      for (guint i = 0; outputs[i] != NULL; i++)
        {
          GantryArray *array = gantry_program_get_output (program, outputs[i]);

          g_array_append_vals (numbers, gantry_array_get_data (array), gantry_array_get_size (array));
        }
    }
  for (guint i = 0; variables[i] != NULL; i++)
    {
      GantryArray *array = gantry_state_get (state, variables[i]);

      g_array_append_vals (numbers, gantry_array_get_data (array), gantry_array_get_size (array));
    }
  gantry_program_get_report (program, &report);
  *workspace = report.workspace;
  return numbers;
}

static void
check_same (GArray *a, GArray *b)
{
  ck_assert_uint_eq (a->len, b->len);
  ck_assert_mem_eq (a->data, b->data, a->len * sizeof (gdouble));
}

static void
check_close (GArray *a, GArray *b)
{
  ck_assert_uint_eq (a->len, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      gdouble left = g_array_index (a, gdouble, i), right = g_array_index (b, gdouble, i);

      ck_assert (isfinite (left) && isfinite (right));
      ck_assert_msg (fabs (left - right) <= 1e-8 * fmax (1, fabs (left)), "%u: %.17g and %.17g", i, left, right);
    }
}

START_TEST (test_random_graphs)
{
  g_autoptr(GantryGraph) graph = make_graph (_i);
  gsize workspaces[4];
  g_autoptr(GArray) plain = run_all (graph, GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_NO_REUSE, &workspaces[0]);
  g_autoptr(GArray) reused = run_all (graph, GANTRY_COMPILE_NO_SIMPLIFY, &workspaces[1]);
  g_autoptr(GArray) simple = run_all (graph, GANTRY_COMPILE_NO_REUSE, &workspaces[2]);
  g_autoptr(GArray) both = run_all (graph, GANTRY_COMPILE_DEFAULT, &workspaces[3]);

  /* Memory changes no bit; algebra may change the last ones. */
  check_same (plain, reused);
  check_same (simple, both);
  check_close (plain, simple);
  ck_assert_uint_le (workspaces[1], workspaces[0]);
  ck_assert_uint_le (workspaces[3], workspaces[2]);
}
END_TEST

/* The same bits whatever the number of threads, and from compiling again. */
START_TEST (test_threads)
{
  g_autoptr(GantryGraph) graph = make_graph (_i), again = make_graph (_i);
  gsize workspaces[2];
  g_autoptr(GArray) one = NULL, two = NULL;

  omp_set_num_threads (1);
  one = run_all (graph, GANTRY_COMPILE_DEFAULT, &workspaces[0]);
  omp_set_num_threads (2);
  two = run_all (again, GANTRY_COMPILE_DEFAULT, &workspaces[1]);
  check_same (one, two);
  ck_assert_uint_eq (workspaces[0], workspaces[1]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("optimized");
  TCase *tcase = tcase_create ("optimized");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, test_random_graphs, 0, 300);
  tcase_add_loop_test (tcase, test_threads, 0, 10);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
