/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shape ops that do nothing, do the same as a view, or follow each other. */
#include <gantry/backend.h>

#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

static GantryTensor *
rewrite_reshape (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (_gantry_tensor_same_type (x, y))
    return x;
  if (_gantry_tensor_is (x, "reshape"))
    return _gantry_reduce (simplifier, gantry_reshape (INPUT (x, 0), gantry_tensor_get_shape (y)));
  return NULL;
}

static GantryTensor *
rewrite_permute (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);
  const gint64 *axes = ints (y);
  gint64 last = -1;
  gboolean in_order = TRUE;

  if (_gantry_tensor_is (x, "permute"))
    {
      guint composed[GANTRY_MAX_DIMS];

      for (guint i = 0; i < gantry_tensor_get_n_dims (y); i++)
        composed[i] = ints (x)[axes[i]];
      return _gantry_reduce (simplifier, gantry_permute (INPUT (x, 0), composed));
    }
  /* Axes of size 1 may go anywhere without moving an element. */
  for (guint i = 0; i < gantry_tensor_get_n_dims (y); i++)
    if (gantry_tensor_get_dim (y, i) != 1)
      {
        in_order = in_order && axes[i] > last;
        last = axes[i];
      }
  return in_order ? _gantry_reduce (simplifier, gantry_reshape (x, gantry_tensor_get_shape (y))) : NULL;
}

static GantryTensor *
rewrite_broadcast_to (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (_gantry_tensor_same_type (x, y))
    return x;
  if (gantry_tensor_get_size (x) == gantry_tensor_get_size (y))
    return _gantry_reduce (simplifier, gantry_reshape (x, gantry_tensor_get_shape (y)));
  if (_gantry_tensor_is (x, "broadcast-to"))
    return _gantry_reduce (simplifier, gantry_broadcast_to (INPUT (x, 0), gantry_tensor_get_shape (y)));
  return NULL;
}

static GantryTensor *
rewrite_slice (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (_gantry_tensor_same_type (x, y))
    return x;
  if (_gantry_tensor_is (x, "slice") && ints (x)[0] == ints (y)[0])
    return _gantry_reduce (simplifier, gantry_slice (INPUT (x, 0), ints (y)[0], ints (x)[1] + ints (y)[1], ints (y)[2]));
  return NULL;
}

static GantryTensor *
rewrite_pad (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (_gantry_tensor_same_type (x, y))
    return x;
  if (_gantry_tensor_is (x, "pad") && ints (x)[0] == ints (y)[0])
    return _gantry_reduce (simplifier, gantry_pad (INPUT (x, 0), ints (y)[0], ints (x)[1] + ints (y)[1], ints (x)[2] + ints (y)[2]));
  return NULL;
}

/* Concatenations of one tensor, and reductions over axes of size 1. */
static GantryTensor *
rewrite_trivial (GantrySimplifier *simplifier, GantryTensor *y)
{
  if (gantry_tensor_get_n_inputs (y) != 1 || gantry_tensor_get_size (INPUT (y, 0)) != gantry_tensor_get_size (y))
    return NULL;
  return _gantry_reduce (simplifier, gantry_reshape (INPUT (y, 0), gantry_tensor_get_shape (y)));
}

/* More tensors than a kernel has room for are joined in groups. */
static GantryTensor *
rewrite_concat (GantrySimplifier *simplifier, GantryTensor *y)
{
  guint n = gantry_tensor_get_n_inputs (y), axis = ints (y)[0];
  g_autoptr (GPtrArray) groups = NULL;

  if (n <= GANTRY_KERNEL_MAX_INPUTS)
    return rewrite_trivial (simplifier, y);
  groups = g_ptr_array_new ();
  for (guint first = 0; first < n; first += GANTRY_KERNEL_MAX_INPUTS)
    {
      GantryTensor *parts[GANTRY_KERNEL_MAX_INPUTS];
      guint n_parts = MIN (GANTRY_KERNEL_MAX_INPUTS, n - first);

      for (guint i = 0; i < n_parts; i++)
        parts[i] = INPUT (y, first + i);
      g_ptr_array_add (groups, _gantry_reduce (simplifier, gantry_concat (parts, n_parts, axis)));
    }
  return _gantry_reduce (simplifier, gantry_concat ((GantryTensor *const *) groups->pdata, groups->len, axis));
}

GantryTensor *
_gantry_rewrite_shape (GantrySimplifier *simplifier, GantryTensor *y)
{
  static const struct {
    const gchar *name;
    GantryTensor *(*rewrite) (GantrySimplifier *simplifier, GantryTensor *y);
  } rules[] = {
    { "reshape", rewrite_reshape }, { "permute", rewrite_permute }, { "broadcast-to", rewrite_broadcast_to }, { "slice", rewrite_slice },
    { "pad", rewrite_pad }, { "concat", rewrite_concat }, { "sum", rewrite_trivial }, { "max", rewrite_trivial }
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (_gantry_tensor_is (y, rules[i].name))
      return rules[i].rewrite (simplifier, y);
  return NULL;
}
