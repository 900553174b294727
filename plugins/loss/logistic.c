/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "logistic.h"

/* One uniform number a sample, [batch, 1, ...] so that it counts for all logits of the sample. */
static GantryTensor *
draw (const GantryLossInput *in, const gchar *name, GantryTensor *logits)
{
  GantryShape shape = *gantry_tensor_get_shape (logits);

  for (guint axis = 1; axis < shape.n_dims; axis++)
    shape.dims[axis] = 1;
  return gantry_graph_random (in->context.graph, GANTRY_INPUT_UNIFORM, name, &shape);
}

/* The target, or the other one where the sample's number falls below the probability. */
static GantryTensor *
choose (const GantryLossInput *in, const gchar *name, GantryTensor *logits, GantryTensor *target, GantryTensor *other)
{
  const gdouble probability = gantry_component_get_double (in->context.component, "flip");

  if (probability == 0)
    return target;
  return gantry_select (gantry_less (draw (in, name, logits), gantry_constant (in->context.graph, probability)), other, target);
}

GantryTensor *
logistic_discriminator (const GantryLossInput *in)
{
  GantryTensor *real_target = gantry_scalar (in, "real-target");
  GantryTensor *fake_target = gantry_scalar (in, "fake-target");
  GantryTensor *doubt = gantry_offset (gantry_neg (choose (in, "flip-real", in->real_logits, real_target, fake_target)), 1);
  GantryTensor *trust = choose (in, "flip-fake", in->fake_logits, fake_target, real_target);
  /* softplus(x) = softplus(-x) + x, so the two halves of a cross entropy are one softplus and a share of the logits. */
  GantryTensor *real = gantry_add (gantry_mean (gantry_softplus (gantry_neg (in->real_logits))),
                                   gantry_mean (gantry_mul (doubt, in->real_logits)));
  GantryTensor *fake = gantry_sub (gantry_mean (gantry_softplus (in->fake_logits)), gantry_mean (gantry_mul (trust, in->fake_logits)));

  gantry_publish (in, "real", real);
  gantry_publish (in, "fake", fake);
  return gantry_add (real, fake);
}

GantryTensor *
logistic_probability (GantryLoss *self, const GantryLossProbabilityInput *in)
{
  return gantry_sigmoid (in->logits);
}
