/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compositions of reductions over sets of axes: extrema, moments, norms. */
#include "graph/graph-internal.h"
#include <math.h>

/* Square root whose derivative at 0 is 0. */
static GantryTensor *
root (GantryTensor *x)
{
  GantryTensor *zero = _gantry_zero (x), *none = gantry_equal (x, zero);

  return gantry_select (none, zero, gantry_sqrt (gantry_select (none, gantry_offset (zero, 1), x)));
}

/**
 * gantry_min_axes:
 * @x: a tensor of real or whole numbers
 * @axes: a set of axes; 0 gives @x
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): the smallest elements over the axes; where several are, they share the gradient equally
 */
GantryTensor *
gantry_min_axes (GantryTensor *x, guint axes, gboolean keep)
{
  return axes == 0 ? x : gantry_neg (gantry_max_axes (gantry_neg (x), axes, keep));
}

/**
 * gantry_variance:
 * @x: a real tensor
 * @axes: a set of axes; 0 none
 * @correction: what is taken off the number of elements in the divisor: 0 for the biased, 1 for the unbiased estimate
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): sum of the squared differences from the mean over the axes, divided by n - @correction
 */
GantryTensor *
gantry_variance (GantryTensor *x, guint axes, guint correction, gboolean keep)
{
  GantryTensor *squares;
  gsize n;

  g_return_val_if_fail (x != NULL, NULL);
  squares = gantry_square (gantry_sub (x, gantry_mean_axes (x, axes, TRUE)));
  squares = gantry_sum_axes (squares, axes, keep);
  if (squares->poisoned)
    return squares;
  n = gantry_shape_size (&x->shape) / gantry_shape_size (&squares->shape);
  if (n <= correction)
    return _gantry_op_fail (squares, "variance", GANTRY_GRAPH_ERROR_SHAPE, "of %" G_GSIZE_FORMAT " elements with a correction of %u", n, correction);
  return gantry_scale (squares, 1.0 / (n - correction));
}

/**
 * gantry_standard_deviation:
 * @x: a real tensor
 * @axes: a set of axes; 0 none
 * @correction: as in [func@Gantry.variance]
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): square root of the variance; its gradient where the variance is 0 is 0
 */
GantryTensor *
gantry_standard_deviation (GantryTensor *x, guint axes, guint correction, gboolean keep)
{
  return root (gantry_variance (x, axes, correction, keep));
}

/**
 * gantry_norm_axes:
 * @x: a real tensor
 * @axes: a set of axes; 0 none
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): Euclidean norms over the axes; the gradient where a norm is 0 is 0
 */
GantryTensor *
gantry_norm_axes (GantryTensor *x, guint axes, gboolean keep)
{
  return root (gantry_sum_axes (gantry_square (x), axes, keep));
}

/**
 * gantry_norm:
 * @x: a real tensor
 *
 * Returns: (transfer none): square root of the sum of all squares, []; its gradient where everything is 0 is 0
 */
GantryTensor *
gantry_norm (GantryTensor *x)
{
  return root (gantry_sum (gantry_square (x)));
}

/**
 * gantry_normalize:
 * @x: a real tensor
 * @axes: a set of axes
 * @eps: positive; norms below it count as it
 *
 * Returns: (transfer none): x / max(|x|, @eps), |x| the Euclidean norms over the axes
 */
GantryTensor *
gantry_normalize (GantryTensor *x, guint axes, gdouble eps)
{
  GantryTensor *norm;

  g_return_val_if_fail (x != NULL, NULL);
  if (!(eps > 0 && eps < INFINITY))
    return _gantry_op_fail (x, "normalize", GANTRY_GRAPH_ERROR_ARGUMENT, "eps is %g, a positive number is needed", eps);
  norm = gantry_norm_axes (x, axes, TRUE);
  return gantry_div (x, gantry_maximum (norm, gantry_offset (_gantry_zero (norm), eps)));
}
