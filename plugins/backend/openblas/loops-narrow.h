/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: convolutions to a few channels.  Several pixels of one vector each share the weights, so that there are enough accumulators,
 * and each vector of the source is used from the nearest cache.
 */
#pragma once

#include "vector.h"

#define NARROW_ROWS 4 /* weights of a source channel that lie side by side */

/* In a register: the compiler would load it again for each use. */
#if VECTOR_BYTES == 64
#define KEEP(x) __asm__ ("" : "+v" (x))
#else
#define KEEP(x)
#endif

/* ROWS target channels of PIXELS pixels whose taps are a step apart */
#define DEFINE_NARROW(ROWS, PIXELS) \
  static void \
  narrow_##ROWS##_##PIXELS (const NarrowCall *call, const Real *s, Real *d) \
  { \
    Vector total[PIXELS][ROWS]; \
    UNROLL for (guint p = 0; p < PIXELS; p++) \
      UNROLL for (guint r = 0; r < ROWS; r++) \
        total[p][r] = call->add ? load_vector (d + p * call->target_step + r * call->target_plane) : (Vector) { 0 }; \
    for (gsize tap = 0; tap < call->n_taps; tap++) \
      { \
        const Real *from = s + call->sources[tap], *weight = (const Real *) call->weights + call->places[tap]; \
        for (gsize channel = 0; channel < call->channels; channel++, from += call->source_plane, weight += NARROW_ROWS) \
          { \
            Vector factor[ROWS]; \
            UNROLL for (guint r = 0; r < ROWS; r++) \
              factor[r] = repeat (weight[r]); \
            UNROLL for (guint p = 0; p < PIXELS; p++) \
              { \
                Vector x = load_vector (from + p * call->source_step); \
                KEEP (x); \
                UNROLL for (guint r = 0; r < ROWS; r++) \
                  total[p][r] = MULTIPLY_ADD (x, factor[r], total[p][r]); \
              } \
          } \
      } \
    UNROLL for (guint p = 0; p < PIXELS; p++) \
      UNROLL for (guint r = 0; r < ROWS; r++) \
        store_vector (d + p * call->target_step + r * call->target_plane, total[p][r]); \
  }

#define DEFINE_NARROW_ROWS(ROWS) \
  DEFINE_NARROW (ROWS, 1) \
  DEFINE_NARROW (ROWS, 2)

DEFINE_NARROW_ROWS (1)
DEFINE_NARROW_ROWS (2)
DEFINE_NARROW_ROWS (3)
DEFINE_NARROW_ROWS (4)
DEFINE_NARROW (1, 4)
DEFINE_NARROW (2, 4)
DEFINE_NARROW (3, 4)
DEFINE_NARROW (1, 8)
#if VECTOR_BYTES == 64
DEFINE_NARROW (4, 4)
DEFINE_NARROW (2, 8)
DEFINE_NARROW (3, 8)
#endif

typedef void (*NarrowFunc) (const NarrowCall *call, const Real *s, Real *d);

/* By the logarithm of the pixels, as many as the registers hold */
static const NarrowFunc narrow_funcs[NARROW_ROWS][4] = {
#if VECTOR_BYTES == 64
  { narrow_1_1, narrow_1_2, narrow_1_4, narrow_1_8 },
  { narrow_2_1, narrow_2_2, narrow_2_4, narrow_2_8 },
  { narrow_3_1, narrow_3_2, narrow_3_4, narrow_3_8 },
  { narrow_4_1, narrow_4_2, narrow_4_4, NULL },
#else
  { narrow_1_1, narrow_1_2, narrow_1_4, narrow_1_8 },
  { narrow_2_1, narrow_2_2, narrow_2_4, NULL },
  { narrow_3_1, narrow_3_2, narrow_3_4, NULL },
  { narrow_4_1, narrow_4_2, NULL, NULL },
#endif
};

static void
narrow (const NarrowCall *call)
{
  const NarrowFunc *funcs = narrow_funcs[call->m - 1];
  gsize n;
  guint i = 3;

  for (gsize pixel = 0; pixel < call->pixels; pixel += n)
    {
      while (funcs[i] == NULL || (gsize) 1 << i > call->pixels - pixel)
        i--;
      n = (gsize) 1 << i;
      funcs[i] (call, (const Real *) call->source + pixel * call->source_step, (Real *) call->target + pixel * call->target_step);
    }
}

static void
bring_parts (void *d, const void *s, gsize n, gsize parts, gsize step)
{
  for (gsize i = 0; i < n; i++)
    for (gsize part = 0; part < parts; part++)
      store_vector ((Real *) d + part * step + i * VECTOR_SIZE, load_vector ((const Real *) s + (i * parts + part) * VECTOR_SIZE));
}
