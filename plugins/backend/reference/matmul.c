/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Products of stacks of matrices; sums are made in double. */
#include "reference.h"
#include "walk.h"

/* a is m x k and b is k x n after transposition; strides in elements. */
typedef struct {
  gsize m, n, k;
  gsize a_row, a_column, b_row, b_column;
} Matmul;

/* The axes before the matrix, with strides that step from matrix to matrix. */
static void
add_stack (ReferenceWalk *batch, const GantryShape *shape)
{
  gsize strides[GANTRY_MAX_DIMS], stack[GANTRY_MAX_DIMS] = { 0 };
  guint n_stack = shape->n_dims - 2;
  guint missing = batch->shape.n_dims - n_stack;

  reference_strides (shape, strides);
  for (guint axis = 0; axis < n_stack; axis++)
    stack[missing + axis] = shape->dims[axis] == 1 ? 0 : strides[axis];
  reference_walk_add_strides (batch, stack, 0);
}

static void
start_matmul (GantryTensor *tensor, Matmul *matmul, ReferenceWalk *batch)
{
  const GantryShape *shape = reference_shape (tensor);
  const GantryShape *a = reference_shape (gantry_tensor_get_input (tensor, 0)), *b = reference_shape (gantry_tensor_get_input (tensor, 1));
  gboolean transpose_a = reference_ints (tensor)[0] != 0, transpose_b = reference_ints (tensor)[1] != 0;
  gsize a_columns = a->dims[a->n_dims - 1], b_columns = b->dims[b->n_dims - 1];
  GantryShape leading = *shape;

  matmul->m = shape->dims[shape->n_dims - 2];
  matmul->n = shape->dims[shape->n_dims - 1];
  matmul->k = a->dims[a->n_dims - (transpose_a ? 2 : 1)];
  matmul->a_row = transpose_a ? 1 : a_columns;
  matmul->a_column = transpose_a ? a_columns : 1;
  matmul->b_row = transpose_b ? 1 : b_columns;
  matmul->b_column = transpose_b ? b_columns : 1;
  leading.n_dims -= 2;
  reference_walk_init (batch, &leading);
  add_stack (batch, a);
  add_stack (batch, b);
}

#define T gfloat
#define LOOP(name) name##_float32
#include "matmul-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "matmul-loops.h"
#undef T
#undef LOOP

ReferenceLoop
reference_find_matmul (GantryTensor *tensor)
{
  static const ReferenceEntry entries[] = { { "matmul", matmul_float32, matmul_float64, NULL, NULL } };

  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor), gantry_tensor_get_dtype (tensor));
}
