/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gradient descent with momentum.  b = momentum b + (1 - dampening) g;  p -= rate b.  The first b is g itself, and the rate is not part
 * of b: as in PyTorch.  Nesterov's momentum looks ahead, p -= rate (g + momentum b): Sutskever et al. 2013, section 2.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (SgdOptimizer, sgd_optimizer, GANTRY_TYPE_OPTIMIZER)

static const GantryProperty sgd_optimizer_properties[] = {
  GANTRY_DOUBLE ("learning-rate", 0, 1000, 0.01, GANTRY_SCHEDULABLE, "", "step size"),
  GANTRY_DOUBLE ("momentum", 0, 0.999999, 0, 0, "", "decay of the sum of past gradients; 0 remembers none"),
  GANTRY_DOUBLE ("dampening", 0, 1, 0, 0, "", "share of each gradient but the first that is kept out of the sum"),
  GANTRY_BOOL ("nesterov", FALSE, 0, "look ahead along the sum; wants momentum, and no dampening"),
  GANTRY_DOUBLE ("weight-decay", 0, 1, 0, 0, "", "multiple of the parameter that is added to its gradient"),
  GANTRY_END
};

static const gchar *const *
sgd_optimizer_slots (GantryOptimizer *self)
{
  static const gchar *const none[] = { NULL };
  static const gchar *const sum[] = { "momentum", NULL };

  return gantry_component_get_double (self, "momentum") > 0 ? sum : none;
}

/* The sum of gradients after this step; slots begin with zeros, so only dampening makes the first step a special one. */
static GantryTensor *
accumulate (const GantryOptimizerInput *in, GantryTensor *gradient, gdouble momentum, gdouble dampening)
{
  GantryTensor *sum = gantry_add (gantry_scale (in->slots[0], momentum), gantry_scale (gradient, 1 - dampening));

  if (dampening == 0)
    return sum;
  return gantry_select (gantry_equal (in->step, gantry_ones_like (in->step)), gradient, sum);
}

static void
sgd_optimizer_step (GantryOptimizer *self, const GantryOptimizerInput *in, GantryOptimizerOutput *out)
{
  const gdouble momentum = gantry_optimizer_get_decay (in, "momentum");
  const gdouble dampening = gantry_component_get_double (self, "dampening");
  const gdouble weight_decay = gantry_component_get_double (self, "weight-decay");
  const gboolean nesterov = gantry_component_get_bool (self, "nesterov");
  GantryTensor *gradient = in->gradient;
  GantryTensor *direction;

  if (nesterov && (momentum == 0 || dampening > 0))
    gantry_graph_fail (in->context.graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT,
                       "nesterov=yes with momentum=%g and dampening=%g: expected a momentum above 0 and no dampening", momentum, dampening);
  if (weight_decay > 0)
    gradient = gantry_add (gradient, gantry_scale (in->parameter, weight_decay));
  direction = gradient;
  if (momentum > 0)
    {
      out->slots[0] = direction = accumulate (in, gradient, momentum, dampening);
      if (nesterov)
        direction = gantry_add (gradient, gantry_scale (direction, momentum));
    }
  out->parameter = gantry_sub (in->parameter, gantry_mul (in->rate, direction));
}

static void
sgd_optimizer_interface (GantryOptimizerInterface *iface)
{
  iface->slots = sgd_optimizer_slots;
  iface->step = sgd_optimizer_step;
}

GANTRY_PLUGIN (SgdOptimizer, sgd_optimizer, optimizer, "sgd", "1.0", "Gradient descent, with momentum or Nesterov's momentum")
