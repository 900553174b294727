/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the backend onednn takes, what it leaves, and that its numbers are the reference's, on every level of instructions, in blocked layouts
   and plain ones, and of factors rounded to bfloat16. */
#include "engine/engine-fixture.h"

#include <malloc.h>
#include <math.h>
#include <omp.h>
#include <string.h>

typedef enum { FORWARD, INPUT, WEIGHT, N_DIRECTIONS } Direction;

static const gchar *const ops[] = { "conv2d", "conv2d-input", "conv2d-weight" };

typedef struct {
  gsize n, c, h, w, o, kh, kw;
  gint64 ints[7]; /* stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups */
  const gchar *taken; /* in the order of the ops: '1' where onednn takes it, in float32 of few images; 'b' of blocked ones */
} Row;

static const Row rows[] = {
  { 16, 64, 16, 16, 32, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "111" },
  { 5, 32, 9, 7, 48, 3, 3, { 1, 1, 1, 1, 1, 1, 1 }, "111" },
  { 3, 17, 8, 11, 19, 3, 2, { 1, 2, 0, 1, 1, 1, 1 }, "011" },
  { 2, 16, 10, 10, 16, 3, 3, { 2, 2, 1, 1, 1, 1, 1 }, "011" },
  { 4, 24, 12, 12, 8, 3, 3, { 1, 1, 2, 2, 2, 2, 1 }, "111" },
  { 8, 32, 6, 6, 64, 1, 1, { 1, 1, 0, 0, 1, 1, 1 }, "111" },
  { 1, 128, 8, 8, 128, 3, 3, { 1, 1, 1, 1, 1, 1, 1 }, "111" },
  { 33, 16, 5, 5, 16, 5, 5, { 1, 1, 2, 2, 1, 1, 1 }, "111" },
  /* images of few channels */
  { 16, 3, 16, 16, 64, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "bb1" },
  { 4, 3, 16, 16, 64, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "bb1" },
  /* narrow results of strides */
  { 16, 64, 8, 8, 128, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "011" },
  /* products of matrices */
  { 16, 64, 4, 4, 32, 4, 4, { 1, 1, 0, 0, 1, 1, 1 }, "000" },
  /* groups */
  { 8, 32, 8, 8, 32, 3, 3, { 1, 1, 1, 1, 1, 1, 4 }, "000" },
};

static GantryBackend *
open_backend (const gchar *name)
{
  const gchar *names[] = { name, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backends = NULL;

  fixture_reference ();
  backends = gantry_backends_open (gantry_registry_get_default (), names, &error);
  ck_assert_msg (backends != NULL, "%s", error != NULL ? error->message : "");
  return g_object_ref (backends->pdata[0]);
}

static GantryTensor *
build (GantryGraph *graph, const Row *row, Direction direction, GantryDType dtype)
{
  GantryConvolution geometry = { .stride = { row->ints[0], row->ints[1] }, .padding = { row->ints[2], row->ints[3] },
                                 .dilation = { row->ints[4], row->ints[5] }, .groups = row->ints[6] };
  const GantryShape x_shape = { 4, { row->n, row->c, row->h, row->w } }, w_shape = { 4, { row->o, row->c / row->ints[6], row->kh, row->kw } };
  GantryTensor *x = gantry_graph_feed (graph, "x", &x_shape, dtype), *w = gantry_graph_feed (graph, "w", &w_shape, dtype);
  GantryTensor *y = gantry_conv2d (x, w, &geometry), *dy = gantry_graph_feed (graph, "dy", gantry_tensor_get_shape (y), dtype);

  if (direction == FORWARD)
    return y;
  return gantry_gradient (gantry_sum (gantry_mul (y, dy)), direction == INPUT ? x : w);
}

static GantryProgram *
compile (const Row *row, Direction direction, GantryDType dtype, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryProgram *program;

  gantry_graph_output (graph, "result", build (graph, row, direction, dtype));
  program = gantry_program_compile_full (graph, state, backends, n_backends, flags, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  fixture_fill (program, graph);
  fixture_run (program, 0, 0);
  return program;
}

static gboolean
is_taken (GantryProgram *program)
{
  gboolean taken = FALSE;

  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      const gchar *backend = NULL;

      gantry_program_get_kernel (program, i, NULL, &backend);
      taken = taken || g_strcmp0 (backend, "onednn") == 0;
    }
  return taken;
}

static void
compare (guint row, const gchar *op, GantryArray *found, GantryArray *expected, gdouble tolerance)
{
  gdouble largest = 0;

  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    largest = fmax (largest, fabs (gantry_array_get_double (expected, i)));
  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    {
      gdouble a = gantry_array_get_double (found, i), b = gantry_array_get_double (expected, i);

      ck_assert_msg (fabs (a - b) <= tolerance * largest, "row %u, %s: [%zu] is %g, on reference %g", row, op, i, a, b);
    }
}

static void
check_row (guint i, Direction direction, GantryBackend *onednn, GantryCompileFlags flags)
{
  GantryBackend *reference = fixture_reference (), *backends[] = { onednn, reference };
  const gchar how = rows[i].taken[direction];
  g_autoptr (GantryProgram) expected = compile (&rows[i], direction, GANTRY_FLOAT32, &reference, 1, GANTRY_COMPILE_DEFAULT);
  g_autoptr (GantryProgram) found = compile (&rows[i], direction, GANTRY_FLOAT32, backends, 2, flags);
  g_autoptr (GantryArray) first = gantry_array_copy (gantry_program_get_output (found, "result"));
  gboolean is_small = rows[i].n < 8, must_take = is_small && (how == '1' || (how == 'b' && (flags & GANTRY_COMPILE_NO_LAYOUTS) == 0));

  ck_assert_msg (is_taken (found) == must_take, "row %u, %s: %s", i, ops[direction], is_taken (found) ? "taken" : "left");
  compare (i, ops[direction], first, gantry_program_get_output (expected, "result"), 2e-6);
  omp_set_num_threads (1);
  fixture_run (found, 1, 0);
  omp_set_num_threads (2);
  ck_assert_msg (memcmp (gantry_array_get_data (first), gantry_array_get_data (gantry_program_get_output (found, "result")),
                         gantry_array_get_bytes (first)) == 0, "row %u, %s: other bits with one thread", i, ops[direction]);
}

START_TEST (test_agrees_with_reference)
{
  g_autoptr (GantryBackend) onednn = NULL;

  g_setenv ("GANTRY_CPU", gantry_cpu_level_get_name (_i), TRUE);
  omp_set_num_threads (2);
  onednn = open_backend ("onednn");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint direction = 0; direction < N_DIRECTIONS; direction++)
      {
        check_row (i, direction, onednn, GANTRY_COMPILE_DEFAULT);
        check_row (i, direction, onednn, GANTRY_COMPILE_NO_LAYOUTS);
      }
}
END_TEST

/*
 * With bfloat16 the result is that of rounded factors, summed in float32.  Two factors of 8 bits are off by at most 2^-8 of
 * their product, and here, where signs are mixed, by no more than that of the largest result.
 */
START_TEST (test_bfloat16)
{
  g_autoptr (GantryBackend) onednn = open_backend ("onednn");
  GantryBackend *reference = fixture_reference (), *backends[] = { onednn, reference };
  guint n_taken = 0;

  if (!gantry_backend_check_precision (onednn, GANTRY_PRECISION_BFLOAT16, NULL))
    return;
  omp_set_num_threads (2);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint direction = 0; direction < N_DIRECTIONS; direction++)
      {
        GantryCompileFlags flags = GANTRY_COMPILE_BFLOAT16 | (_i == 0 ? 0 : GANTRY_COMPILE_NO_LAYOUTS);
        g_autoptr (GantryProgram) expected = compile (&rows[i], direction, GANTRY_FLOAT32, &reference, 1, GANTRY_COMPILE_DEFAULT);
        g_autoptr (GantryProgram) found = compile (&rows[i], direction, GANTRY_FLOAT32, backends, 2, flags);
        GantryArray *result = gantry_program_get_output (found, "result");

        n_taken += is_taken (found);
        compare (i, ops[direction], result, gantry_program_get_output (expected, "result"), 0x1p-8);
        if (is_taken (found))
          fixture_round_factors (expected);
        compare (i, ops[direction], result, gantry_program_get_output (expected, "result"), 2e-6);
      }
  ck_assert_uint_eq (n_taken, 24);
}
END_TEST

static const struct {
  GantryShape a, b;
  gboolean transpose_a, transpose_b, taken;
} products[] = {
  { { 2, { 64, 100 } }, { 2, { 100, 48 } }, FALSE, FALSE, TRUE },
  { { 2, { 100, 64 } }, { 2, { 100, 48 } }, TRUE, FALSE, TRUE },
  { { 2, { 64, 100 } }, { 2, { 48, 100 } }, FALSE, TRUE, TRUE },
  { { 2, { 33, 17 } }, { 2, { 5, 33 } }, TRUE, TRUE, TRUE },
  { { 3, { 4, 32, 20 } }, { 2, { 20, 24 } }, FALSE, FALSE, TRUE },
  { { 4, { 2, 3, 16, 20 } }, { 3, { 3, 24, 20 } }, FALSE, TRUE, TRUE },
  { { 2, { 64, 100 } }, { 2, { 100, 1 } }, FALSE, FALSE, FALSE },
};

static GantryProgram *
multiply (guint i, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, gboolean rounded)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryTensor *a = gantry_graph_feed (graph, "x", &products[i].a, GANTRY_FLOAT32);
  GantryTensor *b = gantry_graph_feed (graph, "w", &products[i].b, GANTRY_FLOAT32);
  GantryProgram *program;

  gantry_graph_feed (graph, "dy", GANTRY_SHAPE (1), GANTRY_FLOAT32);
  gantry_graph_output (graph, "result", gantry_matmul_full (a, products[i].transpose_a, b, products[i].transpose_b));
  program = gantry_program_compile_full (graph, state, backends, n_backends, flags, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  fixture_bind_ramp (program, "x", -1, 0.00123);
  fixture_bind_ramp (program, "w", 0.9, -0.00234);
  fixture_run (program, 0, 0);
  if (rounded)
    fixture_round_factors (program);
  return program;
}

START_TEST (test_bfloat16_products)
{
  g_autoptr (GantryBackend) onednn = open_backend ("onednn");
  GantryBackend *reference = fixture_reference (), *backends[] = { onednn, reference };

  if (!gantry_backend_check_precision (onednn, GANTRY_PRECISION_BFLOAT16, NULL))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (products); i++)
    {
      g_autoptr (GantryProgram) expected = multiply (i, &reference, 1, GANTRY_COMPILE_DEFAULT, products[i].taken);
      g_autoptr (GantryProgram) found = multiply (i, backends, 2, GANTRY_COMPILE_BFLOAT16, FALSE);
      g_autoptr (GantryProgram) full = multiply (i, backends, 2, GANTRY_COMPILE_DEFAULT, FALSE);

      ck_assert_msg (is_taken (found) == products[i].taken, "product %u: %s", i, is_taken (found) ? "taken" : "left");
      ck_assert_msg (!is_taken (full), "product %u is taken in full precision", i);
      compare (i, "matmul", gantry_program_get_output (found, "result"), gantry_program_get_output (expected, "result"), 2e-6);
    }
}
END_TEST

/* Where nobody can, compiling fails and says why, backend by backend. */
START_TEST (test_bfloat16_refused)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryBackend) onednn = NULL;
  g_autoptr (GError) error = NULL;
  GantryBackend *backends[2];

  g_setenv ("GANTRY_CPU", "avx2", TRUE);
  onednn = open_backend ("onednn");
  backends[0] = onednn;
  backends[1] = fixture_reference ();
  gantry_graph_output (graph, "result", gantry_graph_feed (graph, "x", GANTRY_SHAPE (1), GANTRY_FLOAT32));
  ck_assert_ptr_null (gantry_program_compile_full (graph, state, backends, 2, GANTRY_COMPILE_BFLOAT16, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "no backend multiplies in bfloat16: oneDNN has ");
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "; reference multiplies in full precision alone");
}
END_TEST

/* Double precision is for others. */
START_TEST (test_leaves_float64)
{
  g_autoptr (GantryBackend) onednn = open_backend ("onednn");
  GantryBackend *backends[] = { onednn, fixture_reference () };

  for (guint direction = 0; direction < N_DIRECTIONS; direction++)
    {
      g_autoptr (GantryProgram) program = compile (&rows[1], direction, GANTRY_FLOAT64, backends, 2, GANTRY_COMPILE_DEFAULT);

      ck_assert (!is_taken (program));
    }
}
END_TEST

/* oneDNN makes a table of arguments for each call and gives it back; nothing may stay. */
START_TEST (test_keeps_nothing)
{
#if defined (__GLIBC__) && !defined (__SANITIZE_ADDRESS__)
  g_autoptr (GantryBackend) onednn = open_backend ("onednn");
  GantryBackend *backends[] = { onednn, fixture_reference () };
  g_autoptr (GantryProgram) program = NULL;
  GantryRun run = { sizeof run, 0, 0 };
  gboolean done = TRUE;
  gsize before, after;

  omp_set_num_threads (1);
  program = compile (&rows[1], _i, GANTRY_FLOAT32, backends, 2, GANTRY_COMPILE_DEFAULT);
  /* what the C library keeps ready for small blocks counts as used */
  for (guint i = 0; i < 10; i++)
    done = gantry_program_run (program, &run, NULL) && done;
  before = mallinfo2 ().uordblks;
  for (guint i = 0; i < 100; i++)
    done = gantry_program_run (program, &run, NULL) && done;
  after = mallinfo2 ().uordblks;
  ck_assert (done);
  ck_assert_uint_eq (before, after);
#endif
}
END_TEST

/* A cap holds for the whole process: another one afterwards is refused, not overlooked. */
START_TEST (test_one_level_a_process)
{
  static const gchar *const names[] = { "onednn", NULL };
  g_autoptr (GantryBackend) onednn = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line = NULL;

  g_setenv ("GANTRY_CPU", "baseline", TRUE);
  onednn = open_backend ("onednn");
  line = gantry_backend_describe (onednn);
  ck_assert_msg (strstr (line, "SSE4.1") != NULL, "%s", line);
  g_setenv ("GANTRY_CPU", "avx2", TRUE);
  if (gantry_cpu_detect () < GANTRY_CPU_AVX2)
    return;
  ck_assert_ptr_null (gantry_backends_open (gantry_registry_get_default (), names, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "backend onednn: oneDNN cannot be held to avx2 any more");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("onednn");
  TCase *tcase = tcase_create ("onednn");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, test_agrees_with_reference, 0, GANTRY_N_CPU_LEVELS);
  tcase_add_loop_test (tcase, test_bfloat16, 0, 2);
  tcase_add_test (tcase, test_bfloat16_products);
  tcase_add_test (tcase, test_bfloat16_refused);
  tcase_add_test (tcase, test_leaves_float64);
  tcase_add_loop_test (tcase, test_keeps_nothing, 0, N_DIRECTIONS);
  tcase_add_test (tcase, test_one_level_a_process);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
