/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "graph/op-cases.h"

#define S(...) { sizeof ((gsize[]) { __VA_ARGS__ }) / sizeof (gsize), { __VA_ARGS__ } }
#define SCALAR { 0, { 0 } }

#define BUILD(name, expression) \
  static GantryTensor * \
  build_##name (GantryTensor *const *x, const OpVariant *variant) \
  { \
    return expression; \
  }

static GantryTensor *
apply (const gchar *op, GantryTensor *const *x, guint n, const gint64 *ints, guint n_ints)
{
  return gantry_apply (gantry_op_find (op), x, n, ints, n_ints, NULL, 0);
}

static GantryTensor *
mask (GantryTensor *condition, GantryTensor *like)
{
  return gantry_cast (condition, gantry_tensor_get_dtype (like));
}

static GantryTensor *
whole (GantryTensor *x)
{
  return gantry_cast (x, GANTRY_INT64);
}

/* Sums and products of the broadcast shape, so that truth values have something to weigh. */
static GantryTensor *
weighted (GantryTensor *condition, GantryTensor *const *x)
{
  return gantry_mul (mask (condition, x[0]), gantry_mul (x[0], x[1]));
}

static GantryTensor *
in_float32 (GantryTensor *x)
{
  GantryDType other = gantry_tensor_get_dtype (x) == GANTRY_FLOAT32 ? GANTRY_FLOAT64 : GANTRY_FLOAT32;

  return gantry_cast (gantry_cast (x, other), gantry_tensor_get_dtype (x));
}

static GantryTensor *
permute (GantryTensor *x, const gint64 *ints)
{
  guint axes[GANTRY_MAX_DIMS];

  for (guint i = 0; i < gantry_tensor_get_n_dims (x); i++)
    axes[i] = (guint) ints[i];
  return gantry_permute (x, axes);
}

static const GantryShape *
shape_of_ints (const OpVariant *variant)
{
  static GantryShape shape;

  shape.n_dims = (guint) variant->ints[0];
  for (guint i = 0; i < shape.n_dims; i++)
    shape.dims[i] = (gsize) variant->ints[1 + i];
  return &shape;
}

/* What is constant piece by piece, with something to multiply. */
static GantryTensor *
times_square (GantryTensor *step, GantryTensor *x)
{
  return gantry_mul (gantry_cast (step, gantry_tensor_get_dtype (x)), gantry_square (x));
}

static GantryTensor *
positive (GantryTensor *x)
{
  return gantry_greater (x, gantry_zeros_like (x));
}

#define INTS variant->ints

BUILD (neg, gantry_neg (x[0]))
BUILD (abs, gantry_abs (x[0]))
BUILD (sign, gantry_mul (gantry_sign (x[0]), gantry_square (x[0])))
BUILD (exp, gantry_exp (x[0]))
BUILD (log, gantry_log (x[0]))
BUILD (sqrt, gantry_sqrt (x[0]))
BUILD (rsqrt, gantry_rsqrt (x[0]))
BUILD (reciprocal, gantry_reciprocal (x[0]))
BUILD (square, gantry_square (x[0]))
BUILD (tanh, gantry_tanh (x[0]))
BUILD (sigmoid, gantry_sigmoid (x[0]))
BUILD (softplus, gantry_softplus (x[0]))
BUILD (relu, gantry_relu (x[0]))
BUILD (leaky_relu, gantry_leaky_relu (x[0], 0.2))
BUILD (sin, gantry_sin (x[0]))
BUILD (cos, gantry_cos (x[0]))
BUILD (erf, gantry_erf (x[0]))
BUILD (expm1, gantry_expm1 (x[0]))
BUILD (log1p, gantry_log1p (x[0]))
BUILD (floor, times_square (gantry_floor (x[0]), x[0]))
BUILD (ceil, times_square (gantry_ceil (x[0]), x[0]))
BUILD (round, times_square (gantry_round (x[0]), x[0]))
BUILD (scale, gantry_scale (x[0], -1.75))
BUILD (offset, gantry_offset (x[0], 0.375))
BUILD (cast, in_float32 (x[0]))
BUILD (detach, gantry_mul (x[0], gantry_detach (x[1])))
BUILD (add, gantry_add (x[0], x[1]))
BUILD (sub, gantry_sub (x[0], x[1]))
BUILD (mul, gantry_mul (x[0], x[1]))
BUILD (div, gantry_div (x[0], x[1]))
BUILD (maximum, gantry_maximum (x[0], x[1]))
BUILD (minimum, gantry_minimum (x[0], x[1]))
BUILD (pow, gantry_pow (x[0], x[1]))
BUILD (atan2, gantry_atan2 (x[0], x[1]))
BUILD (less, weighted (gantry_less (x[0], x[1]), x))
BUILD (greater, weighted (gantry_greater (x[0], x[1]), x))
BUILD (equal, weighted (gantry_equal (whole (x[0]), whole (x[1])), x))
BUILD (less_equal, weighted (gantry_less_equal (x[0], x[1]), x))
BUILD (greater_equal, weighted (gantry_greater_equal (x[0], x[1]), x))
BUILD (not_equal, weighted (gantry_not_equal (whole (x[0]), whole (x[1])), x))
BUILD (logical_and, weighted (gantry_logical_and (positive (x[0]), positive (x[1])), x))
BUILD (logical_or, weighted (gantry_logical_or (positive (x[0]), positive (x[1])), x))
BUILD (logical_not, times_square (gantry_logical_not (positive (x[0])), x[0]))
BUILD (arg_max, times_square (gantry_arg_max (x[0], (guint) INTS[0], TRUE), x[0]))
BUILD (arg_min, times_square (gantry_arg_min (x[0], (guint) INTS[0], TRUE), x[0]))
BUILD (arg_sort, times_square (gantry_arg_sort (x[0], (guint) INTS[0], INTS[1] > 1), x[0]))
BUILD (select, gantry_select (gantry_greater (x[0], gantry_zeros_like (x[0])), x[1], gantry_square (x[2])))
BUILD (sum, gantry_sum_axes (x[0], (guint) INTS[0], (gboolean) INTS[1]))
BUILD (max, gantry_max_axes (x[0], (guint) INTS[0], (gboolean) INTS[1]))
BUILD (reshape, gantry_reshape (x[0], shape_of_ints (variant)))
BUILD (permute, permute (x[0], INTS))
BUILD (broadcast_to, gantry_broadcast_to (x[0], shape_of_ints (variant)))
BUILD (slice, gantry_slice (x[0], (guint) INTS[0], (gsize) INTS[1], (gsize) INTS[2]))
BUILD (pad, gantry_pad (x[0], (guint) INTS[0], (gsize) INTS[1], (gsize) INTS[2]))
BUILD (concat, gantry_concat (x, 3, (guint) INTS[0]))
BUILD (matmul, gantry_matmul_full (x[0], (gboolean) INTS[0], x[1], (gboolean) INTS[1]))
BUILD (conv2d, apply ("conv2d", x, 2, INTS, 7))
BUILD (conv2d_input, apply ("conv2d-input", x, 2, INTS, 9))
BUILD (conv2d_weight, apply ("conv2d-weight", x, 2, INTS, 9))

/* An index of so many elements that repeats some, leaves some out, and is never out of a range of @size. */
static GantryTensor *
indices (GantryTensor *like, const GantryShape *shape, gsize size)
{
  gint64 values[256];

  for (gsize i = 0; i < gantry_shape_size (shape); i++)
    values[i] = (i * i + 3 * i + 1) % size;
  return gantry_constant_integers (gantry_tensor_get_graph (like), shape, values);
}

/* The shape of x with another size along an axis. */
static GantryTensor *
indices_along (GantryTensor *x, guint axis, gsize n, gsize size)
{
  GantryShape shape = *gantry_tensor_get_shape (x);

  shape.dims[axis] = n;
  return indices (x, &shape, size);
}

BUILD (gather, gantry_gather (x[0], INTS[0], indices_along (x[0], INTS[0], INTS[1], gantry_tensor_get_dim (x[0], INTS[0]))))
BUILD (scatter_add, gantry_scatter_add (x[0], INTS[0], indices_along (x[0], INTS[0], gantry_tensor_get_dim (x[0], INTS[0]), INTS[1]), INTS[1]))
BUILD (index_select, gantry_index_select (x[0], INTS[0], indices (x[0], gantry_tensor_get_shape (x[1]), gantry_tensor_get_dim (x[0], INTS[0]))))
BUILD (index_add, gantry_index_add (x[0], INTS[0], indices (x[0], gantry_tensor_get_shape (x[1]), INTS[1]), INTS[1]))

/* Rows that overlap, leave elements out, weigh one twice, and are empty. */
static GantryTensor *
resample (GantryTensor *x, guint axis)
{
  const gint64 last = (gint64) gantry_tensor_get_dim (x, axis) - 1;
  const gint64 starts[] = { 0, 2, 2, 5, 6 }, places[] = { 0, last, last, 0, last, last / 2 };
  const gdouble weights[] = { 0.5, -1.25, 0.75, 2, 1.5, 1 };

  return gantry_resample (x, axis, &(GantryTaps) { 4, starts, places, weights });
}

/* Window, stride, padding, dilation, ceil. */
static GantryTensor *
max_pool (GantryTensor *x, const gint64 *ints)
{
  const GantryPooling pooling = { { ints[0], ints[1] }, { ints[2], ints[3] }, { ints[4], ints[5] }, { ints[6], ints[6] }, (gboolean) ints[7] };

  return gantry_max_pool2d (x, &pooling);
}

BUILD (resample, resample (x[0], INTS[0]))
BUILD (max_pool, max_pool (x[0], INTS))

/* Shapes of one operand, of two that broadcast, of three. */
#define ONE { { { S (7) } }, { { SCALAR } }, { { S (2, 3, 4) } } }
#define TWO \
  { { { S (2, 3), S (2, 3) } }, { { S (2, 3), S (3) } }, { { S (4, 1, 3), S (2, 1) } }, { { SCALAR, S (2, 2) } }, \
    { { S (2, 1, 2, 1), S (3, 1, 3) } } }
#define THREE \
  { { { S (2, 3), S (2, 3), S (2, 3) } }, { { S (3), S (2, 1), S (2, 3) } }, { { S (2, 3), SCALAR, S (3) } }, \
    { { S (2, 1), S (1, 3), S (2, 1, 1) } } }

#define ALONG { { { S (5) }, { 0, 1 } }, { { S (2, 3, 4) }, { 0, 2 } }, { { S (2, 3, 4) }, { 1, 1 } }, { { S (2, 3, 4) }, { 2, 2 } } }

const OpCase op_cases[] = {
  { "neg", 1, build_neg, -2, 2, .variants = ONE },
  { "abs", 1, build_abs, -2, 2, .variants = ONE },
  { "sign", 1, build_sign, -2, 2, .variants = ONE },
  { "exp", 1, build_exp, -2, 2, .variants = ONE },
  { "log", 1, build_log, 0.4, 3, .variants = ONE },
  { "sqrt", 1, build_sqrt, 0.4, 3, .variants = ONE },
  { "rsqrt", 1, build_rsqrt, 0.4, 3, .variants = ONE },
  { "reciprocal", 1, build_reciprocal, -3, -0.5, .variants = ONE },
  { "square", 1, build_square, -2, 2, .variants = ONE },
  { "tanh", 1, build_tanh, -2, 2, .variants = ONE },
  { "sigmoid", 1, build_sigmoid, -4, 4, .variants = ONE },
  { "softplus", 1, build_softplus, -4, 4, .variants = ONE },
  { "relu", 1, build_relu, -2, 2, .variants = ONE },
  { "leaky-relu", 1, build_leaky_relu, -2, 2, .variants = ONE },
  { "sin", 1, build_sin, -4, 4, .variants = ONE },
  { "cos", 1, build_cos, -4, 4, .variants = ONE },
  { "erf", 1, build_erf, -2, 2, .variants = ONE },
  { "expm1", 1, build_expm1, -2, 2, .variants = ONE },
  { "log1p", 1, build_log1p, -0.6, 3, .variants = ONE },
  { "floor", 1, build_floor, -2, 2, .variants = ONE },
  { "ceil", 1, build_ceil, -2, 2, .variants = ONE },
  { "round", 1, build_round, -2, 2, .variants = ONE },
  { "scale", 1, build_scale, -2, 2, .variants = ONE },
  { "offset", 1, build_offset, -2, 2, .variants = ONE },
  /* Rounding to float32 is a staircase: linear only over long steps. */
  { "cast", 1, build_cast, -2, 2, .step = 0.25, .tolerance = 1e-5, .variants = ONE },
  { "detach", 2, build_detach, -2, 2, .fixed = 1 << 1, .variants = TWO },
  { "add", 2, build_add, -2, 2, .variants = TWO },
  { "sub", 2, build_sub, -2, 2, .variants = TWO },
  { "mul", 2, build_mul, -2, 2, .variants = TWO },
  { "div", 2, build_div, 0.5, 3, .variants = TWO },
  { "maximum", 2, build_maximum, -2, 2, .variants = TWO },
  { "minimum", 2, build_minimum, -2, 2, .variants = TWO },
  { "pow", 2, build_pow, 0.4, 3, .variants = TWO },
  { "atan2", 2, build_atan2, 0.4, 3, .variants = TWO },
  { "less", 2, build_less, -2, 2, .variants = TWO },
  { "greater", 2, build_greater, -2, 2, .variants = TWO },
  { "equal", 2, build_equal, -2, 2, .variants = TWO },
  { "less-equal", 2, build_less_equal, -2, 2, .variants = TWO },
  { "greater-equal", 2, build_greater_equal, -2, 2, .variants = TWO },
  { "not-equal", 2, build_not_equal, -2, 2, .variants = TWO },
  { "logical-and", 2, build_logical_and, -2, 2, .variants = TWO },
  { "logical-or", 2, build_logical_or, -2, 2, .variants = TWO },
  { "logical-not", 1, build_logical_not, -2, 2, .variants = ONE },
  { "arg-max", 1, build_arg_max, -2, 2, .variants = ALONG },
  { "arg-min", 1, build_arg_min, -2, 2, .variants = ALONG },
  { "arg-sort", 1, build_arg_sort, -2, 2, .variants = ALONG },
  { "select", 3, build_select, -2, 2, .variants = THREE },
  { "sum", 1, build_sum, -2, 2,
    .variants = { { { S (5) }, { 1, 0 } }, { { S (2, 3, 4) }, { 2, 0 } }, { { S (2, 3, 4) }, { 5, 1 } }, { { S (2, 3, 4) }, { 3, 0 } },
                  { { S (2, 3, 4) }, { 7, 0 } }, { { S (2, 3, 4) }, { 6, 0 } }, { { S (2, 1, 2, 3) }, { 10, 0 } } } },
  { "max", 1, build_max, -2, 2,
    .variants = { { { S (5) }, { 1, 0 } }, { { S (2, 3, 4) }, { 2, 0 } }, { { S (2, 3, 4) }, { 5, 1 } }, { { S (2, 3, 4) }, { 3, 0 } },
                  { { S (2, 3, 4) }, { 7, 0 } } } },
  { "reshape", 1, build_reshape, -2, 2,
    .variants = { { { S (2, 6) }, { 3, 2, 2, 3 } }, { { S (1, 1) }, { 0 } }, { { S (4) }, { 2, 2, 2 } } } },
  { "permute", 1, build_permute, -2, 2,
    .variants = { { { S (2, 3) }, { 1, 0 } }, { { S (2, 3, 4) }, { 2, 0, 1 } }, { { S (2, 3, 4) }, { 0, 1, 2 } },
                  { { S (2, 3, 2, 2) }, { 1, 3, 0, 2 } } } },
  { "broadcast-to", 1, build_broadcast_to, -2, 2,
    .variants = { { { S (3) }, { 2, 2, 3 } }, { { S (3, 1) }, { 3, 2, 3, 4 } }, { { SCALAR }, { 2, 2, 3 } }, { { S (2, 1, 3) }, { 3, 2, 4, 3 } } } },
  { "slice", 1, build_slice, -2, 2,
    .variants = { { { S (7) }, { 0, 2, 3 } }, { { S (2, 5, 3) }, { 1, 0, 2 } }, { { S (2, 5, 3) }, { 2, 2, 1 } }, { { S (4, 3) }, { 0, 3, 1 } } } },
  { "pad", 1, build_pad, -2, 2,
    .variants = { { { S (3) }, { 0, 2, 1 } }, { { S (2, 3, 2) }, { 1, 0, 2 } }, { { S (2, 3, 2) }, { 2, 1, 0 } }, { { S (2, 3) }, { 0, 1, 3 } } } },
  { "concat", 3, build_concat, -2, 2,
    .variants = { { { S (2), S (3), S (1) }, { 0 } }, { { S (2, 1, 2), S (2, 3, 2), S (2, 2, 2) }, { 1 } },
                  { { S (1, 3), S (2, 3), S (1, 3) }, { 0 } } } },
  { "matmul", 2, build_matmul, -1, 1,
    .variants = { { { S (3, 4), S (4, 2) }, { 0, 0 } }, { { S (4, 3), S (4, 2) }, { 1, 0 } }, { { S (3, 4), S (2, 4) }, { 0, 1 } },
                  { { S (4, 3), S (2, 4) }, { 1, 1 } }, { { S (2, 3, 4), S (4, 2) }, { 0, 0 } }, { { S (2, 1, 2, 3), S (3, 2, 3) }, { 0, 1 } },
                  { { S (3, 1), S (2, 3, 2) }, { 1, 0 } }, { { S (1, 5), S (5, 1) }, { 0, 0 } } } },
  /* Stride, padding, dilation (each twice), groups; result. */
  { "conv2d", 2, build_conv2d, -1, 1,
    .variants = { { { S (2, 2, 4, 5), S (3, 2, 3, 2) }, { 1, 1, 0, 0, 1, 1, 1 } }, { { S (1, 2, 5, 5), S (2, 2, 3, 3) }, { 2, 2, 1, 1, 1, 1, 1 } },
                  { { S (1, 2, 6, 5), S (2, 2, 2, 2) }, { 3, 2, 1, 0, 1, 1, 1 } }, { { S (1, 1, 6, 7), S (2, 1, 3, 2) }, { 1, 2, 1, 2, 2, 3, 1 } },
                  { { S (1, 4, 4, 4), S (6, 2, 3, 3) }, { 1, 1, 1, 1, 1, 1, 2 } }, { { S (2, 3, 3, 4), S (3, 1, 2, 2) }, { 2, 1, 0, 1, 1, 2, 3 } },
                  { { S (2, 3, 2, 2), S (2, 3, 1, 1) }, { 1, 1, 0, 0, 1, 1, 1 } },
                  { { S (1, 2, 4, 4), S (2, 2, 4, 4) }, { 2, 2, 1, 1, 1, 1, 1 } } } },
  { "conv2d-input", 2, build_conv2d_input, -1, 1,
    .variants = { { { S (1, 2, 3, 3), S (2, 2, 3, 3) }, { 1, 1, 1, 1, 1, 1, 1, 3, 3 } },
                  { { S (2, 2, 2, 2), S (2, 1, 4, 4) }, { 2, 2, 1, 1, 1, 1, 1, 4, 4 } },
                  { { S (1, 2, 2, 2), S (2, 2, 3, 3) }, { 2, 2, 1, 1, 1, 1, 1, 4, 4 } },
                  { { S (1, 2, 2, 3), S (2, 1, 2, 2) }, { 3, 2, 1, 0, 1, 1, 1, 4, 7 } },
                  { { S (1, 4, 2, 2), S (4, 2, 3, 2) }, { 1, 1, 0, 0, 1, 2, 2, 4, 4 } },
                  { { S (1, 3, 1, 1), S (3, 2, 2, 2) }, { 1, 1, 0, 0, 1, 1, 1, 2, 2 } } } },
  { "conv2d-weight", 2, build_conv2d_weight, -1, 1,
    .variants = { { { S (2, 2, 4, 4), S (2, 3, 2, 2) }, { 1, 1, 0, 0, 1, 1, 1, 3, 3 } },
                  { { S (1, 2, 5, 5), S (1, 2, 3, 3) }, { 2, 2, 1, 1, 1, 1, 1, 3, 3 } },
                  { { S (1, 1, 6, 5), S (1, 2, 2, 2) }, { 2, 3, 0, 1, 2, 1, 1, 2, 3 } },
                  { { S (2, 4, 3, 3), S (2, 2, 3, 3) }, { 1, 1, 1, 1, 1, 1, 2, 3, 3 } },
                  { { S (1, 2, 6, 6), S (1, 2, 2, 2) }, { 3, 3, 0, 0, 1, 1, 1, 3, 2 } } } },
  { "gather", 1, build_gather, -2, 2,
    .variants = { { { S (5) }, { 0, 3 } }, { { S (2, 3, 4) }, { 1, 5 } }, { { S (2, 3, 4) }, { 2, 2 } }, { { S (3, 2) }, { 0, 1 } } } },
  { "scatter-add", 1, build_scatter_add, -2, 2,
    .variants = { { { S (5) }, { 0, 3 } }, { { S (2, 3, 4) }, { 1, 5 } }, { { S (2, 3, 4) }, { 2, 2 } }, { { S (3, 2) }, { 0, 1 } } } },
  /* The second operand gives the index its shape. */
  { "index-select", 2, build_index_select, -2, 2, .fixed = 1 << 1,
    .variants = { { { S (5), S (7) }, { 0 } }, { { S (3, 4), S (2, 2) }, { 0 } }, { { S (2, 3, 4), SCALAR }, { 1 } },
                  { { S (2, 5), S (3) }, { 1 } } } },
  { "index-add", 2, build_index_add, -2, 2, .fixed = 1 << 1,
    .variants = { { { S (7), S (7) }, { 0, 4 } }, { { S (2, 2, 3), S (2, 2) }, { 0, 3 } }, { { S (2, 3), SCALAR }, { 1, 2 } },
                  { { S (2, 5), S (5) }, { 1, 3 } } } },
  { "resample", 1, build_resample, -2, 2,
    .variants = { { { S (5) }, { 0 } }, { { S (2, 3, 4) }, { 1 } }, { { S (2, 3, 4) }, { 2 } }, { { S (2, 20) }, { 0 } }, { { S (1) }, { 0 } } } },
  { "max-pool-index", 1, build_max_pool, -2, 2,
    .variants = { { { S (4, 6) }, { 2, 2, 2, 2, 0, 0, 1, 0 } }, { { S (2, 2, 5, 4) }, { 3, 2, 2, 1, 1, 1, 1, 0 } },
                  { { S (2, 5, 7) }, { 2, 2, 2, 3, 0, 1, 2, 0 } }, { { S (2, 5, 7) }, { 2, 3, 2, 2, 0, 1, 1, 1 } } } }
};

const guint n_op_cases = G_N_ELEMENTS (op_cases);

static gboolean
is_variant (const OpVariant *variant)
{
  gboolean ints = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (variant->ints); i++)
    ints = ints || variant->ints[i] != 0;
  return ints || variant->shapes[0].n_dims > 0 || variant->shapes[1].n_dims > 0;
}

guint
op_case_count_variants (const OpCase *row)
{
  guint n = OP_CASE_MAX_VARIANTS;

  while (n > 1 && !is_variant (&row->variants[n - 1]))
    n--;
  return n;
}

static GantryTensor *
add_input (OpProblem *self, const gchar *letter, guint k, const GantryShape *shape, GantryDType dtype)
{
  g_autofree gchar *name = g_strdup_printf ("%s%u", letter, k);

  return gantry_graph_feed (self->graph, name, shape, dtype);
}

static void
add_output (OpProblem *self, const gchar *letter, guint k, GantryTensor *tensor)
{
  g_autofree gchar *name = g_strdup_printf ("%s%u", letter, k);

  gantry_graph_output (self->graph, name, tensor);
}

OpProblem *
op_problem_new (const OpCase *row, const OpVariant *variant, GantryDType dtype)
{
  OpProblem *self = g_new0 (OpProblem, 1);
  GantryTensor *x[OP_CASE_MAX_OPERANDS + 1], *g[OP_CASE_MAX_OPERANDS + 1], *h[OP_CASE_MAX_OPERANDS + 1];
  GantryTensor *y, *s, *p;

  self->graph = gantry_graph_new (dtype);
  self->n = row->n_operands + 1;
  for (guint k = 0; k < row->n_operands; k++)
    {
      x[k] = add_input (self, "x", k, &variant->shapes[k], dtype);
      self->fixed[k] = (row->fixed >> k) & 1;
    }
  y = row->build (x, variant);
  x[row->n_operands] = add_input (self, "x", row->n_operands, gantry_tensor_get_shape (y), dtype);
  s = gantry_sum (gantry_mul (y, x[row->n_operands]));
  gantry_gradients (s, x, self->n, g);
  p = gantry_constant (self->graph, 0);
  for (guint k = 0; k < self->n; k++)
    p = gantry_add (p, gantry_sum (gantry_mul (g[k], add_input (self, "v", k, gantry_tensor_get_shape (x[k]), dtype))));
  gantry_gradients (p, x, self->n, h);
  gantry_graph_output (self->graph, "S", s);
  gantry_graph_output (self->graph, "P", p);
  for (guint k = 0; k < self->n; k++)
    {
      add_output (self, "g", k, g[k]);
      add_output (self, "h", k, h[k]);
    }
  return self;
}

void
op_problem_free (OpProblem *self)
{
  g_object_unref (self->graph);
  g_free (self);
}

/* Number i of n different ones spread over a range in a scrambled order, none of them on a whole number of steps. */
static gdouble
spread (guint i, guint n, gdouble low, gdouble high)
{
  static const guint strides[] = { 389, 401, 409, 419 };
  guint k = 0;

  while (n % strides[k] == 0)
    k++;
  return low + (high - low) * (((gsize) i * strides[k] + 17) % n + 0.37) / n;
}

void
op_problem_fill (const OpProblem *self, const OpCase *row, GantryProgram *program)
{
  guint n = 0, i = 0;

  for (guint k = 0; k < row->n_operands; k++)
    {
      g_autofree gchar *name = g_strdup_printf ("x%u", k);

      n += gantry_array_get_size (gantry_program_get_input (program, name));
    }
  for (guint k = 0; k < self->n; k++)
    {
      g_autofree gchar *x_name = g_strdup_printf ("x%u", k);
      g_autofree gchar *v_name = g_strdup_printf ("v%u", k);
      GantryArray *x = gantry_program_get_input (program, x_name), *v = gantry_program_get_input (program, v_name);
      guint size = gantry_array_get_size (x);

      for (guint e = 0; e < size; e++)
        {
          gantry_array_set_double (x, e, k < row->n_operands ? spread (i++, n, row->low, row->high) : spread (e, size, -1, 1.5));
          gantry_array_set_double (v, e, spread (e, size, -1.25, 1));
        }
    }
}
