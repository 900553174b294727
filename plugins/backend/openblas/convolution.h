/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "openblas-private.h"

/**
 * Geometry: conv2d of x [n, c, h, w] with a weight [o, c/groups, kh, kw] to y [n, o, oh, ow].
 *
 * Images are taken in `n_sets` sets of `lanes`, whose members lie side by side in memory: [set, channel, row, column, lane].
 * Strided pixels are then whole vectors.  Sets of MAX_LANES or a multiple go through loops of our own, smaller ones (a small batch makes
 * one) through matrices and BLAS.
 */
typedef struct {
  gsize n, c, h, w;
  gsize o, oh, ow;
  gsize kh, kw;
  gsize stride_h, stride_w;
  gsize pad_h, pad_w;
  gsize dilation_h, dilation_w;
  gsize groups;
  gsize lanes;
  gsize n_sets;
} Geometry;

/* Whether what is multiplied is rounded to bfloat16 */
static inline gboolean
openblas_is_rounding (const Numeric *numeric)
{
  return numeric->products->depth > 1;
}

typedef enum {
  CONVOLUTION,
  CONVOLUTION_INPUT,
  CONVOLUTION_WEIGHT,
  N_CONVOLUTIONS
} ConvolutionKind;

/* A stack of images as [set, channel, row, column, lane] with a margin of zeros. */
typedef struct {
  gsize channels, height, width; /* without the margin */
  gsize top, left;               /* the margin before */
  gsize rows, columns;           /* with the margin */
} Stack;

gsize openblas_stack_plane (const Stack *stack, gsize lanes);                       /* elements of a channel of a set */
gsize openblas_stack_bytes (const Numeric *numeric, const Stack *stack, const Geometry *g);
/* Inside a parallel region, divided over its threads; the caller's barrier follows. */
void openblas_stack_fill (const Numeric *numeric, const Stack *stack, const Geometry *g, gconstpointer images, gpointer lanes);
void openblas_stack_empty (const Numeric *numeric, const Stack *stack, const Geometry *g, gconstpointer lanes, gpointer images);

/* By matrices: conv2d and conv2d-input */
typedef struct _Taps Taps;
Taps *openblas_taps_new (const Numeric *numeric, const Geometry *geometry, gboolean adjoint);
gsize openblas_taps_get_scratch (const Taps *taps);
void openblas_taps_run (gpointer taps, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_taps_free (gpointer taps);

/* By matrices: conv2d-weight */
typedef struct _Correlation Correlation;
Correlation *openblas_correlation_new (const Numeric *numeric, const Geometry *geometry);
gsize openblas_correlation_get_scratch (const Correlation *correlation);
void openblas_correlation_run (gpointer correlation, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_correlation_free (gpointer correlation);

/* Straight from images by lanes: conv2d and conv2d-input */
typedef struct _DirectTaps DirectTaps;
DirectTaps *openblas_direct_taps_new (const Numeric *numeric, const Geometry *geometry, gboolean adjoint);
gsize openblas_direct_taps_get_scratch (const DirectTaps *taps);
void openblas_direct_taps_run (gpointer taps, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_direct_taps_free (gpointer taps);

/* Straight from images by lanes: conv2d-weight */
typedef struct _DirectCorrelation DirectCorrelation;
DirectCorrelation *openblas_direct_correlation_new (const Numeric *numeric, const Geometry *geometry);
gsize openblas_direct_correlation_get_scratch (const DirectCorrelation *correlation);
void openblas_direct_correlation_run (gpointer correlation, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_direct_correlation_free (gpointer correlation);

/* By tiles of pixels, images by lanes, 3x3 kernels: conv2d and conv2d-input; conv2d-weight */
typedef struct _Winograd Winograd;
Winograd *openblas_winograd_new (const Numeric *numeric, const Geometry *geometry, gboolean adjoint);
gsize openblas_winograd_get_scratch (const Winograd *winograd);
gdouble openblas_winograd_get_flops (const Winograd *winograd);
void openblas_winograd_run (gpointer winograd, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_winograd_free (gpointer winograd);
typedef struct _WinogradWeight WinogradWeight;
WinogradWeight *openblas_winograd_weight_new (const Numeric *numeric, const Geometry *geometry);
gsize openblas_winograd_weight_get_scratch (const WinogradWeight *winograd);
gdouble openblas_winograd_weight_get_flops (const WinogradWeight *winograd);
void openblas_winograd_weight_run (gpointer winograd, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_winograd_weight_free (gpointer winograd);
/* winograd-choice.c: whether they are faster than the direct loops; all that a claim decides about tiles is decided there */
gboolean openblas_choose_winograd (const Numeric *numeric, const Geometry *geometry, ConvolutionKind kind);

/* convolution.c: of images by lanes */
void openblas_claim_direct (const Numeric *numeric, const Geometry *geometry, ConvolutionKind kind, GantryKernel *kernel);
/* narrow.c: conv2d and conv2d-input of images by lanes to a few channels; FALSE where the others are better */
gboolean openblas_claim_narrow (const Numeric *numeric, const Geometry *geometry, ConvolutionKind kind, GantryKernel *kernel);
/* lanes.c: of plain images */
void openblas_claim_lanes (const Numeric *numeric, const Geometry *geometry, ConvolutionKind kind, GantryKernel *kernel);
