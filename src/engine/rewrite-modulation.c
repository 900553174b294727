/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Modulated convolutions as published code writes them: a group a sample, with kernels that are shared ones times factors of the sample's channels on
 * both sides.  They become one convolution of all samples, its input and its output multiplied; and so do the sums that gradients of the kernels
 * end in, so that no sample has kernels of its own.
 */
#include "modulation-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)
#define GROUPS 6

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

static GantryTensor *
rewrite_convolution (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *image = INPUT (y, 0), *weight = INPUT (y, 1), *kernels, *result;
  gboolean is_forward = _gantry_tensor_is (y, "conv2d");
  const gsize n = (gsize) ints (y)[GROUPS];
  const GantryShape *shape;
  GantryModulationTerms terms;
  const GantryModulationTerm *term = &terms.terms[0];

  if (n < 2 || gantry_tensor_get_dim (image, 0) != 1 || !_gantry_tensor_is (weight, "reshape"))
    return NULL;
  shape = gantry_tensor_get_shape (INPUT (weight, 0));
  if (shape->n_dims != MODULATION_AXES || shape->dims[0] != n || shape->dims[2] != gantry_tensor_get_dim (weight, 1)
      || shape->dims[3] != gantry_tensor_get_dim (weight, 2)
      || !_gantry_modulation_expand (simplifier, INPUT (weight, 0), &terms) || terms.n != 1 || term->shared == NULL || term->gradient != NULL)
    return NULL;
  kernels = _gantry_reduce (simplifier, gantry_scale (_gantry_modulation_kernels (simplifier, term, shape), term->factor));
  result = _gantry_modulation_images (simplifier, image, n);
  result = _gantry_modulation_multiply (simplifier, result, is_forward ? term->columns : term->rows);
  result = _gantry_modulation_convolve (simplifier, gantry_tensor_get_op_name (y), y, result, kernels, gantry_tensor_get_dim (y, 2),
                                        gantry_tensor_get_dim (y, 3));
  result = _gantry_modulation_multiply (simplifier, result, is_forward ? term->rows : term->columns);
  return _gantry_reduce (simplifier, gantry_reshape (result, gantry_tensor_get_shape (y)));
}

/* Over samples, or over all but samples and one kind of channels; 0 where it is no such sum.  Pixels of a kernel may be one, which needs no sum. */
static guint
find_axes (GantryTensor *tensor)
{
  static const guint sums[] = { GANTRY_AXIS (0), GANTRY_AXIS (1) | GANTRY_AXIS (3) | GANTRY_AXIS (4),
                                GANTRY_AXIS (2) | GANTRY_AXIS (3) | GANTRY_AXIS (4) };
  GantryTensor *x = _gantry_tensor_is (tensor, "sum") ? INPUT (tensor, 0) : NULL;
  guint ones = 0;

  if (x == NULL || gantry_tensor_get_n_dims (x) != MODULATION_AXES || gantry_tensor_get_dim (x, 0) < 2)
    return 0;
  for (guint axis = 3; axis < MODULATION_AXES; axis++)
    ones |= gantry_tensor_get_dim (x, axis) == 1 ? GANTRY_AXIS (axis) : 0;
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    if (((guint) ints (tensor)[0] & ~ones) == (sums[i] & ~ones))
      return sums[i];
  return 0;
}

/* Whether nothing is made of it but such sums: else it is there anyway. */
static gboolean
ends_in_sums (GantryTensor *tensor, const guint *uses)
{
  static const gchar *const passed[] = { "reshape", "permute", "mul", "add", "sub", "scale", "neg" };
  GantryGraph *graph = gantry_tensor_get_graph (tensor);
  guint n = 0;

  for (guint id = gantry_tensor_get_id (tensor) + 1; id < gantry_graph_get_n_tensors (graph); id++)
    {
      GantryTensor *user = gantry_graph_get_tensor (graph, id);
      guint times = 0;
      gboolean ends = find_axes (user) != 0;

      for (guint i = 0; uses[id] > 0 && i < gantry_tensor_get_n_inputs (user); i++)
        times += INPUT (user, i) == tensor;
      for (guint i = 0; times > 0 && !ends && i < G_N_ELEMENTS (passed); i++)
        ends = _gantry_tensor_is (user, passed[i]) && ends_in_sums (user, uses);
      if (times > 0 && !ends)
        return FALSE;
      n += times;
    }
  return n == uses[gantry_tensor_get_id (tensor)];
}

static GantryTensor *
rewrite_sum (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0), *total = NULL;
  const GantryShape *shape = gantry_tensor_get_shape (x);
  GantryModulationTerms terms;
  gboolean has_gradient = FALSE;
  guint axes = find_axes (y);

  if (axes == 0 || !_gantry_modulation_expand (simplifier, x, &terms))
    return NULL;
  for (guint i = 0; i < terms.n; i++)
    if (terms.terms[i].gradient != NULL)
      {
        const guint *uses;
        GantryTensor *source = _gantry_simplifier_get_source (simplifier, terms.terms[i].gradient, &uses);

        has_gradient = TRUE;
        if (source == NULL || !ends_in_sums (source, uses))
          return NULL;
      }
  /* Kernels of one pixel are summed as fast. */
  if (!has_gradient && shape->dims[3] * shape->dims[4] == 1)
    return NULL;
  for (guint i = 0; i < terms.n; i++)
    {
      GantryTensor *sum = _gantry_modulation_sum (simplifier, &terms.terms[i], shape, axes);

      if (sum == NULL)
        return NULL;
      total = total != NULL ? _gantry_reduce (simplifier, gantry_add (total, sum)) : sum;
    }
  return _gantry_reduce (simplifier, gantry_reshape (total, gantry_tensor_get_shape (y)));
}

GantryTensor *
_gantry_rewrite_modulation (GantrySimplifier *simplifier, GantryTensor *y)
{
  if (_gantry_tensor_is (y, "conv2d") || _gantry_tensor_is (y, "conv2d-input"))
    return rewrite_convolution (simplifier, y);
  return _gantry_tensor_is (y, "sum") && gantry_dtype_is_float (gantry_tensor_get_dtype (y)) ? rewrite_sum (simplifier, y) : NULL;
}
