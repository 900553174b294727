/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: the widest vectors of the instruction set, and how many accumulators its registers hold. */
#pragma once

#if defined (__AVX512F__)
#include <immintrin.h>
#define VECTOR_BYTES 64
#ifdef LOOPS_BFLOAT16
/* pairs of bfloat16, each product added to the float32 in their place */
#define MULTIPLY_ADD(a, b, c) ((Vector) _mm512_dpbf16_ps ((__m512) (c), (__m512bh) (a), (__m512bh) (b)))
#elif defined (LOOPS_FLOAT64)
#define MULTIPLY_ADD(a, b, c) ((Vector) _mm512_fmadd_pd ((__m512d) (a), (__m512d) (b), (__m512d) (c)))
#else
#define MULTIPLY_ADD(a, b, c) ((Vector) _mm512_fmadd_ps ((__m512) (a), (__m512) (b), (__m512) (c)))
#endif
#elif defined (__AVX2__)
#include <immintrin.h>
#define VECTOR_BYTES 32
#ifdef LOOPS_FLOAT64
#define MULTIPLY_ADD(a, b, c) ((Vector) _mm256_fmadd_pd ((__m256d) (a), (__m256d) (b), (__m256d) (c)))
#else
#define MULTIPLY_ADD(a, b, c) ((Vector) _mm256_fmadd_ps ((__m256) (a), (__m256) (b), (__m256) (c)))
#endif
#else
#define VECTOR_BYTES 16
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

#define UNROLL _Pragma ("GCC unroll 32")
#define VECTOR_SIZE (VECTOR_BYTES / sizeof (Real))
#define PIXEL_VECTORS (MAX_LANES / VECTOR_SIZE)

typedef Real Vector __attribute__ ((vector_size (VECTOR_BYTES)));
typedef Real UnalignedVector __attribute__ ((vector_size (VECTOR_BYTES), aligned (sizeof (Real)), may_alias));

static inline Vector
load_vector (const Real *p)
{
  return *(const UnalignedVector *) p;
}

static inline void
store_vector (Real *p, Vector v)
{
  *(UnalignedVector *) p = v;
}

/* What is multiplied: elements as they are stored, or half as large ones */
#ifdef LOOPS_BFLOAT16
typedef guint16 Factor;

static inline Vector
load_half (const Factor *p)
{
  return (Vector) _mm512_zextps256_ps512 (_mm256_loadu_ps ((const gfloat *) (gconstpointer) p));
}
#else
typedef Real Factor;
#endif
#define VECTOR_FACTORS (VECTOR_BYTES / sizeof (Factor))

static inline Vector
load_factors (const Factor *p)
{
  return *(const UnalignedVector *) (gconstpointer) p;
}

static inline Vector
repeat (Real x)
{
  return x - (Vector) { 0 };
}

/* Accumulators down to four lanes, halves onto halves */
#if VECTOR_BYTES > 16 || !defined (LOOPS_FLOAT64)
typedef Real Quad __attribute__ ((vector_size (4 * sizeof (Real))));
typedef Real UnalignedQuad __attribute__ ((vector_size (4 * sizeof (Real)), aligned (sizeof (Real)), may_alias));

static inline Quad
fold (Vector v)
{
#if VECTOR_BYTES == 64 && !defined (LOOPS_FLOAT64)
  typedef Real Eight __attribute__ ((vector_size (8 * sizeof (Real))));
  const Eight half = __builtin_shufflevector (v, v, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector (v, v, 8, 9, 10, 11, 12, 13, 14, 15);

  return __builtin_shufflevector (half, half, 0, 1, 2, 3) + __builtin_shufflevector (half, half, 4, 5, 6, 7);
#elif VECTOR_BYTES == 64 || (VECTOR_BYTES == 32 && !defined (LOOPS_FLOAT64))
  return __builtin_shufflevector (v, v, 0, 1, 2, 3) + __builtin_shufflevector (v, v, 4, 5, 6, 7);
#else
  return v;
#endif
}
#endif
