/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is there beyond the edge of a tensor. */
#include "graph/taps-private.h"

static const gchar *const modes[] = { "constant", "reflect", "replicate", "circular" };

static GantryTensor *
fail (GantryTensor *x, guint axis, gssize before, gssize after, GantryPadding mode, const gchar *reason)
{
  g_autofree gchar *shape = gantry_shape_to_string (&x->shape);

  return _gantry_op_fail (x, "pad-mode", GANTRY_GRAPH_ERROR_SHAPE, "%s: %s padding of axis %u by %" G_GSSIZE_FORMAT " and %" G_GSSIZE_FORMAT ": %s",
                          shape, modes[mode], axis, before, after, reason);
}

static GantryTensor *
pad_with (GantryTensor *x, guint axis, gsize before, gsize after, gdouble value)
{
  GantryTensor *parts[3];
  GantryShape shape = x->shape;
  guint n = 0;

  if (value == 0 && gantry_dtype_is_float (x->dtype))
    return gantry_pad (x, axis, before, after);
  shape.dims[axis] = before;
  if (before > 0)
    parts[n++] = gantry_fill (x->graph, &shape, x->dtype, value);
  parts[n++] = x;
  shape.dims[axis] = after;
  if (after > 0)
    parts[n++] = gantry_fill (x->graph, &shape, x->dtype, value);
  return gantry_concat (parts, n, axis);
}

/* Which element of an axis is seen at place @i, that may lie outside of it. */
static gsize
seen_at (GantryPadding mode, gssize i, gssize size)
{
  if (mode == GANTRY_PADDING_REPLICATE)
    return (gsize) CLAMP (i, 0, size - 1);
  if (mode == GANTRY_PADDING_CIRCULAR)
    return (gsize) (((i % size) + size) % size);
  return (gsize) (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i);
}

/**
 * gantry_pad_mode:
 * @x: a tensor; a real one but for constant padding, which takes whole numbers too
 * @axis: an axis
 * @before: how many elements in front; a negative number is cut off
 * @after: how many behind; likewise
 * @mode: where they come from: @value; the elements as in a mirror, the edge not repeated; the edge; the other end
 * @value: of constant padding, else unused
 *
 * Reflection reaches less far than the axis is long.
 *
 * Returns: (transfer none): x with more or fewer elements along the axis
 */
GantryTensor *
gantry_pad_mode (GantryTensor *x, guint axis, gssize before, gssize after, GantryPadding mode, gdouble value)
{
  g_autoptr (GantryTapsBuilder) taps = NULL;
  gssize size, all;

  g_return_val_if_fail (x != NULL, NULL);
  if ((guint) mode > GANTRY_PADDING_CIRCULAR)
    return _gantry_op_fail (x, "pad-mode", GANTRY_GRAPH_ERROR_ARGUMENT, "no mode %d is there", mode);
  if (axis >= x->shape.n_dims)
    return _gantry_op_fail (x, "pad-mode", GANTRY_GRAPH_ERROR_SHAPE, "axis %u is out of range, there are %u", axis, x->shape.n_dims);
  size = (gssize) x->shape.dims[axis];
  if (__builtin_add_overflow (size, before, &all) || __builtin_add_overflow (all, after, &all))
    return fail (x, axis, before, after, mode, "the sizes are too large");
  if (all < 1 || before <= -size || after <= -size)
    return fail (x, axis, before, after, mode, "something of the tensor has to be left");
  if (mode == GANTRY_PADDING_CONSTANT)
    {
      gsize cut_before = (gsize) MAX (-before, 0), cut_after = (gsize) MAX (-after, 0);

      return pad_with (gantry_slice (x, axis, cut_before, (gsize) size - cut_before - cut_after), axis, (gsize) MAX (before, 0),
                       (gsize) MAX (after, 0), value);
    }
  if (mode == GANTRY_PADDING_REFLECT && (before >= size || after >= size))
    return fail (x, axis, before, after, mode, "a mirror reaches less far than the axis is long");
  if (all > (gssize) GANTRY_MAX_TAPS)
    return fail (x, axis, before, after, mode, "the sizes are too large");
  taps = _gantry_taps_new ();
  for (gssize i = 0; i < all; i++)
    {
      _gantry_taps_add (taps, seen_at (mode, i - before, size), 1);
      _gantry_taps_end_row (taps);
    }
  return _gantry_taps_apply (taps, x, axis);
}
