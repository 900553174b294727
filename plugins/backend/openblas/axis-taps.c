/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A target pixel of conv2d is a weighted sum of source pixels, the taps.  So is one of conv2d-input: its target pixels fall into phases by
 * their position modulo the stride, each with the kernel positions that meet it.  So the adjoint gathers and adds nothing up in memory.
 * Both axes are alike; a pixel's taps are the product of its row's and its column's.
 */
#include "config.h"

#include "direct.h"

/* Whether the kernel position meets a source pixel, if the image went on for ever, and which. */
static gboolean
meets (gboolean adjoint, gsize target, gsize position, gsize stride, gsize padding, gsize dilation, gssize *source)
{
  gssize shifted = (gssize) padding - (gssize) (position * dilation);

  if (!adjoint)
    {
      *source = (gssize) (target * stride) - shifted;
      return TRUE;
    }
  *source = ((gssize) target + shifted) / (gssize) stride;
  return *source * (gssize) stride == (gssize) target + shifted;
}

void
openblas_axis_taps_init (AxisTaps *axis, gboolean adjoint, gsize target, gsize source, gsize kernel, gsize stride, gsize padding, gsize dilation)
{
  axis->size = target;
  axis->kernel = kernel;
  axis->n_phases = adjoint ? MIN (stride, target) : 1;
  axis->n_positions = g_new0 (gsize, axis->n_phases);
  axis->positions = g_new0 (gsize, axis->n_phases * kernel);
  axis->n_taps = g_new0 (gsize, target);
  axis->taps = g_new0 (AxisTap, target * kernel);
  for (gsize i = 0; i < target; i++)
    {
      gsize phase = i % axis->n_phases, index = 0;

      for (gsize position = 0; position < kernel; position++)
        {
          gssize from;

          if (!meets (adjoint, i, position, stride, padding, dilation, &from))
            continue;
          axis->positions[phase * kernel + index] = position;
          if (from >= 0 && from < (gssize) source)
            axis->taps[i * kernel + axis->n_taps[i]++] = (AxisTap) { index, from };
          index++;
        }
      axis->n_positions[phase] = index;
    }
}

void
openblas_axis_taps_clear (AxisTaps *axis)
{
  g_free (axis->n_positions);
  g_free (axis->positions);
  g_free (axis->n_taps);
  g_free (axis->taps);
}

void
openblas_axis_taps_find_span (const AxisTaps *axis, gsize first, gsize last, gsize *start, gsize *n)
{
  gsize end = 0;

  *start = G_MAXSIZE;
  for (gsize at = first; at < last; at++)
    for (gsize k = 0; k < axis->n_taps[at]; k++)
      {
        *start = MIN (*start, axis->taps[at * axis->kernel + k].source);
        end = MAX (end, axis->taps[at * axis->kernel + k].source + 1);
      }
  *n = end > 0 ? end - *start : 0;
}

gsize
openblas_axis_taps_find_largest_span (const AxisTaps *axis, gsize tile)
{
  gsize largest = 0, start, n;

  for (gsize first = 0; first < axis->size; first += tile)
    {
      openblas_axis_taps_find_span (axis, first, MIN (first + tile, axis->size), &start, &n);
      largest = MAX (largest, n);
    }
  return largest;
}
