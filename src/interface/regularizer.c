/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/regularizer.h>

#include "interface/call-private.h"

/**
 * GantryRegularizer:
 *
 * A term that is added to a player's objective, described over a match, or a rule that its variables obey after
 * each step.
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

  if (iface->penalty == NULL && iface->constrain != NULL)
    return NULL;
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

/**
 * gantry_regularizer_constrain:
 * @self: a regularizer
 * @in: a trainable variable after the optimizer's step
 *
 * What a regularizer makes of a variable's new value.
 *
 * Returns: (transfer none) (nullable): a tensor of the variable's shape, or %NULL where the variable stays as it is;
 *   wrong results of the plugin are errors of the graph that name it
 */
GantryTensor *
gantry_regularizer_constrain (GantryRegularizer *self, const GantryConstraintInput *in)
{
  GantryRegularizerInterface *iface = GANTRY_REGULARIZER_GET_IFACE (self);
  GantryTensor *value;

  if (iface->constrain == NULL)
    return NULL;
  _gantry_context_begin (&in->context, "constrain");
  value = iface->constrain (self, in);
  if (value != NULL)
    value = _gantry_context_check (&in->context, in->name, value, gantry_tensor_get_shape (in->parameter));
  _gantry_context_end (&in->context);
  return value;
}

/**
 * gantry_regularizers_constrain:
 * @regularizers: (element-type GantryRegularizer): the regularizers, which are asked in their order
 * @graph: the graph, in which the optimizer has assigned the variables
 * @side: whose variables they are
 * @variables: (element-type GantryVariable): the trainable variables that were stepped
 *
 * Assigns what the regularizers make of the variables' new values; one sees what those before it made.  Errors
 * stick to the graph.
 */
void
gantry_regularizers_constrain (GPtrArray *regularizers, GantryGraph *graph, GantrySide side, GPtrArray *variables)
{
  for (guint r = 0; r < regularizers->len; r++)
    for (guint v = 0; v < variables->len; v++)
      {
        GantryContextHost host = { .term = gantry_component_get_instance (regularizers->pdata[r]) };
        GantryVariable *variable = variables->pdata[v];
        const GantryConstraintInput in = { { graph, GANTRY_COMPONENT (regularizers->pdata[r]), &host }, sizeof in, side, variable->name,
                                           gantry_graph_read (graph, variable) };
        GantryTensor *value = gantry_regularizer_constrain (regularizers->pdata[r], &in);

        if (value != NULL)
          gantry_graph_assign (graph, variable, value);
      }
}

/**
 * gantry_regularizer_apply_critic:
 * @in: input of `penalty`
 * @samples: samples of the shape of the match's
 * @mode: whether the critic's state is written
 *
 * Applies the match's critic to other samples.  Whatever else it was applied to, such as labels, stays as it was
 * for the real samples (in the generator's turn: for the generated ones).
 *
 * Returns: (transfer full): named outputs: `logits`, ...
 */
GantryTensors *
gantry_regularizer_apply_critic (const GantryRegularizerInput *in, GantryTensor *samples, GantryMode mode)
{
  const gchar *sample = gantry_sample_name (gantry_network_get_sample_shape (in->critic));
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, sample, samples);
  for (guint i = 0; in->critic_inputs != NULL && i < gantry_tensors_get_n (in->critic_inputs); i++)
    {
      const gchar *name = gantry_tensors_get_name (in->critic_inputs, i);

      if (!g_str_equal (name, sample))
        gantry_tensors_set (inputs, name, gantry_tensors_get (in->critic_inputs, name));
    }
  return gantry_network_apply (in->critic, in->context.graph, inputs, mode);
}
