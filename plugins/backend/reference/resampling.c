/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sparse linear maps along an axis, and where the largest element of a window is; sums are made in double. */
#include "reference.h"

/* [outer, columns, inner] to [outer, rows, inner] */
typedef struct {
  gsize outer, rows, columns, inner;
  const gint64 *starts, *places;
  const gdouble *weights;
} Resampling;

static Resampling
describe_resampling (GantryTensor *y)
{
  const GantryShape *shape = reference_shape (gantry_tensor_get_input (y, 0));
  const gint64 *ints = reference_ints (y);
  Resampling g = { 1, ints[1], shape->dims[ints[0]], 1, ints + 2, ints + 3 + ints[1], reference_reals (y) };

  for (guint i = 0; i < shape->n_dims; i++)
    if (i < ints[0])
      g.outer *= shape->dims[i];
    else if (i > ints[0])
      g.inner *= shape->dims[i];
  return g;
}

typedef struct {
  gsize outer;
  gint64 height, width, rows, columns;
  const gint64 *kernel, *stride, *padding, *dilation;
} Windows;

static Windows
describe_windows (GantryTensor *y)
{
  const GantryShape *shape = reference_shape (gantry_tensor_get_input (y, 0));
  const gint64 *ints = reference_ints (y);
  gint64 height = shape->dims[shape->n_dims - 2], width = shape->dims[shape->n_dims - 1];

  return (Windows) { gantry_tensor_get_size (gantry_tensor_get_input (y, 0)) / (height * width), height, width, ints[8], ints[9],
                     ints, ints + 2, ints + 4, ints + 6 };
}

#define T gfloat
#define LOOP(name) name##_float32
#include "resampling-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "resampling-loops.h"
#undef T
#undef LOOP

ReferenceLoop
reference_find_resampling (GantryTensor *tensor)
{
  static const ReferenceEntry entries[] = { { "resample", resample_float32, resample_float64, NULL, NULL },
                                            { "max-pool-index", max_pool_index_float32, max_pool_index_float64, NULL, NULL } };
  const gchar *name = gantry_tensor_get_op_name (tensor);

  /* By what is read: places are int64 whatever they are places in. */
  if (gantry_tensor_get_n_inputs (tensor) != 1)
    return NULL;
  return reference_find (entries, G_N_ELEMENTS (entries), name, gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, 0)));
}
