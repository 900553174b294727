/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

static gboolean
check (GantryTensor *x, GantryTensor *weight, GantryTensor *styles)
{
  g_autofree gchar *x_text = gantry_shape_to_string (gantry_tensor_get_shape (x));
  g_autofree gchar *weight_text = gantry_shape_to_string (gantry_tensor_get_shape (weight));
  g_autofree gchar *styles_text = gantry_shape_to_string (gantry_tensor_get_shape (styles));

  if (gantry_tensor_get_n_dims (x) == 4 && gantry_tensor_get_n_dims (weight) == 4 && gantry_tensor_get_n_dims (styles) == 2
      && gantry_tensor_get_dim (x, 0) == gantry_tensor_get_dim (styles, 0) && gantry_tensor_get_dim (x, 1) == gantry_tensor_get_dim (styles, 1)
      && gantry_tensor_get_dim (x, 1) == gantry_tensor_get_dim (weight, 1))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "modulated-conv2d: images %s, kernels %s, styles %s, expected [batch, channels, height, width], "
                     "[outputs, channels, height, width], [batch, channels]", x_text, weight_text, styles_text);
  return FALSE;
}

/* [batch, channels] -> [batch, channels, 1, 1] */
static GantryTensor *
per_channel (GantryTensor *factors)
{
  return gantry_reshape (factors, GANTRY_SHAPE (gantry_tensor_get_dim (factors, 0), gantry_tensor_get_dim (factors, 1), 1, 1));
}

/* The inverse length of each sample's kernels, [batch, outputs]; the squares of a kernel's pixels are summed once for all samples. */
static GantryTensor *
demodulation (GantryTensor *weight, GantryTensor *styles, gdouble eps)
{
  GantryTensor *squares = gantry_sum_axes (gantry_square (weight), GANTRY_AXIS (2) | GANTRY_AXIS (3), FALSE);

  return gantry_rsqrt (gantry_offset (gantry_matmul_full (gantry_square (styles), FALSE, squares, TRUE), eps));
}

/**
 * gantry_modulated_conv2d:
 * @x: images [batch, channels, height, width]
 * @weight: kernels [outputs, channels, height, width]
 * @styles: [batch, channels]: how much each sample has of each channel
 * @options: (nullable): %NULL for no demodulation, padding or resampling
 *
 * A convolution whose kernels each sample scales by channel, and which then, demodulated, have length 1: w'(n, o, i, u, v) =
 * s(n, i) w(o, i, u, v) and w''(n, o) = w'(n, o) / sqrt(|w'(n, o)|^2 + eps).  Karras et al. 2020, eq. 1 and 3.  It is computed as one convolution
 * for all samples, its input scaled by the styles and its output by the inverse lengths, which is the same.
 *
 * Returns: (transfer none): [batch, outputs, ...] as gantry_conv2d_resample() gives it; shapes that do not fit are an error of the graph
 */
GantryTensor *
gantry_modulated_conv2d (GantryTensor *x, GantryTensor *weight, GantryTensor *styles, const GantryModulation *options)
{
  static const GantryModulation plain = { 0 };
  GantryTensor *y;

  if (!check (x, weight, styles))
    return _gantry_layer_poison_image (x, weight);
  if (options == NULL)
    options = &plain;
  y = gantry_conv2d_resample (gantry_mul (x, per_channel (styles)), weight, options->geometry);
  if (!options->demodulate)
    return y;
  return gantry_mul (y, per_channel (demodulation (weight, styles, options->eps == 0 ? 1e-8 : options->eps)));
}
