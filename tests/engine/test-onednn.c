/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the backend onednn takes, what it leaves, and that its numbers are the reference's, on every level of instructions. */
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
  const gchar *taken; /* in the order of the ops: '1' where onednn takes it */
} Row;

static const Row rows[] = {
  { 12, 64, 16, 16, 32, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "111" },
  { 5, 32, 9, 7, 48, 3, 3, { 1, 1, 1, 1, 1, 1, 1 }, "111" },
  { 3, 17, 8, 11, 19, 3, 2, { 1, 2, 0, 1, 1, 1, 1 }, "011" },
  { 2, 16, 10, 10, 16, 3, 3, { 2, 2, 1, 1, 1, 1, 1 }, "011" },
  { 4, 24, 12, 12, 8, 3, 3, { 1, 1, 2, 2, 2, 2, 1 }, "111" },
  { 8, 32, 6, 6, 64, 1, 1, { 1, 1, 0, 0, 1, 1, 1 }, "111" },
  { 1, 128, 8, 8, 128, 3, 3, { 1, 1, 1, 1, 1, 1, 1 }, "111" },
  { 33, 16, 5, 5, 16, 5, 5, { 1, 1, 2, 2, 1, 1, 1 }, "111" },
  /* images of few channels */
  { 12, 3, 16, 16, 64, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "001" },
  /* narrow results of strides */
  { 12, 64, 8, 8, 128, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "011" },
  /* products of matrices */
  { 12, 64, 4, 4, 32, 4, 4, { 1, 1, 0, 0, 1, 1, 1 }, "000" },
  /* batches that openblas blocks */
  { 16, 64, 16, 16, 32, 4, 4, { 2, 2, 1, 1, 1, 1, 1 }, "000" },
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
compile (const Row *row, Direction direction, GantryDType dtype, GantryBackend *const *backends, guint n_backends)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GError) error = NULL;
  GantryProgram *program;
  guint32 random = 12345;

  gantry_graph_output (graph, "result", build (graph, row, direction, dtype));
  program = gantry_program_compile (graph, state, backends, n_backends, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  inputs = gantry_graph_list_inputs (graph);
  for (guint k = 0; k < inputs->len; k++)
    {
      GantryArray *array = gantry_program_get_input (program, gantry_tensor_get_name (inputs->pdata[k]));

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        {
          random = random * 1664525 + 1013904223;
          gantry_array_set_double (array, i, (random >> 8) * 0x1p-23 - 1);
        }
    }
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

START_TEST (test_agrees_with_reference)
{
  GantryBackend *reference = fixture_reference ();
  g_autoptr (GantryBackend) onednn = NULL;

  g_setenv ("GANTRY_CPU", gantry_cpu_level_get_name (_i), TRUE);
  omp_set_num_threads (2);
  onednn = open_backend ("onednn");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint direction = 0; direction < N_DIRECTIONS; direction++)
      {
        GantryBackend *backends[] = { onednn, reference };
        g_autoptr (GantryProgram) expected = compile (&rows[i], direction, GANTRY_FLOAT32, &reference, 1);
        g_autoptr (GantryProgram) found = compile (&rows[i], direction, GANTRY_FLOAT32, backends, 2);
        g_autoptr (GantryArray) first = gantry_array_copy (gantry_program_get_output (found, "result"));

        ck_assert_msg (is_taken (found) == (rows[i].taken[direction] == '1'), "row %u, %s: %s", i, ops[direction],
                       is_taken (found) ? "taken" : "left");
        compare (i, ops[direction], first, gantry_program_get_output (expected, "result"), 2e-6);
        fixture_run (found, 1, 0);
        ck_assert_msg (memcmp (gantry_array_get_data (first), gantry_array_get_data (gantry_program_get_output (found, "result")),
                               gantry_array_get_bytes (first)) == 0, "row %u, %s: other bits from a second run", i, ops[direction]);
      }
}
END_TEST

/* Double precision is for others. */
START_TEST (test_leaves_float64)
{
  g_autoptr (GantryBackend) onednn = open_backend ("onednn");
  GantryBackend *backends[] = { onednn, fixture_reference () };

  for (guint direction = 0; direction < N_DIRECTIONS; direction++)
    {
      g_autoptr (GantryProgram) program = compile (&rows[1], direction, GANTRY_FLOAT64, backends, 2);

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
  g_autoptr (GantryProgram) program = compile (&rows[0], _i, GANTRY_FLOAT32, backends, 2);
  GantryRun run = { sizeof run, 0, 0 };
  gboolean done = TRUE;
  gsize before, after;

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
  tcase_add_test (tcase, test_leaves_float64);
  tcase_add_loop_test (tcase, test_keeps_nothing, 0, N_DIRECTIONS);
  tcase_add_test (tcase, test_one_level_a_process);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
