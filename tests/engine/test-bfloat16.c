/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions of the backend openblas with factors rounded to bfloat16: the reference's numbers for rounded factors, near those of full ones,
   the same bits for any number of threads, and refused where the instructions are missing. */
#include "engine/openblas-fixture.h"

#include <math.h>
#include <omp.h>
#include <string.h>

typedef enum { FORWARD, INPUT, WEIGHT, N_DIRECTIONS } Direction;

typedef struct {
  gsize n, c, h, w, o, kh, kw;
  gint64 ints[7]; /* stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups */
} Row;

static const Row rows[] = {
  /* 64 lanes, 32, 16; several sets */
  { 64, 16, 8, 8, 32, 4, 4, { 2, 2, 1, 1, 1, 1, 1 } },
  { 32, 8, 8, 6, 16, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  { 16, 8, 9, 7, 8, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  { 48, 4, 6, 6, 4, 3, 3, { 2, 2, 0, 0, 1, 1, 1 } },
  { 128, 6, 6, 5, 10, 5, 5, { 1, 1, 2, 2, 1, 1, 1 } },
  { 192, 2, 4, 4, 4, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  /* channels that leave one over, of a pair and of a tile */
  { 64, 3, 8, 8, 5, 4, 4, { 2, 2, 1, 1, 1, 1, 1 } },
  { 32, 17, 8, 11, 19, 3, 2, { 1, 2, 0, 1, 1, 1, 1 } },
  { 16, 1, 7, 9, 1, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  { 16, 65, 3, 3, 67, 1, 1, { 1, 1, 0, 0, 1, 1, 1 } },
  /* more channels than are summed at a time */
  { 64, 141, 4, 4, 7, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  { 16, 6, 5, 5, 139, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  /* both, in several pieces of pixels */
  { 128, 18, 9, 10, 9, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  /* dilation, and groups of an odd number of channels */
  { 64, 9, 7, 7, 4, 3, 3, { 1, 1, 2, 2, 2, 2, 1 } },
  { 32, 9, 6, 6, 15, 3, 3, { 1, 1, 1, 1, 1, 1, 3 } },
  /* plain images, on their way to lanes and back */
  { 8, 7, 6, 7, 6, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  { 24, 6, 6, 6, 7, 4, 4, { 2, 2, 1, 1, 1, 1, 1 } },
};

/* In full precision, of plain images: too few for the lanes, and products of matrices */
static const Row full[] = {
  { 4, 8, 6, 6, 8, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } },
  { 64, 16, 4, 4, 8, 4, 4, { 1, 1, 0, 0, 1, 1, 1 } },
};

static GantryProgram *
compile (const Row *row, Direction direction, GantryDType dtype, GantryBackend *backend, GantryCompileFlags flags)
{
  GantryConvolution geometry = { .stride = { row->ints[0], row->ints[1] }, .padding = { row->ints[2], row->ints[3] },
                                 .dilation = { row->ints[4], row->ints[5] }, .groups = row->ints[6] };
  const GantryShape x_shape = { 4, { row->n, row->c, row->h, row->w } }, w_shape = { 4, { row->o, row->c / row->ints[6], row->kh, row->kw } };
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryTensor *x = gantry_graph_feed (graph, "x", &x_shape, dtype), *w = gantry_graph_feed (graph, "w", &w_shape, dtype);
  GantryTensor *y = gantry_conv2d (x, w, &geometry), *dy = gantry_graph_feed (graph, "dy", gantry_tensor_get_shape (y), dtype);
  GantryProgram *program;

  gantry_graph_output (graph, "result",
                       direction == FORWARD ? y : gantry_gradient (gantry_sum (gantry_mul (y, dy)), direction == INPUT ? x : w));
  program = gantry_program_compile_full (graph, state, &backend, 1, flags, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  fixture_fill (program, graph);
  fixture_run (program, 0, 0);
  return program;
}

/* Of the largest element */
static gdouble
find_distance (GantryArray *a, GantryArray *b)
{
  gdouble largest = 0, distance = 0;

  ck_assert_uint_eq (gantry_array_get_size (a), gantry_array_get_size (b));
  for (gsize i = 0; i < gantry_array_get_size (a); i++)
    {
      gdouble d = fabs (gantry_array_get_double (a, i) - gantry_array_get_double (b, i));

      distance = d <= distance ? distance : d; /* NaN, too */
      largest = fmax (largest, fabs (gantry_array_get_double (b, i)));
    }
  return distance / largest;
}

static gboolean
has_kernel (GantryProgram *program, const gchar *part)
{
  gboolean found = FALSE;

  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      const gchar *name = NULL;

      gantry_program_get_kernel (program, i, &name, NULL);
      found = found || strstr (name, part) != NULL;
    }
  return found;
}

static gboolean
is_rounding (GantryProgram *program)
{
  return has_kernel (program, "-bf16");
}

static void
check_threads (GantryProgram *program, const gchar *where)
{
  static const gint threads[] = { 1, 3, 2 };
  g_autoptr (GantryArray) first = gantry_array_copy (gantry_program_get_output (program, "result"));

  for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
    {
      omp_set_num_threads (threads[t]);
      fixture_run (program, 1, 0);
      ck_assert_msg (memcmp (gantry_array_get_data (first), gantry_array_get_data (gantry_program_get_output (program, "result")),
                             gantry_array_get_bytes (first)) == 0, "%s: other bits with %d threads", where, threads[t]);
    }
}

static GantryBackend *
open_with_tiles (const gchar *use)
{
  g_setenv ("GANTRY_WINOGRAD", use, TRUE);
  return openblas_open ();
}

/*
 * The sum of rounded products in float32, to what its order may change; of full factors it is off by no more than 2^-8 of the largest result: two
 * factors of 8 bits are off by 2^-8 of their product at most, and signs are mixed.
 */
START_TEST (test_convolutions)
{
  g_autoptr (GantryBackend) openblas = open_with_tiles ("never");
  GantryCompileFlags flags = GANTRY_COMPILE_BFLOAT16 | (_i == 0 ? 0 : GANTRY_COMPILE_NO_LAYOUTS);

  if (!gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, NULL))
    return;
  omp_set_num_threads (2);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint direction = 0; direction < N_DIRECTIONS; direction++)
      {
        g_autoptr (GantryProgram) expected = compile (&rows[i], direction, GANTRY_FLOAT32, fixture_reference (), GANTRY_COMPILE_DEFAULT);
        g_autoptr (GantryProgram) found = compile (&rows[i], direction, GANTRY_FLOAT32, openblas, flags);
        g_autofree gchar *where = g_strdup_printf ("row %u, direction %u", i, direction);
        GantryArray *result = gantry_program_get_output (found, "result");
        gdouble distance = find_distance (result, gantry_program_get_output (expected, "result"));

        ck_assert_msg (is_rounding (found), "%s: in full precision", where);
        ck_assert_msg (distance <= 0x1p-8 && distance > 1e-5, "%s: %g from full precision", where, distance);
        fixture_round_factors (expected);
        distance = find_distance (result, gantry_program_get_output (expected, "result"));
        ck_assert_msg (distance <= 2e-6, "%s: %g from the sum of rounded products", where, distance);
        check_threads (found, where);
      }
}
END_TEST

/* Tiles in full precision where they are faster still, and the loops where tiles cannot be, or gain less than rounding does */
START_TEST (test_choice)
{
  static const Row large = { 32, 128, 8, 8, 128, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } }, small = { 64, 8, 8, 8, 8, 3, 3, { 1, 1, 1, 1, 1, 1, 1 } };
  static const Row strided = { 32, 32, 8, 8, 32, 3, 3, { 2, 2, 1, 1, 1, 1, 1 } };
  g_autoptr (GantryBackend) openblas = open_with_tiles ("auto");
  g_autoptr (GantryProgram) expected = compile (&large, FORWARD, GANTRY_FLOAT32, fixture_reference (), GANTRY_COMPILE_DEFAULT);
  g_autoptr (GantryProgram) forward = NULL, of_stride = NULL, of_few = NULL;

  if (!gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, NULL))
    return;
  forward = compile (&large, FORWARD, GANTRY_FLOAT32, openblas, GANTRY_COMPILE_BFLOAT16);
  of_stride = compile (&strided, WEIGHT, GANTRY_FLOAT32, openblas, GANTRY_COMPILE_BFLOAT16);
  of_few = compile (&small, FORWARD, GANTRY_FLOAT32, openblas, GANTRY_COMPILE_BFLOAT16);
  ck_assert (has_kernel (forward, "winograd-conv2d"));
  ck_assert (find_distance (gantry_program_get_output (forward, "result"), gantry_program_get_output (expected, "result")) < 1e-5);
  ck_assert (is_rounding (of_stride));
  ck_assert (is_rounding (of_few));
}
END_TEST

/* Without the flag nothing is rounded, nor with it what has no loops for it. */
START_TEST (test_full)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  gboolean can = gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, NULL);

  omp_set_num_threads (2);
  for (guint i = 0; i < G_N_ELEMENTS (full) + 1; i++)
    for (guint direction = 0; direction < N_DIRECTIONS; direction++)
      {
        const Row *row = i == 0 ? &rows[0] : &full[i - 1];
        GantryCompileFlags flags = GANTRY_COMPILE_NO_LAYOUTS | (i > 0 && can ? GANTRY_COMPILE_BFLOAT16 : 0);
        g_autoptr (GantryProgram) expected = compile (row, direction, GANTRY_FLOAT32, fixture_reference (), GANTRY_COMPILE_DEFAULT);
        g_autoptr (GantryProgram) found = compile (row, direction, GANTRY_FLOAT32, openblas, flags);

        ck_assert (!is_rounding (found));
        ck_assert (find_distance (gantry_program_get_output (found, "result"), gantry_program_get_output (expected, "result")) < 2e-6);
      }
}
END_TEST

START_TEST (test_leaves_float64)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();

  if (!gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, NULL))
    return;
  for (guint direction = 0; direction < N_DIRECTIONS; direction++)
    {
      g_autoptr (GantryProgram) program = compile (&rows[0], direction, GANTRY_FLOAT64, openblas, GANTRY_COMPILE_BFLOAT16);

      ck_assert (!is_rounding (program));
    }
}
END_TEST

/* What is no number stays none, and what is infinite keeps its sign; neither reaches other images. */
START_TEST (test_not_finite)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_autoptr (GantryProgram) program = NULL;
  GantryArray *x, *w, *result;
  const gsize image = 5 * 4 * 4;

  if (!gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, NULL))
    return;
  program = compile (&rows[6], FORWARD, GANTRY_FLOAT32, openblas, GANTRY_COMPILE_BFLOAT16);
  x = gantry_program_get_input (program, "x");
  w = gantry_program_get_input (program, "w");
  result = gantry_program_get_output (program, "result");
  for (gsize i = 0; i < gantry_array_get_size (w); i++)
    gantry_array_set_double (w, i, 1);
  gantry_array_set_double (x, 3 * 64, NAN);
  gantry_array_set_double (x, 2 * 3 * 64, -INFINITY);
  fixture_run (program, 0, 0);
  for (gsize i = 0; i < gantry_array_get_size (result); i++)
    {
      gdouble value = gantry_array_get_double (result, i);
      gboolean is_corner = i % 16 == 0;

      if (i / image == 1 && is_corner)
        ck_assert (isnan (value));
      else if (i / image == 2 && is_corner)
        ck_assert (value == -INFINITY);
      else
        ck_assert (isfinite (value));
    }
}
END_TEST

/* Lower levels have no such loops, and say so. */
START_TEST (test_refused)
{
  g_autoptr (GantryBackend) openblas = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line = NULL;

  openblas_set_level (_i);
  openblas = openblas_open ();
  line = gantry_backend_describe (openblas);
  if (MIN ((guint) _i, (guint) gantry_cpu_detect ()) == GANTRY_CPU_AVX512BF16)
    {
      ck_assert (gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, &error));
      ck_assert_msg (strstr (line, "avx512bf16 loops, float32, float64 and bfloat16,") != NULL, "%s", line);
      return;
    }
  ck_assert_msg (strstr (line, " loops, float32 and float64,") != NULL, "%s", line);
  ck_assert (gantry_backend_check_precision (openblas, GANTRY_PRECISION_FULL, NULL));
  ck_assert (!gantry_backend_check_precision (openblas, GANTRY_PRECISION_BFLOAT16, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, " loops here, and bfloat16 needs avx512bf16");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("bfloat16");
  TCase *tcase = tcase_create ("bfloat16");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, test_convolutions, 0, 2);
  tcase_add_test (tcase, test_choice);
  tcase_add_test (tcase, test_full);
  tcase_add_test (tcase, test_leaves_float64);
  tcase_add_test (tcase, test_not_finite);
  tcase_add_loop_test (tcase, test_refused, 0, GANTRY_N_CPU_LEVELS);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
