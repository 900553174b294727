/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Matrix products over the last two axes. */
#include "graph/graph-internal.h"

/* Rows, columns of the last two axes as they are multiplied, and the axes before them. */
static void
split (const GantryShape *shape, gboolean transposed, gsize *rows, gsize *columns, GantryShape *leading)
{
  gsize m = shape->dims[shape->n_dims - 2], n = shape->dims[shape->n_dims - 1];

  *rows = transposed ? n : m;
  *columns = transposed ? m : n;
  *leading = *shape;
  leading->n_dims -= 2;
}

static gboolean
infer_matmul (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  const GantryShape *a = &call->inputs[0]->shape, *b = &call->inputs[1]->shape;
  GantryShape leading_a, leading_b;
  gsize m, k, k2, n;

  *dtype = call->inputs[0]->dtype;
  if (!_gantry_call_expect (call, 2, 0, error) || !_gantry_call_same_dtype (call, 0, 1, error) ||
      !_gantry_call_takes (call, 0, GANTRY_OP_TAKES_FLOAT, error))
    return FALSE;
  if (a->n_dims < 2 || b->n_dims < 2)
    return _gantry_shapes_error (error, a, b, "matrices are needed: at least two axes each");
  split (a, call->ints[0] != 0, &m, &k, &leading_a);
  split (b, call->ints[1] != 0, &k2, &n, &leading_b);
  if (k != k2)
    return _gantry_shapes_error (error, a, b, "%" G_GSIZE_FORMAT " columns%s meet %" G_GSIZE_FORMAT " rows%s", k,
                                 call->ints[0] ? " (transposed)" : "", k2, call->ints[1] ? " (transposed)" : "");
  if (!gantry_shape_broadcast (&leading_a, &leading_b, shape))
    return _gantry_shapes_error (error, a, b, "the axes before the last two do not broadcast");
  shape->dims[shape->n_dims++] = m;
  shape->dims[shape->n_dims++] = n;
  return TRUE;
}

static void
matmul_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  GantryTensor *a = y->inputs[0], *b = y->inputs[1];
  gboolean ta = y->ints[0] != 0, tb = y->ints[1] != 0;

  if (_gantry_gradient_wanted (y, 0))
    dx[0] = gantry_sum_to (ta ? gantry_matmul_full (b, tb, dy, TRUE) : gantry_matmul_full (dy, FALSE, b, !tb), &a->shape);
  if (_gantry_gradient_wanted (y, 1))
    dx[1] = gantry_sum_to (tb ? gantry_matmul_full (dy, TRUE, a, ta) : gantry_matmul_full (a, !ta, dy, FALSE), &b->shape);
}

static gdouble
matmul_flops (const GantryTensor *y)
{
  const GantryShape *a = &y->inputs[0]->shape;
  gsize k = a->dims[a->n_dims - (y->ints[0] ? 2 : 1)];

  return 2 * (gdouble) gantry_shape_size (&y->shape) * (gdouble) k;
}

static const GantryOp ops[] = {
  { .size = sizeof (GantryOp), .name = "matmul", .n_inputs = 2, .infer = infer_matmul, .gradient = matmul_gradient, .flops = matmul_flops }
};

const GantryOpFamily _gantry_family_matmul = { ops, G_N_ELEMENTS (ops) };

/**
 * gantry_matmul:
 * @a: a real tensor, [..., m, k]
 * @b: another of the same dtype, [..., k, n]
 *
 * Returns: (transfer none): the matrix products, [..., m, n]; the axes before the last two broadcast
 */
GantryTensor *
gantry_matmul (GantryTensor *a, GantryTensor *b)
{
  return gantry_matmul_full (a, FALSE, b, FALSE);
}

/**
 * gantry_matmul_full:
 * @a: a real tensor, [..., m, k], or [..., k, m] where it is transposed
 * @transpose_a: whether the last two axes of @a are exchanged first
 * @b: another of the same dtype, [..., k, n], or [..., n, k] where it is transposed
 * @transpose_b: whether the last two axes of @b are exchanged first
 *
 * Returns: (transfer none): the matrix products, [..., m, n]; the axes before the last two broadcast
 */
GantryTensor *
gantry_matmul_full (GantryTensor *a, gboolean transpose_a, GantryTensor *b, gboolean transpose_b)
{
  GantryTensor *inputs[] = { a, b };
  gint64 ints[] = { transpose_a != FALSE, transpose_b != FALSE };

  return gantry_apply (&ops[0], inputs, 2, ints, 2, NULL, 0);
}
