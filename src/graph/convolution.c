/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two-dimensional convolution and its two adjoints: each is differentiable through the other two. */
#include "graph/graph-internal.h"

enum { CONV2D, CONV2D_INPUT, CONV2D_WEIGHT, N_OPS };

/* The attributes: the geometry, and for the adjoints the size of the result's last two axes. */
enum { STRIDE = 0, PADDING = 2, DILATION = 4, GROUPS = 6, SIZE = 7 };

static const gchar *const directions[] = { "vertical", "horizontal" };

static gboolean
check_geometry (const gint64 *ints, GError **error)
{
  for (guint d = 0; d < 2; d++)
    if (ints[STRIDE + d] < 1 || ints[PADDING + d] < 0 || ints[DILATION + d] < 1 || ints[GROUPS] < 1)
      {
        g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%s stride %" G_GINT64_FORMAT ", padding %" G_GINT64_FORMAT
                     ", dilation %" G_GINT64_FORMAT ", groups %" G_GINT64_FORMAT ": stride, dilation and groups from 1, padding from 0 are needed",
                     directions[d], ints[STRIDE + d], ints[PADDING + d], ints[DILATION + d], ints[GROUPS]);
        return FALSE;
      }
  return TRUE;
}

/* Size of what the kernel is moved over, and what it covers itself; FALSE where the numbers do not fit. */
static gboolean
extents (const gint64 *ints, guint d, gsize size, gsize kernel, gint64 *padded, gint64 *window)
{
  gint64 padding;

  return size <= G_MAXINT64 && kernel <= G_MAXINT64 && kernel > 0 && !__builtin_mul_overflow (ints[PADDING + d], 2, &padding) &&
         !__builtin_add_overflow ((gint64) size, padding, padded) &&
         !__builtin_mul_overflow ((gint64) kernel - 1, ints[DILATION + d], window) && !__builtin_add_overflow (*window, 1, window);
}

/* Shape of the convolution of x with w. */
static gboolean
convolved (const gint64 *ints, const GantryShape *x, const GantryShape *w, GantryShape *y, GError **error)
{
  gsize groups = (gsize) ints[GROUPS];

  if (x->dims[1] % groups != 0 || w->dims[0] % groups != 0)
    return _gantry_shapes_error (error, x, w, "%" G_GSIZE_FORMAT " groups do not divide %" G_GSIZE_FORMAT " channels into %" G_GSIZE_FORMAT,
                                 groups, x->dims[1], w->dims[0]);
  if (x->dims[1] / groups != w->dims[1])
    return _gantry_shapes_error (error, x, w, "%" G_GSIZE_FORMAT " channels%s meet a kernel for %" G_GSIZE_FORMAT, x->dims[1] / groups,
                                 groups > 1 ? " a group" : "", w->dims[1]);
  *y = (GantryShape) { 4, { x->dims[0], w->dims[0] } };
  for (guint d = 0; d < 2; d++)
    {
      gint64 padded, window;

      if (!extents (ints, d, x->dims[2 + d], w->dims[2 + d], &padded, &window) || window > padded)
        return _gantry_shapes_error (error, x, w, "the %s kernel of %" G_GSIZE_FORMAT " with dilation %" G_GINT64_FORMAT
                                     " is larger than the input with its padding of %" G_GINT64_FORMAT, directions[d], w->dims[2 + d],
                                     ints[DILATION + d], ints[PADDING + d]);
      y->dims[2 + d] = (gsize) ((padded - window) / ints[STRIDE + d] + 1);
    }
  return TRUE;
}

static gboolean
check_call (const GantryOpCall *call, gint n_ints, GError **error)
{
  const GantryShape *a = &call->inputs[0]->shape, *b = &call->inputs[1]->shape;

  if (!_gantry_call_expect (call, n_ints, 0, error) || !_gantry_call_same_dtype (call, 0, 1, error) ||
      !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error) || !check_geometry (call->ints, error))
    return FALSE;
  if (a->n_dims != 4 || b->n_dims != 4)
    return _gantry_shapes_error (error, a, b, "four axes each are needed");
  for (gint i = SIZE; i < n_ints; i++)
    if (call->ints[i] < 1)
      return _gantry_shapes_error (error, a, b, "the result would have size %" G_GINT64_FORMAT, call->ints[i]);
  return TRUE;
}

static gboolean
infer_conv2d (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *dtype = call->inputs[0]->dtype;
  return check_call (call, SIZE, error) && convolved (call->ints, &call->inputs[0]->shape, &call->inputs[1]->shape, shape, error);
}

/* The adjoints' results must be such that convolving gives back the shape of dy. */
static gboolean
check_adjoint (const gint64 *ints, const GantryShape *x, const GantryShape *w, const GantryShape *dy, GError **error)
{
  GantryShape y;
  g_autofree gchar *text_y = NULL;
  g_autofree gchar *text_dy = NULL;

  if (!convolved (ints, x, w, &y, error))
    return FALSE;
  if (gantry_shape_equal (&y, dy))
    return TRUE;
  text_y = gantry_shape_to_string (&y);
  text_dy = gantry_shape_to_string (dy);
  return _gantry_shapes_error (error, x, w, "their convolution is %s, not %s", text_y, text_dy);
}

static gboolean
infer_conv2d_input (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *dy = &call->inputs[0]->shape, *w = &call->inputs[1]->shape;
  gsize channels;

  *dtype = call->inputs[0]->dtype;
  if (!check_call (call, SIZE + 2, error))
    return FALSE;
  if (!g_size_checked_mul (&channels, w->dims[1], (gsize) call->ints[GROUPS]))
    return _gantry_shapes_error (error, dy, w, "too many channels");
  if (dy->dims[1] != w->dims[0])
    return _gantry_shapes_error (error, dy, w, "%" G_GSIZE_FORMAT " channels meet a kernel for %" G_GSIZE_FORMAT, dy->dims[1], w->dims[0]);
  *shape = (GantryShape) { 4, { dy->dims[0], channels, (gsize) call->ints[SIZE], (gsize) call->ints[SIZE + 1] } };
  return check_adjoint (call->ints, shape, w, dy, error);
}

static gboolean
infer_conv2d_weight (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape, *dy = &call->inputs[1]->shape;

  *dtype = call->inputs[0]->dtype;
  if (!check_call (call, SIZE + 2, error))
    return FALSE;
  *shape = (GantryShape) { 4, { dy->dims[1], x->dims[1] / (gsize) call->ints[GROUPS], (gsize) call->ints[SIZE], (gsize) call->ints[SIZE + 1] } };
  return check_adjoint (call->ints, x, shape, dy, error);
}

static const GantryOp ops[N_OPS];

static GantryTensor *
convolve (const GantryTensor *like, GantryTensor *x, GantryTensor *w)
{
  GantryTensor *inputs[] = { x, w };

  return gantry_apply (&ops[CONV2D], inputs, 2, like->ints, SIZE, NULL, 0);
}

static GantryTensor *
adjoint (guint op, const GantryTensor *like, GantryTensor *a, GantryTensor *b, const GantryTensor *result)
{
  GantryTensor *inputs[] = { a, b };
  gint64 ints[SIZE + 2];

  for (guint i = 0; i < SIZE; i++)
    ints[i] = like->ints[i];
  ints[SIZE] = (gint64) result->shape.dims[2];
  ints[SIZE + 1] = (gint64) result->shape.dims[3];
  return gantry_apply (&ops[op], inputs, 2, ints, SIZE + 2, NULL, 0);
}

/* Gradient rules: a and b are the inputs, y the result, g its gradient. */
#define RULE(name, for_a, for_b) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *g, GantryTensor **dx) \
  { \
    GantryTensor *a = y->inputs[0], *b = y->inputs[1]; \
    if (_gantry_gradient_wanted (y, 0)) \
      dx[0] = for_a; \
    if (_gantry_gradient_wanted (y, 1)) \
      dx[1] = for_b; \
  }

RULE (conv2d, adjoint (CONV2D_INPUT, y, g, b, a), adjoint (CONV2D_WEIGHT, y, a, g, b))
RULE (conv2d_input, convolve (y, g, b), adjoint (CONV2D_WEIGHT, y, g, a, b))
RULE (conv2d_weight, adjoint (CONV2D_INPUT, y, b, g, a), convolve (y, a, g))

/* Positions of the kernel, over all places that it is moved to, at which it meets the input and not its padding. */
static gdouble
count_meetings (const gint64 *ints, guint d, gsize size, gsize kernel, gsize places)
{
  gdouble n = 0;

  for (gsize k = 0; k < kernel; k++)
    {
      const gint64 from = ints[PADDING + d] - (gint64) k * ints[DILATION + d], to = from + (gint64) size - 1; /* place times stride is between */
      const gint64 first = from > 0 ? (from - 1) / ints[STRIDE + d] + 1 : 0, last = to < 0 ? -1 : to / ints[STRIDE + d];

      n += (gdouble) MAX (0, MIN (last, (gint64) places - 1) - first + 1);
    }
  return n;
}

/* Each element of the convolution's result is a sum of products over a kernel, as far as that lies inside; the adjoints do the same products in
   another order. */
static gdouble
count_flops (const gint64 *ints, const GantryTensor *x, const GantryTensor *w, const GantryTensor *y)
{
  gdouble n = 2 * (gdouble) y->shape.dims[0] * (gdouble) y->shape.dims[1] * (gdouble) w->shape.dims[1];

  for (guint d = 0; d < 2; d++)
    n *= count_meetings (ints, d, x->shape.dims[2 + d], w->shape.dims[2 + d], y->shape.dims[2 + d]);
  return n;
}

static gdouble
conv2d_flops (const GantryTensor *y)
{
  return count_flops (y->ints, y->inputs[0], y->inputs[1], y);
}

static gdouble
conv2d_input_flops (const GantryTensor *y)
{
  return count_flops (y->ints, y, y->inputs[1], y->inputs[0]);
}

static gdouble
conv2d_weight_flops (const GantryTensor *y)
{
  return count_flops (y->ints, y->inputs[0], y, y->inputs[1]);
}

#define ENTRY(op_name, rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 2, .infer = infer_##rule, .gradient = rule##_gradient, .flops = rule##_flops }

static const GantryOp ops[N_OPS] = {
  [CONV2D] = ENTRY ("conv2d", conv2d),
  [CONV2D_INPUT] = ENTRY ("conv2d-input", conv2d_input),
  [CONV2D_WEIGHT] = ENTRY ("conv2d-weight", conv2d_weight)
};

const GantryOpFamily _gantry_family_convolution = { ops, N_OPS };

static void
read_geometry (const GantryConvolution *geometry, gint64 *ints)
{
  static const GantryConvolution plain = { .groups = 1 };

  if (geometry == NULL)
    geometry = &plain;
  for (guint d = 0; d < 2; d++)
    {
      ints[STRIDE + d] = MAX (geometry->stride[d], 1);
      ints[PADDING + d] = geometry->padding[d];
      ints[DILATION + d] = MAX (geometry->dilation[d], 1);
    }
  ints[GROUPS] = MAX (geometry->groups, 1);
}

/**
 * gantry_conv2d:
 * @x: a real tensor, [n, c, h, w]
 * @weight: another of the same dtype, [o, c / groups, kh, kw]
 * @geometry: (nullable): stride, padding with zeros, dilation, groups; %NULL for 1, 0, 1, 1
 *
 * Cross-correlation: the kernel is not flipped.  Channels are split into groups that do not mix.
 *
 * Returns: (transfer none): [n, o, (h + 2 padding - dilation (kh - 1) - 1) / stride + 1, ...], rounded down
 */
GantryTensor *
gantry_conv2d (GantryTensor *x, GantryTensor *weight, const GantryConvolution *geometry)
{
  GantryTensor *inputs[] = { x, weight };
  gint64 ints[SIZE];

  if (x != NULL && geometry != NULL && (geometry->output_padding[0] != 0 || geometry->output_padding[1] != 0))
    return _gantry_op_fail (x, "conv2d", GANTRY_GRAPH_ERROR_ARGUMENT, "output padding [%u, %u] belongs to transposed convolutions",
                            geometry->output_padding[0], geometry->output_padding[1]);
  read_geometry (geometry, ints);
  return gantry_apply (&ops[CONV2D], inputs, 2, ints, SIZE, NULL, 0);
}

/* Size of a transposed convolution's result; what is wrong with it is said by the op's shape rule. */
static gint64
transposed_size (const gint64 *ints, guint d, gsize size, gsize kernel, guint output_padding)
{
  gint64 sum, window, padded;

  if (!extents (ints, d, size, kernel, &padded, &window) || __builtin_mul_overflow ((gint64) size - 1, ints[STRIDE + d], &sum) ||
      __builtin_add_overflow (sum, window, &sum) || __builtin_add_overflow (sum, output_padding, &sum))
    return -1;
  return sum - 2 * ints[PADDING + d];
}

/**
 * gantry_conv_transpose2d:
 * @x: a real tensor, [n, c, h, w]
 * @weight: another of the same dtype, [c, o / groups, kh, kw]
 * @geometry: (nullable): stride, padding, dilation, groups, output padding (below the stride); %NULL for 1, 0, 1, 1, 0
 *
 * The adjoint of [func@Gantry.conv2d] as a layer.
 *
 * Returns: (transfer none): [n, o, (h - 1) stride - 2 padding + dilation (kh - 1) + 1 + output padding, ...]
 */
GantryTensor *
gantry_conv_transpose2d (GantryTensor *x, GantryTensor *weight, const GantryConvolution *geometry)
{
  GantryTensor *inputs[] = { x, weight };
  gint64 ints[SIZE + 2];
  const guint *extra = geometry != NULL ? geometry->output_padding : (const guint[2]) { 0, 0 };

  read_geometry (geometry, ints);
  for (guint d = 0; d < 2; d++)
    {
      if (x != NULL && extra[d] >= ints[STRIDE + d])
        return _gantry_op_fail (x, "conv-transpose2d", GANTRY_GRAPH_ERROR_ARGUMENT, "%s output padding %u is not below the stride of %"
                                G_GINT64_FORMAT, directions[d], extra[d], ints[STRIDE + d]);
      ints[SIZE + d] = 1;
      if (x != NULL && weight != NULL && x->shape.n_dims == 4 && weight->shape.n_dims == 4)
        ints[SIZE + d] = transposed_size (ints, d, x->shape.dims[2 + d], weight->shape.dims[2 + d], extra[d]);
    }
  return gantry_apply (&ops[CONV2D_INPUT], inputs, 2, ints, SIZE + 2, NULL, 0);
}
