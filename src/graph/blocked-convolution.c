/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Convolutions of blocked tensors, which the engine puts in the place of plain ones: the same op with the same attributes and those of
 * three blockings.  Nobody differentiates them, and no graph has them before it is lowered.
 */
#include "graph/graph-internal.h"

enum { CONV2D, CONV2D_INPUT, CONV2D_WEIGHT, N_OPS };

#define N_BLOCKINGS 3 /* of the inputs and the result */
#define MAX_INTS 16

static const gchar *const plain_names[N_OPS] = { "conv2d", "conv2d-input", "conv2d-weight" };
static const GantryOp ops[N_OPS];

static const GantryOp *
get_plain (const GantryOp *op)
{
  return gantry_op_find (plain_names[op - ops]);
}

static GantryBlocking
read_blocking (const gint64 *ints, guint n_ints, guint i)
{
  const gint64 *pair = ints + n_ints - 2 * (N_BLOCKINGS - i);

  return (GantryBlocking) { (guint) pair[0], (gsize) pair[1] };
}

/* The tensor as if it was plain. */
static gboolean
unblock (const GantryTensor *tensor, const gint64 *ints, guint n_ints, guint i, GantryTensor *plain)
{
  const GantryBlocking blocking = read_blocking (ints, n_ints, i);

  *plain = *tensor;
  return gantry_shape_unblock (&tensor->shape, &blocking, &plain->shape);
}

static gboolean
infer_blocked (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  GantryTensor plain[2];
  GantryTensor *const inputs[] = { &plain[0], &plain[1] };
  GantryOpCall plain_call = *call;
  GantryShape result;
  GantryBlocking blocking;

  *dtype = call->inputs[0]->dtype;
  if (call->n_ints < 2 * N_BLOCKINGS)
    return _gantry_call_expect (call, 2 * N_BLOCKINGS, 0, error);
  for (guint i = 0; i < 2; i++)
    if (!unblock (call->inputs[i], call->ints, call->n_ints, i, &plain[i]))
      return _gantry_shape_error (error, &call->inputs[i]->shape, "input %u is not blocked as its attributes say", i);
  plain_call.op = get_plain (call->op);
  plain_call.inputs = inputs;
  plain_call.n_ints -= 2 * N_BLOCKINGS;
  if (!plain_call.op->infer (&plain_call, &result, dtype, error))
    return FALSE;
  blocking = read_blocking (call->ints, call->n_ints, 2);
  return gantry_shape_block (&result, &blocking, shape) ||
         _gantry_shape_error (error, &result, "blocks of %" G_GSIZE_FORMAT " do not divide axis %u", blocking.block, blocking.axis);
}

static gdouble
blocked_flops (const GantryTensor *y)
{
  GantryTensor result, plain[2];
  GantryTensor *inputs[] = { &plain[0], &plain[1] };

  unblock (y, y->ints, y->n_ints, 2, &result);
  for (guint i = 0; i < 2; i++)
    unblock (y->inputs[i], y->ints, y->n_ints, i, &plain[i]);
  result.inputs = inputs;
  return get_plain (y->op)->flops (&result);
}

#define ENTRY(op_name) { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 2, .infer = infer_blocked, .flops = blocked_flops }

static const GantryOp ops[N_OPS] = {
  [CONV2D] = ENTRY ("blocked-conv2d"),
  [CONV2D_INPUT] = ENTRY ("blocked-conv2d-input"),
  [CONV2D_WEIGHT] = ENTRY ("blocked-conv2d-weight")
};

GantryTensor *
_gantry_blocked_convolution (GantryTensor *like, GantryTensor *a, GantryTensor *b, const GantryBlocking blockings[3])
{
  GantryTensor *inputs[] = { a, b };
  gint64 ints[MAX_INTS];
  guint op = 0, n = like->n_ints;

  g_return_val_if_fail (n + 2 * N_BLOCKINGS <= MAX_INTS, NULL);
  while (op + 1 < N_OPS && !g_str_equal (like->op->name, plain_names[op]))
    op++;
  for (guint i = 0; i < n; i++)
    ints[i] = like->ints[i];
  for (guint i = 0; i < N_BLOCKINGS; i++)
    {
      ints[n++] = blockings[i].axis;
      ints[n++] = (gint64) blockings[i].block;
    }
  return gantry_apply (&ops[op], inputs, 2, ints, n, NULL, 0);
}
