/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* StyleGAN2's filters and convolutions. */
#include "replay/subjects.h"

/* A list of taps, such as [1, 3, 3, 1]. */
static gdouble *
read_taps (Replay *self, const gchar *key, guint *n)
{
  JsonNode *node = settings_get (self, key);
  JsonArray *list = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gdouble *taps = g_new0 (gdouble, list != NULL ? json_array_get_length (list) + 1 : 1);

  *n = list != NULL ? json_array_get_length (list) : 0;
  for (guint i = 0; i < *n; i++)
    taps[i] = json_array_get_double_element (list, i);
  return taps;
}

/* The padding, [before, after] of each axis from the last on, is the same before and after. */
static gboolean
read_geometry (Replay *self, const gchar *taps_key, GantryResampledConvolution *geometry, GError **error)
{
  gint64 padding[4] = { 0 };

  settings_get_ints (self, "padding", padding, G_N_ELEMENTS (padding));
  if (padding[0] != padding[1] || padding[2] != padding[3] || padding[0] < 0 || padding[2] < 0)
    return settings_skip (error, "no padding that differs before and after is built");
  geometry->padding[0] = padding[2];
  geometry->padding[1] = padding[0];
  geometry->up = settings_get_int (self, "up");
  geometry->down = settings_get_int (self, "down");
  geometry->turned = !settings_get_bool (self, "flip_weight");
  geometry->taps = read_taps (self, taps_key, &geometry->n_taps);
  return settings_need (self, "flip_filter", "false", error);
}

static gboolean
build_conv2d_resample (Replay *self, GError **error)
{
  GantryResampledConvolution geometry = { 0 };
  gboolean is_built = read_geometry (self, "filter", &geometry, error) && settings_need (self, "groups", "1", error);

  if (is_built)
    replay_set_only_output (self, gantry_conv2d_resample (replay_value (self, "x.input"), replay_value (self, "param.weight"), &geometry));
  g_free ((gdouble *) geometry.taps);
  return is_built;
}

/* Both of the original's forms have the same values. */
static gboolean
build_modulated_conv2d (Replay *self, GError **error)
{
  GantryResampledConvolution geometry = { 0 };
  GantryModulation options = { settings_get_bool (self, "demodulate"), settings_get_double (self, "eps"), &geometry };
  gboolean is_built = read_geometry (self, "resample_filter", &geometry, error);
  GantryTensor *y;

  settings_get_bool (self, "fused_modconv");
  if (is_built)
    {
      y = gantry_modulated_conv2d (replay_value (self, "x.input"), replay_value (self, "param.weight"), replay_value (self, "x.styles"), &options);
      if (replay_has (self, "x.noise"))
        y = gantry_add (y, replay_value (self, "x.noise"));
      replay_set_only_output (self, y);
    }
  g_free ((gdouble *) geometry.taps);
  return is_built;
}

static GantryTensor *
filter_images (GantryTensor *x, GantryFilter filter)
{
  return gantry_upfirdn (gantry_upfirdn (x, 2, &filter), 3, &filter);
}

static gboolean
build_upfirdn2d_helpers (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint n;
  g_autofree gdouble *taps = read_taps (self, "filter", &n);
  g_autofree gdouble *outer = g_new0 (gdouble, n * n);
  const gint64 up = settings_get_int (self, "up"), down = settings_get_int (self, "down");
  gdouble sum = 0;

  if (!settings_need (self, "flip_filter", "false", error) || !settings_need (self, "gain", "1", error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    sum += taps[i];
  for (guint i = 0; i < n * n; i++)
    outer[i] = taps[i / n] * taps[i % n] / (sum * sum);
  replay_set_output (self, "filter2d", gantry_constant_array (self->graph, GANTRY_SHAPE (n, n), outer));
  replay_set_output (self, "filtered", filter_images (x, (GantryFilter) { taps, n, .before = n / 2, .after = (n - 1) / 2, .gain = 1 / sum }));
  replay_set_output (self, "up2", filter_images (x, (GantryFilter) { taps, n, .up = up, .before = (n + up - 1) / 2, .after = (n - up) / 2,
                                                                     .gain = up / sum }));
  replay_set_output (self, "down2", filter_images (x, (GantryFilter) { taps, n, .down = down, .before = (n - down + 1) / 2,
                                                                       .after = (n - down) / 2, .gain = 1 / sum }));
  return TRUE;
}

const OpSubject op_subjects_filter[] = {
  { "conv2d_resample", build_conv2d_resample },
  { "modulated_conv2d", build_modulated_conv2d },
  { "upfirdn2d_helpers", build_upfirdn2d_helpers },
  { NULL, NULL }
};
