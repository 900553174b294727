/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images read at any place: grids of places, and interpolation there, differentiable in the image and in the places. */
#include "graph/graph-internal.h"

/* Places of pixels along an axis where the image goes from -1 to 1: between the outer edges, or between the outer centres. */
static GantryTensor *
make_places (GantryGraph *graph, gsize n, gboolean align_corners)
{
  g_autofree gdouble *values = n <= G_MAXUINT ? g_new (gdouble, n) : NULL;

  for (gsize i = 0; i < n && values != NULL; i++)
    if (align_corners)
      values[i] = n > 1 ? 2 * (gdouble) i / (gdouble) (n - 1) - 1 : 0;
    else
      values[i] = (2 * (gdouble) i + 1) / (gdouble) n - 1;
  return gantry_constant_array (graph, &(GantryShape) { 1, { n } }, values);
}

/**
 * gantry_affine_grid:
 * @theta: real matrices, [n, 2, 3], in the graph's dtype
 * @height: rows of the grid, at least 1
 * @width: columns of the grid, at least 1
 * @align_corners: whether -1 and 1 are the centres of the outer pixels; else they are their outer edges
 *
 * Jaderberg et al. 2015, "Spatial transformer networks", eq. 1.
 *
 * Returns: (transfer none): [n, height, width, 2]: theta (x, y, 1) for the place (x, y) of each pixel
 */
GantryTensor *
gantry_affine_grid (GantryTensor *theta, gsize height, gsize width, gboolean align_corners)
{
  GantryTensor *parts[3], *base;
  GantryGraph *graph;

  g_return_val_if_fail (theta != NULL, NULL);
  graph = theta->graph;
  if (theta->shape.n_dims != 3 || theta->shape.dims[1] != 2 || theta->shape.dims[2] != 3)
    {
      g_autofree gchar *shape = gantry_shape_to_string (&theta->shape);

      return _gantry_op_fail (theta, "affine-grid", GANTRY_GRAPH_ERROR_SHAPE, "%s: [n, 2, 3] is needed", shape);
    }
  parts[0] = gantry_broadcast_to (gantry_reshape (make_places (graph, width, align_corners), GANTRY_SHAPE (1, width, 1)),
                                  GANTRY_SHAPE (height, width, 1));
  parts[1] = gantry_broadcast_to (gantry_reshape (make_places (graph, height, align_corners), GANTRY_SHAPE (height, 1, 1)),
                                  GANTRY_SHAPE (height, width, 1));
  parts[2] = gantry_ones_like (parts[1]);
  base = gantry_concat (parts, 3, 2);
  if (base->poisoned)
    return gantry_graph_poison (graph, &theta->shape, theta->dtype);
  return gantry_reshape (gantry_matmul_full (gantry_reshape (base, GANTRY_SHAPE (height * width, 3)), FALSE, theta, TRUE),
                         GANTRY_SHAPE (theta->shape.dims[0], height, width, 2));
}

/* The two pixels on either side of each place along one axis, as whole numbers, the border's first being 0, and what they weigh. */
typedef struct {
  GantryTensor *index[2];
  GantryTensor *weight[2];
} Neighbours;

static GantryTensor *
clamp (GantryTensor *x, gdouble low, gdouble high)
{
  return gantry_minimum (gantry_maximum (x, gantry_fill (x->graph, GANTRY_SCALAR, x->dtype, low)),
                         gantry_fill (x->graph, GANTRY_SCALAR, x->dtype, high));
}

static Neighbours
find_neighbours (GantryTensor *place, gsize size, const GantryGridSample *how)
{
  gdouble half = (gdouble) size / 2, last = (gdouble) size - 1;
  Neighbours result;
  GantryTensor *first;

  if (how->align_corners)
    place = gantry_offset (gantry_scale (place, last / 2), last / 2);
  else
    place = gantry_offset (gantry_scale (place, half), half - 0.5);
  if (how->padding == GANTRY_PADDING_REPLICATE)
    place = clamp (place, 0, last);
  first = gantry_floor (place);
  result.weight[1] = gantry_sub (place, first);
  result.weight[0] = gantry_offset (gantry_neg (result.weight[1]), 1);
  for (guint k = 0; k < 2; k++)
    result.index[k] = gantry_offset (clamp (gantry_offset (first, k), -1, (gdouble) size), 1);
  return result;
}

/* Rows of the table in which each pixel of the padded images is one: of image i, row y and column x. */
static GantryTensor *
find_rows (GantryTensor *x, GantryTensor *y, gsize n, gsize height, gsize width)
{
  GantryGraph *graph = x->graph;
  gdouble exact = x->dtype == GANTRY_FLOAT32 ? 0x1p24 : 0x1p53;
  GantryDType dtype = (gdouble) (n * height * width) <= exact ? x->dtype : GANTRY_INT64; /* real numbers are faster, while they count */
  GantryTensor *image = gantry_cast (gantry_reshape (gantry_count_up (graph, n), GANTRY_SHAPE (n, 1, 1)), dtype);
  GantryTensor *per_image = gantry_fill (graph, GANTRY_SCALAR, dtype, (gdouble) (height * width));
  GantryTensor *per_row = gantry_fill (graph, GANTRY_SCALAR, dtype, (gdouble) width);

  image = gantry_add (gantry_mul (image, per_image), gantry_mul (gantry_cast (y, dtype), per_row));
  return gantry_cast (gantry_add (image, gantry_cast (x, dtype)), GANTRY_INT64);
}

/* One of x and y, [n, height, width] */
static GantryTensor *
coordinate (GantryTensor *grid, guint which)
{
  const gsize *d = grid->shape.dims;

  return gantry_reshape (gantry_slice (grid, 3, which, 1), GANTRY_SHAPE (d[0], d[1], d[2]));
}

static gboolean
check_sampling (GantryTensor *x, GantryTensor *grid, const GantryGridSample *how)
{
  g_autofree gchar *image = gantry_shape_to_string (&x->shape);
  g_autofree gchar *places = gantry_shape_to_string (&grid->shape);

  if (x->shape.n_dims != 4 || grid->shape.n_dims != 4 || grid->shape.dims[3] != 2 || grid->shape.dims[0] != x->shape.dims[0])
    _gantry_op_fail (x, "grid-sample", GANTRY_GRAPH_ERROR_SHAPE, "%s and %s: [n, c, h, w] and [n, height, width, 2] are needed", image, places);
  else if (x->dtype != grid->dtype)
    _gantry_op_fail (x, "grid-sample", GANTRY_GRAPH_ERROR_DTYPE, "%s %s and %s %s do not mix: cast one of them",
                     gantry_dtype_name (x->dtype), image, gantry_dtype_name (grid->dtype), places);
  else if (how->padding != GANTRY_PADDING_CONSTANT && how->padding != GANTRY_PADDING_REPLICATE)
    _gantry_op_fail (x, "grid-sample", GANTRY_GRAPH_ERROR_ARGUMENT, "padding %d; zeros (constant) or the edge (replicate) are possible",
                     how->padding);
  else
    return TRUE;
  return FALSE;
}

/**
 * gantry_grid_sample:
 * @x: a real tensor, [n, c, h, w]
 * @grid: places (x, y), [n, height, width, 2], of the same dtype; the image goes from -1 to 1
 * @how: what is beyond the edge, zeros or the edge itself, and whether -1 and 1 are the centres of the outer pixels
 *
 * Bilinear interpolation.  With zeros around it the image fades out over the width of a pixel.  A place that is not a number gives NaN.
 *
 * Returns: (transfer none): [n, c, height, width]
 */
GantryTensor *
gantry_grid_sample (GantryTensor *x, GantryTensor *grid, const GantryGridSample *how)
{
  static const guint to_last[] = { 0, 2, 3, 1 }, from_last[] = { 0, 3, 1, 2 };
  GantryTensor *rows, *sum = NULL;
  Neighbours across, down;
  gsize n, c, h, w;

  g_return_val_if_fail (x != NULL && grid != NULL, NULL);
  if (x->poisoned || grid->poisoned || !check_sampling (x, grid, how))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  n = x->shape.dims[0], c = x->shape.dims[1], h = x->shape.dims[2], w = x->shape.dims[3];
  across = find_neighbours (coordinate (grid, 0), w, how);
  down = find_neighbours (coordinate (grid, 1), h, how);
  /* With a border of zeros every place has four neighbours.  Pixels become rows of a table, so that one index finds all channels. */
  rows = gantry_permute (gantry_pad (gantry_pad (x, 2, 1, 1), 3, 1, 1), to_last);
  if (rows->poisoned)
    return rows;
  rows = gantry_reshape (rows, GANTRY_SHAPE (n * (h + 2) * (w + 2), c));
  for (guint k = 0; k < 4; k++)
    {
      GantryTensor *pixel = gantry_index_select (rows, 0, find_rows (across.index[k % 2], down.index[k / 2], n, h + 2, w + 2));
      GantryTensor *weight = gantry_mul (down.weight[k / 2], across.weight[k % 2]);
      GantryTensor *term;

      if (weight->poisoned || pixel->poisoned)
        return gantry_graph_poison (x->graph, &x->shape, x->dtype);
      term = gantry_mul (pixel, gantry_reshape (weight, GANTRY_SHAPE (n, grid->shape.dims[1], grid->shape.dims[2], 1)));
      sum = sum != NULL ? gantry_add (sum, term) : term;
    }
  return gantry_permute (sum, from_last);
}
