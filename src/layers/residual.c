/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/layers.h>

#define SQRT2 1.4142135623730951 /* gain of a convolution that is followed by a relu.  He et al. 2015 */

static GantryTensor *
convolve (GantryTensor *x, const gchar *name, gsize channels, gsize kernel, gdouble gain, const GantryResidualOptions *options)
{
  const GantryConvolution geometry = { .padding = { (guint) kernel / 2, (guint) kernel / 2 } };
  const GantryLayerOptions layer = { .bias = TRUE, .normalization = options->normalization, .weight_initializer = GANTRY_XAVIER_UNIFORM (gain) };

  return gantry_layer_conv2d (x, name, channels, kernel, &geometry, &layer);
}

static GantryTensor *
activate (GantryTensor *x, const gchar *norm, const GantryResidualOptions *options)
{
  const GantryNormOptions affine = { .affine = TRUE };

  return gantry_relu (options->batch_norm ? gantry_layer_batch_norm (x, norm, &affine) : x);
}

static GantryTensor *
enlarge (GantryTensor *x, const GantryResidualOptions *options)
{
  const GantryResize twice = { .interpolation = options->interpolation, .scale = { 2, 2 } };

  return options->resampling == GANTRY_RESAMPLING_UP ? gantry_resize (x, &twice) : x;
}

static GantryTensor *
reduce (GantryTensor *x, const GantryResidualOptions *options)
{
  const GantryPooling half = { .kernel = { 2, 2 }, .stride = { 2, 2 } };

  return options->resampling == GANTRY_RESAMPLING_DOWN ? gantry_avg_pool2d (x, &half, TRUE) : x;
}

static GantryTensor *
describe_branch (GantryTensor *x, gsize out_channels, const GantryResidualOptions *options)
{
  const gsize hidden = options->hidden_channels > 0 ? options->hidden_channels : out_channels;
  GantryTensor *h = options->is_first ? x : activate (x, "b1", options);

  h = convolve (enlarge (h, options), "c1", hidden, 3, SQRT2, options);
  return reduce (convolve (activate (h, "b2", options), "c2", out_channels, 3, SQRT2, options), options);
}

static GantryTensor *
describe_shortcut (GantryTensor *x, gsize out_channels, const GantryResidualOptions *options)
{
  GantryTensor *s = options->activated_shortcut && !options->is_first ? gantry_relu (x) : x;

  if (options->resampling == GANTRY_RESAMPLING_NONE && gantry_tensor_get_dim (x, 1) == out_channels)
    return s;
  if (options->is_first)
    return convolve (reduce (enlarge (s, options), options), "c_sc", out_channels, 1, 1, options);
  return reduce (convolve (enlarge (s, options), "c_sc", out_channels, 1, 1, options), options);
}

/**
 * gantry_layer_residual:
 * @x: [batch, channels, height, width]
 * @name: scope of the variables, such as `block2`
 * @out_channels: at least 1
 * @options: (nullable): %NULL for neither resampling nor normalization
 *
 * A residual block that activates before it convolves (He et al. 2016), as GANs have it: Gulrajani et al. 2017, appendix C, and Miyato et al. 2018,
 * appendix B.4.  The branch is (`b1`,) relu, upsampling, `c1`, (`b2`,) relu, `c2`, downsampling, with convolutions of 3x3 pixels; the shortcut
 * is resampled likewise, with a convolution `c_sc` of one pixel where size or channels change.  All convolutions have biases. Upsampling doubles
 * the size, downsampling is the mean of 2x2 pixels.  Names, and the initialisers (Glorot & Bengio 2010, uniform, with a gain of sqrt(2) in
 * the branch), are those of the PyTorch code of Lee & Town 2020 (mimicry).
 *
 * Returns: (transfer none): [batch, out_channels, ...]; impossible shapes are errors of the graph
 */
GantryTensor *
gantry_layer_residual (GantryTensor *x, const gchar *name, gsize out_channels, const GantryResidualOptions *options)
{
  static const GantryResidualOptions plain = { .resampling = GANTRY_RESAMPLING_NONE };
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  options = options != NULL ? options : &plain;
  gantry_graph_push_scope (graph, name);
  y = describe_branch (x, out_channels, options);
  y = gantry_add (y, describe_shortcut (x, out_channels, options));
  gantry_graph_pop (graph);
  return y;
}
