/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which convolutions tiles are faster for than the direct loops. */
#include "config.h"

#include "winograd.h"

/*
 * Multiply-adds of one lane, as the direct loops do them in the same time, measured on Zen 5: products of the transformed tiles run a little below
 * their rate; transforms wait for memory, and those of kernels, which are 4 times larger afterwards, much more where they leave the caches.
 */
#define PRODUCT_COST 40    /* a tile, and pair of channels */
#define TILE_COST 300      /* a tile and channel */
#define LARGE_TILE_COST 900
#define TILE_BYTES (512 << 10)
#define KERNEL_COST 400    /* a pair of channels */
#define LARGE_KERNEL_COST 3000
#define KERNEL_BYTES (16 << 20)
#define MAX_KERNEL_BYTES (48 << 20)
#define ROUNDED_GAIN 1.9   /* of the direct loops with factors in bfloat16; tiles stay in float32, where rounding would be off by 2 % */

/* Pixels of @target that @kernel positions meet inside @source */
static gdouble
count_taps (gsize target, gsize source, gsize kernel, gsize padding)
{
  gsize taps = 0;

  for (gsize at = 0; at < target; at++)
    for (gsize k = 0; k < kernel; k++)
      taps += at + k >= padding && at + k < source + padding;
  return (gdouble) taps;
}

static gdouble
count_tiles (gsize size)
{
  return (gdouble) ((size + WINOGRAD_TILE - 1) / WINOGRAD_TILE);
}

static gboolean
is_possible (const Numeric *numeric, const Geometry *g)
{
  return numeric->loops->winograd != NULL && g->lanes % MAX_LANES == 0 && g->kh == 3 && g->kw == 3 &&
         g->stride_h == 1 && g->stride_w == 1 && g->dilation_h == 1 && g->dilation_w == 1 && g->groups == 1 && g->pad_h <= 2 && g->pad_w <= 2;
}

static gdouble
estimate_cost (const Numeric *numeric, const Geometry *g, ConvolutionKind kind, gdouble tiles, gdouble kernel_bytes)
{
  gsize columns = numeric->loops->winograd->columns;
  gdouble pairs = (gdouble) g->c * g->o, channels = (gdouble) (g->c + g->o), lanes = tiles * (gdouble) (g->n_sets * g->lanes);
  gdouble piece_bytes = WINOGRAD_FREQUENCIES * channels * 4 * MAX_LANES * sizeof (gfloat);
  gdouble products = kind == CONVOLUTION_WEIGHT ? lanes * (gdouble) (openblas_round_up (g->c, columns) * g->o)
                                                : MAX (lanes, (gdouble) columns) * pairs;

  return PRODUCT_COST * products + (piece_bytes > TILE_BYTES ? LARGE_TILE_COST : TILE_COST) * lanes * channels +
         (kernel_bytes > KERNEL_BYTES ? LARGE_KERNEL_COST : KERNEL_COST) * pairs;
}

gboolean
openblas_choose_winograd (const Numeric *numeric, const Geometry *g, ConvolutionKind kind)
{
  gdouble pairs = (gdouble) g->c * g->o, kernel_bytes = WINOGRAD_FREQUENCIES * pairs * sizeof (gfloat);
  gdouble gain = openblas_is_rounding (numeric) ? ROUNDED_GAIN : 1;
  gdouble taps = count_taps (g->oh, g->h, g->kh, g->pad_h) * count_taps (g->ow, g->w, g->kw, g->pad_w);
  gdouble tiles = kind == CONVOLUTION_INPUT ? count_tiles (g->h) * count_tiles (g->w) : count_tiles (g->oh) * count_tiles (g->ow);

  if (numeric->winograd == WINOGRAD_NEVER || !is_possible (numeric, g) || kernel_bytes > MAX_KERNEL_BYTES)
    return FALSE;
  return numeric->winograd == WINOGRAD_ALWAYS ||
         estimate_cost (numeric, g, kind, tiles, kernel_bytes) < taps * (gdouble) (g->n_sets * g->lanes) * pairs / gain;
}
