/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wasserstein loss.  D: E[D(G(z))] - E[D(x)] + drift E[D(x)^2];  G: -E[D(G(z))].  Arjovsky et al. 2017, algorithm 1; the drift term is
 * that of Karras et al. 2018, appendix A.1.  The critic has to be kept Lipschitz by a regularizer: gradient-penalty or weight-clip.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (WassersteinLoss, wasserstein_loss, GANTRY_TYPE_LOSS)

static const GantryProperty wasserstein_loss_properties[] = {
  GANTRY_DOUBLE ("drift", 0, 1e6, 0, GANTRY_SCHEDULABLE, "", "weight of the mean square of the real samples' scores"),
  GANTRY_END
};

static GantryTensor *
wasserstein_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  GantryTensor *real = gantry_neg (gantry_mean (in->real_logits));
  GantryTensor *fake = gantry_mean (in->fake_logits);
  GantryTensor *drift = gantry_mul (gantry_scalar (in, "drift"), gantry_mean (gantry_square (in->real_logits)));

  gantry_publish (in, "real", real);
  gantry_publish (in, "fake", fake);
  return gantry_add (gantry_add (fake, real), drift);
}

static GantryTensor *
wasserstein_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_neg (gantry_mean (in->fake_logits));
}

static void
wasserstein_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = wasserstein_loss_discriminator;
  iface->generator = wasserstein_loss_generator;
}

GANTRY_PLUGIN (WassersteinLoss, wasserstein_loss, loss, "wasserstein", "1.0", "Wasserstein critic loss")
