/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One linear map along an axis, given by a sparse matrix: resizing, pooling, padding modes and filters are made of it. */
#include "graph/taps-private.h"
#include <math.h>

/* ints: axis, n rows, n + 1 starts, places; reals: weights. */
enum { AXIS, ROWS, STARTS };

static gsize
count_taps (const GantryTensor *y)
{
  return y->n_reals;
}

static gboolean
check_matrix (const GantryOpCall *call, const GantryShape *x, GError **error)
{
  gint64 rows = call->ints[ROWS], columns = (gint64) x->dims[call->ints[AXIS]], taps = call->n_reals;
  const gint64 *starts = call->ints + STARTS, *places;

  if (rows < 1 || rows > (gint64) call->n_ints || STARTS + rows + 1 + taps != (gint64) call->n_ints || starts[0] != 0 || starts[rows] != taps)
    return _gantry_shape_error (error, x, "a matrix of %" G_GINT64_FORMAT " rows with %" G_GINT64_FORMAT " taps in %u whole attributes",
                                rows, taps, call->n_ints);
  places = starts + rows + 1;
  for (gint64 i = 0; i < rows; i++)
    if (starts[i] > starts[i + 1])
      return _gantry_shape_error (error, x, "row %" G_GINT64_FORMAT " of the matrix ends before it begins", i);
  for (gint64 i = 0; i < taps; i++)
    if (places[i] < 0 || places[i] >= columns || !isfinite (call->reals[i]))
      return _gantry_shape_error (error, x, "tap %" G_GINT64_FORMAT " weighs element %" G_GINT64_FORMAT " of axis %" G_GINT64_FORMAT " by %g",
                                  i, places[i], call->ints[AXIS], call->reals[i]);
  return TRUE;
}

static gboolean
infer_resample (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *x = &call->inputs[0]->shape;

  *shape = *x;
  *dtype = call->inputs[0]->dtype;
  if (call->n_ints < STARTS + 2)
    return _gantry_call_expect (call, STARTS + 2, -1, error);
  if (!_gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error) || !_gantry_call_axis (call, call->ints[AXIS], x->n_dims, error) ||
      !check_matrix (call, x, error))
    return FALSE;
  shape->dims[call->ints[AXIS]] = (gsize) call->ints[ROWS];
  return TRUE;
}

/* The adjoint is the same map with the transposed matrix. */
static void
resample_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  g_autoptr (GantryTapsBuilder) transposed = _gantry_taps_new ();
  gsize rows = (gsize) y->ints[ROWS], columns = y->inputs[0]->shape.dims[y->ints[AXIS]];
  const gint64 *starts = y->ints + STARTS, *places = starts + rows + 1;
  g_autofree gint64 *next = g_new0 (gint64, columns + 1);
  g_autofree gint64 *order = g_new (gint64, count_taps (y) + 1);
  g_autofree gint64 *row_of = g_new (gint64, count_taps (y) + 1);

  for (gsize i = 0; i < count_taps (y); i++)
    next[places[i] + 1]++;
  for (gsize column = 0; column < columns; column++)
    next[column + 1] += next[column];
  for (gsize row = 0; row < rows; row++)
    for (gint64 i = starts[row]; i < starts[row + 1]; i++)
      {
        order[next[places[i]]++] = i;
        row_of[i] = (gint64) row;
      }
  for (gsize column = 0, i = 0; column < columns; column++)
    {
      for (; i < count_taps (y) && (gsize) places[order[i]] == column; i++)
        _gantry_taps_add (transposed, (gsize) row_of[order[i]], y->reals[order[i]]);
      _gantry_taps_end_row (transposed);
    }
  dx[0] = _gantry_taps_apply (transposed, dy, (guint) y->ints[AXIS]);
}

static gdouble
resample_flops (const GantryTensor *y)
{
  return 2 * (gdouble) count_taps (y) * (gdouble) gantry_shape_size (&y->shape) / (gdouble) y->ints[ROWS];
}

static const GantryOp ops[] = {
  { .size = sizeof (GantryOp), .name = "resample", .n_inputs = 1, .infer = infer_resample, .gradient = resample_gradient, .flops = resample_flops }
};

const GantryOpFamily _gantry_family_resample = { ops, G_N_ELEMENTS (ops) };

GantryTapsBuilder *
_gantry_taps_new (void)
{
  GantryTapsBuilder *self = g_new (GantryTapsBuilder, 1);
  gint64 start = 0;

  self->starts = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->places = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->weights = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_array_append_val (self->starts, start);
  return self;
}

void
_gantry_taps_free (GantryTapsBuilder *self)
{
  g_array_unref (self->starts);
  g_array_unref (self->places);
  g_array_unref (self->weights);
  g_free (self);
}

/* Several taps at one place are one, and none where they weigh nothing: what is there has no influence, even if it is infinite. */
void
_gantry_taps_add (GantryTapsBuilder *self, gsize place, gdouble weight)
{
  guint n = self->places->len;
  gint64 start = g_array_index (self->starts, gint64, self->starts->len - 1), last = (gint64) place;

  if (weight == 0)
    return;
  if (n > start && g_array_index (self->places, gint64, n - 1) == last)
    {
      g_array_index (self->weights, gdouble, n - 1) += weight;
      return;
    }
  g_array_append_val (self->places, last);
  g_array_append_val (self->weights, weight);
}

void
_gantry_taps_end_row (GantryTapsBuilder *self)
{
  gint64 end = self->places->len;

  g_array_append_val (self->starts, end);
}

static gboolean
is_identity (const GantryTapsBuilder *self, gsize size)
{
  gsize rows = self->starts->len - 1;

  if (rows != size || self->places->len != rows)
    return FALSE;
  for (gsize i = 0; i < rows; i++)
    if (g_array_index (self->starts, gint64, i + 1) != (gint64) i + 1 || g_array_index (self->places, gint64, i) != (gint64) i ||
        g_array_index (self->weights, gdouble, i) != 1)
      return FALSE;
  return TRUE;
}

static GantryTensor *
apply (GantryTensor *x, guint axis, const gint64 *starts, guint rows, const gint64 *places, const gdouble *weights)
{
  g_autoptr (GArray) ints = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 head[] = { axis, rows };

  g_array_append_vals (ints, head, G_N_ELEMENTS (head));
  g_array_append_vals (ints, starts, rows + 1);
  g_array_append_vals (ints, places, (guint) starts[rows]);
  return gantry_apply (&ops[0], &x, 1, (const gint64 *) ints->data, ints->len, weights, (guint) starts[rows]);
}

GantryTensor *
_gantry_taps_apply (const GantryTapsBuilder *self, GantryTensor *x, guint axis)
{
  if (axis < x->shape.n_dims && gantry_dtype_is_float (x->dtype) && is_identity (self, x->shape.dims[axis]))
    return x;
  return apply (x, axis, (const gint64 *) self->starts->data, self->starts->len - 1, (const gint64 *) self->places->data,
                (const gdouble *) self->weights->data);
}

/**
 * gantry_resample:
 * @x: a real tensor
 * @axis: an axis
 * @taps: a sparse matrix, copied: row i gives element i of the result
 *
 * A linear map along an axis: y[.., i, ..] = sum over j of W[i, j] x[.., j, ..].  A row without taps gives 0.  Its adjoint is the same
 * op with the transposed matrix.
 *
 * Returns: (transfer none): the shape of @x but for the axis, which has as many elements as the matrix has rows
 */
GantryTensor *
gantry_resample (GantryTensor *x, guint axis, const GantryTaps *taps)
{
  g_return_val_if_fail (x != NULL, NULL);
  if (taps->n_rows < 1 || taps->n_rows > GANTRY_MAX_TAPS || taps->starts[taps->n_rows] < 0 || taps->starts[taps->n_rows] > (gint64) GANTRY_MAX_TAPS)
    return _gantry_op_fail (x, "resample", GANTRY_GRAPH_ERROR_ARGUMENT, "a matrix of %" G_GSIZE_FORMAT " rows; from 1 to %" G_GSIZE_FORMAT
                            " rows, with at most as many taps, are possible", taps->n_rows, GANTRY_MAX_TAPS);
  return apply (x, axis, taps->starts, (guint) taps->n_rows, taps->places, taps->weights);
}
