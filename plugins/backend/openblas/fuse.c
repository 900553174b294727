/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tensors become one fused program: from its result backwards, the largest tensor number first. */
#include "config.h"

#include <string.h>

#include "program.h"

#define CACHE_BYTES (40 * 1024)
#define MAX_RECOMPUTED_DEPTH 4

typedef struct {
  const gchar *name;
  LoopOp op;
  gboolean is_costly; /* too dear to be computed again for every reader */
} ElementwiseOp;

static const ElementwiseOp elementwise_ops[] = {
  { "neg", LOOP_NEG, FALSE },
  { "abs", LOOP_ABS, FALSE },
  { "sign", LOOP_SIGN, FALSE },
  { "exp", LOOP_EXP, TRUE },
  { "log", LOOP_LOG, TRUE },
  { "sqrt", LOOP_SQRT, TRUE },
  { "rsqrt", LOOP_RSQRT, TRUE },
  { "reciprocal", LOOP_RECIPROCAL, TRUE },
  { "square", LOOP_SQUARE, FALSE },
  { "tanh", LOOP_TANH, TRUE },
  { "sigmoid", LOOP_SIGMOID, TRUE },
  { "softplus", LOOP_SOFTPLUS, TRUE },
  { "relu", LOOP_RELU, FALSE },
  { "leaky-relu", LOOP_LEAKY_RELU, FALSE },
  { "scale", LOOP_SCALE, FALSE },
  { "offset", LOOP_OFFSET, FALSE },
  { "add", LOOP_ADD, FALSE },
  { "sub", LOOP_SUB, FALSE },
  { "mul", LOOP_MUL, FALSE },
  { "div", LOOP_DIV, TRUE },
  { "maximum", LOOP_MAXIMUM, FALSE },
  { "minimum", LOOP_MINIMUM, FALSE },
  { "less", LOOP_LESS, FALSE },
  { "greater", LOOP_GREATER, FALSE },
  { "equal", LOOP_EQUAL, FALSE },
  { "select", LOOP_SELECT, FALSE },
  { "cast", LOOP_COPY, FALSE },
  { "detach", LOOP_COPY, FALSE },
  { "broadcast-to", LOOP_COPY, FALSE },
};

typedef struct {
  const Openblas *backend;
  const GantryClaim *claim;
  GantryDType dtype;
  GantryShape shape;
  GPtrArray *absorbed;
  GPtrArray *frontier;  /* read by the absorbed ones, and not yet decided */
  GPtrArray *inputs;    /* decided to be read */
  GHashTable *depths;   /* of tensors computed again though another kernel has them, too */
} Fusion;

static const ElementwiseOp *
find_op (GantryTensor *tensor)
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
      gboolean may_be_bool = op->op == LOOP_COPY || (op->op == LOOP_SELECT && i == 0);

      if (dtype != self->dtype && !(dtype == GANTRY_BOOL8 && may_be_bool))
        return FALSE;
    }
  if (op->op == LOOP_LESS || op->op == LOOP_GREATER || op->op == LOOP_EQUAL)
    return result == GANTRY_BOOL8;
  if (op->op == LOOP_COPY && result == GANTRY_BOOL8)
    return gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, 0)) == GANTRY_BOOL8;
  return result == self->dtype;
}

static gboolean
is_constant (GantryTensor *tensor)
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
  return n;
}

/* Reading a tensor that another kernel has stored, or computing it again from the one tensor of its size that it needs:
 * the second costs no more memory traffic, and often nobody has to store it then. */
static gboolean
may_recompute (Fusion *self, GantryTensor *tensor, const ElementwiseOp *op)
{
  guint n_full = 0, depth = 0;

  if (op->is_costly)
    return FALSE;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      n_full += is_full (self, input) && !is_constant (input);
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
  const ElementwiseOp *op = find_op (tensor);
  guint added = 0;

  if (op == NULL || gantry_tensor_get_n_inputs (tensor) == 0 || !is_full (self, tensor) || !has_dtypes (self, tensor, op))
    return FALSE;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      added += !is_constant (input) && !g_ptr_array_find (self->frontier, input, NULL) && !g_ptr_array_find (self->inputs, input, NULL);
    }
  if (self->absorbed->len >= PROGRAM_MAX_STEPS - 2 || self->frontier->len + self->inputs->len + added > PROGRAM_MAX_INPUTS)
    return FALSE;
  return gantry_claim_count_uses (self->claim, tensor) <= MAX (1, count_reads (self, tensor)) || may_recompute (self, tensor, op);
}

static void
absorb (Fusion *self, GantryTensor *tensor)
{
  g_ptr_array_add (self->absorbed, tensor);
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      if (!g_ptr_array_find (self->frontier, input, NULL) && !g_ptr_array_find (self->inputs, input, NULL))
        g_ptr_array_add (self->frontier, input);
    }
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

static void
describe_operand (const Fusion *self, GantryTensor *tensor, Operand *operand)
{
  const GantryShape *own = gantry_tensor_get_shape (tensor), *shape = &self->shape;
  gsize stride = 1, first = shape->n_dims, last = 0;
  gboolean is_periodic = TRUE;

  operand->is_bool = gantry_tensor_get_dtype (tensor) == GANTRY_BOOL8;
  operand->inner = operand->count = 1;
  for (guint axis = shape->n_dims; axis-- > 0;)
    {
      guint missing = shape->n_dims - own->n_dims;
      gsize dim = axis < missing ? 1 : own->dims[axis - missing];

      operand->strides[axis] = dim == 1 ? 0 : stride;
      stride *= dim;
      if (dim > 1)
        {
          first = axis;
          last = MAX (last, axis + 1);
        }
    }
  for (guint axis = 0; axis < shape->n_dims; axis++)
    {
      gboolean inside = axis >= first && axis < last;

      is_periodic = is_periodic && (!inside || operand->strides[axis] > 0 || shape->dims[axis] == 1);
      operand->count *= inside ? shape->dims[axis] : 1;
      operand->inner *= axis >= last ? shape->dims[axis] : 1;
    }
  if (stride == gantry_shape_size (shape))
    operand->kind = OPERAND_FULL;
  else if (stride == 1)
    operand->kind = OPERAND_UNIFORM;
  else
    operand->kind = is_periodic ? OPERAND_PERIODIC : OPERAND_STRIDED;
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return (gint) gantry_tensor_get_id (*(GantryTensor *const *) a) - (gint) gantry_tensor_get_id (*(GantryTensor *const *) b);
}

/* Value of a tensor: an input, a constant, or a step's result. */
static guint
get_value (GHashTable *values, GantryTensor *tensor)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (values, tensor)) - 1;
}

static void
add_steps (Fusion *self, Program *program, GHashTable *values, const gboolean *uniform_inputs)
{
  gboolean uniform[PROGRAM_MAX_VALUES];

  memcpy (uniform, uniform_inputs, sizeof uniform);
  for (guint k = 0; k < self->absorbed->len; k++)
    {
      GantryTensor *tensor = self->absorbed->pdata[k];
      const ElementwiseOp *op = find_op (tensor);
      guint n_reals, n_inputs = gantry_tensor_get_n_inputs (tensor);
      const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);
      Step *step = &program->steps[program->n_steps];

      if (op->op == LOOP_COPY)
        {
          g_hash_table_insert (values, tensor, GUINT_TO_POINTER (get_value (values, gantry_tensor_get_input (tensor, 0)) + 1));
          continue;
        }
      *step = (Step) { .op = op->op, .result = program->n_values, .value = n_reals > 0 ? reals[0] : 0 };
      uniform[step->result] = TRUE;
      for (guint i = 0; i < 3; i++)
        {
          step->arguments[i] = get_value (values, gantry_tensor_get_input (tensor, MIN (i, n_inputs - 1)));
          uniform[step->result] = uniform[step->result] && uniform[step->arguments[i]];
        }
      program->n_steps++;
      program->n_values++;
      g_hash_table_insert (values, tensor, GUINT_TO_POINTER (step->result + 1));
    }
  /* uniform steps to the front: the order among them, and among the others, stays */
  for (guint i = 0; i < program->n_steps; i++)
    if (uniform[program->steps[i].result])
      {
        Step step = program->steps[i];

        memmove (&program->steps[program->n_uniform_steps + 1], &program->steps[program->n_uniform_steps],
                 (i - program->n_uniform_steps) * sizeof step);
        program->steps[program->n_uniform_steps++] = step;
      }
}

/* Buffers: one each for what is filled or computed once; results of blocks share theirs as soon as nobody reads them any more. */
static void
assign_buffers (Program *program)
{
  guint last_read[PROGRAM_MAX_VALUES] = { 0 };
  gboolean is_free[PROGRAM_MAX_VALUES] = { FALSE }, is_kept[PROGRAM_MAX_VALUES] = { FALSE };

  for (guint i = 0; i < program->n_steps; i++)
    for (guint k = 0; k < 3; k++)
      last_read[program->steps[i].arguments[k]] = i;
  last_read[program->result] = G_MAXUINT;
  for (guint i = 0; i < program->n_inputs + program->n_constants; i++)
    {
      gboolean direct = i < program->n_inputs && program->inputs[i].kind == OPERAND_FULL && !program->inputs[i].is_bool;

      program->buffers[i] = direct ? -1 : (gint) program->n_buffers++;
      is_kept[i] = TRUE;
    }
  for (guint i = 0; i < program->n_uniform_steps; i++)
    {
      program->buffers[program->steps[i].result] = program->n_buffers++;
      is_kept[program->steps[i].result] = TRUE;
    }
  for (guint i = program->n_uniform_steps; i < program->n_steps; i++)
    {
      const Step *step = &program->steps[i];
      guint buffer = 0;

      /* a loop may write where it reads */
      for (guint k = 0; k < 3; k++)
        if (last_read[step->arguments[k]] == i && !is_kept[step->arguments[k]])
          is_free[program->buffers[step->arguments[k]]] = TRUE;
      while (buffer < program->n_buffers && !is_free[buffer])
        buffer++;
      if (buffer == program->n_buffers)
        program->n_buffers++;
      is_free[buffer] = FALSE;
      program->buffers[step->result] = buffer;
    }
}

static Program *
build_program (Fusion *self, GantryTensor *root)
{
  g_autoptr(GHashTable) values = g_hash_table_new (NULL, NULL);
  gboolean uniform[PROGRAM_MAX_VALUES] = { FALSE };
  g_autofree Program *program = g_new0 (Program, 1);
  gsize block;
  guint n_live;

  program->numeric = numeric_for (self->backend, self->dtype);
  program->shape = self->shape;
  program->size = gantry_shape_size (&self->shape);
  program->gives_bool = gantry_tensor_get_dtype (root) == GANTRY_BOOL8;
  g_ptr_array_sort (self->inputs, compare_ids);
  g_ptr_array_sort (self->absorbed, compare_ids);
  for (guint i = 0; i < self->inputs->len; i++)
    if (!is_constant (self->inputs->pdata[i]))
      {
        Operand *operand = &program->inputs[program->n_inputs];

        describe_operand (self, self->inputs->pdata[i], operand);
        uniform[program->n_inputs] = operand->kind == OPERAND_UNIFORM;
        program->tensors[program->n_inputs++] = self->inputs->pdata[i];
        g_hash_table_insert (values, self->inputs->pdata[i], GUINT_TO_POINTER (program->n_inputs));
      }
  program->n_values = program->n_inputs;
  for (guint i = 0; i < self->inputs->len; i++)
    if (is_constant (self->inputs->pdata[i]))
      {
        guint n_reals;
        const gdouble *reals = gantry_tensor_get_reals (self->inputs->pdata[i], &n_reals);

        if (program->n_constants == PROGRAM_MAX_CONSTANTS || n_reals != 1)
          return NULL;
        program->constants[program->n_constants++] = reals[0];
        uniform[program->n_values++] = TRUE;
        g_hash_table_insert (values, self->inputs->pdata[i], GUINT_TO_POINTER (program->n_values));
      }
  add_steps (self, program, values, uniform);
  program->result = get_value (values, root);
  assign_buffers (program);
  /* what a block touches: the buffers, and the inputs and the output themselves */
  n_live = program->n_buffers + 1;
  for (guint i = 0; i < program->n_inputs; i++)
    n_live += program->buffers[i] < 0;
  block = CACHE_BYTES / (n_live * program->numeric->loops->size);
  program->block = CLAMP (block & ~(gsize) 63, 256, 2048);
  return g_steal_pointer (&program);
}

Program *
openblas_program_new (const Openblas *backend, const GantryClaim *claim, GantryTensor *root, gboolean absorb_root)
{
  g_autoptr(GPtrArray) absorbed = g_ptr_array_new ();
  g_autoptr(GPtrArray) frontier = g_ptr_array_new ();
  g_autoptr(GPtrArray) inputs = g_ptr_array_new ();
  g_autoptr(GHashTable) depths = g_hash_table_new (NULL, NULL);
  Fusion self = { backend, claim, gantry_tensor_get_dtype (root), *gantry_tensor_get_shape (root), absorbed, frontier, inputs, depths };
  const ElementwiseOp *op = find_op (root);

  if (self.dtype == GANTRY_BOOL8 && gantry_tensor_get_n_inputs (root) > 0)
    self.dtype = gantry_tensor_get_dtype (gantry_tensor_get_input (root, 0));
  if (numeric_for (backend, self.dtype) == NULL || gantry_shape_size (&self.shape) == 0)
    return NULL;
  if (absorb_root)
    {
      if (op == NULL || !has_dtypes (&self, root, op))
        return NULL;
      absorb (&self, root);
    }
  else
    g_ptr_array_add (frontier, root);
  while (frontier->len > 0)
    {
      GantryTensor *tensor = take_largest (&self);

      if (may_absorb (&self, tensor))
        absorb (&self, tensor);
      else
        g_ptr_array_add (inputs, tensor);
    }
  return build_program (&self, root);
}

gsize
openblas_program_get_scratch (const Program *program)
{
  return ALIGNED (program->n_buffers * program->block * program->numeric->loops->size);
}
