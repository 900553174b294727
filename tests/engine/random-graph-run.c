/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine-fixture.h"
#include "engine/random-graph.h"

#define N_RUNS 2

static void
take (GantryArray *array, GArray *numbers, GArray *ends)
{
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    {
      const gdouble value = gantry_array_get_double (array, i);

      g_array_append_val (numbers, value);
    }
  if (ends != NULL)
    g_array_append_val (ends, numbers->len);
}

GArray *
random_graph_run (GantryGraph *graph, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, GArray *ends, gsize *workspace)
{
  return random_graph_run_within (graph, backends, n_backends, flags, G_MAXSIZE, ends, workspace);
}

GArray *
random_graph_run_within (GantryGraph *graph, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, gsize wanted, GArray *ends,
                         gsize *workspace)
{
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryProgram) program = gantry_program_compile_within (graph, state, backends, n_backends, flags, wanted, &error);
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (graph);
  g_auto (GStrv) outputs = gantry_graph_list_outputs (graph), variables = NULL;
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gdouble));
  GantryProgramReport report = { .size = sizeof report };

  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  variables = gantry_state_list (state);
  for (guint i = 0; i < inputs->len; i++)
    if (gantry_tensor_get_input_kind (g_ptr_array_index (inputs, i)) == GANTRY_INPUT_FEED)
      fixture_bind_ramp (program, gantry_tensor_get_name (g_ptr_array_index (inputs, i)), -0.9 + 0.01 * i, 0.17);
  for (guint run = 0; run < N_RUNS; run++)
    {
      fixture_run (program, run, 0);
      for (guint i = 0; outputs[i] != NULL; i++)
        take (gantry_program_get_output (program, outputs[i]), numbers, ends);
    }
  for (guint i = 0; variables[i] != NULL; i++)
    take (gantry_state_get (state, variables[i]), numbers, ends);
  gantry_program_get_report (program, &report);
  if (workspace != NULL)
    *workspace = report.workspace;
  return numbers;
}

static guint64
read_number (const gchar *text, guint64 least, guint64 most)
{
  g_autoptr (GError) error = NULL;
  guint64 value;

  if (g_ascii_string_to_unsigned (text, 10, least, most, &value, &error))
    return value;
  fprintf (stderr, "random-graphs: %s\n", error->message);
  exit (2);
}

guint32 *
random_graph_choose_seeds (guint n_fixed, guint *n_seeds)
{
  const gchar *one = g_getenv ("GANTRY_TEST_SEED"), *many = one == NULL ? g_getenv ("GANTRY_TEST_SEEDS") : NULL;
  guint32 *seeds;

  *n_seeds = one != NULL ? 1 : many != NULL ? (guint) read_number (many, 1, 1000000) : n_fixed;
  seeds = g_new0 (guint32, *n_seeds);
  for (guint i = 0; i < *n_seeds; i++)
    {
      seeds[i] = one != NULL ? (guint32) read_number (one, 0, G_MAXUINT32) : many != NULL ? g_random_int () : i;
      if (many != NULL)
        printf ("%s%u%s", i == 0 ? "seeds: " : " ", seeds[i], i + 1 == *n_seeds ? "\n" : "");
    }
  fflush (stdout);
  return seeds;
}
