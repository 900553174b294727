/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/context.h>

G_BEGIN_DECLS

/**
 * GantryLossInput:
 * @real_logits: the critic's logits of real samples, any shape; %NULL in the generator's turn
 * @fake_logits: of generated samples, any shape
 * @real: real samples as the critic saw them; %NULL in the generator's turn
 * @fake: generated samples, likewise
 * @real_outputs: everything the critic gave for the real samples, by name; %NULL in the generator's turn
 * @fake_outputs: likewise for the generated ones
 */
typedef struct {
  GantryContext context;
  gsize size;
  GantryTensor *real_logits;
  GantryTensor *fake_logits;
  GantryTensor *real;
  GantryTensor *fake;
  GantryTensors *real_outputs;
  GantryTensors *fake_outputs;
} GantryLossInput;

/**
 * GantryLossProbabilityInput:
 * @logits: the critic's logits, any shape
 */
typedef struct {
  GantryContext context;
  gsize size;
  GantryTensor *logits;
} GantryLossProbabilityInput;

#define GANTRY_TYPE_LOSS (gantry_loss_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryLoss, gantry_loss, GANTRY, LOSS, GantryComponent)

/**
 * GantryLossInterface:
 * @discriminator: what the critic minimises: a scalar
 * @generator: what the generator minimises: a scalar
 * @probability: the probability that a sample is real, as this loss reads its logits, of their shape; %NULL where it reads none from them.
 *   Nothing is trained by it: pictures show it
 */
struct _GantryLossInterface {
  GTypeInterface parent_iface;
  GantryTensor *(*discriminator) (GantryLoss *self, const GantryLossInput *in);
  GantryTensor *(*generator) (GantryLoss *self, const GantryLossInput *in);
  GantryTensor *(*probability) (GantryLoss *self, const GantryLossProbabilityInput *in);
  gpointer reserved[7];
};

GANTRY_API GantryTensor *gantry_loss_discriminator (GantryLoss *self, const GantryLossInput *in);
GANTRY_API GantryTensor *gantry_loss_generator (GantryLoss *self, const GantryLossInput *in);
GANTRY_API GantryTensor *gantry_loss_probability (GantryLoss *self, const GantryLossProbabilityInput *in);

G_END_DECLS
