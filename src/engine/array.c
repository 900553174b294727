/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Concrete numbers: reference counted, row-major, 64-byte aligned. */
#include <gantry/array.h>
#include <gantry/error.h>

#include <string.h>

#include "array-private.h"

#define ALIGNMENT 64

struct _GantryArray {
  gint references;
  GantryDType dtype;
  GantryShape shape;
  gsize size;
  gsize bytes;
  gpointer data;
  gpointer block; /* what was allocated: data is its first aligned byte */
};

G_DEFINE_BOXED_TYPE (GantryArray, gantry_array, gantry_array_ref, gantry_array_unref)

gpointer
_gantry_memory_new (gsize bytes, gpointer *block)
{
  *block = bytes > G_MAXSIZE - ALIGNMENT ? NULL : g_try_malloc0 (bytes + ALIGNMENT);
  if (*block == NULL)
    return NULL;
  return (gpointer) (((guintptr) *block + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

/**
 * gantry_array_try_new:
 * @dtype: type of the elements
 * @shape: shape of the array
 * @error: return location for an error
 *
 * Makes an array of zeros and says why where it cannot.
 *
 * Fails with %GANTRY_ENGINE_ERROR_MEMORY where the memory cannot be had, or where the number of bytes does not fit in a `gsize`.
 *
 * Returns: (transfer full) (nullable): the array, or %NULL with @error set
 */
GantryArray *
gantry_array_try_new (GantryDType dtype, const GantryShape *shape, GError **error)
{
  GantryArray *self;
  gpointer block = NULL, data = NULL;
  gsize size, bytes = 0;
  gboolean fits = gantry_shape_count (shape, &size) && g_size_checked_mul (&bytes, size, gantry_dtype_size (dtype));

  if (fits)
    data = _gantry_memory_new (bytes, &block);
  if (data == NULL)
    {
      g_autofree gchar *text = gantry_shape_to_string (shape);

      if (fits)
        g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "cannot have %" G_GSIZE_FORMAT " bytes for an array %s of %s",
                     bytes, text, gantry_dtype_name (dtype));
      else
        g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "an array %s of %s has more bytes than can be addressed",
                     text, gantry_dtype_name (dtype));
      return NULL;
    }
  self = g_new0 (GantryArray, 1);
  self->references = 1;
  self->dtype = dtype;
  self->shape = *shape;
  self->size = size;
  self->bytes = bytes;
  self->data = data;
  self->block = block;
  return self;
}

/**
 * gantry_array_new:
 * @dtype: type of the elements
 * @shape: shape of the array
 *
 * Makes an array of zeros.  [func@Gantry.Array.try_new] says why it could not.
 *
 * Returns: (transfer full) (nullable): the array, or %NULL where its memory cannot be had
 */
GantryArray *
gantry_array_new (GantryDType dtype, const GantryShape *shape)
{
  return gantry_array_try_new (dtype, shape, NULL);
}

/**
 * gantry_array_new_from_doubles:
 * @dtype: type of the elements
 * @shape: shape of the array
 * @values: as many numbers as @shape has elements, the last axis varying fastest
 *
 * Makes an array from numbers, each converted as [method@Gantry.Array.set_double] does.
 *
 * Returns: (transfer full) (nullable): the array, or %NULL where its memory cannot be had
 */
GantryArray *
gantry_array_new_from_doubles (GantryDType dtype, const GantryShape *shape, const gdouble *values)
{
  GantryArray *self = gantry_array_try_new (dtype, shape, NULL);

  for (gsize i = 0; self != NULL && i < self->size; i++)
    gantry_array_set_double (self, i, values[i]);
  return self;
}

/**
 * gantry_array_ref:
 * @self: an array
 *
 * Takes a reference.  Safe from any thread.
 *
 * Returns: (transfer full): @self
 */
GantryArray *
gantry_array_ref (GantryArray *self)
{
  g_atomic_int_inc (&self->references);
  return self;
}

/**
 * gantry_array_unref:
 * @self: (transfer full): an array
 *
 * Gives a reference back; the last one frees the numbers.
 */
void
gantry_array_unref (GantryArray *self)
{
  if (!g_atomic_int_dec_and_test (&self->references))
    return;
  g_free (self->block);
  g_free (self);
}

/**
 * gantry_array_copy:
 * @self: an array
 *
 * Makes an array of its own with the same numbers.
 *
 * Returns: (transfer full) (nullable): the copy, or %NULL where its memory cannot be had
 */
GantryArray *
gantry_array_copy (GantryArray *self)
{
  return gantry_array_convert (self, self->dtype);
}

/**
 * gantry_array_convert:
 * @self: an array
 * @dtype: type of the result's elements
 *
 * Makes an array with the same numbers in another type: rounded to the nearest in float32, truncated towards zero in int64
 * (NaN and what is out of range become the smallest int64), 1 for anything but 0 in bool8.
 *
 * Returns: (transfer full) (nullable): the new array, or %NULL where its memory cannot be had
 */
GantryArray *
gantry_array_convert (GantryArray *self, GantryDType dtype)
{
  GantryArray *copy = gantry_array_try_new (dtype, &self->shape, NULL);

  if (copy != NULL)
    gantry_array_assign (copy, self, NULL);
  return copy;
}

/**
 * gantry_array_get_dtype:
 * @self: an array
 *
 * Returns: the type of its elements
 */
GantryDType
gantry_array_get_dtype (const GantryArray *self)
{
  return self->dtype;
}

/**
 * gantry_array_get_shape:
 * @self: an array
 *
 * Returns: (transfer none): its shape
 */
const GantryShape *
gantry_array_get_shape (const GantryArray *self)
{
  return &self->shape;
}

/**
 * gantry_array_get_size:
 * @self: an array
 *
 * Returns: how many elements it has
 */
gsize
gantry_array_get_size (const GantryArray *self)
{
  return self->size;
}

/**
 * gantry_array_get_bytes:
 * @self: an array
 *
 * Returns: how many bytes its elements take
 */
gsize
gantry_array_get_bytes (const GantryArray *self)
{
  return self->bytes;
}

/**
 * gantry_array_get_data:
 * @self: an array
 *
 * The numbers themselves: contiguous, row-major, aligned to 64 bytes.
 *
 * Returns: (transfer none): the first element
 */
gpointer
gantry_array_get_data (GantryArray *self)
{
  return self->data;
}

/**
 * gantry_array_get_double:
 * @self: an array
 * @i: index of an element in row-major order, below its size
 *
 * Returns: the element
 */
gdouble
gantry_array_get_double (const GantryArray *self, gsize i)
{
  g_return_val_if_fail (i < self->size, 0);
  switch (self->dtype)
    {
    case GANTRY_FLOAT32:
      return ((const gfloat *) self->data)[i];
    case GANTRY_FLOAT64:
      return ((const gdouble *) self->data)[i];
    case GANTRY_INT64:
      return ((const gint64 *) self->data)[i];
    case GANTRY_BOOL8:
      return ((const guint8 *) self->data)[i];
    }
  g_return_val_if_reached (0);
}

/**
 * gantry_array_set_double:
 * @self: an array
 * @i: index of an element in row-major order, below its size
 * @value: what to write, converted as [method@Gantry.Array.convert] does
 */
void
gantry_array_set_double (GantryArray *self, gsize i, gdouble value)
{
  g_return_if_fail (i < self->size);
  switch (self->dtype)
    {
    case GANTRY_FLOAT32:
      ((gfloat *) self->data)[i] = value;
      break;
    case GANTRY_FLOAT64:
      ((gdouble *) self->data)[i] = value;
      break;
    case GANTRY_INT64:
      ((gint64 *) self->data)[i] = value >= -0x1p63 && value < 0x1p63 ? (gint64) value : G_MININT64;
      break;
    case GANTRY_BOOL8:
      ((guint8 *) self->data)[i] = value != 0;
      break;
    }
}

/**
 * gantry_array_assign:
 * @self: an array
 * @values: an array of the same shape
 * @error: return location for an error
 *
 * Copies numbers, converting them as [method@Gantry.Array.convert] does where the types differ.
 *
 * Fails with %GANTRY_ENGINE_ERROR_INPUT where the shapes differ.
 *
 * Returns: whether they were copied
 */
gboolean
gantry_array_assign (GantryArray *self, GantryArray *values, GError **error)
{
  if (!gantry_shape_equal (&self->shape, &values->shape))
    {
      g_autofree gchar *expected = gantry_shape_to_string (&self->shape);
      g_autofree gchar *found = gantry_shape_to_string (&values->shape);

      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "an array %s cannot be assigned to an array %s", found, expected);
      return FALSE;
    }
  if (self->dtype == values->dtype)
    memmove (self->data, values->data, self->bytes);
  else
    for (gsize i = 0; i < self->size; i++)
      gantry_array_set_double (self, i, gantry_array_get_double (values, i));
  return TRUE;
}
