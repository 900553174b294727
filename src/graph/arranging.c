/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements in another order, made of other ops. */
#include "graph/taps-private.h"

static gboolean
check_axis (GantryTensor *x, const gchar *op, guint axis, guint n_axes)
{
  g_autofree gchar *shape = gantry_shape_to_string (&x->shape);

  if (axis < n_axes)
    return TRUE;
  _gantry_op_fail (x, op, GANTRY_GRAPH_ERROR_SHAPE, "%s: axis %u is out of range, there are %u", shape, axis, n_axes);
  return FALSE;
}

/* Element i along the axis becomes element first + i step: of real tensors a linear map, whose adjoint reads where this writes. */
static GantryTensor *
take_each (GantryTensor *x, guint axis, gint64 first, gint64 step, gsize n)
{
  g_autoptr (GantryTapsBuilder) taps = NULL;
  g_autofree gint64 *places = NULL;

  if (n > GANTRY_MAX_TAPS)
    return _gantry_op_fail (x, "take", GANTRY_GRAPH_ERROR_SHAPE, "%" G_GSIZE_FORMAT " elements, at most %" G_GSIZE_FORMAT " are possible", n,
                            GANTRY_MAX_TAPS);
  if (!gantry_dtype_is_float (x->dtype))
    {
      places = g_new (gint64, n);
      for (gsize i = 0; i < n; i++)
        places[i] = first + (gint64) i * step;
      return gantry_index_select (x, axis, gantry_constant_integers (x->graph, GANTRY_SHAPE (n), places));
    }
  taps = _gantry_taps_new ();
  for (gsize i = 0; i < n; i++)
    {
      _gantry_taps_add (taps, (gsize) (first + (gint64) i * step), 1);
      _gantry_taps_end_row (taps);
    }
  return _gantry_taps_apply (taps, x, axis);
}

/**
 * gantry_flip:
 * @x: a tensor of any dtype
 * @axis: an axis
 *
 * Returns: (transfer none): x with its elements along the axis in reverse order
 */
GantryTensor *
gantry_flip (GantryTensor *x, guint axis)
{
  g_return_val_if_fail (x != NULL, NULL);
  if (x->poisoned)
    return x;
  if (!check_axis (x, "flip", axis, x->shape.n_dims))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  return take_each (x, axis, (gint64) x->shape.dims[axis] - 1, -1, x->shape.dims[axis]);
}

/**
 * gantry_slice_step:
 * @x: a tensor of any dtype
 * @axis: an axis
 * @start: the first element kept
 * @length: how many are kept, at least 1
 * @step: distance of two that are kept, at least 1
 *
 * Returns: (transfer none): every so many elements along the axis
 */
GantryTensor *
gantry_slice_step (GantryTensor *x, guint axis, gsize start, gsize length, gsize step)
{
  g_autofree gchar *shape = NULL;
  gsize last;

  g_return_val_if_fail (x != NULL, NULL);
  if (step == 1)
    return gantry_slice (x, axis, start, length);
  if (x->poisoned)
    return x;
  if (!check_axis (x, "slice-step", axis, x->shape.n_dims))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  if (length >= 1 && step >= 1 && g_size_checked_mul (&last, length - 1, step) && g_size_checked_add (&last, last, start) &&
      last < x->shape.dims[axis])
    return take_each (x, axis, (gint64) start, (gint64) step, length);
  shape = gantry_shape_to_string (&x->shape);
  return _gantry_op_fail (x, "slice-step", GANTRY_GRAPH_ERROR_SHAPE, "%s: %" G_GSIZE_FORMAT " elements from %" G_GSIZE_FORMAT " in steps of %"
                          G_GSIZE_FORMAT " are not within axis %u", shape, length, start, step, axis);
}

/**
 * gantry_roll:
 * @x: a tensor of real or whole numbers
 * @axis: an axis
 * @shift: by how many elements; negative numbers go the other way
 *
 * Returns: (transfer none): x with element i along the axis at i + shift, what leaves at one end coming in at the other
 */
GantryTensor *
gantry_roll (GantryTensor *x, guint axis, gssize shift)
{
  GantryTensor *parts[2];
  gssize size, first;

  g_return_val_if_fail (x != NULL, NULL);
  if (x->poisoned)
    return x;
  if (!check_axis (x, "roll", axis, x->shape.n_dims))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  size = (gssize) x->shape.dims[axis];
  first = ((shift % size) + size) % size;
  if (first == 0)
    return x;
  parts[0] = gantry_slice (x, axis, (gsize) (size - first), (gsize) first);
  parts[1] = gantry_slice (x, axis, 0, (gsize) (size - first));
  return gantry_concat (parts, 2, axis);
}

/**
 * gantry_repeat:
 * @x: a tensor of any dtype
 * @axis: an axis
 * @times: how often, at least 1
 *
 * Returns: (transfer none): so many copies of x one behind the other along the axis
 */
GantryTensor *
gantry_repeat (GantryTensor *x, guint axis, gsize times)
{
  GantryShape once = { 3, { 1, 1, 1 } }, often, result;

  g_return_val_if_fail (x != NULL, NULL);
  if (x->poisoned)
    return x;
  if (!check_axis (x, "repeat", axis, x->shape.n_dims))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  result = x->shape;
  if (times < 1 || !g_size_checked_mul (&result.dims[axis], x->shape.dims[axis], times))
    return _gantry_op_fail (x, "repeat", GANTRY_GRAPH_ERROR_ARGUMENT, "%" G_GSIZE_FORMAT " times %" G_GSIZE_FORMAT " elements, from 1 on as many as "
                            "there can be are possible", times, x->shape.dims[axis]);
  for (guint i = 0; i < x->shape.n_dims; i++)
    once.dims[i < axis ? 0 : 2] *= x->shape.dims[i];
  often = once;
  often.dims[1] = times;
  return gantry_reshape (gantry_broadcast_to (gantry_reshape (x, &once), &often), &result);
}

/**
 * gantry_stack:
 * @xs: (array length=n): tensors of one shape and dtype, whole or real numbers
 * @n: how many, at least 1
 * @axis: where the new axis is, at most as many as the tensors have
 *
 * Returns: (transfer none): the tensors side by side along a new axis of size n
 */
GantryTensor *
gantry_stack (GantryTensor *const *xs, guint n, guint axis)
{
  g_autofree GantryTensor **parts = NULL;
  GantryTensor *x;

  g_return_val_if_fail (n > 0 && xs[0] != NULL, NULL);
  x = xs[0];
  if (x->poisoned)
    return x;
  if (!check_axis (x, "stack", axis, x->shape.n_dims + 1))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  if (x->shape.n_dims == GANTRY_MAX_DIMS)
    return _gantry_op_fail (x, "stack", GANTRY_GRAPH_ERROR_SHAPE, "the result would have more than %d axes", GANTRY_MAX_DIMS);
  parts = g_new (GantryTensor *, n);
  for (guint i = 0; i < n; i++)
    {
      GantryShape shape = { 0, { 0 } };

      if (xs[i] == NULL || (!xs[i]->poisoned && !gantry_shape_equal (&xs[i]->shape, &x->shape)))
        {
          g_autofree gchar *first = gantry_shape_to_string (&x->shape);
          g_autofree gchar *other = xs[i] != NULL ? gantry_shape_to_string (&xs[i]->shape) : g_strdup ("nothing");

          return _gantry_op_fail (x, "stack", GANTRY_GRAPH_ERROR_SHAPE, "%s and %s: they differ", first, other);
        }
      for (guint d = 0; d <= xs[i]->shape.n_dims && shape.n_dims < GANTRY_MAX_DIMS; d++)
        {
          if (d == axis)
            shape.dims[shape.n_dims++] = 1;
          if (d < xs[i]->shape.n_dims)
            shape.dims[shape.n_dims++] = xs[i]->shape.dims[d];
        }
      parts[i] = gantry_reshape (xs[i], &shape);
    }
  return gantry_concat (parts, n, axis);
}

static gboolean
check_blocks (GantryTensor *x, const gchar *op, gsize factor, gboolean fits)
{
  g_autofree gchar *shape = gantry_shape_to_string (&x->shape);

  if (fits)
    return TRUE;
  _gantry_op_fail (x, op, GANTRY_GRAPH_ERROR_SHAPE, "%s: blocks of %" G_GSIZE_FORMAT " by %" G_GSIZE_FORMAT " do not fit", shape, factor, factor);
  return FALSE;
}

/**
 * gantry_pixel_shuffle:
 * @x: a tensor, [n, c factor^2, h, w]
 * @factor: a factor, at least 1
 *
 * Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network".
 *
 * Returns: (transfer none): [n, c, h factor, w factor]: channel c factor^2 + i factor + j becomes the pixels (i, j) of the blocks
 */
GantryTensor *
gantry_pixel_shuffle (GantryTensor *x, gsize factor)
{
  static const guint axes[] = { 0, 1, 4, 2, 5, 3 };
  const gsize *d;

  g_return_val_if_fail (x != NULL, NULL);
  d = x->shape.dims;
  if (!check_blocks (x, "pixel-shuffle", factor, x->shape.n_dims == 4 && factor >= 1 && factor < G_MAXUINT16 && d[1] % (factor * factor) == 0))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  x = gantry_permute (gantry_reshape (x, GANTRY_SHAPE (d[0], d[1] / (factor * factor), factor, factor, d[2], d[3])), axes);
  return gantry_reshape (x, GANTRY_SHAPE (d[0], d[1] / (factor * factor), d[2] * factor, d[3] * factor));
}

/**
 * gantry_pixel_unshuffle:
 * @x: a tensor, [n, c, h factor, w factor]
 * @factor: a factor, at least 1
 *
 * The inverse of [func@Gantry.pixel_shuffle].
 *
 * Returns: (transfer none): [n, c factor^2, h, w]
 */
GantryTensor *
gantry_pixel_unshuffle (GantryTensor *x, gsize factor)
{
  static const guint axes[] = { 0, 1, 3, 5, 2, 4 };
  const gsize *d;

  g_return_val_if_fail (x != NULL, NULL);
  d = x->shape.dims;
  if (!check_blocks (x, "pixel-unshuffle", factor, x->shape.n_dims == 4 && factor >= 1 && d[2] % factor == 0 && d[3] % factor == 0))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  x = gantry_permute (gantry_reshape (x, GANTRY_SHAPE (d[0], d[1], d[2] / factor, factor, d[3] / factor, factor)), axes);
  return gantry_reshape (x, GANTRY_SHAPE (d[0], d[1] * factor * factor, d[2] / factor, d[3] / factor));
}
