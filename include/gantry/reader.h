/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>
#include <gantry/component.h>

G_BEGIN_DECLS

#define GANTRY_READER_MAX_FIELDS 8

/**
 * GantryField:
 * @name: "image" ([channels, height, width], float32 in [-1, 1]), "label" ([], int64), "point", ...
 * @shape: of one record
 */
typedef struct {
  const gchar *name;
  GantryShape shape;
  GantryDType dtype;
} GantryField;

/**
 * GantryReaderFlags:
 * @GANTRY_READER_THREAD_SAFE: `read` may be called from several threads at once
 * @GANTRY_READER_UNTRUSTED: parses a format that has seen attacks
 */
typedef enum {
  GANTRY_READER_THREAD_SAFE = 1 << 0,
  GANTRY_READER_UNTRUSTED = 1 << 1
} GantryReaderFlags;

#define GANTRY_TYPE_READER (gantry_reader_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryReader, gantry_reader, GANTRY, READER, GantryComponent)

/**
 * GantryReaderInterface:
 * @flags: #GantryReaderFlags
 * @probe: whether it can read what is at a path, from its name and first bytes
 * @open: opens what its properties name; errors name the file
 * @count: number of records
 * @fields: the fields of every record, (transfer none)
 * @read: reads record @index into @fields, one pointer a field, each with room for the field
 * @digest: (nullable): a text that differs where the data differ, as far as can be told without reading them, such as a sum of names and
 *   sizes; (transfer full)
 * @memory: (nullable): bytes of data that it keeps in memory once it is open
 * @describe: (nullable): what was opened, in words, such as "500 images of 2 classes (0 cat, 1 dog)"; (transfer full)
 */
struct _GantryReaderInterface {
  GTypeInterface parent_iface;
  guint flags;
  gboolean (*probe) (GantryReader *self, const gchar *path);
  gboolean (*open) (GantryReader *self, GError **error);
  gsize (*count) (GantryReader *self);
  const GantryField *(*fields) (GantryReader *self, guint *n_fields);
  gboolean (*read) (GantryReader *self, gsize index, gpointer const *fields, GError **error);
  gchar *(*digest) (GantryReader *self);
  gchar *(*describe) (GantryReader *self);
  gsize (*memory) (GantryReader *self);
  gpointer reserved[5];
};

GANTRY_API guint gantry_reader_get_flags (GantryReader *self);
GANTRY_API gboolean gantry_reader_probe (GantryReader *self, const gchar *path);
GANTRY_API gboolean gantry_reader_open (GantryReader *self, GError **error);
GANTRY_API gsize gantry_reader_count (GantryReader *self);
GANTRY_API const GantryField *gantry_reader_fields (GantryReader *self, guint *n_fields);
GANTRY_API gboolean gantry_reader_read (GantryReader *self, gsize index, gpointer const *fields, GError **error);
GANTRY_API gchar *gantry_reader_digest (GantryReader *self);
GANTRY_API gsize gantry_reader_get_memory (GantryReader *self);
GANTRY_API gchar *gantry_reader_describe (GantryReader *self);

G_END_DECLS
