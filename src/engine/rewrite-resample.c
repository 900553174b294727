/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What commutes with a resampling happens where there are fewer pixels: convolutions whose kernel is one pixel, and addends that are the
   same along the axis. */
#include <string.h>

#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

/* Attributes of the convolutions. */
enum { STRIDE = 0, PADDING = 2, SIZE = 7, N_INTS = 9 };

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

/* Of images, along rows or columns; the sign says whether pixels are gained (1) or lost (-1). */
static gint
direction (GantryTensor *y)
{
  gsize after, before;

  if (!_gantry_tensor_is (y, "resample") || gantry_tensor_get_n_dims (y) != 4 || ints (y)[0] < 2)
    return 0;
  after = gantry_tensor_get_dim (y, ints (y)[0]);
  before = gantry_tensor_get_dim (INPUT (y, 0), ints (y)[0]);
  return after > before ? 1 : after < before ? -1 : 0;
}

/* The same resampling of something else. */
static GantryTensor *
resample (GantrySimplifier *simplifier, GantryTensor *like, GantryTensor *x)
{
  guint n_ints, n_reals;
  const gint64 *whole = gantry_tensor_get_ints (like, &n_ints);
  const gdouble *weights = gantry_tensor_get_reals (like, &n_reals);

  return _gantry_reduce (simplifier, gantry_apply (gantry_tensor_get_op (like), &x, 1, whole, n_ints, weights, n_reals));
}

static GantryTensor *
resample_back (GantrySimplifier *simplifier, GantryTensor *like, GantryTensor *x)
{
  GantryTensor *result = NULL;

  gantry_tensor_get_op (like)->gradient (like, x, &result);
  return _gantry_reduce (simplifier, result);
}

static gboolean
is_pointwise (GantryTensor *y)
{
  gboolean is_weight = _gantry_tensor_is (y, "conv2d-weight");
  gboolean known = is_weight || _gantry_tensor_is (y, "conv2d") || _gantry_tensor_is (y, "conv2d-input");

  for (guint d = 0; d < 2 && known; d++)
    known = gantry_tensor_get_dim (is_weight ? y : INPUT (y, 1), 2 + d) == 1 && ints (y)[STRIDE + d] == 1 && ints (y)[PADDING + d] == 0;
  return known;
}

/* The same convolution of other images. */
static GantryTensor *
convolve (GantrySimplifier *simplifier, GantryTensor *like, GantryTensor *a, GantryTensor *b)
{
  GantryTensor *inputs[] = { a, b };
  gint64 geometry[N_INTS];
  guint n_ints;
  const gint64 *whole = gantry_tensor_get_ints (like, &n_ints);

  memcpy (geometry, whole, n_ints * sizeof *geometry);
  if (_gantry_tensor_is (like, "conv2d-input"))
    for (guint d = 0; d < 2; d++)
      geometry[SIZE + d] = gantry_tensor_get_dim (a, 2 + d);
  return _gantry_reduce (simplifier, gantry_apply (gantry_tensor_get_op (like), inputs, 2, geometry, n_ints, NULL, 0));
}

static GantryTensor *
rewrite_pointwise (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *a = INPUT (y, 0), *b = INPUT (y, 1);

  if (!_gantry_tensor_is (y, "conv2d-weight"))
    return direction (a) > 0 ? resample (simplifier, a, convolve (simplifier, y, INPUT (a, 0), b)) : NULL;
  if (direction (a) > 0)
    return convolve (simplifier, y, INPUT (a, 0), resample_back (simplifier, a, b));
  return direction (b) > 0 ? convolve (simplifier, y, resample_back (simplifier, b, a), INPUT (b, 0)) : NULL;
}

/* Whether each row of the matrix sums to the same, so that what is the same everywhere stays so. */
static gboolean
has_equal_rows (GantryTensor *y, gdouble *total)
{
  guint n;
  const gdouble *weights = gantry_tensor_get_reals (y, &n);
  const gint64 *starts = ints (y) + 2;

  for (gint64 row = 0; row < ints (y)[1]; row++)
    {
      gdouble sum = 0;

      for (gint64 i = starts[row]; i < starts[row + 1]; i++)
        sum += weights[i];
      if (row == 0)
        *total = sum;
      else if (sum != *total)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_same_along (GantryTensor *x, GantryTensor *sum, guint axis)
{
  guint missing = gantry_tensor_get_n_dims (sum) - gantry_tensor_get_n_dims (x);

  return axis < missing || gantry_tensor_get_dim (x, axis - missing) == 1;
}

static GantryTensor *
rewrite_addend (GantrySimplifier *simplifier, GantryTensor *y, GantryTensor *sum)
{
  gdouble total = 0;

  for (guint i = 0; i < 2; i++)
    {
      GantryTensor *x = INPUT (sum, 1 - i), *addend = INPUT (sum, i);

      if (!gantry_shape_equal (gantry_tensor_get_shape (x), gantry_tensor_get_shape (sum)) || !is_same_along (addend, sum, ints (y)[0])
          || !has_equal_rows (y, &total))
        continue;
      addend = _gantry_reduce (simplifier, gantry_scale (addend, total));
      return _gantry_reduce (simplifier, gantry_add (resample (simplifier, y, x), addend));
    }
  return NULL;
}

GantryTensor *
_gantry_rewrite_resample (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x;

  if (is_pointwise (y))
    return rewrite_pointwise (simplifier, y);
  if (direction (y) >= 0)
    return NULL;
  x = INPUT (y, 0);
  if (_gantry_simplifier_is_shared (simplifier, x))
    return NULL;
  if (is_pointwise (x) && !_gantry_tensor_is (x, "conv2d-weight"))
    return convolve (simplifier, x, resample (simplifier, y, INPUT (x, 0)), INPUT (x, 1));
  return _gantry_tensor_is (x, "add") ? rewrite_addend (simplifier, y, x) : NULL;
}
