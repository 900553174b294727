/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/loss.h>

#include "interface/call-private.h"

/**
 * GantryLoss:
 *
 * What the two sides of a match minimise, described over the critic's outputs.
 */
G_DEFINE_INTERFACE (GantryLoss, gantry_loss, GANTRY_TYPE_COMPONENT)

static void
gantry_loss_default_init (GantryLossInterface *iface)
{
}

static GantryTensor *
call (GantryLoss *self, const GantryLossInput *in, const gchar *vfunc, GantryTensor *(*function) (GantryLoss *, const GantryLossInput *) )
{
  GantryTensor *loss;

  _gantry_context_begin (&in->context, vfunc);
  if (function == NULL)
    {
      _gantry_context_fail (&in->context, GANTRY_GRAPH_ERROR_ARGUMENT, "the plugin lacks this vfunc");
      loss = gantry_graph_poison (in->context.graph, GANTRY_SCALAR, gantry_graph_get_dtype (in->context.graph));
    }
  else
    {
      loss = _gantry_context_check (&in->context, "loss", function (self, in), GANTRY_SCALAR);
    }
  _gantry_context_end (&in->context);
  return loss;
}

/**
 * gantry_loss_discriminator:
 * @self: a loss
 * @in: the match: logits of real and generated samples
 *
 * The critic's side of a match.
 *
 * Returns: (transfer none): a scalar tensor, what the critic minimises; wrong results of the plugin are errors
 *   of the graph that name it
 */
GantryTensor *
gantry_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  return call (self, in, "discriminator", GANTRY_LOSS_GET_IFACE (self)->discriminator);
}

/**
 * gantry_loss_generator:
 * @self: a loss
 * @in: the match: logits of generated samples; what is real is %NULL
 *
 * The generator's side of a match.
 *
 * Returns: (transfer none): a scalar tensor, what the generator minimises; wrong results of the plugin are
 *   errors of the graph that name it
 */
GantryTensor *
gantry_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  return call (self, in, "generator", GANTRY_LOSS_GET_IFACE (self)->generator);
}

/**
 * gantry_loss_probability:
 * @self: a loss
 * @in: logits of samples
 *
 * The probability that a sample is real, as the loss reads the critic's logits: their sigmoid where it trains a classifier.
 *
 * Returns: (transfer none) (nullable): a tensor of the shape of the logits, in [0, 1]; %NULL where logits are no probability to this
 *   loss; wrong results of the plugin are errors of the graph that name it
 */
GantryTensor *
gantry_loss_probability (GantryLoss *self, const GantryLossProbabilityInput *in)
{
  GantryLossInterface *iface = GANTRY_LOSS_GET_IFACE (self);
  GantryTensor *probability;

  if (iface->probability == NULL)
    return NULL;
  _gantry_context_begin (&in->context, "probability");
  probability = _gantry_context_check (&in->context, "probability", iface->probability (self, in), gantry_tensor_get_shape (in->logits));
  _gantry_context_end (&in->context);
  return probability;
}
