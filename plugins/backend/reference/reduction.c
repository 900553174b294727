/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sums and maxima over sets of axes; sums of real numbers are made in double. */
#include "reference.h"
#include "walk.h"

/* One walk over the axes that stay, one over those that go, both with the input's strides. */
static void
start_walks (GantryTensor *tensor, ReferenceWalk *kept, ReferenceWalk *reduced)
{
  const GantryShape *shape = reference_shape (gantry_tensor_get_input (tensor, 0));
  guint axes = reference_ints (tensor)[0];
  gsize strides[GANTRY_MAX_DIMS];
  GantryShape shapes[2] = { { 0 } };
  gsize parts[2][GANTRY_MAX_DIMS] = { { 0 } };

  reference_strides (shape, strides);
  for (guint axis = 0; axis < shape->n_dims; axis++)
    {
      guint part = (axes & GANTRY_AXIS (axis)) != 0;

      parts[part][shapes[part].n_dims] = strides[axis];
      shapes[part].dims[shapes[part].n_dims++] = shape->dims[axis];
    }
  reference_walk_init (kept, &shapes[0]);
  reference_walk_add_strides (kept, parts[0], 0);
  reference_walk_init (reduced, &shapes[1]);
  reference_walk_add_strides (reduced, parts[1], 0);
}

#define SUM gdouble
#define T gfloat
#define LOOP(name) name##_float32
#include "reduction-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "reduction-loops.h"
#undef T
#undef LOOP
#undef SUM
/* int64 wraps around. */
#define SUM guint64
#define T gint64
#define LOOP(name) name##_int64
#include "reduction-loops.h"

ReferenceLoop
reference_find_reduction (GantryTensor *tensor)
{
  static const ReferenceEntry entries[] = {
    { "sum", sum_float32, sum_float64, sum_int64, NULL }, { "max", max_float32, max_float64, max_int64, NULL }
  };

  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor), gantry_tensor_get_dtype (tensor));
}
