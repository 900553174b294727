/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

/**
 * gantry_layer_linear:
 * @x: [batch, in_features]
 * @name: scope of the variables, such as `main.7`
 * @out_features: at least 1
 * @options: (nullable): %NULL for a bias and PyTorch's initialisers
 *
 * A linear layer, x W^T + b.  Variables: `weight` [out_features, in_features], `bias` [out_features].
 *
 * Returns: (transfer none): [batch, out_features]; an input of other than two axes is an error of the graph
 */
GantryTensor *
gantry_layer_linear (GantryTensor *x, const gchar *name, gsize out_features, const GantryLayerOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const gsize in_features = gantry_tensor_get_dim (x, 1);
  GantryTensor *weight, *bias, *y;

  options = _gantry_layer_options (options);
  gantry_graph_push_scope (graph, name);
  if (gantry_tensor_get_n_dims (x) != 2 || out_features == 0)
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                         "linear: %s to %" G_GSIZE_FORMAT " features: expected [batch, features] and at least 1; flatten what has more axes", found,
                         out_features);
      y = gantry_graph_poison (graph, GANTRY_SHAPE (gantry_tensor_get_dim (x, 0), MAX (out_features, 1)), gantry_tensor_get_dtype (x));
    }
  else
    {
      weight = _gantry_layer_weight (graph, GANTRY_SHAPE (out_features, in_features), in_features, 0, options);
      bias = _gantry_layer_bias (graph, out_features, in_features, 2, options);
      y = gantry_matmul_full (x, FALSE, weight, TRUE);
      if (bias != NULL)
        y = gantry_add (y, bias);
    }
  gantry_graph_pop (graph);
  return y;
}
