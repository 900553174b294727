/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subjects that only move elements: concatenation, slices, padding, permutations. */
#include "replay/subjects.h"

/* Slices of one, put together: element i along `axis` is element indices[i] of x. */
static GantryTensor *
take (GantryTensor *x, guint axis, const gint64 *indices, guint n)
{
  g_autofree GantryTensor **parts = g_new (GantryTensor *, n);

  for (guint i = 0; i < n; i++)
    parts[i] = gantry_slice (x, axis, indices[i], 1);
  return gantry_concat (parts, n, axis);
}

static gboolean
build_cat_slice (Replay *self, GError **error)
{
  GantryTensor *parts[] = { replay_value (self, "x.a"), replay_value (self, "x.b") };
  guint axis = subject_axis (self, parts[0], settings_get_int (self, "dim"));
  GantryTensor *whole = gantry_concat (parts, G_N_ELEMENTS (parts), axis);
  gint64 range[3] = { 0, 0, 1 }, indices[64];
  guint n = 0;

  settings_get_ints (self, "slice", range, G_N_ELEMENTS (range));
  for (gint64 i = range[0]; i < range[1] && n < G_N_ELEMENTS (indices); i += MAX (range[2], 1))
    indices[n++] = i;
  replay_set_output (self, "concat", whole);
  replay_set_output (self, "slice", take (whole, axis, indices, n));
  return TRUE;
}

static GantryTensor *
pad_constant (GantryTensor *x, guint axis, gint64 before, gint64 after, gdouble value)
{
  GantryShape shape = *gantry_tensor_get_shape (x);
  GantryTensor *parts[3];
  guint n = 0;

  if (before < 0 || after < 0)
    x = gantry_slice (x, axis, MAX (-before, 0), shape.dims[axis] - MAX (-before, 0) - MAX (-after, 0));
  if (value == 0)
    return gantry_pad (x, axis, MAX (before, 0), MAX (after, 0));
  if (before > 0)
    shape.dims[axis] = before, parts[n++] = gantry_fill (gantry_tensor_get_graph (x), &shape, gantry_tensor_get_dtype (x), value);
  parts[n++] = x;
  if (after > 0)
    shape.dims[axis] = after, parts[n++] = gantry_fill (gantry_tensor_get_graph (x), &shape, gantry_tensor_get_dtype (x), value);
  return gantry_concat (parts, n, axis);
}

/* Which element of an axis of n lies at place i outside of it. */
static gint64
reach (const gchar *mode, gint64 i, gint64 n)
{
  if (g_str_equal (mode, "replicate"))
    return CLAMP (i, 0, n - 1);
  if (g_str_equal (mode, "circular"))
    return (i + n) % n;
  return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i; /* reflect */
}

static gboolean
build_pad (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  const gchar *mode = settings_get_string (self, "mode");
  gdouble value = settings_get_double (self, "value");
  gint64 pad[4] = { 0 };

  if (!g_str_equal (mode, "constant") && !g_str_equal (mode, "reflect") && !g_str_equal (mode, "replicate") && !g_str_equal (mode, "circular"))
    return settings_skip (error, "no padding %s is built", mode);
  settings_get_ints (self, "pad", pad, G_N_ELEMENTS (pad)); /* left, right, top, bottom */
  for (guint side = 0; side < 2; side++)
    {
      guint axis = gantry_tensor_get_n_dims (x) - 1 - side;
      gint64 before = pad[2 * side], after = pad[2 * side + 1], n = gantry_tensor_get_dim (x, axis);
      gint64 indices[64];

      if (g_str_equal (mode, "constant"))
        {
          x = pad_constant (x, axis, before, after, value);
          continue;
        }
      if (before + n + after > (gint64) G_N_ELEMENTS (indices) || before < 0 || after < 0 || before >= n || after >= n)
        return settings_skip (error, "padding %s by more than there is is not built", mode);
      for (gint64 i = 0; i < before + n + after; i++)
        indices[i] = reach (mode, i - before, n);
      x = take (x, axis, indices, before + n + after);
    }
  replay_set_only_output (self, x);
  return TRUE;
}

static GantryTensor *
flip (Replay *self, GantryTensor *x)
{
  gint64 axes[GANTRY_MAX_DIMS], indices[64];
  gsize n_axes = settings_get_ints (self, "flip", axes, G_N_ELEMENTS (axes));

  for (gsize a = 0; a < n_axes; a++)
    {
      guint axis = subject_axis (self, x, axes[a]);
      guint n = MIN (gantry_tensor_get_dim (x, axis), G_N_ELEMENTS (indices));

      for (guint i = 0; i < n; i++)
        indices[i] = n - 1 - i;
      x = take (x, axis, indices, n);
    }
  return x;
}

static GantryTensor *
repeat (Replay *self, GantryTensor *x)
{
  gint64 times[GANTRY_MAX_DIMS];
  gsize n_axes = settings_get_ints (self, "repeat", times, G_N_ELEMENTS (times));

  for (gsize axis = 0; axis < n_axes; axis++)
    {
      g_autofree GantryTensor **copies = g_new (GantryTensor *, times[axis]);

      for (gint64 i = 0; i < times[axis]; i++)
        copies[i] = x;
      x = gantry_concat (copies, times[axis], axis);
    }
  return x;
}

/* y[(i + shift) mod n] = x[i] */
static GantryTensor *
roll (Replay *self, GantryTensor *x)
{
  gint64 shifts[GANTRY_MAX_DIMS], axes[GANTRY_MAX_DIMS];
  gsize n_axes = settings_get_ints (self, "roll_dims", axes, G_N_ELEMENTS (axes));

  if (settings_get_ints (self, "roll_shifts", shifts, G_N_ELEMENTS (shifts)) != n_axes)
    n_axes = 0;
  for (gsize a = 0; a < n_axes; a++)
    {
      guint axis = subject_axis (self, x, axes[a]);
      gint64 n = gantry_tensor_get_dim (x, axis), shift = ((shifts[a] % n) + n) % n;

      if (shift > 0)
        {
          GantryTensor *parts[] = { gantry_slice (x, axis, n - shift, shift), gantry_slice (x, axis, 0, n - shift) };

          x = gantry_concat (parts, G_N_ELEMENTS (parts), axis);
        }
    }
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
  GantryTensor *x = replay_value (self, "x.input");
  gsize r = settings_get_int (self, "upscale_factor");
  gsize n = gantry_tensor_get_dim (x, 0), c = gantry_tensor_get_dim (x, 1), h = gantry_tensor_get_dim (x, 2), w = gantry_tensor_get_dim (x, 3);
  const guint axes[] = { 0, 1, 4, 2, 5, 3 };

  x = gantry_permute (gantry_reshape (x, GANTRY_SHAPE (n, c / (r * r), r, r, h, w)), axes);
  replay_set_only_output (self, gantry_reshape (x, GANTRY_SHAPE (n, c / (r * r), h * r, w * r)));
  return TRUE;
}

static gboolean
build_pixel_unshuffle (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  gsize r = settings_get_int (self, "downscale_factor");
  gsize n = gantry_tensor_get_dim (x, 0), c = gantry_tensor_get_dim (x, 1), h = gantry_tensor_get_dim (x, 2), w = gantry_tensor_get_dim (x, 3);
  const guint axes[] = { 0, 1, 3, 5, 2, 4 };

  x = gantry_permute (gantry_reshape (x, GANTRY_SHAPE (n, c, h / r, r, w / r, r)), axes);
  replay_set_only_output (self, gantry_reshape (x, GANTRY_SHAPE (n, c * r * r, h / r, w / r)));
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
