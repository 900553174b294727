/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which variables an initializer can fill. */
#include "graph/graph-private.h"

#include <math.h>

static gboolean
needs_matrix (GantryInitializerKind kind)
{
  return kind >= GANTRY_INITIALIZER_XAVIER_UNIFORM;
}

gboolean
_gantry_initializer_check (const GantryInitializer *initializer, const GantryShape *shape, GantryDType dtype, GError **error)
{
  const GantryInitializerKind kind = initializer->kind;

  if (kind == GANTRY_INITIALIZER_CONSTANT)
    return TRUE;
  if (!gantry_dtype_is_float (dtype))
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "random initial values of %s, float32 or float64 is needed",
                   gantry_dtype_name (dtype));
      return FALSE;
    }
  if (needs_matrix (kind) && shape->n_dims < 2)
    {
      g_autofree gchar *found = gantry_shape_to_string (shape);

      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s initial values of %s, at least two axes are needed",
                   kind == GANTRY_INITIALIZER_ORTHOGONAL ? "orthogonal" : "fans for", found);
      return FALSE;
    }
  if (kind == GANTRY_INITIALIZER_TRUNCATED_NORMAL && !(initializer->b > 0))
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "a normal truncated at %g standard deviations, more than 0 are needed",
                   initializer->b);
      return FALSE;
    }
  if ((guint) kind > GANTRY_INITIALIZER_ORTHOGONAL || !isfinite (initializer->a) || isnan (initializer->b))
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "no initializer of kind %d with %g and %g", kind, initializer->a,
                   initializer->b);
      return FALSE;
    }
  return TRUE;
}
