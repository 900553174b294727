/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/optimizer.h>

/**
 * gantry_clip_gradients:
 * @gradients: (array length=n) (inout): gradients of any shapes; replaced by the clipped ones
 * @n: how many, at least 1
 * @max_norm: the largest norm that is left alone, above 0
 * @eps: added to the norm that is divided by, such as 1e-6
 *
 * Clips by the global norm: all gradients are multiplied by min (1, max_norm / (norm + eps)), where the norm is that of all
 * of them together.  Pascanu et al. 2013, algorithm 1; eps is that of PyTorch.
 *
 * Returns: (transfer none): the norm before clipping, a scalar
 */
GantryTensor *
gantry_clip_gradients (GantryTensor **gradients, guint n, gdouble max_norm, gdouble eps)
{
  GantryTensor *squares = NULL;
  GantryTensor *norm, *factor;

  g_return_val_if_fail (n > 0, NULL);
  for (guint i = 0; i < n; i++)
    {
      GantryTensor *square = gantry_sum (gantry_square (gradients[i]));

      squares = squares == NULL ? square : gantry_add (squares, square);
    }
  norm = gantry_sqrt (squares);
  factor = gantry_scale (gantry_reciprocal (gantry_offset (norm, eps)), max_norm);
  factor = gantry_minimum (factor, gantry_ones_like (factor));
  for (guint i = 0; i < n; i++)
    gradients[i] = gantry_mul (gradients[i], factor);
  return norm;
}
