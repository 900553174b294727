/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d, conv2d-input, conv2d-weight: geometry, the cases that are one product of matrices, and images by lanes. */
#include "config.h"

#include <string.h>

#include "convolution.h"

#define BLOCKED "blocked-"

gsize
openblas_stack_plane (const Stack *stack, gsize lanes)
{
  return stack->rows * stack->columns * lanes;
}

gsize
openblas_stack_bytes (const Numeric *numeric, const Stack *stack, const Geometry *g)
{
  return ALIGNED (g->n_sets * stack->channels * openblas_stack_plane (stack, g->lanes) * numeric->loops->size);
}

void
openblas_stack_fill (const Numeric *numeric, const Stack *stack, const Geometry *g, gconstpointer images, gpointer lanes)
{
  const Loops *loops = numeric->loops;
  gsize pixels = stack->height * stack->width, plane = openblas_stack_plane (stack, g->lanes);
  gboolean dense = stack->rows == stack->height && stack->columns == stack->width;

#pragma omp for schedule(dynamic, 4) collapse(2) nowait
  for (gsize set = 0; set < g->n_sets; set++)
    for (gsize channel = 0; channel < stack->channels; channel++)
      {
        gsize first = set * g->lanes, present = MIN (g->lanes, g->n - first);
        gconstpointer from = element (numeric, images, (first * stack->channels + channel) * pixels);
        gpointer to = element (numeric, lanes, (set * stack->channels + channel) * plane);

        if (!dense || present < g->lanes)
          memset (to, 0, plane * loops->size);
        if (dense)
          loops->to_lanes (to, from, stack->channels * pixels, present, g->lanes, pixels);
        else
          for (gsize row = 0; row < stack->height; row++)
            loops->to_lanes (element (numeric, to, ((stack->top + row) * stack->columns + stack->left) * g->lanes),
                             element (numeric, from, row * stack->width), stack->channels * pixels, present, g->lanes, stack->width);
      }
}

void
openblas_stack_empty (const Numeric *numeric, const Stack *stack, const Geometry *g, gconstpointer lanes, gpointer images)
{
  gsize pixels = stack->height * stack->width;

#pragma omp for schedule(dynamic, 4) collapse(2) nowait
  for (gsize set = 0; set < g->n_sets; set++)
    for (gsize channel = 0; channel < stack->channels; channel++)
      {
        gsize first = set * g->lanes;

        numeric->loops->from_lanes (element (numeric, images, (first * stack->channels + channel) * pixels),
                                    element (numeric, lanes, (set * stack->channels + channel) * pixels * g->lanes),
                                    stack->channels * pixels, MIN (g->lanes, g->n - first), g->lanes, pixels);
      }
}

static gboolean
find_kind (GantryTensor *tensor, ConvolutionKind *kind)
{
  static const gchar *const names[N_CONVOLUTIONS] = { "conv2d", "conv2d-input", "conv2d-weight" };
  const gchar *name = gantry_tensor_get_op_name (tensor);

  for (*kind = 0; *kind < N_CONVOLUTIONS; (*kind)++)
    if (g_str_equal (name, names[*kind]) || (g_str_has_prefix (name, BLOCKED) && g_str_equal (name + strlen (BLOCKED), names[*kind])))
      return TRUE;
  return FALSE;
}

/* Shapes of x, the weight and y, as if they were plain; FALSE where they are blocked in a way that is not ours. */
static gboolean
get_shapes (GantryTensor *tensor, ConvolutionKind kind, GantryShape shapes[3], gsize *block)
{
  static const guint places[N_CONVOLUTIONS][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 0, 2, 1 } };
  gboolean blocked = g_str_has_prefix (gantry_tensor_get_op_name (tensor), BLOCKED);
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);

  *block = 0;
  for (guint i = 0; i < 3; i++)
    {
      const GantryShape *shape = gantry_tensor_get_shape (places[kind][i] == 2 ? tensor : gantry_tensor_get_input (tensor, places[kind][i]));
      GantryBlocking blocking = { 0, 0 };

      if (blocked)
        {
          const gint64 *pair = ints + n_ints - 6 + 2 * places[kind][i];

          blocking = (GantryBlocking) { (guint) pair[0], (gsize) pair[1] };
          if (blocking.axis != 0 || (i == 1 ? blocking.block != 0 : blocking.block == 0 || blocking.block % MAX_LANES != 0) ||
              (*block != 0 && i != 1 && blocking.block != *block))
            return FALSE;
          *block = MAX (*block, blocking.block);
        }
      if (!gantry_shape_unblock (shape, &blocking, &shapes[i]) || shapes[i].n_dims != 4 || gantry_shape_size (&shapes[i]) == 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
get_geometry (GantryTensor *tensor, ConvolutionKind kind, Geometry *g)
{
  GantryShape shapes[3];
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);
  gsize block;

  if (n_ints < 7 || !get_shapes (tensor, kind, shapes, &block))
    return FALSE;
  *g = (Geometry) {
    .n = shapes[0].dims[0], .c = shapes[0].dims[1], .h = shapes[0].dims[2], .w = shapes[0].dims[3],
    .o = shapes[1].dims[0], .kh = shapes[1].dims[2], .kw = shapes[1].dims[3],
    .oh = shapes[2].dims[2], .ow = shapes[2].dims[3],
    .stride_h = ints[0], .stride_w = ints[1], .pad_h = ints[2], .pad_w = ints[3], .dilation_h = ints[4], .dilation_w = ints[5],
    .groups = ints[6],
  };
  /* full sets have kernels of their own, which are worth some empty lanes */
  g->lanes = block > 0 ? block : g->n >= MAX_LANES / 2 ? MAX_LANES : g->n;
  g->n_sets = (g->n + g->lanes - 1) / g->lanes;
  return TRUE;
}

/* One kernel position, or one that covers the image: a product of plain matrices. */
static gboolean
covers_image (const Geometry *g)
{
  return g->oh == 1 && g->ow == 1 && g->pad_h == 0 && g->pad_w == 0 && g->kh == g->h && g->kw == g->w && g->groups == 1 &&
         (g->dilation_h == 1 || g->kh == 1) && (g->dilation_w == 1 || g->kw == 1);
}

static void
product_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  openblas_product_run (data, inputs[0], inputs[1], output, scratch);
}

static void
swapped_product_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  openblas_product_run (data, inputs[1], inputs[0], output, scratch);
}

static void
product_free (gpointer data)
{
  openblas_product_free (data);
}

static gboolean
claim_product (const Numeric *numeric, const Geometry *g, ConvolutionKind kind, GantryKernel *kernel)
{
  gsize k = g->c * g->kh * g->kw;
  Product *product;

  if (kind == CONVOLUTION)
    product = openblas_product_new (numeric, FALSE, TRUE, g->n, g->o, k);
  else if (kind == CONVOLUTION_INPUT)
    product = openblas_product_new (numeric, FALSE, FALSE, g->n, k, g->o);
  else
    product = openblas_product_new (numeric, TRUE, FALSE, g->o, k, g->n);
  if (product == NULL)
    return FALSE;
  openblas_fill_kernel (kernel, "gemm", openblas_product_get_scratch (product), kind == CONVOLUTION_WEIGHT ? swapped_product_run : product_run,
                        product, product_free);
  return TRUE;
}

static void
claim_matrices (const Numeric *numeric, const Geometry *g, ConvolutionKind kind, GantryKernel *kernel)
{
  if (kind == CONVOLUTION_WEIGHT)
    {
      Correlation *correlation = openblas_correlation_new (numeric, g);

      openblas_fill_kernel (kernel, "gemm-conv2d-weight", openblas_correlation_get_scratch (correlation), openblas_correlation_run, correlation,
                            openblas_correlation_free);
    }
  else
    {
      Taps *taps = openblas_taps_new (numeric, g, kind == CONVOLUTION_INPUT);

      openblas_fill_kernel (kernel, kind == CONVOLUTION ? "gemm-conv2d" : "gemm-conv2d-input", openblas_taps_get_scratch (taps),
                            openblas_taps_run, taps, openblas_taps_free);
    }
}

static void
claim_winograd (const Numeric *numeric, const Geometry *g, ConvolutionKind kind, GantryKernel *kernel)
{
  if (kind == CONVOLUTION_WEIGHT)
    {
      WinogradWeight *winograd = openblas_winograd_weight_new (numeric, g);

      openblas_fill_kernel (kernel, "winograd-conv2d-weight", openblas_winograd_weight_get_scratch (winograd), openblas_winograd_weight_run, winograd,
                            openblas_winograd_weight_free);
      kernel->flops = openblas_winograd_weight_get_flops (winograd);
    }
  else
    {
      Winograd *winograd = openblas_winograd_new (numeric, g, kind == CONVOLUTION_INPUT);

      openblas_fill_kernel (kernel, kind == CONVOLUTION ? "winograd-conv2d" : "winograd-conv2d-input", openblas_winograd_get_scratch (winograd),
                            openblas_winograd_run, winograd, openblas_winograd_free);
      kernel->flops = openblas_winograd_get_flops (winograd);
    }
}

void
openblas_claim_direct (const Numeric *numeric, const Geometry *g, ConvolutionKind kind, GantryKernel *kernel)
{
  static const gchar *const names[][2] = {
    [CONVOLUTION] = { "blocked-conv2d", "blocked-conv2d-bf16" },
    [CONVOLUTION_INPUT] = { "blocked-conv2d-input", "blocked-conv2d-input-bf16" },
    [CONVOLUTION_WEIGHT] = { "blocked-conv2d-weight", "blocked-conv2d-weight-bf16" },
  };
  const gchar *name = names[kind][openblas_is_rounding (numeric)];

  if (openblas_choose_winograd (numeric, g, kind))
    claim_winograd (numeric, g, kind, kernel);
  else if (kind == CONVOLUTION_WEIGHT)
    {
      DirectCorrelation *correlation = openblas_direct_correlation_new (numeric, g);

      openblas_fill_kernel (kernel, name, openblas_direct_correlation_get_scratch (correlation),
                            openblas_direct_correlation_run, correlation, openblas_direct_correlation_free);
    }
  else if (!openblas_claim_narrow (numeric, g, kind, kernel))
    {
      DirectTaps *taps = openblas_direct_taps_new (numeric, g, kind == CONVOLUTION_INPUT);

      openblas_fill_kernel (kernel, name, openblas_direct_taps_get_scratch (taps), openblas_direct_taps_run, taps, openblas_direct_taps_free);
    }
}

/* What multiplies images by lanes */
static const Numeric *
choose_numeric (const Openblas *backend, const GantryClaim *claim)
{
  GantryDType dtype = gantry_tensor_get_dtype (claim->tensor);
  gboolean may_round = claim->size > G_STRUCT_OFFSET (GantryClaim, precision) && claim->precision == GANTRY_PRECISION_BFLOAT16;

  return may_round && dtype == GANTRY_FLOAT32 && backend->bfloat16.products != NULL ? &backend->bfloat16 : numeric_for (backend, dtype);
}

gboolean
openblas_claim_convolution (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  const Numeric *numeric = numeric_for (backend, gantry_tensor_get_dtype (claim->tensor));
  const Numeric *direct = choose_numeric (backend, claim);
  ConvolutionKind kind;
  Geometry g;

  if (numeric == NULL || !find_kind (claim->tensor, &kind) || !get_geometry (claim->tensor, kind, &g))
    return FALSE;
  if (g_str_has_prefix (gantry_tensor_get_op_name (claim->tensor), BLOCKED))
    openblas_claim_direct (direct, &g, kind, kernel);
  else if (covers_image (&g))
    return claim_product (numeric, &g, kind, kernel);
  else if (g.lanes == MAX_LANES)
    openblas_claim_lanes (direct, &g, kind, kernel);
  else
    claim_matrices (numeric, &g, kind, kernel);
  return TRUE;
}

/* Images side by side, as many as a multiple of the lanes allows: four vectors a pixel suit the registers best. */
gboolean
openblas_choose_layouts (const Openblas *backend, const GantryClaim *claim, GantryLayouts *layouts)
{
  GantryBlocking blocking = { 0, 4 * MAX_LANES };
  ConvolutionKind kind;
  Geometry g;

  if (numeric_for (backend, gantry_tensor_get_dtype (claim->tensor)) == NULL || !find_kind (claim->tensor, &kind) ||
      !get_geometry (claim->tensor, kind, &g))
    return FALSE;
  while (blocking.block >= MAX_LANES && g.n % blocking.block != 0)
    blocking.block /= 2;
  if (blocking.block < MAX_LANES)
    return TRUE;
  layouts->inputs[0] = blocking;
  if (kind == CONVOLUTION_WEIGHT)
    layouts->inputs[1] = blocking;
  else
    layouts->result = blocking;
  return TRUE;
}
