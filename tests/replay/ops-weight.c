/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normalizations of a weight, and the layer that the case applies it with. */
#include <math.h>

#include "replay/subjects.h"

static GantryMode
get_mode (Replay *self)
{
  return settings_get_bool (self, "training") ? GANTRY_MODE_TRAIN : GANTRY_MODE_EVALUATE;
}

static GantryTensor *
apply_layer (Replay *self, GantryTensor *x, GantryTensor *weight, GError **error)
{
  const gchar *layer = settings_get_string (self, "layer");
  GantryConvolution geometry;

  subject_geometry (self, &geometry);
  if (g_str_equal (layer, "linear"))
    return gantry_matmul_full (x, FALSE, weight, TRUE);
  if (g_str_equal (layer, "conv2d"))
    return gantry_conv2d (x, weight, &geometry);
  if (g_str_equal (layer, "conv_transpose2d"))
    return gantry_conv_transpose2d (x, weight, &geometry);
  if (g_str_equal (layer, "embedding"))
    return gantry_index_select (weight, 0, x);
  settings_skip (error, "no layer %s with a normalised weight is built", layer);
  return NULL;
}

static gboolean
build_spectral_norm (Replay *self, GError **error)
{
  GantrySpectralNormOptions options = { settings_get_double (self, "eps"), settings_get_int (self, "dim"),
                                        settings_get_int (self, "n_power_iterations") };
  GantryTensor *weight, *sigma, *y;

  gantry_graph_push_scope (self->graph, "layer");
  gantry_graph_push_mode (self->graph, get_mode (self));
  weight = gantry_spectral_norm (replay_value (self, "param.weight_orig"), &options, &sigma);
  gantry_graph_pop_mode (self->graph);
  gantry_graph_pop (self->graph);
  y = apply_layer (self, replay_value (self, "x.input"), weight, error);
  if (y == NULL)
    return FALSE;

  replay_set_output (self, "y", subject_add_channels (y, replay_try_value (self, "param.bias")));
  if (self->item->order == 1)
    {
      replay_set_output (self, "sigma", sigma);
      replay_set_output (self, "weight", weight);
    }
  replay_hold (self, "buffer.weight_u", "layer.weight_u");
  replay_hold (self, "buffer.weight_v", "layer.weight_v");
  replay_set_after (self, "weight_u", "layer.weight_u");
  replay_set_after (self, "weight_v", "layer.weight_v");
  return TRUE;
}

static gboolean
build_spectral_norm_biggan (Replay *self, GError **error)
{
  GantrySpectralNormOptions options = { settings_get_double (self, "eps"), 0, settings_get_int (self, "num_itrs") };
  GantryTensor *weight, *y;

  if (!settings_need (self, "num_svs", "1", error))
    return FALSE;
  gantry_graph_push_scope (self->graph, "layer");
  gantry_graph_push_mode (self->graph, get_mode (self));
  weight = gantry_spectral_norm_biggan (replay_value (self, "param.weight"), &options, NULL);
  gantry_graph_pop_mode (self->graph);
  gantry_graph_pop (self->graph);
  y = apply_layer (self, replay_value (self, "x.input"), weight, error);
  if (y == NULL)
    return FALSE;

  replay_set_output (self, "y", subject_add_channels (y, replay_try_value (self, "param.bias")));
  replay_hold (self, "buffer.u0", "layer.u0");
  replay_hold (self, "buffer.sv0", "layer.sv0");
  replay_set_after (self, "u0", "layer.u0");
  replay_set_after (self, "sv0", "layer.sv0");
  return TRUE;
}

static gboolean
finish_layer (Replay *self, GantryTensor *weight, GError **error)
{
  GantryTensor *y = apply_layer (self, replay_value (self, "x.input"), weight, error);

  if (y != NULL)
    replay_set_only_output (self, subject_add_channels (y, replay_try_value (self, "param.bias")));
  return y != NULL;
}

static gboolean
build_weight_norm (Replay *self, GError **error)
{
  return finish_layer (self, gantry_weight_norm (replay_value (self, "param.weight_v"), replay_value (self, "param.weight_g"),
                                                 settings_get_int (self, "dim")), error);
}

static gboolean
build_weight_standardization (Replay *self, GError **error)
{
  return finish_layer (self, gantry_weight_standardize (replay_value (self, "param.weight"), 0, settings_get_double (self, "eps")), error);
}

/* Constants that the parameters of a layer are multiplied by: sqrt (2 / fan_in) times that of the learning rate. */
static gboolean
build_equalized_lr (Replay *self, GError **error)
{
  GantryTensor *weight = replay_value (self, "param.module.weight"), *bias = replay_try_value (self, "param.module.bias");
  const gdouble fan_in = (gdouble) gantry_tensor_get_size (weight) / (gdouble) gantry_tensor_get_dim (weight, 0);
  const gdouble factor = sqrt (2 / fan_in) * settings_get_double (self, "lr_multiplier");
  const gsize outputs = gantry_tensor_get_dim (weight, 0);
  const gboolean is_linear = g_str_equal (settings_get_string (self, "layer"), "linear");
  const gsize kernel = is_linear ? 1 : gantry_tensor_get_dim (weight, 2);
  GantryLayerOptions options = { .bias = bias != NULL, .weight_factor = factor };
  GantryConvolution geometry;
  GantryTensor *y;

  if (settings_get_bool (self, "scale_bias"))
    options.bias_factor = factor;
  subject_geometry (self, &geometry);
  y = is_linear ? gantry_layer_linear (replay_value (self, "x.input"), "layer.module", outputs, &options)
                : gantry_layer_conv2d (replay_value (self, "x.input"), "layer.module", outputs, kernel, &geometry, &options);
  replay_set_only_output (self, y);
  return replay_hold_all (self, "layer", error);
}

const OpSubject op_subjects_weight[] = {
  { "spectral_norm", build_spectral_norm },
  { "spectral_norm_biggan", build_spectral_norm_biggan },
  { "weight_norm", build_weight_norm },
  { "weight_standardization", build_weight_standardization },
  { "equalized_lr", build_equalized_lr },
  { NULL, NULL }
};
