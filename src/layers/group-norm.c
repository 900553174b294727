/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normalizations of a sample by itself, per group of channels or per channel. */
#include "layers/moments-private.h"

static gboolean
check (GantryTensor *x, const gchar *op, gsize groups)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (gantry_tensor_get_n_dims (x) < 2)
    {
      gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s: %s, expected [batch, channels, ...]", op,
                         found);
      return FALSE;
    }
  if (groups > 0 && gantry_tensor_get_dim (x, 1) % groups == 0)
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT,
                     "%s: %s in %" G_GSIZE_FORMAT " groups, expected a number that divides the channels", op, found, groups);
  return FALSE;
}

/* Each group as one row of numbers: [batch, groups, rest]. */
static GantryTensor *
to_rows (GantryTensor *x, gsize groups)
{
  const gsize batch = gantry_tensor_get_dim (x, 0);

  return gantry_reshape (x, GANTRY_SHAPE (batch, groups, gantry_tensor_get_size (x) / (batch * groups)));
}

static GantryTensor *
apply (GantryTensor *x, const gchar *op, const gchar *unit, gsize groups, const GantryNormOptions *options)
{
  GantryTensor *weight, *bias, *rows, *y;

  _gantry_norm_variables (gantry_tensor_get_graph (x), GANTRY_SHAPE (gantry_tensor_get_dim (x, 1)), options, &weight, &bias);
  rows = to_rows (x, groups);
  if (!_gantry_norm_check_count (rows, op, GANTRY_AXIS (2), unit))
    return gantry_graph_poison (gantry_tensor_get_graph (x), gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  y = gantry_reshape (gantry_standardize (rows, GANTRY_AXIS (2), _gantry_norm_eps (options)), gantry_tensor_get_shape (x));
  if (weight == NULL)
    return y;
  return gantry_add (gantry_mul (y, _gantry_along_channels (weight, x)), _gantry_along_channels (bias, x));
}

/**
 * gantry_layer_group_norm:
 * @x: [batch, channels, ...]
 * @name: scope of the variables, such as `main.1`
 * @groups: a number that divides the channels; 1 normalises whole samples
 * @options: (nullable): %NULL for eps 1e-5 and an affine transformation; there are no running statistics, the momentum is of no meaning
 *
 * Group normalization: mean and biased variance of each sample over consecutive groups of channels, in every mode.  Wu & He 2018, eq. 7.
 *
 * Variables: `weight`, `bias`, [channels].
 *
 * Returns: (transfer none): a tensor of the shape of @x; groups that do not divide the channels, or of a single value, are
 *   errors of the graph
 */
GantryTensor *
gantry_layer_group_norm (GantryTensor *x, const gchar *name, gsize groups, const GantryNormOptions *options)
{
  static const GantryNormOptions defaults = { .affine = TRUE };
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  gantry_graph_push_scope (graph, name);
  if (check (x, "group-norm", groups))
    y = apply (x, "group-norm", "group", groups, options != NULL ? options : &defaults);
  else
    y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  gantry_graph_pop (graph);
  return y;
}

/**
 * gantry_layer_instance_norm:
 * @x: [batch, channels, ...]
 * @name: scope of the variables, such as `main.1`
 * @options: (nullable): %NULL for eps 1e-5 without an affine transformation, as in PyTorch; there are no running statistics, the
 *   momentum is of no meaning
 *
 * Instance normalization: mean and biased variance of each channel of each sample, in every mode.  Ulyanov et al. 2016, eq. 2.
 *
 * Variables where it is affine: `weight`, `bias`, [channels].
 *
 * Returns: (transfer none): a tensor of the shape of @x; channels of a single value are an error of the graph
 */
GantryTensor *
gantry_layer_instance_norm (GantryTensor *x, const gchar *name, const GantryNormOptions *options)
{
  static const GantryNormOptions defaults = { .affine = FALSE };
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  gantry_graph_push_scope (graph, name);
  if (check (x, "instance-norm", 1))
    y = apply (x, "instance-norm", "channel", gantry_tensor_get_dim (x, 1), options != NULL ? options : &defaults);
  else
    y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  gantry_graph_pop (graph);
  return y;
}
