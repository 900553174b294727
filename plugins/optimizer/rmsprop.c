/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RMSprop.  v = alpha v + (1 - alpha) g^2;  p -= rate g / (sqrt(v) + eps).  Tieleman & Hinton 2012, lecture 6e, with eps outside of the root
 * as in PyTorch.  Centred it divides by the deviation, v less the square of the mean gradient: Graves 2013, eq. 38 to 40.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (RmspropOptimizer, rmsprop_optimizer, GANTRY_TYPE_OPTIMIZER)

static const GantryProperty rmsprop_optimizer_properties[] = {
  GANTRY_DOUBLE ("learning-rate", 0, 1000, 0.01, GANTRY_SCHEDULABLE, "", "step size"),
  GANTRY_DOUBLE ("alpha", 0, 0.9999999, 0.99, 0, "", "decay of the mean squared gradient"),
  GANTRY_DOUBLE ("eps", 0, 1, 1e-8, 0, "", "added to the root that is divided by"),
  GANTRY_DOUBLE ("momentum", 0, 0.999999, 0, 0, "", "decay of the sum of past steps; 0 remembers none"),
  GANTRY_BOOL ("centered", FALSE, 0, "divide by the gradient's deviation from its mean, not by its size"),
  GANTRY_DOUBLE ("weight-decay", 0, 1, 0, 0, "", "multiple of the parameter that is added to its gradient"),
  GANTRY_END
};

static const gchar *const *
rmsprop_optimizer_slots (GantryOptimizer *self)
{
  static const gchar *const slots[2][2][4] = { { { "v" }, { "v", "momentum" } }, { { "v", "mean" }, { "v", "mean", "momentum" } } };

  return slots[gantry_component_get_bool (self, "centered")][gantry_component_get_double (self, "momentum") > 0];
}

static GantryTensor *
decay (GantryTensor *mean, GantryTensor *value, gdouble alpha)
{
  return gantry_add (gantry_scale (mean, alpha), gantry_scale (value, 1 - alpha));
}

static void
rmsprop_optimizer_step (GantryOptimizer *self, const GantryOptimizerInput *in, GantryOptimizerOutput *out)
{
  const gdouble alpha = gantry_optimizer_get_decay (in, "alpha");
  const gdouble momentum = gantry_optimizer_get_decay (in, "momentum");
  const gdouble weight_decay = gantry_component_get_double (self, "weight-decay");
  GantryTensor *gradient = in->gradient;
  GantryTensor *square, *direction;
  guint n = 0;

  if (weight_decay > 0)
    gradient = gantry_add (gradient, gantry_scale (in->parameter, weight_decay));
  out->slots[n] = square = decay (in->slots[n], gantry_square (gradient), alpha);
  n++;
  if (gantry_component_get_bool (self, "centered"))
    {
      out->slots[n] = decay (in->slots[n], gradient, alpha);
      /* A variance is not negative, but a difference of two rounded numbers may be. */
      square = gantry_relu (gantry_sub (square, gantry_square (out->slots[n])));
      n++;
    }
  direction = gantry_div (gradient, gantry_offset (gantry_sqrt (square), gantry_component_get_double (self, "eps")));
  if (momentum > 0)
    out->slots[n] = direction = gantry_add (gantry_scale (in->slots[n], momentum), direction);
  out->parameter = gantry_sub (in->parameter, gantry_mul (in->rate, direction));
}

static void
rmsprop_optimizer_interface (GantryOptimizerInterface *iface)
{
  iface->slots = rmsprop_optimizer_slots;
  iface->step = rmsprop_optimizer_step;
}

GANTRY_PLUGIN (RmspropOptimizer, rmsprop_optimizer, optimizer, "rmsprop", "1.0", "RMSprop, centred or not, with momentum")
