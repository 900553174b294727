/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/moments-private.h"

/* The last axes of x as a set. */
static guint
last_axes (GantryTensor *x, guint n)
{
  return ((GANTRY_AXIS (n)) - 1) << (gantry_tensor_get_n_dims (x) - n);
}

static GantryShape
last_dims (GantryTensor *x, guint n)
{
  GantryShape shape = { n, { 0 } };

  for (guint i = 0; i < n; i++)
    shape.dims[i] = gantry_tensor_get_dim (x, gantry_tensor_get_n_dims (x) - n + i);
  return shape;
}

static gboolean
check (GantryTensor *x, guint n_axes)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (n_axes >= 1 && n_axes < gantry_tensor_get_n_dims (x))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "layer-norm: %s over the last %u axes, expected at least one of them and not the batch's", found, n_axes);
  return FALSE;
}

static GantryTensor *
apply (GantryTensor *x, guint n_axes, gboolean per_channel, const GantryNormOptions *options)
{
  const guint axes = last_axes (x, n_axes);
  const GantryShape shape = per_channel ? *GANTRY_SHAPE (gantry_tensor_get_dim (x, 1)) : last_dims (x, n_axes);
  GantryTensor *weight, *bias, *y;

  _gantry_norm_variables (gantry_tensor_get_graph (x), &shape, options, &weight, &bias);
  if (!_gantry_norm_check_count (x, "layer-norm", axes, "sample"))
    return gantry_graph_poison (gantry_tensor_get_graph (x), gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  y = gantry_standardize (x, axes, _gantry_norm_eps (options));
  if (weight == NULL)
    return y;
  if (per_channel)
    {
      weight = _gantry_along_channels (weight, x);
      bias = _gantry_along_channels (bias, x);
    }
  return gantry_add (gantry_mul (y, weight), bias);
}

static GantryTensor *
build (GantryTensor *x, const gchar *name, guint n_axes, gboolean per_channel, const GantryNormOptions *options)
{
  static const GantryNormOptions defaults = { .affine = TRUE };
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  gantry_graph_push_scope (graph, name);
  if (check (x, n_axes))
    y = apply (x, n_axes, per_channel, options != NULL ? options : &defaults);
  else
    y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  gantry_graph_pop (graph);
  return y;
}

/**
 * gantry_layer_layer_norm:
 * @x: [batch, ...]
 * @name: scope of the variables, such as `norm1`
 * @n_axes: how many of the last axes are normalised together: 1 for the features of tokens; 0 for all but the batch's
 * @options: (nullable): %NULL for eps 1e-5 and an affine transformation; there are no running statistics, the momentum is of no meaning
 *
 * Layer normalization: mean and biased variance over the last axes, in every mode.  Ba, Kiros & Hinton 2016, eq. 4.
 *
 * Variables: `weight`, `bias`, of the shape of the normalised axes, as torch.nn.LayerNorm has them.
 *
 * Returns: (transfer none): a tensor of the shape of @x; axes that it does not have, or of a single value, are errors of the graph
 */
GantryTensor *
gantry_layer_layer_norm (GantryTensor *x, const gchar *name, guint n_axes, const GantryNormOptions *options)
{
  return build (x, name, n_axes > 0 ? n_axes : MAX (gantry_tensor_get_n_dims (x), 1) - 1, FALSE, options);
}

/**
 * gantry_layer_layer_norm_per_channel:
 * @x: [batch, channels, ...]
 * @name: scope of the variables, such as `norm1`
 * @options: (nullable): %NULL for eps 1e-5 and an affine transformation; there are no running statistics, the momentum is of no meaning
 *
 * Layer normalization over all axes but the batch's, with a weight and a bias per channel: that of the critics of
 * Gulrajani et al. 2017, section 4.
 *
 * Variables: `weight`, `bias`, [channels].
 *
 * Returns: (transfer none): a tensor of the shape of @x; a tensor without channels, or of a single value a sample, is an error of the graph
 */
GantryTensor *
gantry_layer_layer_norm_per_channel (GantryTensor *x, const gchar *name, const GantryNormOptions *options)
{
  return build (x, name, MAX (gantry_tensor_get_n_dims (x), 1) - 1, TRUE, options);
}
