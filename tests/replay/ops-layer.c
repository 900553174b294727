/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other layers, and how their variables are filled. */
#include <math.h>

#include "replay/subjects.h"

static gboolean
build_linear (Replay *self, GError **error)
{
  const GantryLayerOptions options = { .bias = replay_has (self, "param.bias") };
  gsize out_features = replay_has (self, "param.weight") ? gantry_array_get_shape (case_get_tensor (self->item, "param.weight"))->dims[0] : 0;

  replay_set_only_output (self, gantry_layer_linear (replay_value (self, "x.input"), "layer", out_features, &options));
  return replay_hold_all (self, "layer", error);
}

static gboolean
build_dropout (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");

  if (!settings_need (self, "training", "true", error))
    return FALSE;
  replay_set_only_output (self, gantry_dropout (x, replay_value (self, "x.mask"), settings_get_double (self, "p")));
  return TRUE;
}

/* Fills an array from the case's draws. */
static gboolean
fill (Replay *self, const gchar *output, const GantryInitializer *initializer, GError **error)
{
  const gchar *name = gantry_initializer_get_draws (initializer) == GANTRY_INPUT_NORMAL ? "x.normal" : "x.uniform";
  GantryArray *draws = case_get_tensor (self->item, name);
  g_autoptr (GantryArray) array = NULL;

  if (draws == NULL)
    return settings_fail (error, "the case has no tensor %s", name);
  array = gantry_array_try_new (self->setup->dtype, gantry_array_get_shape (draws), error);
  if (array == NULL || !gantry_initializer_fill (initializer, draws, array, error))
    return FALSE;
  replay_set_result (self, output, array);
  return TRUE;
}

static gboolean
build_initializers (Replay *self, GError **error)
{
  const gdouble gain = settings_get_double (self, "gain");
  const gdouble leaky = GANTRY_GAIN_LEAKY_RELU (settings_get_double (self, "negative_slope"));
  const GantryInitializer *truncated =
    GANTRY_TRUNCATED_NORMAL (settings_get_double (self, "truncated_normal_std"), settings_get_double (self, "truncated_normal_bound"));

  return fill (self, "out.orthogonal", GANTRY_ORTHOGONAL (gain), error)
         && fill (self, "out.xavier_uniform", GANTRY_XAVIER_UNIFORM (gain), error)
         && fill (self, "out.xavier_normal", GANTRY_XAVIER_NORMAL (gain), error)
         && fill (self, "out.kaiming_normal_fan_in_leaky02", GANTRY_KAIMING_NORMAL (leaky, GANTRY_FAN_IN), error)
         && fill (self, "out.kaiming_uniform_fan_in_relu", GANTRY_KAIMING_UNIFORM (GANTRY_GAIN_RELU, GANTRY_FAN_IN), error)
         && fill (self, "out.kaiming_normal_fan_out_relu", GANTRY_KAIMING_NORMAL (GANTRY_GAIN_RELU, GANTRY_FAN_OUT), error)
         && fill (self, "out.pytorch_default_conv", GANTRY_KAIMING_UNIFORM (GANTRY_GAIN_LEAKY_RELU (sqrt (5)), GANTRY_FAN_IN), error)
         && fill (self, "out.dcgan_normal", GANTRY_NORMAL (0, settings_get_double (self, "normal_std")), error)
         && fill (self, "out.truncated_normal", truncated, error);
}

static gboolean
build_embedding (Replay *self, GError **error)
{
  GantryArray *weight = case_get_tensor (self->item, "param.weight");

  if (weight == NULL || gantry_array_get_shape (weight)->n_dims != 2)
    return settings_fail (error, "the case has no table param.weight");
  replay_set_only_output (self, gantry_layer_embedding (replay_value (self, "x.index"), "layer", gantry_array_get_shape (weight)->dims[0],
                                                        gantry_array_get_shape (weight)->dims[1], NULL));
  return replay_hold_all (self, "layer", error);
}

static gboolean
build_attention (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_attention (replay_value (self, "x.q"), replay_value (self, "x.k"), replay_value (self, "x.v"), 0, NULL));
  return TRUE;
}

static gboolean
build_self_attention (Replay *self, GError **error)
{
  const gchar *variant = settings_get_string (self, "variant");
  const gboolean spectral = settings_get_bool (self, "spectral_norm");
  const GantryLayerOptions options = { .normalization = spectral ? GANTRY_WEIGHT_SPECTRAL_BIGGAN : GANTRY_WEIGHT_PLAIN,
                                       .power_iterations = settings_has (self, "num_itrs") ? settings_get_int (self, "num_itrs") : 0,
                                       .normalization_eps = settings_has (self, "eps") ? settings_get_double (self, "eps") : 0 };
  const GantrySelfAttention kind = g_str_equal (variant, "biggan") ? GANTRY_SELF_ATTENTION_POOLED : GANTRY_SELF_ATTENTION_FULL;
  GantryTensor *y, *attention;

  if ((!g_str_equal (variant, "biggan") && !g_str_equal (variant, "sagan")) || !settings_get_bool (self, "training"))
    return settings_skip (error, "no self-attention %s is built", variant);
  y = gantry_layer_self_attention (replay_value (self, "x.input"), "layer", kind, &options, &attention);
  replay_set_output (self, "y", y);
  if (kind == GANTRY_SELF_ATTENTION_FULL)
    replay_set_output (self, "attention", attention);
  for (guint i = 0; self->item->buffers[i] != NULL; i++)
    {
      const gchar *buffer = self->item->buffers[i] + strlen ("buffer.");
      g_autofree gchar *variable = g_strconcat ("layer.", buffer, NULL);

      replay_set_after (self, buffer, variable);
    }
  return replay_hold_all (self, "layer", error);
}

const OpSubject op_subjects_layer[] = {
  { "linear", build_linear },
  { "dropout", build_dropout },
  { "initializers", build_initializers },
  { "embedding", build_embedding },
  { "scaled_dot_product_attention", build_attention },
  { "self_attention", build_self_attention },
  { NULL, NULL }
};
