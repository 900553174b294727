/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/layers.h>

/**
 * gantry_dropout:
 * @x: a real tensor
 * @draws: uniform draws in [0, 1) of the shape of @x; what is below @p drops its element, so that a mask of zeros and ones replays
 * @p: probability of dropping, from 0 to below 1
 *
 * x / (1 - p) where it is kept, 0 where not.  Srivastava et al. 2014, with the scale at training time ("inverted dropout").
 *
 * Returns: (transfer none): a tensor of the shape of @x; a @p out of its range is an error of the graph
 */
GantryTensor *
gantry_dropout (GantryTensor *x, GantryTensor *draws, gdouble p)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);

  if (!(p >= 0 && p < 1))
    {
      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "dropout: probability %g, expected 0 to below 1", p);
      return gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
    }
  return gantry_select (gantry_less (draws, gantry_constant (graph, p)), gantry_constant (graph, 0), gantry_scale (x, 1 / (1 - p)));
}

/**
 * gantry_layer_dropout:
 * @x: [batch, ...]
 * @name: scope of the mask, such as `main.3`
 * @p: probability of dropping, from 0 to below 1
 *
 * Dropout with draws of its own, a random input named "NAME.mask"; an array of zeros (dropped) and ones (kept) bound to it replays a mask.
 * It drops in the modes train and frozen, which compute alike: a generator's samples are then the same whoever's turn it is.
 * Evaluating, it gives @x.
 *
 * Returns: (transfer none): a tensor of the shape of @x; a @p out of its range is an error of the graph
 */
GantryTensor *
gantry_layer_dropout (GantryTensor *x, const gchar *name, gdouble p)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const gboolean drops = gantry_graph_get_mode (graph) != GANTRY_MODE_EVALUATE && p != 0;
  GantryTensor *y = x;

  gantry_graph_push_scope (graph, name);
  if (drops || !(p >= 0 && p < 1))
    y = gantry_dropout (x, gantry_graph_random (graph, GANTRY_INPUT_UNIFORM, "mask", gantry_tensor_get_shape (x)), p);
  gantry_graph_pop (graph);
  return y;
}
