/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Goes through the elements of a shape, keeping offsets into arrays with other strides. */
#pragma once

#include "reference.h"

typedef struct {
  GantryShape shape;
  gsize index[GANTRY_MAX_DIMS];
  gsize strides[REFERENCE_MAX_OPERANDS][GANTRY_MAX_DIMS];
  gsize offsets[REFERENCE_MAX_OPERANDS];
  guint n_operands;
} ReferenceWalk;

static inline void
reference_walk_init (ReferenceWalk *walk, const GantryShape *shape)
{
  *walk = (ReferenceWalk) { .shape = *shape };
}

/* Row-major distances of an array's axes. */
static inline void
reference_strides (const GantryShape *shape, gsize *strides)
{
  gsize stride = 1;

  for (guint axis = shape->n_dims; axis-- > 0;)
    {
      strides[axis] = stride;
      stride *= shape->dims[axis];
    }
}

/* An array that is broadcast to the walk's shape; @start is the offset of its first element. */
static inline void
reference_walk_add (ReferenceWalk *walk, const GantryShape *shape, gsize start)
{
  gsize strides[GANTRY_MAX_DIMS];
  guint missing = walk->shape.n_dims - shape->n_dims;

  reference_strides (shape, strides);
  for (guint axis = 0; axis < shape->n_dims; axis++)
    walk->strides[walk->n_operands][missing + axis] = shape->dims[axis] == 1 ? 0 : strides[axis];
  walk->offsets[walk->n_operands++] = start;
}

/* An array with given strides. */
static inline void
reference_walk_add_strides (ReferenceWalk *walk, const gsize *strides, gsize start)
{
  for (guint axis = 0; axis < walk->shape.n_dims; axis++)
    walk->strides[walk->n_operands][axis] = strides[axis];
  walk->offsets[walk->n_operands++] = start;
}

/* To the next element; FALSE after the last. */
static inline gboolean
reference_walk_next (ReferenceWalk *walk)
{
  for (guint axis = walk->shape.n_dims; axis-- > 0;)
    {
      walk->index[axis]++;
      for (guint i = 0; i < walk->n_operands; i++)
        walk->offsets[i] += walk->strides[i][axis];
      if (walk->index[axis] < walk->shape.dims[axis])
        return TRUE;
      for (guint i = 0; i < walk->n_operands; i++)
        walk->offsets[i] -= walk->strides[i][axis] * walk->shape.dims[axis];
      walk->index[axis] = 0;
    }
  return FALSE;
}
