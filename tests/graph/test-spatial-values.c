/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Indices and images: small cases worked by hand, on both backends; large ones on one against the other. */
#include <math.h>

#include "engine/openblas-fixture.h"

#define MAX_VALUES 16
#define V(...) { sizeof ((gdouble[]) { __VA_ARGS__ }) / sizeof (gdouble), { __VA_ARGS__ } }
#define S(...) { sizeof ((gsize[]) { __VA_ARGS__ }) / sizeof (gsize), { __VA_ARGS__ } }

typedef struct {
  guint n;
  gdouble v[MAX_VALUES];
} Values;

typedef struct {
  const gchar *name;
  GantryTensor *(*build) (GantryTensor *x);
  GantryShape shape;
  Values x, expected;
} Row;

static GantryTensor *
integers (GantryTensor *like, const GantryShape *shape, const gint64 *values)
{
  return gantry_constant_integers (gantry_tensor_get_graph (like), shape, values);
}

#define INDEX(...) integers (x, GANTRY_SHAPE (sizeof ((gint64[]) { __VA_ARGS__ }) / sizeof (gint64)), (const gint64[]) { __VA_ARGS__ })

static GantryTensor *
reals (GantryTensor *like, const GantryShape *shape, const gdouble *values)
{
  return gantry_constant_array (gantry_tensor_get_graph (like), shape, values);
}

/* dS/dx of S = sum of y_i (1 + i) */
static GantryTensor *
slope (GantryTensor *y, GantryTensor *x)
{
  static const gdouble weights[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

  return gantry_gradient (gantry_sum (gantry_mul (y, reals (x, gantry_tensor_get_shape (y), weights))), x);
}

static GantryTensor *
whole (GantryTensor *x)
{
  return gantry_cast (x, GANTRY_INT64);
}

static GantryTensor *
real (GantryTensor *x)
{
  return gantry_cast (x, gantry_graph_get_dtype (gantry_tensor_get_graph (x)));
}

static GantryTensor *
pool (GantryTensor *x, guint size, guint stride)
{
  return gantry_max_pool2d (x, &(const GantryPooling) { .kernel = { size, size }, .stride = { stride, stride } });
}

static GantryTensor *
resize (GantryTensor *x, GantryInterpolation interpolation, GantryCoordinates coordinates, gsize n)
{
  return gantry_resize (x, &(const GantryResize) { interpolation, coordinates, FALSE, { 1, n }, { 0, 0 } });
}

/* One row of pixels, read at places along it. */
static GantryTensor *
read_row (GantryTensor *x, GantryPadding padding)
{
  gsize n = gantry_tensor_get_size (x);
  const gdouble places[] = { -1, 0, 0, 0, 1, 0, 9, 0, NAN, 0, -9, 0 };

  return gantry_grid_sample (gantry_reshape (x, GANTRY_SHAPE (1, 1, 1, n)), reals (x, GANTRY_SHAPE (1, 1, 6, 2), places),
                             &(const GantryGridSample) { padding, TRUE });
}

#define BUILD(name, expression) \
  static GantryTensor * \
  name (GantryTensor *x) \
  { \
    return expression; \
  }

BUILD (gather_outside, gantry_gather (x, 0, INDEX (0, -1, 3, 2, -9007199254740992)))
BUILD (gather_outside_int, real (gantry_gather (whole (x), 0, INDEX (0, -1, 3, 2))))
BUILD (gather_outside_slope, slope (gantry_gather (x, 0, INDEX (2, -1, 3, 2)), x))
BUILD (scatter, gantry_scatter_add (x, 0, INDEX (1, 1, -1, 5), 3))
BUILD (scatter_slope, slope (gantry_scatter_add (x, 0, INDEX (1, 1, -1, 5), 3), x))
BUILD (select_outside, gantry_index_select (x, 0, INDEX (1, 7)))
BUILD (select_columns, gantry_index_select (x, 1, INDEX (2, 0)))
BUILD (select_int, real (gantry_index_select (whole (x), 0, INDEX (1, 7))))
BUILD (add_rows, gantry_index_add (x, 0, INDEX (2, 9, 2), 3))
BUILD (one_hot, gantry_one_hot (whole (x), 3))
BUILD (pool_tie, slope (pool (x, 2, 2), x))
BUILD (pool_overlap, slope (pool (x, 2, 1), x))
BUILD (pool_nan, pool (x, 2, 2))
BUILD (pool_nan_slope, slope (pool (x, 2, 2), x))
BUILD (nearest, resize (x, GANTRY_INTERPOLATION_NEAREST, GANTRY_COORDINATES_HALF_PIXELS, 5))
BUILD (nearest_exact, resize (x, GANTRY_INTERPOLATION_NEAREST_EXACT, GANTRY_COORDINATES_HALF_PIXELS, 5))
BUILD (linear_half, resize (x, GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_HALF_PIXELS, 4))
BUILD (linear_corners, resize (x, GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_CORNERS, 3))
BUILD (linear_one, resize (x, GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_CORNERS, 1))
BUILD (linear_asymmetric, resize (x, GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_ASYMMETRIC, 4))
BUILD (linear_infinite, resize (x, GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_CORNERS, 5))
BUILD (pad_reflect, gantry_pad_mode (x, 0, 2, 2, GANTRY_PADDING_REFLECT, 0))
BUILD (pad_replicate, gantry_pad_mode (x, 0, 2, -1, GANTRY_PADDING_REPLICATE, 0))
BUILD (pad_circular, gantry_pad_mode (x, 0, 4, 1, GANTRY_PADDING_CIRCULAR, 0))
BUILD (pad_value, gantry_pad_mode (x, 0, 1, 2, GANTRY_PADDING_CONSTANT, 7))
BUILD (pad_int, real (gantry_pad_mode (whole (x), 0, -1, 2, GANTRY_PADDING_CONSTANT, 0)))
BUILD (flip_rows, gantry_flip (x, 0))
BUILD (flip_int, real (gantry_flip (whole (x), 1)))
BUILD (every_second, gantry_slice_step (x, 1, 0, 2, 2))
BUILD (every_second_int, real (gantry_slice_step (whole (x), 1, 0, 2, 2)))
BUILD (roll, gantry_roll (x, 1, -1))
BUILD (repeat_rows, gantry_repeat (x, 0, 2))
BUILD (repeat_columns, gantry_repeat (x, 1, 2))
BUILD (sample_zeros, read_row (x, GANTRY_PADDING_CONSTANT))
BUILD (sample_edge, read_row (x, GANTRY_PADDING_REPLICATE))
BUILD (count_up, real (gantry_count_up (gantry_tensor_get_graph (x), 3)))
BUILD (transpose_int, real (gantry_transpose (whole (x))))

#define TWO_BY_THREE S (2, 3), V (1, 2, 3, 4, 5, 6)

static const Row rows[] = {
  { "gather", gather_outside, S (3), V (10, 20, 30), V (10, NAN, NAN, 30, NAN) },
  { "gather int64", gather_outside_int, S (3), V (10, 20, 30), V (10, -0x1p63, -0x1p63, 30) },
  { "gather slope", gather_outside_slope, S (3), V (10, 20, 30), V (0, 0, 5) },
  { "scatter-add", scatter, S (4), V (1, 2, 4, 8), V (0, 3, 0) },
  { "scatter-add slope", scatter_slope, S (4), V (1, 2, 4, 8), V (2, 2, NAN, NAN) },
  { "index-select", select_outside, TWO_BY_THREE, V (4, 5, 6, NAN, NAN, NAN) },
  { "index-select columns", select_columns, TWO_BY_THREE, V (3, 1, 6, 4) },
  { "index-select int64", select_int, S (2), V (3, 4), V (4, -0x1p63) },
  { "index-add", add_rows, S (3, 2), V (1, 2, 3, 4, 5, 6), V (0, 0, 0, 0, 6, 8) },
  { "one-hot", one_hot, S (3), V (2, 3, -1), V (0, 0, 1, 0, 0, 0, 0, 0, 0) },
  { "max pool tie", pool_tie, S (2, 4), V (0, 1, 5, 5, 1, 1, 5, 5), V (0, 1, 2, 0, 0, 0, 0, 0) },
  { "max pool overlap", pool_overlap, S (2, 3), V (0, 9, 1, 2, 3, 4), V (0, 3, 0, 0, 0, 0) },
  { "max pool nan", pool_nan, S (2, 4), V (1, NAN, 1, 2, 3, NAN, -INFINITY, 2), V (NAN, 2) },
  { "max pool nan slope", pool_nan_slope, S (2, 4), V (1, NAN, 1, 2, 3, NAN, -INFINITY, 2), V (0, 0, 0, 2, 0, 1, 0, 0) },
  { "nearest", nearest, S (1, 3), V (1, 2, 3), V (1, 1, 2, 2, 3) },
  { "nearest exact", nearest_exact, S (1, 3), V (1, 2, 3), V (1, 1, 2, 3, 3) },
  { "linear half", linear_half, S (1, 2), V (0, 4), V (0, 1, 3, 4) },
  { "linear corners", linear_corners, S (1, 2), V (0, 4), V (0, 2, 4) },
  { "linear one", linear_one, S (1, 2), V (3, 4), V (3) },
  { "linear asymmetric", linear_asymmetric, S (1, 2), V (0, 4), V (0, 2, 4, 4) },
  { "linear infinite", linear_infinite, S (1, 3), V (1, INFINITY, 3), V (1, INFINITY, INFINITY, INFINITY, 3) },
  { "reflect", pad_reflect, S (3), V (1, 2, 3), V (3, 2, 1, 2, 3, 2, 1) },
  { "replicate", pad_replicate, S (3), V (1, 2, 3), V (1, 1, 1, 2) },
  { "circular", pad_circular, S (3), V (1, 2, 3), V (3, 1, 2, 3, 1, 2, 3, 1) },
  { "constant", pad_value, S (2), V (1, 2), V (7, 1, 2, 7, 7) },
  { "constant int64", pad_int, S (2), V (1, 2), V (2, 0, 0) },
  { "flip", flip_rows, TWO_BY_THREE, V (4, 5, 6, 1, 2, 3) },
  { "flip int64", flip_int, TWO_BY_THREE, V (3, 2, 1, 6, 5, 4) },
  { "step", every_second, TWO_BY_THREE, V (1, 3, 4, 6) },
  { "step int64", every_second_int, TWO_BY_THREE, V (1, 3, 4, 6) },
  { "roll", roll, TWO_BY_THREE, V (2, 3, 1, 5, 6, 4) },
  { "repeat", repeat_rows, TWO_BY_THREE, V (1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6) },
  { "repeat columns", repeat_columns, TWO_BY_THREE, V (1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6) },
  { "zeros around", sample_zeros, S (3), V (1, 2, 3), V (1, 2, 3, 0, NAN, 0) },
  { "edge around", sample_edge, S (3), V (1, 2, 3), V (1, 2, 3, 3, NAN, 1) },
  { "count up", count_up, S (1), V (0), V (0, 1, 2) },
  { "transpose int64", transpose_int, TWO_BY_THREE, V (1, 4, 2, 5, 3, 6) }
};

static void
check_row (const Row *row, GantryDType dtype, GantryBackend *const *backends, guint n_backends)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", row->build (gantry_graph_feed (graph, "x", &row->shape, dtype)));
  program = gantry_program_compile (graph, state, backends, n_backends, &error);
  ck_assert_msg (program != NULL, "%s: %s", row->name, error != NULL ? error->message : "");
  if (gantry_program_get_input (program, "x") != NULL)
    fixture_bind (program, "x", row->x.v);
  fixture_run (program, 0, 0);
  ck_assert_uint_eq (gantry_array_get_size (gantry_program_get_output (program, "y")), row->expected.n);
  for (guint i = 0; i < row->expected.n; i++)
    {
      gdouble found = fixture_output (program, "y", i), expected = row->expected.v[i];

      ck_assert_msg (found == expected || (isnan (found) && isnan (expected)), "%s, %s: [%u] is %g, not %g", row->name,
                     gantry_dtype_name (dtype), i, found, expected);
    }
}

START_TEST (small)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  GantryBackend *reference = fixture_reference (), *both[] = { openblas, reference };

  for (GantryDType dtype = GANTRY_FLOAT32; dtype <= GANTRY_FLOAT64; dtype++)
    {
      check_row (&rows[_i], dtype, &reference, 1);
      check_row (&rows[_i], dtype, both, 2);
    }
}
END_TEST

static void
build_large (GantryGraph *graph, gconstpointer data)
{
  GantryDType dtype = gantry_graph_get_dtype (graph);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (6, 50, 40), dtype);
  GantryTensor *table = gantry_graph_feed (graph, "table", GANTRY_SHAPE (70, 33), dtype);
  const GantryPooling pooling = { { 3, 3 }, { 2, 1 }, { 1, 1 }, { 1, 2 }, FALSE };
  const GantryResize how = { GANTRY_INTERPOLATION_CUBIC, GANTRY_COORDINATES_HALF_PIXELS, TRUE, { 23, 90 }, { 0, 0 } };
  gint64 labels[900], places[6 * 70 * 40];
  GantryTensor *y;

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    labels[i] = (i * i + 7 * i) % 71 - 1;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    places[i] = (i * i + 7 * i) % 50;
  y = gantry_max_pool2d (x, &pooling);
  gantry_graph_output (graph, "pool", y);
  gantry_graph_output (graph, "pool slope", gantry_gradient (gantry_sum (gantry_square (y)), x));
  y = gantry_resize (x, &how);
  gantry_graph_output (graph, "resize", y);
  gantry_graph_output (graph, "resize slope", gantry_gradient (gantry_sum (gantry_square (y)), x));
  y = gantry_index_select (table, 0, gantry_constant_integers (graph, GANTRY_SHAPE (900), labels));
  gantry_graph_output (graph, "rows", y);
  gantry_graph_output (graph, "rows slope", gantry_gradient (gantry_sum (gantry_relu (y)), table));
  y = gantry_gather (x, 1, gantry_constant_integers (graph, GANTRY_SHAPE (6, 70, 40), places));
  gantry_graph_output (graph, "gather", y);
  gantry_graph_output (graph, "gather slope", gantry_gradient (gantry_sum (gantry_square (y)), x));
}

START_TEST (large)
{
  openblas_check (build_large, NULL, _i == 0 ? GANTRY_FLOAT32 : GANTRY_FLOAT64);
}
END_TEST

/* More pixels than float32 can count one by one: the last one of the second row is found all the same. */
START_TEST (many_pixels)
{
  const gsize width = 6000001;
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (3);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (1, 1, 2, width), GANTRY_FLOAT32);
  GantryTensor *grid = reals (x, GANTRY_SHAPE (1, 1, 1, 2), (const gdouble[]) { 1, 1 });
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", gantry_grid_sample (x, grid, &(const GantryGridSample) { GANTRY_PADDING_CONSTANT, TRUE }));
  program = fixture_compile (graph, state);
  gantry_array_set_double (gantry_program_get_input (program, "x"), 2 * width - 1, 5);
  fixture_run (program, 0, 0);
  ck_assert_double_eq (fixture_output (program, "y", 0), 5);
}
END_TEST

/* Draws follow from the uniform ones of the same name. */
START_TEST (draws)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (3);
  g_autoptr (GantryProgram) program = NULL;
  guint ones = 0, seen[7] = { 0 };

  gantry_graph_output (graph, "mask", gantry_graph_bernoulli (graph, "m", GANTRY_SHAPE (1000), 0.25));
  gantry_graph_output (graph, "label", gantry_graph_integers (graph, "l", GANTRY_SHAPE (1000), 7));
  ck_assert (gantry_graph_find_input (graph, "m") != NULL && gantry_graph_find_input (graph, "l") != NULL);
  program = fixture_compile (graph, state);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < 1000; i++)
    {
      gdouble mask = fixture_output (program, "mask", i), label = fixture_output (program, "label", i);

      ck_assert (mask == 0 || mask == 1);
      ck_assert (label >= 0 && label < 7 && label == floor (label));
      ones += mask == 1;
      seen[(guint) label]++;
    }
  ck_assert (ones > 200 && ones < 300);
  for (guint k = 0; k < 7; k++)
    ck_assert (seen[k] > 100 && seen[k] < 190);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("spatial values");
  TCase *tcase = tcase_create ("spatial values");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, small, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tcase, large, 0, 2);
  tcase_add_test (tcase, many_pixels);
  tcase_add_test (tcase, draws);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
