/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Orthonormal vectors by the modified Gram-Schmidt process. */
#include "initializer-private.h"

#include <math.h>

/* Vectors that are subtracted from all later ones together: they stay in the cache meanwhile.  Not a matter of the result's bits. */
#define BLOCK 16

static gdouble
dot (const gdouble *a, const gdouble *b, gsize n)
{
  gdouble sum[4] = { 0 };
  gsize i = 0;

  for (; i + 4 <= n; i += 4)
    for (gsize k = 0; k < 4; k++)
      sum[k] += a[i + k] * b[i + k];
  for (; i < n; i++)
    sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Takes from @vector what it has of the unit vector @unit. */
static void
remove_part (gdouble *vector, const gdouble *unit, gsize n)
{
  const gdouble part = dot (vector, unit, n);

  for (gsize i = 0; i < n; i++)
    vector[i] -= part * unit[i];
}

static gboolean
normalise (gdouble *vector, gsize n)
{
  const gdouble norm = sqrt (dot (vector, vector, n));

  if (!(norm > 0) || !isfinite (norm))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    vector[i] /= norm;
  return TRUE;
}

gboolean
_gantry_orthonormalise (gdouble *vectors, gsize n, gsize length)
{
  for (gsize begin = 0; begin < n; begin += BLOCK)
    {
      const gsize end = MIN (begin + BLOCK, n);

      for (gsize k = begin; k < end; k++)
        {
          if (!normalise (vectors + k * length, length))
            return FALSE;
          for (gsize j = k + 1; j < end; j++)
            remove_part (vectors + j * length, vectors + k * length, length);
        }
#pragma omp parallel for schedule (static) if ((n - end) * length > 4096)
      for (gsize j = end; j < n; j++)
        for (gsize k = begin; k < end; k++)
          remove_part (vectors + j * length, vectors + k * length, length);
    }
  return TRUE;
}
