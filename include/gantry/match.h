/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/network.h>

G_BEGIN_DECLS

/**
 * GantrySide:
 * @GANTRY_SIDE_DISCRIMINATOR: the player tells real from generated
 * @GANTRY_SIDE_GENERATOR: the player makes samples
 */
typedef enum {
  GANTRY_SIDE_DISCRIMINATOR,
  GANTRY_SIDE_GENERATOR
} GantrySide;

/**
 * GantryMatch:
 * @name: "main" where a game has one
 * @critic: the network that compares
 * @real: real samples before augmentation; %NULL in the generator's turn
 * @fake: generated samples, likewise
 * @real_outputs: what the critic gives for @real; %NULL in the generator's turn
 * @fake_outputs: what the critic gives for @fake
 * @real_inputs: everything that the critic was applied to for @real, such as `image` and `label`; %NULL where that is @real alone
 * @fake_inputs: likewise for @fake
 *
 * One adversarial comparison that a game yields.  The host allocates it; it holds a reference on its tensors' maps.
 */
typedef struct {
  gsize size;
  const gchar *name;
  GantryNetwork *critic;
  GantryTensor *real;
  GantryTensor *fake;
  GantryTensors *real_outputs;
  GantryTensors *fake_outputs;
  GantryTensors *real_inputs;
  GantryTensors *fake_inputs;
} GantryMatch;

G_END_DECLS
