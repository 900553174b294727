/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tensors become one fused program: from its results backwards, the largest tensor number first. */
#include "config.h"

#include "fuse.h"

#define MAX_RECOMPUTED_DEPTH 4

static const ElementwiseOp elementwise_ops[] = {
#define ENTRY(name, op, flags, ...) { op, LOOP_##name, flags },
  ELEMENTWISE_OPS (ENTRY, ENTRY)
  { "cast", LOOP_COPY, 0 },
  { "detach", LOOP_COPY, 0 },
  { "broadcast-to", LOOP_COPY, 0 },
};

const ElementwiseOp *
openblas_find_elementwise (GantryTensor *tensor)
{
  const gchar *name = gantry_tensor_get_op_name (tensor);

  for (guint i = 0; i < G_N_ELEMENTS (elementwise_ops); i++)
    if (g_str_equal (name, elementwise_ops[i].name))
      return &elementwise_ops[i];
  return NULL;
}

static gboolean
has_dtypes (const Fusion *self, GantryTensor *tensor, const ElementwiseOp *op)
{
  GantryDType result = gantry_tensor_get_dtype (tensor);

  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryDType dtype = gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, i));
      gboolean takes_bool = op->op == LOOP_COPY || (op->op == LOOP_SELECT && i == 0) || (op->flags & ELEMENTWISE_TAKES_TRUTH) != 0;

      if (dtype != self->dtype && !(dtype == GANTRY_BOOL8 && takes_bool))
        return FALSE;
    }
  if (op->flags & ELEMENTWISE_GIVES_TRUTH)
    return result == GANTRY_BOOL8;
  if (op->op == LOOP_COPY && result == GANTRY_BOOL8)
    return gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, 0)) == GANTRY_BOOL8;
  return result == self->dtype;
}

gboolean
openblas_is_constant (GantryTensor *tensor)
{
  return gantry_tensor_get_n_inputs (tensor) == 0 && (g_str_equal (gantry_tensor_get_op_name (tensor), "fill") ||
         (g_str_equal (gantry_tensor_get_op_name (tensor), "constant") && gantry_tensor_get_size (tensor) == 1));
}

static gboolean
is_full (const Fusion *self, GantryTensor *tensor)
{
  return gantry_shape_equal (gantry_tensor_get_shape (tensor), &self->shape);
}

static guint
count_reads (const Fusion *self, GantryTensor *tensor)
{
  guint n = 0;

  for (guint k = 0; k < self->absorbed->len; k++)
    for (guint i = 0; i < gantry_tensor_get_n_inputs (self->absorbed->pdata[k]); i++)
      n += gantry_tensor_get_input (self->absorbed->pdata[k], i) == tensor;
  for (guint k = 0; k < self->n_roots; k++)
    n += !self->roots[k].is_stored && self->roots[k].tensor == tensor;
  return n;
}

/* Reading a tensor that another kernel has stored, or computing it again from the one tensor of its size that it needs:
 * the second costs no more memory traffic, and often nobody has to store it then. */
static gboolean
may_recompute (Fusion *self, GantryTensor *tensor, const ElementwiseOp *op)
{
  guint n_full = 0, depth = 0;

  if (op->flags & ELEMENTWISE_COSTLY)
    return FALSE;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      n_full += is_full (self, input) && !openblas_is_constant (input);
    }
  for (guint k = 0; k < self->absorbed->len; k++)
    for (guint i = 0; i < gantry_tensor_get_n_inputs (self->absorbed->pdata[k]); i++)
      if (gantry_tensor_get_input (self->absorbed->pdata[k], i) == tensor)
        depth = MAX (depth, GPOINTER_TO_UINT (g_hash_table_lookup (self->depths, self->absorbed->pdata[k])));
  if (n_full > 1 || depth >= MAX_RECOMPUTED_DEPTH)
    return FALSE;
  g_hash_table_insert (self->depths, tensor, GUINT_TO_POINTER (depth + 1));
  return TRUE;
}

static gboolean
may_absorb (Fusion *self, GantryTensor *tensor)
{
  const ElementwiseOp *op = openblas_find_elementwise (tensor);
  guint added = 0;

  if (op == NULL || gantry_tensor_get_n_inputs (tensor) == 0 || !is_full (self, tensor) || !has_dtypes (self, tensor, op))
    return FALSE;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      added += !openblas_is_constant (input) && !g_ptr_array_find (self->frontier, input, NULL) && !g_ptr_array_find (self->inputs, input, NULL);
    }
  if (self->absorbed->len >= PROGRAM_MAX_STEPS - 1 - self->n_roots || self->frontier->len + self->inputs->len + added > PROGRAM_MAX_INPUTS)
    return FALSE;
  return gantry_claim_count_uses (self->claim, tensor) <= MAX (1, count_reads (self, tensor)) || may_recompute (self, tensor, op);
}

static void
visit (Fusion *self, GantryTensor *tensor)
{
  if (!g_ptr_array_find (self->frontier, tensor, NULL) && !g_ptr_array_find (self->inputs, tensor, NULL)
      && !g_ptr_array_find (self->absorbed, tensor, NULL))
    g_ptr_array_add (self->frontier, tensor);
}

static void
absorb (Fusion *self, GantryTensor *tensor)
{
  g_ptr_array_add (self->absorbed, tensor);
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    visit (self, gantry_tensor_get_input (tensor, i));
}

/* Every reader of a tensor has a larger number: the largest of the frontier is the next that can be decided. */
static GantryTensor *
take_largest (Fusion *self)
{
  guint best = 0;
  GantryTensor *tensor;

  for (guint i = 1; i < self->frontier->len; i++)
    if (gantry_tensor_get_id (self->frontier->pdata[i]) > gantry_tensor_get_id (self->frontier->pdata[best]))
      best = i;
  tensor = self->frontier->pdata[best];
  g_ptr_array_remove_index_fast (self->frontier, best);
  return tensor;
}

/* What a program computes in: truth values are numbers of the dtype that they come from. */
static GantryDType
get_working_dtype (GantryTensor *tensor)
{
  while (gantry_tensor_get_dtype (tensor) == GANTRY_BOOL8 && openblas_find_elementwise (tensor) != NULL)
    tensor = gantry_tensor_get_input (tensor, 0);
  return gantry_tensor_get_dtype (tensor) == GANTRY_BOOL8 ? GANTRY_FLOAT32 : gantry_tensor_get_dtype (tensor);
}

/* Results that are stored are computed here; what is reduced may be read. */
static gboolean
begin (Fusion *self)
{
  for (guint k = 0; k < self->n_roots; k++)
    {
      GantryTensor *root = self->roots[k].tensor;
      const ElementwiseOp *op = openblas_find_elementwise (root);

      if (!is_full (self, root) || get_working_dtype (root) != self->dtype)
        return FALSE;
      if (!self->roots[k].is_stored)
        continue;
      if (op == NULL || !has_dtypes (self, root, op))
        return FALSE;
      g_ptr_array_add (self->absorbed, root);
    }
  for (guint k = 0; k < self->n_roots; k++)
    if (!self->roots[k].is_stored)
      visit (self, self->roots[k].tensor);
    else
      for (guint i = 0; i < gantry_tensor_get_n_inputs (self->roots[k].tensor); i++)
        visit (self, gantry_tensor_get_input (self->roots[k].tensor, i));
  return TRUE;
}

Program *
openblas_program_new (const Openblas *backend, const GantryClaim *claim, const ProgramRoot *roots, guint n_roots)
{
  g_autoptr (GPtrArray) absorbed = g_ptr_array_new ();
  g_autoptr (GPtrArray) frontier = g_ptr_array_new ();
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  g_autoptr (GHashTable) depths = g_hash_table_new (NULL, NULL);
  Fusion self = { backend, claim, get_working_dtype (roots[0].tensor), *gantry_tensor_get_shape (roots[0].tensor), roots, n_roots, absorbed,
                  frontier, inputs, depths };

  if (numeric_for (backend, self.dtype) == NULL || gantry_shape_size (&self.shape) == 0 || !begin (&self))
    return NULL;
  while (frontier->len > 0)
    {
      GantryTensor *tensor = take_largest (&self);

      if (may_absorb (&self, tensor))
        absorb (&self, tensor);
      else
        g_ptr_array_add (inputs, tensor);
    }
  return openblas_assemble (&self);
}
