/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of what was put together: the elements come from where they were before.  No rule makes a kernel more than it removes, even
   where something else still needs what it looks through. */
#include <gantry/backend.h>

#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

/* Of a padded tensor: a part of what is inside, of the zeros, or all that is inside with fewer zeros. */
static GantryTensor *
slice_of_pad (GantrySimplifier *simplifier, GantryTensor *y, GantryTensor *pad)
{
  GantryTensor *x = INPUT (pad, 0);
  gint64 axis = ints (y)[0], start = ints (y)[1], end = start + ints (y)[2];
  gint64 inside = ints (pad)[1], outside = inside + (gint64) gantry_tensor_get_dim (x, axis);

  if (start >= inside && end <= outside)
    return _gantry_reduce (simplifier, gantry_slice (x, axis, start - inside, end - start));
  if (end <= inside || start >= outside)
    return _gantry_reduce (simplifier, gantry_fill (gantry_tensor_get_graph (y), gantry_tensor_get_shape (y), gantry_tensor_get_dtype (y), 0));
  if (start <= inside && end >= outside)
    return _gantry_reduce (simplifier, gantry_pad (x, axis, inside - start, end - outside));
  return NULL;
}

/* Of tensors beside each other: a part of one of them, or several of them whole. */
static GantryTensor *
slice_of_concat (GantrySimplifier *simplifier, GantryTensor *y, GantryTensor *concat)
{
  GantryTensor *whole[GANTRY_KERNEL_MAX_INPUTS];
  gint64 axis = ints (y)[0], start = ints (y)[1], end = start + ints (y)[2], from = 0;
  guint n = 0;

  for (guint i = 0; i < gantry_tensor_get_n_inputs (concat); i++)
    {
      GantryTensor *x = INPUT (concat, i);
      gint64 to = from + (gint64) gantry_tensor_get_dim (x, axis);

      if (start >= from && end <= to)
        return _gantry_reduce (simplifier, gantry_slice (x, axis, start - from, end - start));
      if (from >= start && to <= end && n < G_N_ELEMENTS (whole))
        whole[n++] = x;
      else if (to > start && from < end)
        return NULL;
      from = to;
    }
  return _gantry_reduce (simplifier, gantry_concat (whole, n, axis));
}

/* Of what was repeated along the axis: it is repeated less often. */
static GantryTensor *
slice_of_broadcast (GantrySimplifier *simplifier, GantryTensor *y, GantryTensor *broadcast)
{
  GantryTensor *x = INPUT (broadcast, 0);
  guint missing = gantry_tensor_get_n_dims (broadcast) - gantry_tensor_get_n_dims (x), axis = ints (y)[0];

  if (axis >= missing && gantry_tensor_get_dim (x, axis - missing) != 1)
    return NULL;
  return _gantry_reduce (simplifier, gantry_broadcast_to (x, gantry_tensor_get_shape (y)));
}

static GantryTensor *
rewrite_slice (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (_gantry_tensor_is (x, "broadcast-to"))
    return slice_of_broadcast (simplifier, y, x);
  if (_gantry_tensor_is (x, "pad") && ints (x)[0] == ints (y)[0])
    return slice_of_pad (simplifier, y, x);
  if (_gantry_tensor_is (x, "concat") && ints (x)[0] == ints (y)[0])
    return slice_of_concat (simplifier, y, x);
  return NULL;
}

/* The part of a tensor that is two parts of it beside each other, or NULL. */
static GantryTensor *
join (GantrySimplifier *simplifier, GantryTensor *a, GantryTensor *b, gint64 axis)
{
  if (!_gantry_tensor_is (a, "slice") || !_gantry_tensor_is (b, "slice") || INPUT (a, 0) != INPUT (b, 0)
      || ints (a)[0] != axis || ints (b)[0] != axis || ints (a)[1] + ints (a)[2] != ints (b)[1])
    return NULL;
  return _gantry_reduce (simplifier, gantry_slice (INPUT (a, 0), axis, ints (a)[1], ints (a)[2] + ints (b)[2]));
}

/* Appends what lies beside the others, joined with the last of them where they are parts of one tensor. */
static void
append (GantrySimplifier *simplifier, GPtrArray *parts, GantryTensor *x, gint64 axis)
{
  GantryTensor *joined = parts->len > 0 ? join (simplifier, parts->pdata[parts->len - 1], x, axis) : NULL;

  if (joined != NULL)
    parts->pdata[parts->len - 1] = joined;
  else
    g_ptr_array_add (parts, x);
}

static GantryTensor *
rewrite_concat (GantrySimplifier *simplifier, GantryTensor *y)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  gint64 axis = ints (y)[0];
  guint n = gantry_tensor_get_n_inputs (y), n_nested = 0;

  for (guint i = 0; i < n; i++)
    {
      GantryTensor *x = INPUT (y, i);
      gboolean nested = _gantry_tensor_is (x, "concat") && ints (x)[0] == axis;

      n_nested += nested;
      for (guint k = 0; nested && k < gantry_tensor_get_n_inputs (x); k++)
        append (simplifier, parts, INPUT (x, k), axis);
      if (!nested)
        append (simplifier, parts, x, axis);
    }
  if (parts->len > GANTRY_KERNEL_MAX_INPUTS || (n_nested == 0 && parts->len == n))
    return NULL;
  return _gantry_reduce (simplifier, gantry_concat ((GantryTensor *const *) parts->pdata, parts->len, axis));
}

GantryTensor *
_gantry_rewrite_slicing (GantrySimplifier *simplifier, GantryTensor *y)
{
  if (_gantry_tensor_is (y, "slice"))
    return rewrite_slice (simplifier, y);
  if (_gantry_tensor_is (y, "concat"))
    return rewrite_concat (simplifier, y);
  return NULL;
}
