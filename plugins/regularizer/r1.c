/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* R1: gamma / 2 E[|grad_x D(x)|^2] over real samples, R2 over generated ones.  Mescheder et al. 2018, eq. 9 and 10. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (R1Regularizer, r1_regularizer, GANTRY_TYPE_REGULARIZER)

static const GantryProperty r1_regularizer_properties[] = {
  GANTRY_DOUBLE ("gamma", 0, 1e6, 10, GANTRY_SCHEDULABLE, "", "weight; the penalty is gamma / 2 times the mean square"),
  GANTRY_ENUM ("on", "real|fake", "real", 0, "samples whose gradients are penalised: real is R1, fake is R2"),
  GANTRY_END
};

static GantryTensor *
r1_regularizer_penalty (GantryRegularizer *self, const GantryRegularizerInput *in)
{
  const gboolean on_fake = g_str_equal (gantry_component_get_enum (self, "on"), "fake");
  GantryTensor *logits = on_fake ? in->fake_logits : in->real_logits;
  GantryTensor *slope, *squares;

  if (in->side != GANTRY_SIDE_DISCRIMINATOR)
    return NULL;
  slope = gantry_gradient (gantry_sum (logits), on_fake ? in->fake : in->real);
  squares = gantry_sum_per_sample (gantry_square (slope));
  gantry_publish (in, "gradient", slope);
  gantry_publish (in, "per-sample", squares);
  return gantry_mul (gantry_scalar (in, "gamma"), gantry_scale (gantry_mean (squares), 0.5));
}

static void
r1_regularizer_interface (GantryRegularizerInterface *iface)
{
  iface->penalty = r1_regularizer_penalty;
}

GANTRY_PLUGIN (R1Regularizer, r1_regularizer, regularizer, "r1", "1.0", "Zero-centred gradient penalty on real (R1) or generated (R2) samples")
