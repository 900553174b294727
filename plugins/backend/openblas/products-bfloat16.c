/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Products of convolutions with factors in bfloat16, for AVX-512 with BF16: two of them take the place of a float32, and each instruction
 * adds two products to a float32 sum.  Numbers are rounded to the nearest, the even one of two; subnormal ones become zero.
 */
#include "config.h"

#include <string.h>

#include "loops.h"

#define LOOPS_BFLOAT16
typedef gfloat Real;

#include "loops-square.h"
#include "vector.h"

/* a0 b0 a1 b1 .. */
static inline __m512i
interleave (Vector a, Vector b)
{
  const __m512i order = _mm512_set_epi16 (31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2,
                                          17, 1, 16, 0);

  return _mm512_permutexvar_epi16 (order, (__m512i) _mm512_cvtne2ps_pbh ((__m512) b, (__m512) a));
}

static void
bring_channels (void *d_, const void *s_, gsize plane, gsize channels, gsize n)
{
  gfloat *d = d_;
  const gfloat *s = s_;

  if (channels > 1)
    for (gsize i = 0; i < n; i += VECTOR_SIZE)
      store_vector (d + i, (Vector) interleave (load_vector (s + i), load_vector (s + plane + i)));
  else
    for (gsize i = 0; i < n; i += VECTOR_SIZE)
      store_vector (d + i, (Vector) interleave (load_vector (s + i), (Vector) { 0 }));
}

static void
bring_pixels (void *d_, const void *s_, gsize n)
{
  guint16 *d = d_;
  const gfloat *s = s_;
  gsize i = 0;

  for (; i + 2 * VECTOR_SIZE <= n; i += 2 * VECTOR_SIZE)
    _mm512_storeu_si512 (d + i, (__m512i) _mm512_cvtne2ps_pbh ((__m512) load_vector (s + i + VECTOR_SIZE), (__m512) load_vector (s + i)));
  if (i < n)
    _mm256_storeu_si256 ((__m256i *) (gpointer) (d + i), (__m256i) _mm512_cvtneps_pbh ((__m512) load_vector (s + i)));
}

/* Four of each */
static inline __m128i
pair_four (Four a, Four b)
{
  return _mm_unpacklo_epi16 ((__m128i) _mm_cvtneps_pbh ((__m128) a), (__m128i) _mm_cvtneps_pbh ((__m128) b));
}

static void
pack_position (const PackCall *call, gsize i)
{
  const gfloat *s = (const gfloat *) call->s + i;
  gfloat *d = (gfloat *) call->d + call->to[i];

  for (gsize channel = 0; channel < call->channels; channel += 2, s += 2 * call->channel_step, d += call->weigh_rows)
    for (gsize row = 0; row < call->weigh_rows; row += 4)
      {
        Four a = { 0 }, b = { 0 };

        for (gsize k = 0; k < 4 && row + k < call->rows; k++)
          {
            a[k] = s[(row + k) * call->row_step];
            if (channel + 1 < call->channels)
              b[k] = s[call->channel_step + (row + k) * call->row_step];
          }
        _mm_storeu_si128 ((__m128i *) (gpointer) (d + row), pair_four (a, b));
      }
}

static void
pack_weights (const PackCall *call)
{
  gsize first = 0;

  for (; first + 4 <= call->positions && call->rows == call->weigh_rows; first += 4)
    for (gsize row = 0; row < call->rows; row += 4)
      for (gsize channel = 0; channel < call->channels; channel += 2)
        {
          const gfloat *s = (const gfloat *) call->s + channel * call->channel_step + row * call->row_step + first;
          gfloat squares[2][16] = { { 0 } };

          turn_square (squares[0], 4, s, call->row_step);
          if (channel + 1 < call->channels)
            turn_square (squares[1], 4, s + call->channel_step, call->row_step);
          for (guint k = 0; k < 4; k++)
            if (call->to[first + k] >= 0)
              _mm_storeu_si128 ((__m128i *) (gpointer) ((gfloat *) call->d + call->to[first + k] + channel / 2 * call->weigh_rows + row),
                                pair_four (*(const Four *) (squares[0] + 4 * k), *(const Four *) (squares[1] + 4 * k)));
        }
  for (gsize i = first; i < call->positions; i++)
    if (call->to[i] >= 0)
      pack_position (call, i);
}

#include "loops-products.h"

const Products *const openblas_products_bfloat16 = &products;
