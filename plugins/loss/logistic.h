/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The discriminator's side that the minimax and the non-saturating loss share: the cross entropy of real and generated samples. */
#pragma once

#include <gantry/gantry.h>

#define LOGISTIC_PROPERTIES                                                                                                     \
  GANTRY_DOUBLE ("real-target", 0, 1, 1, GANTRY_SCHEDULABLE, "probability", "what the discriminator is to say of real samples"), \
  GANTRY_DOUBLE ("fake-target", 0, 1, 0, GANTRY_SCHEDULABLE, "probability", "what it is to say of generated samples"),           \
  GANTRY_DOUBLE ("flip", 0, 1, 0, 0, "probability", "share of the samples, drawn anew in each step, whose targets are swapped")

/* E[t softplus(-D(x)) + (1 - t) softplus(D(x))] + E[u softplus(-D(G(z))) + (1 - u) softplus(D(G(z)))], with the targets t and u that the
   properties give; its two terms are published as `real` and `fake`. */
GantryTensor *logistic_discriminator (const GantryLossInput *in);

/* sigmoid(D(x)), which the cross entropy makes the probability that x is real. */
GantryTensor *logistic_probability (GantryLoss *self, const GantryLossProbabilityInput *in);
