/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: sums, maxima and dot products in a fixed order, and what combines their parts. */
#pragma once

#define LARGER(x, y) ((x) < (y) || (y) != (y) ? (y) : (x))

/* 32 running results, then halves onto halves */
#define REDUCE(name, start, element, combine) \
  static gdouble \
  name (const void *a_, const void *b_ G_GNUC_UNUSED, gsize n) \
  { \
    const Real *a = a_, *b G_GNUC_UNUSED = b_; \
    Real lanes[32]; \
    gsize i = 0; \
    for (guint j = 0; j < 32; j++) \
      lanes[j] = start; \
    for (; i + 32 <= n; i += 32) \
      { \
        _Pragma ("omp simd") \
        for (guint j = 0; j < 32; j++) \
          { \
            const Real x = lanes[j], y = element (i + j); \
            lanes[j] = combine; \
          } \
      } \
    for (guint j = 0; i + j < n; j++) \
      { \
        const Real x = lanes[j], y = element (i + j); \
        lanes[j] = combine; \
      } \
    for (guint half = 16; half > 0; half /= 2) \
      for (guint j = 0; j < half; j++) \
        { \
          const Real x = lanes[j], y = lanes[j + half]; \
          lanes[j] = combine; \
        } \
    return lanes[0]; \
  }

#define ELEMENT(i) a[i]
#define PRODUCT(i) (a[i] * b[i])

REDUCE (reduce_max, -INFINITY, ELEMENT, LARGER (x, y))
REDUCE (dot, 0, PRODUCT, x + y)

/* Sums are kept in double: what is subtracted from its own mean must come out as 0 where all of it is the same. */
typedef gdouble Wide __attribute__ ((vector_size (4 * sizeof (gdouble))));
typedef Real Narrow __attribute__ ((vector_size (4 * sizeof (Real)), aligned (sizeof (Real)), may_alias));

#define WIDEN(p) __builtin_convertvector (*(const Narrow *) (p), Wide)
#define SUM_WIDE(v) (((v)[0] + (v)[2]) + ((v)[1] + (v)[3]))

static gdouble
sum (const void *a_, gsize n)
{
  const Real *a = a_;
  Wide t0 = { 0 }, t1 = { 0 }, t2 = { 0 }, t3 = { 0 }, t4 = { 0 }, t5 = { 0 }, t6 = { 0 }, t7 = { 0 };
  gdouble rest = 0;

  for (; n >= 32; n -= 32, a += 32)
    {
      t0 += WIDEN (a);
      t1 += WIDEN (a + 4);
      t2 += WIDEN (a + 8);
      t3 += WIDEN (a + 12);
      t4 += WIDEN (a + 16);
      t5 += WIDEN (a + 20);
      t6 += WIDEN (a + 24);
      t7 += WIDEN (a + 28);
    }
  for (; n >= 4; n -= 4, a += 4)
    t0 += WIDEN (a);
  for (; n > 0; n--)
    rest += *a++;
  t0 = ((t0 + t4) + (t2 + t6)) + ((t1 + t5) + (t3 + t7));
  return SUM_WIDE (t0) + rest;
}

static void
sum_rows (gdouble *d, const void *a_, gsize rows, gsize length)
{
  const Real *a = a_;

  for (gsize r = 0; r < rows; r++)
    {
      Wide t0 = { 0 }, t1 = { 0 };
      gdouble rest = 0;
      gsize n = length;

      for (; n >= 8; n -= 8, a += 8)
        {
          t0 += WIDEN (a);
          t1 += WIDEN (a + 4);
        }
      if (n >= 4)
        {
          t0 += WIDEN (a);
          n -= 4;
          a += 4;
        }
      for (; n > 0; n--)
        rest += *a++;
      t0 += t1;
      d[r] += SUM_WIDE (t0) + rest;
    }
}

static gdouble
max (const void *a, gsize n)
{
  return reduce_max (a, NULL, n);
}

static void
add_into (gdouble *d, const void *a_, gsize n)
{
  const Real *a = a_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] += a[i];
}

static void
max_into (gdouble *d, const void *a_, gsize n)
{
  const Real *a = a_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = LARGER (d[i], a[i]);
}

static void
from_double (void *d_, const gdouble *s, gsize n)
{
  Real *d = d_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = (Real) s[i];
}

static void
add_scaled (void *d_, const void *a_, gdouble factor, gsize n)
{
  Real *d = d_, f = (Real) factor;
  const Real *a = a_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] += f * a[i];
}

static void
add (void *d_, const void *a_, gsize n)
{
  Real *d = d_;
  const Real *a = a_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] += a[i];
}
