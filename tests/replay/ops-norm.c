/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normalizations that Gantry has as layers, with their state. */
#include "replay/subjects.h"

static GantryMode
get_mode (Replay *self)
{
  return settings_get_bool (self, "training") ? GANTRY_MODE_TRAIN : GANTRY_MODE_EVALUATE;
}

static gboolean
build_batch_norm (Replay *self, GError **error)
{
  GantryNormOptions options = { settings_get_double (self, "eps"), settings_get_double (self, "momentum"), replay_has (self, "param.weight"), NULL };
  GantryTensor *y;

  gantry_graph_push_mode (self->graph, get_mode (self));
  y = gantry_layer_batch_norm (replay_value (self, "x.input"), "norm", &options);
  gantry_graph_pop_mode (self->graph);

  replay_set_only_output (self, y);
  replay_set_after (self, "running_mean", "norm.running_mean");
  replay_set_after (self, "running_var", "norm.running_var");
  return replay_hold_all (self, "norm", error);
}

static gboolean
build_conditional_batch_norm (Replay *self, GError **error)
{
  const GantryLayerOptions parameters = { .bias = replay_has (self, "param.gain.bias") };
  const GantryConditionalNormOptions options = { .eps = settings_get_double (self, "eps"), .momentum = settings_get_double (self, "momentum"),
                                                 .parameters = &parameters };
  GantryTensor *y;

  gantry_graph_push_mode (self->graph, get_mode (self));
  y = gantry_layer_conditional_batch_norm (replay_value (self, "x.input"), replay_value (self, "x.y"), "norm", &options);
  gantry_graph_pop_mode (self->graph);

  replay_set_only_output (self, y);
  replay_set_after (self, "stored_mean", "norm.stored_mean");
  replay_set_after (self, "stored_var", "norm.stored_var");
  return replay_hold_all (self, "norm", error);
}

/* Ends a normalization that has no state but its weight and bias, which the case may call otherwise. */
static gboolean
finish_norm (Replay *self, GantryTensor *y, const gchar *weight, const gchar *bias)
{
  replay_set_only_output (self, y);
  if (replay_has (self, weight))
    replay_hold (self, weight, "norm.weight");
  if (replay_has (self, bias))
    replay_hold (self, bias, "norm.bias");
  return TRUE;
}

static GantryNormOptions
get_norm_options (Replay *self, const gchar *weight)
{
  return (GantryNormOptions) { .eps = settings_get_double (self, "eps"), .affine = replay_has (self, weight) };
}

static gboolean
build_group_norm (Replay *self, GError **error)
{
  const GantryNormOptions options = get_norm_options (self, "param.weight");
  GantryTensor *y = gantry_layer_group_norm (replay_value (self, "x.input"), "norm", settings_get_int (self, "num_groups"), &options);

  return finish_norm (self, y, "param.weight", "param.bias");
}

static gboolean
build_instance_norm (Replay *self, GError **error)
{
  const GantryNormOptions options = get_norm_options (self, "param.weight");

  return finish_norm (self, gantry_layer_instance_norm (replay_value (self, "x.input"), "norm", &options), "param.weight", "param.bias");
}

static gboolean
build_layer_norm (Replay *self, GError **error)
{
  const GantryNormOptions options = get_norm_options (self, "param.weight");
  GantryTensor *x = replay_value (self, "x.input");
  gint64 sizes[GANTRY_MAX_DIMS];
  guint n_axes = settings_get_ints (self, "normalized_shape", sizes, G_N_ELEMENTS (sizes));

  return finish_norm (self, gantry_layer_layer_norm (x, "norm", n_axes, &options), "param.weight", "param.bias");
}

static gboolean
build_layer_norm_channel_affine (Replay *self, GError **error)
{
  const GantryNormOptions options = get_norm_options (self, "param.scale");

  return finish_norm (self, gantry_layer_layer_norm_per_channel (replay_value (self, "x.input"), "norm", &options), "param.scale", "param.offset");
}

const OpSubject op_subjects_norm[] = {
  { "batch_norm", build_batch_norm },
  { "conditional_batch_norm", build_conditional_batch_norm },
  { "group_norm", build_group_norm },
  { "instance_norm", build_instance_norm },
  { "layer_norm", build_layer_norm },
  { "layer_norm_channel_affine", build_layer_norm_channel_affine },
  { NULL, NULL }
};
