/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ops that move elements.  A reshape needs no kernel. */
#include <string.h>

#include "reference.h"
#include "walk.h"

/* Through the output, with the input's offset. */
static void
walk_permuted (ReferenceWalk *walk, GantryTensor *tensor)
{
  gsize strides[GANTRY_MAX_DIMS], permuted[GANTRY_MAX_DIMS];

  reference_strides (reference_shape (gantry_tensor_get_input (tensor, 0)), strides);
  for (guint axis = 0; axis < gantry_tensor_get_n_dims (tensor); axis++)
    permuted[axis] = strides[reference_ints (tensor)[axis]];
  reference_walk_init (walk, reference_shape (tensor));
  reference_walk_add_strides (walk, permuted, 0);
}

/* Through a part of an array: @shape, from index @start of an axis of @whole. */
static void
walk_part (ReferenceWalk *walk, const GantryShape *shape, const GantryShape *whole, guint axis, gsize start)
{
  gsize strides[GANTRY_MAX_DIMS];

  reference_strides (whole, strides);
  reference_walk_init (walk, shape);
  reference_walk_add_strides (walk, strides, start * strides[axis]);
}

#define T guint8
#define LOOP(name) name##_1
#include "shape-loops.h"
#undef T
#undef LOOP
#define T guint32
#define LOOP(name) name##_4
#include "shape-loops.h"
#undef T
#undef LOOP
#define T guint64
#define LOOP(name) name##_8
#include "shape-loops.h"
#undef T
#undef LOOP

ReferenceLoop
reference_find_shape (GantryTensor *tensor)
{
#define SIZES(op, name) { op, name##_4, name##_8, name##_8, name##_1 }
  static const ReferenceEntry entries[] = {
    SIZES ("permute", permute), SIZES ("broadcast-to", broadcast_to), SIZES ("slice", slice), SIZES ("pad", pad), SIZES ("concat", concat)
  };

  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor), gantry_tensor_get_dtype (tensor));
}
