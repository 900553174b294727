/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stranger's plugin, built with the installed headers alone.  D: E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2;
   G: E[(D(G(z)) - 1)^2] / 2.  Mao et al. 2017, eq. 9 with a = 0, b = c = 1. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (LeastSquares, least_squares, GANTRY_TYPE_LOSS)

static const GantryProperty least_squares_properties[] = {
  GANTRY_DOUBLE ("weight", 0, 100, 0.5, GANTRY_SCHEDULABLE, "", "factor of every square"),
  GANTRY_END
};

static GantryTensor *
least_squares_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  GantryTensor *real = gantry_mean (gantry_square (gantry_offset (in->real_logits, -1)));
  GantryTensor *fake = gantry_mean (gantry_square (in->fake_logits));

  return gantry_mul (gantry_scalar (in, "weight"), gantry_add (real, fake));
}

static GantryTensor *
least_squares_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_mul (gantry_scalar (in, "weight"), gantry_mean (gantry_square (gantry_offset (in->fake_logits, -1))));
}

static void
least_squares_interface (GantryLossInterface *iface)
{
  iface->discriminator = least_squares_discriminator;
  iface->generator = least_squares_generator;
}

GANTRY_PLUGIN (LeastSquares, least_squares, loss, "strangers-least-squares", "0.1", "Least squares, as a stranger would add it")
