/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory plans, checked pair by pair. */
#include "engine/engine-fixture.h"
#include "engine/plan-private.h"

static gsize
sum_alive (const GantryBlock *blocks, guint n, guint step)
{
  gsize sum = 0;

  for (guint i = 0; i < n; i++)
    if (blocks[i].first <= step && step <= blocks[i].last)
      sum += (blocks[i].bytes + 63) / 64 * 64;
  return sum;
}

static void
check_plan (const GantryBlock *blocks, guint n, gsize workspace)
{
  for (guint i = 0; i < n; i++)
    {
      ck_assert_uint_eq (blocks[i].offset % 64, 0);
      ck_assert_uint_le (blocks[i].offset + blocks[i].bytes, workspace);
      for (guint j = 0; j < i; j++)
        {
          gboolean together = blocks[i].first <= blocks[j].last && blocks[j].first <= blocks[i].last;
          gboolean overlap = blocks[i].offset < blocks[j].offset + blocks[j].bytes && blocks[j].offset < blocks[i].offset + blocks[i].bytes;

          ck_assert_msg (!together || !overlap, "blocks %u and %u", i, j);
        }
    }
}

START_TEST (test_random_plans)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (_i);
  GantryBlock blocks[120];
  guint n = g_rand_int_range (rand, 0, G_N_ELEMENTS (blocks) + 1), n_steps = g_rand_int_range (rand, 1, 60);
  gsize workspace, lower_bound = 0;

  for (guint i = 0; i < n; i++)
    {
      guint first = g_rand_int_range (rand, 0, n_steps);

      blocks[i] = (GantryBlock) { g_rand_int_range (rand, 0, 5000), first, MIN (n_steps, first + (guint) g_rand_int_range (rand, 0, 12)), 0 };
    }
  ck_assert (_gantry_plan_blocks (blocks, n, &workspace));
  check_plan (blocks, n, workspace);
  for (guint step = 0; step <= n_steps; step++)
    lower_bound = MAX (lower_bound, sum_alive (blocks, n, step));
  ck_assert_uint_ge (workspace, lower_bound);
  ck_assert_uint_le (workspace, lower_bound * 3 / 2 + 64);
}
END_TEST

/* A chain in which each tensor makes the next needs two places. */
START_TEST (test_chain)
{
  GantryBlock blocks[50];
  gsize workspace;

  for (guint i = 0; i < 50; i++)
    blocks[i] = (GantryBlock) { 640, i, i + 1, 0 };
  ck_assert (_gantry_plan_blocks (blocks, 50, &workspace));
  check_plan (blocks, 50, workspace);
  ck_assert_uint_eq (workspace, 1280);
}
END_TEST

START_TEST (test_too_large)
{
  GantryBlock blocks[] = { { G_MAXSIZE / 2, 0, 1, 0 }, { G_MAXSIZE / 2 + 100, 0, 1, 0 } };
  GantryBlock block = { G_MAXSIZE - 3, 0, 1, 0 };
  gsize workspace;

  ck_assert (!_gantry_plan_blocks (blocks, 2, &workspace));
  ck_assert (!_gantry_plan_blocks (&block, 1, &workspace));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("plan");
  TCase *tcase = tcase_create ("plan");

  tcase_add_loop_test (tcase, test_random_plans, 0, 100);
  tcase_add_test (tcase, test_chain);
  tcase_add_test (tcase, test_too_large);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
