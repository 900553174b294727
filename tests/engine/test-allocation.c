/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A run allocates nothing: every allocation of the process is counted. */
#include <stdlib.h>

#include "engine/allocation-fixture.h"
#include "engine/openblas-fixture.h"

typedef struct {
  GantryComponent parent_instance;
} Rated;

typedef GantryComponentClass RatedClass;

GType rated_get_type (void);

G_DEFINE_TYPE (Rated, rated, gantry_component_get_type ())

static void
rated_class_init (RatedClass *klass)
{
  static const GantryProperty properties[] = { GANTRY_DOUBLE ("rate", 0, 1, 0.1, GANTRY_SCHEDULABLE, "", "size of a step"), GANTRY_END };

  gantry_component_class_install (klass, properties, sizeof properties[0]);
}

static void
rated_init (Rated *self)
{
}

/* A step of gradient descent with every kind of input. */
static void
build_step (GantryGraph *graph, GantryComponent *component, gsize batch)
{
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (batch, 3, 8, 8), GANTRY_FLOAT32);
  GantryTensor *z = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "z", GANTRY_SHAPE (batch, 3, 64, 64));
  GantryVariable *weight = gantry_graph_variable (graph, "weight", GANTRY_SHAPE (5, 3, 3, 3), GANTRY_FLOAT32, GANTRY_NORMAL (0, 0.1), TRUE);
  GantryVariable *other = gantry_graph_variable (graph, "other", GANTRY_SHAPE (5, 3, 3, 3), GANTRY_FLOAT32, GANTRY_CONSTANT (0), FALSE);
  GantryTensor *w = gantry_graph_read (graph, weight);
  GantryConvolution geometry = { .padding = { 1, 1 } };
  GantryTensor *noise = gantry_mean_axes (gantry_reshape (z, GANTRY_SHAPE (batch, 3, 64, 64)), GANTRY_AXIS (2) | GANTRY_AXIS (3), TRUE);
  GantryTensor *loss = gantry_mean (gantry_softplus (gantry_leaky_relu (gantry_conv2d (gantry_add (x, noise), w, &geometry), 0.2)));

  gantry_graph_assign (graph, weight, gantry_sub (w, gantry_mul (gantry_graph_scalar (graph, component, "rate"), gantry_gradient (loss, w))));
  gantry_graph_assign (graph, other, w);
  gantry_graph_output (graph, "loss", loss);
}

/* On the reference, and on openblas with a batch that it blocks. */
START_TEST (test_run_allocates_nothing)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryComponent) component = g_object_new (rated_get_type (), NULL);
  g_autoptr (GantryBackend) backend = _i == 0 ? g_object_ref (fixture_reference ()) : openblas_open ();
  GantryBackend *backends[] = { backend, fixture_reference () };
  g_autoptr (GantryProgram) program = NULL;
  GantryProgramReport report = { .size = sizeof report };
  GantryRun run = { sizeof run, 0, 0 };
  gboolean done = TRUE;
  gdouble first;
  gint before, after;

  build_step (graph, component, _i == 0 ? 4 : 32);
  program = gantry_program_compile (graph, state, backends, 2, NULL);
  ck_assert_ptr_nonnull (program);
  gantry_program_get_report (program, &report);
  ck_assert_int_eq (report.n_blocked > 0, _i > 0);
  fixture_bind_ramp (program, "x", -1, 0.002);
  /* The first run starts the threads of OpenMP. */
  fixture_run (program, 0, 0);
  first = fixture_output (program, "loss", 0);
  /* Assertions allocate: none in between. */
  before = allocation_count ();
  for (run.step = 1; run.step <= 3; run.step++)
    done = gantry_program_run (program, &run, NULL) && done;
  after = allocation_count ();
  ck_assert (done);
  ck_assert_int_gt (before, 0);
  ck_assert_int_eq (before, after);
  ck_assert_double_lt (fixture_output (program, "loss", 0), first);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("allocation");
  TCase *tcase = tcase_create ("allocation");

  if (!allocation_start ())
    return EXIT_FAILURE;
  tcase_add_loop_test (tcase, test_run_allocates_nothing, 0, ALLOCATION_N_BACKENDS);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
