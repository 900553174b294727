/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One case being replayed: its tensors, its outputs, its gradients. */
#include "replay/replay.h"

Replay *
replay_new (Case *item, const Setup *setup)
{
  Replay *self = g_new0 (Replay, 1);

  self->item = item;
  self->setup = setup;
  self->graph = gantry_graph_new (setup->dtype);
  self->state = gantry_state_new (0);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->draws = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->outputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->after = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gantry_array_unref);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
replay_free (Replay *self)
{
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->draws);
  g_hash_table_unref (self->variables);
  g_hash_table_unref (self->outputs);
  g_hash_table_unref (self->after);
  g_hash_table_unref (self->results);
  g_hash_table_unref (self->seen);
  g_object_unref (self->graph);
  g_object_unref (self->state);
  g_free (self);
}

gboolean
replay_has (Replay *self, const gchar *name)
{
  return case_get_tensor (self->item, name) != NULL;
}

GantryTensor *
replay_try_value (Replay *self, const gchar *name)
{
  GantryTensor *tensor = g_hash_table_lookup (self->values, name);
  GantryArray *array = case_get_tensor (self->item, name);

  if (tensor != NULL || array == NULL)
    return tensor;
  tensor = gantry_graph_feed (self->graph, name, gantry_array_get_shape (array),
                              gantry_dtype_is_float (gantry_array_get_dtype (array)) ? self->setup->dtype : gantry_array_get_dtype (array));
  g_hash_table_insert (self->values, g_strdup (name), tensor);
  return tensor;
}

GantryTensor *
replay_value (Replay *self, const gchar *name)
{
  GantryTensor *tensor = replay_try_value (self, name);

  if (tensor != NULL)
    return tensor;
  gantry_graph_fail (self->graph, REPLAY_ERROR, REPLAY_ERROR_CASE, "the case has no tensor %s", name);
  return gantry_graph_poison (self->graph, GANTRY_SCALAR, self->setup->dtype);
}

void
replay_bind_draws (Replay *self, const gchar *prefix)
{
  for (guint i = 0; self->item->inputs[i] != NULL; i++)
    {
      g_autofree gchar *input = g_strconcat (prefix, strchr (self->item->inputs[i], '.'), NULL);

      if (gantry_graph_find_input (self->graph, input) != NULL)
        g_hash_table_insert (self->draws, g_steal_pointer (&input), g_strdup (self->item->inputs[i]));
    }
}

void
replay_hold (Replay *self, const gchar *name, const gchar *variable)
{
  g_hash_table_insert (self->variables, g_strdup (name), g_strdup (variable));
}

static const gchar *
strip (const gchar *name, const gchar *prefix)
{
  return g_str_has_prefix (name, prefix) ? name + strlen (prefix) : NULL;
}

gboolean
replay_hold_all (Replay *self, const gchar *network, GError **error)
{
  gchar **roles[] = { self->item->parameters, self->item->buffers };
  static const gchar *const prefixes[] = { "param.", "buffer." };

  for (guint role = 0; role < G_N_ELEMENTS (roles); role++)
    for (guint i = 0; roles[role][i] != NULL; i++)
      {
        const gchar *name = strip (roles[role][i], prefixes[role]);
        g_autofree gchar *variable = g_strdup_printf ("%s.%s", network, name);

        if (gantry_graph_find_variable (self->graph, variable) == NULL)
          {
            g_set_error (error, REPLAY_ERROR, REPLAY_ERROR_CASE, "the network has no variable for %s", roles[role][i]);
            return FALSE;
          }
        replay_hold (self, roles[role][i], variable);
      }
  return TRUE;
}

GantryArray *
replay_convert (Replay *self, GantryArray *array)
{
  return gantry_array_convert (array, gantry_dtype_is_float (gantry_array_get_dtype (array)) ? self->setup->dtype : gantry_array_get_dtype (array));
}

gboolean
replay_fill_state (Replay *self, GError **error)
{
  GHashTableIter iter;
  gpointer name, variable;

  g_hash_table_iter_init (&iter, self->variables);
  while (g_hash_table_iter_next (&iter, &name, &variable))
    {
      GantryArray *array = case_get_tensor (self->item, name);

      if (array == NULL)
        {
          g_set_error (error, REPLAY_ERROR, REPLAY_ERROR_CASE, "the case has no tensor %s", (const gchar *) name);
          return FALSE;
        }
      if (!gantry_state_set (self->state, variable, array, error))
        return FALSE;
    }
  return TRUE;
}

const gchar *const *
replay_list_outputs (Replay *self)
{
  return (const gchar *const *) self->item->outputs;
}

void
replay_set_output (Replay *self, const gchar *name, GantryTensor *tensor)
{
  g_hash_table_insert (self->outputs, g_strconcat ("out.", name, NULL), tensor);
}

static gboolean
is_derived (const gchar *output)
{
  return g_str_has_prefix (output, "out.g.") || g_str_equal (output, "out.penalty") || g_str_has_prefix (output, "out.buffer_after.");
}

void
replay_set_only_output (Replay *self, GantryTensor *tensor)
{
  gchar **outputs = self->item->outputs;

  for (guint i = 0; outputs[i] != NULL; i++)
    if (!is_derived (outputs[i]))
      {
        replay_set_output (self, outputs[i] + strlen ("out."), tensor);
        return;
      }
}

void
replay_set_after (Replay *self, const gchar *name, const gchar *variable)
{
  g_hash_table_insert (self->after, g_strconcat ("out.buffer_after.", name, NULL), g_strdup (variable));
}

void
replay_set_result (Replay *self, const gchar *name, GantryArray *array)
{
  g_hash_table_insert (self->results, g_strdup (name), gantry_array_copy (array));
}

GantryTensor *
replay_get_target (Replay *self, const gchar *name)
{
  const gchar *variable = g_hash_table_lookup (self->variables, name);

  if (variable != NULL)
    return gantry_graph_read (self->graph, gantry_graph_find_variable (self->graph, variable));
  return replay_value (self, name);
}

/* S = sum over all K that have a cotangent of sum (out.K * x.cotangent.K) */
static GantryTensor *
weighted_sum (Replay *self)
{
  GantryTensor *sum = NULL;

  for (guint i = 0; self->item->outputs[i] != NULL; i++)
    {
      GantryTensor *output = g_hash_table_lookup (self->outputs, self->item->outputs[i]);
      g_autofree gchar *name = g_strconcat ("x.cotangent.", self->item->outputs[i] + strlen ("out."), NULL);
      GantryTensor *cotangent = output != NULL ? replay_try_value (self, name) : NULL;
      GantryTensor *term;

      if (cotangent == NULL)
        continue;
      term = gantry_sum (gantry_mul (output, cotangent));
      sum = sum != NULL ? gantry_add (sum, term) : term;
    }
  return sum;
}

/* P = sum over the listed g of ||g||^2 */
static GantryTensor *
squared_slope (Replay *self, GantryTensor *sum)
{
  GantryTensor *penalty = NULL;

  for (guint i = 0; self->item->outputs[i] != NULL; i++)
    {
      const gchar *input = strip (self->item->outputs[i], "out.g.");
      g_autofree gchar *name = g_strconcat ("x.", input, NULL);
      GantryTensor *slope, *term;

      if (input == NULL)
        continue;
      slope = gantry_gradient (sum, replay_get_target (self, name));
      g_hash_table_insert (self->outputs, g_strdup (self->item->outputs[i]), slope);
      term = gantry_sum (gantry_square (slope));
      penalty = penalty != NULL ? gantry_add (penalty, term) : term;
    }
  return penalty;
}

gboolean
replay_differentiate (Replay *self, GError **error)
{
  gchar **gradients = self->item->gradients;
  guint n = g_strv_length (gradients);
  g_autofree GantryTensor **targets = g_new0 (GantryTensor *, n + 1);
  g_autofree GantryTensor **slopes = g_new0 (GantryTensor *, n + 1);
  GantryTensor *scalar;

  if (n == 0 && self->item->order == 1)
    return TRUE;
  scalar = weighted_sum (self);
  if (scalar != NULL && self->item->order == 2)
    {
      scalar = squared_slope (self, scalar);
      if (scalar != NULL)
        replay_set_output (self, "penalty", scalar);
    }
  if (scalar == NULL || self->item->order < 1 || self->item->order > 2)
    {
      g_set_error (error, REPLAY_ERROR, REPLAY_ERROR_CASE, "the case gives nothing to differentiate, order %" G_GINT64_FORMAT, self->item->order);
      return FALSE;
    }

  for (guint i = 0; i < n; i++)
    targets[i] = replay_get_target (self, gradients[i] + strlen ("grad."));
  gantry_gradients (scalar, targets, n, slopes);
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (self->outputs, g_strdup (gradients[i]), slopes[i]);
  return TRUE;
}
