/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops of one operand, computed in double and rounded. */
#include <math.h>
#include <string.h>

#include "reference.h"

#define T gfloat
#define LOOP(name) name##_float32
#include "unary-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "unary-loops.h"
#undef T
#undef LOOP

/* Truncated towards zero; what int64 cannot hold becomes its smallest value. */
static inline gint64
to_int64 (gdouble x)
{
  return x >= -0x1p63 && x < 0x1p63 ? (gint64) x : G_MININT64;
}

#define CAST(name, From, To, expression) \
  static void \
  cast_##name (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    gsize size = gantry_tensor_get_size (call->tensor); \
    const From *input = inputs[0]; \
    To *y = output; \
 \
    for (gsize i = 0; i < size; i++) \
      { \
        From x = input[i]; \
 \
        y[i] = expression; \
      } \
  }
#define CASTS(from, From) \
  CAST (from##_float32, From, gfloat, (gfloat) x) \
  CAST (from##_float64, From, gdouble, (gdouble) x)

CASTS (float32, gfloat)
CASTS (float64, gdouble)
CASTS (int64, gint64)
CASTS (bool8, guint8)
CAST (float32_int64, gfloat, gint64, to_int64 (x))
CAST (float64_int64, gdouble, gint64, to_int64 (x))
CAST (int64_int64, gint64, gint64, x)
CAST (bool8_int64, guint8, gint64, x)

/* Truth values come from comparisons: nothing is cast to bool8. */
static ReferenceLoop
find_cast (GantryDType from, GantryDType to)
{
  static const ReferenceLoop casts[4][4] = {
    [GANTRY_FLOAT32] = { cast_float32_float32, cast_float32_float64, cast_float32_int64, NULL },
    [GANTRY_FLOAT64] = { cast_float64_float32, cast_float64_float64, cast_float64_int64, NULL },
    [GANTRY_INT64] = { cast_int64_float32, cast_int64_float64, cast_int64_int64, NULL },
    [GANTRY_BOOL8] = { cast_bool8_float32, cast_bool8_float64, cast_bool8_int64, NULL }
  };

  return casts[from][to];
}

static void
loop_detach (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  memmove (output, inputs[0], gantry_tensor_get_size (call->tensor) * gantry_dtype_size (gantry_tensor_get_dtype (call->tensor)));
}

ReferenceLoop
reference_find_unary (GantryTensor *tensor)
{
#define FLOATS(op, name) { op, name##_float32, name##_float64, NULL, NULL }
  static const ReferenceEntry entries[] = {
    FLOATS ("neg", neg), FLOATS ("abs", abs), FLOATS ("sign", sign), FLOATS ("exp", exp), FLOATS ("log", log), FLOATS ("sqrt", sqrt),
    FLOATS ("rsqrt", rsqrt), FLOATS ("reciprocal", reciprocal), FLOATS ("square", square), FLOATS ("tanh", tanh),
    FLOATS ("sigmoid", sigmoid), FLOATS ("softplus", softplus), FLOATS ("relu", relu), FLOATS ("leaky-relu", leaky_relu),
    FLOATS ("scale", scale), FLOATS ("offset", offset),
    { "detach", loop_detach, loop_detach, loop_detach, loop_detach }
  };
  const gchar *name = gantry_tensor_get_op_name (tensor);

  if (strcmp (name, "cast") == 0)
    return find_cast (gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, 0)), gantry_tensor_get_dtype (tensor));
  return reference_find (entries, G_N_ELEMENTS (entries), name, gantry_tensor_get_dtype (tensor));
}
