/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/error.h>
#include <gantry/reader.h>

#include "interface/call-private.h"

/**
 * GantryReader:
 *
 * A dataset: so many records, each of the same named fields.
 */
G_DEFINE_INTERFACE (GantryReader, gantry_reader, GANTRY_TYPE_COMPONENT)

static void
gantry_reader_default_init (GantryReaderInterface *iface)
{
}

/**
 * gantry_reader_get_flags:
 * @self: a reader
 *
 * Returns: #GantryReaderFlags
 */
guint
gantry_reader_get_flags (GantryReader *self)
{
  return GANTRY_READER_GET_IFACE (self)->flags;
}

/**
 * gantry_reader_probe:
 * @self: a reader
 * @path: a file or folder
 *
 * Whether the reader can read what is at a path, judged by its name and first bytes.
 *
 * Returns: %FALSE where it cannot, or does not say
 */
gboolean
gantry_reader_probe (GantryReader *self, const gchar *path)
{
  GantryReaderInterface *iface = GANTRY_READER_GET_IFACE (self);

  return iface->probe != NULL && iface->probe (self, path);
}

static gboolean
check_vfuncs (GantryReader *self, GError **error)
{
  GantryReaderInterface *iface = GANTRY_READER_GET_IFACE (self);
  const gchar *missing = iface->open == NULL     ? "open"
                         : iface->count == NULL  ? "count"
                         : iface->fields == NULL ? "fields"
                         : iface->read == NULL   ? "read"
                                                 : NULL;

  if (missing != NULL)
    {
      g_autofree gchar *label = _gantry_component_label (self);

      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s: the plugin lacks the vfunc `%s`", label, missing);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_fields (GantryReader *self, GError **error)
{
  g_autofree gchar *label = _gantry_component_label (self);
  guint n_fields = 0;
  const GantryField *fields = gantry_reader_fields (self, &n_fields);

  if (fields == NULL || n_fields == 0 || n_fields > GANTRY_READER_MAX_FIELDS)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s: the plugin says it has %u fields, expected 1 to %d", label, n_fields,
                   GANTRY_READER_MAX_FIELDS);
      return FALSE;
    }
  for (guint i = 0; i < n_fields; i++)
    {
      gsize count;

      if (fields[i].name == NULL || fields[i].shape.n_dims >= GANTRY_MAX_DIMS || !gantry_shape_count (&fields[i].shape, &count) || count == 0)
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s: field %u (`%s`) has no name or a shape that cannot be", label, i,
                       fields[i].name != NULL ? fields[i].name : "");
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * gantry_reader_open:
 * @self: a reader
 * @error: return location for an error
 *
 * Opens what the reader's properties name.
 *
 * Returns: %FALSE with an error that names the file
 */
gboolean
gantry_reader_open (GantryReader *self, GError **error)
{
  return check_vfuncs (self, error) && GANTRY_READER_GET_IFACE (self)->open (self, error) && check_fields (self, error);
}

/**
 * gantry_reader_count:
 * @self: an open reader
 *
 * Returns: number of records
 */
gsize
gantry_reader_count (GantryReader *self)
{
  return GANTRY_READER_GET_IFACE (self)->count (self);
}

/**
 * gantry_reader_fields:
 * @self: an open reader
 * @n_fields: (out): how many there are, at most %GANTRY_READER_MAX_FIELDS
 *
 * The fields of every record; images are float32 [channels, height, width] in [-1, 1].
 *
 * Returns: (transfer none) (array length=n_fields): the fields, alive as long as the reader
 */
const GantryField *
gantry_reader_fields (GantryReader *self, guint *n_fields)
{
  return GANTRY_READER_GET_IFACE (self)->fields (self, n_fields);
}

/**
 * gantry_reader_read:
 * @self: an open reader
 * @index: which record, below [method@Gantry.Reader.count]
 * @fields: one pointer a field, each with room for one field, row-major
 * @error: return location for an error
 *
 * Reads one record.  May be called from several threads at once where the reader's flags say so.
 *
 * Returns: %FALSE with an error that names the file and the record
 */
gboolean
gantry_reader_read (GantryReader *self, gsize index, gpointer const *fields, GError **error)
{
  const gsize count = gantry_reader_count (self);

  if (index >= count)
    {
      g_autofree gchar *label = _gantry_component_label (self);

      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: record %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, label, index, count);
      return FALSE;
    }
  return GANTRY_READER_GET_IFACE (self)->read (self, index, fields, error);
}

/**
 * gantry_reader_digest:
 * @self: an open reader
 *
 * What tells its data from others beside their number and what records hold: a checkpoint keeps it, so that a resumed training notices
 * that files have changed.
 *
 * Returns: (transfer full) (nullable): a text of one line; %NULL where the reader has nothing to say
 */
gchar *
gantry_reader_digest (GantryReader *self)
{
  GantryReaderInterface *iface = GANTRY_READER_GET_IFACE (self);

  return iface->digest != NULL ? iface->digest (self) : NULL;
}

/**
 * gantry_reader_get_memory:
 * @self: an open reader
 *
 * Returns: bytes of data that it keeps in memory; 0 where it reads each record when it is wanted, or does not say
 */
gsize
gantry_reader_get_memory (GantryReader *self)
{
  GantryReaderInterface *iface = GANTRY_READER_GET_IFACE (self);

  return iface->memory != NULL ? iface->memory (self) : 0;
}

/**
 * gantry_reader_describe:
 * @self: an open reader
 *
 * What was opened, for people: how many records of which classes, and what was left out.
 *
 * Returns: (transfer full) (nullable): one line; %NULL where the reader has nothing to say
 */
gchar *
gantry_reader_describe (GantryReader *self)
{
  GantryReaderInterface *iface = GANTRY_READER_GET_IFACE (self);

  return iface->describe != NULL ? iface->describe (self) : NULL;
}
