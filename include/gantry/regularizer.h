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
 * @critic_inputs: everything that the critic was applied to: for @real, or for @fake in the generator's turn; %NULL
 *   where that is the samples alone
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
  GantryTensors *critic_inputs;
} GantryRegularizerInput;

/**
 * GantryConstraintInput:
 * @side: whose parameter it is
 * @name: full name of the variable, such as "discriminator.main.0.weight"
 * @parameter: its value after the optimizer's step
 */
typedef struct {
  GantryContext context;
  gsize size;
  GantrySide side;
  const gchar *name;
  GantryTensor *parameter;
} GantryConstraintInput;

#define GANTRY_TYPE_REGULARIZER (gantry_regularizer_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryRegularizer, gantry_regularizer, GANTRY, REGULARIZER, GantryComponent)

/**
 * GantryRegularizerInterface:
 * @penalty: a scalar added to the player's objective, or %NULL where it does not concern that side
 * @constrain: what a trainable variable becomes after each step of its player, of the variable's shape, or %NULL
 *   where it does not concern that variable
 *
 * A regularizer has one of the two, or both.
 */
struct _GantryRegularizerInterface {
  GTypeInterface parent_iface;
  GantryTensor *(*penalty) (GantryRegularizer *self, const GantryRegularizerInput *in);
  GantryTensor *(*constrain) (GantryRegularizer *self, const GantryConstraintInput *in);
  gpointer reserved[7];
};

GANTRY_API GantryTensor *gantry_regularizer_penalty (GantryRegularizer *self, const GantryRegularizerInput *in);
GANTRY_API GantryTensor *gantry_regularizer_constrain (GantryRegularizer *self, const GantryConstraintInput *in);

/* For `penalty`: the critic at other samples, with the same labels and other inputs; (transfer full). */
GANTRY_API GantryTensors *gantry_regularizer_apply_critic (const GantryRegularizerInput *in, GantryTensor *samples, GantryMode mode);

/* What a step of a player leads to, by all regularizers: reads and assigns the variables. */
GANTRY_API void gantry_regularizers_constrain (GPtrArray *regularizers, GantryGraph *graph, GantrySide side, GPtrArray *variables);

G_END_DECLS
