/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two graphs of one description, side by side, and what is asked about them.  The rules of ops are in batch-axis-*.c. */
#include "graph/batch-axis-private.h"

#include <gantry/error.h>
#include <math.h>
#include <string.h>

struct _GantryBatchAnalysis {
  GantryGraph *graph;
  guint n_tensors;
  GantryBatchUse *uses; /* by the number of the tensor */
};

void
_gantry_batch_mix (GantryBatchUse *use, const gchar *reason)
{
  *use = (GantryBatchUse) { .kind = GANTRY_BATCH_MIXED, .reason = reason };
}

gboolean
_gantry_batch_same_layout (const GantryBatchUse *a, const GantryBatchUse *b)
{
  return a->pieces == b->pieces && a->group == b->group;
}

gboolean
_gantry_batch_same_attributes (const GantryBatchCall *call)
{
  guint n_ints, n_reals, n_other_ints, n_other_reals;
  const gint64 *ints = gantry_tensor_get_ints (call->tensor, &n_ints);
  const gint64 *other_ints = gantry_tensor_get_ints (call->other, &n_other_ints);
  const gdouble *reals = gantry_tensor_get_reals (call->tensor, &n_reals);
  const gdouble *other_reals = gantry_tensor_get_reals (call->other, &n_other_reals);

  return n_ints == n_other_ints && n_reals == n_other_reals && (n_ints == 0 || memcmp (ints, other_ints, n_ints * sizeof *ints) == 0)
         && (n_reals == 0 || memcmp (reals, other_reals, n_reals * sizeof *reals) == 0);
}

gboolean
_gantry_batch_find_degree (const GantryBatchCall *call, gdouble number, gdouble other, gdouble *degree)
{
  gdouble exact;

  *degree = 0;
  if (number == other)
    return TRUE;
  if (number == 0 || other == 0 || (number < 0) != (other < 0) || !isfinite (number) || !isfinite (other))
    return FALSE;
  exact = log (other / number) / log ((gdouble) call->other_batch / (gdouble) call->batch);
  *degree = round (2 * exact) / 2;
  return fabs (exact - *degree) < 1e-9;
}

gint
_gantry_batch_find_axis (const GantryBatchCall *call)
{
  const GantryShape *shape = gantry_tensor_get_shape (call->tensor), *other = gantry_tensor_get_shape (call->other);
  gint found = -1;

  for (guint i = 0; i < shape->n_dims; i++)
    if (shape->dims[i] != other->dims[i])
      found = found == -1 ? (gint) i : -2;
  return found;
}

/* How many batches of @group elements make an axis of such sizes in both graphs; 0 where no whole number does. */
static gsize
count_pieces (const GantryBatchCall *call, guint axis, gsize group)
{
  const gsize size = gantry_tensor_get_dim (call->tensor, axis), other = gantry_tensor_get_dim (call->other, axis);
  const gsize unit = call->batch * group, other_unit = call->other_batch * group;

  return size % unit == 0 && other % other_unit == 0 && size / unit == other / other_unit ? size / unit : 0;
}

static void
use_leaf (const GantryBatchCall *call, GantryBatchUse *use)
{
  const gint axis = _gantry_batch_find_axis (call);

  if (axis == -1)
    return;
  use->kind = GANTRY_BATCH_SAMPLE;
  use->axis = axis >= 0 ? (guint) axis : 0;
  use->pieces = axis >= 0 ? count_pieces (call, use->axis, 1) : 0;
  if (use->pieces == 0)
    _gantry_batch_mix (use, "its size follows the batch in another way than along one axis");
}

static void
random_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  use_leaf (call, use);
  if (use->kind == GANTRY_BATCH_SAMPLE && (use->axis != 0 || use->pieces != 1))
    _gantry_batch_mix (use, "its draws are not one row a sample");
}

static void
variable_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  if (_gantry_batch_find_axis (call) != -1)
    _gantry_batch_mix (use, "a variable whose size follows the batch");
}

static void
fill_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  guint n_reals, n_other;
  const gdouble *reals = gantry_tensor_get_reals (call->tensor, &n_reals), *other = gantry_tensor_get_reals (call->other, &n_other);

  use_leaf (call, use);
  use->is_zero = reals[0] == 0 && other[0] == 0;
  if (use->kind != GANTRY_BATCH_MIXED && !_gantry_batch_find_degree (call, reals[0], other[0], &use->degree))
    _gantry_batch_mix (use, "a number that follows the size of the batch");
}

static void
constant_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  if (!_gantry_batch_same_attributes (call))
    _gantry_batch_mix (use, "numbers that follow the size of the batch");
}

static void
poison_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  _gantry_batch_mix (use, "is in error");
}

static const struct {
  const gchar *op;
  GantryBatchRule rule;
} leaf_rules[] = { { "feed", use_leaf }, { "random", random_rule }, { "scalar", use_leaf }, { "variable", variable_rule },
                   { "fill", fill_rule }, { "constant", constant_rule }, { "poison", poison_rule } };

/* What is known of no op in particular: an op of a plugin, and one that this floor got without a rule. */
static void
unknown_rule (const GantryBatchCall *call, GantryBatchUse *use)
{
  const guint flags = gantry_tensor_get_op (call->tensor)->flags;

  if ((flags & GANTRY_OP_ELEMENTWISE) != 0 && _gantry_batch_same_attributes (call))
    {
      _gantry_batch_function_rule (call, use);
      return;
    }
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i]->kind != GANTRY_BATCH_SHARED || call->inputs[i]->degree != 0)
      _gantry_batch_mix (use, "an op of which it is not known what it does along the batch");
  if (!_gantry_batch_same_attributes (call))
    _gantry_batch_mix (use, "an op of which it is not known what it does along the batch");
}

static GantryBatchRule
find_rule (const gchar *op)
{
  GantryBatchRule rule;

  for (guint i = 0; i < G_N_ELEMENTS (leaf_rules); i++)
    if (g_str_equal (leaf_rules[i].op, op))
      return leaf_rules[i].rule;
  rule = _gantry_batch_find_elementwise_rule (op);
  if (rule == NULL)
    rule = _gantry_batch_find_shape_rule (op);
  if (rule == NULL)
    rule = _gantry_batch_find_product_rule (op);
  return rule != NULL ? rule : unknown_rule;
}

/* The sizes must bear out what a rule says. */
static void
check_sizes (const GantryBatchCall *call, GantryBatchUse *use)
{
  const gint axis = _gantry_batch_find_axis (call);
  gboolean fits = TRUE;

  if (use->kind == GANTRY_BATCH_SAMPLE)
    fits = axis == (gint) use->axis && use->group > 0 && use->pieces > 0 && count_pieces (call, use->axis, use->group) == use->pieces;
  else if (use->kind != GANTRY_BATCH_MIXED)
    fits = axis == -1;
  if (!fits)
    _gantry_batch_mix (use, "its size does not follow the batch along one axis");
}

static void
analyse (GantryBatchAnalysis *self, GantryTensor *tensor, GantryTensor *other, gsize batch, gsize other_batch)
{
  const guint n_inputs = gantry_tensor_get_n_inputs (tensor);
  g_autofree const GantryBatchUse **inputs = g_new (const GantryBatchUse *, n_inputs + 1);
  const GantryBatchCall call = { tensor, other, batch, other_batch, inputs, n_inputs };
  GantryBatchUse *use = &self->uses[gantry_tensor_get_id (tensor)];

  *use = (GantryBatchUse) { .group = 1, .pieces = 1 };
  for (guint i = 0; i < n_inputs; i++)
    {
      inputs[i] = &self->uses[gantry_tensor_get_id (gantry_tensor_get_input (tensor, i))];
      if (inputs[i]->kind == GANTRY_BATCH_MIXED)
        {
          _gantry_batch_mix (use, NULL);
          return;
        }
    }
  find_rule (gantry_tensor_get_op_name (tensor)) (&call, use);
  check_sizes (&call, use);
}

static gboolean
is_same_op (GantryTensor *a, GantryTensor *b)
{
  if (gantry_tensor_get_op (a) != gantry_tensor_get_op (b) || gantry_tensor_get_n_inputs (a) != gantry_tensor_get_n_inputs (b)
      || gantry_tensor_get_n_dims (a) != gantry_tensor_get_n_dims (b) || gantry_tensor_get_dtype (a) != gantry_tensor_get_dtype (b)
      || g_strcmp0 (gantry_tensor_get_name (a), gantry_tensor_get_name (b)) != 0)
    return FALSE;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (a); i++)
    if (gantry_tensor_get_id (gantry_tensor_get_input (a, i)) != gantry_tensor_get_id (gantry_tensor_get_input (b, i)))
      return FALSE;
  return TRUE;
}

GantryBatchAnalysis *
_gantry_batch_analysis_new (GantryGraph *graph, gsize batch, GantryGraph *other, gsize other_batch, GError **error)
{
  g_autoptr (GantryBatchAnalysis) self = g_new0 (GantryBatchAnalysis, 1);
  const guint n = gantry_graph_get_n_tensors (graph), n_other = gantry_graph_get_n_tensors (other);

  self->graph = g_object_ref (graph);
  self->n_tensors = n;
  self->uses = g_new0 (GantryBatchUse, n + 1);
  for (guint id = 0; id < MAX (n, n_other); id++)
    {
      GantryTensor *a = id < n ? gantry_graph_get_tensor (graph, id) : NULL, *b = id < n_other ? gantry_graph_get_tensor (other, id) : NULL;
      GantryTensor *found = a != NULL ? a : b;

      if (a == NULL || b == NULL || !is_same_op (a, b))
        {
          g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%s%s%s: which ops there are depends on the size of the batch",
                       gantry_tensor_get_scope (found), *gantry_tensor_get_scope (found) != '\0' ? ": " : "", gantry_tensor_get_op_name (found));
          return NULL;
        }
      analyse (self, a, b, batch, other_batch);
    }
  return g_steal_pointer (&self);
}

void
_gantry_batch_analysis_free (GantryBatchAnalysis *self)
{
  g_clear_object (&self->graph);
  g_free (self->uses);
  g_free (self);
}

const GantryBatchUse *
_gantry_batch_analysis_get (GantryBatchAnalysis *self, GantryTensor *tensor)
{
  g_return_val_if_fail (gantry_tensor_get_graph (tensor) == self->graph && gantry_tensor_get_id (tensor) < self->n_tensors, NULL);
  return &self->uses[gantry_tensor_get_id (tensor)];
}

GantryTensor *
_gantry_batch_analysis_find_cause (GantryBatchAnalysis *self, GantryTensor *mixed)
{
  const guint last = gantry_tensor_get_id (mixed);
  g_autofree gboolean *is_part = g_new0 (gboolean, last + 1);
  GantryTensor *cause = mixed;

  is_part[last] = TRUE;
  for (guint id = last + 1; id-- > 0;)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (self->graph, id);

      if (!is_part[id] || self->uses[id].kind != GANTRY_BATCH_MIXED)
        continue;
      if (self->uses[id].reason != NULL)
        cause = tensor;
      for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
        is_part[gantry_tensor_get_id (gantry_tensor_get_input (tensor, i))] = TRUE;
    }
  return cause;
}

gchar *
_gantry_batch_analysis_explain (GantryBatchAnalysis *self, GantryTensor *mixed)
{
  GantryTensor *cause = _gantry_batch_analysis_find_cause (self, mixed);
  const GantryBatchUse *use = _gantry_batch_analysis_get (self, cause);
  const gchar *scope = gantry_tensor_get_scope (cause);

  return g_strdup_printf ("%s%s%s: %s", scope, *scope != '\0' ? ": " : "", gantry_tensor_get_op_name (cause),
                          use->reason != NULL ? use->reason : "does not fall apart into samples");
}
