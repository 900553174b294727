/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's random numbers for plugins. */
#include <gantry/random.h>

#include "engine/random-private.h"

/**
 * gantry_random_pair:
 * @kind: %GANTRY_INPUT_UNIFORM, in [0, 1), or %GANTRY_INPUT_NORMAL, of mean 0 and deviation 1
 * @seed: of all draws that belong together
 * @name: what is drawn: different names give independent numbers
 * @index: of the record or sample
 * @pair: which two numbers of it
 * @draws: (out caller-allocates) (array fixed-size=2): elements 2 @pair and 2 @pair + 1 of the record
 *
 * Two random numbers, which depend on the arguments alone: not on what was drawn before, and not on threads.  The generator is
 * Philox4x32-10 (Salmon et al. 2011), normal numbers are made by Box & Muller's transform (1958).
 */
void
gantry_random_pair (GantryInputKind kind, guint64 seed, const gchar *name, guint64 index, guint64 pair, gdouble draws[2])
{
  const GantryStream stream = _gantry_stream (seed, _gantry_name_hash (name), 0);

  if (kind == GANTRY_INPUT_NORMAL)
    _gantry_stream_normal (&stream, index, pair, draws);
  else
    _gantry_stream_uniform (&stream, index, pair, draws);
}
