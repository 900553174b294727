/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

#include <math.h>

static GantryTensor *
read_parameter (GantryGraph *graph, const gchar *name, const GantryShape *shape, gsize fan_in, const GantryInitializer *initializer)
{
  const gdouble bound = 1 / sqrt ((gdouble) MAX (fan_in, 1));
  const GantryInitializer fallback = { GANTRY_INITIALIZER_UNIFORM, -bound, bound };

  return gantry_graph_read (
      graph, gantry_graph_variable (graph, name, shape, gantry_graph_get_dtype (graph), initializer != NULL ? initializer : &fallback, TRUE));
}

GantryTensor *
_gantry_layer_weight (GantryGraph *graph, const GantryShape *shape, gsize fan_in, guint output_axis, const GantryLayerOptions *options)
{
  const GantrySpectralNormOptions spectral = { .dim = output_axis };
  GantryTensor *weight = read_parameter (graph, options->spectral ? "weight_orig" : "weight", shape, fan_in, options->weight_initializer);

  return options->spectral ? gantry_spectral_norm (weight, &spectral, NULL) : weight;
}

GantryTensor *
_gantry_layer_bias (GantryGraph *graph, gsize n, gsize fan_in, guint n_dims, const GantryLayerOptions *options)
{
  GantryShape shape = { n_dims, { 1, n } };
  GantryTensor *bias;

  if (!options->bias)
    return NULL;
  bias = read_parameter (graph, "bias", GANTRY_SHAPE (n), fan_in, options->bias_initializer);
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
