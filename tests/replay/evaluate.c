/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the graph of a case to numbers, and from those to a verdict. */
#include <math.h>

#include "replay/replay.h"

GantryProgram *
replay_compile (Replay *self, GError **error)
{
  GHashTableIter iter;
  gpointer name, tensor;
  g_autoptr (GantryProgram) program = NULL;

  g_hash_table_iter_init (&iter, self->outputs);
  while (g_hash_table_iter_next (&iter, &name, &tensor))
    gantry_graph_output (self->graph, name, tensor);
  if (!gantry_graph_finish (self->graph, error))
    return NULL;
  program = gantry_program_compile (self->graph, self->state, (GantryBackend *const *) self->setup->backends->pdata, self->setup->backends->len,
                                    error);
  if (program == NULL || !replay_fill_state (self, error))
    return NULL;
  return g_steal_pointer (&program);
}

/* An input that no output depends on is not in the program. */
static gboolean
bind_value (Replay *self, GantryProgram *program, const gchar *input, const gchar *name, GError **error)
{
  g_autoptr (GantryArray) array = replay_convert (self, case_get_tensor (self->item, name));

  return gantry_program_get_input (program, input) == NULL || gantry_program_bind (program, input, array, error);
}

static gboolean
bind_values (Replay *self, GantryProgram *program, GError **error)
{
  GHashTableIter iter;
  gpointer name, tensor, draw;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &name, &tensor))
    if (!bind_value (self, program, name, name, error))
      return FALSE;
  g_hash_table_iter_init (&iter, self->draws);
  while (g_hash_table_iter_next (&iter, &draw, &name))
    if (!bind_value (self, program, draw, name, error))
      return FALSE;
  return TRUE;
}

gboolean
replay_evaluate (Replay *self, GError **error)
{
  g_autoptr (GantryProgram) program = replay_compile (self, error);
  GantryRun run = { sizeof (GantryRun), 0, 0 };
  GHashTableIter iter;
  gpointer name, value;

  if (program == NULL || !bind_values (self, program, error) || !gantry_program_run (program, &run, error))
    return FALSE;

  g_hash_table_iter_init (&iter, self->outputs);
  while (g_hash_table_iter_next (&iter, &name, &value))
    replay_set_result (self, name, gantry_program_get_output (program, name));
  g_hash_table_iter_init (&iter, self->after);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      GantryArray *array = gantry_state_get (self->state, value);

      if (array != NULL)
        replay_set_result (self, name, array);
    }
  return TRUE;
}

/* How many times over the allowed error the worst element is; infinite where one is not a number. */
static gdouble
compare_tensor (const Case *item, const gchar *name, GantryArray *result, gsize *where)
{
  GantryArray *expected = case_get_tensor (item, name);
  gboolean exact = !gantry_dtype_is_float (gantry_array_get_dtype (expected));
  gdouble atol = case_get_atol (item, name);
  gdouble worst = 0;

  for (gsize i = 0; i < gantry_array_get_size (expected); i++)
    {
      gdouble want = gantry_array_get_double (expected, i), got = gantry_array_get_double (result, i);
      gdouble allowed = exact ? 0 : atol + item->rtol * fabs (want);
      gdouble error = got == want ? 0 : fabs (got - want) / allowed;

      if (isnan (error))
        error = INFINITY;
      if (error > worst)
        {
          worst = error;
          *where = i;
        }
    }
  return worst;
}

static gchar *
say_difference (const Case *item, const gchar *name, GantryArray *result, gsize i)
{
  return g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]: %.9g instead of %.9g", name, i, gantry_array_get_double (result, i),
                          gantry_array_get_double (case_get_tensor (item, name), i));
}

static gboolean
compare_one (Replay *self, const gchar *name, gdouble *worst, gchar **where)
{
  GantryArray *expected = case_get_tensor (self->item, name);
  GantryArray *result = g_hash_table_lookup (self->results, name);
  gsize i = 0;
  gdouble error;

  if (expected == NULL || result == NULL)
    {
      g_free (*where);
      *where = g_strdup_printf (expected == NULL ? "%s is listed, but not in the case's file" : "%s was not produced", name);
      return FALSE;
    }
  if (!gantry_shape_equal (gantry_array_get_shape (expected), gantry_array_get_shape (result)))
    {
      g_autofree gchar *want = gantry_shape_to_string (gantry_array_get_shape (expected));
      g_autofree gchar *got = gantry_shape_to_string (gantry_array_get_shape (result));

      g_free (*where);
      *where = g_strdup_printf ("%s has the shape %s instead of %s", name, got, want);
      return FALSE;
    }
  error = compare_tensor (self->item, name, result, &i);
  if (error > *worst)
    {
      g_free (*where);
      *where = error > 1 ? say_difference (self->item, name, result, i) : NULL;
      *worst = error;
    }
  return TRUE;
}

gboolean
replay_compare (Replay *self, gdouble *worst, gchar **where)
{
  gchar **lists[] = { self->item->outputs, self->item->gradients };
  guint n = 0;

  *worst = 0;
  *where = NULL;
  for (guint list = 0; list < G_N_ELEMENTS (lists); list++)
    for (guint i = 0; lists[list][i] != NULL; i++, n++)
      if (!compare_one (self, lists[list][i], worst, where))
        {
          *worst = INFINITY;
          return FALSE;
        }
  if (n == 0)
    *where = g_strdup ("the case expects nothing");
  return n > 0 && *worst <= 1;
}
