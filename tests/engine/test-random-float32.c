/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random graphs in float32, with convolutions of batches, on every list of backends that is installed.  The truth is the same graph in float64 on the
 * reference backend; how far a float32 result may be from it is measured by what float32 does to the graph: by how far the reference backend is,
 * as it stands and simplified.
 *
 * GANTRY_TEST_SEEDS=N tests N new graphs, and prints their seeds; GANTRY_TEST_SEED=SEED tests one of them again.
 */
#include <float.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "engine/openblas-fixture.h"
#include "engine/random-graph.h"

#define N_SEEDS 40
#define WORSE 16      /* times that a backend may be farther off than the reference */
#define ROUNDINGS 8   /* that are always allowed: of the largest number, and of numbers of about 1, of which small ones are differences ... */
#define LEAST_DIGITS 1e-3 /* ... but never more than this share of the largest number */

static guint32 *seeds;
static guint n_seeds;

/* How far each array is from the truth, at the most. */
static gdouble
find_distance (const GArray *truth, const GArray *found, guint start, guint end, guint *at)
{
  gdouble farthest = 0;

  for (guint i = start; i < end; i++)
    {
      const gdouble distance = fabs (g_array_index (truth, gdouble, i) - g_array_index (found, gdouble, i));

      if (!(distance <= farthest)) /* not a number is farthest of all */
        {
          farthest = distance;
          *at = i;
        }
    }
  return farthest;
}

static gdouble
find_largest (const GArray *numbers, guint start, guint end)
{
  gdouble largest = 0;

  for (guint i = start; i < end; i++)
    largest = fmax (largest, fabs (g_array_index (numbers, gdouble, i)));
  return largest;
}

typedef struct {
  guint32 seed;
  GArray *truth;
  GArray *ends;
  GArray *plain;
  GArray *simple;
} Expected;

static void
expect (Expected *self, guint32 seed, GantryGraph *graph)
{
  GantryBackend *reference = fixture_reference ();
  g_autoptr (GantryGraph) exact = random_graph_new_with_images (seed, GANTRY_FLOAT64);

  self->seed = seed;
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint));
  self->truth = random_graph_run (exact, &reference, 1, GANTRY_COMPILE_DEFAULT, self->ends, NULL);
  self->plain = random_graph_run (graph, &reference, 1, GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_NO_REUSE, NULL, NULL);
  self->simple = random_graph_run (graph, &reference, 1, GANTRY_COMPILE_DEFAULT, NULL, NULL);
  ck_assert_uint_eq (self->truth->len, self->plain->len);
}

static void
expected_clear (Expected *self)
{
  g_array_unref (self->truth);
  g_array_unref (self->ends);
  g_array_unref (self->plain);
  g_array_unref (self->simple);
}

static void
check_close (const Expected *self, const gchar *what, const GArray *found)
{
  guint start = 0;

  ck_assert_uint_eq (self->truth->len, found->len);
  for (guint k = 0; k < self->ends->len; k++)
    {
      const guint end = g_array_index (self->ends, guint, k);
      guint at = start;
      const gdouble plain = find_distance (self->truth, self->plain, start, end, &at);
      const gdouble simple = find_distance (self->truth, self->simple, start, end, &at);
      const gdouble largest = find_largest (self->truth, start, end);
      const gdouble allowed = WORSE * fmax (plain, simple) +
                              fmax (ROUNDINGS * FLT_EPSILON * largest, fmin (ROUNDINGS * FLT_EPSILON, LEAST_DIGITS * largest));
      const gdouble distance = find_distance (self->truth, found, start, end, &at);

      ck_assert_msg (distance <= allowed, "seed %u: %s: number %u, of array %u, is %.9g and becomes %.9g: %g away, where the reference is %g and %g",
                     self->seed, what, at, k, g_array_index (self->truth, gdouble, at), g_array_index (found, gdouble, at), distance, plain, simple);
      start = end;
    }
}

static void
check_same (guint32 seed, const gchar *what, const gchar *change, const GArray *a, const GArray *b)
{
  ck_assert_uint_eq (a->len, b->len);
  ck_assert_msg (memcmp (a->data, b->data, a->len * sizeof (gdouble)) == 0, "seed %u: %s: %s changes bits", seed, what, change);
}

static void
check_backends (const Expected *expected, const gchar *what, GantryGraph *graph, GantryBackend *const *backends, guint n_backends)
{
  g_autoptr (GArray) reused = NULL, apart = NULL, plain = NULL, alone = NULL, least = NULL;

  omp_set_num_threads (2);
  reused = random_graph_run (graph, backends, n_backends, GANTRY_COMPILE_DEFAULT, NULL, NULL);
  apart = random_graph_run (graph, backends, n_backends, GANTRY_COMPILE_NO_REUSE, NULL, NULL);
  plain = random_graph_run (graph, backends, n_backends, GANTRY_COMPILE_NO_LAYOUTS, NULL, NULL);
  omp_set_num_threads (1);
  alone = random_graph_run (graph, backends, n_backends, GANTRY_COMPILE_DEFAULT, NULL, NULL);
  least = random_graph_run_within (graph, backends, n_backends, GANTRY_COMPILE_DEFAULT, 0, NULL, NULL);
  check_close (expected, what, reused);
  check_close (expected, what, plain);
  check_same (expected->seed, what, "memory that is used again", apart, reused);
  check_same (expected->seed, what, "the number of threads", reused, alone);
  check_same (expected->seed, what, "computing again", reused, least);
}

/* On each level of instructions by turns. */
START_TEST (test_openblas)
{
  g_autoptr (GantryGraph) graph = random_graph_new_with_images (seeds[_i], GANTRY_FLOAT32);
  g_autoptr (GantryBackend) openblas = NULL;
  Expected expected;

  openblas_set_level (_i % GANTRY_N_CPU_LEVELS);
  openblas = openblas_open ();
  expect (&expected, seeds[_i], graph);
  check_backends (&expected, "openblas", graph, (GantryBackend *[]) { openblas, fixture_reference () }, 2);
  expected_clear (&expected);
}
END_TEST

#ifdef WITH_ONEDNN
/* With openblas behind it, and alone. */
START_TEST (test_onednn)
{
  static const gchar *const lists[2][4] = { { "onednn", "openblas", "reference", NULL }, { "onednn", "reference", NULL } };
  g_autoptr (GantryGraph) graph = random_graph_new_with_images (seeds[_i], GANTRY_FLOAT32);
  Expected expected;

  fixture_reference ();
  expect (&expected, seeds[_i], graph);
  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) backends = gantry_backends_open (gantry_registry_get_default (), lists[k], &error);

      ck_assert_msg (backends != NULL, "%s", error != NULL ? error->message : "");
      check_backends (&expected, k == 0 ? "onednn and openblas" : "onednn", graph, (GantryBackend *const *) backends->pdata, backends->len);
    }
  expected_clear (&expected);
}
END_TEST
#endif

/* The graphs of the fixed seeds have convolutions and their adjoints, of batches that are kept in blocks and of others. */
START_TEST (test_every_batch)
{
  guint n_blocked = 0, n_plain = 0;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint32 seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GantryGraph) graph = random_graph_new_with_images (seed, GANTRY_FLOAT32);

      for (guint id = 0; id < gantry_graph_get_n_tensors (graph); id++)
        {
          GantryTensor *tensor = gantry_graph_get_tensor (graph, id);
          const gchar *op = gantry_tensor_get_op_name (tensor);

          g_hash_table_add (seen, (gpointer) g_intern_string (op));
          if (strcmp (op, "conv2d") == 0 && gantry_tensor_get_shape (tensor)->dims[0] % 16 == 0)
            n_blocked++;
          else if (strcmp (op, "conv2d") == 0)
            n_plain++;
        }
    }
  ck_assert_uint_gt (n_blocked, 50);
  ck_assert_uint_gt (n_plain, 50);
  ck_assert (g_hash_table_contains (seen, "conv2d-input"));
  ck_assert (g_hash_table_contains (seen, "conv2d-weight"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("random-float32");
  TCase *tcase = tcase_create ("random-float32");

  seeds = random_graph_choose_seeds (N_SEEDS, &n_seeds);
  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, test_openblas, 0, n_seeds);
#ifdef WITH_ONEDNN
  tcase_add_loop_test (tcase, test_onednn, 0, n_seeds);
#endif
  tcase_add_test (tcase, test_every_batch);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
