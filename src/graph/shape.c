/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dtypes and shapes. */
#include "graph/graph-internal.h"

/**
 * gantry_dtype_size:
 * @dtype: a dtype
 *
 * Returns: bytes of one element
 */
gsize
gantry_dtype_size (GantryDType dtype)
{
  switch (dtype)
    {
    case GANTRY_FLOAT32:
      return 4;
    case GANTRY_FLOAT64:
    case GANTRY_INT64:
      return 8;
    case GANTRY_BOOL8:
    default:
      return 1;
    }
}

/**
 * gantry_dtype_name:
 * @dtype: a dtype
 *
 * Returns: (transfer none): its name, such as "float32"
 */
const gchar *
gantry_dtype_name (GantryDType dtype)
{
  switch (dtype)
    {
    case GANTRY_FLOAT32:
      return "float32";
    case GANTRY_FLOAT64:
      return "float64";
    case GANTRY_INT64:
      return "int64";
    case GANTRY_BOOL8:
      return "bool8";
    default:
      return "unknown";
    }
}

/**
 * gantry_dtype_is_float:
 * @dtype: a dtype
 *
 * Returns: whether it holds real numbers: only these carry gradients
 */
gboolean
gantry_dtype_is_float (GantryDType dtype)
{
  return dtype == GANTRY_FLOAT32 || dtype == GANTRY_FLOAT64;
}

/**
 * gantry_shape_count:
 * @shape: a shape
 * @count: (out): number of elements, 1 for a scalar
 *
 * Returns: %FALSE where the number does not fit
 */
gboolean
gantry_shape_count (const GantryShape *shape, gsize *count)
{
  gsize product = 1;

  for (guint i = 0; i < shape->n_dims; i++)
    if (!g_size_checked_mul (&product, product, shape->dims[i]))
      return FALSE;
  *count = product;
  return TRUE;
}

/**
 * gantry_shape_size:
 * @shape: a shape of a tensor or an array, whose number of elements therefore fits
 *
 * Returns: number of elements, 1 for a scalar
 */
gsize
gantry_shape_size (const GantryShape *shape)
{
  gsize count = 0;

  gantry_shape_count (shape, &count);
  return count;
}

/**
 * gantry_shape_equal:
 * @a: a shape
 * @b: another
 *
 * Returns: whether both have the same axes
 */
gboolean
gantry_shape_equal (const GantryShape *a, const GantryShape *b)
{
  if (a->n_dims != b->n_dims)
    return FALSE;
  for (guint i = 0; i < a->n_dims; i++)
    if (a->dims[i] != b->dims[i])
      return FALSE;
  return TRUE;
}

/**
 * gantry_shape_broadcast:
 * @a: a shape
 * @b: another
 * @result: (out caller-allocates): the shape of an elementwise operation on both; unchanged on failure
 *
 * Shapes are aligned at their last axes; an axis that is missing or of size 1 is repeated.
 *
 * Returns: whether they fit
 */
gboolean
gantry_shape_broadcast (const GantryShape *a, const GantryShape *b, GantryShape *result)
{
  GantryShape shape = { MAX (a->n_dims, b->n_dims), { 0 } };

  for (guint i = 0; i < shape.n_dims; i++)
    {
      gsize m = i < a->n_dims ? a->dims[a->n_dims - 1 - i] : 1;
      gsize n = i < b->n_dims ? b->dims[b->n_dims - 1 - i] : 1;

      if (m != n && m != 1 && n != 1)
        return FALSE;
      shape.dims[shape.n_dims - 1 - i] = m == 1 ? n : m;
    }
  *result = shape;
  return TRUE;
}

/**
 * gantry_shape_block:
 * @shape: a plain shape
 * @blocking: how it is blocked
 * @result: (out caller-allocates): the blocked shape; @shape itself where the blocking is plain
 *
 * Returns: %FALSE where there is no such axis, the block does not divide it, or an axis more is too many
 */
gboolean
gantry_shape_block (const GantryShape *shape, const GantryBlocking *blocking, GantryShape *result)
{
  *result = *shape;
  if (blocking->block == 0)
    return TRUE;
  if (blocking->axis >= shape->n_dims || shape->n_dims >= GANTRY_MAX_DIMS || shape->dims[blocking->axis] % blocking->block != 0)
    return FALSE;
  result->dims[blocking->axis] /= blocking->block;
  result->dims[result->n_dims++] = blocking->block;
  return TRUE;
}

/**
 * gantry_shape_unblock:
 * @shape: a blocked shape
 * @blocking: how it is blocked
 * @result: (out caller-allocates): the plain shape
 *
 * Undoes [func@Gantry.shape_block].
 *
 * Returns: %FALSE where @shape is not blocked like that
 */
gboolean
gantry_shape_unblock (const GantryShape *shape, const GantryBlocking *blocking, GantryShape *result)
{
  *result = *shape;
  if (blocking->block == 0)
    return TRUE;
  if (shape->n_dims == 0 || blocking->axis >= shape->n_dims - 1 || shape->dims[shape->n_dims - 1] != blocking->block)
    return FALSE;
  result->n_dims--;
  return g_size_checked_mul (&result->dims[blocking->axis], shape->dims[blocking->axis], blocking->block);
}

/**
 * gantry_shape_to_string:
 * @shape: a shape
 *
 * Returns: (transfer full): its text, such as "[64, 3, 32, 32]"; "[]" for a scalar
 */
gchar *
gantry_shape_to_string (const GantryShape *shape)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < MIN (shape->n_dims, GANTRY_MAX_DIMS); i++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, i > 0 ? ", " : "", shape->dims[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

gboolean
_gantry_shape_error (GError **error, const GantryShape *shape, const gchar *format, ...)
{
  g_autofree gchar *text = gantry_shape_to_string (shape);
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s: %s", text, message);
  return FALSE;
}

gboolean
_gantry_shapes_error (GError **error, const GantryShape *a, const GantryShape *b, const gchar *format, ...)
{
  g_autofree gchar *text_a = gantry_shape_to_string (a);
  g_autofree gchar *text_b = gantry_shape_to_string (b);
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s and %s: %s", text_a, text_b, message);
  return FALSE;
}

gboolean
_gantry_shape_check (const GantryShape *shape, GantryDType dtype, GError **error)
{
  gsize count;

  if (shape->n_dims > GANTRY_MAX_DIMS)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%u axes, at most %d are possible", shape->n_dims, GANTRY_MAX_DIMS);
      return FALSE;
    }
  for (guint i = 0; i < shape->n_dims; i++)
    if (shape->dims[i] == 0)
      return _gantry_shape_error (error, shape, "axis %u has size 0, at least 1 is needed", i);
  if (!gantry_shape_count (shape, &count) || count > (gsize) G_MAXSSIZE / 2 / gantry_dtype_size (dtype))
    return _gantry_shape_error (error, shape, "too many elements of %s", gantry_dtype_name (dtype));
  return TRUE;
}
