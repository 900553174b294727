/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Indices, pooling, resizing, padding and sampling: shapes, what does not fit, and small cases worked by hand. */
#include <math.h>

#include "engine/engine-fixture.h"

static GantryGraph *graph;
static guint n_feeds;

static GantryTensor *
feed (const GantryShape *shape, GantryDType dtype)
{
  g_autofree gchar *name = g_strdup_printf ("x%u", n_feeds++);

  return gantry_graph_feed (graph, name, shape, dtype);
}

#define f(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_FLOAT64)
#define i(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_INT64)
#define b(...) feed (GANTRY_SHAPE (__VA_ARGS__), GANTRY_BOOL8)
#define HUGE ((gsize) 1 << 62)

typedef struct {
  GantryTensor *(*build) (void);
  const gchar *expected;
} Row;

#define BUILD(name, expression) \
  static GantryTensor * \
  name (void) \
  { \
    return expression; \
  }

static GantryTensor *
builtin (const gchar *op, GantryTensor *x, GantryTensor *y, const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals)
{
  return gantry_apply (gantry_op_find (op), (GantryTensor *[]) { x, y }, y != NULL ? 2 : 1, ints, n_ints, reals, n_reals);
}

#define INTS(...) (const gint64[]) { __VA_ARGS__ }, sizeof ((gint64[]) { __VA_ARGS__ }) / sizeof (gint64)
#define REALS(...) (const gdouble[]) { __VA_ARGS__ }, sizeof ((gdouble[]) { __VA_ARGS__ }) / sizeof (gdouble)
#define POOL(...) (&(const GantryPooling) { __VA_ARGS__ })
#define RESIZE(...) (&(const GantryResize) { __VA_ARGS__ })
#define FILTER(...) (&(const GantryFilter) { __VA_ARGS__ })
#define GRID(...) (&(const GantryGridSample) { __VA_ARGS__ })

static const gdouble taps[] = { 1, 2, -3, 4 };

BUILD (fit_gather, gantry_gather (f (3, 5, 2), 1, i (3, 4, 2)))
BUILD (fit_gather_bool, gantry_gather (b (3, 5), 0, i (1, 5)))
BUILD (fit_scatter, gantry_scatter_add (f (6, 5), 0, i (6, 5), 4))
BUILD (fit_select, gantry_index_select (f (6, 4), 0, i (2, 3)))
BUILD (fit_select_scalar, gantry_index_select (i (6, 4), 1, feed (GANTRY_SCALAR, GANTRY_INT64)))
BUILD (fit_add, gantry_index_add (f (2, 3, 4), 0, i (2, 3), 6))
BUILD (fit_add_scalar, gantry_index_add (f (2), 1, feed (GANTRY_SCALAR, GANTRY_INT64), 3))
BUILD (fit_one_hot, gantry_one_hot (i (2, 3), 5))
BUILD (fit_max_pool, gantry_max_pool2d (f (2, 3, 7, 8), POOL ({ 3, 3 }, { 2, 2 }, { 1, 1 })))
BUILD (fit_max_pool_dilated, gantry_max_pool2d (f (9, 8), POOL ({ 2, 3 }, { 1, 2 }, { 0, 1 }, { 3, 2 })))
BUILD (fit_max_pool_ceil, gantry_max_pool2d (f (1, 7, 9), POOL ({ 2, 2 }, .ceil = TRUE)))
BUILD (fit_pool_in_padding, gantry_avg_pool2d (f (4, 5), POOL ({ 2, 2 }, { 3, 4 }, { 1, 1 }, .ceil = TRUE), TRUE))
BUILD (fit_pool_larger, gantry_avg_pool2d (f (2, 3), POOL ({ 3, 3 }, { 2, 2 }, .ceil = TRUE), TRUE))
BUILD (fit_adaptive, gantry_adaptive_avg_pool2d (f (2, 7, 5), 3, 9))
BUILD (fit_resize, gantry_resize (f (2, 3, 7, 9), RESIZE (GANTRY_INTERPOLATION_CUBIC, .scale = { 1.3, 0.7 })))
BUILD (fit_resize_none, gantry_resize (f (7, 9), RESIZE (GANTRY_INTERPOLATION_CUBIC, .size = { 7, 9 })))
BUILD (fit_pad, gantry_pad_mode (i (2, 5), 1, -1, 3, GANTRY_PADDING_CONSTANT, 7))
BUILD (fit_circular, gantry_pad_mode (f (3), 0, 7, 5, GANTRY_PADDING_CIRCULAR, 0))
BUILD (fit_filter, gantry_upfirdn (f (2, 5), 1, FILTER (taps, 4, .up = 3, .down = 2, .before = 2, .after = -1)))
BUILD (fit_filter_all, gantry_upfirdn (f (2, 4), 1, FILTER (taps, 4)))
BUILD (fit_flip, gantry_flip (b (2, 3), 1))
BUILD (fit_step, gantry_slice_step (i (2, 8), 1, 1, 3, 3))
BUILD (fit_roll, gantry_roll (i (2, 8), 1, -3))
BUILD (fit_repeat, gantry_repeat (b (2, 8), 1, 3))
BUILD (fit_stack, gantry_stack ((GantryTensor *[]) { f (2, 3), f (2, 3) }, 2, 2))
BUILD (fit_shuffle, gantry_pixel_shuffle (f (2, 12, 3, 4), 2))
BUILD (fit_unshuffle, gantry_pixel_unshuffle (f (2, 3, 6, 4), 2))
BUILD (fit_affine, gantry_affine_grid (f (2, 2, 3), 4, 5, FALSE))
BUILD (fit_sample, gantry_grid_sample (f (2, 3, 5, 6), f (2, 4, 7, 2), GRID (GANTRY_PADDING_CONSTANT)))
BUILD (fit_bernoulli, gantry_graph_bernoulli (graph, "mask", GANTRY_SHAPE (4, 2), 0.25))
BUILD (fit_integers, gantry_graph_integers (graph, "label", GANTRY_SHAPE (4), 10))
BUILD (fit_permute_int, gantry_transpose (i (2, 3)))
BUILD (fit_broadcast_bool, gantry_broadcast_to (b (3), GANTRY_SHAPE (2, 3)))

static const Row fitting[] = {
  { fit_gather, "float64 [3, 4, 2]" },
  { fit_gather_bool, "bool8 [1, 5]" },
  { fit_scatter, "float64 [4, 5]" },
  { fit_select, "float64 [2, 3, 4]" },
  { fit_select_scalar, "int64 [6]" },
  { fit_add, "float64 [6, 4]" },
  { fit_add_scalar, "float64 [2, 3]" },
  { fit_one_hot, "float64 [2, 3, 5]" },
  { fit_max_pool, "float64 [2, 3, 4, 4]" },
  { fit_max_pool_dilated, "float64 [6, 3]" },
  { fit_max_pool_ceil, "float64 [1, 4, 5]" },
  { fit_pool_in_padding, "float64 [2, 2]" },
  { fit_pool_larger, "float64 [1, 1]" },
  { fit_adaptive, "float64 [2, 3, 9]" },
  { fit_resize, "float64 [2, 3, 9, 6]" },
  { fit_resize_none, "float64 [7, 9]" },
  { fit_pad, "int64 [2, 7]" },
  { fit_circular, "float64 [15]" },
  { fit_filter, "float64 [2, 7]" },
  { fit_filter_all, "float64 [2, 1]" },
  { fit_flip, "bool8 [2, 3]" },
  { fit_step, "int64 [2, 3]" },
  { fit_roll, "int64 [2, 8]" },
  { fit_repeat, "bool8 [2, 24]" },
  { fit_stack, "float64 [2, 3, 2]" },
  { fit_shuffle, "float64 [2, 3, 6, 8]" },
  { fit_unshuffle, "float64 [2, 12, 3, 2]" },
  { fit_affine, "float64 [2, 4, 5, 2]" },
  { fit_sample, "float64 [2, 3, 4, 7]" },
  { fit_bernoulli, "float64 [4, 2]" },
  { fit_integers, "int64 [4]" },
  { fit_permute_int, "int64 [3, 2]" },
  { fit_broadcast_bool, "bool8 [2, 3]" }
};

BUILD (bad_gather, gantry_gather (f (3, 5), 1, i (2, 4)))
BUILD (bad_gather_axes, gantry_gather (f (3, 5), 1, i (3)))
BUILD (bad_gather_axis, gantry_gather (f (3, 5), 2, i (3, 5)))
BUILD (bad_gather_index, gantry_gather (f (3, 5), 1, f (3, 4)))
BUILD (bad_gather_missing, gantry_gather (f (3, 5), 1, NULL))
BUILD (bad_scatter, gantry_scatter_add (f (3, 5), 1, i (3, 4), 2))
BUILD (bad_scatter_int, gantry_scatter_add (i (3, 5), 1, i (3, 5), 2))
BUILD (bad_scatter_size, gantry_scatter_add (f (3, 5), 1, i (3, 5), 0))
BUILD (bad_scatter_huge, gantry_scatter_add (f (3, 5), 1, i (3, 5), HUGE))
BUILD (bad_select_axis, gantry_index_select (f (3, 5), 2, i (3)))
BUILD (bad_select_axes, gantry_index_select (f (1, 1, 1, 1), 0, i (1, 1, 1, 1, 1, 1)))
BUILD (bad_add, gantry_index_add (f (3, 5), 1, i (3), 2))
BUILD (bad_add_axis, gantry_index_add (f (3, 5), 3, feed (GANTRY_SCALAR, GANTRY_INT64), 2))
BUILD (bad_one_hot, gantry_one_hot (f (3), 2))
BUILD (bad_one_hot_none, gantry_one_hot (i (3), 0))
BUILD (bad_resample_attributes, builtin ("resample", f (3), NULL, INTS (0, 2), NULL, 0))
BUILD (bad_resample_count, builtin ("resample", f (3), NULL, INTS (0, 2, 0, 1, 2, 0), REALS (1)))
BUILD (bad_resample_order, builtin ("resample", f (3), NULL, INTS (0, 2, 0, 2, 1, 0), REALS (1)))
BUILD (bad_resample_place, builtin ("resample", f (3), NULL, INTS (0, 1, 0, 1, 3), REALS (1)))
BUILD (bad_resample_weight, builtin ("resample", f (3), NULL, INTS (0, 1, 0, 1, 2), REALS (INFINITY)))
BUILD (bad_resample_int, builtin ("resample", i (3), NULL, INTS (0, 1, 0, 1, 2), REALS (1)))
BUILD (bad_resample_rows, gantry_resample (f (3), 0, &(GantryTaps) { .n_rows = 0 }))
BUILD (bad_pool_window, gantry_max_pool2d (f (4, 4), POOL ({ 0, 2 })))
BUILD (bad_pool_padding, gantry_max_pool2d (f (4, 4), POOL ({ 2, 3 }, .padding = { 0, 2 })))
BUILD (bad_pool_size, gantry_avg_pool2d (f (4, 4), POOL ({ 5, 2 }), TRUE))
BUILD (bad_pool_axes, gantry_max_pool2d (f (4), POOL ({ 2, 2 })))
BUILD (bad_pool_int, gantry_max_pool2d (i (4, 4), POOL ({ 2, 2 })))
BUILD (bad_pool_blind, gantry_max_pool2d (f (2, 2), POOL ({ 2, 2 }, { 1, 1 }, { 1, 1 }, { 3, 3 })))
BUILD (bad_avg_dilation, gantry_avg_pool2d (f (4, 4), POOL ({ 2, 2 }, .dilation = { 2, 1 }), TRUE))
BUILD (bad_adaptive, gantry_adaptive_avg_pool2d (f (4, 4), 2, 0))
BUILD (bad_resize, gantry_resize (f (4, 4), RESIZE (GANTRY_INTERPOLATION_LINEAR, .size = { 2, 0 }, .scale = { 0, NAN })))
BUILD (bad_resize_axes, gantry_resize (f (4), RESIZE (GANTRY_INTERPOLATION_LINEAR, .size = { 2, 2 })))
BUILD (bad_resize_mode, gantry_resize (f (4, 4), RESIZE ((GantryInterpolation) 9, .size = { 2, 2 })))
BUILD (bad_resize_antialias, gantry_resize (f (4, 4), RESIZE (GANTRY_INTERPOLATION_NEAREST, .antialias = TRUE, .size = { 2, 2 })))
BUILD (bad_pad_axis, gantry_pad_mode (f (4), 1, 1, 1, GANTRY_PADDING_CONSTANT, 0))
BUILD (bad_pad_mode, gantry_pad_mode (f (4), 0, 1, 1, (GantryPadding) 4, 0))
BUILD (bad_pad_all, gantry_pad_mode (f (4), 0, -2, -2, GANTRY_PADDING_CONSTANT, 0))
BUILD (bad_pad_wrap, gantry_pad_mode (f (4), 0, G_MAXINT64, 1, GANTRY_PADDING_REPLICATE, 0))
BUILD (bad_pad_reflect, gantry_pad_mode (f (4), 0, 4, 0, GANTRY_PADDING_REFLECT, 0))
BUILD (bad_pad_many, gantry_pad_mode (f (4), 0, G_MAXINT32, 0, GANTRY_PADDING_CIRCULAR, 0))
BUILD (bad_filter, gantry_upfirdn (f (2, 5), 1, FILTER (taps, 4, .before = -2)))
BUILD (bad_filter_axis, gantry_upfirdn (f (2, 5), 2, FILTER (taps, 4)))
BUILD (bad_filter_none, gantry_upfirdn (f (2, 5), 1, FILTER (taps, 0)))
BUILD (bad_filter_long, gantry_upfirdn (f (2, 5), 1, FILTER (taps, 4, .before = G_MINSSIZE)))
BUILD (bad_filter_gain, gantry_upfirdn (f (2, 5), 1, FILTER (taps, 4, .gain = NAN)))
BUILD (bad_filter_int, gantry_upfirdn (i (2, 5), 1, FILTER (taps, 4)))
BUILD (bad_flip, gantry_flip (f (4), 1))
BUILD (bad_step, gantry_slice_step (f (4), 0, 1, 3, 2))
BUILD (bad_step_none, gantry_slice_step (f (4), 0, 1, 1, 0))
BUILD (bad_roll, gantry_roll (f (4), 1, 1))
BUILD (bad_repeat, gantry_repeat (f (4), 0, HUGE))
BUILD (bad_stack, gantry_stack ((GantryTensor *[]) { f (2, 3), f (2) }, 2, 0))
BUILD (bad_stack_axis, gantry_stack ((GantryTensor *[]) { f (2, 3), f (2, 3) }, 2, 3))
BUILD (bad_shuffle, gantry_pixel_shuffle (f (1, 6, 2, 2), 2))
BUILD (bad_unshuffle, gantry_pixel_unshuffle (f (1, 6, 2, 3), 2))
BUILD (bad_affine, gantry_affine_grid (f (2, 3, 2), 4, 4, FALSE))
BUILD (bad_affine_none, gantry_affine_grid (f (2, 2, 3), 4, 0, FALSE))
BUILD (bad_sample, gantry_grid_sample (f (2, 3, 5, 6), f (3, 4, 7, 2), GRID (GANTRY_PADDING_CONSTANT)))
BUILD (bad_sample_padding, gantry_grid_sample (f (2, 3, 5, 6), f (2, 4, 7, 2), GRID (GANTRY_PADDING_REFLECT)))
BUILD (bad_bernoulli, gantry_graph_bernoulli (graph, "mask", GANTRY_SHAPE (4), NAN))
BUILD (bad_integers, gantry_graph_integers (graph, "label", GANTRY_SHAPE (4), 0))

static const Row failing[] = {
  { bad_gather, "gather: [3, 5] and [2, 4]: tensor and index differ in more than axis 1" },
  { bad_gather_axes, "gather: [3, 5] and [3]: tensor and index differ in more than axis 1" },
  { bad_gather_axis, "gather: [3, 5]: axis 2 is out of range, there are 2" },
  { bad_gather_index, "gather: input 1 is float64, int64 is needed" },
  { bad_gather_missing, "gather: input 1 is missing" },
  { bad_scatter, "scatter-add: [3, 5] and [3, 4]: tensor and index differ" },
  { bad_scatter_int, "scatter-add: input 0 is int64, float32 or float64 is needed" },
  { bad_scatter_size, "scatter-add: [3, 5]: size 0 for axis 1, at least 1 is needed" },
  { bad_scatter_huge, "scatter-add: [3, 4611686018427387904]: too many elements of float64" },
  { bad_select_axis, "index-select: [3, 5]: axis 2 is out of range, there are 2" },
  { bad_select_axes, "index-select: [1, 1, 1, 1] and [1, 1, 1, 1, 1, 1]: the result would have more than 8 axes" },
  { bad_add, "index-add: [3, 5] and [3]: from axis 1 on the tensor has not the index's sizes" },
  { bad_add_axis, "index-add: [3, 5] and []: from axis 3 on the tensor has not the index's sizes" },
  { bad_one_hot, "one-hot: the index is float64, int64 is needed" },
  { bad_one_hot_none, "constant: [0]: axis 0 has size 0, at least 1 is needed" },
  { bad_resample_attributes, "resample: 2 whole and 0 real attributes, 4 and 0 are needed" },
  { bad_resample_count, "resample: [3]: a matrix of 2 rows with 1 taps in 6 whole attributes" },
  { bad_resample_order, "resample: [3]: row 1 of the matrix ends before it begins" },
  { bad_resample_place, "resample: [3]: tap 0 weighs element 3 of axis 0 by 1" },
  { bad_resample_weight, "resample: [3]: tap 0 weighs element 2 of axis 0 by inf" },
  { bad_resample_int, "resample: input 0 is int64, float32 or float64 is needed" },
  { bad_resample_rows, "resample: a matrix of 0 rows; from 1 to 268435456 rows, with at most as many taps, are possible" },
  { bad_pool_window, "max-pool2d: vertical window 0, stride 0, padding 0, dilation 1: numbers from 1 are needed, and a padding of at most half "
                     "the window" },
  { bad_pool_padding, "max-pool2d: horizontal window 3, stride 3, padding 2, dilation 1: numbers from 1 are needed, and a padding of at most half "
                      "the window" },
  { bad_pool_size, "avg-pool2d: [4, 4]: no vertical window of 5 with dilation 1 and padding 0 fits" },
  { bad_pool_axes, "max-pool2d: [4]: at least two axes are needed" },
  { bad_pool_int, "max-pool-index: input 0 is int64, float32 or float64 is needed" },
  { bad_pool_blind, "max-pool-index: [2, 2]: vertical window 0 has nothing but padding" },
  { bad_avg_dilation, "avg-pool2d: dilation [2, 1] belongs to maxima" },
  { bad_adaptive, "adaptive-avg-pool2d: axis 1 of 4 to 0 elements; from 1 to 67108864 are possible" },
  { bad_resize, "resize: axis 1 of 4 to size 0 or by nan; from 1 to 16777216 elements are possible" },
  { bad_resize_axes, "resize: at least two axes are needed, there are 1" },
  { bad_resize_mode, "resize: no interpolation 9 with coordinates 0 is there" },
  { bad_resize_antialias, "resize: antialiasing is for linear and cubic interpolation between half pixels" },
  { bad_pad_axis, "pad-mode: axis 1 is out of range, there are 1" },
  { bad_pad_mode, "pad-mode: no mode 4 is there" },
  { bad_pad_all, "pad-mode: [4]: constant padding of axis 0 by -2 and -2: something of the tensor has to be left" },
  { bad_pad_wrap, "pad-mode: [4]: replicate padding of axis 0 by 9223372036854775807 and 1: the sizes are too large" },
  { bad_pad_reflect, "pad-mode: [4]: reflect padding of axis 0 by 4 and 0: a mirror reaches less far than the axis is long" },
  { bad_pad_many, "pad-mode: [4]: circular padding of axis 0 by 2147483647 and 0: the sizes are too large" },
  { bad_filter, "upfirdn: axis 1 of 5, upsampled by 1 and padded by -2 and 0, is not at least as long as 4 taps, or too long" },
  { bad_filter_axis, "upfirdn: axis 2 is out of range, there are 2" },
  { bad_filter_none, "upfirdn: axis 1 of 5, upsampled by 1 and padded by 0 and 0, is not at least as long as 0 taps, or too long" },
  { bad_filter_long, "upfirdn: axis 1 of 5, upsampled by 1 and padded by -9223372036854775808 and 0, is not at least as long as 4 taps, "
                     "or too long" },
  { bad_filter_gain, "upfirdn: taps and gain must be finite" },
  { bad_filter_int, "resample: input 0 is int64, float32 or float64 is needed" },
  { bad_flip, "flip: [4]: axis 1 is out of range, there are 1" },
  { bad_step, "slice-step: [4]: 3 elements from 1 in steps of 2 are not within axis 0" },
  { bad_step_none, "slice-step: [4]: 1 elements from 1 in steps of 0 are not within axis 0" },
  { bad_roll, "roll: [4]: axis 1 is out of range, there are 1" },
  { bad_repeat, "repeat: 4611686018427387904 times 4 elements, from 1 on as many as there can be are possible" },
  { bad_stack, "stack: [2, 3] and [2]: they differ" },
  { bad_stack_axis, "stack: [2, 3]: axis 3 is out of range, there are 3" },
  { bad_shuffle, "pixel-shuffle: [1, 6, 2, 2]: blocks of 2 by 2 do not fit" },
  { bad_unshuffle, "pixel-unshuffle: [1, 6, 2, 3]: blocks of 2 by 2 do not fit" },
  { bad_affine, "affine-grid: [2, 3, 2]: [n, 2, 3] is needed" },
  { bad_affine_none, "constant: [0]: axis 0 has size 0, at least 1 is needed" },
  { bad_sample, "grid-sample: [2, 3, 5, 6] and [3, 4, 7, 2]: [n, c, h, w] and [n, height, width, 2] are needed" },
  { bad_sample_padding, "grid-sample: padding 1; zeros (constant) or the edge (replicate) are possible" },
  { bad_bernoulli, "bernoulli 'mask': probability nan, from 0 to 1 is needed" },
  { bad_integers, "integers 'label': 0 to choose from, 1 to 16777216 are possible" }
};

static void
setup (void)
{
  graph = gantry_graph_new (GANTRY_FLOAT64);
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
}
END_TEST

START_TEST (fails)
{
  GantryTensor *tensor = failing[_i].build ();
  g_autoptr (GError) error = NULL;

  ck_assert (tensor != NULL && gantry_tensor_is_poisoned (tensor));
  ck_assert (gantry_tensor_get_size (tensor) >= 1);
  ck_assert (!gantry_graph_finish (graph, &error));
  ck_assert (error->domain == GANTRY_GRAPH_ERROR);
  ck_assert_str_eq (error->message, failing[_i].expected);
}
END_TEST

/* Constructors that are silent on what is poisoned already, whatever its shape. */
START_TEST (poison_stays_silent)
{
  GantryTensor *bad = gantry_graph_poison (graph, GANTRY_SHAPE (1), GANTRY_FLOAT64), *image = f (1, 1, 2, 2);

  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "first");
  ck_assert (gantry_tensor_is_poisoned (gantry_gather (bad, 3, i (2))));
  ck_assert (gantry_tensor_is_poisoned (gantry_one_hot (bad, 3)));
  ck_assert (gantry_tensor_is_poisoned (gantry_max_pool2d (bad, POOL ({ 2, 2 }))));
  ck_assert (gantry_tensor_is_poisoned (gantry_avg_pool2d (bad, POOL ({ 2, 2 }), TRUE)));
  ck_assert (gantry_tensor_is_poisoned (gantry_resize (bad, RESIZE (GANTRY_INTERPOLATION_LINEAR, .size = { 2, 2 }))));
  ck_assert (gantry_tensor_is_poisoned (gantry_pad_mode (bad, 0, 1, 1, GANTRY_PADDING_REFLECT, 0)));
  ck_assert (gantry_tensor_is_poisoned (gantry_upfirdn (bad, 2, FILTER (taps, 4))));
  ck_assert (gantry_tensor_is_poisoned (gantry_flip (bad, 2)));
  ck_assert (gantry_tensor_is_poisoned (gantry_stack (&bad, 1, 0)));
  ck_assert (gantry_tensor_is_poisoned (gantry_pixel_shuffle (bad, 2)));
  ck_assert (gantry_tensor_is_poisoned (gantry_affine_grid (bad, 2, 2, FALSE)));
  ck_assert (gantry_tensor_is_poisoned (gantry_grid_sample (image, bad, GRID (GANTRY_PADDING_CONSTANT))));
}
END_TEST

START_TEST (flops)
{
  struct {
    GantryTensor *tensor;
    gdouble expected;
  } costs[] = {
    { gantry_gather (f (3, 5), 1, i (3, 4)), 0 },
    { gantry_scatter_add (f (3, 5), 1, i (3, 5), 4), 15 },
    { gantry_index_select (f (3, 5), 1, i (4)), 0 },
    { gantry_index_add (f (3, 5), 1, i (5), 4), 15 },
    { gantry_adaptive_avg_pool2d (f (4, 6), 4, 3), 2 * 4 * 6 },
    { builtin ("max-pool-index", f (2, 4, 6), NULL, INTS (2, 3, 2, 3, 0, 0, 1, 1, 2, 2), NULL, 0), 2 * 2 * 2 * 2 * 3 }
  };

  for (guint k = 0; k < G_N_ELEMENTS (costs); k++)
    ck_assert_msg (gantry_tensor_get_flops (costs[k].tensor) == costs[k].expected, "row %u: %g, not %g", k,
                   gantry_tensor_get_flops (costs[k].tensor), costs[k].expected);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("spatial");
  TCase *tcase = tcase_create ("spatial");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, fits, 0, G_N_ELEMENTS (fitting));
  tcase_add_loop_test (tcase, fails, 0, G_N_ELEMENTS (failing));
  tcase_add_test (tcase, poison_stays_silent);
  tcase_add_test (tcase, flops);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
