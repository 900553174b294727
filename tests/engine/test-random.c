/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The generator against its published vectors, and what a draw may depend on. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "engine/engine-fixture.h"
#include "engine/random-private.h"

/* kat_vectors of Random123, the authors' library. */
START_TEST (test_known_answers)
{
  static const struct {
    guint32 counter[4], key[2], expected[4];
  } cases[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint32 words[4];

      _gantry_philox4x32 (cases[i].counter, cases[i].key, words);
      for (guint j = 0; j < 4; j++)
        ck_assert_uint_eq (words[j], cases[i].expected[j]);
    }
}
END_TEST

START_TEST (test_name_hash)
{
  ck_assert_uint_eq (_gantry_name_hash (""), 0xcbf29ce484222325u);
  ck_assert_uint_eq (_gantry_name_hash ("a"), 0xaf63dc4c8601ec8cu);
  ck_assert_uint_eq (_gantry_name_hash ("foobar"), 0x85944171f73967e8u);
}
END_TEST

#define SAMPLES 100
#define ELEMENTS 501
#define N (SAMPLES * ELEMENTS)

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  gdouble left = *(const gdouble *) a, right = *(const gdouble *) b;

  return (left > right) - (left < right);
}

/* Kolmogorov and Smirnov: a distance above 1.95 / sqrt (n) has probability 0.001. */
static void
check_distribution (GantryInputKind kind)
{
  GantryStream stream = _gantry_stream (7, _gantry_name_hash ("latent"), 3);
  g_autofree gdouble *draws = g_new (gdouble, N);
  gdouble distance = 0;

  _gantry_stream_fill (&stream, kind, 0, SAMPLES, ELEMENTS, GANTRY_FLOAT64, draws);
  qsort (draws, N, sizeof *draws, compare_doubles);
  for (guint i = 0; i < N; i++)
    {
      gdouble expected = kind == GANTRY_INPUT_NORMAL ? 0.5 * erfc (-draws[i] / sqrt (2)) : draws[i];

      distance = MAX (distance, MAX (fabs (expected - i / (gdouble) N), fabs (expected - (i + 1) / (gdouble) N)));
    }
  ck_assert_double_lt (distance, 1.95 / sqrt (N));
  if (kind == GANTRY_INPUT_UNIFORM)
    ck_assert (draws[0] >= 0 && draws[N - 1] < 1);
}

START_TEST (test_uniform)
{
  check_distribution (GANTRY_INPUT_UNIFORM);
}
END_TEST

START_TEST (test_normal)
{
  check_distribution (GANTRY_INPUT_NORMAL);
}
END_TEST

/* No two neighbours of any kind go together. */
START_TEST (test_uncorrelated)
{
  g_autofree gdouble *draws = g_new (gdouble, N), *others = g_new (gdouble, N);
  const guint lags[] = { 1, 2, ELEMENTS };
  GantryStream stream = _gantry_stream (7, _gantry_name_hash ("latent"), 3);
  const GantryStream related[] = { _gantry_stream (8, _gantry_name_hash ("latent"), 3), _gantry_stream (7, _gantry_name_hash ("latent#2"), 3),
                                   _gantry_stream (7, _gantry_name_hash ("latent"), 4) };

  _gantry_stream_fill (&stream, GANTRY_INPUT_NORMAL, 0, SAMPLES, ELEMENTS, GANTRY_FLOAT64, draws);
  for (guint k = 0; k < G_N_ELEMENTS (lags); k++)
    {
      gdouble sum = 0;

      for (guint i = 0; i + lags[k] < N; i++)
        sum += draws[i] * draws[i + lags[k]];
      ck_assert_double_lt (fabs (sum), 4 * sqrt (N));
    }
  for (guint k = 0; k < G_N_ELEMENTS (related); k++)
    {
      gdouble sum = 0;

      _gantry_stream_fill (&related[k], GANTRY_INPUT_NORMAL, 0, SAMPLES, ELEMENTS, GANTRY_FLOAT64, others);
      for (guint i = 0; i < N; i++)
        sum += draws[i] * others[i];
      ck_assert_double_lt (fabs (sum), 4 * sqrt (N));
    }
}
END_TEST

START_TEST (test_threads_and_splits)
{
  GantryStream stream = _gantry_stream (7, _gantry_name_hash ("noise"), 0);
  g_autofree gdouble *one = g_new (gdouble, N), *two = g_new (gdouble, N), *split = g_new (gdouble, N);
  gfloat single;

  omp_set_num_threads (1);
  _gantry_stream_fill (&stream, GANTRY_INPUT_NORMAL, 1000, SAMPLES, ELEMENTS, GANTRY_FLOAT64, one);
  omp_set_num_threads (3);
  _gantry_stream_fill (&stream, GANTRY_INPUT_NORMAL, 1000, SAMPLES, ELEMENTS, GANTRY_FLOAT64, two);
  _gantry_stream_fill (&stream, GANTRY_INPUT_NORMAL, 1000, 40, ELEMENTS, GANTRY_FLOAT64, split);
  _gantry_stream_fill (&stream, GANTRY_INPUT_NORMAL, 1040, SAMPLES - 40, ELEMENTS, GANTRY_FLOAT64, split + 40 * ELEMENTS);
  ck_assert_mem_eq (one, two, N * sizeof *one);
  ck_assert_mem_eq (one, split, N * sizeof *one);
  _gantry_stream_fill (&stream, GANTRY_INPUT_NORMAL, 1000, 1, 1, GANTRY_FLOAT32, &single);
  ck_assert_float_eq (single, (gfloat) one[0]);
}
END_TEST

/* Also through a program: the seed, name, step and sample decide, not the batch, the dtype or what else is in the graph. */
static GantryArray *
draw (guint64 seed, gsize batch, gsize padding, guint64 step, guint64 sample)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (seed);
  g_autoptr (GantryProgram) program = NULL;

  if (padding > 0)
    gantry_graph_output (graph, "other", gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "other", GANTRY_SHAPE (padding)));
  gantry_graph_output (graph, "z", gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "z", GANTRY_SHAPE (batch, 7)));
  program = fixture_compile (graph, state);
  fixture_run (program, step, sample);
  return gantry_array_copy (gantry_program_get_output (program, "z"));
}

static gboolean
same_row (GantryArray *a, gsize row_a, GantryArray *b, gsize row_b)
{
  return memcmp ((gdouble *) gantry_array_get_data (a) + 7 * row_a, (gdouble *) gantry_array_get_data (b) + 7 * row_b,
                 7 * sizeof (gdouble)) == 0;
}

START_TEST (test_program_draws)
{
  g_autoptr (GantryArray) whole = draw (5, 8, 0, 2, 64), last = draw (5, 2, 9, 2, 70), later = draw (5, 8, 0, 3, 64), other = draw (6, 8, 0, 2, 64);

  ck_assert (same_row (whole, 6, last, 0));
  ck_assert (same_row (whole, 7, last, 1));
  ck_assert (!same_row (whole, 0, whole, 1));
  ck_assert (!same_row (whole, 0, later, 0));
  ck_assert (!same_row (whole, 0, other, 0));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("random");
  TCase *tcase = tcase_create ("random");

  tcase_add_test (tcase, test_known_answers);
  tcase_add_test (tcase, test_name_hash);
  tcase_add_test (tcase, test_uniform);
  tcase_add_test (tcase, test_normal);
  tcase_add_test (tcase, test_uncorrelated);
  tcase_add_test (tcase, test_threads_and_splits);
  tcase_add_test (tcase, test_program_draws);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
