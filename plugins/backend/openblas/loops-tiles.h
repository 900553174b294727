/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Part of loops.c: a fused program, all of its steps for a tile before the next tile.  What one step leaves to the next is then in the nearest cache,
 * and all tensors are read and written side by side, as a loop written for the purpose would.  Large tiles cost fewer jumps; of small ones the
 * processor has several steps at work at once, and so computes while it waits for memory.
 */
#pragma once

#define TILE_LOOP(name, op, flags, expression) \
  case LOOP_##name: \
    _Pragma ("omp simd") \
    for (guint i = 0; i < tile; i++) \
      { \
        const Real x = a[i], y G_GNUC_UNUSED = b[i], z G_GNUC_UNUSED = c[i]; \
        d[i] = expression; \
      } \
    break;
#define TILE_OWN(name, ...) \
  case LOOP_##name: \
    loop_##name (d, a, b, c, step->value, tile); \
    break;

static inline __attribute__ ((always_inline)) void
run_tile (const LoopStep *step, Real *const *values, const guint tile)
{
  Real *d = values[step->result];
  const Real *a = values[step->arguments[0]], *b = values[step->arguments[1]], *c = values[step->arguments[2]];
  const Real v G_GNUC_UNUSED = (Real) step->value;

  switch (step->op)
    {
      ELEMENTWISE_OPS (TILE_LOOP, TILE_OWN)
      TILE_LOOP (COPY, "copy", 0, x)
    case N_LOOPS:
      break;
    }
}

#define RUN_TILES(name, tile) \
  static void \
  name (const LoopStep *steps, guint n_steps, gpointer *values, const guint8 *moving, guint n_moving, gsize n_tiles) \
  { \
    for (gsize k = 0; k < n_tiles; k++) \
      { \
        for (guint i = 0; i < n_steps; i++) \
          run_tile (&steps[i], (Real *const *) values, tile); \
        for (guint i = 0; i < n_moving; i++) \
          values[moving[i]] = (Real *) values[moving[i]] + tile; \
      } \
  }

RUN_TILES (run_tiles, LOOP_TILE)
RUN_TILES (run_small_tiles, LOOP_SMALL_TILE)
