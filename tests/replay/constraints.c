/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `regularizers`, where there is no critic: what is done to gradients before a step, and to parameters after it. */
#include "replay/settings.h"

/* out.NAME: what the regularizer makes of param.NAME. */
gboolean
replay_constraint (Replay *self, GError **error)
{
  g_autoptr (GPtrArray) regularizers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  GantryComponent *component = settings_create (self, "regularizer", self->item->subject, TRUE, error);

  if (component == NULL)
    return FALSE;
  g_ptr_array_add (regularizers, component);
  if (!settings_apply (self, &component, 1, NULL, error))
    return FALSE;
  gantry_graph_push_scope (self->graph, "net");
  for (guint i = 0; self->item->parameters[i] != NULL; i++)
    {
      const gchar *name = self->item->parameters[i] + strlen ("param.");
      const GantryShape *shape = gantry_array_get_shape (case_get_tensor (self->item, self->item->parameters[i]));
      GantryVariable *variable = gantry_graph_variable (self->graph, name, shape, self->setup->dtype, GANTRY_CONSTANT (0), TRUE);

      replay_hold (self, self->item->parameters[i], variable->name);
      g_ptr_array_add (variables, variable);
    }
  gantry_graph_pop (self->graph);
  gantry_regularizers_constrain (regularizers, self->graph, GANTRY_SIDE_DISCRIMINATOR, variables);
  for (guint i = 0; i < variables->len; i++)
    replay_set_output (self, self->item->parameters[i] + strlen ("param."), gantry_graph_read (self->graph, variables->pdata[i]));
  return replay_evaluate (self, error);
}

/* out.NAME: the clipped gradient x.NAME. */
gboolean
replay_clipping (Replay *self, GError **error)
{
  const guint n = g_strv_length (self->item->inputs);
  g_autofree GantryTensor **gradients = g_new0 (GantryTensor *, n + 1);
  const gdouble max_norm = settings_get_double (self, "max_norm");
  const gdouble epsilon = settings_get_double (self, "epsilon");

  if (n == 0 || !settings_check_all_seen (self, error))
    return n > 0 ? FALSE : settings_fail (error, "the case gives no gradients");
  for (guint i = 0; i < n; i++)
    gradients[i] = replay_value (self, self->item->inputs[i]);
  replay_set_output (self, "total_norm", gantry_clip_gradients (gradients, n, max_norm, epsilon));
  for (guint i = 0; i < n; i++)
    replay_set_output (self, self->item->inputs[i] + strlen ("x."), gradients[i]);
  return replay_evaluate (self, error);
}
