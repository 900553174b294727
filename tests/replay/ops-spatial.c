/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subjects about images and indices: pooling, resizing, sampling at places, gathering. */
#include "replay/subjects.h"

static gboolean
build_adaptive_avg_pool2d (Replay *self, GError **error)
{
  gint64 size[2] = { 0 };

  settings_get_ints (self, "output_size", size, G_N_ELEMENTS (size));
  replay_set_only_output (self, gantry_adaptive_avg_pool2d (replay_value (self, "x.input"), size[0], size[1]));
  return TRUE;
}

/* Two numbers, or one for both directions. */
static void
read_pair (Replay *self, const gchar *key, guint *pair)
{
  JsonNode *node = settings_get (self, key);
  gint64 values[2] = { 0 };

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    settings_get_ints (self, key, values, G_N_ELEMENTS (values));
  else if (node != NULL)
    values[0] = values[1] = settings_get_int (self, key);
  pair[0] = values[0];
  pair[1] = values[1];
}

static GantryPooling
read_pooling (Replay *self)
{
  GantryPooling pooling = { .ceil = settings_get_bool (self, "ceil_mode") };

  read_pair (self, "kernel_size", pooling.kernel);
  read_pair (self, "stride", pooling.stride);
  read_pair (self, "padding", pooling.padding);
  return pooling;
}

static gboolean
build_avg_pool2d (Replay *self, GError **error)
{
  GantryPooling pooling = read_pooling (self);

  replay_set_only_output (self, gantry_avg_pool2d (replay_value (self, "x.input"), &pooling, settings_get_bool (self, "count_include_pad")));
  return TRUE;
}

static gboolean
build_max_pool2d (Replay *self, GError **error)
{
  GantryPooling pooling = read_pooling (self);

  read_pair (self, "dilation", pooling.dilation);
  replay_set_only_output (self, gantry_max_pool2d (replay_value (self, "x.input"), &pooling));
  return TRUE;
}

/* Along the last axis. */
static gboolean
build_max_pool1d (Replay *self, GError **error)
{
  GantryPooling pooling = read_pooling (self);

  read_pair (self, "dilation", pooling.dilation);
  pooling.kernel[0] = pooling.stride[0] = 1;
  pooling.padding[0] = 0;
  replay_set_only_output (self, gantry_max_pool2d (replay_value (self, "x.input"), &pooling));
  return TRUE;
}

static gboolean
read_interpolation (Replay *self, GantryResize *how, GError **error)
{
  static const gchar *const names[] = { "nearest", "nearest-exact", "bilinear", "bicubic" };
  const gchar *mode = settings_get_string (self, "mode");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], mode))
      {
        how->interpolation = (GantryInterpolation) i;
        return TRUE;
      }
  return settings_skip (error, "no interpolation %s is built", mode);
}

static void
read_size (Replay *self, GantryResize *how)
{
  JsonNode *factors = settings_get (self, "scale_factor");
  gint64 size[2] = { 0 };

  if (settings_has (self, "size"))
    settings_get_ints (self, "size", size, G_N_ELEMENTS (size));
  for (guint d = 0; d < 2; d++)
    {
      how->size[d] = size[d];
      if (factors != NULL)
        how->scale[d] = json_array_get_double_element (json_node_get_array (factors), d);
    }
}

static gboolean
build_interpolate (Replay *self, GError **error)
{
  GantryResize how = { .antialias = settings_get_bool (self, "antialias") };

  if (!read_interpolation (self, &how, error))
    return FALSE;
  read_size (self, &how);
  if (settings_has (self, "align_corners") && settings_get_bool (self, "align_corners"))
    how.coordinates = GANTRY_COORDINATES_CORNERS;
  replay_set_only_output (self, gantry_resize (replay_value (self, "x.input"), &how));
  return TRUE;
}

static gboolean
build_interpolate_tensorflow1 (Replay *self, GError **error)
{
  GantryResize how = { .coordinates = GANTRY_COORDINATES_ASYMMETRIC };

  if (!read_interpolation (self, &how, error))
    return FALSE;
  read_size (self, &how);
  if (settings_get_bool (self, "align_corners"))
    how.coordinates = GANTRY_COORDINATES_CORNERS;
  replay_set_only_output (self, gantry_resize (replay_value (self, "x.input"), &how));
  return TRUE;
}

static gboolean
build_affine_grid (Replay *self, GError **error)
{
  gint64 size[4] = { 0 };

  settings_get_ints (self, "size", size, G_N_ELEMENTS (size));
  replay_set_only_output (self, gantry_affine_grid (replay_value (self, "x.theta"), size[2], size[3], settings_get_bool (self, "align_corners")));
  return TRUE;
}

static gboolean
build_grid_sample (Replay *self, GError **error)
{
  GantryGridSample how = { .align_corners = settings_get_bool (self, "align_corners") };
  const gchar *padding = settings_get_string (self, "padding_mode");

  if (!settings_need (self, "mode", "\"bilinear\"", error))
    return FALSE;
  if (!g_str_equal (padding, "zeros") && !g_str_equal (padding, "border"))
    return settings_skip (error, "no padding %s is built", padding);
  how.padding = g_str_equal (padding, "zeros") ? GANTRY_PADDING_CONSTANT : GANTRY_PADDING_REPLICATE;
  replay_set_only_output (self, gantry_grid_sample (replay_value (self, "x.input"), replay_value (self, "x.grid"), &how));
  return TRUE;
}

static gboolean
build_embedding (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_index_select (replay_value (self, "param.weight"), 0, replay_value (self, "x.index")));
  return TRUE;
}

static gboolean
build_gather_index_select (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axis = subject_axis (self, x, settings_get_int (self, "dim"));

  replay_set_output (self, "gather", gantry_gather (x, axis, replay_value (self, "x.gather_index")));
  replay_set_output (self, "index_select", gantry_index_select (x, axis, replay_value (self, "x.select_index")));
  return TRUE;
}

static gboolean
build_scatter_add (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axis = subject_axis (self, x, settings_get_int (self, "dim"));
  GantryTensor *sums = gantry_scatter_add (replay_value (self, "x.src"), axis, replay_value (self, "x.index"), gantry_tensor_get_dim (x, axis));

  replay_set_only_output (self, gantry_add (x, sums));
  return TRUE;
}

const OpSubject op_subjects_spatial[] = {
  { "adaptive_avg_pool2d", build_adaptive_avg_pool2d },
  { "avg_pool2d", build_avg_pool2d },
  { "max_pool2d", build_max_pool2d },
  { "max_pool1d", build_max_pool1d },
  { "interpolate", build_interpolate },
  { "interpolate_tensorflow1", build_interpolate_tensorflow1 },
  { "affine_grid", build_affine_grid },
  { "grid_sample", build_grid_sample },
  { "embedding", build_embedding },
  { "gather_index_select", build_gather_index_select },
  { "scatter_add", build_scatter_add },
  { NULL, NULL }
};
