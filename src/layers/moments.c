/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/moments-private.h"

gsize
_gantry_count_over (GantryTensor *x, guint axes)
{
  gsize n = 1;

  for (guint i = 0; i < gantry_tensor_get_n_dims (x); i++)
    if (axes & GANTRY_AXIS (i))
      n *= gantry_tensor_get_dim (x, i);
  return n;
}

/*
 * A division, where gantry_mean_axes() multiplies by 1 / n: the mean of equal numbers is then that number, and a constant channel
 * centred is 0, not a rounding error that 1 / sqrt(eps) makes large.
 */
GantryTensor *
_gantry_exact_mean (GantryTensor *x, guint axes)
{
  GantryTensor *count = gantry_fill (gantry_tensor_get_graph (x), GANTRY_SCALAR, gantry_tensor_get_dtype (x), (gdouble) _gantry_count_over (x, axes));

  return gantry_div (gantry_sum_axes (x, axes, TRUE), count);
}

/* In two passes: the variance of large numbers that lie close together would drown in E[x^2] - E[x]^2. */
void
_gantry_moments (GantryTensor *x, guint axes, GantryTensor **mean, GantryTensor **centred, GantryTensor **variance)
{
  *mean = _gantry_exact_mean (x, axes);
  *centred = gantry_sub (x, *mean);
  *variance = _gantry_exact_mean (gantry_square (*centred), axes);
}

/* One multiplication and one addition an element where the weight is one number a mean: it goes into the factor. */
GantryTensor *
_gantry_standardise (GantryTensor *centred, GantryTensor *variance, GantryTensor *weight, GantryTensor *bias, gdouble eps)
{
  GantryTensor *factor = gantry_rsqrt (gantry_offset (variance, eps));
  GantryTensor *y;

  if (weight != NULL)
    factor = gantry_mul (factor, weight);
  y = gantry_mul (centred, factor);
  return bias != NULL ? gantry_add (y, bias) : y;
}

GantryTensor *
_gantry_along_channels (GantryTensor *vector, GantryTensor *x)
{
  GantryShape shape = { gantry_tensor_get_n_dims (x), { 0 } };

  if (vector == NULL || gantry_tensor_get_n_dims (vector) != 1)
    return vector;
  for (guint i = 0; i < shape.n_dims; i++)
    shape.dims[i] = i == 1 ? gantry_tensor_get_dim (vector, 0) : 1;
  return gantry_reshape (vector, &shape);
}

void
_gantry_norm_variables (GantryGraph *graph, const GantryShape *shape, const GantryNormOptions *options, GantryTensor **weight, GantryTensor **bias)
{
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  const GantryInitializer *initializer = options->weight_initializer != NULL ? options->weight_initializer : GANTRY_CONSTANT (1);

  *weight = *bias = NULL;
  if (!options->affine)
    return;
  *weight = gantry_graph_read (graph, gantry_graph_variable (graph, "weight", shape, dtype, initializer, TRUE));
  *bias = gantry_graph_read (graph, gantry_graph_variable (graph, "bias", shape, dtype, GANTRY_CONSTANT (0), TRUE));
}

gboolean
_gantry_norm_check_count (GantryTensor *x, const gchar *op, guint axes, const gchar *unit)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (_gantry_count_over (x, axes) > 1)
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s: %s has one value a %s: statistics need two", op,
                     found, unit);
  return FALSE;
}

gdouble
_gantry_norm_eps (const GantryNormOptions *options)
{
  return options->eps > 0 ? options->eps : 1e-5;
}

/**
 * gantry_standardize:
 * @x: a real tensor
 * @axes: a set of axes that statistics are taken over, such as GANTRY_AXIS (2) | GANTRY_AXIS (3) for those of images
 * @eps: inside the square root
 *
 * (x - mean) / sqrt(variance + eps), with the mean and the biased variance over the axes: what instance, layer and group
 * normalization do before their affine transformation.
 *
 * Returns: (transfer none): a tensor of the shape of @x; no axes, or ones that @x does not have, are an error of the graph
 */
GantryTensor *
gantry_standardize (GantryTensor *x, guint axes, gdouble eps)
{
  GantryTensor *mean, *centred, *variance;

  if (axes == 0)
    {
      gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "standardize: no axes");
      return gantry_graph_poison (gantry_tensor_get_graph (x), gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
    }
  _gantry_moments (x, axes, &mean, &centred, &variance);
  return _gantry_standardise (centred, variance, NULL, NULL, eps);
}
