/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Products and reductions of what was only moved or repeated. */
#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

/* Whether it exchanges the last two axes and moves no other. */
static gboolean
is_transpose (GantryTensor *x)
{
  guint n = gantry_tensor_get_n_dims (x);

  if (!_gantry_tensor_is (x, "permute") || n < 2)
    return FALSE;
  for (guint i = 0; i + 2 < n; i++)
    if (ints (x)[i] != i)
      return FALSE;
  return ints (x)[n - 2] == n - 1;
}

/* Whether it repeats matrices, which a product does by itself. */
static gboolean
repeats_matrices (GantryTensor *x)
{
  guint n = gantry_tensor_get_n_dims (x), n_source;

  if (!_gantry_tensor_is (x, "broadcast-to"))
    return FALSE;
  n_source = gantry_tensor_get_n_dims (INPUT (x, 0));
  return n_source >= 2 && gantry_tensor_get_dim (INPUT (x, 0), n_source - 1) == gantry_tensor_get_dim (x, n - 1)
         && gantry_tensor_get_dim (INPUT (x, 0), n_source - 2) == gantry_tensor_get_dim (x, n - 2);
}

static GantryTensor *
rewrite_matmul (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *operands[2] = { INPUT (y, 0), INPUT (y, 1) }, *product;
  gboolean transposed[2] = { ints (y)[0] != 0, ints (y)[1] != 0 }, changed = FALSE;

  for (guint i = 0; i < 2; i++)
    {
      gboolean moved = is_transpose (operands[i]);

      if (!moved && !repeats_matrices (operands[i]))
        continue;
      operands[i] = INPUT (operands[i], 0);
      transposed[i] = transposed[i] != moved;
      changed = TRUE;
    }
  if (!changed)
    return NULL;
  product = _gantry_reduce (simplifier, gantry_matmul_full (operands[0], transposed[0], operands[1], transposed[1]));
  return _gantry_reduce (simplifier, gantry_broadcast_to (product, gantry_tensor_get_shape (y)));
}

/* sum of n times the same = n x; the largest of n times the same = x. */
static GantryTensor *
rewrite_reduction (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *broadcast = INPUT (y, 0), *result;
  GantryShape kept = *gantry_tensor_get_shape (broadcast), source = { kept.n_dims, { 0 } };
  gboolean is_sum = _gantry_tensor_is (y, "sum"), is_larger;
  guint axes = ints (y)[0], repeated = 0, missing;
  gdouble times = 1;

  if (!_gantry_tensor_is (broadcast, "broadcast-to") || !gantry_dtype_is_float (gantry_tensor_get_dtype (y)))
    return NULL;
  missing = kept.n_dims - gantry_tensor_get_n_dims (INPUT (broadcast, 0));
  for (guint axis = 0; axis < kept.n_dims; axis++)
    {
      source.dims[axis] = axis < missing ? 1 : gantry_tensor_get_dim (INPUT (broadcast, 0), axis - missing);
      if ((axes & GANTRY_AXIS (axis)) == 0)
        continue;
      if (source.dims[axis] != kept.dims[axis])
        {
          repeated |= GANTRY_AXIS (axis);
          times *= (gdouble) kept.dims[axis];
        }
      kept.dims[axis] = 1;
    }
  if (repeated == 0)
    return NULL;
  result = _gantry_reduce (simplifier, gantry_reshape (INPUT (broadcast, 0), &source));
  axes &= ~repeated;
  if (axes != 0)
    result = _gantry_reduce (simplifier, is_sum ? gantry_sum_axes (result, axes, TRUE) : gantry_max_axes (result, axes, TRUE));
  /* Last where that is no more work: another factor may follow, as that of a mean does. */
  is_larger = gantry_tensor_get_size (result) < gantry_tensor_get_size (y);
  if (is_sum && is_larger)
    result = _gantry_reduce (simplifier, gantry_scale (result, times));
  result = _gantry_reduce (simplifier, gantry_broadcast_to (result, &kept));
  result = _gantry_reduce (simplifier, gantry_reshape (result, gantry_tensor_get_shape (y)));
  return is_sum && !is_larger ? _gantry_reduce (simplifier, gantry_scale (result, times)) : result;
}

GantryTensor *
_gantry_rewrite_product (GantrySimplifier *simplifier, GantryTensor *y)
{
  if (_gantry_tensor_is (y, "matmul"))
    return rewrite_matmul (simplifier, y);
  if (_gantry_tensor_is (y, "sum") || _gantry_tensor_is (y, "max"))
    return rewrite_reduction (simplifier, y);
  return NULL;
}
