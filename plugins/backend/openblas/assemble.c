/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fused program written down: its operands, its steps in order, and its results. */
#include "config.h"

#include <string.h>

#include "fuse.h"

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
      const ElementwiseOp *op = openblas_find_elementwise (tensor);
      guint n_reals, n_inputs = gantry_tensor_get_n_inputs (tensor);
      const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);
      LoopStep *step = &program->steps[program->n_steps];

      if (op->op == LOOP_COPY)
        {
          g_hash_table_insert (values, tensor, GUINT_TO_POINTER (get_value (values, gantry_tensor_get_input (tensor, 0)) + 1));
          continue;
        }
      *step = (LoopStep) { .op = op->op, .result = program->n_values, .value = n_reals > 0 ? reals[0] : 0 };
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
        LoopStep step = program->steps[i];

        memmove (&program->steps[program->n_uniform_steps + 1], &program->steps[program->n_uniform_steps],
                 (i - program->n_uniform_steps) * sizeof step);
        program->steps[program->n_uniform_steps++] = step;
      }
}

static void
list_results (const Fusion *self, Program *program, GHashTable *values)
{
  for (guint k = 0; k < self->n_roots; k++)
    {
      GantryTensor *root = self->roots[k].tensor;

      program->results[program->n_results++] = (Result) { get_value (values, root), gantry_tensor_get_dtype (root) == GANTRY_BOOL8,
                                                          self->roots[k].is_stored, 0 };
    }
}

Program *
openblas_assemble (Fusion *self)
{
  g_autoptr (GHashTable) values = g_hash_table_new (NULL, NULL);
  gboolean uniform[PROGRAM_MAX_VALUES] = { FALSE };
  g_autofree Program *program = g_new0 (Program, 1);

  program->numeric = numeric_for (self->backend, self->dtype);
  program->shape = self->shape;
  program->size = gantry_shape_size (&self->shape);
  g_ptr_array_sort (self->inputs, compare_ids);
  g_ptr_array_sort (self->absorbed, compare_ids);
  for (guint i = 0; i < self->inputs->len; i++)
    if (!openblas_is_constant (self->inputs->pdata[i]))
      {
        Operand *operand = &program->inputs[program->n_inputs];

        if (program->n_inputs == PROGRAM_MAX_INPUTS)
          return NULL;
        describe_operand (self, self->inputs->pdata[i], operand);
        uniform[program->n_inputs] = operand->kind == OPERAND_UNIFORM;
        program->tensors[program->n_inputs++] = self->inputs->pdata[i];
        g_hash_table_insert (values, self->inputs->pdata[i], GUINT_TO_POINTER (program->n_inputs));
      }
  program->n_values = program->n_inputs;
  for (guint i = 0; i < self->inputs->len; i++)
    if (openblas_is_constant (self->inputs->pdata[i]))
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
  list_results (self, program, values);
  return openblas_program_place (program) ? g_steal_pointer (&program) : NULL;
}
