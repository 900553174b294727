/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Non-saturating loss on logits.  D: E[t softplus(-D(x)) + (1 - t) softplus(D(x))] + E[softplus(D(G(z)))];  G: E[softplus(-D(G(z)))].
 * Goodfellow et al. 2014, section 3; t < 1 is the one-sided label smoothing of Salimans et al. 2016, section 3.4.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (NonSaturatingLoss, non_saturating_loss, GANTRY_TYPE_LOSS)

static const GantryProperty non_saturating_loss_properties[] = {
  GANTRY_DOUBLE ("real-target", 0, 1, 1, GANTRY_SCHEDULABLE, "probability", "what the discriminator is to say of real samples"),
  GANTRY_END
};

static GantryTensor *
non_saturating_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  GantryTensor *doubt = gantry_offset (gantry_neg (gantry_scalar (in, "real-target")), 1);
  /* softplus(x) = softplus(-x) + x, so the two terms of real samples are one softplus and a share of the logits. */
  GantryTensor *real = gantry_add (gantry_mean (gantry_softplus (gantry_neg (in->real_logits))),
                                   gantry_mul (doubt, gantry_mean (in->real_logits)));
  GantryTensor *fake = gantry_mean (gantry_softplus (in->fake_logits));

  gantry_publish (in, "real", real);
  gantry_publish (in, "fake", fake);
  return gantry_add (real, fake);
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
}

GANTRY_PLUGIN (NonSaturatingLoss, non_saturating_loss, loss, "non-saturating", "1.0", "Non-saturating (logistic) adversarial loss")
