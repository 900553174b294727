/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sums of products with what is the same all along the axes: the factor comes after the sum.  That saves the products; and where both terms of
 * what is summed have such factors, as in the gradient of a normalization, what is left are sums that do not wait for the factors.
 */
#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

static guint
list_axes (GantryTensor *sum)
{
  guint n;

  return (guint) gantry_tensor_get_ints (sum, &n)[0];
}

/* Whether a factor of @product has one element along each of the axes. */
static gboolean
is_constant (GantryTensor *factor, GantryTensor *product, guint axes)
{
  const guint missing = gantry_tensor_get_n_dims (product) - gantry_tensor_get_n_dims (factor);

  for (guint axis = missing; axis < gantry_tensor_get_n_dims (product); axis++)
    if ((axes & GANTRY_AXIS (axis)) != 0 && gantry_tensor_get_dim (factor, axis - missing) > 1)
      return FALSE;
  return TRUE;
}

/* Of a product, the factor that may come later, as the number of the input; 2 where there is none. */
static guint
find_factor (GantryTensor *product, guint axes)
{
  guint i = 0;

  if (!_gantry_tensor_is (product, "mul") || !gantry_dtype_is_float (gantry_tensor_get_dtype (product)))
    return 2;
  while (i < 2 && !(is_constant (INPUT (product, i), product, axes) && _gantry_tensor_same_type (INPUT (product, 1 - i), product)))
    i++;
  return i;
}

static GantryTensor *
sum_kept (GantrySimplifier *simplifier, GantryTensor *x, guint axes)
{
  return _gantry_reduce (simplifier, gantry_sum_axes (x, axes, TRUE));
}

/* A difference or sum of two such products. */
static gboolean
is_split (GantryTensor *x, guint axes)
{
  return (_gantry_tensor_is (x, "add") || _gantry_tensor_is (x, "sub")) && gantry_dtype_is_float (gantry_tensor_get_dtype (x))
         && _gantry_tensor_same_type (INPUT (x, 0), x) && _gantry_tensor_same_type (INPUT (x, 1), x)
         && find_factor (INPUT (x, 0), axes) < 2 && find_factor (INPUT (x, 1), axes) < 2;
}

GantryTensor *
_gantry_rewrite_sum (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x, *result;
  guint axes, factor;

  if (!_gantry_tensor_is (y, "sum"))
    return NULL;
  x = INPUT (y, 0);
  axes = list_axes (y);
  factor = find_factor (x, axes);
  if (factor < 2)
    result = gantry_mul (sum_kept (simplifier, INPUT (x, 1 - factor), axes), INPUT (x, factor));
  else if (_gantry_tensor_is (x, "neg"))
    result = gantry_neg (sum_kept (simplifier, INPUT (x, 0), axes));
  else if (is_split (x, axes) && _gantry_tensor_is (x, "add"))
    result = gantry_add (sum_kept (simplifier, INPUT (x, 0), axes), sum_kept (simplifier, INPUT (x, 1), axes));
  else if (is_split (x, axes))
    result = gantry_sub (sum_kept (simplifier, INPUT (x, 0), axes), sum_kept (simplifier, INPUT (x, 1), axes));
  else
    return NULL;
  return _gantry_reduce (simplifier, gantry_reshape (_gantry_reduce (simplifier, result), gantry_tensor_get_shape (y)));
}
