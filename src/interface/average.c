/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/average.h>

#include <gantry/ops.h>
#include <math.h>

/**
 * gantry_average_get_decay:
 * @half_life: images after which what went into the average counts half; 0 or more
 * @ramp_up: the half-life is at most this multiple of @images; 0 for no such limit
 * @images: images shown before the step
 * @batch: images of the step
 *
 * The share of an average that a step leaves, 0.5^(batch / half-life), as StyleGAN2 has it: Karras et al. 2020 (Analyzing and Improving),
 * with the ramp-up of Karras et al. 2020 (Training with Limited Data).
 *
 * Returns: a decay between 0 and 1; 0, which copies, where the half-life is 0
 */
gdouble
gantry_average_get_decay (gdouble half_life, gdouble ramp_up, guint64 images, gsize batch)
{
  const gdouble limited = ramp_up > 0 ? MIN (half_life, ramp_up * images) : half_life;

  return limited > 0 ? exp2 (-(gdouble) batch / limited) : 0;
}

/**
 * gantry_average_move:
 * @average: an average, of a float dtype
 * @value: what it goes towards, of its shape and dtype
 * @decay: share of @average that is left, a float64 scalar
 *
 * One step of an exponential moving average: decay average + (1 - decay) value.  A decay of 0 copies, to the bit.
 *
 * Returns: (transfer none): the average after the step
 */
GantryTensor *
gantry_average_move (GantryTensor *average, GantryTensor *value, GantryTensor *decay)
{
  const GantryDType dtype = gantry_tensor_get_dtype (average);
  /* In float32 1 - 0.9999 would lose its digits. */
  GantryTensor *rest = gantry_cast (gantry_offset (gantry_neg (decay), 1), dtype);

  return gantry_add (gantry_mul (gantry_cast (decay, dtype), average), gantry_mul (rest, value));
}
