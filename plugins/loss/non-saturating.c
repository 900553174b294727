/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Non-saturating loss on logits.  D: E[softplus(-D(x))] + E[softplus(D(G(z)))];  G: E[softplus(-D(G(z)))].  Goodfellow et al. 2014,
 * section 3.  Targets other than 1 and 0 smooth the labels, one-sided where only the real one moves: Salimans et al. 2016, section 3.4.
 */
#include "logistic.h"

GANTRY_DECLARE_COMPONENT (NonSaturatingLoss, non_saturating_loss, GANTRY_TYPE_LOSS)

static const GantryProperty non_saturating_loss_properties[] = {
  LOGISTIC_PROPERTIES,
  GANTRY_END
};

static GantryTensor *
non_saturating_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  return logistic_discriminator (in);
}

static GantryTensor *
non_saturating_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_mean (gantry_softplus (gantry_neg (in->fake_logits)));
}

static void
non_saturating_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = non_saturating_loss_discriminator;
  iface->generator = non_saturating_loss_generator;
  iface->probability = logistic_probability;
}

GANTRY_PLUGIN (NonSaturatingLoss, non_saturating_loss, loss, "non-saturating", "1.0", "Non-saturating (logistic) adversarial loss")
