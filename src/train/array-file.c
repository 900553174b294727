/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arrays as files that other programs read: lines of numbers, and NumPy's format. */
#include <gantry/array-file.h>

#include "train/file-private.h"

#include <string.h>

#define NPY_MAGIC "\x93NUMPY\x01\x00" /* format version 1.0 */
#define NPY_PREFIX 10                 /* the magic word and the header's length */
#define NPY_ALIGNMENT 64
#define PIECE (1 << 20)

/**
 * gantry_array_save_csv:
 * @self: an array of one axis or more
 * @path: a file, replaced as a whole
 * @error: return location for an error
 *
 * Writes a line for each element of the first axis, with all of its numbers in row-major order, separated by commas. There is no
 * line of names. Numbers have as many digits as their dtype needs to be read back exactly, and a point whatever the locale.
 *
 * Returns: whether it could be written
 */
gboolean
gantry_array_save_csv (GantryArray *self, const gchar *path, GError **error)
{
  const GantryShape *shape = gantry_array_get_shape (self);
  const gsize n = gantry_array_get_size (self);
  const gsize row = shape->n_dims > 0 && shape->dims[0] > 0 ? n / shape->dims[0] : 1;
  const gchar *format = gantry_array_get_dtype (self) == GANTRY_FLOAT32 ? "%.9g" : "%.17g";
  g_autoptr (GantryFile) file = _gantry_file_create (path, error);
  g_autoptr (GString) text = g_string_new (NULL);
  gchar number[G_ASCII_DTOSTR_BUF_SIZE];

  if (file == NULL)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      g_string_append (text, g_ascii_formatd (number, sizeof number, format, gantry_array_get_double (self, i)));
      g_string_append_c (text, (i + 1) % row == 0 ? '\n' : ',');
      if (text->len < PIECE && i + 1 < n)
        continue;
      if (!_gantry_file_write (file, text->str, text->len, error))
        return FALSE;
      g_string_truncate (text, 0);
    }
  return _gantry_file_commit (g_steal_pointer (&file), error);
}

/* The letter and size that NumPy calls a dtype by, in this machine's byte order. */
static gchar *
describe (GantryDType dtype)
{
  return g_strdup_printf ("%c%c%" G_GSIZE_FORMAT, G_BYTE_ORDER == G_LITTLE_ENDIAN ? '<' : '>', gantry_dtype_is_float (dtype) ? 'f' : 'i',
                          gantry_dtype_size (dtype));
}

static GString *
make_header (GantryArray *self)
{
  const GantryShape *shape = gantry_array_get_shape (self);
  g_autofree gchar *descr = describe (gantry_array_get_dtype (self));
  GString *header = g_string_new (NULL);

  g_string_printf (header, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (guint i = 0; i < shape->n_dims; i++)
    g_string_append_printf (header, "%" G_GSIZE_FORMAT ",%s", shape->dims[i], i + 1 < shape->n_dims ? " " : "");
  g_string_append (header, "), }");
  while ((NPY_PREFIX + header->len + 1) % NPY_ALIGNMENT != 0)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');
  return header;
}

/**
 * gantry_array_save_npy:
 * @self: an array
 * @path: a file, replaced as a whole
 * @error: return location for an error
 *
 * Writes an array in the format of NumPy's `load()` (version 1.0), with its shape and dtype.
 *
 * Returns: whether it could be written
 */
gboolean
gantry_array_save_npy (GantryArray *self, const gchar *path, GError **error)
{
  g_autoptr (GantryFile) file = _gantry_file_create (path, error);
  g_autoptr (GString) header = make_header (self);
  guint8 prefix[NPY_PREFIX];

  memcpy (prefix, NPY_MAGIC, NPY_PREFIX - 2);
  prefix[NPY_PREFIX - 2] = header->len & 0xff;
  prefix[NPY_PREFIX - 1] = header->len >> 8 & 0xff;
  if (file == NULL || !_gantry_file_write (file, prefix, NPY_PREFIX, error) || !_gantry_file_write (file, header->str, header->len, error)
      || !_gantry_file_write (file, gantry_array_get_data (self), gantry_array_get_bytes (self), error))
    return FALSE;
  return _gantry_file_commit (g_steal_pointer (&file), error);
}
