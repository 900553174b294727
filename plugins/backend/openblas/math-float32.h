/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Elementary functions in float32 that a compiler can vectorize: no branches, no tables, no calls.
 * Products and sums are rounded one by one (-ffp-contract=off), so every instruction set gives the same bits.
 * Polynomials are Taylor's, which after the reductions below converge within a few terms; those of erf are fitted.
 */
#pragma once

#include <glib.h>
#include <math.h>
#include <string.h>

#define LN2_HIGH 0x1.62e4p-1f             /* 16 bits: its products with exponents are exact */
#define LN2_LOW 0x1.7f7d1cf79abcap-20f    /* the rest of ln 2 */
#define ROUNDER 0x1.8p23f                 /* adding it rounds to an integer, which is then in the low bits */
#define DOUBLE_ROUNDER 0x1.8p52
#define HALF_PI_HIGH 0x1.921fb544p+0      /* 33 bits: its products with quarter turns below 2^20 are exact */
#define HALF_PI_LOW 0x1.0b4611a626331p-34 /* the rest of pi / 2 */
#define CIRCULAR_LIMIT 1e6f               /* sine and cosine: up to here the reduction holds */

static inline gint32
bits_of (gfloat x)
{
  gint32 i;

  memcpy (&i, &x, sizeof i);
  return i;
}

static inline gfloat
float_of (gint32 i)
{
  gfloat x;

  memcpy (&x, &i, sizeof x);
  return x;
}

/* 2^n for n in [-126, 127] */
static inline gfloat
power_of_two (gint32 n)
{
  return float_of ((gint32) ((guint32) (n + 127) << 23));
}

/* x = n ln 2 + r with |r| <= ln 2 / 2, for |x| < 2^15; gives e^r - 1 */
static inline gfloat
exp_reduce (gfloat x, gint32 *n)
{
  gfloat shifted = x * 0x1.715476p+0f + ROUNDER;
  gfloat rounded = shifted - ROUNDER;
  gfloat r = (x - rounded * LN2_HIGH) - rounded * LN2_LOW;
  gfloat p = 1.0f / 5040;

  *n = bits_of (shifted) - bits_of (ROUNDER);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  return r + r * r * p;
}

static inline gfloat
exp_float32 (gfloat x)
{
  gfloat inside = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;
  gint32 n, half;
  gfloat y;

  y = 1 + exp_reduce (inside, &n);
  /* in two steps, for results that are infinite or subnormal */
  half = n >> 1;
  y = y * power_of_two (half) * power_of_two (n - half);
  return x != x ? x : y;
}

/* e^x - 1 for x in [-104, 0] */
static inline gfloat
expm1_of_negative (gfloat x)
{
  gfloat inside = x < -30.0f ? -30.0f : x; /* -1 to the last bit from there on */
  gint32 n;
  gfloat scale, y;

  y = exp_reduce (inside, &n);
  scale = power_of_two (n);
  return scale * y + (scale - 1);
}

/* log of f + 1 with f in [sqrt (1/2) - 1, sqrt (2) - 1], plus k ln 2 */
static inline gfloat
log_assemble (gfloat f, gfloat k)
{
  gfloat s = f / (2 + f);
  gfloat z = s * s;
  gfloat half_square = 0.5f * f * f;
  gfloat r = 2.0f / 11;

  r = r * z + 2.0f / 9;
  r = r * z + 2.0f / 7;
  r = r * z + 2.0f / 5;
  r = r * z + 2.0f / 3;
  r = r * z;
  return k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f);
}

static inline gfloat
log_float32 (gfloat x)
{
  gboolean tiny = x < 0x1p-126f;
  gfloat scaled = tiny ? x * 0x1p23f : x;
  /* Negative numbers wrap around here; what comes of them is replaced below. */
  gint32 i = (gint32) ((guint32) bits_of (scaled) - (guint32) bits_of (0x1.6a09e6p-1f));
  gint32 k = i >> 23;
  gfloat f = float_of ((i & 0x7fffff) + bits_of (0x1.6a09e6p-1f)) - 1;
  gfloat y = log_assemble (f, (gfloat) (k - (tiny ? 23 : 0)));

  y = x == 0 ? -INFINITY : x < 0 ? NAN : y;
  return x != x || x == INFINITY ? x : y;
}

/* log (1 + e) for e in [0, 1] */
static inline gfloat
log1p_of_fraction (gfloat e)
{
  gfloat u = 1 + e;
  gfloat lost = e - (u - 1); /* what the rounding of 1 + e took away */
  gfloat k = u > 0x1.6a09e6p+0f ? 1.0f : 0.0f;
  gfloat f = k != 0 ? 0.5f * u - 1 : u - 1;

  return log_assemble (f, k) + lost / u;
}

static inline gfloat
tanh_float32 (gfloat x)
{
  gfloat e = expm1_of_negative (-2 * fabsf (x));
  gfloat y = copysignf (-e / (2 + e), x);

  return x != x ? x : y;
}

static inline gfloat
sigmoid_float32 (gfloat x)
{
  gfloat e = exp_float32 (-fabsf (x));

  return (x < 0 ? e : 1) / (1 + e);
}

static inline gfloat
softplus_float32 (gfloat x)
{
  gfloat y = log1p_of_fraction (exp_float32 (-fabsf (x)));

  y = (x > 0 ? x : 0) + y;
  return x != x ? x : y;
}

static inline gfloat
expm1_float32 (gfloat x)
{
  gfloat inside = x < -30.0f ? -30.0f : x > 89.0f ? 89.0f : x;
  gint32 n;
  gfloat half, y;

  y = exp_reduce (inside, &n);
  /* half of it: the power itself may be too large */
  half = power_of_two (n - 1);
  y = copysignf (2 * (half * y + (half - 0.5f)), x);
  return x != x ? x : y;
}

static inline gfloat
log1p_float32 (gfloat x)
{
  gfloat u = 1 + x;
  gfloat lost = x > 1 ? 1 - (u - x) : x - (u - 1); /* what the rounding of 1 + x took away */
  gint32 i = (gint32) ((guint32) bits_of (u) - (guint32) bits_of (0x1.6a09e6p-1f));
  gfloat f = float_of ((i & 0x7fffff) + bits_of (0x1.6a09e6p-1f)) - 1;
  gfloat y = log_assemble (f, (gfloat) (i >> 23)) + lost / u;

  y = x == -1 ? -INFINITY : x < -1 ? NAN : y;
  return x != x || x == INFINITY || x == 0 ? x : y;
}

/* x + x P(x^2) near 0; 1 - exp (-Q(|x|)) further out, where Q stands for -log erfc.  Least squares of the relative error at Chebyshev's nodes. */
static inline gfloat
erf_float32 (gfloat x)
{
  gfloat t = fabsf (x) < 4.0f ? fabsf (x) : 4.0f; /* 1 to the last bit from there on */
  gfloat z = t * t;
  gfloat p = 0x1.49234ep-14f;
  gfloat q = 0x1.6d8ad8p-16f;

  p = p * z - 0x1.a3dc18p-11f;
  p = p * z + 0x1.5401dcp-8f;
  p = p * z - 0x1.b7f88cp-6f;
  p = p * z + 0x1.ce2cf0p-4f;
  p = p * z - 0x1.81273ep-2f;
  p = p * z + 0x1.06eba8p-3f;
  q = q * t - 0x1.d01498p-12f;
  q = q * t + 0x1.13f8b4p-8f;
  q = q * t - 0x1.9d4ed2p-6f;
  q = q * t + 0x1.bc345cp-4f;
  q = q * t + 0x1.44319cp-1f;
  q = q * t + 0x1.212d0ep+0f;
  q = q * t - 0x1.9179acp-13f;
  q = -expm1_of_negative (-q);
  return x != x ? x : t < 1.0f ? x + x * p : copysignf (q, x);
}

/* x = n pi / 2 + r with |r| <= pi / 4, for |x| <= CIRCULAR_LIMIT; in double, so that r is as exact near the zeros */
static inline gdouble
circular_reduce (gfloat x, gint64 *n)
{
  gdouble shifted = x * 0x1.45f306dc9c883p-1 + DOUBLE_ROUNDER;
  gdouble rounded = shifted - DOUBLE_ROUNDER;

  memcpy (n, &shifted, sizeof *n);
  return (x - rounded * HALF_PI_HIGH) - rounded * HALF_PI_LOW;
}

/* Sine of r + n pi / 2 */
static inline gfloat
circular_turn (gdouble r, gint64 n)
{
  gdouble z = r * r;
  gdouble s = -1.0 / 39916800;
  gdouble c = -1.0 / 3628800;

  s = s * z + 1.0 / 362880;
  s = s * z - 1.0 / 5040;
  s = s * z + 1.0 / 120;
  s = s * z - 1.0 / 6;
  s = r * (1 + s * z);
  c = c * z + 1.0 / 40320;
  c = c * z - 1.0 / 720;
  c = c * z + 1.0 / 24;
  c = c * z - 0.5;
  c = 1 + c * z;
  s = n & 1 ? c : s;
  return (gfloat) (n & 2 ? -s : s);
}

static inline gfloat
sin_float32 (gfloat x)
{
  gint64 n;
  gdouble r = circular_reduce (x, &n);

  return circular_turn (r, n);
}

static inline gfloat
cos_float32 (gfloat x)
{
  gint64 n;
  gdouble r = circular_reduce (x, &n);

  return circular_turn (r, n + 1);
}
