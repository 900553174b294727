/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layers with weights that an item can be, with their options. */
#include "item.h"

static GantryLayerOptions
layer_options (const Item *item)
{
  return (GantryLayerOptions) { .bias = item->bias,
                                .normalization = item->spectral       ? GANTRY_WEIGHT_SPECTRAL
                                                 : item->weight_norm  ? GANTRY_WEIGHT_NORM
                                                 : item->standardized ? GANTRY_WEIGHT_STANDARDIZED
                                                                      : GANTRY_WEIGHT_PLAIN,
                                .weight_initializer = item->initial.given ? &item->initial.value : NULL,
                                .bias_initializer = item->bias_initial.given ? &item->bias_initial.value : NULL };
}

static GantryConvolution
geometry_of (const Item *item)
{
  GantryConvolution geometry = item->geometry;

  geometry.groups = (guint) item->groups;
  return geometry;
}

static GantryTensor *
apply_linear (GantryTensor *x, const Item *item)
{
  const GantryLayerOptions options = layer_options (item);
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  /* The layer itself would go over the last axis of images: hardly what somebody means who lists layers. */
  if (gantry_tensor_get_n_dims (x) > 2)
    gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                       "linear: %s, expected [batch, features]: put `flatten` before it", found);
  return gantry_layer_linear (x, item->name, item->channels, &options);
}

static GantryTensor *
apply_conv2d (GantryTensor *x, const Item *item)
{
  const GantryLayerOptions options = layer_options (item);
  const GantryConvolution geometry = geometry_of (item);

  return gantry_layer_conv2d (x, item->name, item->channels, item->kernel, &geometry, &options);
}

static GantryTensor *
apply_conv_transpose2d (GantryTensor *x, const Item *item)
{
  const GantryLayerOptions options = layer_options (item);
  const GantryConvolution geometry = geometry_of (item);

  return gantry_layer_conv_transpose2d (x, item->name, item->channels, item->kernel, &geometry, &options);
}

static GantryTensor *
apply_self_attention (GantryTensor *x, const Item *item)
{
  GantryLayerOptions options = layer_options (item);

  return gantry_layer_self_attention (x, item->name, item->attention, &options, NULL);
}

#define NORMALIZATIONS \
  OPTION ("spectral", parse_switch, spectral, FALSE), OPTION ("weight-norm", parse_switch, weight_norm, FALSE), \
    OPTION ("standardized", parse_switch, standardized, FALSE), OPTION ("initial", parse_initial, initial, FALSE)
#define WEIGHT_OPTIONS \
  NORMALIZATIONS, OPTION ("bias", parse_switch, bias, FALSE), OPTION ("bias-initial", parse_initial, bias_initial, FALSE)
#define CONVOLUTION_OPTIONS \
  OPTION ("channels", parse_count, channels, TRUE), OPTION ("kernel", parse_count, kernel, TRUE), \
    OPTION ("stride", parse_positive_pair, geometry.stride, FALSE), OPTION ("padding", parse_pair, geometry.padding, FALSE), \
    OPTION ("dilation", parse_positive_pair, geometry.dilation, FALSE), OPTION ("groups", parse_count, groups, FALSE), WEIGHT_OPTIONS

static const Option linear_options[] = { OPTION ("features", parse_count, channels, TRUE), WEIGHT_OPTIONS, { NULL } };
static const Option conv2d_options[] = { CONVOLUTION_OPTIONS, { NULL } };
static const Option conv_transpose2d_options[] = { CONVOLUTION_OPTIONS,
                                                   OPTION ("output-padding", parse_pair, geometry.output_padding, FALSE),
                                                   { NULL } };
static const Option self_attention_options[] = { OPTION ("kind", parse_attention, attention, FALSE), NORMALIZATIONS, { NULL } };

const Layer weight_layers[] = {
  { "linear", TRUE, FALSE, apply_linear, linear_options },
  { "conv2d", TRUE, FALSE, apply_conv2d, conv2d_options },
  { "conv-transpose2d", TRUE, FALSE, apply_conv_transpose2d, conv_transpose2d_options },
  { "self-attention", TRUE, FALSE, apply_self_attention, self_attention_options },
  { NULL }
};
