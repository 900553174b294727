/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/regularizer.h>

#include "interface/call-private.h"

/**
 * GantryRegularizer:
 *
 * A term that is added to a player's objective, described over a match.
 */
G_DEFINE_INTERFACE (GantryRegularizer, gantry_regularizer, GANTRY_TYPE_COMPONENT)

static void
gantry_regularizer_default_init (GantryRegularizerInterface *iface)
{
}

/**
 * gantry_regularizer_penalty:
 * @self: a regularizer
 * @in: the match and the side whose objective is being made
 *
 * The term that one side's objective gets for a match.
 *
 * Returns: (transfer none) (nullable): a scalar tensor, or %NULL where the regularizer does not concern that
 *   side; wrong results of the plugin are errors of the graph that name it
 */
GantryTensor *
gantry_regularizer_penalty (GantryRegularizer *self, const GantryRegularizerInput *in)
{
  GantryRegularizerInterface *iface = GANTRY_REGULARIZER_GET_IFACE (self);
  GantryTensor *penalty = NULL;

  _gantry_context_begin (&in->context, "penalty");
  if (iface->penalty == NULL)
    _gantry_context_fail (&in->context, GANTRY_GRAPH_ERROR_ARGUMENT, "the plugin lacks this vfunc");
  else
    penalty = iface->penalty (self, in);
  if (penalty != NULL)
    penalty = _gantry_context_check (&in->context, "penalty", penalty, GANTRY_SCALAR);
  _gantry_context_end (&in->context);
  return penalty;
}
