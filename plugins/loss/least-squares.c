/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Least squares.  D: k E[(D(x) - b)^2] + k E[(D(G(z)) - a)^2];  G: k E[(D(G(z)) - c)^2], with k = 1/2 and the 0-1 coding a = 0, b = c = 1.
 * Mao et al. 2017, eq. 2 and 9.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (LeastSquaresLoss, least_squares_loss, GANTRY_TYPE_LOSS)

static const GantryProperty least_squares_loss_properties[] = {
  GANTRY_DOUBLE ("fake-target", -1000, 1000, 0, GANTRY_SCHEDULABLE, "logits", "a: what the discriminator is to say of generated samples"),
  GANTRY_DOUBLE ("real-target", -1000, 1000, 1, GANTRY_SCHEDULABLE, "logits", "b: what it is to say of real samples"),
  GANTRY_DOUBLE ("generator-target", -1000, 1000, 1, GANTRY_SCHEDULABLE, "logits", "c: what the generator wants it to say"),
  GANTRY_DOUBLE ("factor", 0, 1000, 0.5, GANTRY_SCHEDULABLE, "", "k: multiplies every square; 1/2 as published, 1 in many programs"),
  GANTRY_END
};

static GantryTensor *
distance (const GantryLossInput *in, GantryTensor *logits, const gchar *target)
{
  GantryTensor *mean = gantry_mean (gantry_square (gantry_sub (logits, gantry_scalar (in, target))));

  return gantry_mul (gantry_scalar (in, "factor"), mean);
}

static GantryTensor *
least_squares_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  GantryTensor *real = distance (in, in->real_logits, "real-target");
  GantryTensor *fake = distance (in, in->fake_logits, "fake-target");

  gantry_publish (in, "real", real);
  gantry_publish (in, "fake", fake);
  return gantry_add (real, fake);
}

static GantryTensor *
least_squares_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return distance (in, in->fake_logits, "generator-target");
}

static void
least_squares_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = least_squares_loss_discriminator;
  iface->generator = least_squares_loss_generator;
}

GANTRY_PLUGIN (LeastSquaresLoss, least_squares_loss, loss, "least-squares", "1.0", "Least-squares adversarial loss")
