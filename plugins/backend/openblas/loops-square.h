/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Part of loops.c: squares of four by four are turned in registers. */
#pragma once

#ifndef LOOPS_FLOAT64
typedef Real Four __attribute__ ((vector_size (4 * sizeof (Real)), aligned (sizeof (Real)), may_alias));

static inline void
turn_square (Real *d, gsize d_step, const Real *s, gsize s_step)
{
  const Four a = *(const Four *) s, b = *(const Four *) (s + s_step), c = *(const Four *) (s + 2 * s_step), e = *(const Four *) (s + 3 * s_step);
  const Four ab_low = __builtin_shufflevector (a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector (a, b, 2, 6, 3, 7);
  const Four ce_low = __builtin_shufflevector (c, e, 0, 4, 1, 5), ce_high = __builtin_shufflevector (c, e, 2, 6, 3, 7);

  *(Four *) d = __builtin_shufflevector (ab_low, ce_low, 0, 1, 4, 5);
  *(Four *) (d + d_step) = __builtin_shufflevector (ab_low, ce_low, 2, 3, 6, 7);
  *(Four *) (d + 2 * d_step) = __builtin_shufflevector (ab_high, ce_high, 0, 1, 4, 5);
  *(Four *) (d + 3 * d_step) = __builtin_shufflevector (ab_high, ce_high, 2, 3, 6, 7);
}
#endif
