/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A penalty that publishes tensors of every kind: sample by sample along one axis or another, sums, means, constants, mixtures. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (OutspokenRegularizer, outspoken_regularizer, GANTRY_TYPE_REGULARIZER)

static const GantryProperty outspoken_regularizer_properties[] = { GANTRY_END };

static GantryTensor *
outspoken_regularizer_penalty (GantryRegularizer *self, const GantryRegularizerInput *in)
{
  GantryTensor *flat, *both[2];

  if (in->side != GANTRY_SIDE_DISCRIMINATOR)
    return NULL;
  flat = gantry_flatten (in->fake);
  both[0] = flat;
  both[1] = gantry_flatten (in->real);
  gantry_publish (in, "rows", flat);
  gantry_publish (in, "columns", gantry_transpose (flat));
  gantry_publish (in, "both", gantry_concat (both, 2, 0));
  gantry_publish (in, "mean", gantry_mean_axes (flat, 1 << 0, FALSE));
  gantry_publish (in, "sum", gantry_sum_axes (flat, 1 << 0, FALSE));
  gantry_publish (in, "shares", gantry_gradient (gantry_mean (gantry_square (in->real_logits)), in->real));
  gantry_publish (in, "constant", gantry_fill (in->context.graph, GANTRY_SHAPE (3), GANTRY_FLOAT64, 2));
  gantry_publish (in, "pairs", gantry_matmul (flat, gantry_transpose (flat)));
  return gantry_mean (gantry_square (in->real_logits));
}

static void
outspoken_regularizer_interface (GantryRegularizerInterface *iface)
{
  iface->penalty = outspoken_regularizer_penalty;
}

GANTRY_PLUGIN (OutspokenRegularizer, outspoken_regularizer, regularizer, "outspoken", "1.0", "Mean square of the logits, and much that is published")
