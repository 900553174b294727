/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: its type, and the loops of the ops that loops-elementwise.h lists. */
#pragma once

#include "math-float32.h"

#ifdef LOOPS_FLOAT64
typedef gdouble Real;
#define FABS fabs
#define SQRT sqrt
#define FLOOR floor
#define CEIL ceil
#define ROUND rint
#define EXP exp
#define EXPM1 expm1
#define LOG log
#define LOG1P log1p
#define POW pow
#define ATAN2 atan2
#define TANH tanh
#define ERF erf
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
#define FLOOR floorf
#define CEIL ceilf
#define ROUND rintf
#define EXP exp_float32
#define EXPM1 expm1_float32
#define LOG log_float32
#define LOG1P log1p_float32
#define POW powf
#define ATAN2 atan2f
#define TANH tanh_float32
#define ERF erf_float32
#define SIGMOID sigmoid_float32
#define SOFTPLUS softplus_float32
#endif

/* An op with fewer operands has its last one as y and z, too. */
#define LOOP(name, op, flags, expression) \
  static void \
  loop_##name (void *d_, const void *a_, const void *b_, const void *c_, gdouble value, gsize n) \
  { \
    Real *d = d_; \
    const Real *a = a_, *b = b_, *c = c_; \
    const Real v G_GNUC_UNUSED = (Real) value; \
    _Pragma ("omp simd") \
    for (gsize i = 0; i < n; i++) \
      { \
        const Real x = a[i], y G_GNUC_UNUSED = b[i], z G_GNUC_UNUSED = c[i]; \
        d[i] = expression; \
      } \
  }
#define OWN(...)

ELEMENTWISE_OPS (LOOP, OWN)
LOOP (COPY, "copy", 0, x)

/* Sine and cosine of numbers that a loop can reduce, in pieces; of larger ones by the C library. */
#define CIRCULAR(name, function, exact) \
  static void \
  loop_##name (void *d_, const void *a_, const void *b_ G_GNUC_UNUSED, const void *c_ G_GNUC_UNUSED, gdouble value G_GNUC_UNUSED, gsize n) \
  { \
    Real *d = d_; \
    const Real *a = a_; \
    for (gsize start = 0; start < n; start += CIRCULAR_PIECE) \
      { \
        const gsize length = n - start < CIRCULAR_PIECE ? n - start : CIRCULAR_PIECE; \
        Real piece[CIRCULAR_PIECE]; \
        gint n_large = 0; \
        _Pragma ("omp simd reduction (+ : n_large)") \
        for (gsize i = 0; i < length; i++) \
          { \
            piece[i] = function (a[start + i]); \
            n_large += !(FABS (a[start + i]) <= CIRCULAR_LIMIT); \
          } \
        for (gsize i = 0; n_large > 0 && i < length; i++) \
          if (!(FABS (a[start + i]) <= CIRCULAR_LIMIT)) \
            piece[i] = (Real) exact ((gdouble) a[start + i]); \
        memcpy (d + start, piece, length * sizeof *d); \
      } \
  }
#define CIRCULAR_PIECE 64

#ifdef LOOPS_FLOAT64
LOOP (SIN, "sin", 0, sin (x))
LOOP (COS, "cos", 0, cos (x))
#else
CIRCULAR (SIN, sin_float32, sin)
CIRCULAR (COS, cos_float32, cos)
#endif
