/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T and LOOP (name) defined. */

#define UNARY(op_name, expression) \
  static void \
  LOOP (op_name) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    gsize size = gantry_tensor_get_size (call->tensor); \
    const T *input = inputs[0]; \
    T *y = output; \
 \
    for (gsize i = 0; i < size; i++) \
      { \
        gdouble x = input[i]; \
 \
        y[i] = (T) (expression); \
      } \
  }

/* With the op's first real. */
#define UNARY_REAL(op_name, expression) \
  static void \
  LOOP (op_name) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    gsize size = gantry_tensor_get_size (call->tensor); \
    gdouble real = reference_reals (call->tensor)[0]; \
    const T *input = inputs[0]; \
    T *y = output; \
 \
    for (gsize i = 0; i < size; i++) \
      { \
        gdouble x = input[i]; \
 \
        y[i] = (T) (expression); \
      } \
  }

UNARY (neg, -x)
UNARY (abs, fabs (x))
UNARY (sign, (x > 0) - (x < 0))
UNARY (exp, exp (x))
UNARY (log, log (x))
UNARY (sqrt, sqrt (x))
UNARY (rsqrt, 1 / sqrt (x))
UNARY (reciprocal, 1 / x)
UNARY (square, x * x)
UNARY (tanh, tanh (x))
UNARY (sigmoid, x >= 0 ? 1 / (1 + exp (-x)) : exp (x) / (1 + exp (x)))
UNARY (softplus, (x > 0 ? x : 0) + log1p (exp (-fabs (x))))
UNARY (relu, x < 0 ? 0 : x)
UNARY_REAL (leaky_relu, x < 0 ? real * x : x)
UNARY_REAL (scale, real * x)
UNARY_REAL (offset, x + real)

#undef UNARY
#undef UNARY_REAL
