/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d, conv2d-input, conv2d-weight: geometry, the cases that are one product of matrices, and images by lanes. */
#include "config.h"

#include <string.h>

#include "convolution.h"

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
get_geometry (GantryTensor *x, GantryTensor *weight, GantryTensor *y, const gint64 *ints, Geometry *g)
{
  const GantryShape *shapes[] = { gantry_tensor_get_shape (x), gantry_tensor_get_shape (weight), gantry_tensor_get_shape (y) };

  for (guint i = 0; i < 3; i++)
    if (shapes[i]->n_dims != 4 || gantry_shape_size (shapes[i]) == 0)
      return FALSE;
  *g = (Geometry) {
    .n = shapes[0]->dims[0], .c = shapes[0]->dims[1], .h = shapes[0]->dims[2], .w = shapes[0]->dims[3],
    .o = shapes[1]->dims[0], .kh = shapes[1]->dims[2], .kw = shapes[1]->dims[3],
    .oh = shapes[2]->dims[2], .ow = shapes[2]->dims[3],
    .stride_h = ints[0], .stride_w = ints[1], .pad_h = ints[2], .pad_w = ints[3], .dilation_h = ints[4], .dilation_w = ints[5],
    .groups = ints[6],
  };
  /* full sets have kernels of their own, which are worth some empty lanes */
  g->n_sets = (g->n + MAX_LANES - 1) / MAX_LANES;
  g->lanes = g->n >= MAX_LANES / 2 ? MAX_LANES : g->n;
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

gboolean
openblas_claim_convolution (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *result = claim->tensor, *first = gantry_tensor_get_input (result, 0), *second = gantry_tensor_get_input (result, 1);
  const gchar *op = gantry_tensor_get_op_name (result);
  const Numeric *numeric = numeric_for (backend, gantry_tensor_get_dtype (result));
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (result, &n_ints);
  gboolean is_forward = g_str_equal (op, "conv2d"), is_input = g_str_equal (op, "conv2d-input");
  gboolean known;
  Product *product = NULL;
  Geometry g;

  if (numeric == NULL || n_ints < 7)
    return FALSE;
  if (is_forward)
    known = get_geometry (first, second, result, ints, &g);
  else if (is_input)
    known = get_geometry (result, second, first, ints, &g);
  else
    known = get_geometry (first, result, second, ints, &g);
  if (!known)
    return FALSE;

  if (covers_image (&g))
    {
      gsize k = g.c * g.kh * g.kw;

      if (is_forward)
        product = openblas_product_new (numeric, FALSE, TRUE, g.n, g.o, k);
      else if (is_input)
        product = openblas_product_new (numeric, FALSE, FALSE, g.n, k, g.o);
      else
        product = openblas_product_new (numeric, TRUE, FALSE, g.o, k, g.n);
      if (product == NULL)
        return FALSE;
      openblas_fill_kernel (kernel, "gemm", openblas_product_get_scratch (product),
                            is_forward || is_input ? product_run : swapped_product_run, product, product_free);
    }
  else if (is_forward || is_input)
    {
      Taps *taps = openblas_taps_new (numeric, &g, is_input);

      static const gchar *const names[][2] = { { "gemm-conv2d-input", "gemm-conv2d" }, { "direct-conv2d-input", "direct-conv2d" } };

      openblas_fill_kernel (kernel, names[g.lanes == MAX_LANES][is_forward], openblas_taps_get_scratch (taps), openblas_taps_run,
                            taps, openblas_taps_free);
    }
  else
    {
      Correlation *correlation = openblas_correlation_new (numeric, &g);

      openblas_fill_kernel (kernel, g.lanes == MAX_LANES ? "direct-conv2d-weight" : "gemm-conv2d-weight",
                            openblas_correlation_get_scratch (correlation), openblas_correlation_run, correlation, openblas_correlation_free);
    }
  return TRUE;
}
