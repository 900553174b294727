/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions of images by lanes, [set, channel, row, column, lane] with a multiple of MAX_LANES lanes, straight from where they lie. */
#pragma once

#include "convolution.h"

static inline gsize
openblas_round_up (gsize n, gsize step)
{
  return (n + step - 1) / step * step;
}

/* Place @i of what is brought together for a correlation */
static inline gpointer
openblas_factor (const Numeric *numeric, gconstpointer base, gsize i)
{
  return (guint8 *) base + i * numeric->products->factor_size;
}

/* Along one axis: which kernel positions meet which source pixels inside the image, for each target pixel. */
typedef struct {
  gsize index;  /* among the positions of the target pixel's phase */
  gsize source;
} AxisTap;

typedef struct {
  gsize size;          /* target pixels */
  gsize n_phases;      /* target pixel i is of phase i mod n_phases */
  gsize kernel;
  gsize *n_positions;  /* of each phase, wherever they lie */
  gsize *positions;    /* kernel positions of each phase, `kernel` places a phase */
  gsize *n_taps;       /* of each target pixel */
  AxisTap *taps;       /* `kernel` places a target pixel */
} AxisTaps;

void openblas_axis_taps_init (AxisTaps *axis, gboolean adjoint, gsize target, gsize source, gsize kernel, gsize stride, gsize padding,
                              gsize dilation);
void openblas_axis_taps_clear (AxisTaps *axis);
/* The source pixels that target pixels [first, last) need, and the most that @tile target pixels need */
void openblas_axis_taps_find_span (const AxisTaps *axis, gsize first, gsize last, gsize *start, gsize *n);
gsize openblas_axis_taps_find_largest_span (const AxisTaps *axis, gsize tile);
