/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: loops over images that lie side by side, [.., lane].  Sixteen lanes are the case that matters. */
#pragma once

#include "loops-square.h"

typedef Real Lanes __attribute__ ((vector_size (MAX_LANES * sizeof (Real)), aligned (sizeof (Real)), may_alias));

static void
to_lanes (void *d_, const void *s_, gsize image_stride, gsize n_images, gsize lanes, gsize n)
{
  Real *d = d_;
  const Real *s = s_;
  gsize i = 0;

#ifndef LOOPS_FLOAT64
  /* Images often lie a power of two apart, where a cache has room for few lines: four are read at a time, a line of each. */
  for (gsize length; i + 4 <= n; i += length)
    {
      gsize lane = 0;

      length = MIN (16, (n - i) & ~(gsize) 3);
      for (; lane + 4 <= n_images; lane += 4)
        for (gsize k = i; k < i + length; k += 4)
          turn_square (d + k * lanes + lane, lanes, s + lane * image_stride + k, image_stride);
      for (; lane < n_images; lane++)
        for (gsize k = i; k < i + length; k++)
          d[k * lanes + lane] = s[lane * image_stride + k];
    }
#endif
  for (; i < n; i++)
    for (gsize lane = 0; lane < n_images; lane++)
      d[i * lanes + lane] = s[lane * image_stride + i];
}

static void
from_lanes (void *d_, const void *s_, gsize image_stride, gsize n_images, gsize lanes, gsize n)
{
  Real *d = d_;
  const Real *s = s_;
  gsize lane = 0;

#ifndef LOOPS_FLOAT64
  for (; lane + 4 <= n_images; lane += 4)
    {
      gsize i = 0;

      for (; i + 4 <= n; i += 4)
        turn_square (d + lane * image_stride + i, image_stride, s + i * lanes + lane, lanes);
      for (; i < n; i++)
        for (guint k = 0; k < 4; k++)
          d[(lane + k) * image_stride + i] = s[i * lanes + lane + k];
    }
#endif
  for (; lane < n_images; lane++)
    for (gsize i = 0; i < n; i++)
      d[lane * image_stride + i] = s[i * lanes + lane];
}

static void
gather (void *d_, const void *s_, gsize rows, gsize columns, gsize row_step, gsize column_step, gsize lanes)
{
  Real *d = d_;
  const Real *s = s_;

  for (gsize r = 0; r < rows; r++, s += row_step)
    if (column_step == lanes)
      {
        memcpy (d, s, columns * lanes * sizeof *d);
        d += columns * lanes;
      }
    else if (lanes == MAX_LANES)
      for (gsize c = 0; c < columns; c++, d += MAX_LANES)
        *(Lanes *) d = *(const Lanes *) (s + c * column_step);
    else
      for (gsize c = 0; c < columns; c++, d += lanes)
        for (gsize lane = 0; lane < lanes; lane++)
          d[lane] = s[c * column_step + lane];
}

static void
scatter (void *d_, const void *s_, gsize rows, gsize columns, gsize row_step, gsize column_step, gsize lanes)
{
  Real *d = d_;
  const Real *s = s_;

  for (gsize r = 0; r < rows; r++, d += row_step)
    if (column_step == lanes)
      {
        memcpy (d, s, columns * lanes * sizeof *d);
        s += columns * lanes;
      }
    else if (lanes == MAX_LANES)
      for (gsize c = 0; c < columns; c++, s += MAX_LANES)
        *(Lanes *) (d + c * column_step) = *(const Lanes *) s;
    else
      for (gsize c = 0; c < columns; c++, s += lanes)
        for (gsize lane = 0; lane < lanes; lane++)
          d[c * column_step + lane] = s[lane];
}
