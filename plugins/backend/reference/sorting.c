/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Positions of the extreme elements along an axis, and of all of them in order. */
#include "reference.h"

/* The lines of elements along the op's axis. */
typedef struct {
  gsize n;
  gsize length;
  gsize stride; /* between neighbours of a line */
} Lines;

static Lines
find_lines (GantryTensor *tensor)
{
  const GantryShape *shape = reference_shape (gantry_tensor_get_input (tensor, 0));
  Lines lines = { 1, shape->dims[reference_ints (tensor)[0]], 1 };

  for (guint i = reference_ints (tensor)[0] + 1; i < shape->n_dims; i++)
    lines.stride *= shape->dims[i];
  lines.n = gantry_shape_size (shape) / lines.length;
  return lines;
}

static inline gsize
line_start (const Lines *lines, gsize line)
{
  return line / lines->stride * lines->length * lines->stride + line % lines->stride;
}

#define T gfloat
#define LOOP(name) name##_float32
#include "sorting-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "sorting-loops.h"
#undef T
#undef LOOP
#define T gint64
#define LOOP(name) name##_int64
#include "sorting-loops.h"

ReferenceLoop
reference_find_sorting (GantryTensor *tensor)
{
#define NUMBERS(op, name) { op, name##_float32, name##_float64, name##_int64, NULL }
  static const ReferenceEntry entries[] = { NUMBERS ("arg-max", arg_max), NUMBERS ("arg-min", arg_min), NUMBERS ("arg-sort", arg_sort) };

  if (gantry_tensor_get_n_inputs (tensor) != 1)
    return NULL;
  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor),
                         gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, 0)));
}
