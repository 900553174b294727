/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: the products of convolutions, straight from images by lanes.  A pixel of sixteen images or more is one or several
 * vectors, so that neither the pixels need to be brought into a matrix nor the matrix packed, and each pixel can have taps of its own.
 * Tiles of accumulators stay in registers.
 */
#pragma once

#include "vector.h"
#include "loops-correlation.h"

/* ROWS target channels of one pixel, VECTORS of its lanes; BLOCK weights lie side by side */
#define DEFINE_WEIGH(ROWS, VECTORS, BLOCK) \
  static void \
  weigh_##ROWS##_##VECTORS (const WeighCall *call, gsize lane, const Real *w, Real *d) \
  { \
    Vector total[ROWS][VECTORS]; \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint v = 0; v < VECTORS; v++) \
        { \
          total[r][v] = call->add ? load_vector (d + r * call->target_plane + v * VECTOR_SIZE) : (Vector) { 0 }; \
          /* the next rows of the target: they are far away */ \
          __builtin_prefetch (d + (ROWS + r) * call->target_plane + v * VECTOR_SIZE, 1); \
        } \
    for (gsize tap = 0; tap < call->n_taps; tap++) \
      { \
        const Real *from = (const Real *) call->source + call->sources[tap] + lane; \
        const Real *weight = w + (gsize) call->positions[tap] * call->channels * BLOCK; \
        for (gsize channel = 0; channel < call->channels; channel++, from += call->source_plane, weight += BLOCK) \
          { \
            Vector x[VECTORS]; \
            UNROLL for (guint v = 0; v < VECTORS; v++) \
              x[v] = load_vector (from + v * VECTOR_SIZE); \
            UNROLL for (guint r = 0; r < ROWS; r++) \
              { \
                const Vector factor = repeat (weight[r]); \
                UNROLL for (guint v = 0; v < VECTORS; v++) \
                  total[r][v] = MULTIPLY_ADD (x[v], factor, total[r][v]); \
              } \
          } \
      } \
    UNROLL for (guint r = 0; r < ROWS; r++) \
      UNROLL for (guint v = 0; v < VECTORS; v++) \
        store_vector (d + r * call->target_plane + v * VECTOR_SIZE, total[r][v]); \
  }

typedef void (*WeighFunc) (const WeighCall *call, gsize lane, const Real *w, Real *d);

/* As many accumulators as hide the latency of a multiply-add and fit in the registers. */
#if VECTOR_BYTES == 64
#define WIDE_BLOCK 4
#define NARROW_BLOCK 8
DEFINE_WEIGH (1, 4, WIDE_BLOCK)
DEFINE_WEIGH (2, 4, WIDE_BLOCK)
DEFINE_WEIGH (3, 4, WIDE_BLOCK)
DEFINE_WEIGH (4, 4, WIDE_BLOCK)
#ifdef LOOPS_BFLOAT16 /* takes half as long again as a multiply-add of float32 */
#define SINGLE_BLOCK 16
DEFINE_WEIGH (16, 1, SINGLE_BLOCK)
#else
#define SINGLE_BLOCK 8
#endif
DEFINE_WEIGH (1, 1, SINGLE_BLOCK)
DEFINE_WEIGH (2, 1, SINGLE_BLOCK)
DEFINE_WEIGH (4, 1, SINGLE_BLOCK)
DEFINE_WEIGH (8, 1, SINGLE_BLOCK)
DEFINE_WEIGH (8, 2, NARROW_BLOCK)
#else
#define NARROW_BLOCK 4
#endif
DEFINE_WEIGH (1, 2, NARROW_BLOCK)
DEFINE_WEIGH (2, 2, NARROW_BLOCK)
DEFINE_WEIGH (4, 2, NARROW_BLOCK)

/* Kernels by rows, the largest first; how many vectors of a pixel go together */
typedef struct {
  guint vectors, block;
  struct {
    guint rows;
    WeighFunc func;
  } funcs[5];
} Weigher;

static const Weigher *
find_weigher (gsize lanes)
{
#if VECTOR_BYTES == 64
  static const Weigher wide = { 4, WIDE_BLOCK, { { 4, weigh_4_4 }, { 3, weigh_3_4 }, { 2, weigh_2_4 }, { 1, weigh_1_4 } } };
  static const Weigher pair = { 2, NARROW_BLOCK, { { 8, weigh_8_2 }, { 4, weigh_4_2 }, { 2, weigh_2_2 }, { 1, weigh_1_2 } } };
  static const Weigher single = {
    1, SINGLE_BLOCK, {
#ifdef LOOPS_BFLOAT16
      { 16, weigh_16_1 },
#endif
      { 8, weigh_8_1 }, { 4, weigh_4_1 }, { 2, weigh_2_1 }, { 1, weigh_1_1 }
    }
  };
  gsize vectors = lanes / VECTOR_SIZE;

  return vectors % 4 == 0 ? &wide : vectors % 2 == 0 ? &pair : &single;
#else
  static const Weigher pair = { 2, NARROW_BLOCK, { { 4, weigh_4_2 }, { 2, weigh_2_2 }, { 1, weigh_1_2 } } };

  return &pair;
#endif
}

static gsize
weigh_rows (gsize lanes)
{
  return find_weigher (lanes)->block;
}

static void
weigh (const WeighCall *call)
{
  const Weigher *weigher = find_weigher (call->lanes);
  gsize block = weigher->block;

  for (gsize lane = 0; lane < call->lanes; lane += weigher->vectors * VECTOR_SIZE)
    for (gsize m = 0, i = 0; m < call->m; m += weigher->funcs[i].rows)
      {
        while (weigher->funcs[i].rows > call->m - m)
          i++;
        weigher->funcs[i].func (call, lane, (const Real *) call->weights + m / block * block * call->n_positions * call->channels + m % block,
                                (Real *) call->target + m * call->target_plane + lane);
      }
}

#ifndef LOOPS_BFLOAT16
static void
bring_channels (void *d, const void *s, gsize plane, gsize channels, gsize n)
{
  memcpy (d, s, n * sizeof (Real));
}

static void
bring_pixels (void *d, const void *s, gsize n)
{
  memcpy (d, s, n * sizeof (Real));
}

static void
pack_weights (const PackCall *call)
{
  gsize first = 0;

#ifndef LOOPS_FLOAT64
  for (; first + 4 <= call->positions && call->rows == call->weigh_rows; first += 4)
    for (gsize row = 0; row < call->rows; row += 4)
      for (gsize channel = 0; channel < call->channels; channel++)
        {
          Real square[16];

          turn_square (square, 4, (const Real *) call->s + channel * call->channel_step + row * call->row_step + first, call->row_step);
          for (guint k = 0; k < 4; k++)
            if (call->to[first + k] >= 0)
              *(Four *) ((Real *) call->d + call->to[first + k] + channel * call->weigh_rows + row) = *(const Four *) (square + 4 * k);
        }
#endif
  for (gsize i = first; i < call->positions; i++)
    for (gsize channel = 0; channel < call->channels && call->to[i] >= 0; channel++)
      for (gsize row = 0; row < call->weigh_rows; row++)
        ((Real *) call->d)[call->to[i] + (gint64) (channel * call->weigh_rows + row)] =
          row < call->rows ? ((const Real *) call->s)[channel * call->channel_step + row * call->row_step + i] : 0;
}
#endif

static const Products products = {
#ifdef LOOPS_BFLOAT16
  2,
#else
  1,
#endif
  sizeof (Factor), bring_channels, bring_pixels, weigh_rows, weigh, pack_weights, correlate_tile, correlate,
};
