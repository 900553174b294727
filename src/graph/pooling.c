/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pooling: means are linear maps along each axis; a maximum is where it is found, then gathered from there. */
#include "graph/taps-private.h"

/* Attributes of max-pool-index, in pairs [vertical, horizontal]; the last ones are the result's size. */
enum { KERNEL = 0, STRIDE = 2, PADDING = 4, DILATION = 6, SIZE = 8, N_INTS = 10 };

static const gchar *const directions[] = { "vertical", "horizontal" };

/* Whether the numbers make sense by themselves, whatever they are applied to. */
static gboolean
check_window (const gint64 *ints, guint d, GError **error)
{
  gint64 kernel = ints[KERNEL + d], stride = ints[STRIDE + d], padding = ints[PADDING + d], dilation = ints[DILATION + d];

  if (kernel >= 1 && kernel <= G_MAXINT32 && stride >= 1 && stride <= G_MAXINT32 && dilation >= 1 && dilation <= G_MAXINT32 && padding >= 0 &&
      padding <= kernel / 2)
    return TRUE;
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%s window %" G_GINT64_FORMAT ", stride %" G_GINT64_FORMAT ", padding %"
               G_GINT64_FORMAT ", dilation %" G_GINT64_FORMAT ": numbers from 1 are needed, and a padding of at most half the window",
               directions[d], kernel, stride, padding, dilation);
  return FALSE;
}

/* How many windows there are; a last one that is cut off counts if @ceil, unless it would begin in the padding behind. */
static gint64
count_windows (const gint64 *ints, guint d, gint64 size, gboolean ceil)
{
  gint64 stride = ints[STRIDE + d], padding = ints[PADDING + d];
  gint64 room = size + 2 * padding - ints[DILATION + d] * (ints[KERNEL + d] - 1) - 1;
  gint64 n;

  if (room < 0 && !(ceil && room > -stride))
    return 0;
  n = room < 0 ? 0 : room / stride;
  if (ceil && room > 0 && room % stride != 0)
    n++;
  return n > 0 && n * stride >= size + padding ? n : n + 1;
}

static gboolean
sees_something (const gint64 *ints, guint d, gint64 window, gint64 size)
{
  gint64 at = window * ints[STRIDE + d] - ints[PADDING + d], dilation = ints[DILATION + d];
  gint64 skipped = at < 0 ? (-at + dilation - 1) / dilation : 0;

  return skipped < ints[KERNEL + d] && at + skipped * dilation < size;
}

static gboolean
infer_max_pool_index (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;

  *shape = *x;
  *dtype = GANTRY_INT64;
  if (!_gantry_call_expect (call, N_INTS, 0, error) || !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error))
    return FALSE;
  if (x->n_dims < 2)
    return _gantry_shape_error (error, x, "at least two axes are needed");
  for (guint d = 0; d < 2; d++)
    {
      gint64 size = (gint64) x->dims[x->n_dims - 2 + d], windows = call->ints[SIZE + d];

      if (!check_window (call->ints, d, error))
        return FALSE;
      if (windows < 1 || windows > G_MAXINT32 || size > G_MAXINT32)
        return _gantry_shape_error (error, x, "no %s window of %" G_GINT64_FORMAT " with dilation %" G_GINT64_FORMAT " and padding %" G_GINT64_FORMAT
                                    " fits", directions[d], call->ints[KERNEL + d], call->ints[DILATION + d], call->ints[PADDING + d]);
      for (gint64 i = 0; i < windows; i++)
        if (!sees_something (call->ints, d, i, size))
          return _gantry_shape_error (error, x, "%s window %" G_GINT64_FORMAT " has nothing but padding", directions[d], i);
      shape->dims[x->n_dims - 2 + d] = (gsize) windows;
    }
  return TRUE;
}

static gdouble
max_pool_index_flops (const GantryTensor *y)
{
  return (gdouble) gantry_shape_size (&y->shape) * (gdouble) y->ints[KERNEL] * (gdouble) y->ints[KERNEL + 1];
}

static const GantryOp ops[] = {
  { .size = sizeof (GantryOp), .name = "max-pool-index", .n_inputs = 1, .flags = GANTRY_OP_STOPS_GRADIENT, .infer = infer_max_pool_index,
    .flops = max_pool_index_flops }
};

const GantryOpFamily _gantry_family_pooling = { ops, G_N_ELEMENTS (ops) };

static void
read_pooling (const GantryPooling *pooling, gint64 *ints)
{
  for (guint d = 0; d < 2; d++)
    {
      ints[KERNEL + d] = pooling->kernel[d];
      ints[STRIDE + d] = pooling->stride[d] > 0 ? pooling->stride[d] : pooling->kernel[d];
      ints[PADDING + d] = pooling->padding[d];
      ints[DILATION + d] = MAX (pooling->dilation[d], 1);
      ints[SIZE + d] = 0;
    }
}

/* Counts the windows; the first thing that is wrong sticks. */
static gboolean
measure (GantryTensor *x, const gchar *op, const GantryPooling *pooling, gint64 *ints)
{
  g_autoptr (GError) error = NULL;
  const GantryShape *shape = &x->shape;

  read_pooling (pooling, ints);
  if (shape->n_dims < 2)
    _gantry_shape_error (&error, shape, "at least two axes are needed");
  for (guint d = 0; d < 2 && error == NULL; d++)
    if (check_window (ints, d, &error))
      {
        gsize size = shape->dims[shape->n_dims - 2 + d];

        ints[SIZE + d] = size <= G_MAXINT32 ? count_windows (ints, d, (gint64) size, pooling->ceil) : 0;
        if (ints[SIZE + d] < 1)
          _gantry_shape_error (&error, shape, "no %s window of %" G_GINT64_FORMAT " with dilation %" G_GINT64_FORMAT " and padding %"
                               G_GINT64_FORMAT " fits", directions[d], ints[KERNEL + d], ints[DILATION + d], ints[PADDING + d]);
      }
  if (error == NULL)
    return TRUE;
  _gantry_op_fail (x, op, error->code, "%s", error->message);
  return FALSE;
}

/**
 * gantry_max_pool2d:
 * @x: a real tensor, [.., h, w]
 * @pooling: windows; padding never wins
 *
 * The largest element of each window.  The gradient goes to the first of those that are largest, row by row; of windows that hold a
 * NaN, to the last NaN.
 *
 * Returns: (transfer none): [.., windows down, windows across]
 */
GantryTensor *
gantry_max_pool2d (GantryTensor *x, const GantryPooling *pooling)
{
  GantryTensor *index;
  GantryShape flat, places;
  gint64 ints[N_INTS];
  guint n;

  g_return_val_if_fail (x != NULL, NULL);
  if (!measure (x, "max-pool2d", pooling, ints))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  index = gantry_apply (&ops[0], &x, 1, ints, N_INTS, NULL, 0);
  if (index->poisoned)
    return gantry_graph_poison (x->graph, &index->shape, x->dtype);
  n = x->shape.n_dims - 1;
  flat = x->shape;
  flat.n_dims = n;
  flat.dims[n - 1] *= x->shape.dims[n];
  places = index->shape;
  places.n_dims = n;
  places.dims[n - 1] *= index->shape.dims[n];
  return gantry_reshape (gantry_gather (gantry_reshape (x, &flat), n - 1, gantry_reshape (index, &places)), &index->shape);
}

/**
 * gantry_avg_pool2d:
 * @x: a real tensor, [.., h, w]
 * @pooling: windows without dilation
 * @count_padding: whether zeros of the padding count as elements; what a last window has beyond the padding never does
 *
 * The mean of each window.
 *
 * Returns: (transfer none): [.., windows down, windows across]
 */
GantryTensor *
gantry_avg_pool2d (GantryTensor *x, const GantryPooling *pooling, gboolean count_padding)
{
  gint64 ints[N_INTS];

  g_return_val_if_fail (x != NULL, NULL);
  if (MAX (pooling->dilation[0], pooling->dilation[1]) > 1)
    return _gantry_op_fail (x, "avg-pool2d", GANTRY_GRAPH_ERROR_ARGUMENT, "dilation [%u, %u] belongs to maxima", pooling->dilation[0],
                            pooling->dilation[1]);
  if (!measure (x, "avg-pool2d", pooling, ints))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  for (guint d = 0; d < 2; d++)
    {
      g_autoptr (GantryTapsBuilder) taps = _gantry_taps_new ();
      guint axis = x->shape.n_dims - 2 + d;
      gint64 size = (gint64) x->shape.dims[axis], padding = ints[PADDING + d];

      if (ints[SIZE + d] > (gint64) GANTRY_MAX_TAPS / MIN (ints[KERNEL + d], size))
        return _gantry_op_fail (x, "avg-pool2d", GANTRY_GRAPH_ERROR_SHAPE, "%" G_GINT64_FORMAT " windows of %" G_GINT64_FORMAT " are too many",
                                ints[SIZE + d], ints[KERNEL + d]);
      for (gint64 i = 0; i < ints[SIZE + d]; i++)
        {
          gint64 start = i * ints[STRIDE + d] - padding, end = MIN (start + ints[KERNEL + d], size + padding);
          gint64 first = MAX (start, 0), last = MIN (end, size);

          for (gint64 j = first; j < last; j++)
            _gantry_taps_add (taps, (gsize) j, 1 / (gdouble) (count_padding ? end - start : last - first));
          _gantry_taps_end_row (taps);
        }
      x = _gantry_taps_apply (taps, x, axis);
    }
  return x;
}

/**
 * gantry_adaptive_avg_pool2d:
 * @x: a real tensor, [.., h, w]
 * @height: rows of the result, at least 1
 * @width: columns of the result, at least 1
 *
 * Means over windows from floor(i h / height) to ceil((i + 1) h / height), likewise across.
 *
 * Returns: (transfer none): [.., height, width]
 */
GantryTensor *
gantry_adaptive_avg_pool2d (GantryTensor *x, gsize height, gsize width)
{
  gsize sizes[] = { height, width };

  g_return_val_if_fail (x != NULL, NULL);
  if (x->shape.n_dims < 2)
    return _gantry_op_fail (x, "adaptive-avg-pool2d", GANTRY_GRAPH_ERROR_SHAPE, "at least two axes are needed, there are %u", x->shape.n_dims);
  for (guint d = 0; d < 2; d++)
    {
      g_autoptr (GantryTapsBuilder) taps = _gantry_taps_new ();
      guint axis = x->shape.n_dims - 2 + d;
      gsize size = x->shape.dims[axis], n = sizes[d];

      if (n < 1 || n > GANTRY_MAX_TAPS / 4 || size > GANTRY_MAX_TAPS / 4)
        return _gantry_op_fail (x, "adaptive-avg-pool2d", GANTRY_GRAPH_ERROR_SHAPE, "axis %u of %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT
                                " elements; from 1 to %" G_GSIZE_FORMAT " are possible", axis, size, n, GANTRY_MAX_TAPS / 4);
      for (gsize i = 0; i < n; i++)
        {
          gsize start = i * size / n, end = ((i + 1) * size + n - 1) / n;

          for (gsize j = start; j < end; j++)
            _gantry_taps_add (taps, j, 1 / (gdouble) (end - start));
          _gantry_taps_end_row (taps);
        }
      x = _gantry_taps_apply (taps, x, axis);
    }
  return x;
}
