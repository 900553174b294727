/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resizing images: which pixels make a new one, for each interpolation and each convention of coordinates. */
#include "graph/taps-private.h"
#include <math.h>

/* Keys 1981: with -1/2 third order is reached, -3/4 is what most libraries take. */
#define CUBIC_SHARP -0.75
#define CUBIC_SMOOTH -0.5

typedef struct {
  gsize from, to;
  gdouble scale;   /* distance of two new pixels in old ones */
  gboolean given;  /* it was given, and is not from / to */
} Grid;

static gdouble
linear_weight (gdouble distance)
{
  return fmax (0, 1 - fabs (distance));
}

static gdouble
cubic_weight (gdouble distance, gdouble a)
{
  gdouble t = fabs (distance);

  if (t < 1)
    return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? a * (((t - 5) * t + 8) * t - 4) : 0;
}

static gdouble
smooth_cubic_weight (gdouble distance)
{
  return cubic_weight (distance, CUBIC_SMOOTH);
}

/* Exact in whole numbers where the sizes alone count: i from / to has a floor that rounding could miss. */
static gsize
nearest (const Grid *grid, gsize i, gboolean centres)
{
  gsize place;

  if (grid->given)
    place = (gsize) floor (centres ? ((gdouble) i + 0.5) * grid->scale : (gdouble) i * grid->scale);
  else
    place = centres ? (2 * i + 1) * grid->from / (2 * grid->to) : i * grid->from / grid->to;
  return MIN (place, grid->from - 1);
}

static gdouble
position (const Grid *grid, const GantryResize *how, gsize i)
{
  switch (how->coordinates)
    {
    case GANTRY_COORDINATES_CORNERS:
      return grid->to > 1 ? (gdouble) i * (gdouble) (grid->from - 1) / (gdouble) (grid->to - 1) : 0;
    case GANTRY_COORDINATES_ASYMMETRIC:
      return (gdouble) i * grid->scale;
    default:
      return ((gdouble) i + 0.5) * grid->scale - 0.5;
    }
}

/* Beyond the edge the last pixel goes on. */
static gsize
clamp_place (gdouble place, gsize size)
{
  return place < 0 ? 0 : place > (gdouble) (size - 1) ? size - 1 : (gsize) place;
}

static void
add_row (GantryTapsBuilder *taps, const Grid *grid, const GantryResize *how, gsize i)
{
  gdouble x = position (grid, how, i), first;

  if (how->interpolation == GANTRY_INTERPOLATION_LINEAR)
    x = CLAMP (x, 0, (gdouble) (grid->from - 1));
  first = floor (x);
  if (how->interpolation == GANTRY_INTERPOLATION_LINEAR)
    for (gint k = 0; k < 2; k++)
      _gantry_taps_add (taps, clamp_place (first + k, grid->from), k == 0 ? 1 - (x - first) : x - first);
  else
    for (gint k = -1; k < 3; k++)
      _gantry_taps_add (taps, clamp_place (first + k, grid->from), cubic_weight (x - first - k, CUBIC_SHARP));
}

/* The filter is stretched over all old pixels that a new one covers, cut at the edge and made to sum to 1. */
static void
add_antialiased_row (GantryTapsBuilder *taps, const Grid *grid, const GantryResize *how, gsize i)
{
  gboolean linear = how->interpolation == GANTRY_INTERPOLATION_LINEAR;
  gdouble (*weight) (gdouble distance) = linear ? linear_weight : smooth_cubic_weight;
  gdouble stretch = fmax (grid->scale, 1), support = (linear ? 1 : 2) * stretch;
  gdouble centre = grid->scale * ((gdouble) i + 0.5), total = 0;
  gsize first = (gsize) fmax (centre - support + 0.5, 0), end = (gsize) fmin (centre + support + 0.5, (gdouble) grid->from);

  for (gsize j = first; j < end; j++)
    total += weight (((gdouble) j - centre + 0.5) / stretch);
  for (gsize j = first; j < end; j++)
    _gantry_taps_add (taps, j, weight (((gdouble) j - centre + 0.5) / stretch) / total);
}

static GantryTensor *
resize_axis (GantryTensor *x, guint axis, const Grid *grid, const GantryResize *how)
{
  g_autoptr (GantryTapsBuilder) taps = _gantry_taps_new ();

  for (gsize i = 0; i < grid->to; i++)
    {
      if (how->interpolation == GANTRY_INTERPOLATION_NEAREST || how->interpolation == GANTRY_INTERPOLATION_NEAREST_EXACT)
        _gantry_taps_add (taps, nearest (grid, i, how->interpolation == GANTRY_INTERPOLATION_NEAREST_EXACT), 1);
      else if (how->antialias)
        add_antialiased_row (taps, grid, how, i);
      else
        add_row (taps, grid, how, i);
      _gantry_taps_end_row (taps);
    }
  return _gantry_taps_apply (taps, x, axis);
}

/* Most elements of an axis and smallest factor: their products stay whole numbers that a double holds. */
#define MAX_SIZE ((gsize) 1 << 24)

static gboolean
make_grid (const GantryResize *how, guint d, gsize from, Grid *grid)
{
  gdouble to = how->size[d] > 0 ? (gdouble) how->size[d] : floor ((gdouble) from * how->scale[d]);

  if (from > MAX_SIZE || !(to >= 1 && to <= (gdouble) MAX_SIZE))
    return FALSE;
  *grid = (Grid) { from, (gsize) to, (gdouble) from / to, FALSE };
  if (how->size[d] == 0)
    {
      grid->scale = 1 / how->scale[d];
      grid->given = TRUE;
    }
  return TRUE;
}

/**
 * gantry_resize:
 * @x: a real tensor, [.., h, w]
 * @how: interpolation, coordinates, and the new size or the factors
 *
 * Resizes the last two axes, one after the other.  Where a size is given the map of coordinates follows from the two sizes; where it
 * is 0, the factor gives both the size, rounded down, and the map.  Coordinates count for linear and cubic interpolation; with
 * antialiasing, which is for these two, pixels are areas, so they must be those of half pixels.
 *
 * Returns: (transfer none): [.., new h, new w]; @x itself where nothing changes
 */
GantryTensor *
gantry_resize (GantryTensor *x, const GantryResize *how)
{
  gboolean columns_first, smooth = how->interpolation == GANTRY_INTERPOLATION_LINEAR || how->interpolation == GANTRY_INTERPOLATION_CUBIC;
  Grid grids[2];

  g_return_val_if_fail (x != NULL, NULL);
  if (x->shape.n_dims < 2)
    return _gantry_op_fail (x, "resize", GANTRY_GRAPH_ERROR_SHAPE, "at least two axes are needed, there are %u", x->shape.n_dims);
  if (how->interpolation > GANTRY_INTERPOLATION_CUBIC || how->coordinates > GANTRY_COORDINATES_ASYMMETRIC)
    return _gantry_op_fail (x, "resize", GANTRY_GRAPH_ERROR_ARGUMENT, "no interpolation %d with coordinates %d is there", how->interpolation,
                            how->coordinates);
  if (how->antialias && (!smooth || how->coordinates != GANTRY_COORDINATES_HALF_PIXELS))
    return _gantry_op_fail (x, "resize", GANTRY_GRAPH_ERROR_ARGUMENT, "antialiasing is for linear and cubic interpolation between half pixels");
  for (guint d = 0; d < 2; d++)
    {
      guint axis = x->shape.n_dims - 2 + d;

      if (!make_grid (how, d, x->shape.dims[axis], &grids[d]))
        return _gantry_op_fail (x, "resize", GANTRY_GRAPH_ERROR_SHAPE, "axis %u of %" G_GSIZE_FORMAT " to size %" G_GSIZE_FORMAT " or by %g; from 1 "
                                "to %" G_GSIZE_FORMAT " elements are possible", axis, x->shape.dims[axis], how->size[d], how->scale[d], MAX_SIZE);
    }
  /* Rows move whole, columns element by element: the second is done while there are few of them. */
  columns_first = grids[1].to > grids[1].from;
  for (guint k = 0; k < 2; k++)
    {
      guint d = columns_first ? 1 - k : k;

      x = resize_axis (x, x->shape.n_dims - 2 + d, &grids[d], how);
    }
  return x;
}
