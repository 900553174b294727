/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random draws of other distributions, made of uniform ones: binding the uniform input replays them. */
#include "graph/graph-internal.h"

/* What float32 tells apart in [0, 1). */
#define MAX_INTEGERS ((gsize) 1 << 24)

/**
 * gantry_graph_bernoulli:
 * @self: a graph
 * @name: name of the uniform input that decides, see [method@Gantry.Graph.random]
 * @shape: its shape; axis 0 is the sample axis
 * @probability: of a 1, from 0 to 1
 *
 * Returns: (transfer none): ones and zeros in the graph's dtype, drawn anew in each run: 1 where the uniform draw is below @probability
 */
GantryTensor *
gantry_graph_bernoulli (GantryGraph *self, const gchar *name, const GantryShape *shape, gdouble probability)
{
  if (!(probability >= 0 && probability <= 1))
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "bernoulli '%s': probability %g, from 0 to 1 is needed", name,
                         probability);
      return gantry_graph_poison (self, shape, self->dtype);
    }
  return gantry_cast (gantry_less (gantry_graph_random (self, GANTRY_INPUT_UNIFORM, name, shape), gantry_constant (self, probability)), self->dtype);
}

/**
 * gantry_graph_integers:
 * @self: a graph
 * @name: name of the uniform input that decides, see [method@Gantry.Graph.random]
 * @shape: its shape; axis 0 is the sample axis
 * @n: how many numbers there are to draw, from 1 to 2^24
 *
 * Returns: (transfer none): int64 numbers from 0 to @n - 1, equally likely, drawn anew in each run: the uniform draw times @n, rounded down
 */
GantryTensor *
gantry_graph_integers (GantryGraph *self, const gchar *name, const GantryShape *shape, gsize n)
{
  if (n < 1 || n > MAX_INTEGERS)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "integers '%s': %" G_GSIZE_FORMAT " to choose from, 1 to %"
                         G_GSIZE_FORMAT " are possible", name, n, MAX_INTEGERS);
      return gantry_graph_poison (self, shape, GANTRY_INT64);
    }
  return gantry_cast (gantry_scale (gantry_graph_random (self, GANTRY_INPUT_UNIFORM, name, shape), (gdouble) n), GANTRY_INT64);
}
