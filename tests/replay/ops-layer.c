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

const OpSubject op_subjects_layer[] = {
  { "linear", build_linear },
  { "dropout", build_dropout },
  { "initializers", build_initializers },
  { NULL, NULL }
};
