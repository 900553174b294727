/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of op-cases.h, with their gradients of both orders: openblas against reference, on every level of instructions, and the same
   bits for any number of threads; onednn, where it is built, before both. */
#include "engine/openblas-fixture.h"
#include "graph/op-cases.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static GantryProgram *
compile (const OpCase *row, const OpProblem *problem, GantryBackend *const *backends, guint n_backends)
{
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryProgram *program = gantry_program_compile (problem->graph, state, backends, n_backends, &error);

  ck_assert_msg (program != NULL, "%s: %s", row->op, error != NULL ? error->message : "");
  op_problem_fill (problem, row, program);
  fixture_run (program, 0, 0);
  return program;
}

static void
compare (const gchar *op, guint variant, const gchar *name, GantryArray *found, GantryArray *expected)
{
  gdouble largest = 1, tolerance = gantry_array_get_dtype (expected) == GANTRY_FLOAT32 ? 5e-6 : 1e-13;

  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    largest = fmax (largest, fabs (gantry_array_get_double (expected, i)));
  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    {
      gdouble a = gantry_array_get_double (found, i), b = gantry_array_get_double (expected, i);

      ck_assert_msg (fabs (a - b) <= tolerance * largest, "%s, variant %u, %s: %s[%" G_GSIZE_FORMAT "] is %.12g, on reference %.12g", op, variant,
                     gantry_dtype_name (gantry_array_get_dtype (expected)), name, i, a, b);
    }
}

static guint
count_kernels_of (GantryProgram *program, const gchar *backend_name)
{
  guint n = 0;

  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      const gchar *backend = NULL;

      gantry_program_get_kernel (program, i, NULL, &backend);
      n += g_strcmp0 (backend, backend_name) == 0;
    }
  return n;
}

static void
check (const OpCase *row, guint k, GantryDType dtype, GantryBackend *openblas)
{
  GantryBackend *reference = fixture_reference (), *both[] = { openblas, reference };
  g_autoptr (OpProblem) problem = op_problem_new (row, &row->variants[k], dtype);
  g_autoptr (GantryProgram) expected = compile (row, problem, &reference, 1);
  g_autoptr (GantryProgram) found = compile (row, problem, both, 2);
  g_auto (GStrv) names = gantry_graph_list_outputs (problem->graph);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) gantry_array_unref);

  ck_assert_msg (count_kernels_of (found, "openblas") > 0, "%s: openblas takes nothing", row->op);
  for (guint i = 0; names[i] != NULL; i++)
    {
      compare (row->op, k, names[i], gantry_program_get_output (found, names[i]), gantry_program_get_output (expected, names[i]));
      g_ptr_array_add (outputs, gantry_array_copy (gantry_program_get_output (found, names[i])));
    }
  omp_set_num_threads (1);
  fixture_run (found, 0, 0);
  omp_set_num_threads (2);
  for (guint i = 0; names[i] != NULL; i++)
    ck_assert_msg (memcmp (gantry_array_get_data (outputs->pdata[i]), gantry_array_get_data (gantry_program_get_output (found, names[i])),
                           gantry_array_get_bytes (outputs->pdata[i])) == 0,
                   "%s, variant %u: other bits of %s with one thread", row->op, k, names[i]);
}

/* The environment takes levels away; it cannot give what the processor lacks. */
static void
check_level (GantryBackend *openblas, guint level)
{
  g_autofree gchar *described = gantry_backend_describe (openblas);
  g_autofree gchar *expected = g_strdup_printf (" %s loops", gantry_cpu_level_get_name (MIN (level, (guint) gantry_cpu_detect ())));

  ck_assert_msg (strstr (described, expected) != NULL, "'%s' does not say '%s'", described, expected);
}

START_TEST (agrees_with_reference)
{
  g_autoptr (GantryBackend) openblas = NULL;

  openblas_set_level (_i);
  openblas = openblas_open ();
  check_level (openblas, _i);
  omp_set_num_threads (2);
  for (guint i = 0; i < op_case_count (); i++)
    for (guint k = 0; k < op_case_count_variants (op_case_at (i)); k++)
      for (guint dtype = GANTRY_FLOAT32; dtype <= GANTRY_FLOAT64; dtype++)
        check (op_case_at (i), k, dtype, openblas);
}
END_TEST

#ifdef WITH_ONEDNN
START_TEST (onednn_agrees_with_reference)
{
  static const gchar *const names[] = { "onednn", "openblas", "reference", NULL };
  GantryBackend *reference = fixture_reference ();
  g_autoptr (GPtrArray) backends = NULL;
  guint n_taken = 0;

  openblas_set_level (_i);
  backends = gantry_backends_open (gantry_registry_get_default (), names, NULL);
  ck_assert_ptr_nonnull (backends);
  for (guint i = 0; i < op_case_count (); i++)
    for (guint k = 0; k < op_case_count_variants (op_case_at (i)); k++)
      {
        const OpCase *row = op_case_at (i);
        g_autoptr (OpProblem) problem = op_problem_new (row, &row->variants[k], GANTRY_FLOAT32);
        g_autoptr (GantryProgram) expected = compile (row, problem, &reference, 1);
        g_autoptr (GantryProgram) found = compile (row, problem, (GantryBackend *const *) backends->pdata, backends->len);
        g_auto (GStrv) outputs = gantry_graph_list_outputs (problem->graph);

        for (guint j = 0; outputs[j] != NULL; j++)
          compare (row->op, k, outputs[j], gantry_program_get_output (found, outputs[j]), gantry_program_get_output (expected, outputs[j]));
        n_taken += count_kernels_of (found, "onednn");
      }
  ck_assert_uint_gt (n_taken, 0);
}
END_TEST
#endif

int
main (void)
{
  Suite *suite = suite_create ("parity");
  TCase *tcase = tcase_create ("parity");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, agrees_with_reference, 0, GANTRY_N_CPU_LEVELS);
#ifdef WITH_ONEDNN
  tcase_add_loop_test (tcase, onednn_agrees_with_reference, 0, GANTRY_N_CPU_LEVELS);
#endif
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
