/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled for each dtype (LOOPS_FLOAT64 or not) and instruction set; LOOPS_NAME is the table's name. */
#include "config.h"

#include "loops.h"
#include "loops-functions.h"

static void
fill (void *d_, gdouble value, gsize n)
{
  Real *d = d_, v = (Real) value;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = v;
}

static void
expand (void *d_, const void *s_, gsize n, gsize times)
{
  Real *d = d_;
  const Real *s = s_;

  for (gsize i = 0; i < n; i++, d += times)
    {
      const Real v = s[i];

#pragma omp simd
      for (gsize j = 0; j < times; j++)
        d[j] = v;
    }
}

static void
from_bool (void *d_, const guint8 *s, gsize n)
{
  Real *d = d_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = (Real) (s[i] != 0);
}

static void
to_bool (guint8 *d, const void *s_, gsize n)
{
  const Real *s = s_;

#pragma omp simd
  for (gsize i = 0; i < n; i++)
    d[i] = s[i] != 0;
}

#include "loops-tiles.h"
#include "loops-lanes.h"
#include "loops-reductions.h"
#include "loops-products.h"
#include "loops-narrow.h"
#ifndef LOOPS_FLOAT64
#include "loops-winograd.h"
#endif

const Loops LOOPS_NAME = {
  sizeof (Real),
  {
#define ENTRY(name, ...) [LOOP_##name] = loop_##name,
    ELEMENTWISE_OPS (ENTRY, ENTRY)
    [LOOP_COPY] = loop_COPY,
  },
  fill, expand, from_bool, to_bool,
  run_tiles, run_small_tiles,
  sum, sum_rows, max, add_into, max_into, from_double, dot, add_scaled, add,
  to_lanes, from_lanes, gather, scatter, &products,
  VECTOR_SIZE, NARROW_ROWS, narrow, bring_parts,
#ifndef LOOPS_FLOAT64
  winograd
#else
  NULL
#endif
};
