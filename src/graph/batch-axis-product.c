/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ops of two operands with axes of their own make of the samples: products, convolutions, indices. */
#include "graph/batch-axis-private.h"

#define CROSSES "works along the axis of the samples"
#define PAIRS "relates samples to each other"
#define BENDS "a product of sums or means over the whole batch, or of one with single samples"
#define FOLLOWS "its arguments follow the size of the batch"

static guint
count_dims (const GantryBatchCall *call, guint input)
{
  return gantry_tensor_get_n_dims (gantry_tensor_get_input (call->tensor, input));
}

static gint64
attribute (const GantryBatchCall *call, guint i)
{
  return gantry_tensor_get_ints (call->tensor, NULL)[i];
}

/* What is linear in both operands, but for where samples go; TRUE where that is left to say. */
static gboolean
begin (const GantryBatchCall *call, GantryBatchUse *use, gboolean *both)
{
  const GantryBatchUse *a = call->inputs[0], *b = call->inputs[1];
  const gboolean has_samples = a->kind == GANTRY_BATCH_SAMPLE || b->kind == GANTRY_BATCH_SAMPLE;
  const guint n_sums = (a->kind == GANTRY_BATCH_SUM) + (b->kind == GANTRY_BATCH_SUM);

  *both = a->kind == GANTRY_BATCH_SAMPLE && b->kind == GANTRY_BATCH_SAMPLE;
  *use = a->kind == GANTRY_BATCH_SAMPLE ? *a : *b;
  use->degree = a->degree + b->degree;
  use->is_zero = a->is_zero || b->is_zero;
  use->kind = has_samples ? GANTRY_BATCH_SAMPLE : n_sums > 0 ? GANTRY_BATCH_SUM : GANTRY_BATCH_SHARED;
  if (n_sums > 1 || (n_sums > 0 && has_samples))
    {
      _gantry_batch_mix (use, BENDS);
      return FALSE;
    }
  if (*both && !_gantry_batch_same_layout (a, b))
    {
      _gantry_batch_mix (use, PAIRS);
      return FALSE;
    }
  return has_samples;
}

/* Where an axis of an operand of matmul goes: -1 where it is summed over. */
static gint
place_in_product (const GantryBatchCall *call, guint input)
{
  const guint n_dims = count_dims (call, input), n_out = gantry_tensor_get_n_dims (call->tensor);
  const guint axis = call->inputs[input]->axis;
  const gboolean is_transposed = attribute (call, input) != 0;
  const guint summed = n_dims - (is_transposed == (input == 0) ? 2 : 1);

  if (axis + 2 < n_dims)
    return (gint) (axis + n_out - n_dims);
  if (axis == summed)
    return -1;
  return (gint) (input == 0 ? n_out - 2 : n_out - 1);
}

static void
matmul_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  gboolean both;
  gint place;

  if (!begin (call, use, &both))
    return;
  place = place_in_product (call, call->inputs[0]->kind == GANTRY_BATCH_SAMPLE ? 0 : 1);
  if (both && place != place_in_product (call, 1))
    _gantry_batch_mix (use, PAIRS);
  else if (place >= 0)
    use->axis = (guint) place;
  else if (both)
    use->kind = GANTRY_BATCH_SUM;
  else
    _gantry_batch_mix (use, CROSSES);
}

/* Images are the samples, along axis 0; a weight is none. */
static void
convolution_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  gboolean both;

  if (!begin (call, use, &both))
    return;
  if (!_gantry_batch_same_attributes (call))
    _gantry_batch_mix (use, FOLLOWS);
  else if (both || call->inputs[0]->kind != GANTRY_BATCH_SAMPLE || call->inputs[0]->axis != 0)
    _gantry_batch_mix (use, PAIRS);
}

static void
convolution_weight_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  gboolean both;

  if (!begin (call, use, &both))
    return;
  if (!_gantry_batch_same_attributes (call))
    _gantry_batch_mix (use, FOLLOWS);
  else if (both && call->inputs[0]->axis == 0 && call->inputs[1]->axis == 0)
    use->kind = GANTRY_BATCH_SUM;
  else
    _gantry_batch_mix (use, PAIRS);
}

/* Linear in what is indexed, which gives the degree; an index is one or the other. */
static gboolean
begin_index (const GantryBatchCall *call, GantryBatchUse *use, gboolean *both)
{
  const GantryBatchUse *index = call->inputs[1];

  if (index->kind == GANTRY_BATCH_SUM)
    {
      _gantry_batch_mix (use, "an index that is a sum over the whole batch");
      return FALSE;
    }
  if (index->degree != 0 || !_gantry_batch_same_attributes (call))
    {
      _gantry_batch_mix (use, FOLLOWS);
      return FALSE;
    }
  if (!begin (call, use, both))
    {
      if (use->kind != GANTRY_BATCH_MIXED)
        use->is_zero = call->inputs[0]->is_zero;
      return FALSE;
    }
  use->degree = call->inputs[0]->degree;
  use->is_zero = call->inputs[0]->is_zero;
  return TRUE;
}

/* [..., n, ...] of [..., m, ...]: along all other axes operand and index lie beside each other. */
static void
gather_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const GantryBatchUse *x = call->inputs[0], *index = call->inputs[1];
  const guint axis = (guint) attribute (call, 0);
  gboolean both;

  if (!begin_index (call, use, &both))
    return;
  if (both && (x->axis != index->axis || x->axis == axis))
    _gantry_batch_mix (use, x->axis == axis ? CROSSES : PAIRS);
  else if (!both && (index->kind != GANTRY_BATCH_SAMPLE || index->axis != axis))
    _gantry_batch_mix (use, CROSSES);
}

static void
scatter_add_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  gboolean both;

  if (!begin_index (call, use, &both))
    return;
  if (!both || call->inputs[0]->axis != call->inputs[1]->axis)
    _gantry_batch_mix (use, PAIRS);
  else if (use->axis == (guint) attribute (call, 0))
    use->kind = GANTRY_BATCH_SUM;
}

static void
index_select_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const guint axis = (guint) attribute (call, 0);
  gboolean both;

  if (!begin_index (call, use, &both))
    return;
  if (both)
    _gantry_batch_mix (use, PAIRS);
  else if (call->inputs[1]->kind == GANTRY_BATCH_SAMPLE)
    use->axis += axis;
  else if (use->axis == axis)
    _gantry_batch_mix (use, CROSSES);
  else if (use->axis > axis)
    use->axis = use->axis + count_dims (call, 1) - 1;
}

static void
index_add_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const guint axis = (guint) attribute (call, 0), n = count_dims (call, 1);
  gboolean both;

  if (!begin_index (call, use, &both))
    return;
  if (both && call->inputs[0]->axis == axis + call->inputs[1]->axis)
    use->kind = GANTRY_BATCH_SUM;
  else if (both || call->inputs[0]->kind != GANTRY_BATCH_SAMPLE || (use->axis >= axis && use->axis < axis + n))
    _gantry_batch_mix (use, PAIRS);
  else if (use->axis >= axis + n)
    use->axis = use->axis + 1 - n;
}

static const struct {
  const gchar *op;
  GantryBatchRule rule;
} rules[] = {
  { "matmul", matmul_rule }, { "conv2d", convolution_rule }, { "conv2d-input", convolution_rule }, { "conv2d-weight", convolution_weight_rule },
  { "gather", gather_rule }, { "scatter-add", scatter_add_rule }, { "index-select", index_select_rule }, { "index-add", index_add_rule }
};

GantryBatchRule
_gantry_batch_find_product_rule (const gchar *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (rules[i].op, op))
      return rules[i].rule;
  return NULL;
}
