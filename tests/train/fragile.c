/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A Wasserstein loss that is infinite now and then: in about one of @every steps, as a random draw says.  With other random numbers these are
 * other steps.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (FragileLoss, fragile_loss, GANTRY_TYPE_LOSS)

static const GantryProperty fragile_loss_properties[] = {
  GANTRY_DOUBLE ("every", 1, 1e9, 100, 0, "steps", "in about one of so many the loss is infinite"),
  GANTRY_END
};

static GantryTensor *
fragile_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  const gdouble share = 1 / gantry_component_get_double (GANTRY_COMPONENT (self), "every");
  GantryTensor *draw = gantry_mean (gantry_graph_random (in->context.graph, GANTRY_INPUT_UNIFORM, "fragile", GANTRY_SHAPE (1)));
  GantryTensor *mishap = gantry_scale (gantry_log (gantry_relu (gantry_offset (draw, -share))), 1e-9);

  return gantry_add (gantry_sub (gantry_mean (in->fake_logits), gantry_mean (in->real_logits)), mishap);
}

static GantryTensor *
fragile_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return gantry_neg (gantry_mean (in->fake_logits));
}

static void
fragile_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = fragile_loss_discriminator;
  iface->generator = fragile_loss_generator;
}

GANTRY_PLUGIN (FragileLoss, fragile_loss, loss, "fragile", "1.0", "Is infinite now and then")
