/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ops that are not functions of elements make of the samples: where the axis goes, and what sums it away. */
#include "graph/batch-axis-private.h"

#define CROSSES "works along the axis of the samples"
#define PAIRS "relates samples to each other"
#define SUMMED "not linear, of a sum or mean over the whole batch"
#define FOLLOWS "its arguments follow the size of the batch"
#define GROWS "numbers that follow the size of the batch in different ways"

static const GantryShape *
shape_of (const GantryBatchCall *call, guint input)
{
  return gantry_tensor_get_shape (gantry_tensor_get_input (call->tensor, input));
}

static gint64
attribute (const GantryBatchCall *call, guint i)
{
  return gantry_tensor_get_ints (call->tensor, NULL)[i];
}

static gsize
multiply (const GantryShape *shape, guint from, guint to)
{
  gsize product = 1;

  for (guint i = from; i < to; i++)
    product *= shape->dims[i];
  return product;
}

/* Element (j, i, k) of piece, sample and the rest keeps its place among all elements: so the axis is found again if it was not cut. */
void
_gantry_batch_reshape_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const GantryShape *from = shape_of (call, 0), *to = gantry_tensor_get_shape (call->tensor);
  const gint axis = _gantry_batch_find_axis (call);
  gsize before, behind, outer, inner;

  *use = *call->inputs[0];
  if (use->kind != GANTRY_BATCH_SAMPLE || axis < 0)
    return;
  before = multiply (from, 0, use->axis) * use->pieces;
  behind = multiply (from, use->axis + 1, from->n_dims) * use->group;
  outer = multiply (to, 0, (guint) axis);
  inner = multiply (to, (guint) axis + 1, to->n_dims);
  if (before % outer != 0 || behind % inner != 0)
    {
      _gantry_batch_mix (use, "takes samples apart");
      return;
    }
  use->axis = (guint) axis;
  use->pieces = before / outer;
  use->group = behind / inner;
}

static void
permute_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  *use = *call->inputs[0];
  for (guint i = 0; i < gantry_tensor_get_n_dims (call->tensor); i++)
    if (use->kind == GANTRY_BATCH_SAMPLE && attribute (call, i) == call->inputs[0]->axis)
      use->axis = i;
}

static void
broadcast_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const gint axis = _gantry_batch_find_axis (call);

  *use = *call->inputs[0];
  if (use->kind == GANTRY_BATCH_SAMPLE)
    {
      use->axis += gantry_tensor_get_n_dims (call->tensor) - shape_of (call, 0)->n_dims;
    }
  else if (axis >= 0 && use->kind == GANTRY_BATCH_SUM)
    {
      _gantry_batch_mix (use, "gives every sample a sum or mean over the whole batch");
    }
  else if (axis >= 0)
    {
      use->kind = GANTRY_BATCH_SAMPLE;
      use->axis = (guint) axis;
      use->pieces = gantry_tensor_get_dim (call->tensor, use->axis) / call->batch;
      use->group = 1;
    }
}

/* A number of elements as a number of batches, the same in both graphs. */
static gboolean
count_batches (const GantryBatchCall *call, guint i, gsize group, gsize *count)
{
  const gsize here = (gsize) attribute (call, i), there = (gsize) gantry_tensor_get_ints (call->other, NULL)[i];
  const gsize unit = call->batch * group, other_unit = call->other_batch * group;

  *count = here / unit;
  return here % unit == 0 && there % other_unit == 0 && there / other_unit == *count;
}

/* Slices and padding: along the axis of the samples whole batches alone. */
static void
cut (const GantryBatchCall *call, GantryBatchUse *use, gboolean is_pad)
{
  gsize first, second;

  *use = *call->inputs[0];
  if (use->kind != GANTRY_BATCH_SAMPLE || attribute (call, 0) != use->axis)
    {
      if (!_gantry_batch_same_attributes (call))
        _gantry_batch_mix (use, FOLLOWS);
      return;
    }
  if (count_batches (call, 1, use->group, &first) && count_batches (call, 2, use->group, &second))
    use->pieces = is_pad ? use->pieces + first + second : second;
  else
    _gantry_batch_mix (use, "takes some samples of the batch");
}

static void slice_rule (const GantryBatchCall *call, GantryBatchUse *use) { cut (call, use, FALSE); }
static void pad_rule (const GantryBatchCall *call, GantryBatchUse *use) { cut (call, use, TRUE); }

static void
concat_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const gint64 axis = attribute (call, 0);
  gboolean is_known = FALSE;

  *use = *call->inputs[0];
  use->is_zero = TRUE;
  for (guint i = 0; i < call->n_inputs; i++)
    {
      const GantryBatchUse *input = call->inputs[i];

      if (input->kind != use->kind || (use->kind == GANTRY_BATCH_SAMPLE && input->axis != use->axis))
        {
          _gantry_batch_mix (use, "puts together what follows the batch in different ways");
          return;
        }
      if (i > 0 && use->kind == GANTRY_BATCH_SAMPLE && (use->group != input->group || (axis != use->axis && use->pieces != input->pieces)))
        {
          _gantry_batch_mix (use, "puts together samples that lie differently");
          return;
        }
      if (i > 0 && use->kind == GANTRY_BATCH_SAMPLE && axis == use->axis)
        use->pieces += input->pieces;
      if (is_known && !input->is_zero && input->degree != use->degree)
        {
          _gantry_batch_mix (use, GROWS);
          return;
        }
      if (!input->is_zero)
        use->degree = input->degree;
      is_known = is_known || !input->is_zero;
      use->is_zero = use->is_zero && input->is_zero;
    }
}

/* How many of the axes in a mask lie before one. */
static guint
count_before (gint64 mask, guint axis)
{
  guint n = 0;

  for (guint i = 0; i < axis; i++)
    n += (guint) (mask >> i & 1);
  return n;
}

static void
reduce (const GantryBatchCall *call, GantryBatchUse *use, gint64 mask, gboolean keeps, gboolean is_linear)
{
  *use = *call->inputs[0];
  if (use->kind == GANTRY_BATCH_SUM && !is_linear)
    _gantry_batch_mix (use, SUMMED);
  else if (use->kind == GANTRY_BATCH_SAMPLE && (mask >> use->axis & 1) != 0 && !is_linear)
    _gantry_batch_mix (use, CROSSES);
  else if (use->kind == GANTRY_BATCH_SAMPLE && (mask >> use->axis & 1) != 0)
    use->kind = GANTRY_BATCH_SUM;
  else if (use->kind == GANTRY_BATCH_SAMPLE && !keeps)
    use->axis -= count_before (mask, use->axis);
}

static void
sum_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  reduce (call, use, attribute (call, 0), attribute (call, 1) != 0, TRUE);
}

static void
max_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  reduce (call, use, attribute (call, 0), attribute (call, 1) != 0, FALSE);
}

/* Places, not numbers. */
static void
arg_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  reduce (call, use, (gint64) 1 << attribute (call, 0), attribute (call, 1) != 0, FALSE);
  use->degree = 0;
  use->is_zero = FALSE;
}

static void
sort_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  reduce (call, use, (gint64) 1 << attribute (call, 0), TRUE, FALSE);
  use->degree = 0;
  use->is_zero = FALSE;
}

/* Along the last two axes. */
static void
max_pool_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const guint n_dims = shape_of (call, 0)->n_dims;

  if (!_gantry_batch_same_attributes (call))
    {
      _gantry_batch_mix (use, FOLLOWS);
      return;
    }
  reduce (call, use, (gint64) 3 << (n_dims - 2), TRUE, FALSE);
  use->degree = 0;
  use->is_zero = FALSE;
}

static void
resample_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  *use = *call->inputs[0];
  if (!_gantry_batch_same_attributes (call))
    _gantry_batch_mix (use, FOLLOWS);
  else if (use->kind == GANTRY_BATCH_SAMPLE && attribute (call, 0) == use->axis)
    _gantry_batch_mix (use, CROSSES);
}

static const struct {
  const gchar *op;
  GantryBatchRule rule;
} rules[] = {
  { "reshape", _gantry_batch_reshape_rule }, { "permute", permute_rule }, { "broadcast-to", broadcast_rule }, { "slice", slice_rule },
  { "pad", pad_rule }, { "concat", concat_rule }, { "sum", sum_rule }, { "max", max_rule }, { "arg-max", arg_rule }, { "arg-min", arg_rule },
  { "arg-sort", sort_rule }, { "max-pool-index", max_pool_rule }, { "resample", resample_rule }
};

GantryBatchRule
_gantry_batch_find_shape_rule (const gchar *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (rules[i].op, op))
      return rules[i].rule;
  return NULL;
}
