/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

#include <math.h>

/* PyTorch's default: U(-1/sqrt(fan_in), 1/sqrt(fan_in)). */
static GantryInitializer
choose_initializer (const GantryInitializer *given, gsize fan_in)
{
  const gdouble bound = 1 / sqrt ((gdouble) MAX (fan_in, 1));

  return given != NULL ? *given : (GantryInitializer) { GANTRY_INITIALIZER_UNIFORM, -bound, bound };
}

static GantryTensor *
read_parameter (GantryGraph *graph, const gchar *name, const GantryShape *shape, const GantryInitializer *initializer, gdouble factor)
{
  GantryVariable *variable = gantry_graph_variable (graph, name, shape, gantry_graph_get_dtype (graph), initializer, TRUE);
  GantryTensor *parameter = gantry_graph_read (graph, variable);

  return factor != 0 && factor != 1 ? gantry_scale (parameter, factor) : parameter;
}

/* `weight_g` times the direction of `weight_v`. */
static GantryTensor *
read_apart (GantryGraph *graph, const GantryShape *shape, guint output_axis, const GantryInitializer *initializer, gdouble factor)
{
  const gdouble rest = (gdouble) gantry_shape_size (shape) / (gdouble) MAX (shape->dims[output_axis], 1);
  const GantryInitializer start = { GANTRY_INITIALIZER_CONSTANT, sqrt (rest * _gantry_initializer_square (initializer, shape)), 0 };
  GantryShape lengths = { shape->n_dims, { 0 } };
  GantryTensor *length, *direction;

  for (guint i = 0; i < shape->n_dims; i++)
    lengths.dims[i] = i == output_axis ? shape->dims[i] : 1;
  length = read_parameter (graph, "weight_g", &lengths, &start, factor);
  direction = read_parameter (graph, "weight_v", shape, initializer, 1);
  return gantry_weight_norm (direction, length, output_axis);
}

GantryTensor *
_gantry_layer_weight (GantryGraph *graph, const GantryShape *shape, gsize fan_in, guint output_axis, const GantryLayerOptions *options)
{
  const GantrySpectralNormOptions spectral = { options->normalization_eps, output_axis, options->power_iterations };
  const GantryInitializer initializer = choose_initializer (options->weight_initializer, fan_in);
  const gdouble factor = options->weight_factor;

  switch (options->normalization)
    {
    case GANTRY_WEIGHT_SPECTRAL:
      return gantry_spectral_norm (read_parameter (graph, "weight_orig", shape, &initializer, factor), &spectral, NULL);
    case GANTRY_WEIGHT_SPECTRAL_BIGGAN:
      return gantry_spectral_norm_biggan (read_parameter (graph, "weight", shape, &initializer, factor), &spectral, NULL);
    case GANTRY_WEIGHT_NORM:
      return read_apart (graph, shape, output_axis, &initializer, factor);
    case GANTRY_WEIGHT_STANDARDIZED:
      return gantry_weight_standardize (read_parameter (graph, "weight", shape, &initializer, factor), output_axis,
                                        options->normalization_eps > 0 ? options->normalization_eps : 1e-5);
    default:
      return read_parameter (graph, "weight", shape, &initializer, factor);
    }
}

GantryTensor *
_gantry_layer_bias (GantryGraph *graph, gsize n, gsize fan_in, guint n_dims, const GantryLayerOptions *options)
{
  const GantryInitializer initializer = choose_initializer (options->bias_initializer, fan_in);
  GantryShape shape = { n_dims, { 1, n } };
  GantryTensor *bias;

  if (!options->bias)
    return NULL;
  bias = read_parameter (graph, "bias", GANTRY_SHAPE (n), &initializer, options->bias_factor);
  for (guint i = 2; i < n_dims; i++)
    shape.dims[i] = 1;
  return n_dims > 2 ? gantry_reshape (bias, &shape) : bias;
}

const GantryLayerOptions *
_gantry_layer_options (const GantryLayerOptions *options)
{
  static const GantryLayerOptions defaults = { .bias = TRUE };

  return options != NULL ? options : &defaults;
}
