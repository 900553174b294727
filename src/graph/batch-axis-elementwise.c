/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What functions of elements make of the samples: operands broadcast, and what is linear keeps a sum over the batch a sum. */
#include "graph/batch-axis-private.h"

#include <math.h>

#define MEETS "single samples meet a sum or mean over the whole batch"
#define BENDS "a function that is not linear, of a sum or mean over the whole batch"
#define GROWS "numbers that follow the size of the batch in different ways"
#define APART "samples lie along different axes"

typedef struct {
  guint n_samples; /* operands of each kind */
  guint n_sums;
  guint n_shared;
} Operands;

/* Counts them; the result is made of samples where one operand is, along the axis that they share. */
static gboolean
merge (const GantryBatchCall *call, GantryBatchUse *use, Operands *operands)
{
  const guint n_dims = gantry_tensor_get_n_dims (call->tensor);

  *operands = (Operands) { 0 };
  for (guint i = 0; i < call->n_inputs; i++)
    {
      const GantryBatchUse *input = call->inputs[i];
      const guint axis = input->axis + n_dims - gantry_tensor_get_n_dims (gantry_tensor_get_input (call->tensor, i));

      operands->n_sums += input->kind == GANTRY_BATCH_SUM;
      operands->n_shared += input->kind == GANTRY_BATCH_SHARED;
      if (input->kind != GANTRY_BATCH_SAMPLE)
        continue;
      if (operands->n_samples++ > 0 && (use->axis != axis || !_gantry_batch_same_layout (use, input)))
        {
          _gantry_batch_mix (use, APART);
          return FALSE;
        }
      use->axis = axis;
      use->pieces = input->pieces;
      use->group = input->group;
    }
  if (operands->n_samples > 0 && operands->n_sums > 0)
    {
      _gantry_batch_mix (use, MEETS);
      return FALSE;
    }
  use->kind = operands->n_samples > 0 ? GANTRY_BATCH_SAMPLE : operands->n_sums > 0 ? GANTRY_BATCH_SUM : GANTRY_BATCH_SHARED;
  return TRUE;
}

/* The degree that operands from @first on have in common; zeros have any. */
static gboolean
find_common_degree (const GantryBatchCall *call, GantryBatchUse *use, guint first)
{
  gboolean is_known = FALSE;

  use->is_zero = TRUE;
  for (guint i = first; i < call->n_inputs; i++)
    {
      if (call->inputs[i]->is_zero)
        continue;
      use->is_zero = FALSE;
      if (is_known && use->degree != call->inputs[i]->degree)
        {
          _gantry_batch_mix (use, GROWS);
          return FALSE;
        }
      use->degree = call->inputs[i]->degree;
      is_known = TRUE;
    }
  return TRUE;
}

/* Not linear, but a factor above 0 comes out as its power: of relu 1, of a square 2. */
static void
power (const GantryBatchCall *call, GantryBatchUse *use, gdouble exponent)
{
  Operands operands;

  if (!merge (call, use, &operands))
    return;
  if (operands.n_sums > 0)
    {
      _gantry_batch_mix (use, BENDS);
      return;
    }
  if (find_common_degree (call, use, 0))
    use->degree *= exponent;
  use->is_zero = FALSE;
}

void
_gantry_batch_function_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  power (call, use, 1);
  if (use->kind != GANTRY_BATCH_MIXED && use->degree != 0)
    _gantry_batch_mix (use, "a function of numbers that follow the size of the batch");
}

static void
linear_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  *use = *call->inputs[0];
}

static void
cast_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  if (gantry_dtype_is_float (gantry_tensor_get_dtype (call->tensor)))
    *use = *call->inputs[0];
  else
    _gantry_batch_function_rule (call, use);
}

static void
scale_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const gdouble *factor = gantry_tensor_get_reals (call->tensor, NULL), *other = gantry_tensor_get_reals (call->other, NULL);
  gdouble degree;

  *use = *call->inputs[0];
  if (_gantry_batch_find_degree (call, factor[0], other[0], &degree))
    use->degree += degree;
  else
    _gantry_batch_mix (use, "a factor that follows the size of the batch, but as no power of it");
}

/* Of a mean the mean of what has the number added. */
static void
offset_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const gdouble due = call->inputs[0]->kind == GANTRY_BATCH_SUM ? -1 : 0;

  *use = *call->inputs[0];
  if (!_gantry_batch_same_attributes (call) || (use->degree != due && !use->is_zero))
    _gantry_batch_mix (use, use->kind == GANTRY_BATCH_SUM ? "a number is added to a sum over the whole batch" : GROWS);
  else
    use->degree = due;
  use->is_zero = FALSE;
}

static void power_0_rule (const GantryBatchCall *call, GantryBatchUse *use) { power (call, use, 0); }
static void power_1_rule (const GantryBatchCall *call, GantryBatchUse *use) { power (call, use, 1); }
static void power_2_rule (const GantryBatchCall *call, GantryBatchUse *use) { power (call, use, 2); }
static void sqrt_rule (const GantryBatchCall *call, GantryBatchUse *use) { power (call, use, 0.5); }
static void rsqrt_rule (const GantryBatchCall *call, GantryBatchUse *use) { power (call, use, -0.5); }
static void reciprocal_rule (const GantryBatchCall *call, GantryBatchUse *use) { power (call, use, -1); }

/* What is the same in every part of a batch is added to a sum over the batch in parts: to a mean as it is, to a sum where it grows with it. */
static gboolean
check_sum (const GantryBatchCall *call, GantryBatchUse *use, guint first)
{
  gdouble degree = 0;
  gboolean is_known = FALSE;

  for (guint i = first; i < call->n_inputs; i++)
    {
      const GantryBatchUse *input = call->inputs[i];
      const gdouble own = input->degree - (input->kind == GANTRY_BATCH_SHARED ? 1 : 0);

      if (input->is_zero)
        continue;
      if (is_known && own != degree)
        {
          _gantry_batch_mix (use, "a sum over the batch meets a mean, or a number that every part of the batch would add");
          return FALSE;
        }
      degree = own;
      is_known = TRUE;
    }
  use->degree = degree;
  return TRUE;
}

static void
add_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  Operands operands;

  if (!merge (call, use, &operands))
    return;
  if (operands.n_sums > 0)
    check_sum (call, use, 0);
  else
    find_common_degree (call, use, 0);
}

static void
product (const GantryBatchCall *call, GantryBatchUse *use, gdouble sign)
{
  Operands operands;

  if (!merge (call, use, &operands))
    return;
  if (operands.n_sums > 1 || (sign < 0 && call->inputs[1]->kind == GANTRY_BATCH_SUM))
    {
      _gantry_batch_mix (use, BENDS);
      return;
    }
  use->degree = call->inputs[0]->degree + sign * call->inputs[1]->degree;
  use->is_zero = call->inputs[0]->is_zero || (sign > 0 && call->inputs[1]->is_zero);
}

static void mul_rule (const GantryBatchCall *call, GantryBatchUse *use) { product (call, use, 1); }
static void div_rule (const GantryBatchCall *call, GantryBatchUse *use) { product (call, use, -1); }

static void
select_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  Operands operands;

  if (!merge (call, use, &operands))
    return;
  if (operands.n_sums == 0)
    find_common_degree (call, use, 1);
  else if (call->inputs[0]->kind == GANTRY_BATCH_SUM)
    _gantry_batch_mix (use, BENDS);
  else
    check_sum (call, use, 1);
}

static const struct {
  const gchar *op;
  GantryBatchRule rule;
} rules[] = {
  { "neg", linear_rule }, { "detach", linear_rule }, { "cast", cast_rule }, { "scale", scale_rule }, { "offset", offset_rule },
  { "abs", power_1_rule }, { "relu", power_1_rule }, { "leaky-relu", power_1_rule }, { "sign", power_0_rule }, { "square", power_2_rule },
  { "sqrt", sqrt_rule }, { "rsqrt", rsqrt_rule }, { "reciprocal", reciprocal_rule }, { "add", add_rule }, { "sub", add_rule },
  { "mul", mul_rule }, { "div", div_rule }, { "maximum", power_1_rule }, { "minimum", power_1_rule }, { "less", power_0_rule },
  { "greater", power_0_rule }, { "equal", power_0_rule }, { "less-equal", power_0_rule }, { "greater-equal", power_0_rule },
  { "not-equal", power_0_rule }, { "select", select_rule }
};

GantryBatchRule
_gantry_batch_find_elementwise_rule (const gchar *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (rules[i].op, op))
      return rules[i].rule;
  return NULL;
}
