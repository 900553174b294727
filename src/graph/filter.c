/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filters with a finite impulse response, between an upsampling by zeros and a downsampling. */
#include "graph/taps-private.h"

#include <math.h>

#define LARGEST ((gint64) GANTRY_MAX_TAPS) /* so that no sum or product of two overflows */

typedef struct {
  gint64 up, down, before, n_taps;
  gint64 size; /* of the axis */
  gint64 rows; /* of the result */
} Grid;

static gboolean
read_grid (GantryTensor *x, guint axis, const GantryFilter *filter, Grid *grid)
{
  const gint64 after = filter->after;

  if (x->shape.dims[axis] > GANTRY_MAX_TAPS)
    return FALSE;
  *grid = (Grid) { MAX (filter->up, 1), MAX (filter->down, 1), filter->before, filter->n_taps, (gint64) x->shape.dims[axis], 0 };
  if (grid->up > LARGEST || grid->down > LARGEST || grid->n_taps < 1 || grid->before < -LARGEST || grid->before > LARGEST || after < -LARGEST
      || after > LARGEST)
    return FALSE;
  grid->rows = (grid->size * grid->up + grid->before + after - grid->n_taps + grid->down) / grid->down;
  return grid->size * grid->up + grid->before + after >= grid->n_taps && grid->rows <= LARGEST / grid->n_taps;
}

static gboolean
are_finite (const GantryFilter *filter)
{
  for (guint i = 0; i < filter->n_taps; i++)
    if (!isfinite (filter->taps[i]))
      return FALSE;
  return isfinite (filter->gain);
}

/* Element @i of the result reads n_taps elements of what was padded, of which every up-th is one of x. */
static void
add_row (GantryTapsBuilder *taps, const Grid *grid, const GantryFilter *filter, gint64 i)
{
  const gdouble gain = filter->gain == 0 ? 1 : filter->gain;

  for (gint64 k = 0; k < grid->n_taps; k++)
    {
      gint64 place = i * grid->down + k - grid->before;

      if (place >= 0 && place % grid->up == 0 && place / grid->up < grid->size)
        _gantry_taps_add (taps, (gsize) (place / grid->up), gain * filter->taps[filter->correlate ? k : grid->n_taps - 1 - k]);
    }
  _gantry_taps_end_row (taps);
}

/**
 * gantry_upfirdn:
 * @x: a real tensor
 * @axis: an axis
 * @filter: the taps and what is around them
 *
 * Upsamples along an axis by zeros (after each element, the last one too), pads with zeros, filters, and keeps every down-th element from the
 * first on.  Along both axes of images it is upfirdn2d of StyleGAN2's code (Karras et al. 2020) with the outer product of the taps.
 *
 * Returns: (transfer none): the shape of @x but for the axis, which has (size up + before + after - n_taps) / down + 1 elements, rounded
 *   down; where that is none, or a tap is no number, it is an error of the graph
 */
GantryTensor *
gantry_upfirdn (GantryTensor *x, guint axis, const GantryFilter *filter)
{
  g_autoptr (GantryTapsBuilder) taps = NULL;
  Grid grid;

  g_return_val_if_fail (x != NULL && filter != NULL, NULL);
  if (axis >= x->shape.n_dims)
    return _gantry_op_fail (x, "upfirdn", GANTRY_GRAPH_ERROR_SHAPE, "axis %u is out of range, there are %u", axis, x->shape.n_dims);
  if (!read_grid (x, axis, filter, &grid))
    return _gantry_op_fail (x, "upfirdn", GANTRY_GRAPH_ERROR_ARGUMENT, "axis %u of %" G_GSIZE_FORMAT ", upsampled by %u and padded by %"
                            G_GSSIZE_FORMAT " and %" G_GSSIZE_FORMAT ", is not at least as long as %u taps, or too long", axis, x->shape.dims[axis],
                            MAX (filter->up, 1), filter->before, filter->after, filter->n_taps);
  if (!are_finite (filter))
    return _gantry_op_fail (x, "upfirdn", GANTRY_GRAPH_ERROR_ARGUMENT, "taps and gain must be finite");
  taps = _gantry_taps_new ();
  for (gint64 i = 0; i < grid.rows; i++)
    add_row (taps, &grid, filter, i);
  return _gantry_taps_apply (taps, x, axis);
}
