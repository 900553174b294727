/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Weight clipping: after each step of the critic all of its parameters are cut to [-c, c].  Arjovsky et al. 2017, algorithm 1. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (WeightClipRegularizer, weight_clip_regularizer, GANTRY_TYPE_REGULARIZER)

static const GantryProperty weight_clip_regularizer_properties[] = {
  GANTRY_DOUBLE ("limit", 0, 1e6, 0.01, GANTRY_SCHEDULABLE, "", "c: the largest size that a parameter may have"),
  GANTRY_END
};

static GantryTensor *
weight_clip_regularizer_constrain (GantryRegularizer *self, const GantryConstraintInput *in)
{
  GantryTensor *limit;

  if (in->side != GANTRY_SIDE_DISCRIMINATOR)
    return NULL;
  limit = gantry_scalar (in, "limit");
  return gantry_maximum (gantry_minimum (in->parameter, limit), gantry_neg (limit));
}

static void
weight_clip_regularizer_interface (GantryRegularizerInterface *iface)
{
  iface->constrain = weight_clip_regularizer_constrain;
}

GANTRY_PLUGIN (WeightClipRegularizer, weight_clip_regularizer, regularizer, "weight-clip", "1.0", "The critic's parameters cut to a range")
