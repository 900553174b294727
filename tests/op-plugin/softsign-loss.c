/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A loss on an op of another plugin: critics that are bounded.  D: E[s(D(G(z)))] - E[s(D(x))];  G: -E[s(D(G(z)))]. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (SoftsignLoss, softsign_loss, GANTRY_TYPE_LOSS)

static const GantryProperty softsign_loss_properties[] = { GANTRY_END };

static GantryTensor *
score (GantryTensor *logits)
{
  return gantry_mean (gantry_apply_op ("softsign", &logits, 1, NULL, 0, NULL, 0));
}

static GantryTensor *
softsign_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_sub (score (in->fake_logits), score (in->real_logits));
}

static GantryTensor *
softsign_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_neg (score (in->fake_logits));
}

static void
softsign_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = softsign_loss_discriminator;
  iface->generator = softsign_loss_generator;
}

GANTRY_PLUGIN (SoftsignLoss, softsign_loss, loss, "softsign", "1.0", "Means of bounded logits")
