/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random graphs: what the compiler leaves out, puts on the same memory or fuses must not show in the numbers.  The truth is the reference
 * backend, without simplification, every tensor with memory of its own.
 *
 * GANTRY_TEST_SEEDS=N tests N new graphs, and prints their seeds; GANTRY_TEST_SEED=SEED tests one of them again.
 */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "engine/openblas-fixture.h"
#include "engine/random-graph.h"

#define N_SEEDS 150

static guint32 *seeds;
static guint n_seeds;

static GArray *
run_all (GantryGraph *graph, GantryBackend *first, GantryCompileFlags flags, gsize *workspace)
{
  GantryBackend *backends[] = { first, fixture_reference () };

  return random_graph_run (graph, first != NULL ? backends : backends + 1, first != NULL ? 2 : 1, flags, NULL, workspace);
}

static void
check_same (guint32 seed, const gchar *what, GArray *a, GArray *b)
{
  ck_assert_uint_eq (a->len, b->len);
  ck_assert_msg (memcmp (a->data, b->data, a->len * sizeof (gdouble)) == 0, "seed %u: %s changes bits", seed, what);
}

static void
check_close (guint32 seed, const gchar *what, GArray *a, GArray *b)
{
  ck_assert_uint_eq (a->len, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      gdouble left = g_array_index (a, gdouble, i), right = g_array_index (b, gdouble, i);

      ck_assert_msg (isfinite (left) && isfinite (right), "seed %u: %s: number %u is %g, and %g", seed, what, i, left, right);
      ck_assert_msg (fabs (left - right) <= 1e-8 * fmax (1, fabs (left)), "seed %u: %s: number %u is %.17g and becomes %.17g", seed, what, i, left,
                     right);
    }
}

/* Memory changes no bit; algebra may change the last ones. */
START_TEST (test_reference)
{
  guint32 seed = seeds[_i];
  g_autoptr(GantryGraph) graph = random_graph_new (seed);
  gsize workspaces[4];
  g_autoptr(GArray) plain = run_all (graph, NULL, GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_NO_REUSE, &workspaces[0]);
  g_autoptr(GArray) reused = run_all (graph, NULL, GANTRY_COMPILE_NO_SIMPLIFY, &workspaces[1]);
  g_autoptr(GArray) simple = run_all (graph, NULL, GANTRY_COMPILE_NO_REUSE, &workspaces[2]);
  g_autoptr(GArray) both = run_all (graph, NULL, GANTRY_COMPILE_DEFAULT, &workspaces[3]);

  check_same (seed, "memory that is used again", plain, reused);
  check_same (seed, "memory that is used again, after simplification,", simple, both);
  check_close (seed, "simplification", plain, simple);
  ck_assert_uint_le (workspaces[1], workspaces[0]);
  ck_assert_uint_le (workspaces[3], workspaces[2]);
}
END_TEST

/* The same for what openblas fuses, on each level of instructions by turns. */
START_TEST (test_openblas)
{
  guint32 seed = seeds[_i];
  g_autoptr(GantryGraph) graph = random_graph_new (seed);
  g_autoptr(GantryBackend) openblas = NULL;
  GantryBackend *backends[2] = { NULL, fixture_reference () };
  gsize workspaces[3];
  g_autoptr(GArray) plain = run_all (graph, NULL, GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_NO_REUSE, &workspaces[0]), fused = NULL, reused = NULL;
  g_autoptr(GArray) alone = NULL, least = NULL;

  openblas_set_level (_i % GANTRY_N_CPU_LEVELS);
  openblas = openblas_open ();
  omp_set_num_threads (2);
  fused = run_all (graph, openblas, GANTRY_COMPILE_NO_REUSE, &workspaces[0]);
  reused = run_all (graph, openblas, GANTRY_COMPILE_DEFAULT, &workspaces[1]);
  omp_set_num_threads (1);
  alone = run_all (graph, openblas, GANTRY_COMPILE_DEFAULT, &workspaces[0]);
  check_close (seed, "openblas", plain, fused);
  check_same (seed, "memory that is used again, with openblas,", fused, reused);
  check_same (seed, "the number of threads", reused, alone);
  backends[0] = openblas;
  least = random_graph_run_within (graph, backends, 2, GANTRY_COMPILE_DEFAULT, 0, NULL, &workspaces[2]);
  check_same (seed, "computing again", reused, least);
  ck_assert_uint_le (workspaces[2], workspaces[1]);
}
END_TEST

/* The same bits from making and compiling it again. */
START_TEST (test_again)
{
  g_autoptr(GantryGraph) graph = random_graph_new (seeds[_i]), again = random_graph_new (seeds[_i]);
  gsize workspaces[2];
  g_autoptr(GArray) one = run_all (graph, NULL, GANTRY_COMPILE_DEFAULT, &workspaces[0]);
  g_autoptr(GArray) two = run_all (again, NULL, GANTRY_COMPILE_DEFAULT, &workspaces[1]);

  check_same (seeds[_i], "compiling again", one, two);
  ck_assert_uint_eq (workspaces[0], workspaces[1]);
}
END_TEST

/* The graphs of the fixed seeds have every op. */
START_TEST (test_every_op)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint32 seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr(GantryGraph) graph = random_graph_new (seed);

      for (guint id = 0; id < gantry_graph_get_n_tensors (graph); id++)
        g_hash_table_add (seen, (gpointer) g_intern_string (gantry_tensor_get_op_name (gantry_graph_get_tensor (graph, id))));
    }
  for (const GantryOp *const *op = gantry_op_list (); *op != NULL; op++)
    ck_assert_msg (g_hash_table_contains (seen, (*op)->name), "no graph has %s", (*op)->name);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("random-graphs");
  TCase *tcase = tcase_create ("random-graphs");

  seeds = random_graph_choose_seeds (N_SEEDS, &n_seeds);
  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, test_reference, 0, n_seeds);
  tcase_add_loop_test (tcase, test_openblas, 0, n_seeds);
  tcase_add_loop_test (tcase, test_again, 0, MIN (n_seeds, 10));
  tcase_add_test (tcase, test_every_op);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
