/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layers without variables that an item can be, with their options; and the list of all layers. */
#include "item.h"

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
apply_elu (GantryTensor *x, const Item *item)
{
  return gantry_elu (x, item->alpha);
}

static GantryTensor *
apply_selu (GantryTensor *x, const Item *item)
{
  return gantry_selu (x);
}

static GantryTensor *
apply_silu (GantryTensor *x, const Item *item)
{
  return gantry_silu (x);
}

static GantryTensor *
apply_gelu (GantryTensor *x, const Item *item)
{
  return gantry_gelu (x);
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

static GantryTensor *
apply_dropout (GantryTensor *x, const Item *item)
{
  return gantry_layer_dropout (x, item->name, item->probability);
}

static GantryPooling
pooling_of (const Item *item)
{
  return (GantryPooling) { .kernel = { item->window[0], item->window[1] },
                           .stride = { item->geometry.stride[0], item->geometry.stride[1] },
                           .padding = { item->geometry.padding[0], item->geometry.padding[1] } };
}

static GantryTensor *
apply_average_pool (GantryTensor *x, const Item *item)
{
  const GantryPooling pooling = pooling_of (item);

  return gantry_avg_pool2d (x, &pooling, item->count_padding);
}

static GantryTensor *
apply_max_pool (GantryTensor *x, const Item *item)
{
  const GantryPooling pooling = pooling_of (item);

  return gantry_max_pool2d (x, &pooling);
}

/* Over all axes behind the channels. */
static GantryTensor *
apply_global_average_pool (GantryTensor *x, const Item *item)
{
  const guint axes = (GANTRY_AXIS (gantry_tensor_get_n_dims (x)) - 1) & ~3u;
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (axes == 0)
    gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                       "global-average-pool: %s, expected [batch, channels, ...]", found);
  return gantry_mean_axes (x, axes, FALSE);
}

static GantryTensor *
apply_upsample (GantryTensor *x, const Item *item)
{
  const GantryResize how = { .interpolation = item->interpolation, .scale = { item->factor[0], item->factor[1] } };

  return gantry_resize (x, &how);
}

static const Option no_options[] = { { NULL } };
static const Option leaky_relu_options[] = { OPTION ("slope", parse_real, slope, FALSE), { NULL } };
static const Option elu_options[] = { OPTION ("alpha", parse_real, alpha, FALSE), { NULL } };
static const Option dropout_options[] = { OPTION ("p", parse_probability, probability, TRUE), { NULL } };
static const Option max_pool_options[] = { OPTION ("kernel", parse_positive_pair, window, TRUE),
                                           OPTION ("stride", parse_positive_pair, geometry.stride, FALSE),
                                           OPTION ("padding", parse_pair, geometry.padding, FALSE), { NULL } };
static const Option average_pool_options[] = { OPTION ("kernel", parse_positive_pair, window, TRUE),
                                               OPTION ("stride", parse_positive_pair, geometry.stride, FALSE),
                                               OPTION ("padding", parse_pair, geometry.padding, FALSE),
                                               OPTION ("count-padding", parse_switch, count_padding, FALSE), { NULL } };
static const Option upsample_options[] = { OPTION ("factor", parse_positive_pair, factor, TRUE),
                                           OPTION ("interpolation", parse_interpolation, interpolation, FALSE), { NULL } };

const Layer plain_layers[] = {
  { "relu", FALSE, FALSE, apply_relu, no_options },
  { "leaky-relu", FALSE, FALSE, apply_leaky_relu, leaky_relu_options },
  { "tanh", FALSE, FALSE, apply_tanh, no_options },
  { "sigmoid", FALSE, FALSE, apply_sigmoid, no_options },
  { "softplus", FALSE, FALSE, apply_softplus, no_options },
  { "elu", FALSE, FALSE, apply_elu, elu_options },
  { "selu", FALSE, FALSE, apply_selu, no_options },
  { "silu", FALSE, FALSE, apply_silu, no_options },
  { "gelu", FALSE, FALSE, apply_gelu, no_options },
  { "dropout", TRUE, FALSE, apply_dropout, dropout_options },
  { "average-pool", FALSE, FALSE, apply_average_pool, average_pool_options },
  { "max-pool", FALSE, FALSE, apply_max_pool, max_pool_options },
  { "global-average-pool", FALSE, FALSE, apply_global_average_pool, no_options },
  { "upsample", FALSE, FALSE, apply_upsample, upsample_options },
  { "flatten", FALSE, FALSE, apply_flatten, no_options },
  { "reshape", FALSE, TRUE, apply_reshape, no_options },
  { NULL }
};

const Layer *const *
list_layers (void)
{
  static const Layer *const families[] = { weight_layers, norm_layers, plain_layers };
  static GPtrArray *all;

  if (g_once_init_enter (&all))
    {
      GPtrArray *list = g_ptr_array_new ();

      for (guint i = 0; i < G_N_ELEMENTS (families); i++)
        for (const Layer *layer = families[i]; layer->name != NULL; layer++)
          g_ptr_array_add (list, (gpointer) layer);
      g_ptr_array_add (list, NULL);
      g_once_init_leave (&all, list);
    }
  return (const Layer *const *) all->pdata;
}
