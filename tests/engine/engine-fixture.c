/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine-fixture.h"

#include <string.h>

GantryBackend *
fixture_reference (void)
{
  static GantryBackend *backend = NULL;

  if (backend == NULL)
    {
      const gchar *names[] = { "reference", NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) backends = NULL;

      gantry_kind_register ("backend", GANTRY_TYPE_BACKEND);
      backends = gantry_backends_open (gantry_registry_get_default (), names, &error);
      ck_assert_msg (backends != NULL, "%s", error != NULL ? error->message : "");
      backend = g_object_ref (g_ptr_array_index (backends, 0));
    }
  return backend;
}

GantryProgram *
fixture_compile_full (GantryGraph *graph, GantryState *state, GantryCompileFlags flags)
{
  GantryBackend *backends[] = { fixture_reference () };
  g_autoptr (GError) error = NULL;
  GantryProgram *program = gantry_program_compile_full (graph, state, backends, 1, flags, &error);

  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

GantryProgram *
fixture_compile (GantryGraph *graph, GantryState *state)
{
  return fixture_compile_full (graph, state, GANTRY_COMPILE_DEFAULT);
}

void
fixture_run (GantryProgram *program, guint64 step, guint64 sample)
{
  GantryRun run = { sizeof run, step, sample };
  g_autoptr (GError) error = NULL;
  gboolean done = gantry_program_run (program, &run, &error);

  ck_assert_msg (done, "%s", error != NULL ? error->message : "");
}

void
fixture_bind_ramp (GantryProgram *program, const gchar *name, gdouble start, gdouble factor)
{
  GantryArray *array = gantry_program_get_input (program, name);

  ck_assert_ptr_nonnull (array);
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, start + factor * (gdouble) i);
}

void
fixture_bind (GantryProgram *program, const gchar *name, const gdouble *values)
{
  GantryArray *array = gantry_program_get_input (program, name);

  ck_assert_ptr_nonnull (array);
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, values[i]);
}

void
fixture_fill (GantryProgram *program, GantryGraph *graph)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (graph);
  guint32 random = 12345;

  for (guint k = 0; k < inputs->len; k++)
    {
      GantryArray *array = gantry_program_get_input (program, gantry_tensor_get_name (inputs->pdata[k]));

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        {
          random = random * 1664525 + 1013904223;
          gantry_array_set_double (array, i, (random >> 8) * 0x1p-23 - 1);
        }
    }
}

void
fixture_round_factors (GantryProgram *program)
{
  static const gchar *const names[] = { "x", "w", "dy" };

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      GantryArray *array = gantry_program_get_input (program, names[k]);
      guint32 *bits = gantry_array_get_data (array);

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        bits[i] = (bits[i] + 0x7fff + ((bits[i] >> 16) & 1)) & 0xffff0000;
    }
  fixture_run (program, 0, 0);
}

gdouble
fixture_output (GantryProgram *program, const gchar *name, gsize i)
{
  GantryArray *array = gantry_program_get_output (program, name);

  ck_assert_ptr_nonnull (array);
  return gantry_array_get_double (array, i);
}

guint
fixture_count_kernels (GantryProgram *program, const gchar *op_name)
{
  guint n = 0;

  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    n += strcmp (gantry_tensor_get_op_name (gantry_program_get_kernel (program, i, NULL, NULL)), op_name) == 0;
  return n;
}

void
fixture_set (GantryState *state, const gchar *name, gdouble value)
{
  GantryArray *array = gantry_state_get (state, name);

  ck_assert_ptr_nonnull (array);
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, value);
}

gdouble
fixture_get (GantryState *state, const gchar *name, gsize i)
{
  GantryArray *array = gantry_state_get (state, name);

  ck_assert_ptr_nonnull (array);
  return gantry_array_get_double (array, i);
}

int
fixture_main (Suite *suite)
{
  SRunner *runner = srunner_create (suite);
  int failed;

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
