/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loss of the game as it was published, on logits.  D: E[softplus(-D(x))] + E[softplus(D(G(z)))];  G: -E[softplus(D(G(z)))], which is
 * E[log(1 - sigmoid(D(G(z))))] and saturates where the discriminator is sure.  Goodfellow et al. 2014, eq. 1.
 */
#include "logistic.h"

GANTRY_DECLARE_COMPONENT (MinimaxLoss, minimax_loss, GANTRY_TYPE_LOSS)

static const GantryProperty minimax_loss_properties[] = {
  LOGISTIC_PROPERTIES,
  GANTRY_END
};

static GantryTensor *
minimax_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  return logistic_discriminator (in);
}

static GantryTensor *
minimax_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_neg (gantry_mean (gantry_softplus (in->fake_logits)));
}

static void
minimax_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = minimax_loss_discriminator;
  iface->generator = minimax_loss_generator;
  iface->probability = logistic_probability;
}

GANTRY_PLUGIN (MinimaxLoss, minimax_loss, loss, "minimax", "1.0", "Minimax (saturating) adversarial loss")
