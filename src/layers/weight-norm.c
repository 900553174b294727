/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

#include "layers/moments-private.h"

#include <math.h>

/* The squared standard deviation of a standard normal draw that is cut off at +-b. */
static gdouble
truncated_variance (gdouble b)
{
  const gdouble density = exp (-0.5 * b * b) / sqrt (2 * G_PI);

  return 1 - 2 * b * density / erf (b / G_SQRT2);
}

gdouble
_gantry_initializer_square (const GantryInitializer *initializer, const GantryShape *shape)
{
  const gdouble a = initializer->a, b = initializer->b;
  const gdouble size = (gdouble) gantry_shape_size (shape);
  const gdouble in = size / (gdouble) MAX (shape->dims[0], 1);
  const gdouble out = shape->n_dims > 1 ? size / (gdouble) MAX (shape->dims[1], 1) : 1;

  switch (initializer->kind)
    {
    case GANTRY_INITIALIZER_CONSTANT:
      return a * a;
    case GANTRY_INITIALIZER_NORMAL:
      return a * a + b * b;
    case GANTRY_INITIALIZER_UNIFORM:
      return (a * a + a * b + b * b) / 3;
    case GANTRY_INITIALIZER_UNIT_VECTOR:
      return 1 / size;
    case GANTRY_INITIALIZER_TRUNCATED_NORMAL:
      return a * a * truncated_variance (b);
    case GANTRY_INITIALIZER_XAVIER_UNIFORM:
    case GANTRY_INITIALIZER_XAVIER_NORMAL:
      return a * a * 2 / (in + out);
    case GANTRY_INITIALIZER_KAIMING_UNIFORM:
    case GANTRY_INITIALIZER_KAIMING_NORMAL:
      return a * a / (b == GANTRY_FAN_OUT ? out : in);
    default: /* orthogonal: the longer way of the matrix has unit vectors */
      return a * a / MAX (in, (gdouble) shape->dims[0]);
    }
}

static guint
all_but (GantryTensor *x, guint dim)
{
  return (GANTRY_AXIS (gantry_tensor_get_n_dims (x)) - 1) & ~GANTRY_AXIS (dim);
}

static gboolean
check (GantryTensor *weight, const gchar *op, guint dim)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (weight));

  if (gantry_tensor_get_n_dims (weight) >= 2 && dim < gantry_tensor_get_n_dims (weight))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (weight), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "%s: %s with outputs on axis %u, expected at least two axes and one of them", op, found, dim);
  return FALSE;
}

static GantryTensor *
poison_like (GantryTensor *x)
{
  return gantry_graph_poison (gantry_tensor_get_graph (x), gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
}

/**
 * gantry_weight_norm:
 * @direction: v, a weight of at least two axes
 * @length: g, of the same number of axes, with the outputs' size on axis @dim and 1 on the others
 * @dim: axis of the outputs: 0, or 1 for transposed convolutions
 *
 * g v / ||v||, with the Euclidean norm over all axes but @dim.  Salimans & Kingma 2016, eq. 2.
 *
 * Returns: (transfer none): a tensor of the shape of @direction; an axis that it does not have is an error of the graph
 */
GantryTensor *
gantry_weight_norm (GantryTensor *direction, GantryTensor *length, guint dim)
{
  if (!check (direction, "weight-norm", dim))
    return poison_like (direction);
  return gantry_mul (direction, gantry_div (length, gantry_norm_axes (direction, all_but (direction, dim), TRUE)));
}

/**
 * gantry_weight_standardize:
 * @weight: a weight of at least two axes
 * @dim: axis of the outputs: 0, or 1 for transposed convolutions
 * @eps: added to the standard deviation
 *
 * (W - mean) / (deviation + eps) for each output, with the unbiased standard deviation (over n - 1).  Qiao et al. 2019, eq. 5, in the
 * form of their code.  Where all weights of an output are equal, the derivative of the deviation is 0.
 *
 * Returns: (transfer none): a tensor of the shape of @weight; an axis that it does not have, or outputs of a single weight, are
 *   errors of the graph
 */
GantryTensor *
gantry_weight_standardize (GantryTensor *weight, guint dim, gdouble eps)
{
  GantryTensor *centred, *deviation;
  guint axes;

  if (!check (weight, "weight-standardize", dim))
    return poison_like (weight);
  axes = all_but (weight, dim);
  if (!_gantry_norm_check_count (weight, "weight-standardize", axes, "filter"))
    return poison_like (weight);
  centred = gantry_sub (weight, _gantry_exact_mean (weight, axes));
  deviation = gantry_scale (gantry_norm_axes (centred, axes, TRUE), 1 / sqrt ((gdouble) (_gantry_count_over (weight, axes) - 1)));
  return gantry_div (centred, gantry_offset (deviation, eps));
}
