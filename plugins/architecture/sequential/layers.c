/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The layers that an item can be, with their options. */
#include "item.h"

static GantryLayerOptions
layer_options (const Item *item)
{
  return (GantryLayerOptions) { .bias = item->bias,
                                .normalization = item->spectral ? GANTRY_WEIGHT_SPECTRAL : GANTRY_WEIGHT_PLAIN,
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
apply_batch_norm (GantryTensor *x, const Item *item)
{
  const GantryNormOptions options = { item->eps, item->momentum, item->affine, item->initial.given ? &item->initial.value : NULL };

  return gantry_layer_batch_norm (x, item->name, &options);
}

static GantryTensor *
apply_relu (GantryTensor *x, const Item *item)
{
  return gantry_relu (x);
}

static GantryTensor *
apply_leaky_relu (GantryTensor *x, const Item *item)
{
  return gantry_leaky_relu (x, item->slope);
}

static GantryTensor *
apply_tanh (GantryTensor *x, const Item *item)
{
  return gantry_tanh (x);
}

static GantryTensor *
apply_sigmoid (GantryTensor *x, const Item *item)
{
  return gantry_sigmoid (x);
}

static GantryTensor *
apply_softplus (GantryTensor *x, const Item *item)
{
  return gantry_softplus (x);
}

static GantryTensor *
apply_flatten (GantryTensor *x, const Item *item)
{
  return gantry_flatten (x);
}

static GantryTensor *
apply_reshape (GantryTensor *x, const Item *item)
{
  GantryShape shape = { item->dims.n_dims + 1, { gantry_tensor_get_dim (x, 0) } };

  memcpy (shape.dims + 1, item->dims.dims, item->dims.n_dims * sizeof shape.dims[0]);
  return gantry_reshape (x, &shape);
}

#define OPTION(key, parse, field, required) { key, parse, G_STRUCT_OFFSET (Item, field), required }
#define WEIGHT_OPTIONS \
  OPTION ("bias", parse_switch, bias, FALSE), OPTION ("spectral", parse_switch, spectral, FALSE), \
    OPTION ("initial", parse_initial, initial, FALSE), OPTION ("bias-initial", parse_initial, bias_initial, FALSE)
#define CONVOLUTION_OPTIONS \
  OPTION ("channels", parse_count, channels, TRUE), OPTION ("kernel", parse_count, kernel, TRUE), \
    OPTION ("stride", parse_positive_pair, geometry.stride, FALSE), OPTION ("padding", parse_pair, geometry.padding, FALSE), \
    OPTION ("dilation", parse_positive_pair, geometry.dilation, FALSE), OPTION ("groups", parse_count, groups, FALSE), WEIGHT_OPTIONS

static const Option no_options[] = { { NULL } };
static const Option linear_options[] = { OPTION ("features", parse_count, channels, TRUE), WEIGHT_OPTIONS, { NULL } };
static const Option conv2d_options[] = { CONVOLUTION_OPTIONS, { NULL } };
static const Option conv_transpose2d_options[] = { CONVOLUTION_OPTIONS,
                                                   OPTION ("output-padding", parse_pair, geometry.output_padding, FALSE),
                                                   { NULL } };
static const Option batch_norm_options[] = { OPTION ("eps", parse_real, eps, FALSE), OPTION ("momentum", parse_real, momentum, FALSE),
                                             OPTION ("affine", parse_switch, affine, FALSE),
                                             OPTION ("initial", parse_initial, initial, FALSE), { NULL } };
static const Option leaky_relu_options[] = { OPTION ("slope", parse_real, slope, FALSE), { NULL } };

static const Layer linear = { "linear", TRUE, FALSE, apply_linear, linear_options };
static const Layer conv2d = { "conv2d", TRUE, FALSE, apply_conv2d, conv2d_options };
static const Layer conv_transpose2d = { "conv-transpose2d", TRUE, FALSE, apply_conv_transpose2d, conv_transpose2d_options };
static const Layer batch_norm = { "batch-norm", TRUE, FALSE, apply_batch_norm, batch_norm_options };
static const Layer relu = { "relu", FALSE, FALSE, apply_relu, no_options };
static const Layer leaky_relu = { "leaky-relu", FALSE, FALSE, apply_leaky_relu, leaky_relu_options };
static const Layer tanh_layer = { "tanh", FALSE, FALSE, apply_tanh, no_options };
static const Layer sigmoid = { "sigmoid", FALSE, FALSE, apply_sigmoid, no_options };
static const Layer softplus = { "softplus", FALSE, FALSE, apply_softplus, no_options };
static const Layer flatten = { "flatten", FALSE, FALSE, apply_flatten, no_options };
static const Layer reshape = { "reshape", FALSE, TRUE, apply_reshape, no_options };

const Layer *const layers[] = { &linear,     &conv2d,  &conv_transpose2d, &batch_norm, &relu, &leaky_relu,
                                &tanh_layer, &sigmoid, &softplus,         &flatten,    &reshape, NULL };
