/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled for each dtype (LOOPS_FLOAT64 or not) and instruction set; LOOPS_NAME is the table's name. */
#include "config.h"

#include "loops.h"
#include "math-float32.h"

#ifdef LOOPS_FLOAT64
typedef gdouble Real;
#define FABS fabs
#define SQRT sqrt
#define EXP exp
#define LOG log
#define TANH tanh
#define SIGMOID sigmoid_float64
#define SOFTPLUS softplus_float64

static inline gdouble
sigmoid_float64 (gdouble x)
{
  gdouble e = exp (-fabs (x));

  return (x < 0 ? e : 1) / (1 + e);
}

static inline gdouble
softplus_float64 (gdouble x)
{
  return x != x ? x : (x > 0 ? x : 0) + log1p (exp (-fabs (x)));
}
#else
typedef gfloat Real;
#define FABS fabsf
#define SQRT sqrtf
#define EXP exp_float32
#define LOG log_float32
#define TANH tanh_float32
#define SIGMOID sigmoid_float32
#define SOFTPLUS softplus_float32
#endif

#define OP(name, expression) \
  static void \
  name (void *d_, const void *a_, const void *b_ G_GNUC_UNUSED, const void *c_ G_GNUC_UNUSED, gdouble value G_GNUC_UNUSED, gsize n) \
  { \
    Real *d = d_; \
    const Real *a = a_, *b G_GNUC_UNUSED = b_, *c G_GNUC_UNUSED = c_; \
    const Real v G_GNUC_UNUSED = (Real) value; \
    _Pragma ("omp simd") \
    for (gsize i = 0; i < n; i++) \
      { \
        const Real x = a[i]; \
        d[i] = expression; \
      } \
  }

OP (op_neg, -x)
OP (op_abs, FABS (x))
OP (op_sign, (Real) (x > 0) - (Real) (x < 0))
OP (op_exp, EXP (x))
OP (op_log, LOG (x))
OP (op_sqrt, SQRT (x))
OP (op_rsqrt, 1 / SQRT (x))
OP (op_reciprocal, 1 / x)
OP (op_square, x * x)
OP (op_tanh, TANH (x))
OP (op_sigmoid, SIGMOID (x))
OP (op_softplus, SOFTPLUS (x))
OP (op_relu, x < 0 ? 0 : x)
OP (op_leaky_relu, x < 0 ? v * x : x)
OP (op_scale, v * x)
OP (op_offset, x + v)
OP (op_add, x + b[i])
OP (op_sub, x - b[i])
OP (op_mul, x * b[i])
OP (op_div, x / b[i])
OP (op_maximum, x < b[i] || b[i] != b[i] ? b[i] : x)
OP (op_minimum, x > b[i] || b[i] != b[i] ? b[i] : x)
OP (op_less, (Real) (x < b[i]))
OP (op_greater, (Real) (x > b[i]))
OP (op_equal, (Real) (x == b[i]))
OP (op_select, ({ const Real y = b[i], z = c[i]; x != 0 ? y : z; }))
OP (op_copy, x)

static void
fill (void *d_, gdouble value, gsize n)
{
  Real *d = d_, v = (Real) value;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = v;
}

static void
expand (void *d_, const void *s_, gsize n, gsize times)
{
  Real *d = d_;
  const Real *s = s_;

  for (gsize i = 0; i < n; i++, d += times)
    {
      const Real v = s[i];

#pragma omp simd
      for (gsize j = 0; j < times; j++)
        d[j] = v;
    }
}

static void
from_bool (void *d_, const guint8 *s, gsize n)
{
  Real *d = d_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = (Real) (s[i] != 0);
}

static void
to_bool (guint8 *d, const void *s_, gsize n)
{
  const Real *s = s_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = s[i] != 0;
}

#include "loops-lanes.h"
#include "loops-reductions.h"
#include "loops-products.h"

const Loops LOOPS_NAME = {
  sizeof (Real),
  {
    [LOOP_NEG] = op_neg,
    [LOOP_ABS] = op_abs,
    [LOOP_SIGN] = op_sign,
    [LOOP_EXP] = op_exp,
    [LOOP_LOG] = op_log,
    [LOOP_SQRT] = op_sqrt,
    [LOOP_RSQRT] = op_rsqrt,
    [LOOP_RECIPROCAL] = op_reciprocal,
    [LOOP_SQUARE] = op_square,
    [LOOP_TANH] = op_tanh,
    [LOOP_SIGMOID] = op_sigmoid,
    [LOOP_SOFTPLUS] = op_softplus,
    [LOOP_RELU] = op_relu,
    [LOOP_LEAKY_RELU] = op_leaky_relu,
    [LOOP_SCALE] = op_scale,
    [LOOP_OFFSET] = op_offset,
    [LOOP_ADD] = op_add,
    [LOOP_SUB] = op_sub,
    [LOOP_MUL] = op_mul,
    [LOOP_DIV] = op_div,
    [LOOP_MAXIMUM] = op_maximum,
    [LOOP_MINIMUM] = op_minimum,
    [LOOP_LESS] = op_less,
    [LOOP_GREATER] = op_greater,
    [LOOP_EQUAL] = op_equal,
    [LOOP_SELECT] = op_select,
    [LOOP_COPY] = op_copy,
  },
  fill, expand, from_bool, to_bool,
  sum, sum_rows, max, add_into, max_into, from_double, dot, add_scaled, add,
  to_lanes, from_lanes, gather, scatter, weigh, correlate,
};
