/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `losses`: a loss component over the logits of a case.  A subject is the name of its plugin. */
#include "replay/settings.h"

/* Losses that the project has: without their plugin their cases fail.  Others run where a plugin of the name is found. */
static const gchar *const built[] = { "hinge", "least-squares", "minimax", "non-saturating", "wasserstein", NULL };

static const SettingsKey loss_keys[] = {
  { "scales", NULL, "1" }, /* several discriminators at once */
  { "real_target", NULL, "1" },
  { "drift", NULL, "0" },
  { NULL, NULL, NULL }
};

/* What a match hands to a loss, of that which a case may hold. */
static gboolean
check_inputs (Replay *self, GError **error)
{
  static const gchar *const known[] = { "x.real_logits", "x.fake_logits", NULL };

  for (guint i = 0; self->item->inputs[i] != NULL; i++)
    if (!g_strv_contains (known, self->item->inputs[i]))
      return settings_skip (error, "a match that carries %s is not built", self->item->inputs[i]);
  return TRUE;
}

/* grad.LOSS.T is the gradient of out.LOSS with respect to T. */
static gboolean
differentiate (Replay *self, GError **error)
{
  for (guint i = 0; self->item->gradients[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (self->item->gradients[i], ".", 3);
      g_autofree gchar *output = g_strconcat ("out.", g_strv_length (parts) == 3 ? parts[1] : "", NULL);
      GantryTensor *loss = g_hash_table_lookup (self->outputs, output);

      if (loss == NULL)
        return settings_fail (error, "%s is a gradient of nothing", self->item->gradients[i]);
      g_hash_table_insert (self->outputs, g_strdup (self->item->gradients[i]), gantry_gradient (loss, replay_value (self, parts[2])));
    }
  return TRUE;
}

gboolean
replay_loss (Replay *self, GError **error)
{
  gboolean is_built = g_strv_contains (built, self->item->subject);
  g_autoptr (GantryComponent) loss = settings_create (self, "loss", self->item->subject, is_built, error);
  GantryLossInput in = { { self->graph, loss, NULL }, sizeof in };

  if (loss == NULL || !check_inputs (self, error) || !settings_apply (self, &loss, 1, loss_keys, error))
    return FALSE;
  in.fake_logits = in.fake = replay_value (self, "x.fake_logits");
  replay_set_output (self, "g_loss", gantry_loss_generator (GANTRY_LOSS (loss), &in));
  in.real_logits = in.real = replay_value (self, "x.real_logits");
  replay_set_output (self, "d_loss", gantry_loss_discriminator (GANTRY_LOSS (loss), &in));
  return differentiate (self, error) && replay_evaluate (self, error);
}
