/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hinge loss.  D: E[relu(m - D(x))] + E[relu(m + D(G(z)))];  G: -E[D(G(z))].  Lim & Ye 2017, eq. 9. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (HingeLoss, hinge_loss, GANTRY_TYPE_LOSS)

static const GantryProperty hinge_loss_properties[] = {
  GANTRY_DOUBLE ("margin", 0, 100, 1, GANTRY_SCHEDULABLE, "logits", "distance from the decision boundary"),
  GANTRY_END
};

static GantryTensor *
hinge_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  GantryTensor *margin = gantry_scalar (in, "margin");
  GantryTensor *real = gantry_mean (gantry_relu (gantry_sub (margin, in->real_logits)));
  GantryTensor *fake = gantry_mean (gantry_relu (gantry_add (margin, in->fake_logits)));

  gantry_publish (in, "real", real);
  gantry_publish (in, "fake", fake);
  return gantry_add (real, fake);
}

static GantryTensor *
hinge_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_neg (gantry_mean (in->fake_logits));
}

static void
hinge_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = hinge_loss_discriminator;
  iface->generator = hinge_loss_generator;
}

GANTRY_PLUGIN (HingeLoss, hinge_loss, loss, "hinge", "1.0", "Hinge adversarial loss")
