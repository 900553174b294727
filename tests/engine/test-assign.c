/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and writes of variables: reads see the last assignment, all writes commit after the last read. */
#include "engine/engine-fixture.h"

typedef struct {
  GantryGraph *graph;
  GantryState *state;
  GantryVariable *v, *w;
} World;

static World
world_new (void)
{
  World world = { gantry_graph_new (GANTRY_FLOAT64), gantry_state_new (1), NULL, NULL };

  world.v = gantry_graph_variable (world.graph, "v", GANTRY_SHAPE (3), GANTRY_FLOAT64, GANTRY_CONSTANT (1), FALSE);
  world.w = gantry_graph_variable (world.graph, "w", GANTRY_SHAPE (3), GANTRY_FLOAT64, GANTRY_CONSTANT (2), FALSE);
  return world;
}

static GantryTensor *
read (World *world, GantryVariable *variable)
{
  return gantry_graph_read (world->graph, variable);
}

/* Compiles in all ways (_i), runs @n times and frees. */
static void
world_run (World *world, guint n, gint flags)
{
  g_autoptr (GantryProgram) program = fixture_compile_full (world->graph, world->state, flags);

  for (guint i = 0; i < n; i++)
    fixture_run (program, i, 0);
}

static void
world_check (World *world, gdouble v, gdouble w)
{
  for (guint i = 0; i < 3; i++)
    {
      ck_assert_double_eq (fixture_get (world->state, "v", i), v);
      ck_assert_double_eq (fixture_get (world->state, "w", i), w);
    }
  g_object_unref (world->graph);
  g_object_unref (world->state);
}

START_TEST (test_counts)
{
  World world = world_new ();

  gantry_graph_assign (world.graph, world.v, gantry_offset (read (&world, world.v), 1));
  world_run (&world, 5, _i);
  world_check (&world, 6, 2);
}
END_TEST

START_TEST (test_read_after_assign)
{
  World world = world_new ();

  gantry_graph_assign (world.graph, world.v, gantry_offset (read (&world, world.v), 1));
  gantry_graph_assign (world.graph, world.v, gantry_scale (read (&world, world.v), 10));
  gantry_graph_assign (world.graph, world.w, gantry_add (read (&world, world.v), read (&world, world.w)));
  world_run (&world, 2, _i);
  world_check (&world, 210, 232);
}
END_TEST

START_TEST (test_swap)
{
  World world = world_new ();
  GantryTensor *v = read (&world, world.v), *w = read (&world, world.w);

  gantry_graph_assign (world.graph, world.v, w);
  gantry_graph_assign (world.graph, world.w, v);
  world_run (&world, 3, _i);
  world_check (&world, 2, 1);
}
END_TEST

/* w takes the value that v had, though the kernel that makes v's new one could write it at once. */
START_TEST (test_shift)
{
  World world = world_new ();
  GantryTensor *v = read (&world, world.v);

  gantry_graph_assign (world.graph, world.v, gantry_offset (v, 1));
  gantry_graph_assign (world.graph, world.w, v);
  world_run (&world, 3, _i);
  world_check (&world, 4, 3);
}
END_TEST

/* The old value is read after the new one is made, through a view too. */
START_TEST (test_late_read)
{
  World world = world_new ();
  GantryTensor *old = gantry_reshape (read (&world, world.v), GANTRY_SHAPE (1, 3));
  GantryTensor *new = gantry_offset (read (&world, world.v), 1);

  gantry_graph_assign (world.graph, world.v, new);
  gantry_graph_assign (world.graph, world.w, gantry_add (gantry_square (new), gantry_reshape (gantry_scale (old, 100), GANTRY_SHAPE (3))));
  world_run (&world, 2, _i);
  world_check (&world, 3, 9 + 200);
}
END_TEST

START_TEST (test_same_value_twice)
{
  World world = world_new ();
  GantryTensor *sum = gantry_add (read (&world, world.v), read (&world, world.w));

  gantry_graph_assign (world.graph, world.v, sum);
  gantry_graph_assign (world.graph, world.w, sum);
  gantry_graph_output (world.graph, "sum", sum);
  world_run (&world, 3, _i);
  world_check (&world, 12, 12);
}
END_TEST

START_TEST (test_output_of_old_value)
{
  World world = world_new ();
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (world.graph, "old", read (&world, world.v));
  gantry_graph_assign (world.graph, world.v, gantry_offset (read (&world, world.v), 1));
  gantry_graph_output (world.graph, "new", read (&world, world.v));
  program = fixture_compile_full (world.graph, world.state, _i);
  fixture_run (program, 0, 0);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "old", 0), 2);
  ck_assert_double_eq (fixture_output (program, "new", 0), 3);
  world_check (&world, 3, 2);
}
END_TEST

START_TEST (test_leaves)
{
  World world = world_new ();
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_assign (world.graph, world.v, gantry_graph_feed (world.graph, "x", GANTRY_SHAPE (3), GANTRY_FLOAT64));
  gantry_graph_assign (world.graph, world.w, gantry_fill (world.graph, GANTRY_SHAPE (3), GANTRY_FLOAT64, 9));
  program = fixture_compile_full (world.graph, world.state, _i);
  fixture_bind_ramp (program, "x", 4, 0);
  fixture_run (program, 0, 0);
  world_check (&world, 4, 9);
}
END_TEST

START_TEST (test_assigned_to_itself)
{
  World world = world_new ();

  gantry_graph_assign (world.graph, world.v, read (&world, world.v));
  world_run (&world, 2, _i);
  world_check (&world, 1, 2);
}
END_TEST

/* Bound variables give the tensor, and what is assigned to them meanwhile is lost. */
START_TEST (test_bound)
{
  World world = world_new ();
  GantryTensor *seven = gantry_fill (world.graph, GANTRY_SHAPE (3), GANTRY_FLOAT64, 7);

  gantry_graph_bind (world.graph, world.v, seven);
  gantry_graph_assign (world.graph, world.w, gantry_offset (read (&world, world.v), 1));
  gantry_graph_assign (world.graph, world.v, gantry_offset (read (&world, world.v), 1));
  gantry_graph_bind (world.graph, world.v, NULL);
  world_run (&world, 1, _i);
  world_check (&world, 1, 8);
}
END_TEST

START_TEST (test_integer_counter)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryVariable *step = gantry_graph_variable (graph, "step", GANTRY_SCALAR, GANTRY_INT64, GANTRY_CONSTANT (0), FALSE);
  GantryTensor *next = gantry_add (gantry_graph_read (graph, step), gantry_fill (graph, GANTRY_SCALAR, GANTRY_INT64, 1));
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_assign (graph, step, next);
  gantry_graph_output (graph, "scaled", gantry_scale (gantry_cast (next, GANTRY_FLOAT32), 0.5));
  program = fixture_compile_full (graph, state, _i);
  for (guint i = 0; i < 3; i++)
    fixture_run (program, i, 0);
  ck_assert_double_eq (fixture_get (state, "step", 0), 3);
  ck_assert_double_eq (fixture_output (program, "scaled", 0), 1.5);
}
END_TEST

/* A variable whose new value depends on the old one alone is written by its kernel: there is nothing to plan. */
START_TEST (test_written_in_place)
{
  World world = world_new ();
  GantryProgramReport report = { .size = sizeof report };
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_assign (world.graph, world.v, gantry_tanh (read (&world, world.v)));
  program = fixture_compile (world.graph, world.state);
  gantry_program_get_report (program, &report);
  ck_assert_uint_eq (report.workspace, 0);
  g_object_unref (world.graph);
  g_object_unref (world.state);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("assign");
  TCase *tcase = tcase_create ("assign");
  const gint n_flags = (GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_NO_REUSE) + 1;

  tcase_add_loop_test (tcase, test_counts, 0, n_flags);
  tcase_add_loop_test (tcase, test_read_after_assign, 0, n_flags);
  tcase_add_loop_test (tcase, test_swap, 0, n_flags);
  tcase_add_loop_test (tcase, test_shift, 0, n_flags);
  tcase_add_loop_test (tcase, test_late_read, 0, n_flags);
  tcase_add_loop_test (tcase, test_same_value_twice, 0, n_flags);
  tcase_add_loop_test (tcase, test_output_of_old_value, 0, n_flags);
  tcase_add_loop_test (tcase, test_leaves, 0, n_flags);
  tcase_add_loop_test (tcase, test_assigned_to_itself, 0, n_flags);
  tcase_add_loop_test (tcase, test_bound, 0, n_flags);
  tcase_add_loop_test (tcase, test_integer_counter, 0, n_flags);
  tcase_add_test (tcase, test_written_in_place);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
