/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normalizations of a weight, and the layer that the case applies it with. */
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
  settings_skip (error, "no layer %s with spectral normalization is built", layer);
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

const OpSubject op_subjects_weight[] = {
  { "spectral_norm", build_spectral_norm },
  { NULL, NULL }
};
