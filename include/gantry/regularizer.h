/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/match.h>

G_BEGIN_DECLS

/**
 * GantryRegularizerInput:
 * @side: whose objective is being made
 * @critic: the match's critic, which may be applied again at other points
 * @real: real samples; %NULL in the generator's turn
 * @fake: generated samples
 * @real_logits: the critic's logits of @real; %NULL in the generator's turn
 * @fake_logits: the critic's logits of @fake
 */
typedef struct {
  GantryContext context;
  gsize size;
  GantrySide side;
  GantryNetwork *critic;
  GantryTensor *real;
  GantryTensor *fake;
  GantryTensor *real_logits;
  GantryTensor *fake_logits;
} GantryRegularizerInput;

#define GANTRY_TYPE_REGULARIZER (gantry_regularizer_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryRegularizer, gantry_regularizer, GANTRY, REGULARIZER, GantryComponent)

/**
 * GantryRegularizerInterface:
 * @penalty: a scalar added to the player's objective, or %NULL where it does not concern that side
 */
struct _GantryRegularizerInterface {
  GTypeInterface parent_iface;
  GantryTensor *(*penalty) (GantryRegularizer *self, const GantryRegularizerInput *in);
  gpointer reserved[8];
};

GANTRY_API GantryTensor *gantry_regularizer_penalty (GantryRegularizer *self, const GantryRegularizerInput *in);

G_END_DECLS
