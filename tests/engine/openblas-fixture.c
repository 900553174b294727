/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/openblas-fixture.h"

#include <math.h>
#include <omp.h>
#include <string.h>

void
openblas_set_level (guint level)
{
  g_setenv ("GANTRY_CPU", gantry_cpu_level_get_name (level), TRUE);
}

GantryBackend *
openblas_open (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryComponent) component = NULL;

  fixture_reference ();
  component = gantry_registry_create (gantry_registry_get_default (), "backend", "openblas", NULL, &error);
  ck_assert_msg (component != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_msg (gantry_backend_open (GANTRY_BACKEND (component), &error), "%s", error != NULL ? error->message : "");
  return GANTRY_BACKEND (g_steal_pointer (&component));
}

static GantryProgram *
compile (BuildFunc build, gconstpointer data, GantryDType dtype, GantryBackend *backend)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryProgram *program;

  build (graph, data);
  program = gantry_program_compile_full (graph, state, &backend, 1, GANTRY_COMPILE_DEFAULT, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  fixture_fill (program, graph);
  return program;
}

static void
compare (const gchar *name, GantryArray *found, GantryArray *expected, gdouble tolerance)
{
  gdouble largest = 0;

  ck_assert_uint_eq (gantry_array_get_size (found), gantry_array_get_size (expected));
  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    largest = fmax (largest, fabs (gantry_array_get_double (expected, i)));
  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    {
      gdouble a = gantry_array_get_double (found, i), b = gantry_array_get_double (expected, i);

      ck_assert_msg (fabs (a - b) <= tolerance * largest || a == b || (a != a && b != b), "%s[%zu]: %g was expected, %g was found",
                     name, i, b, a);
    }
}

void
openblas_check (BuildFunc build, gconstpointer data, GantryDType dtype)
{
  openblas_check_to (build, data, dtype, dtype == GANTRY_FLOAT32 ? 2e-6 : 1e-12);
}

void
openblas_check_to (BuildFunc build, gconstpointer data, GantryDType dtype, gdouble tolerance)
{
  static const gint threads[] = { 2, 1, 3 };
  g_autoptr (GantryBackend) backend = openblas_open ();
  g_autoptr (GantryProgram) reference = compile (build, data, dtype, fixture_reference ());
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func ((GDestroyNotify) gantry_array_unref);
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_auto (GStrv) names = NULL;

  build (graph, data);
  names = gantry_graph_list_outputs (graph);
  fixture_run (reference, 0, 0);
  omp_set_num_threads (2);
  program = compile (build, data, dtype, backend);
  for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
    {
      omp_set_num_threads (threads[t]);
      fixture_run (program, 0, 0);
      for (guint i = 0; names[i] != NULL; i++)
        {
          GantryArray *output = gantry_program_get_output (program, names[i]);

          if (t == 0)
            {
              compare (names[i], output, gantry_program_get_output (reference, names[i]), tolerance);
              g_ptr_array_add (first, gantry_array_copy (output));
            }
          else
            ck_assert_msg (memcmp (gantry_array_get_data (output), gantry_array_get_data (first->pdata[i]), gantry_array_get_bytes (output)) == 0,
                           "%s: other bits with %d threads", names[i], threads[t]);
        }
    }
}

guint
openblas_count_kernels (BuildFunc build, gconstpointer data)
{
  g_autoptr (GantryBackend) backend = openblas_open ();
  g_autoptr (GantryProgram) program = compile (build, data, GANTRY_FLOAT32, backend);

  return gantry_program_get_n_kernels (program);
}
