/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shapes, and what each shape rule says about what does not fit. */
#include <check.h>
#include <gantry/op.h>
#include <gantry/ops.h>
#include <math.h>
#include <stdlib.h>

/* A graph with operands to choose from: f(...) real, i(...) whole, b(...) truth values. */
static GantryGraph *graph;
static guint n_feeds;

static GantryTensor *
feed (const GantryShape *shape, GantryDType dtype)
{
  g_autofree gchar *name = g_strdup_printf ("x%u", n_feeds++);

  return gantry_graph_feed (graph, name, shape, dtype);
}

#define f(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_FLOAT32)
#define d(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_FLOAT64)
#define i(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_INT64)
#define b(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_BOOL8)
#define HUGE ((gsize) 1 << 62)

typedef struct {
  GantryTensor *(*build) (void);
  const gchar *expected; /* a shape with its dtype, or a message */
} Row;

#define BUILD(name, expression) \
  static GantryTensor * \
  name (void) \
  { \
    return expression; \
  }

static GantryConvolution geometry;

static GantryConvolution *
geo (guint stride, guint padding, guint dilation, guint groups, guint output_padding)
{
  geometry = (GantryConvolution) { { stride, stride }, { padding, padding }, { dilation, dilation }, { output_padding, output_padding }, groups };
  return &geometry;
}

static GantryTensor *
concat (GantryTensor *a, GantryTensor *c, guint axis)
{
  return gantry_concat ((GantryTensor *[]) { a, c }, 2, axis);
}

static GantryTensor *
permute (GantryTensor *x, guint a0, guint a1, guint a2)
{
  return gantry_permute (x, (const guint[]) { a0, a1, a2 });
}

static GantryTensor *
builtin (const gchar *op, GantryTensor *a, GantryTensor *c, const gint64 *ints, guint n_ints)
{
  return gantry_apply (gantry_op_find (op), (GantryTensor *[]) { a, c }, c != NULL ? 2 : 1, ints, n_ints, NULL, 0);
}

#define INTS(...) (const gint64[]) { __VA_ARGS__ }, sizeof ((gint64[]) { __VA_ARGS__ }) / sizeof (gint64)

/* What fits. */
BUILD (fit_neg, gantry_neg (f (2, 3)))
BUILD (fit_cast, gantry_cast (b (2), GANTRY_FLOAT64))
BUILD (fit_add, gantry_add (f (64), f (64, 1)))
BUILD (fit_add_int, gantry_add (i (4, 1), i (3)))
BUILD (fit_less, gantry_less (f (2, 1, 3), f (5, 1)))
BUILD (fit_select, gantry_select (b (3), f (2, 1), f (4, 1, 1)))
BUILD (fit_sum, gantry_sum_axes (f (2, 3, 4), GANTRY_AXIS (0) | GANTRY_AXIS (2), FALSE))
BUILD (fit_sum_keep, gantry_sum_axes (f (2, 3, 4), GANTRY_AXIS (0) | GANTRY_AXIS (2), TRUE))
BUILD (fit_sum_all, gantry_sum (f (2, 3, 4)))
BUILD (fit_sum_none, gantry_sum_axes (f (2, 3), 0, FALSE))
BUILD (fit_mean, gantry_mean_axes (f (2, 3), GANTRY_AXIS (1), FALSE))
BUILD (fit_max, gantry_max_axes (f (2, 3), GANTRY_AXIS (1), TRUE))
BUILD (fit_per_sample, gantry_sum_per_sample (f (5, 3, 2)))
BUILD (fit_norm, gantry_norm (f (5, 3)))
BUILD (fit_reshape, gantry_reshape (i (2, 6), GANTRY_SHAPE (3, 4)))
BUILD (fit_reshape_scalar, gantry_reshape (f (1, 1), GANTRY_SCALAR))
BUILD (fit_flatten, gantry_flatten (f (2, 3, 4)))
BUILD (fit_flatten_vector, gantry_flatten (f (7)))
BUILD (fit_permute, permute (f (2, 3, 4), 2, 0, 1))
BUILD (fit_transpose, gantry_transpose (f (5, 2, 3)))
BUILD (fit_broadcast, gantry_broadcast_to (f (3, 1), GANTRY_SHAPE (2, 3, 4)))
BUILD (fit_sum_to, gantry_sum_to (f (2, 3, 4), GANTRY_SHAPE (3, 1)))
BUILD (fit_slice, gantry_slice (i (2, 9), 1, 4, 5))
BUILD (fit_pad, gantry_pad (f (2, 3), 0, 1, 4))
BUILD (fit_concat, concat (f (2, 3), f (2, 5), 1))
BUILD (fit_matmul, gantry_matmul (f (2, 1, 3, 4), f (5, 4, 6)))
BUILD (fit_matmul_full, gantry_matmul_full (f (4, 3), TRUE, f (6, 4), TRUE))
BUILD (fit_conv, gantry_conv2d (f (2, 3, 8, 8), f (5, 3, 3, 3), NULL))
BUILD (fit_conv_left, gantry_conv2d (f (2, 4, 8, 8), f (6, 2, 3, 3), geo (2, 1, 2, 2, 0)))
BUILD (fit_conv_t, gantry_conv_transpose2d (f (2, 4, 4, 4), f (4, 3, 4, 4), geo (2, 1, 0, 0, 0)))
BUILD (fit_conv_t_out, gantry_conv_transpose2d (f (2, 4, 4, 4), f (4, 3, 3, 3), geo (3, 1, 2, 2, 2)))
BUILD (fit_weight, builtin ("conv2d-weight", f (2, 4, 8, 8), f (2, 6, 4, 4), INTS (2, 2, 1, 1, 1, 1, 2, 3, 3)))
BUILD (fit_fill, gantry_fill (graph, GANTRY_SHAPE (2), GANTRY_INT64, 3))
BUILD (fit_constant, gantry_constant_array (graph, GANTRY_SHAPE (2), (const gdouble[]) { 1, 2 }))
BUILD (fit_ones, gantry_ones_like (i (3)))

static const Row fitting[] = {
  { fit_neg, "float32 [2, 3]" },
  { fit_cast, "float64 [2]" },
  { fit_add, "float32 [64, 64]" },
  { fit_add_int, "int64 [4, 3]" },
  { fit_less, "bool8 [2, 5, 3]" },
  { fit_select, "float32 [4, 2, 3]" },
  { fit_sum, "float32 [3]" },
  { fit_sum_keep, "float32 [1, 3, 1]" },
  { fit_sum_all, "float32 []" },
  { fit_sum_none, "float32 [2, 3]" },
  { fit_mean, "float32 [2]" },
  { fit_max, "float32 [2, 1]" },
  { fit_per_sample, "float32 [5]" },
  { fit_norm, "float32 []" },
  { fit_reshape, "int64 [3, 4]" },
  { fit_reshape_scalar, "float32 []" },
  { fit_flatten, "float32 [2, 12]" },
  { fit_flatten_vector, "float32 [7, 1]" },
  { fit_permute, "float32 [4, 2, 3]" },
  { fit_transpose, "float32 [5, 3, 2]" },
  { fit_broadcast, "float32 [2, 3, 4]" },
  { fit_sum_to, "float32 [3, 1]" },
  { fit_slice, "int64 [2, 5]" },
  { fit_pad, "float32 [7, 3]" },
  { fit_concat, "float32 [2, 8]" },
  { fit_matmul, "float32 [2, 5, 3, 6]" },
  { fit_matmul_full, "float32 [3, 6]" },
  { fit_conv, "float32 [2, 5, 6, 6]" },
  { fit_conv_left, "float32 [2, 6, 3, 3]" },
  { fit_conv_t, "float32 [2, 3, 8, 8]" },
  { fit_conv_t_out, "float32 [2, 6, 14, 14]" },
  { fit_weight, "float32 [6, 2, 3, 3]" },
  { fit_fill, "int64 [2]" },
  { fit_constant, "float32 [2]" },
  { fit_ones, "int64 [3]" }
};

/* What does not. */
BUILD (bad_exp_int, gantry_exp (i (2)))
BUILD (bad_neg_bool, gantry_neg (b (2)))
BUILD (bad_detach_bool, gantry_detach (b (2)))
BUILD (bad_scale, gantry_scale (f (2), INFINITY))
BUILD (bad_slope, gantry_leaky_relu (f (2), NAN))
BUILD (bad_cast, gantry_cast (f (2), GANTRY_BOOL8))
BUILD (bad_sub, gantry_sub (f (64), f (64, 3)))
BUILD (bad_mix, gantry_add (f (2), d (2)))
BUILD (bad_mix_int, gantry_mul (f (2), i (3)))
BUILD (bad_div_int, gantry_div (i (2), i (2)))
BUILD (bad_add_bool, gantry_add (b (2), b (2)))
BUILD (bad_missing, gantry_add (f (2), NULL))
BUILD (bad_condition, gantry_select (f (2), f (2), f (2)))
BUILD (bad_select, gantry_select (b (2), f (2), f (3)))
BUILD (bad_select_condition, gantry_select (b (3), f (2), f (2)))
BUILD (bad_select_mix, gantry_select (b (2), f (2), i (2)))
BUILD (bad_sum_axis, gantry_sum_axes (f (2, 3), GANTRY_AXIS (2), FALSE))
BUILD (bad_sum_bool, gantry_sum (b (2, 3)))
BUILD (bad_mean_int, gantry_mean (i (2, 3)))
BUILD (bad_max_axis, gantry_max_axes (f (2), GANTRY_AXIS (31), FALSE))
BUILD (bad_no_axes, builtin ("sum", f (2), NULL, INTS (0, 0)))
BUILD (bad_attributes, builtin ("sum", f (2), NULL, INTS (1)))
BUILD (bad_per_sample, gantry_sum_per_sample (gantry_constant (graph, 1)))
BUILD (bad_reshape, gantry_reshape (f (2, 3), GANTRY_SHAPE (4, 2)))
BUILD (bad_reshape_zero, gantry_reshape (f (2, 3), GANTRY_SHAPE (0, 6)))
BUILD (bad_flatten, gantry_flatten (gantry_constant (graph, 1)))
BUILD (bad_permute, permute (f (2, 3, 4), 0, 1, 3))
BUILD (bad_permute_twice, permute (f (2, 3, 4), 0, 1, 1))
BUILD (bad_transpose, gantry_transpose (f (3)))
BUILD (bad_broadcast, gantry_broadcast_to (f (3, 2), GANTRY_SHAPE (3, 4)))
BUILD (bad_broadcast_fewer, gantry_broadcast_to (f (3, 2), GANTRY_SHAPE (2)))
BUILD (bad_broadcast_huge, gantry_broadcast_to (f (1), GANTRY_SHAPE (HUGE, 16)))
BUILD (bad_sum_to, gantry_sum_to (f (3, 2), GANTRY_SHAPE (3)))
BUILD (bad_slice, gantry_slice (f (4, 6), 1, 3, 4))
BUILD (bad_slice_empty, gantry_slice (f (4, 6), 0, 0, 0))
BUILD (bad_slice_axis, gantry_slice (f (4, 6), 2, 0, 1))
BUILD (bad_slice_wrap, gantry_slice (f (4), 0, (gsize) -1, 2))
BUILD (bad_pad_wrap, gantry_pad (f (4), 0, G_MAXINT64, 1))
BUILD (bad_pad_huge, gantry_pad (f (4), 0, G_MAXINT64 / 2, 0))
BUILD (bad_concat, concat (f (2, 3), f (3, 3), 1))
BUILD (bad_concat_axis, concat (f (2, 3), f (2, 3), 2))
BUILD (bad_concat_mix, concat (f (2), i (2), 0))
BUILD (bad_matmul, gantry_matmul (f (2, 3), f (2, 3)))
BUILD (bad_matmul_transposed, gantry_matmul_full (f (2, 3), TRUE, f (4, 5), TRUE))
BUILD (bad_matmul_vector, gantry_matmul (f (3), f (3, 2)))
BUILD (bad_matmul_batch, gantry_matmul (f (2, 3, 4), f (3, 4, 5)))
BUILD (bad_conv_axes, gantry_conv2d (f (3, 8, 8), f (5, 3, 3, 3), NULL))
BUILD (bad_conv_channels, gantry_conv2d (f (1, 4, 8, 8), f (5, 3, 3, 3), NULL))
BUILD (bad_conv_groups, gantry_conv2d (f (1, 4, 8, 8), f (5, 2, 3, 3), geo (1, 0, 1, 2, 0)))
BUILD (bad_conv_group_channels, gantry_conv2d (f (1, 4, 8, 8), f (6, 4, 3, 3), geo (1, 0, 1, 2, 0)))
BUILD (bad_conv_kernel, gantry_conv2d (f (1, 3, 4, 8), f (5, 3, 3, 3), geo (1, 1, 3, 1, 0)))
BUILD (bad_conv_output_padding, gantry_conv2d (f (1, 3, 4, 8), f (5, 3, 3, 3), geo (1, 1, 1, 1, 1)))
BUILD (bad_conv_dilation, gantry_conv2d (f (1, 1, 8, 8), f (1, 1, 3, 3), geo (1, 0, G_MAXUINT, 1, 0)))
BUILD (bad_conv_t_channels, gantry_conv_transpose2d (f (1, 4, 8, 8), f (3, 4, 3, 3), NULL))
BUILD (bad_conv_t_padding, gantry_conv_transpose2d (f (1, 4, 1, 1), f (4, 3, 3, 3), geo (1, 2, 1, 1, 0)))
BUILD (bad_conv_t_output, gantry_conv_transpose2d (f (1, 4, 2, 2), f (4, 3, 3, 3), geo (2, 1, 1, 1, 2)))
BUILD (bad_conv_input, builtin ("conv2d-input", f (1, 5, 4, 4), f (5, 3, 3, 3), INTS (2, 2, 1, 1, 1, 1, 1, 9, 9)))
BUILD (bad_conv_weight, builtin ("conv2d-weight", f (2, 3, 8, 8), f (1, 5, 6, 6), INTS (1, 1, 0, 0, 1, 1, 1, 3, 3)))
BUILD (bad_stride, builtin ("conv2d", f (1, 3, 4, 4), f (5, 3, 3, 3), INTS (0, 1, 0, 0, 1, 1, 1)))
BUILD (bad_fill_int, gantry_fill (graph, GANTRY_SHAPE (2), GANTRY_INT64, 0.5))
BUILD (bad_fill_bool, gantry_fill (graph, GANTRY_SHAPE (2), GANTRY_BOOL8, 2))
BUILD (bad_fill_zero, gantry_fill (graph, GANTRY_SHAPE (2, 0), GANTRY_FLOAT32, 0))
BUILD (bad_fill_huge, gantry_fill (graph, GANTRY_SHAPE (HUGE, 2), GANTRY_FLOAT32, 0))
BUILD (bad_feed_empty, f (3, 0))
BUILD (bad_feed_huge, f (HUGE))

static const Row failing[] = {
  { bad_exp_int, "exp: input 0 is int64, float32 or float64 is needed" },
  { bad_neg_bool, "neg: input 0 is bool8, float32, float64 or int64 is needed" },
  { bad_detach_bool, "detach: input 0 is bool8, float32 or float64 is needed" },
  { bad_scale, "scale: inf, a finite number is needed" },
  { bad_slope, "leaky-relu: nan, a finite number is needed" },
  { bad_cast, "cast: to bool8, float32, float64 or int64 is needed: truth values come from comparisons" },
  { bad_sub, "sub: [64] and [64, 3]: they do not broadcast: aligned at the last axis, sizes must be equal or 1" },
  { bad_mix, "add: float32 [2] and float64 [2] do not mix: cast one of them" },
  { bad_mix_int, "mul: float32 [2] and int64 [3] do not mix: cast one of them" },
  { bad_div_int, "div: input 0 is int64, float32 or float64 is needed" },
  { bad_add_bool, "add: input 0 is bool8, float32, float64 or int64 is needed" },
  { bad_missing, "add: input 1 is missing" },
  { bad_condition, "select: input 0 is float32, bool8 is needed" },
  { bad_select, "select: [2] and [3]: the values do not broadcast: aligned at the last axis, sizes must be equal or 1" },
  { bad_select_condition, "select: [3] and [2]: condition and values do not broadcast" },
  { bad_select_mix, "select: float32 [2] and int64 [2] do not mix: cast one of them" },
  { bad_sum_axis, "sum: [2, 3]: axis 2 is out of range, there are 2" },
  { bad_sum_bool, "sum: input 0 is bool8, float32, float64 or int64 is needed" },
  { bad_mean_int, "scale: input 0 is int64, float32 or float64 is needed" },
  { bad_max_axis, "max: [2]: axis 31 is out of range, there are 1" },
  { bad_no_axes, "sum: [2]: no axes to reduce" },
  { bad_attributes, "sum: 1 whole and 0 real attributes, 2 and 0 are needed" },
  { bad_per_sample, "sum-per-sample: []: a batch axis is needed" },
  { bad_reshape, "reshape: [2, 3] and [4, 2]: the numbers of elements differ" },
  { bad_reshape_zero, "reshape: size 0 for axis 0, at least 1 is needed" },
  { bad_flatten, "flatten: []: a batch axis is needed" },
  { bad_permute, "permute: [2, 3, 4]: axis 3 is out of range, there are 3" },
  { bad_permute_twice, "permute: [2, 3, 4]: axis 1 is named twice" },
  { bad_transpose, "transpose: [3]: at least two axes are needed" },
  { bad_broadcast, "broadcast-to: [3, 2] and [3, 4]: the first does not broadcast to the second" },
  { bad_broadcast_fewer, "broadcast-to: [3, 2] and [2]: the first does not broadcast to the second" },
  { bad_broadcast_huge, "broadcast-to: [4611686018427387904, 16]: too many elements of float32" },
  { bad_sum_to, "sum-to: [3, 2] and [3]: the second does not broadcast to the first" },
  { bad_slice, "slice: [4, 6]: 4 elements from 3 are not within axis 1" },
  { bad_slice_empty, "slice: [4, 6]: 0 elements from 0 are not within axis 0" },
  { bad_slice_axis, "slice: [4, 6]: axis 2 is out of range, there are 2" },
  { bad_slice_wrap, "slice: [4]: 2 elements from -1 are not within axis 0" },
  { bad_pad_wrap, "pad: [4]: padding by 9223372036854775807 and 1, small numbers from 0 are needed" },
  { bad_pad_huge, "pad: [4611686018427387907]: too many elements of float32" },
  { bad_concat, "concat: [2, 3] and [3, 3]: they differ in more than axis 1" },
  { bad_concat_axis, "concat: [2, 3]: axis 2 is out of range, there are 2" },
  { bad_concat_mix, "concat: float32 [2] and int64 [2] do not mix: cast one of them" },
  { bad_matmul, "matmul: [2, 3] and [2, 3]: 3 columns meet 2 rows" },
  { bad_matmul_transposed, "matmul: [2, 3] and [4, 5]: 2 columns (transposed) meet 5 rows (transposed)" },
  { bad_matmul_vector, "matmul: [3] and [3, 2]: matrices are needed: at least two axes each" },
  { bad_matmul_batch, "matmul: [2, 3, 4] and [3, 4, 5]: the axes before the last two do not broadcast" },
  { bad_conv_axes, "conv2d: [3, 8, 8] and [5, 3, 3, 3]: four axes each are needed" },
  { bad_conv_channels, "conv2d: [1, 4, 8, 8] and [5, 3, 3, 3]: 4 channels meet a kernel for 3" },
  { bad_conv_groups, "conv2d: [1, 4, 8, 8] and [5, 2, 3, 3]: 2 groups do not divide 4 channels into 5" },
  { bad_conv_group_channels, "conv2d: [1, 4, 8, 8] and [6, 4, 3, 3]: 2 channels a group meet a kernel for 4" },
  { bad_conv_kernel, "conv2d: [1, 3, 4, 8] and [5, 3, 3, 3]: the vertical kernel of 3 with dilation 3 is larger than the input with its "
                     "padding of 1" },
  { bad_conv_output_padding, "conv2d: output padding [1, 1] belongs to transposed convolutions" },
  { bad_conv_dilation, "conv2d: [1, 1, 8, 8] and [1, 1, 3, 3]: the vertical kernel of 3 with dilation 4294967295 is larger than the input with its "
                       "padding of 0" },
  { bad_conv_t_channels, "conv2d-input: [1, 4, 8, 8] and [3, 4, 3, 3]: 4 channels meet a kernel for 3" },
  { bad_conv_t_padding, "conv2d-input: [1, 4, 1, 1] and [4, 3, 3, 3]: the result would have size -1" },
  { bad_conv_t_output, "conv-transpose2d: vertical output padding 2 is not below the stride of 2" },
  { bad_conv_input, "conv2d-input: [1, 3, 9, 9] and [5, 3, 3, 3]: their convolution is [1, 5, 5, 5], not [1, 5, 4, 4]" },
  { bad_conv_weight, "conv2d-weight: [2, 3, 8, 8] and [5, 3, 3, 3]: their convolution is [2, 5, 6, 6], not [1, 5, 6, 6]" },
  { bad_stride, "conv2d: vertical stride 0, padding 0, dilation 1, groups 1: stride, dilation and groups from 1, padding from 0 are needed" },
  { bad_fill_int, "fill: 0.5 is no value of int64" },
  { bad_fill_bool, "fill: 2 is no value of bool8" },
  { bad_fill_zero, "fill: [2, 0]: axis 1 has size 0, at least 1 is needed" },
  { bad_fill_huge, "fill: [4611686018427387904, 2]: too many elements of float32" },
  { bad_feed_empty, "feed 'x0': [3, 0]: axis 1 has size 0, at least 1 is needed" },
  { bad_feed_huge, "feed 'x0': [4611686018427387904]: too many elements of float32" }
};

static void
setup (void)
{
  graph = gantry_graph_new (GANTRY_FLOAT32);
  n_feeds = 0;
}

static void
teardown (void)
{
  g_clear_object (&graph);
}

START_TEST (fits)
{
  GantryTensor *tensor = fitting[_i].build ();
  g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (tensor));
  g_autofree gchar *text = g_strdup_printf ("%s %s", gantry_dtype_name (gantry_tensor_get_dtype (tensor)), shape);
  g_autoptr (GError) error = NULL;

  gantry_graph_finish (graph, &error);
  ck_assert_msg (error == NULL, "%s expected, but: %s", fitting[_i].expected, error->message);
  ck_assert_str_eq (text, fitting[_i].expected);
  ck_assert (!gantry_tensor_is_poisoned (tensor));
}
END_TEST

START_TEST (fails)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *expected = g_strdup_printf ("loss/hinge: discriminator: %s", failing[_i].expected);
  GantryTensor *tensor, *later;

  gantry_graph_push_label (graph, "loss/%s", "hinge");
  gantry_graph_push_label (graph, "discriminator");
  tensor = failing[_i].build ();
  ck_assert (tensor != NULL && gantry_tensor_is_poisoned (tensor));
  ck_assert (gantry_tensor_get_size (tensor) >= 1);
  later = gantry_sum (tensor);
  ck_assert (gantry_tensor_is_poisoned (later));
  ck_assert (!gantry_graph_finish (graph, &error));
  ck_assert (error->domain == GANTRY_GRAPH_ERROR);
  ck_assert_str_eq (error->message, expected);
}
END_TEST

START_TEST (shape_functions)
{
  GantryShape result = { 0, { 0 } };
  gsize count = 0;
  g_autofree gchar *scalar = gantry_shape_to_string (GANTRY_SCALAR);

  ck_assert (gantry_shape_count (GANTRY_SHAPE (2, 3, 4), &count) && count == 24);
  ck_assert (gantry_shape_count (GANTRY_SCALAR, &count) && count == 1);
  ck_assert (!gantry_shape_count (GANTRY_SHAPE (HUGE, 8), &count));
  ck_assert (gantry_shape_broadcast (GANTRY_SHAPE (2, 1), GANTRY_SHAPE (3), &result) && gantry_shape_equal (&result, GANTRY_SHAPE (2, 3)));
  ck_assert (!gantry_shape_broadcast (GANTRY_SHAPE (2), GANTRY_SHAPE (3), &result));
  ck_assert (gantry_shape_equal (&result, GANTRY_SHAPE (2, 3)));
  ck_assert (!gantry_shape_equal (GANTRY_SHAPE (2), GANTRY_SHAPE (2, 1)));
  ck_assert_str_eq (scalar, "[]");
  ck_assert_uint_eq (gantry_dtype_size (GANTRY_FLOAT32), 4);
  ck_assert_uint_eq (gantry_dtype_size (GANTRY_INT64), 8);
  ck_assert_uint_eq (gantry_dtype_size (GANTRY_BOOL8), 1);
}
END_TEST

START_TEST (plausible_shapes_after_an_error)
{
  GantryTensor *poisoned = gantry_sub (f (64), f (3));
  GantryTensor *x = gantry_conv2d (gantry_reshape (gantry_broadcast_to (poisoned, GANTRY_SHAPE (3, 64)), GANTRY_SHAPE (1, 3, 8, 8)),
                                   f (5, 3, 3, 3), NULL);

  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (x), GANTRY_SHAPE (1, 5, 6, 6)));
  ck_assert_uint_eq (gantry_tensor_get_dim (x, 1), 5);
  ck_assert_uint_eq (gantry_tensor_get_dim (x, 7), 1);
}
END_TEST

START_TEST (flops)
{
  struct {
    GantryTensor *tensor;
    gdouble expected;
  } rows[] = {
    { gantry_add (f (2, 3), f (3)), 6 },
    { gantry_sum (f (2, 3)), 6 },
    { gantry_matmul (f (7, 2, 3), f (3, 5)), 2.0 * 7 * 2 * 3 * 5 },
    { gantry_matmul_full (f (3, 2), TRUE, f (3, 5), FALSE), 2.0 * 2 * 3 * 5 },
    { gantry_conv2d (f (2, 4, 8, 8), f (6, 2, 3, 3), geo (2, 1, 1, 2, 0)), 2.0 * 2 * 6 * 2 * 11 * 11 },
    { gantry_conv_transpose2d (f (2, 4, 4, 4), f (4, 3, 4, 4), geo (2, 1, 1, 1, 0)), 2.0 * 2 * 4 * 3 * 14 * 14 },
    { fit_weight (), 2.0 * 2 * 6 * 2 * 11 * 11 },
    { gantry_reshape (f (2, 3), GANTRY_SHAPE (6)), 0 },
    { f (2, 3), 0 }
  };

  for (guint k = 0; k < G_N_ELEMENTS (rows); k++)
    ck_assert_msg (gantry_tensor_get_flops (rows[k].tensor) == rows[k].expected, "row %u: %g, not %g", k, gantry_tensor_get_flops (rows[k].tensor),
                   rows[k].expected);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shapes");
  TCase *tcase = tcase_create ("shapes");
  SRunner *runner;
  int failures;

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, fits, 0, G_N_ELEMENTS (fitting));
  tcase_add_loop_test (tcase, fails, 0, G_N_ELEMENTS (failing));
  tcase_add_test (tcase, shape_functions);
  tcase_add_test (tcase, plausible_shapes_after_an_error);
  tcase_add_test (tcase, flops);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
