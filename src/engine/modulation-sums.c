/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sums over axes of [n, a, b, kh, kw], a product: what does not depend on an axis is multiplied after the sum over it. */
#include <string.h>

#include "modulation-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

enum { GROUPS = 6, SIZE = 7, MAX_INTS = 9 };

GantryTensor *
_gantry_modulation_convolve (GantrySimplifier *simplifier, const gchar *op, GantryTensor *like, GantryTensor *a, GantryTensor *b, gsize height,
                             gsize width)
{
  GantryTensor *inputs[] = { a, b };
  gint64 geometry[MAX_INTS];
  guint n;
  const gint64 *ints = gantry_tensor_get_ints (like, &n);

  memcpy (geometry, ints, GROUPS * sizeof *geometry);
  geometry[GROUPS] = 1;
  geometry[SIZE] = (gint64) height;
  geometry[SIZE + 1] = (gint64) width;
  return _gantry_reduce (simplifier, gantry_apply (gantry_op_find (op), inputs, 2, geometry, strcmp (op, "conv2d") == 0 ? SIZE : MAX_INTS, NULL, 0));
}

/* [n, channels or 1, 1, 1, 1] or [n, 1, channels or 1, 1, 1] */
GantryTensor *
_gantry_modulation_multiply (GantrySimplifier *simplifier, GantryTensor *images, GantryTensor *factors)
{
  gsize n = gantry_tensor_get_dim (images, 0);

  if (factors == NULL)
    return images;
  factors = _gantry_reduce (simplifier, gantry_reshape (factors, GANTRY_SHAPE (n, gantry_tensor_get_size (factors) / n, 1, 1)));
  return _gantry_reduce (simplifier, gantry_mul (images, factors));
}

GantryTensor *
_gantry_modulation_images (GantrySimplifier *simplifier, GantryTensor *image, gsize n)
{
  const GantryShape shape = { 4, { n, gantry_tensor_get_dim (image, 1) / n, gantry_tensor_get_dim (image, 2), gantry_tensor_get_dim (image, 3) } };

  return _gantry_reduce (simplifier, gantry_reshape (image, &shape));
}

GantryTensor *
_gantry_modulation_kernels (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape)
{
  const gsize *d = shape->dims;
  GantryTensor *all = _gantry_reduce (simplifier, gantry_broadcast_to (term->shared, GANTRY_SHAPE (1, d[1], d[2], d[3], d[4])));

  return _gantry_reduce (simplifier, gantry_reshape (all, GANTRY_SHAPE (d[1], d[2], d[3], d[4])));
}

/* [n, size] */
static GantryTensor *
as_matrix (GantrySimplifier *simplifier, GantryTensor *factors, gsize n, gsize size)
{
  GantryTensor *matrix = _gantry_reduce (simplifier, gantry_reshape (factors, GANTRY_SHAPE (n, gantry_tensor_get_size (factors) / n)));

  return _gantry_reduce (simplifier, gantry_broadcast_to (matrix, GANTRY_SHAPE (n, size)));
}

static GantryTensor *
product (GantrySimplifier *simplifier, GantryTensor *a, gboolean transpose_a, GantryTensor *b, gboolean transpose_b)
{
  return _gantry_reduce (simplifier, gantry_matmul_full (a, transpose_a, b, transpose_b));
}

/* Of what has no gradient in it. */
static GantryTensor *
sum_factors (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape, guint axes)
{
  const gsize n = shape->dims[0], a = shape->dims[1], b = shape->dims[2];
  GantryTensor *rows = term->rows != NULL ? as_matrix (simplifier, term->rows, n, a) : NULL;
  GantryTensor *columns = term->columns != NULL ? as_matrix (simplifier, term->columns, n, b) : NULL, *kernels, *sum;

  if (axes == GANTRY_AXIS (0))
    {
      if (rows != NULL && columns != NULL)
        sum = gantry_reshape (product (simplifier, rows, TRUE, columns, FALSE), GANTRY_SHAPE (1, a, b, 1, 1));
      else if (rows != NULL || columns != NULL)
        sum = gantry_sum_axes (rows != NULL ? term->rows : term->columns, axes, TRUE);
      else
        return NULL;
      return _gantry_reduce (simplifier, gantry_mul (term->shared, _gantry_reduce (simplifier, sum)));
    }
  if ((axes & GANTRY_AXIS (1)) != 0 ? rows == NULL : columns == NULL)
    return NULL;
  kernels = _gantry_modulation_kernels (simplifier, term, shape);
  kernels = _gantry_reduce (simplifier, gantry_sum_axes (kernels, GANTRY_AXIS (2) | GANTRY_AXIS (3), FALSE));
  if ((axes & GANTRY_AXIS (1)) != 0)
    {
      rows = _gantry_reduce (simplifier, gantry_reshape (product (simplifier, rows, FALSE, kernels, FALSE), GANTRY_SHAPE (n, 1, b, 1, 1)));
      return term->columns != NULL ? _gantry_reduce (simplifier, gantry_mul (rows, term->columns)) : rows;
    }
  columns = _gantry_reduce (simplifier, gantry_reshape (product (simplifier, columns, FALSE, kernels, TRUE), GANTRY_SHAPE (n, a, 1, 1, 1)));
  return term->rows != NULL ? _gantry_reduce (simplifier, gantry_mul (columns, term->rows)) : columns;
}

/* Turned as the kernels are that the gradient is of: the convolutions are then the same ones as those of the images. */
static GantryTensor *
get_gradient_kernels (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape)
{
  const guint turn[MODULATION_AXES] = { 0, 2, 1, 3, 4 };
  GantryModulationTerm turned = *term;
  GantryShape turned_shape = *shape;

  if (!term->turned)
    return _gantry_modulation_kernels (simplifier, term, shape);
  for (guint i = 0; i < MODULATION_AXES; i++)
    turned_shape.dims[i] = shape->dims[turn[i]];
  turned.shared = _gantry_reduce (simplifier, gantry_permute (term->shared, turn));
  return _gantry_modulation_kernels (simplifier, &turned, &turned_shape);
}

/* Over samples it is the gradient of the shared kernels.  Over all but samples and one kind of channels it is the sum over pixels of images
   on that side times what the convolution or its adjoint makes of those on the other. */
static GantryTensor *
sum_gradient (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape, guint axes)
{
  const gsize n = shape->dims[0];
  const guint swap[] = { 1, 0, 2, 3 };
  GantryTensor *gradient = term->gradient, *x_factors = term->turned ? term->rows : term->columns;
  GantryTensor *y_factors = term->turned ? term->columns : term->rows, *kernels, *sum;
  GantryTensor *x = _gantry_modulation_images (simplifier, INPUT (gradient, 0), n);
  GantryTensor *y = _gantry_modulation_images (simplifier, INPUT (gradient, 1), n);
  gboolean keeps_x = ((axes & GANTRY_AXIS (1)) != 0) != term->turned;
  const gsize *d = shape->dims;

  if (axes == GANTRY_AXIS (0))
    {
      sum = _gantry_modulation_convolve (simplifier, "conv2d-weight", gradient, _gantry_modulation_multiply (simplifier, x, x_factors),
                                         _gantry_modulation_multiply (simplifier, y, y_factors), d[3], d[4]);
      if (term->turned)
        sum = _gantry_reduce (simplifier, gantry_permute (sum, swap));
      sum = _gantry_reduce (simplifier, gantry_reshape (sum, GANTRY_SHAPE (1, d[1], d[2], d[3], d[4])));
      return term->shared != NULL ? _gantry_reduce (simplifier, gantry_mul (sum, term->shared)) : sum;
    }
  kernels = get_gradient_kernels (simplifier, term, shape);
  if (keeps_x)
    sum = _gantry_modulation_convolve (simplifier, "conv2d-input", gradient, _gantry_modulation_multiply (simplifier, y, y_factors), kernels,
                                       gantry_tensor_get_dim (x, 2), gantry_tensor_get_dim (x, 3));
  else
    sum = _gantry_modulation_convolve (simplifier, "conv2d", gradient, _gantry_modulation_multiply (simplifier, x, x_factors), kernels, 0, 0);
  sum = _gantry_reduce (simplifier, gantry_mul (sum, keeps_x ? x : y));
  sum = _gantry_reduce (simplifier, gantry_sum_axes (sum, GANTRY_AXIS (2) | GANTRY_AXIS (3), TRUE));
  sum = _gantry_modulation_multiply (simplifier, sum, keeps_x ? x_factors : y_factors);
  return _gantry_reduce (simplifier, gantry_reshape (sum, (axes & GANTRY_AXIS (1)) != 0 ? GANTRY_SHAPE (n, 1, d[2], 1, 1)
                                                                                       : GANTRY_SHAPE (n, d[1], 1, 1, 1)));
}

GantryTensor *
_gantry_modulation_sum (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape, guint axes)
{
  GantryTensor *sum;
  GantryShape kept = *shape;

  for (guint i = 0; i < MODULATION_AXES; i++)
    if ((axes & GANTRY_AXIS (i)) != 0)
      kept.dims[i] = 1;
  if (term->shared == NULL && (term->gradient == NULL || axes != GANTRY_AXIS (0)))
    return NULL;
  sum = term->gradient != NULL ? sum_gradient (simplifier, term, shape, axes) : sum_factors (simplifier, term, shape, axes);
  if (sum == NULL)
    return NULL;
  sum = _gantry_reduce (simplifier, gantry_broadcast_to (sum, &kept));
  return _gantry_reduce (simplifier, gantry_scale (sum, term->factor));
}
