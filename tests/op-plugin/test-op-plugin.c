/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An op that another plugin brings: found, applied by a loss, differentiated twice, computed by what the first backend leaves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/plugin-folder.h"
#include "engine/engine-fixture.h"

static gchar *folder;

static void
link_module (const gchar *kind, const gchar *module)
{
  g_autofree gchar *parent = g_build_filename (folder, kind, NULL), *path = plugin_folder_path (folder, kind, "softsign");
  g_autofree gchar *file = g_strconcat (module, ".so", NULL);
  g_autofree gchar *target = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "op-plugin", ".libs", file, NULL);

  g_mkdir_with_parents (parent, 0700);
  ck_assert_int_eq (symlink (target, path), 0);
}

static void
set_up (void)
{
  folder = plugin_folder_new ();
  link_module ("op", "softsign");
  link_module ("loss", "softsign-loss");
  gantry_registry_prepend_folder (gantry_registry_get_default (), folder);
}

static void
tear_down (void)
{
  plugin_folder_free (folder);
}

/* A loss of five samples, the gradient by its logits, and the gradient of the sum of that gradient's cubes: cubes, since a sum of
   squares would not see a wrong sign. */
static GantryGraph *
build (GantryDType dtype)
{
  GantryGraph *graph = gantry_graph_new (dtype);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryComponent) component = gantry_registry_create (gantry_registry_get_default (), "loss", "softsign", NULL, &error);
  GantryTensor *real = gantry_graph_feed (graph, "real", GANTRY_SHAPE (5), dtype);
  GantryTensor *fake = gantry_graph_feed (graph, "fake", GANTRY_SHAPE (5), dtype);
  GantryLossInput in = { { graph, component, NULL }, sizeof in, real, fake, NULL, NULL, NULL, NULL };
  GantryTensor *loss, *slope;

  ck_assert_msg (component != NULL, "%s", error != NULL ? error->message : "");
  loss = gantry_square (gantry_loss_discriminator (GANTRY_LOSS (component), &in));
  slope = gantry_gradient (loss, fake);
  gantry_graph_output (graph, "loss", loss);
  gantry_graph_output (graph, "slope", slope);
  gantry_graph_output (graph, "cubes", gantry_sum (gantry_mul (slope, gantry_square (slope))));
  gantry_graph_output (graph, "bend", gantry_gradient (gantry_graph_find_output (graph, "cubes"), fake));
  ck_assert_msg (gantry_graph_finish (graph, &error), "%s", error != NULL ? error->message : "");
  return graph;
}

static const gdouble real_values[] = { 0.3, -1.2, 2.5, 0.1, -0.7 };
static const gdouble fake_values[] = { -0.4, 0.9, -2.1, 1.6, 0.05 };

static GantryProgram *
compile (GantryGraph *graph, const gchar *const *names, GantryState *state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backends = gantry_backends_open (gantry_registry_get_default (), names, &error);
  GantryProgram *program;

  ck_assert_msg (backends != NULL, "%s", error != NULL ? error->message : "");
  program = gantry_program_compile (graph, state, (GantryBackend *const *) backends->pdata, backends->len, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  fixture_bind (program, "real", real_values);
  fixture_bind (program, "fake", fake_values);
  return program;
}

static gdouble
softsign (gdouble x)
{
  return x / (1 + fabs (x));
}

static void
check_values (GantryProgram *program, gdouble tolerance)
{
  gdouble difference = 0;

  fixture_run (program, 0, 0);
  for (guint i = 0; i < 5; i++)
    difference += (softsign (fake_values[i]) - softsign (real_values[i])) / 5;
  ck_assert_double_eq_tol (fixture_output (program, "loss", 0), difference * difference, tolerance);
  for (guint i = 0; i < 5; i++)
    ck_assert_double_eq_tol (fixture_output (program, "slope", i), 2 * difference / 5 / pow (1 + fabs (fake_values[i]), 2), tolerance);
}

/* d SCALAR / d fake by central differences. */
static void
check_differences (GantryProgram *program, const gchar *scalar, const gchar *gradient)
{
  const gdouble step = 1e-5;
  GantryArray *fake = gantry_program_get_input (program, "fake");

  for (guint i = 0; i < 5; i++)
    {
      gdouble above, below, found;

      gantry_array_set_double (fake, i, fake_values[i] + step);
      fixture_run (program, 0, 0);
      above = fixture_output (program, scalar, 0);
      gantry_array_set_double (fake, i, fake_values[i] - step);
      fixture_run (program, 0, 0);
      below = fixture_output (program, scalar, 0);
      gantry_array_set_double (fake, i, fake_values[i]);
      fixture_run (program, 0, 0);
      found = fixture_output (program, gradient, i);
      ck_assert_double_eq_tol (found, (above - below) / (2 * step), 1e-8);
    }
}

static const gchar *const lists[][3] = { { "reference", NULL }, { "openblas", "reference", NULL } };

START_TEST (differentiated_twice)
{
  g_autoptr (GantryGraph) graph = build (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (graph, lists[_i], state);

  check_values (program, 1e-14);
  check_differences (program, "loss", "slope");
  check_differences (program, "cubes", "bend");
}
END_TEST

START_TEST (computed_in_float32)
{
  g_autoptr (GantryGraph) graph = build (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (graph, lists[_i], state);

  check_values (program, 1e-6);
}
END_TEST

/* Openblas does not know the op: its own kernel runs, and the rest of the graph stays with openblas. */
START_TEST (falls_through)
{
  g_autoptr (GantryGraph) graph = build (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (graph, lists[1], state);
  GantryProgramReport report = { .size = sizeof report };
  guint n = 0;

  gantry_program_get_report (program, &report);
  for (guint i = 0; i < report.n_kernels; i++)
    {
      const gchar *kernel, *backend;
      GantryTensor *tensor = gantry_program_get_kernel (program, i, &kernel, &backend);

      if (strcmp (gantry_tensor_get_op_name (tensor), "softsign") != 0)
        continue;
      ck_assert_str_eq (backend, "reference");
      ck_assert_str_eq (kernel, "softsign");
      ck_assert_double_eq (gantry_tensor_get_flops (tensor), 15);
      n++;
    }
  ck_assert_uint_eq (n, 2);
  ck_assert_uint_eq (report.n_fall_throughs, 2);
  ck_assert_uint_gt (report.n_kernels, 2);
}
END_TEST

/* Plain or simplified, the numbers are the same; the same op of the same tensor is computed once. */
START_TEST (compiler_takes_it_as_any_other)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (3), GANTRY_FLOAT64);
  GantryTensor *wide = gantry_broadcast_to (x, GANTRY_SHAPE (2, 3));
  GantryTensor *a = gantry_apply_op ("softsign", &wide, 1, NULL, 0, NULL, 0), *b = gantry_apply_op ("softsign", &wide, 1, NULL, 0, NULL, 0);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", gantry_add (a, b));
  program = fixture_compile (graph, state);
  ck_assert_uint_eq (fixture_count_kernels (program, "softsign"), 1);
  fixture_bind (program, "x", (const gdouble[]) { -3, 0, 1 });
  fixture_run (program, 0, 0);
  for (guint i = 0; i < 6; i++)
    ck_assert_double_eq (fixture_output (program, "y", i), 2 * softsign ((const gdouble[]) { -3, 0, 1 }[i % 3]));
}
END_TEST

START_TEST (found_by_name)
{
  GantryRegistry *registry = gantry_registry_get_default ();
  g_autoptr (GError) error = NULL;
  const GantryOp *op = gantry_registry_find_op (registry, "softsign", &error);

  ck_assert_msg (op != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (op->name, "softsign");
  ck_assert_ptr_eq (gantry_registry_find_op (registry, "softsign", NULL), op);
  ck_assert_ptr_eq (gantry_registry_find_op (registry, "conv2d", NULL), gantry_op_find ("conv2d"));
  ck_assert_ptr_null (gantry_op_find ("softsign"));
  ck_assert_ptr_null (gantry_registry_find_op (registry, "softsing", &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no op is called 'softsing' (did you mean 'softsign'?)");
  g_clear_error (&error);
  ck_assert_ptr_null (gantry_registry_find_op (registry, "con2d", &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no op is called 'con2d' (did you mean 'conv2d'?)");
}
END_TEST

/* An op that is not there sticks to the graph, with the place that wanted it. */
START_TEST (missing_sticks)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32), *y;
  g_autoptr (GError) error = NULL;

  gantry_graph_push_label (graph, "loss/mine");
  y = gantry_apply_op ("softsing", &x, 1, NULL, 0, NULL, 0);
  gantry_graph_pop (graph);
  ck_assert (gantry_tensor_is_poisoned (y));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (y), GANTRY_SHAPE (2, 3)));
  ck_assert (!gantry_graph_finish (graph, &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "loss/mine: no op is called 'softsing' (did you mean 'softsign'?)");
}
END_TEST

/* The op's own shape rule speaks in the graph's voice. */
START_TEST (shape_rule_refuses)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *x = gantry_fill (graph, GANTRY_SHAPE (3), GANTRY_INT64, 1);
  g_autoptr (GError) error = NULL;

  gantry_apply_op ("softsign", &x, 1, NULL, 0, NULL, 0);
  ck_assert (!gantry_graph_finish (graph, &error));
  assert_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "softsign: int64 with 0 attributes, float32 or float64 and none are needed");
}
END_TEST

START_TEST (wrong_number_of_inputs)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *x = gantry_constant (graph, 1);
  g_autoptr (GError) error = NULL;

  gantry_apply_op ("softsign", (GantryTensor *[]) { x, x }, 2, NULL, 0, NULL, 0);
  ck_assert (!gantry_graph_finish (graph, &error));
  assert_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "softsign: 2 inputs, 1 are needed");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("op-plugin");
  TCase *tcase = tcase_create ("op-plugin");

  gantry_init ();
  tcase_add_unchecked_fixture (tcase, set_up, tear_down);
  tcase_add_loop_test (tcase, differentiated_twice, 0, G_N_ELEMENTS (lists));
  tcase_add_loop_test (tcase, computed_in_float32, 0, G_N_ELEMENTS (lists));
  tcase_add_test (tcase, falls_through);
  tcase_add_test (tcase, compiler_takes_it_as_any_other);
  tcase_add_test (tcase, found_by_name);
  tcase_add_test (tcase, missing_sticks);
  tcase_add_test (tcase, shape_rule_refuses);
  tcase_add_test (tcase, wrong_number_of_inputs);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
