/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops of several operands, broadcast against each other. */
#include <math.h>

#include "reference.h"
#include "walk.h"

static void
start_walk (ReferenceWalk *walk, GantryTensor *tensor)
{
  reference_walk_init (walk, reference_shape (tensor));
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    reference_walk_add (walk, reference_shape (gantry_tensor_get_input (tensor, i)), 0);
}

/* Name, op, value at a and b. */
#define VALUES(function) \
  function (add, "add", a + b) \
  function (sub, "sub", a - b) \
  function (mul, "mul", a * b) \
  function (div, "div", a / b) \
  function (maximum, "maximum", a > b || a != a ? a : b) \
  function (minimum, "minimum", a < b || a != a ? a : b) \
  function (pow, "pow", pow (a, b)) \
  function (atan2, "atan2", atan2 (a, b))

/* int64 wraps around; it has no division. */
#define INTEGER_VALUES(function) \
  function (add, "add", (guint64) a + (guint64) b) \
  function (sub, "sub", (guint64) a - (guint64) b) \
  function (mul, "mul", (guint64) a * (guint64) b) \
  function (maximum, "maximum", a > b ? a : b) \
  function (minimum, "minimum", a < b ? a : b)

#define COMPARISONS(function) \
  function (less, "less", a < b) \
  function (greater, "greater", a > b) \
  function (equal, "equal", a == b) \
  function (less_equal, "less-equal", a <= b) \
  function (greater_equal, "greater-equal", a >= b) \
  function (not_equal, "not-equal", a != b)

#define LOOP(name, Type, Result, expression) \
  static void \
  name (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    const Type *left = inputs[0], *right = inputs[1]; \
    Result *y = output; \
    ReferenceWalk walk; \
 \
    start_walk (&walk, call->tensor); \
    do \
      { \
        Type a = left[walk.offsets[0]], b = right[walk.offsets[1]]; \
 \
        *y++ = (Result) (expression); \
      } \
    while (reference_walk_next (&walk)); \
  }
#define VALUE_FLOAT32(name, op, expression) LOOP (name##_float32, gfloat, gfloat, expression)
#define VALUE_FLOAT64(name, op, expression) LOOP (name##_float64, gdouble, gdouble, expression)
#define VALUE_INT64(name, op, expression) LOOP (name##_int64, gint64, gint64, expression)
#define TRUTH_FLOAT32(name, op, expression) LOOP (name##_float32, gfloat, guint8, expression)
#define TRUTH_FLOAT64(name, op, expression) LOOP (name##_float64, gdouble, guint8, expression)
#define TRUTH_INT64(name, op, expression) LOOP (name##_int64, gint64, guint8, expression)

VALUES (VALUE_FLOAT32)
VALUES (VALUE_FLOAT64)
INTEGER_VALUES (VALUE_INT64)
COMPARISONS (TRUTH_FLOAT32)
COMPARISONS (TRUTH_FLOAT64)
COMPARISONS (TRUTH_INT64)
LOOP (and_bool8, guint8, guint8, a != 0 && b != 0)
LOOP (or_bool8, guint8, guint8, a != 0 || b != 0)

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
#define FLOATS(name, op, expression) { op, name##_float32, name##_float64, NULL, NULL },
#define INTEGERS(name, op, expression) { op, NULL, NULL, name##_int64, NULL },
#define NUMBERS(name, op, expression) { op, name##_float32, name##_float64, name##_int64, NULL },
  static const ReferenceEntry numbers[] = {
    VALUES (FLOATS) COMPARISONS (NUMBERS) { "select", select_float32, select_float64, select_int64, select_bool8 }
  };
  static const ReferenceEntry others[] = {
    INTEGER_VALUES (INTEGERS) { "logical-and", NULL, NULL, NULL, and_bool8 }, { "logical-or", NULL, NULL, NULL, or_bool8 }
  };
  const gchar *name = gantry_tensor_get_op_name (tensor);
  guint n_inputs = gantry_tensor_get_n_inputs (tensor);
  GantryDType dtype;
  ReferenceLoop loop;

  if (n_inputs < 2)
    return NULL;
  /* Comparisons give bool8: the last operand says the type. */
  dtype = gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, n_inputs - 1));
  loop = reference_find (numbers, G_N_ELEMENTS (numbers), name, dtype);
  return loop != NULL ? loop : reference_find (others, G_N_ELEMENTS (others), name, dtype);
}
