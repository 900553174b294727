/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: loops over images that lie side by side, [.., lane].  Sixteen lanes are the case that matters. */
#pragma once

typedef Real Lanes __attribute__ ((vector_size (MAX_LANES * sizeof (Real)), aligned (sizeof (Real)), may_alias));

static void
to_lanes (void *d_, const void *s_, gsize image_stride, gsize n_images, gsize lanes, gsize n)
{
  Real *d = d_;
  const Real *s = s_;

  for (gsize i = 0; i < n; i++)
    for (gsize lane = 0; lane < n_images; lane++)
      d[i * lanes + lane] = s[lane * image_stride + i];
}

static void
from_lanes (void *d_, const void *s_, gsize image_stride, gsize n_images, gsize lanes, gsize n)
{
  Real *d = d_;
  const Real *s = s_;

  for (gsize lane = 0; lane < n_images; lane++)
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

#define WEIGH_COLUMNS 4

static void
weigh (void *d_, const void *s_, const void *w_, const gint64 *offsets, gsize n, gsize rows, gsize columns, gsize row_step, gsize column_step,
       gsize lanes)
{
  Real *d = d_;
  const Real *s = s_, *w = w_;

  for (gsize r = 0; r < rows; r++, s += row_step)
    {
      gsize c = 0;

      if (lanes == MAX_LANES)
        for (; c + WEIGH_COLUMNS <= columns; c += WEIGH_COLUMNS, d += WEIGH_COLUMNS * MAX_LANES)
          {
            Lanes total[WEIGH_COLUMNS] = { { 0 } };

            for (gsize k = 0; k < n; k++)
              for (guint i = 0; i < WEIGH_COLUMNS; i++)
                total[i] += *(const Lanes *) (s + offsets[k] + (c + i) * column_step) * w[k];
            for (guint i = 0; i < WEIGH_COLUMNS; i++)
              ((Lanes *) d)[i] = total[i];
          }
      for (; c < columns; c++, d += lanes)
        {
          Real total[MAX_LANES] = { 0 };

          for (gsize k = 0; k < n; k++)
            for (gsize lane = 0; lane < lanes; lane++)
              total[lane] += s[offsets[k] + c * column_step + lane] * w[k];
          memcpy (d, total, lanes * sizeof *d);
        }
    }
}
