/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiling and running: inputs, outputs, scalars, errors, reports. */
#include <math.h>
#include <string.h>

#include "engine/engine-fixture.h"

typedef struct {
  GantryComponent parent_instance;
} Scheduled;

typedef GantryComponentClass ScheduledClass;

GType scheduled_get_type (void);

G_DEFINE_TYPE (Scheduled, scheduled, gantry_component_get_type ())

static void
scheduled_class_init (ScheduledClass *klass)
{
  static const GantryProperty properties[] = {
    GANTRY_DOUBLE ("margin", 0, 100, 1, GANTRY_SCHEDULABLE, "logits", "distance from the boundary"),
    GANTRY_INT ("width", 1, 4096, 64, 0, "channels", "channels of the widest layer"),
    GANTRY_BOOL ("bias", TRUE, 0, "whether there is a bias"),
    GANTRY_END
  };

  gantry_component_class_install (klass, properties, sizeof properties[0]);
}

static void
scheduled_init (Scheduled *self)
{
}

/* A size that cannot be had is an answer, not the end, under the address sanitizer too. */
GANTRY_API const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "allocator_may_return_null=1";
}

START_TEST (test_runs)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT64);
  GantryVariable *weight = gantry_graph_variable (graph, "weight", GANTRY_SHAPE (3, 2), GANTRY_FLOAT64, GANTRY_CONSTANT (2), TRUE);
  GantryTensor *y = gantry_matmul (x, gantry_graph_read (graph, weight));
  GantryTensor *loss = gantry_mean (gantry_square (y));
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", y);
  gantry_graph_output (graph, "loss", loss);
  gantry_graph_output (graph, "gradient", gantry_gradient (loss, gantry_graph_read (graph, weight)));
  program = fixture_compile (graph, state);
  fixture_bind_ramp (program, "x", 1, 1);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "y", 0), 12);
  ck_assert_double_eq (fixture_output (program, "y", 3), 30);
  ck_assert_double_eq_tol (fixture_output (program, "loss", 0), (144 + 900) / 2., 1e-12);
  /* d/dw = x^T y / 2 */
  ck_assert_double_eq_tol (fixture_output (program, "gradient", 0), (1 * 12 + 4 * 30) / 2., 1e-12);
  ck_assert_double_eq_tol (fixture_output (program, "gradient", 5), (3 * 12 + 6 * 30) / 2., 1e-12);
  ck_assert_ptr_null (gantry_program_get_output (program, "z"));
}
END_TEST

/* One tensor under two names, a view, an input, a variable and a constant: all are outputs like any other. */
START_TEST (test_outputs_of_all_kinds)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 2), GANTRY_FLOAT64);
  GantryTensor *y = gantry_exp (x);
  GantryVariable *v = gantry_graph_variable (graph, "v", GANTRY_SHAPE (2), GANTRY_FLOAT64, GANTRY_CONSTANT (5), FALSE);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "first", y);
  gantry_graph_output (graph, "second", y);
  gantry_graph_output (graph, "flat", gantry_reshape (y, GANTRY_SHAPE (4)));
  gantry_graph_output (graph, "x", x);
  gantry_graph_output (graph, "v", gantry_graph_read (graph, v));
  gantry_graph_output (graph, "ones", gantry_ones_like (x));
  gantry_graph_output (graph, "more", gantry_offset (y, 1));
  program = fixture_compile (graph, state);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 2);
  fixture_bind_ramp (program, "x", 0, 1);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < 4; i++)
    {
      ck_assert_double_eq (fixture_output (program, "first", i), exp (i));
      ck_assert_double_eq (fixture_output (program, "second", i), exp (i));
      ck_assert_double_eq (fixture_output (program, "flat", i), exp (i));
      ck_assert_double_eq (fixture_output (program, "x", i), i);
      ck_assert_double_eq (fixture_output (program, "ones", i), 1);
      ck_assert_double_eq (fixture_output (program, "more", i), exp (i) + 1);
    }
  ck_assert_double_eq (fixture_output (program, "v", 1), 5);
  ck_assert_uint_eq (gantry_array_get_shape (gantry_program_get_output (program, "flat"))->n_dims, 1);
}
END_TEST

START_TEST (test_unbound)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "image", GANTRY_SHAPE (2), GANTRY_FLOAT32);
  GantryVariable *v = gantry_graph_variable (graph, "v", GANTRY_SHAPE (2), GANTRY_FLOAT32, GANTRY_CONSTANT (0), FALSE);
  const gdouble values[] = { 1, 2, 3 };
  g_autoptr (GantryArray) fits = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (2), values);
  g_autoptr (GantryArray) does_not = gantry_array_new_from_doubles (GANTRY_FLOAT32, GANTRY_SHAPE (3), values);
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  GantryRun run = { sizeof run, 0, 0 };

  gantry_graph_feed (graph, "unused", GANTRY_SHAPE (4), GANTRY_FLOAT32);
  gantry_graph_assign (graph, v, gantry_offset (x, 1));
  program = fixture_compile (graph, state);
  ck_assert (!gantry_program_run (program, &run, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "'image' is not bound");
  ck_assert_double_eq (fixture_get (state, "v", 0), 0);
  g_clear_error (&error);
  ck_assert (!gantry_program_bind (program, "imag", fits, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "nearest is 'image'");
  g_clear_error (&error);
  ck_assert (!gantry_program_bind (program, "image", does_not, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "input image");
  g_clear_error (&error);
  ck_assert (gantry_program_bind (program, "image", fits, NULL));
  ck_assert (gantry_program_run (program, &run, NULL));
  ck_assert_double_eq (fixture_get (state, "v", 1), 3);
  ck_assert (gantry_program_bind (program, "image", NULL, NULL));
  ck_assert (!gantry_program_run (program, &run, NULL));
  /* What nothing reads may be bound, and need not be. */
  ck_assert_uint_eq (gantry_array_get_size (gantry_program_get_input (program, "unused")), 4);
  ck_assert_ptr_null (gantry_program_get_input (program, "nothing"));
}
END_TEST

START_TEST (test_random_binding)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *z = gantry_graph_random (graph, GANTRY_INPUT_UNIFORM, "z", GANTRY_SHAPE (3, 2));
  GantryTensor *same = gantry_graph_random (graph, GANTRY_INPUT_UNIFORM, "z", GANTRY_SHAPE (3, 2));
  const gdouble values[] = { 1, 2, 3, 4, 5, 6 };
  g_autoptr (GantryArray) array = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (3, 2), values);
  g_autoptr (GantryProgram) program = NULL;
  gdouble drawn;

  gantry_graph_output (graph, "z", z);
  gantry_graph_output (graph, "same", same);
  program = fixture_compile (graph, state);
  fixture_run (program, 0, 0);
  drawn = fixture_output (program, "z", 0);
  ck_assert_double_ne (drawn, fixture_output (program, "same", 0));
  ck_assert (gantry_program_bind (program, "z", array, NULL));
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "z", 5), 6);
  fixture_run (program, 1, 0);
  ck_assert_double_eq (fixture_output (program, "z", 5), 6);
  ck_assert (gantry_program_bind (program, "z", NULL, NULL));
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "z", 0), drawn);
  fixture_run (program, 1, 0);
  ck_assert_double_ne (fixture_output (program, "z", 0), drawn);
  gantry_state_set_seed (state, 2);
  fixture_run (program, 0, 0);
  ck_assert_double_ne (fixture_output (program, "z", 0), drawn);
}
END_TEST

START_TEST (test_scalar_moves)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryComponent) component = g_object_new (scheduled_get_type (), NULL);
  const gdouble seven = 7;
  g_autoptr (GantryArray) array = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SCALAR, &seven);
  GantryTensor *margin = gantry_graph_scalar (graph, component, "margin");
  g_autofree gchar *name = g_strdup (gantry_tensor_get_name (margin));
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "double", gantry_scale (margin, 2));
  gantry_graph_output (graph, "width", gantry_graph_scalar (graph, component, "width"));
  gantry_graph_output (graph, "bias", gantry_graph_scalar (graph, component, "bias"));
  program = fixture_compile (graph, state);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "double", 0), 2);
  ck_assert_double_eq (fixture_output (program, "width", 0), 64);
  ck_assert_double_eq (fixture_output (program, "bias", 0), 1);
  g_object_set (component, "margin", 0.25, NULL);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "double", 0), 0.5);
  ck_assert (gantry_program_bind (program, name, array, NULL));
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "double", 0), 14);
  ck_assert (gantry_program_bind (program, name, NULL, NULL));
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "double", 0), 0.5);
}
END_TEST

START_TEST (test_sticky_error)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *a = gantry_graph_feed (graph, "a", GANTRY_SHAPE (2), GANTRY_FLOAT32);
  GantryTensor *b = gantry_graph_feed (graph, "b", GANTRY_SHAPE (3), GANTRY_FLOAT32);
  GantryBackend *backends[] = { fixture_reference () };
  g_autoptr (GError) error = NULL;

  gantry_graph_output (graph, "y", gantry_add (a, b));
  ck_assert_ptr_null (gantry_program_compile (graph, state, backends, 1, &error));
  assert_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "[2]");
}
END_TEST

START_TEST (test_state_does_not_fit)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryBackend *backends[] = { fixture_reference () };
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (3));
  g_autoptr (GError) error = NULL;

  gantry_state_set (state, "w", array, NULL);
  gantry_graph_variable (graph, "w", GANTRY_SHAPE (2), GANTRY_FLOAT32, GANTRY_CONSTANT (0), TRUE);
  ck_assert_ptr_null (gantry_program_compile (graph, state, backends, 1, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "variable w: expected shape [2], found [3]");
}
END_TEST

START_TEST (test_no_memory)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  const gsize many = (gsize) 1 << 25;
  GantryTensor *a = gantry_graph_feed (graph, "a", GANTRY_SHAPE (many, 1), GANTRY_FLOAT32);
  GantryTensor *b = gantry_graph_feed (graph, "b", GANTRY_SHAPE (1, many), GANTRY_FLOAT32);
  GantryBackend *backends[] = { fixture_reference () };
  g_autoptr (GError) error = NULL;

  gantry_graph_output (graph, "y", gantry_sum (gantry_exp (gantry_mul (a, b))));
  ck_assert_ptr_null (gantry_program_compile (graph, state, backends, 1, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "4503599627370496 bytes of workspace");
}
END_TEST

START_TEST (test_report)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (4, 8), GANTRY_FLOAT32);
  GantryVariable *used = gantry_graph_variable (graph, "used", GANTRY_SHAPE (8, 16), GANTRY_FLOAT32, GANTRY_CONSTANT (1), TRUE);
  GantryTensor *y = gantry_matmul (x, gantry_graph_read (graph, used));
  GantryProgramReport report = { .size = sizeof report }, short_report = { .size = G_STRUCT_OFFSET (GantryProgramReport, flops), .flops = -1 };
  g_autoptr (GantryProgram) program = NULL;
  const gchar *kernel, *backend;

  gantry_graph_read (graph, gantry_graph_variable (graph, "unused", GANTRY_SHAPE (99), GANTRY_FLOAT32, GANTRY_CONSTANT (1), TRUE));
  gantry_graph_output (graph, "y", gantry_sum (gantry_tanh (y)));
  program = fixture_compile (graph, state);
  gantry_program_get_report (program, &report);
  ck_assert_uint_eq (report.n_tensors, gantry_graph_get_n_tensors (graph));
  ck_assert_uint_eq (report.n_kernels, 3);
  ck_assert_double_ge (report.flops, 2 * 4 * 8 * 16);
  ck_assert_double_le (report.flops, 2 * 4 * 8 * 16 + 2 * 4 * 16 + 1);
  ck_assert_uint_eq (report.variables, 8 * 16 * 4);
  /* tanh lies on the product, and the sum in the output. */
  ck_assert_uint_eq (report.workspace, 4 * 16 * 4);
  ck_assert_uint_eq (report.n_fall_throughs, 0);
  gantry_program_get_report (program, &short_report);
  ck_assert_uint_eq (short_report.n_kernels, 3);
  ck_assert_double_eq (short_report.flops, -1);
  ck_assert_str_eq (gantry_tensor_get_op_name (gantry_program_get_kernel (program, 0, &kernel, &backend)), "matmul");
  ck_assert_str_eq (kernel, "matmul");
  ck_assert_str_eq (backend, "reference");
  ck_assert_ptr_nonnull (gantry_state_get (state, "unused"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("program");
  TCase *tcase = tcase_create ("program");

  tcase_add_test (tcase, test_runs);
  tcase_add_test (tcase, test_outputs_of_all_kinds);
  tcase_add_test (tcase, test_unbound);
  tcase_add_test (tcase, test_random_binding);
  tcase_add_test (tcase, test_scalar_moves);
  tcase_add_test (tcase, test_sticky_error);
  tcase_add_test (tcase, test_state_does_not_fit);
  tcase_add_test (tcase, test_no_memory);
  tcase_add_test (tcase, test_report);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
