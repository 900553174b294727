/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops of several operands, broadcast against each other. */
#include "reference.h"
#include "walk.h"

static void
start_walk (ReferenceWalk *walk, GantryTensor *tensor)
{
  reference_walk_init (walk, reference_shape (tensor));
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    reference_walk_add (walk, reference_shape (gantry_tensor_get_input (tensor, i)), 0);
}

#define T gfloat
#define LOOP(name) name##_float32
#include "binary-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "binary-loops.h"
#undef T
#undef LOOP

/* int64 wraps around, so it is added as guint64; it has no division. */
#define INT64(op_name, Result, expression) \
  static void \
  op_name##_int64 (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    const gint64 *left = inputs[0], *right = inputs[1]; \
    Result *y = output; \
    ReferenceWalk walk; \
 \
    start_walk (&walk, call->tensor); \
    do \
      { \
        gint64 a = left[walk.offsets[0]], b = right[walk.offsets[1]]; \
 \
        *y++ = expression; \
      } \
    while (reference_walk_next (&walk)); \
  }

INT64 (add, gint64, (gint64) ((guint64) a + (guint64) b))
INT64 (sub, gint64, (gint64) ((guint64) a - (guint64) b))
INT64 (mul, gint64, (gint64) ((guint64) a * (guint64) b))
INT64 (maximum, gint64, a > b ? a : b)
INT64 (minimum, gint64, a < b ? a : b)
INT64 (less, guint8, a < b)
INT64 (greater, guint8, a > b)
INT64 (equal, guint8, a == b)

#define SELECT(name, Type) \
  static void \
  select_##name (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    const guint8 *condition = inputs[0]; \
    const Type *a = inputs[1], *b = inputs[2]; \
    Type *y = output; \
    ReferenceWalk walk; \
 \
    start_walk (&walk, call->tensor); \
    do \
      *y++ = condition[walk.offsets[0]] != 0 ? a[walk.offsets[1]] : b[walk.offsets[2]]; \
    while (reference_walk_next (&walk)); \
  }

SELECT (float32, gfloat)
SELECT (float64, gdouble)
SELECT (int64, gint64)
SELECT (bool8, guint8)

ReferenceLoop
reference_find_binary (GantryTensor *tensor)
{
#define NUMBERS(op, name) { op, name##_float32, name##_float64, name##_int64, NULL }
  static const ReferenceEntry entries[] = {
    NUMBERS ("add", add), NUMBERS ("sub", sub), NUMBERS ("mul", mul), NUMBERS ("maximum", maximum), NUMBERS ("minimum", minimum),
    NUMBERS ("less", less), NUMBERS ("greater", greater), NUMBERS ("equal", equal),
    { "div", div_float32, div_float64, NULL, NULL },
    { "select", select_float32, select_float64, select_int64, select_bool8 }
  };
  guint n_inputs = gantry_tensor_get_n_inputs (tensor);

  /* Comparisons give bool8: the last operand says the type. */
  if (n_inputs < 2)
    return NULL;
  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor),
                         gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, n_inputs - 1)));
}
