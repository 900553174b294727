/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* permute, slice, pad, concat: bytes that move, of any dtype. */
#include "config.h"

#include <string.h>

#include "openblas-private.h"

/* slice, pad and concat see a tensor as [outer, axis, inner]: pieces of `inner` bytes. */
typedef struct {
  gsize outer;
  gsize before;                            /* bytes of zeros in each outer piece of the output */
  gsize after;
  gsize step;                              /* bytes of an outer piece of the output */
  guint n_inputs;
  gsize skip[GANTRY_KERNEL_MAX_INPUTS];    /* bytes left out at the start of an outer piece of an input */
  gsize length[GANTRY_KERNEL_MAX_INPUTS];  /* bytes copied */
  gsize stride[GANTRY_KERNEL_MAX_INPUTS];  /* bytes of an outer piece of an input */
} Pieces;

static void
pieces_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Pieces *self = data;

#pragma omp parallel for schedule(static) if (self->outer * self->step > 8 * PARALLEL_WORK)
  for (gsize i = 0; i < self->outer; i++)
    {
      guint8 *to = (guint8 *) output + i * self->step;

      memset (to, 0, self->before);
      to += self->before;
      for (guint k = 0; k < self->n_inputs; to += self->length[k++])
        memcpy (to, (const guint8 *) inputs[k] + i * self->stride[k] + self->skip[k], self->length[k]);
      memset (to, 0, self->after);
    }
}

static gboolean
claim_pieces (const GantryClaim *claim, GantryKernel *kernel, const gchar *op)
{
  GantryTensor *tensor = claim->tensor;
  const GantryShape *shape = gantry_tensor_get_shape (tensor);
  guint n_ints, axis;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);
  gboolean is_slice = g_str_equal (op, "slice"), is_pad = g_str_equal (op, "pad");
  gsize inner = gantry_dtype_size (gantry_tensor_get_dtype (tensor));
  Pieces *self;

  if (n_ints < (is_slice || is_pad ? 3 : 1) || ints[0] < 0 || ints[0] >= shape->n_dims ||
      gantry_tensor_get_n_inputs (tensor) > GANTRY_KERNEL_MAX_INPUTS)
    return FALSE;
  axis = ints[0];
  self = g_new0 (Pieces, 1);
  self->outer = 1;
  for (guint i = 0; i < axis; i++)
    self->outer *= shape->dims[i];
  for (guint i = axis + 1; i < shape->n_dims; i++)
    inner *= shape->dims[i];
  self->step = shape->dims[axis] * inner;
  self->before = is_pad ? ints[1] * inner : 0;
  self->after = is_pad ? ints[2] * inner : 0;
  self->n_inputs = gantry_tensor_get_n_inputs (tensor);
  for (guint i = 0; i < self->n_inputs; i++)
    {
      self->stride[i] = gantry_tensor_get_dim (gantry_tensor_get_input (tensor, i), axis) * inner;
      self->skip[i] = is_slice ? ints[1] * inner : 0;
      self->length[i] = is_slice ? self->step : self->stride[i];
    }
  openblas_fill_kernel (kernel, "copy", 0, pieces_run, self, g_free);
  return TRUE;
}

/* permute: over the output's axes with strides into the input; two axes are walked in squares so that both sides use whole cache lines. */
typedef struct {
  gsize size;                     /* bytes of an element */
  guint n_axes;
  gsize dims[GANTRY_MAX_DIMS];    /* of the output */
  gsize strides[GANTRY_MAX_DIMS]; /* into the input, in elements */
  gsize output_strides[GANTRY_MAX_DIMS];
  guint column;                   /* the axis that is contiguous in the input */
  gsize n_outer;                  /* products of the axes that are neither the last nor that one */
} Permutation;

#define SQUARE 16

#define COPY_SQUARE(Type) \
  for (gsize j = 0; j < columns; j++) \
    for (gsize i = 0; i < rows; i++) \
      ((Type *) to)[j * to_step + i] = ((const Type *) from)[j + i * from_step];

static void
copy_square (gsize size, gpointer to, gsize to_step, gconstpointer from, gsize from_step, gsize rows, gsize columns)
{
  if (size == 1)
    COPY_SQUARE (guint8)
  else if (size == 4)
    COPY_SQUARE (guint32)
  else
    COPY_SQUARE (guint64)
}

static void
permutation_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Permutation *self = data;
  guint last = self->n_axes - 1;
  gsize rows = self->dims[last], columns = self->column == last ? 1 : self->dims[self->column];

#pragma omp parallel for schedule(static) if (self->n_outer * rows * columns > PARALLEL_WORK)
  for (gsize outer = 0; outer < self->n_outer; outer++)
    {
      const guint8 *from = inputs[0];
      guint8 *to = output;
      gsize rest = outer;

      for (guint axis = last; axis-- > 0;)
        if (axis != self->column)
          {
            gsize index = rest % self->dims[axis];

            from += index * self->strides[axis] * self->size;
            to += index * self->output_strides[axis] * self->size;
            rest /= self->dims[axis];
          }
      if (self->column == last)
        memcpy (to, from, rows * self->size);
      else
        for (gsize column = 0; column < columns; column += SQUARE)
          for (gsize row = 0; row < rows; row += SQUARE)
            copy_square (self->size, to + (column * self->output_strides[self->column] + row) * self->size,
                         self->output_strides[self->column], from + (column + row * self->strides[last]) * self->size, self->strides[last],
                         MIN (SQUARE, rows - row), MIN (SQUARE, columns - column));
    }
}

static gboolean
claim_permutation (const GantryClaim *claim, GantryKernel *kernel)
{
  const GantryShape *shape = gantry_tensor_get_shape (claim->tensor);
  const GantryShape *from = gantry_tensor_get_shape (gantry_tensor_get_input (claim->tensor, 0));
  guint n_ints;
  const gint64 *axes = gantry_tensor_get_ints (claim->tensor, &n_ints);
  gsize strides[GANTRY_MAX_DIMS], stride = 1;
  Permutation *self;

  if (shape->n_dims == 0 || n_ints < shape->n_dims)
    return FALSE;
  for (guint axis = from->n_dims; axis-- > 0; stride *= from->dims[axis])
    strides[axis] = stride;
  self = g_new0 (Permutation, 1);
  self->size = gantry_dtype_size (gantry_tensor_get_dtype (claim->tensor));
  for (guint axis = 0; axis < shape->n_dims; axis++)
    {
      gsize step = strides[axes[axis]];

      if (shape->dims[axis] == 1)
        continue;
      /* axes that stay neighbours are one */
      if (self->n_axes > 0 && self->strides[self->n_axes - 1] == step * shape->dims[axis])
        self->dims[self->n_axes - 1] *= shape->dims[axis];
      else
        self->dims[self->n_axes++] = shape->dims[axis];
      self->strides[self->n_axes - 1] = step;
    }
  if (self->n_axes == 0)
    {
      self->dims[0] = self->strides[0] = 1;
      self->n_axes = 1;
    }
  stride = 1;
  self->n_outer = 1;
  for (guint axis = self->n_axes; axis-- > 0; stride *= self->dims[axis])
    {
      self->output_strides[axis] = stride;
      if (self->strides[axis] == 1)
        self->column = axis;
    }
  for (guint axis = 0; axis + 1 < self->n_axes; axis++)
    if (axis != self->column)
      self->n_outer *= self->dims[axis];
  openblas_fill_kernel (kernel, "permute", 0, permutation_run, self, g_free);
  return TRUE;
}

gboolean
openblas_claim_movement (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  const gchar *op = gantry_tensor_get_op_name (claim->tensor);

  if (gantry_tensor_get_size (claim->tensor) == 0)
    return FALSE;
  if (g_str_equal (op, "permute"))
    return claim_permutation (claim, kernel);
  return claim_pieces (claim, kernel, op);
}
