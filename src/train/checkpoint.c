/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/checkpoint.h>

#include "train/file-private.h"
#include "train/safetensors-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define fail(error, path, ...) gantry_set_file_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, path, __VA_ARGS__)

struct _GantryCheckpoint {
  GObject parent_instance;
  GPtrArray *names;     /* in order of the calls */
  GHashTable *arrays;   /* name -> GantryArray */
  GHashTable *metadata; /* key -> value */
};

G_DEFINE_FINAL_TYPE (GantryCheckpoint, gantry_checkpoint, G_TYPE_OBJECT)

static void
gantry_checkpoint_finalize (GObject *object)
{
  GantryCheckpoint *self = GANTRY_CHECKPOINT (object);

  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->arrays);
  g_hash_table_unref (self->metadata);
  G_OBJECT_CLASS (gantry_checkpoint_parent_class)->finalize (object);
}

static void
gantry_checkpoint_class_init (GantryCheckpointClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_checkpoint_finalize;
}

static void
gantry_checkpoint_init (GantryCheckpoint *self)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->arrays = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) gantry_array_unref);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * gantry_checkpoint_new:
 *
 * Returns: (transfer full): an empty checkpoint
 */
GantryCheckpoint *
gantry_checkpoint_new (void)
{
  return g_object_new (GANTRY_TYPE_CHECKPOINT, NULL);
}

/**
 * gantry_checkpoint_get:
 * @self: a checkpoint
 * @name: a tensor's name
 *
 * Returns: (transfer none) (nullable): its array, %NULL if absent
 */
GantryArray *
gantry_checkpoint_get (GantryCheckpoint *self, const gchar *name)
{
  return g_hash_table_lookup (self->arrays, name);
}

/**
 * gantry_checkpoint_set:
 * @self: a checkpoint
 * @name: a tensor's name
 * @array: its numbers; referenced, not copied
 */
void
gantry_checkpoint_set (GantryCheckpoint *self, const gchar *name, GantryArray *array)
{
  gpointer key;

  gantry_array_ref (array);
  if (!g_hash_table_lookup_extended (self->arrays, name, &key, NULL))
    {
      key = g_strdup (name);
      g_ptr_array_add (self->names, key);
    }
  g_hash_table_insert (self->arrays, key, array);
}

/**
 * gantry_checkpoint_list:
 * @self: a checkpoint
 *
 * Returns: (transfer full) (array zero-terminated=1): the names of its tensors, as they were set or lie in the file
 */
gchar **
gantry_checkpoint_list (GantryCheckpoint *self)
{
  gchar **names = g_new0 (gchar *, self->names->len + 1);

  for (guint i = 0; i < self->names->len; i++)
    names[i] = g_strdup (self->names->pdata[i]);
  return names;
}

/**
 * gantry_checkpoint_get_metadata:
 * @self: a checkpoint
 * @key: a key
 *
 * Returns: (nullable): its text, %NULL if absent
 */
const gchar *
gantry_checkpoint_get_metadata (GantryCheckpoint *self, const gchar *key)
{
  return g_hash_table_lookup (self->metadata, key);
}

/**
 * gantry_checkpoint_set_metadata:
 * @self: a checkpoint
 * @key: a key
 * @value: (nullable): UTF-8 text; %NULL removes the key
 */
void
gantry_checkpoint_set_metadata (GantryCheckpoint *self, const gchar *key, const gchar *value)
{
  if (value != NULL)
    g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
  else
    g_hash_table_remove (self->metadata, key);
}

/**
 * gantry_checkpoint_list_metadata:
 * @self: a checkpoint
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys of its metadata, sorted
 */
gchar **
gantry_checkpoint_list_metadata (GantryCheckpoint *self)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (self->metadata), (GCompareFunc) strcmp);

  for (GList *key = sorted; key != NULL; key = key->next)
    g_strv_builder_add (keys, key->data);
  return g_strv_builder_end (keys);
}

static gboolean
read_all (gint fd, gpointer data, gsize size, const gchar *path, GError **error)
{
  guint8 *at = data;

  while (size > 0)
    {
      const gssize got = read (fd, at, MIN (size, (gsize) 1 << 30));

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return fail (error, path, "cannot be read: %s", g_strerror (errno));
      if (got == 0)
        return fail (error, path, "ends too early: it is cut short");
      at += got;
      size -= got;
    }
  return TRUE;
}

static gfloat
half_to_float (guint16 half)
{
  const guint32 sign = (guint32) (half & 0x8000) << 16;
  gint exponent = (half >> 10) & 31;
  guint32 fraction = half & 0x3ff;
  union {
    guint32 bits;
    gfloat value;
  } result;

  if (exponent == 31)
    result.bits = sign | 0x7f800000 | fraction << 13;
  else if (exponent == 0 && fraction == 0)
    result.bits = sign;
  else
    {
      if (exponent == 0)
        {
          exponent = 1;
          while ((fraction & 0x400) == 0)
            {
              fraction <<= 1;
              exponent--;
            }
          fraction &= 0x3ff;
        }
      result.bits = sign | (guint32) (exponent + 112) << 23 | fraction << 13;
    }
  return result.value;
}

static gfloat
bfloat_to_float (guint16 half)
{
  union {
    guint32 bits;
    gfloat value;
  } result = { (guint32) half << 16 };

  return result.value;
}

/* Where the file's numbers are not of a dtype that arrays have: half precision becomes float32, small integers int64. */
static gboolean
widen (const GantrySafetensor *tensor, gconstpointer raw, GantryArray *array)
{
  const gsize n = gantry_array_get_size (array);
  gfloat *floats = gantry_array_get_data (array);
  gint64 *ints = gantry_array_get_data (array);

  if (g_str_equal (tensor->dtype, "F16"))
    for (gsize i = 0; i < n; i++)
      floats[i] = half_to_float (GUINT16_FROM_LE (((const guint16 *) raw)[i]));
  else if (g_str_equal (tensor->dtype, "BF16"))
    for (gsize i = 0; i < n; i++)
      floats[i] = bfloat_to_float (GUINT16_FROM_LE (((const guint16 *) raw)[i]));
  else if (g_str_equal (tensor->dtype, "I32"))
    for (gsize i = 0; i < n; i++)
      ints[i] = (gint32) GUINT32_FROM_LE (((const guint32 *) raw)[i]);
  else if (g_str_equal (tensor->dtype, "I16"))
    for (gsize i = 0; i < n; i++)
      ints[i] = (gint16) GUINT16_FROM_LE (((const guint16 *) raw)[i]);
  else if (g_str_equal (tensor->dtype, "I8"))
    for (gsize i = 0; i < n; i++)
      ints[i] = ((const gint8 *) raw)[i];
  else
    for (gsize i = 0; i < n; i++)
      ints[i] = ((const guint8 *) raw)[i];
  return TRUE;
}

static GantryArray *
read_array (gint fd, const GantrySafetensor *tensor, const gchar *path, GError **error)
{
  static const struct {
    const gchar *name;
    GantryDType dtype;
    gboolean is_plain;
  } dtypes[] = { { "F64", GANTRY_FLOAT64, TRUE },  { "F32", GANTRY_FLOAT32, TRUE },   { "I64", GANTRY_INT64, TRUE },  { "BOOL", GANTRY_BOOL8, TRUE },
                 { "F16", GANTRY_FLOAT32, FALSE }, { "BF16", GANTRY_FLOAT32, FALSE }, { "I32", GANTRY_INT64, FALSE }, { "I16", GANTRY_INT64, FALSE },
                 { "I8", GANTRY_INT64, FALSE },    { "U8", GANTRY_INT64, FALSE } };
  const gsize bytes = tensor->end - tensor->begin;
  g_autoptr (GantryArray) array = NULL;
  g_autofree gpointer raw = NULL;
  guint k = 0;

  while (!g_str_equal (dtypes[k].name, tensor->dtype))
    k++;
  array = gantry_array_new (dtypes[k].dtype, &tensor->shape);
  if (!dtypes[k].is_plain)
    {
      raw = g_malloc (bytes);
      if (!read_all (fd, raw, bytes, path, error) || !widen (tensor, raw, array))
        return NULL;
      return g_steal_pointer (&array);
    }
  if (!read_all (fd, gantry_array_get_data (array), bytes, path, error))
    return NULL;
  if (dtypes[k].dtype == GANTRY_BOOL8)
    for (gsize i = 0; i < bytes; i++)
      if (((const guint8 *) gantry_array_get_data (array))[i] > 1)
        {
          fail (error, path, "'%s': a BOOL that is neither 0 nor 1", tensor->name);
          return NULL;
        }
  return g_steal_pointer (&array);
}

static GantryCheckpoint *
load (gint fd, const gchar *path, GError **error)
{
  g_autoptr (GantryCheckpoint) self = gantry_checkpoint_new ();
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_safetensor_free);
  g_autofree gchar *header = NULL;
  struct stat status;
  guint64 length;

  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode))
    {
      fail (error, path, "is no regular file");
      return NULL;
    }
  if (status.st_size < 10)
    {
      fail (error, path, "is too short for a safetensors file: %" G_GINT64_FORMAT " bytes", (gint64) status.st_size);
      return NULL;
    }
  if (!read_all (fd, &length, 8, path, error))
    return NULL;
  length = GUINT64_FROM_LE (length);
  if (length > GANTRY_SAFETENSORS_MAX_HEADER || length < 2)
    {
      fail (error, path, "is no safetensors file: a header of %" G_GUINT64_FORMAT " bytes", length);
      return NULL;
    }
  if (length > (guint64) status.st_size - 8)
    {
      fail (error, path, "is cut short or no safetensors file: a header of %" G_GUINT64_FORMAT " bytes in a file of %" G_GINT64_FORMAT, length,
            (gint64) status.st_size);
      return NULL;
    }
  header = g_malloc (length);
  if (!read_all (fd, header, length, path, error))
    return NULL;
  if (!_gantry_safetensors_parse (header, length, status.st_size - 8 - length, tensors, self->metadata, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  for (guint i = 0; i < tensors->len; i++)
    {
      const GantrySafetensor *tensor = tensors->pdata[i];
      g_autoptr (GantryArray) array = read_array (fd, tensor, path, error);

      if (array == NULL)
        return NULL;
      gantry_checkpoint_set (self, tensor->name, array);
    }
  return g_steal_pointer (&self);
}

/**
 * gantry_checkpoint_load:
 * @path: a safetensors file
 * @error: return location for an error
 *
 * Reads a safetensors file whole.  F64, F32, I64 and BOOL keep their type; F16 and BF16 become float32, smaller
 * integers int64.  The header may be 100 MB at most; its tensors must tile the data without overlap or hole.
 *
 * Returns: (transfer full) (nullable): the checkpoint; %NULL with %GANTRY_TRAIN_ERROR_CHECKPOINT, which names the file
 */
GantryCheckpoint *
gantry_checkpoint_load (const gchar *path, GError **error)
{
  GantryCheckpoint *self;
  gint fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    {
      fail (error, path, "cannot be read: %s", g_strerror (errno));
      return NULL;
    }
  self = load (fd, path, error);
  close (fd);
  return self;
}

static const gchar *
dtype_to_name (GantryDType dtype)
{
  switch (dtype)
    {
    case GANTRY_FLOAT32: return "F32";
    case GANTRY_FLOAT64: return "F64";
    case GANTRY_INT64: return "I64";
    case GANTRY_BOOL8: return "BOOL";
    }
  return NULL;
}

static void
append_string (GString *json, const gchar *text)
{
  g_string_append_c (json, '"');
  for (; *text != '\0'; text++)
    if (*text == '"' || *text == '\\')
      g_string_append_printf (json, "\\%c", *text);
    else if ((guchar) *text < 0x20)
      g_string_append_printf (json, "\\u%04x", (guint) *text);
    else
      g_string_append_c (json, *text);
  g_string_append_c (json, '"');
}

/* Larger elements first, so that every tensor is aligned; then as they were set. */
static GPtrArray *
order_for_writing (GantryCheckpoint *self)
{
  static const GantryDType order[] = { GANTRY_FLOAT64, GANTRY_INT64, GANTRY_FLOAT32, GANTRY_BOOL8 };
  GPtrArray *names = g_ptr_array_new ();

  for (guint k = 0; k < G_N_ELEMENTS (order); k++)
    for (guint i = 0; i < self->names->len; i++)
      if (gantry_array_get_dtype (gantry_checkpoint_get (self, self->names->pdata[i])) == order[k])
        g_ptr_array_add (names, self->names->pdata[i]);
  return names;
}

static GString *
make_header (GantryCheckpoint *self, GPtrArray *names)
{
  GString *json = g_string_new ("{");
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (self->metadata), (GCompareFunc) strcmp);
  gsize at = 0;

  g_string_append (json, "\"__metadata__\":{");
  for (GList *key = keys; key != NULL; key = key->next)
    {
      append_string (json, key->data);
      g_string_append_c (json, ':');
      append_string (json, gantry_checkpoint_get_metadata (self, key->data));
      g_string_append (json, key->next != NULL ? "," : "");
    }
  g_string_append_c (json, '}');
  for (guint i = 0; i < names->len; i++)
    {
      GantryArray *array = gantry_checkpoint_get (self, names->pdata[i]);
      const GantryShape *shape = gantry_array_get_shape (array);

      g_string_append_c (json, ',');
      append_string (json, names->pdata[i]);
      g_string_append_printf (json, ":{\"dtype\":\"%s\",\"shape\":[", dtype_to_name (gantry_array_get_dtype (array)));
      for (guint k = 0; k < shape->n_dims; k++)
        g_string_append_printf (json, "%s%" G_GSIZE_FORMAT, k > 0 ? "," : "", shape->dims[k]);
      g_string_append_printf (json, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}", at, at + gantry_array_get_bytes (array));
      at += gantry_array_get_bytes (array);
    }
  g_string_append_c (json, '}');
  while (json->len % 8 != 0)
    g_string_append_c (json, ' ');
  return json;
}

/**
 * gantry_checkpoint_save:
 * @self: a checkpoint
 * @path: where to
 * @error: return location for an error
 *
 * Writes a safetensors file under a temporary name in the same folder, syncs it, renames it over @path and syncs
 * the folder.  Whatever goes wrong, a file that was at @path is whole, and no temporary file is left.
 *
 * Returns: whether it could be written; the error names the file
 */
gboolean
gantry_checkpoint_save (GantryCheckpoint *self, const gchar *path, GError **error)
{
  g_autoptr (GPtrArray) names = order_for_writing (self);
  g_autoptr (GString) header = make_header (self, names);
  g_autoptr (GantryFile) file = _gantry_file_create (path, error);
  const guint64 length = GUINT64_TO_LE (header->len);

  if (file == NULL || !_gantry_file_write (file, &length, sizeof length, error) || !_gantry_file_write (file, header->str, header->len, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      GantryArray *array = gantry_checkpoint_get (self, names->pdata[i]);

      if (!_gantry_file_write (file, gantry_array_get_data (array), gantry_array_get_bytes (array), error))
        return FALSE;
    }
  return _gantry_file_commit (g_steal_pointer (&file), error);
}
