/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

/**
 * gantry_layer_linear:
 * @x: [batch, ..., in_features]
 * @name: scope of the variables, such as `main.7`
 * @out_features: at least 1
 * @options: (nullable): %NULL for a bias and PyTorch's initialisers
 *
 * A linear layer of the last axis, x W^T + b.  Variables: `weight` [out_features, in_features], `bias` [out_features].
 *
 * Returns: (transfer none): [batch, ..., out_features]; an input of less than two axes is an error of the graph
 */
GantryTensor *
gantry_layer_linear (GantryTensor *x, const gchar *name, gsize out_features, const GantryLayerOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryShape shape = *gantry_tensor_get_shape (x);
  const guint last = MAX (shape.n_dims, 1) - 1;
  const gsize in_features = shape.dims[last];
  GantryTensor *weight, *bias, *y;

  options = _gantry_layer_options (options);
  shape.dims[last] = MAX (out_features, 1);
  gantry_graph_push_scope (graph, name);
  if (shape.n_dims < 2 || out_features == 0)
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                         "linear: %s to %" G_GSIZE_FORMAT " features: expected [batch, ..., features] and at least 1", found, out_features);
      y = gantry_graph_poison (graph, &shape, gantry_tensor_get_dtype (x));
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
