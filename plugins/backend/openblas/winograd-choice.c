/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which convolutions tiles are faster for than the direct loops. */
#include "config.h"

#include "winograd.h"

/*
 * Multiply-adds of one lane, as the direct loops do them in the same time, measured on Zen 5: products of the transformed tiles run a little below
 * their rate; transforms wait for memory, and those of kernels, which are several times larger afterwards, much more where they leave the caches.
 */
#define PRODUCT_COST 1.1   /* a multiply-add */
#define DEEP_PRODUCT_COST 1.5
#define TILE_COST 8        /* a frequency of a tile and channel */
#define LARGE_TILE_COST 25
#define TILE_BYTES (512 << 10)
#define KERNEL_COST 11     /* a frequency of a pair of channels */
#define LARGE_KERNEL_COST 83
#define KERNEL_BYTES (10 << 20)
#define MAX_KERNEL_BYTES (48 << 20)
#define LEAST_CHANNELS 8
#define WORTH_IT 0.9       /* of the direct loops' time */
#define ROUNDED_GAIN 1.9   /* of the direct loops with factors in bfloat16; tiles stay in float32, where rounding would be off by 2 % */

static const WinogradFlops tile_flops[N_WINOGRAD_KERNELS] = {
  [WINOGRAD_3X3] = { 288, 153, 160, 160, 162 },
  [WINOGRAD_2X2] = { 200, 56, 144, 135, 77 },
};

const WinogradFlops *
openblas_winograd_get_tile_flops (const WinogradLoops *loops)
{
  return &tile_flops[loops->kernel == 2 ? WINOGRAD_2X2 : WINOGRAD_3X3];
}

/* 3x3 kernels, and those of 4x4 that a stride of two makes kernels of 2x2 */
const WinogradLoops *
openblas_winograd_find_loops (const Numeric *numeric, const Geometry *g)
{
  gboolean is_square = g->kh == g->kw && g->stride_h == g->stride_w && g->dilation_h == 1 && g->dilation_w == 1 && g->groups == 1;

  if (numeric->loops->winograd == NULL || g->lanes % MAX_LANES != 0 || !is_square || g->pad_h >= g->kh ||
      g->pad_w >= g->kw)
    return NULL;
  if (g->kh == 3 && g->stride_h == 1)
    return &numeric->loops->winograd[WINOGRAD_3X3];
  return g->kh == 4 && g->stride_h == 2 ? &numeric->loops->winograd[WINOGRAD_2X2] : NULL;
}

/* Kernel positions that pixels of y meet inside x, along one axis */
static gdouble
count_taps (gsize y, gsize x, gsize kernel, gsize stride, gsize padding)
{
  gsize taps = 0;

  for (gsize at = 0; at < y; at++)
    for (gsize k = 0; k < kernel; k++)
      taps += at * stride + k >= padding && at * stride + k < x + padding;
  return (gdouble) taps;
}

static gdouble
count_tiles (gsize size, gsize stride)
{
  gsize targets = (size + stride - 1) / stride;

  return (gdouble) ((targets + WINOGRAD_TILE - 1) / WINOGRAD_TILE);
}

static gdouble
estimate_cost (const WinogradLoops *loops, const Geometry *g, ConvolutionKind kind, gdouble kernel_bytes)
{
  gdouble frequencies = (gdouble) (loops->points * loops->points), phases = (gdouble) (g->stride_h * g->stride_w);
  gdouble pairs = (gdouble) (g->c * g->o), c = (gdouble) g->c * phases, o = (gdouble) g->o * (kind == CONVOLUTION ? 1 : phases);
  gdouble tiles = kind == CONVOLUTION_INPUT ? count_tiles (g->h, g->stride_h) * count_tiles (g->w, g->stride_w)
                                            : count_tiles (g->oh, 1) * count_tiles (g->ow, 1);
  gdouble lanes = tiles * (gdouble) (g->n_sets * g->lanes), columns = MAX (lanes, (gdouble) loops->columns);
  gdouble depth = kind == CONVOLUTION ? c : kind == CONVOLUTION_INPUT ? (gdouble) g->o : 0;
  gdouble piece_bytes = frequencies * (gdouble) (g->c + g->o) * 4 * MAX_LANES * sizeof (gfloat);
  gdouble products = phases * (kind == CONVOLUTION_WEIGHT ? lanes * (gdouble) (openblas_round_up (g->c, loops->columns) * g->o) : columns * pairs);

  return frequencies * ((depth > WINOGRAD_DEPTH ? DEEP_PRODUCT_COST : PRODUCT_COST) * products +
                        (piece_bytes > TILE_BYTES ? LARGE_TILE_COST : TILE_COST) * lanes * (c + o) +
                        (kernel_bytes > KERNEL_BYTES ? LARGE_KERNEL_COST : KERNEL_COST) * phases * pairs);
}

gboolean
openblas_choose_winograd (const Numeric *numeric, const Geometry *g, ConvolutionKind kind)
{
  const WinogradLoops *loops = openblas_winograd_find_loops (numeric, g);
  gdouble taps = count_taps (g->oh, g->h, g->kh, g->stride_h, g->pad_h) * count_taps (g->ow, g->w, g->kw, g->stride_w, g->pad_w);
  gdouble pairs = (gdouble) (g->c * g->o), gain = openblas_is_rounding (numeric) ? ROUNDED_GAIN : 1, kernel_bytes;

  if (loops == NULL || numeric->winograd == WINOGRAD_NEVER)
    return FALSE;
  kernel_bytes = (gdouble) (loops->points * loops->points * (kind == CONVOLUTION ? g->stride_h * g->stride_w : 1)) * pairs * sizeof (gfloat);
  return kernel_bytes <= MAX_KERNEL_BYTES &&
         (numeric->winograd == WINOGRAD_ALWAYS ||
          (MIN (g->c, g->o) >= LEAST_CHANNELS &&
           estimate_cost (loops, g, kind, kernel_bytes) < WORTH_IT * taps * (gdouble) (g->n_sets * g->lanes) * pairs / gain));
}
