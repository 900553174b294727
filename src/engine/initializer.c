/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From draws to the first numbers of a variable. */
#include "initializer-private.h"

#include "graph/graph-private.h"

#include <gantry/error.h>

#include <math.h>

/**
 * gantry_initializer_get_draws:
 * @self: an initializer
 *
 * Returns: %GANTRY_INPUT_NORMAL or %GANTRY_INPUT_UNIFORM: what gantry_initializer_fill() takes; a constant takes either and uses none
 */
GantryInputKind
gantry_initializer_get_draws (const GantryInitializer *self)
{
  switch (self->kind)
    {
    case GANTRY_INITIALIZER_UNIFORM:
    case GANTRY_INITIALIZER_TRUNCATED_NORMAL:
    case GANTRY_INITIALIZER_XAVIER_UNIFORM:
    case GANTRY_INITIALIZER_KAIMING_UNIFORM:
      return GANTRY_INPUT_UNIFORM;
    default:
      return GANTRY_INPUT_NORMAL;
    }
}

/* Probability that a standard normal draw is below @x. */
static gdouble
normal_cdf (gdouble x)
{
  return 0.5 * erfc (-x / G_SQRT2);
}

/* Inverse of normal_cdf() for 0 < p <= 1/2.  There the function is convex: Newton's method from 0 descends to the root. */
static gdouble
normal_quantile_below (gdouble p)
{
  gdouble x = 0;

  for (guint i = 0; i < 200; i++)
    {
      const gdouble step = (normal_cdf (x) - p) * sqrt (2 * G_PI) * exp (0.5 * x * x);

      x -= step;
      if (fabs (step) <= 1e-15 * (1 + fabs (x)))
        break;
    }
  return x;
}

/* A uniform draw to one of the normal distribution that is cut off at +-bound. */
static gdouble
truncated (gdouble u, gdouble bound)
{
  const gdouble below = normal_cdf (-bound);
  const gboolean upper = u > 0.5;
  const gdouble p = below + (upper ? 1 - u : u) * (1 - 2 * below); /* from the nearer end: no digits are lost there */
  const gdouble x = MAX (p > 0 ? normal_quantile_below (p) : -bound, -bound);

  return upper ? -x : x;
}

typedef struct {
  gdouble factor; /* of the draw */
  gdouble addend;
} Affine;

static gdouble
count_fan (const GantryShape *shape, guint axis)
{
  return (gdouble) gantry_shape_size (shape) / (gdouble) MAX (shape->dims[axis], 1);
}

/* Uniform draws u become 2 u - 1 times the bound. */
static Affine
within (gdouble bound)
{
  return (Affine) { 2 * bound, -bound };
}

static Affine
get_affine (const GantryInitializer *self, const GantryShape *shape, gdouble norm)
{
  const gboolean fans = self->kind >= GANTRY_INITIALIZER_XAVIER_UNIFORM;
  const gdouble in = fans ? count_fan (shape, 0) : 1, out = fans ? count_fan (shape, 1) : 1;
  const gdouble fan = self->b == GANTRY_FAN_OUT ? out : in;

  switch (self->kind)
    {
    case GANTRY_INITIALIZER_CONSTANT:
      return (Affine) { 0, self->a };
    case GANTRY_INITIALIZER_NORMAL:
      return (Affine) { self->b, self->a };
    case GANTRY_INITIALIZER_UNIFORM:
      return (Affine) { self->b - self->a, self->a };
    case GANTRY_INITIALIZER_UNIT_VECTOR:
      return (Affine) { 1 / norm, 0 };
    case GANTRY_INITIALIZER_XAVIER_UNIFORM:
      return within (self->a * sqrt (6 / (in + out)));
    case GANTRY_INITIALIZER_XAVIER_NORMAL:
      return (Affine) { self->a * sqrt (2 / (in + out)), 0 };
    case GANTRY_INITIALIZER_KAIMING_UNIFORM:
      return within (self->a * sqrt (3 / fan));
    case GANTRY_INITIALIZER_KAIMING_NORMAL:
      return (Affine) { self->a / sqrt (fan), 0 };
    default:
      return (Affine) { self->a, 0 };
    }
}

static gdouble
measure (GantryDrawFunc draw, gpointer source, gsize size)
{
  gdouble squares = 0;

  for (gsize i = 0; i < size; i++)
    squares += draw (source, i) * draw (source, i);
  return sqrt (squares);
}

/* The longer way of the matrix is that of the vectors: they are its rows, or its columns where there are more rows. */
static gboolean
fill_orthogonal (const GantryInitializer *self, GantryDrawFunc draw, gpointer source, GantryArray *array, GError **error)
{
  const gsize size = gantry_array_get_size (array);
  const gsize rows = gantry_array_get_shape (array)->dims[0], columns = size / rows;
  const gboolean tall = rows > columns;
  const gsize n = tall ? columns : rows, length = tall ? rows : columns;
  g_autofree gdouble *vectors = g_try_new (gdouble, size);

  if (vectors == NULL)
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "no memory for %" G_GSIZE_FORMAT " numbers of an orthogonal matrix", size);
      return FALSE;
    }
  for (gsize i = 0; i < size; i++)
    vectors[tall ? i % columns * length + i / columns : i] = draw (source, i);
  if (!_gantry_orthonormalise (vectors, n, length))
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "draws that are linearly dependent cannot be made orthogonal");
      return FALSE;
    }
  for (gsize i = 0; i < size; i++)
    gantry_array_set_double (array, i, self->a * vectors[tall ? i % columns * length + i / columns : i]);
  return TRUE;
}

gboolean
_gantry_initializer_fill (const GantryInitializer *self, GantryDrawFunc draw, gpointer source, GantryArray *array, GError **error)
{
  const gsize size = gantry_array_get_size (array);
  Affine affine;

  if (self->kind == GANTRY_INITIALIZER_ORTHOGONAL)
    return fill_orthogonal (self, draw, source, array, error);
  affine = get_affine (self, gantry_array_get_shape (array), self->kind == GANTRY_INITIALIZER_UNIT_VECTOR ? measure (draw, source, size) : 1);
  for (gsize i = 0; i < size; i++)
    {
      gdouble value = self->kind == GANTRY_INITIALIZER_CONSTANT ? 0 : draw (source, i);

      if (self->kind == GANTRY_INITIALIZER_TRUNCATED_NORMAL)
        value = truncated (value, self->b);
      gantry_array_set_double (array, i, affine.addend + affine.factor * value);
    }
  return TRUE;
}

static gdouble
draw_from_array (gpointer source, gsize i)
{
  return gantry_array_get_double (source, i);
}

/**
 * gantry_initializer_fill:
 * @self: an initializer
 * @draws: standard normal or uniform draws, as gantry_initializer_get_draws() says, one an element of @array
 * @array: numbers to be replaced, of float32 or float64
 * @error: return location for an error
 *
 * Makes of given draws what a state makes of its own when it fills a variable.  Computed in double and rounded.
 *
 * Orthogonal: A = Q R with a positive diagonal of R, of the draws as a matrix [axis 0, rest], transposed where that has fewer rows than
 * columns, as torch.nn.init.orthogonal_ does.
 *
 * Fails with %GANTRY_GRAPH_ERROR where the initializer cannot fill such an array, with %GANTRY_ENGINE_ERROR_INPUT where the shapes
 * of @draws and @array differ or the draws are linearly dependent, with %GANTRY_ENGINE_ERROR_MEMORY where memory cannot be had.
 *
 * Returns: whether @array was filled
 */
gboolean
gantry_initializer_fill (const GantryInitializer *self, const GantryArray *draws, GantryArray *array, GError **error)
{
  if (!_gantry_initializer_check (self, gantry_array_get_shape (array), gantry_array_get_dtype (array), error))
    return FALSE;
  if (!gantry_shape_equal (gantry_array_get_shape (draws), gantry_array_get_shape (array)))
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_array_get_shape (draws));
      g_autofree gchar *expected = gantry_shape_to_string (gantry_array_get_shape (array));

      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "draws of %s for an array of %s", found, expected);
      return FALSE;
    }
  return _gantry_initializer_fill (self, draw_from_array, (gpointer) draws, array, error);
}
