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

/* Elementwise, two operands of one dtype, broadcast against each other. */
GANTRY_API GantryTensor *gantry_add (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_sub (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_mul (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_div (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_maximum (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_minimum (GantryTensor *a, GantryTensor *b);
GANTRY_API GantryTensor *gantry_less (GantryTensor *a, GantryTensor *b);    /* bool8 */
GANTRY_API GantryTensor *gantry_greater (GantryTensor *a, GantryTensor *b); /* bool8 */
GANTRY_API GantryTensor *gantry_equal (GantryTensor *a, GantryTensor *b);   /* bool8 */
GANTRY_API GantryTensor *gantry_select (GantryTensor *condition, GantryTensor *a, GantryTensor *b);

/* Reductions.  `axes` is a set of GANTRY_AXIS(); reduced axes are kept with size 1 when `keep`. */
GANTRY_API GantryTensor *gantry_sum_axes (GantryTensor *x, guint axes, gboolean keep);
GANTRY_API GantryTensor *gantry_mean_axes (GantryTensor *x, guint axes, gboolean keep);
GANTRY_API GantryTensor *gantry_max_axes (GantryTensor *x, guint axes, gboolean keep); /* ties share the gradient */
GANTRY_API GantryTensor *gantry_sum (GantryTensor *x);            /* of everything: [] */
GANTRY_API GantryTensor *gantry_mean (GantryTensor *x);           /* of everything: [] */
GANTRY_API GantryTensor *gantry_sum_per_sample (GantryTensor *x); /* [batch, ...] -> [batch] */
GANTRY_API GantryTensor *gantry_norm (GantryTensor *x);           /* Euclidean, of everything: []; gradient 0 at 0 */

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

G_END_DECLS
