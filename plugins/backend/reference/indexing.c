/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements and slices that an int64 tensor names; sums are made in the order of the index. */
#include <math.h>
#include <string.h>

#include "reference.h"

/* The side that is indexed is [outer, size, inner], the other one [outer, n, inner]. */
typedef struct {
  gsize outer, size, n, inner;
} Indexing;

static gsize
product (const GantryShape *shape, guint from, guint to)
{
  gsize result = 1;

  for (guint i = from; i < to; i++)
    result *= shape->dims[i];
  return result;
}

/* Where the index has all axes. */
static Indexing
describe_elements (GantryTensor *y, GantryTensor *indexed, GantryTensor *index)
{
  const GantryShape *shape = reference_shape (indexed);
  guint axis = reference_ints (y)[0];

  return (Indexing) { product (shape, 0, axis), shape->dims[axis], gantry_tensor_get_dim (index, axis), product (shape, axis + 1, shape->n_dims) };
}

/* Where it has those of one axis. */
static Indexing
describe_slices (GantryTensor *y, GantryTensor *indexed, GantryTensor *index)
{
  Indexing g = describe_elements (y, indexed, index);

  g.n = gantry_tensor_get_size (index);
  return g;
}

static inline gboolean
is_within (gint64 index, gsize size)
{
  return index >= 0 && (guint64) index < size;
}

#define INPUT(i) gantry_tensor_get_input (call->tensor, i)

#define T gfloat
#define MISSING NAN
#define LOOP(name) name##_float32
#include "indexing-loops.h"
#undef T
#undef MISSING
#undef LOOP
#define T gdouble
#define MISSING NAN
#define LOOP(name) name##_float64
#include "indexing-loops.h"
#undef T
#undef MISSING
#undef LOOP
#define T gint64
#define MISSING G_MININT64
#define LOOP(name) name##_int64
#include "indexing-loops.h"
#undef T
#undef MISSING
#undef LOOP
#define T guint8
#define MISSING 0
#define LOOP(name) name##_bool8
#include "indexing-loops.h"
#undef T
#undef MISSING
#undef LOOP

ReferenceLoop
reference_find_indexing (GantryTensor *tensor)
{
#define ALL(op, name) { op, name##_float32, name##_float64, name##_int64, name##_bool8 }
#define FLOATS(op, name) { op, name##_float32, name##_float64, NULL, NULL }
  static const ReferenceEntry entries[] = {
    ALL ("gather", gather), ALL ("index-select", index_select), FLOATS ("scatter-add", scatter_add), FLOATS ("index-add", index_add)
  };

  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor), gantry_tensor_get_dtype (tensor));
}
