/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Matrix products and convolutions. */
#include "replay/subjects.h"

static gboolean
build_matmul (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_matmul_full (replay_value (self, "x.a"), settings_get_bool (self, "transpose_a"),
                                                    replay_value (self, "x.b"), settings_get_bool (self, "transpose_b")));
  return TRUE;
}

/* beta bias + alpha a b */
static gboolean
build_addmm (Replay *self, GError **error)
{
  GantryTensor *product = gantry_matmul_full (replay_value (self, "x.a"), settings_get_bool (self, "transpose_a"),
                                              replay_value (self, "x.b"), settings_get_bool (self, "transpose_b"));

  replay_set_only_output (self, gantry_add (gantry_scale (replay_value (self, "x.bias"), settings_get_double (self, "beta")),
                                            gantry_scale (product, settings_get_double (self, "alpha"))));
  return TRUE;
}

static void
get_pair (Replay *self, const gchar *key, guint *pair)
{
  gint64 values[2] = { 0 };

  if (!settings_has (self, key))
    return;
  settings_get_ints (self, key, values, G_N_ELEMENTS (values));
  pair[0] = values[0];
  pair[1] = values[1];
}

void
subject_geometry (Replay *self, GantryConvolution *geometry)
{
  *geometry = (GantryConvolution) { 0 };
  get_pair (self, "stride", geometry->stride);
  get_pair (self, "padding", geometry->padding);
  get_pair (self, "dilation", geometry->dilation);
  get_pair (self, "output_padding", geometry->output_padding);
  if (settings_has (self, "groups"))
    geometry->groups = settings_get_int (self, "groups");
}

static gboolean
build_conv2d (Replay *self, GError **error)
{
  GantryConvolution geometry;

  subject_geometry (self, &geometry);
  replay_set_only_output (self, subject_add_channels (gantry_conv2d (replay_value (self, "x.input"), replay_value (self, "param.weight"), &geometry),
                                                      replay_try_value (self, "param.bias")));
  return TRUE;
}

static gboolean
build_conv_transpose2d (Replay *self, GError **error)
{
  GantryConvolution geometry;

  subject_geometry (self, &geometry);
  replay_set_only_output (self, subject_add_channels (gantry_conv_transpose2d (replay_value (self, "x.input"),
                                                                               replay_value (self, "param.weight"), &geometry),
                                                      replay_try_value (self, "param.bias")));
  return TRUE;
}

const OpSubject op_subjects_product[] = {
  { "matmul", build_matmul },
  { "addmm", build_addmm },
  { "conv2d", build_conv2d },
  { "conv_transpose2d", build_conv_transpose2d },
  { NULL, NULL }
};
