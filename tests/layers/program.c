/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/model.h"

GantryProgram *
model_compile (GantryGraph *graph, GantryState *state)
{
  return model_compile_for (graph, state, "reference");
}

GantryProgram *
model_compile_for (GantryGraph *graph, GantryState *state, const gchar *name)
{
  g_autoptr (GError) error = NULL;
  GantryBackend *backends[] = { model_create ("backend", name, NULL), model_create ("backend", "reference", NULL) };
  GantryProgram *program;

  ck_assert_msg (gantry_graph_finish (graph, &error), "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    ck_assert_msg (gantry_backend_open (backends[i], &error), "%s", error != NULL ? error->message : "");
  program = gantry_program_compile (graph, state, backends, G_N_ELEMENTS (backends), &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    g_object_unref (backends[i]);
  return program;
}

void
model_bind (GantryProgram *program, const gchar *name, const gdouble *values)
{
  GantryArray *array = gantry_program_get_input (program, name);

  ck_assert_ptr_nonnull (array);
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, values[i]);
}

void
model_run (GantryProgram *program)
{
  const GantryRun run = { .size = sizeof run };
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_program_run (program, &run, &error), "%s", error != NULL ? error->message : "");
}

gdouble
model_output (GantryProgram *program, const gchar *name, gsize i)
{
  GantryArray *array = gantry_program_get_output (program, name);

  ck_assert_ptr_nonnull (array);
  return gantry_array_get_double (array, i);
}

void
model_set (GantryState *state, const gchar *name, const gdouble *values)
{
  GantryArray *array = gantry_state_get (state, name);

  ck_assert_ptr_nonnull (array);
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, values[i]);
}

gdouble
model_get (GantryState *state, const gchar *name, gsize i)
{
  GantryArray *array = gantry_state_get (state, name);

  ck_assert_msg (array != NULL, "no variable `%s`", name);
  return gantry_array_get_double (array, i);
}
