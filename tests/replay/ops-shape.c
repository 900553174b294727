/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subjects that only move elements: concatenation, slices, padding, permutations. */
#include "replay/subjects.h"

static gboolean
build_cat_slice (Replay *self, GError **error)
{
  GantryTensor *parts[] = { replay_value (self, "x.a"), replay_value (self, "x.b") };
  guint axis = subject_axis (self, parts[0], settings_get_int (self, "dim"));
  GantryTensor *whole = gantry_concat (parts, G_N_ELEMENTS (parts), axis);
  gint64 range[3] = { 0, 0, 1 };

  settings_get_ints (self, "slice", range, G_N_ELEMENTS (range)); /* from, to, step */
  replay_set_output (self, "concat", whole);
  replay_set_output (self, "slice", gantry_slice_step (whole, axis, range[0], (range[1] - range[0] + range[2] - 1) / range[2], range[2]));
  return TRUE;
}

static gboolean
build_pad (Replay *self, GError **error)
{
  static const gchar *const names[] = { "constant", "reflect", "replicate", "circular" };
  GantryTensor *x = replay_value (self, "x.input");
  const gchar *mode = settings_get_string (self, "mode");
  gdouble value = settings_get_double (self, "value");
  gint64 pad[4] = { 0 };
  guint kind = 0;

  while (kind < G_N_ELEMENTS (names) && !g_str_equal (names[kind], mode))
    kind++;
  if (kind == G_N_ELEMENTS (names))
    return settings_skip (error, "no padding %s is built", mode);
  settings_get_ints (self, "pad", pad, G_N_ELEMENTS (pad)); /* left, right, top, bottom */
  for (guint side = 0; side < 2; side++)
    x = gantry_pad_mode (x, gantry_tensor_get_n_dims (x) - 1 - side, pad[2 * side], pad[2 * side + 1], (GantryPadding) kind, value);
  replay_set_only_output (self, x);
  return TRUE;
}

static GantryTensor *
flip (Replay *self, GantryTensor *x)
{
  gint64 axes[GANTRY_MAX_DIMS];
  gsize n_axes = settings_get_ints (self, "flip", axes, G_N_ELEMENTS (axes));

  for (gsize a = 0; a < n_axes; a++)
    x = gantry_flip (x, subject_axis (self, x, axes[a]));
  return x;
}

static GantryTensor *
repeat (Replay *self, GantryTensor *x)
{
  gint64 times[GANTRY_MAX_DIMS];
  gsize n_axes = settings_get_ints (self, "repeat", times, G_N_ELEMENTS (times));

  for (gsize axis = 0; axis < n_axes; axis++)
    x = gantry_repeat (x, axis, times[axis]);
  return x;
}

static GantryTensor *
roll (Replay *self, GantryTensor *x)
{
  gint64 shifts[GANTRY_MAX_DIMS], axes[GANTRY_MAX_DIMS];
  gsize n_axes = settings_get_ints (self, "roll_dims", axes, G_N_ELEMENTS (axes));

  if (settings_get_ints (self, "roll_shifts", shifts, G_N_ELEMENTS (shifts)) != n_axes)
    n_axes = 0;
  for (gsize a = 0; a < n_axes; a++)
    x = gantry_roll (x, subject_axis (self, x, axes[a]), shifts[a]);
  return x;
}

static gboolean
build_permute_flip_repeat_roll (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  gint64 order[GANTRY_MAX_DIMS];
  guint axes[GANTRY_MAX_DIMS] = { 0 };
  gsize n = settings_get_ints (self, "permute", order, G_N_ELEMENTS (order));

  for (gsize i = 0; i < n; i++)
    axes[i] = subject_axis (self, x, order[i]);
  replay_set_output (self, "permute", gantry_permute (x, axes));
  replay_set_output (self, "flip", flip (self, x));
  replay_set_output (self, "repeat", repeat (self, x));
  replay_set_output (self, "roll", roll (self, x));
  return TRUE;
}

static gboolean
build_pixel_shuffle (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_pixel_shuffle (replay_value (self, "x.input"), settings_get_int (self, "upscale_factor")));
  return TRUE;
}

static gboolean
build_pixel_unshuffle (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_pixel_unshuffle (replay_value (self, "x.input"), settings_get_int (self, "downscale_factor")));
  return TRUE;
}

const OpSubject op_subjects_shape[] = {
  { "cat_slice", build_cat_slice },
  { "pad", build_pad },
  { "permute_flip_repeat_roll", build_permute_flip_repeat_roll },
  { "pixel_shuffle", build_pixel_shuffle },
  { "pixel_unshuffle", build_pixel_unshuffle },
  { NULL, NULL }
};
