/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/graph.h>

G_BEGIN_DECLS

/* Constants, in the graph's dtype unless said. */
GANTRY_API GantryTensor *gantry_constant (GantryGraph *graph, gdouble value);
GANTRY_API GantryTensor *gantry_fill (GantryGraph *graph, const GantryShape *shape, GantryDType dtype, gdouble value);
GANTRY_API GantryTensor *gantry_constant_array (GantryGraph *graph, const GantryShape *shape, const gdouble *values);
GANTRY_API GantryTensor *gantry_constant_integers (GantryGraph *graph, const GantryShape *shape, const gint64 *values); /* int64 */
GANTRY_API GantryTensor *gantry_count_up (GantryGraph *graph, gsize n); /* int64: 0, 1, ... n - 1 */
GANTRY_API GantryTensor *gantry_zeros_like (GantryTensor *x);
GANTRY_API GantryTensor *gantry_ones_like (GantryTensor *x);

/* Elementwise, one operand. */
GANTRY_API GantryTensor *gantry_neg (GantryTensor *x);
GANTRY_API GantryTensor *gantry_abs (GantryTensor *x);
GANTRY_API GantryTensor *gantry_sign (GantryTensor *x);
GANTRY_API GantryTensor *gantry_exp (GantryTensor *x);
GANTRY_API GantryTensor *gantry_log (GantryTensor *x);
GANTRY_API GantryTensor *gantry_sqrt (GantryTensor *x);
GANTRY_API GantryTensor *gantry_rsqrt (GantryTensor *x);
GANTRY_API GantryTensor *gantry_reciprocal (GantryTensor *x);
GANTRY_API GantryTensor *gantry_square (GantryTensor *x);
GANTRY_API GantryTensor *gantry_tanh (GantryTensor *x);
GANTRY_API GantryTensor *gantry_sigmoid (GantryTensor *x);
GANTRY_API GantryTensor *gantry_softplus (GantryTensor *x);
GANTRY_API GantryTensor *gantry_relu (GantryTensor *x);
GANTRY_API GantryTensor *gantry_leaky_relu (GantryTensor *x, gdouble slope);
GANTRY_API GantryTensor *gantry_scale (GantryTensor *x, gdouble factor);   /* factor * x */
GANTRY_API GantryTensor *gantry_offset (GantryTensor *x, gdouble addend);  /* x + addend */
GANTRY_API GantryTensor *gantry_cast (GantryTensor *x, GantryDType dtype);
GANTRY_API GantryTensor *gantry_detach (GantryTensor *x); /* the same value, a constant to the gradient */
GANTRY_API GantryTensor *gantry_sin (GantryTensor *x);
GANTRY_API GantryTensor *gantry_cos (GantryTensor *x);
GANTRY_API GantryTensor *gantry_tan (GantryTensor *x);
GANTRY_API GantryTensor *gantry_erf (GantryTensor *x);
GANTRY_API GantryTensor *gantry_expm1 (GantryTensor *x); /* exp(x) - 1 */
GANTRY_API GantryTensor *gantry_log1p (GantryTensor *x); /* log(1 + x) */
GANTRY_API GantryTensor *gantry_floor (GantryTensor *x);
GANTRY_API GantryTensor *gantry_ceil (GantryTensor *x);
GANTRY_API GantryTensor *gantry_round (GantryTensor *x); /* halves to even */
GANTRY_API GantryTensor *gantry_power (GantryTensor *x, gdouble exponent);
GANTRY_API GantryTensor *gantry_clamp (GantryTensor *x, gdouble low, gdouble high); /* derivative 1 at both bounds */

/* Activations. */
GANTRY_API GantryTensor *gantry_hardtanh (GantryTensor *x);
GANTRY_API GantryTensor *gantry_elu (GantryTensor *x, gdouble alpha);
GANTRY_API GantryTensor *gantry_selu (GantryTensor *x);
GANTRY_API GantryTensor *gantry_silu (GantryTensor *x);
GANTRY_API GantryTensor *gantry_gelu (GantryTensor *x);
GANTRY_API GantryTensor *gantry_gelu_tanh (GantryTensor *x); /* its usual approximation */
GANTRY_API GantryTensor *gantry_mish (GantryTensor *x);
GANTRY_API GantryTensor *gantry_log_sigmoid (GantryTensor *x);

/* Elementwise, two operands of one dtype, broadcast against each other. */
GANTRY_API GantryTensor *gantry_add (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_sub (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_mul (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_div (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_maximum (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_minimum (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_pow (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_atan2 (GantryTensor *a, GantryTensor *b); /* angle of the point (b, a) */

/* Truth values, bool8. */
GANTRY_API GantryTensor *gantry_less (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_greater (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_equal (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_less_equal (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_greater_equal (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_not_equal (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_logical_and (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_logical_or (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_logical_not (GantryTensor *x);
GANTRY_API GantryTensor *gantry_select (GantryTensor *condition, GantryTensor *a, GantryTensor *b);

/* Reductions.  `axes` is a set of GANTRY_AXIS(); reduced axes are kept with size 1 when `keep`. */
GANTRY_API GantryTensor *gantry_sum_axes (GantryTensor *x, guint axes, gboolean keep);
GANTRY_API GantryTensor *gantry_mean_axes (GantryTensor *x, guint axes, gboolean keep);
GANTRY_API GantryTensor *gantry_max_axes (GantryTensor *x, guint axes, gboolean keep); /* ties share the gradient */
GANTRY_API GantryTensor *gantry_sum (GantryTensor *x);            /* of everything: [] */
GANTRY_API GantryTensor *gantry_mean (GantryTensor *x);           /* of everything: [] */
GANTRY_API GantryTensor *gantry_sum_per_sample (GantryTensor *x); /* [batch, ...] -> [batch] */
GANTRY_API GantryTensor *gantry_norm (GantryTensor *x);           /* Euclidean, of everything: []; gradient 0 at 0 */
GANTRY_API GantryTensor *gantry_min_axes (GantryTensor *x, guint axes, gboolean keep); /* ties share the gradient */
GANTRY_API GantryTensor *gantry_variance (GantryTensor *x, guint axes, guint correction, gboolean keep); /* over n - correction */
GANTRY_API GantryTensor *gantry_standard_deviation (GantryTensor *x, guint axes, guint correction, gboolean keep); /* gradient 0 at 0 */
GANTRY_API GantryTensor *gantry_norm_axes (GantryTensor *x, guint axes, gboolean keep); /* Euclidean; gradient 0 at 0 */
GANTRY_API GantryTensor *gantry_normalize (GantryTensor *x, guint axes, gdouble eps);   /* x / max(|x|, eps) */
GANTRY_API GantryTensor *gantry_logsumexp (GantryTensor *x, guint axes, gboolean keep);
GANTRY_API GantryTensor *gantry_softmax (GantryTensor *x, guint axis);
GANTRY_API GantryTensor *gantry_log_softmax (GantryTensor *x, guint axis);

/* Order along one axis.  The numbers that arg_... give are int64. */
GANTRY_API GantryTensor *gantry_arg_max (GantryTensor *x, guint axis, gboolean keep);  /* the first of several */
GANTRY_API GantryTensor *gantry_arg_min (GantryTensor *x, guint axis, gboolean keep);  /* the first of several */
GANTRY_API GantryTensor *gantry_arg_sort (GantryTensor *x, guint axis, gboolean descending); /* stable */
GANTRY_API GantryTensor *gantry_max_along (GantryTensor *x, guint axis, gboolean keep); /* the first of several has the gradient */
GANTRY_API GantryTensor *gantry_min_along (GantryTensor *x, guint axis, gboolean keep); /* the first of several has the gradient */
GANTRY_API GantryTensor *gantry_sort (GantryTensor *x, guint axis, gboolean descending); /* stable */

/* Losses element by element: nothing is summed. */
GANTRY_API GantryTensor *gantry_cross_entropy (GantryTensor *logits, GantryTensor *labels, gdouble smoothing); /* [batch, classes, ...] */
GANTRY_API GantryTensor *gantry_binary_cross_entropy (GantryTensor *logits, GantryTensor *targets);

/* Shape. */
GANTRY_API GantryTensor *gantry_reshape (GantryTensor *x, const GantryShape *shape);
GANTRY_API GantryTensor *gantry_flatten (GantryTensor *x); /* [batch, ...] -> [batch, rest] */
GANTRY_API GantryTensor *gantry_permute (GantryTensor *x, const guint *axes); /* axis i of the result is axis axes[i] of x */
GANTRY_API GantryTensor *gantry_transpose (GantryTensor *x);                 /* swaps the last two axes */
GANTRY_API GantryTensor *gantry_broadcast_to (GantryTensor *x, const GantryShape *shape);
GANTRY_API GantryTensor *gantry_sum_to (GantryTensor *x, const GantryShape *shape); /* adjoint of broadcast_to */
GANTRY_API GantryTensor *gantry_slice (GantryTensor *x, guint axis, gsize start, gsize length);
GANTRY_API GantryTensor *gantry_pad (GantryTensor *x, guint axis, gsize before, gsize after); /* with zeros */
GANTRY_API GantryTensor *gantry_concat (GantryTensor *const *xs, guint n, guint axis);

/* Elements and slices that an int64 tensor names.  What an index outside of the axis reads is NaN. */
GANTRY_API GantryTensor *gantry_gather (GantryTensor *x, guint axis, GantryTensor *index); /* x[i, index[i, j]] where the axis is 1 */
GANTRY_API GantryTensor *gantry_scatter_add (GantryTensor *x, guint axis, GantryTensor *index, gsize size); /* adjoint of gather */
GANTRY_API GantryTensor *gantry_index_select (GantryTensor *x, guint axis, GantryTensor *index); /* [before, index, after] */
GANTRY_API GantryTensor *gantry_index_add (GantryTensor *x, guint axis, GantryTensor *index, gsize size); /* adjoint of index_select */
GANTRY_API GantryTensor *gantry_one_hot (GantryTensor *index, gsize size); /* [index, size] */

/* Products. */
GANTRY_API GantryTensor *gantry_matmul (GantryTensor *a, GantryTensor *b); /* [..., m, k] x [..., k, n]; leading axes broadcast */
GANTRY_API GantryTensor *gantry_matmul_full (GantryTensor *a, gboolean transpose_a, GantryTensor *b, gboolean transpose_b);

/**
 * GantryConvolution:
 *
 * Geometry of a convolution, [vertical, horizontal].  A stride, dilation or groups of 0 means 1.
 */
typedef struct {
  guint stride[2];
  guint padding[2];
  guint dilation[2];
  guint output_padding[2]; /* of a transposed convolution */
  guint groups;
} GantryConvolution;

/* Cross-correlation of x [n, c, h, w] with weight [o, c/groups, kh, kw]. */
GANTRY_API GantryTensor *gantry_conv2d (GantryTensor *x, GantryTensor *weight, const GantryConvolution *geometry);
/* Its adjoint as a layer: x [n, c, h, w], weight [c, o/groups, kh, kw]. */
GANTRY_API GantryTensor *gantry_conv_transpose2d (GantryTensor *x, GantryTensor *weight, const GantryConvolution *geometry);

/**
 * GantryTaps:
 * @n_rows: how many rows, at least 1
 * @starts: where each row begins among the taps, and where the last one ends: n_rows + 1 numbers from 0 on
 * @places: the column of each tap
 * @weights: its value, finite
 *
 * A sparse matrix in rows.
 */
typedef struct {
  gsize n_rows;
  const gint64 *starts;
  const gint64 *places;
  const gdouble *weights;
} GantryTaps;

GANTRY_API GantryTensor *gantry_resample (GantryTensor *x, guint axis, const GantryTaps *taps);

/**
 * GantryInterpolation:
 * @GANTRY_INTERPOLATION_NEAREST: element floor (i from / to)
 * @GANTRY_INTERPOLATION_NEAREST_EXACT: element floor ((i + 1/2) from / to)
 * @GANTRY_INTERPOLATION_LINEAR: bilinear over two axes
 * @GANTRY_INTERPOLATION_CUBIC: bicubic over two axes, a = -3/4, antialiased -1/2
 */
typedef enum {
  GANTRY_INTERPOLATION_NEAREST,
  GANTRY_INTERPOLATION_NEAREST_EXACT,
  GANTRY_INTERPOLATION_LINEAR,
  GANTRY_INTERPOLATION_CUBIC
} GantryInterpolation;

/**
 * GantryCoordinates:
 * @GANTRY_COORDINATES_HALF_PIXELS: (i + 1/2) from / to - 1/2
 * @GANTRY_COORDINATES_CORNERS: i (from - 1) / (to - 1): the centres of the corners stay
 * @GANTRY_COORDINATES_ASYMMETRIC: i from / to, as TensorFlow 1 has it
 */
typedef enum {
  GANTRY_COORDINATES_HALF_PIXELS,
  GANTRY_COORDINATES_CORNERS,
  GANTRY_COORDINATES_ASYMMETRIC
} GantryCoordinates;

/**
 * GantryResize:
 * @size: [height, width]; 0 takes the factor
 * @scale: [vertical, horizontal] factors where the size is 0, and then the scale of the coordinates
 */
typedef struct {
  GantryInterpolation interpolation;
  GantryCoordinates coordinates;
  gboolean antialias;
  gsize size[2];
  gdouble scale[2];
} GantryResize;

GANTRY_API GantryTensor *gantry_resize (GantryTensor *x, const GantryResize *how); /* [.., h, w] */

/**
 * GantryFilter:
 * @taps: (array length=n_taps): the impulse response
 * @up: upsampling before the filter; 0 means 1
 * @down: downsampling after it; 0 means 1
 * @before: zeros before the first element, of what was upsampled; negative ones are cut off
 * @after: likewise after the last element
 * @gain: factor of the taps; 0 means 1
 * @correlate: the first tap meets the first of the elements, and not the last as in a convolution
 */
typedef struct {
  const gdouble *taps;
  guint n_taps;
  guint up;
  guint down;
  gssize before;
  gssize after;
  gdouble gain;
  gboolean correlate;
} GantryFilter;

GANTRY_API GantryTensor *gantry_upfirdn (GantryTensor *x, guint axis, const GantryFilter *filter);

/**
 * GantryPooling:
 * @kernel: size of a window, [vertical, horizontal]
 * @stride: from one window to the next; 0 means the size of the window
 * @padding: elements around the input, at most half the window
 * @dilation: distance of the elements of a window; 0 means 1
 * @ceil: whether a last window that is cut off counts
 */
typedef struct {
  guint kernel[2];
  guint stride[2];
  guint padding[2];
  guint dilation[2];
  gboolean ceil;
} GantryPooling;

/* Of [.., h, w]; a window of height 1 pools rows. */
GANTRY_API GantryTensor *gantry_max_pool2d (GantryTensor *x, const GantryPooling *pooling); /* the first of the largest has the gradient */
GANTRY_API GantryTensor *gantry_avg_pool2d (GantryTensor *x, const GantryPooling *pooling, gboolean count_padding);
GANTRY_API GantryTensor *gantry_adaptive_avg_pool2d (GantryTensor *x, gsize height, gsize width);

/**
 * GantryPadding:
 * @GANTRY_PADDING_CONSTANT: one value
 * @GANTRY_PADDING_REFLECT: a mirror; the edge is not repeated
 * @GANTRY_PADDING_REPLICATE: the edge goes on
 * @GANTRY_PADDING_CIRCULAR: what is at the other end
 */
typedef enum {
  GANTRY_PADDING_CONSTANT,
  GANTRY_PADDING_REFLECT,
  GANTRY_PADDING_REPLICATE,
  GANTRY_PADDING_CIRCULAR
} GantryPadding;

/* Negative padding is cut off. */
GANTRY_API GantryTensor *gantry_pad_mode (GantryTensor *x, guint axis, gssize before, gssize after, GantryPadding mode, gdouble value);

/* Arrangement. */
GANTRY_API GantryTensor *gantry_flip (GantryTensor *x, guint axis);
GANTRY_API GantryTensor *gantry_slice_step (GantryTensor *x, guint axis, gsize start, gsize length, gsize step);
GANTRY_API GantryTensor *gantry_roll (GantryTensor *x, guint axis, gssize shift);     /* element i goes to i + shift */
GANTRY_API GantryTensor *gantry_repeat (GantryTensor *x, guint axis, gsize times);    /* whole copies, one behind the other */
GANTRY_API GantryTensor *gantry_stack (GantryTensor *const *xs, guint n, guint axis); /* along a new axis */
GANTRY_API GantryTensor *gantry_pixel_shuffle (GantryTensor *x, gsize factor);        /* [n, c r r, h, w] -> [n, c, h r, w r] */
GANTRY_API GantryTensor *gantry_pixel_unshuffle (GantryTensor *x, gsize factor);      /* its inverse */

/**
 * GantryGridSample:
 * @padding: %GANTRY_PADDING_CONSTANT for zeros beyond the edge, %GANTRY_PADDING_REPLICATE for the edge
 * @align_corners: whether -1 and 1 are the centres of the outer pixels; else they are their outer edges
 */
typedef struct {
  GantryPadding padding;
  gboolean align_corners;
} GantryGridSample;

GANTRY_API GantryTensor *gantry_affine_grid (GantryTensor *theta, gsize height, gsize width, gboolean align_corners);
GANTRY_API GantryTensor *gantry_grid_sample (GantryTensor *x, GantryTensor *grid, const GantryGridSample *how); /* bilinear */

G_END_DECLS
