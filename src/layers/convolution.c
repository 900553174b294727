/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

static gboolean
check (GantryTensor *x, const gchar *op, gsize out_channels, gsize kernel, gsize groups)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (gantry_tensor_get_n_dims (x) != 4)
    {
      gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                         "%s: %s, expected [batch, channels, height, width]", op, found);
      return FALSE;
    }
  if (out_channels == 0 || kernel == 0 || gantry_tensor_get_dim (x, 1) % groups != 0 || out_channels % groups != 0)
    {
      gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT,
                         "%s: %s to %" G_GSIZE_FORMAT " channels with kernel %" G_GSIZE_FORMAT " in %" G_GSIZE_FORMAT
                         " groups: expected at least 1, and channels that the groups divide",
                         op, found, out_channels, kernel, groups);
      return FALSE;
    }
  return TRUE;
}

static gsize
count_groups (const GantryConvolution *geometry)
{
  return geometry != NULL && geometry->groups > 0 ? geometry->groups : 1;
}

static GantryTensor *
poison (GantryTensor *x, gsize out_channels)
{
  const GantryShape shape = { 4,
                              { gantry_tensor_get_dim (x, 0), MAX (out_channels, 1), gantry_tensor_get_dim (x, 2), gantry_tensor_get_dim (x, 3) } };

  return gantry_graph_poison (gantry_tensor_get_graph (x), &shape, gantry_tensor_get_dtype (x));
}

/**
 * gantry_layer_conv2d:
 * @x: [batch, channels, height, width]
 * @name: scope of the variables, such as `main.2`
 * @out_channels: at least 1
 * @kernel: height and width of the kernel
 * @geometry: (nullable): %NULL for stride 1 without padding
 * @options: (nullable): %NULL for a bias and PyTorch's initialisers
 *
 * A convolution (cross-correlation).  Variables: `weight` [out_channels, channels / groups, kernel, kernel],
 * `bias` [out_channels].
 *
 * Returns: (transfer none): [batch, out_channels, ...]; impossible shapes are errors of the graph
 */
GantryTensor *
gantry_layer_conv2d (GantryTensor *x, const gchar *name, gsize out_channels, gsize kernel, const GantryConvolution *geometry,
                     const GantryLayerOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const gsize groups = count_groups (geometry);
  const gsize in = gantry_tensor_get_dim (x, 1) / groups;
  const gsize fan_in = in * kernel * kernel;
  GantryTensor *weight, *bias, *y;

  options = _gantry_layer_options (options);
  gantry_graph_push_scope (graph, name);
  if (!check (x, "conv2d", out_channels, kernel, groups))
    {
      y = poison (x, out_channels);
    }
  else
    {
      weight = _gantry_layer_weight (graph, GANTRY_SHAPE (out_channels, in, kernel, kernel), fan_in, 0, options);
      bias = _gantry_layer_bias (graph, out_channels, fan_in, 4, options);
      y = gantry_conv2d (x, weight, geometry);
      if (bias != NULL)
        y = gantry_add (y, bias);
    }
  gantry_graph_pop (graph);
  return y;
}

/**
 * gantry_layer_conv_transpose2d:
 * @x: [batch, channels, height, width]
 * @name: scope of the variables, such as `main.3`
 * @out_channels: at least 1
 * @kernel: height and width of the kernel
 * @geometry: (nullable): %NULL for stride 1 without padding
 * @options: (nullable): %NULL for a bias and PyTorch's initialisers
 *
 * A transposed convolution.  Variables: `weight` [channels, out_channels / groups, kernel, kernel], `bias`
 * [out_channels].  The default initialiser's fan-in counts out_channels / groups, as PyTorch's does.
 *
 * Returns: (transfer none): [batch, out_channels, ...]; impossible shapes are errors of the graph
 */
GantryTensor *
gantry_layer_conv_transpose2d (GantryTensor *x, const gchar *name, gsize out_channels, gsize kernel, const GantryConvolution *geometry,
                               const GantryLayerOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const gsize groups = count_groups (geometry);
  const gsize in = gantry_tensor_get_dim (x, 1);
  const gsize fan_in = out_channels / groups * kernel * kernel;
  GantryTensor *weight, *bias, *y;

  options = _gantry_layer_options (options);
  gantry_graph_push_scope (graph, name);
  if (!check (x, "conv_transpose2d", out_channels, kernel, groups))
    {
      y = poison (x, out_channels);
    }
  else
    {
      weight = _gantry_layer_weight (graph, GANTRY_SHAPE (in, out_channels / groups, kernel, kernel), fan_in, 1, options);
      bias = _gantry_layer_bias (graph, out_channels, fan_in, 4, options);
      y = gantry_conv_transpose2d (x, weight, geometry);
      if (bias != NULL)
        y = gantry_add (y, bias);
    }
  gantry_graph_pop (graph);
  return y;
}
