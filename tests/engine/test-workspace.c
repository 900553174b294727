/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs that compute in one workspace: the same bits as each alone, in whatever order they run and are freed. */
#include "engine/engine-fixture.h"

#define N 3

typedef struct {
  GantryGraph *graph;
  GantryState *state;
  GantryProgram *program;
} Part;

/* Intermediate tensors of n times n numbers, scratch, a view, a variable that is swapped with another, and several outputs. */
static void
build (Part *part, gsize n)
{
  GantryGraph *graph = part->graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryVariable *a = gantry_graph_variable (graph, "a", GANTRY_SHAPE (n, n), GANTRY_FLOAT32, GANTRY_NORMAL (0, 0.3), TRUE);
  GantryVariable *b = gantry_graph_variable (graph, "b", GANTRY_SHAPE (n, n), GANTRY_FLOAT32, GANTRY_NORMAL (0, 0.3), TRUE);
  GantryTensor *x = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "x", GANTRY_SHAPE (n, n));
  GantryTensor *y = gantry_tanh (gantry_matmul (x, gantry_graph_read (graph, a)));
  GantryTensor *z = gantry_matmul (gantry_transpose (y), gantry_graph_read (graph, b));
  GantryTensor *loss = gantry_mean (gantry_square (gantry_add (z, gantry_exp (gantry_neg (gantry_square (y))))));

  gantry_graph_output (graph, "loss", loss);
  gantry_graph_output (graph, "y", gantry_reshape (y, GANTRY_SHAPE (n * n)));
  gantry_graph_assign (graph, a, gantry_graph_read (graph, b));
  gantry_graph_assign (graph, b, gantry_sub (gantry_graph_read (graph, a), gantry_scale (gantry_gradient (loss, gantry_graph_read (graph, a)), 0.1)));
  part->state = gantry_state_new (3);
  part->program = fixture_compile (graph, part->state);
}

static void
part_clear (Part *part)
{
  g_clear_object (&part->program);
  g_clear_object (&part->state);
  g_clear_object (&part->graph);
}

static void
assert_equal (Part *a, Part *b)
{
  static const gchar *const outputs[] = { "loss", "y" }, *const variables[] = { "a", "b" };

  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      GantryArray *x = gantry_program_get_output (a->program, outputs[i]), *y = gantry_program_get_output (b->program, outputs[i]);

      ck_assert_msg (memcmp (gantry_array_get_data (x), gantry_array_get_data (y), gantry_array_get_bytes (x)) == 0, "%s differs", outputs[i]);
      x = gantry_state_get (a->state, variables[i]);
      y = gantry_state_get (b->state, variables[i]);
      ck_assert_msg (memcmp (gantry_array_get_data (x), gantry_array_get_data (y), gantry_array_get_bytes (x)) == 0, "%s differs", variables[i]);
    }
}

static const gsize sizes[N] = { 7, 40, 1 };

START_TEST (same_bits)
{
  Part alone[N], together[N];
  GantryProgram *programs[N];
  static const guint order[] = { 0, 1, 2, 1, 0, 0, 2, 1 };

  for (guint i = 0; i < N; i++)
    {
      build (&alone[i], sizes[i]);
      build (&together[i], sizes[i]);
      programs[i] = together[i].program;
    }
  /* One has run before. */
  fixture_run (alone[0].program, 9, 0);
  fixture_run (together[0].program, 9, 0);
  ck_assert (!gantry_program_shares_workspace (programs[0], programs[1]));
  gantry_programs_share_workspace (programs, N);
  gantry_programs_share_workspace (programs, N);
  ck_assert (gantry_program_shares_workspace (programs[0], programs[1]) && gantry_program_shares_workspace (programs[2], programs[1]));
  for (guint k = 0; k < G_N_ELEMENTS (order); k++)
    {
      fixture_run (alone[order[k]].program, k, 0);
      fixture_run (together[order[k]].program, k, 0);
      assert_equal (&alone[order[k]], &together[order[k]]);
    }
  /* The owner of the memory goes first. */
  part_clear (&together[1]);
  fixture_run (alone[0].program, 20, 0);
  fixture_run (together[0].program, 20, 0);
  assert_equal (&alone[0], &together[0]);
  for (guint i = 0; i < N; i++)
    {
      part_clear (&alone[i]);
      part_clear (&together[i]);
    }
}
END_TEST

/* One that comes later and is larger than all before takes them along. */
START_TEST (grows)
{
  Part parts[N];
  GantryProgram *programs[N];
  gdouble before;

  for (guint i = 0; i < N; i++)
    {
      build (&parts[i], 10 * (i + 1));
      programs[i] = parts[i].program;
    }
  gantry_programs_share_workspace (programs, 2);
  ck_assert (!gantry_program_shares_workspace (programs[0], programs[2]));
  fixture_run (programs[0], 1, 0);
  before = fixture_output (programs[0], "loss", 0);
  gantry_programs_share_workspace (programs, N);
  ck_assert (gantry_program_shares_workspace (programs[0], programs[2]) && gantry_program_shares_workspace (programs[1], programs[2]));
  ck_assert_double_eq (fixture_output (programs[0], "loss", 0), before);
  for (guint i = 0; i < N; i++)
    {
      fixture_run (programs[i], 2, 0);
      part_clear (&parts[i]);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("workspace");
  TCase *tcase = tcase_create ("workspace");

  tcase_add_test (tcase, same_bits);
  tcase_add_test (tcase, grows);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
