/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops of one operand, computed in double and rounded. */
#include <math.h>
#include <string.h>

#include "reference.h"

/* Name, op, value at x; `real` is the op's attribute. */
#define FUNCTIONS(function) \
  function (neg, "neg", -x) \
  function (abs, "abs", fabs (x)) \
  function (sign, "sign", (x > 0) - (x < 0)) \
  function (exp, "exp", exp (x)) \
  function (expm1, "expm1", expm1 (x)) \
  function (log, "log", log (x)) \
  function (log1p, "log1p", log1p (x)) \
  function (sqrt, "sqrt", sqrt (x)) \
  function (rsqrt, "rsqrt", 1 / sqrt (x)) \
  function (reciprocal, "reciprocal", 1 / x) \
  function (square, "square", x * x) \
  function (sin, "sin", sin (x)) \
  function (cos, "cos", cos (x)) \
  function (tanh, "tanh", tanh (x)) \
  function (erf, "erf", erf (x)) \
  function (sigmoid, "sigmoid", x >= 0 ? 1 / (1 + exp (-x)) : exp (x) / (1 + exp (x))) \
  function (softplus, "softplus", (x > 0 ? x : 0) + log1p (exp (-fabs (x)))) \
  function (relu, "relu", x < 0 ? 0 : x) \
  function (leaky_relu, "leaky-relu", x < 0 ? real * x : x) \
  function (scale, "scale", real * x) \
  function (offset, "offset", x + real) \
  function (floor, "floor", floor (x)) \
  function (ceil, "ceil", ceil (x)) \
  function (round, "round", nearbyint (x))

/* int64 wraps around. */
#define INTEGER_FUNCTIONS(function) \
  function (neg, "neg", -(guint64) x) \
  function (abs, "abs", x < 0 ? -(guint64) x : (guint64) x) \
  function (sign, "sign", (x > 0) - (x < 0))

#define LOOP(name, Type, Wide, expression) \
  static void \
  name (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    gsize size = gantry_tensor_get_size (call->tensor); \
    gdouble real G_GNUC_UNUSED = reference_real (call->tensor); \
    const Type *input = inputs[0]; \
    Type *y = output; \
 \
    for (gsize i = 0; i < size; i++) \
      { \
        Wide x = input[i]; \
 \
        y[i] = (Type) (expression); \
      } \
  }
#define FLOAT32(name, op, expression) LOOP (name##_float32, gfloat, gdouble, expression)
#define FLOAT64(name, op, expression) LOOP (name##_float64, gdouble, gdouble, expression)
#define INT64(name, op, expression) LOOP (name##_int64, gint64, gint64, expression)

FUNCTIONS (FLOAT32)
FUNCTIONS (FLOAT64)
INTEGER_FUNCTIONS (INT64)
LOOP (not_bool8, guint8, guint8, x == 0)

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
#define FLOATS(name, op, expression) { op, name##_float32, name##_float64, NULL, NULL },
#define INTEGERS(name, op, expression) { op, NULL, NULL, name##_int64, NULL },
  static const ReferenceEntry floats[] = { FUNCTIONS (FLOATS) { "detach", loop_detach, loop_detach, loop_detach, loop_detach } };
  static const ReferenceEntry others[] = { INTEGER_FUNCTIONS (INTEGERS) { "logical-not", NULL, NULL, NULL, not_bool8 } };
  GantryDType dtype = gantry_tensor_get_dtype (tensor);
  const gchar *name = gantry_tensor_get_op_name (tensor);

  if (strcmp (name, "cast") == 0)
    return find_cast (gantry_tensor_get_dtype (gantry_tensor_get_input (tensor, 0)), gantry_tensor_get_dtype (tensor));
  if (gantry_dtype_is_float (dtype) || strcmp (name, "detach") == 0)
    return reference_find (floats, G_N_ELEMENTS (floats), name, dtype);
  return reference_find (others, G_N_ELEMENTS (others), name, dtype);
}
