/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T and LOOP (name) defined. */

#define BINARY(op_name, Result, expression) \
  static void \
  LOOP (op_name) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output) \
  { \
    const T *left = inputs[0], *right = inputs[1]; \
    Result *y = output; \
    ReferenceWalk walk; \
 \
    start_walk (&walk, call->tensor); \
    do \
      { \
        T a = left[walk.offsets[0]], b = right[walk.offsets[1]]; \
 \
        *y++ = expression; \
      } \
    while (reference_walk_next (&walk)); \
  }

BINARY (add, T, a + b)
BINARY (sub, T, a - b)
BINARY (mul, T, a * b)
BINARY (div, T, a / b)
BINARY (maximum, T, a > b || a != a ? a : b)
BINARY (minimum, T, a < b || a != a ? a : b)
BINARY (less, guint8, a < b)
BINARY (greater, guint8, a > b)
BINARY (equal, guint8, a == b)

#undef BINARY
