/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The JSON header of a safetensors file, read by a parser that knows only its few forms: nothing nests, so
 * nothing can be nested too deep, and what a general parser forgives (a name twice, a number that does not fit) is refused.
 */
#include "train/safetensors-private.h"

#include <string.h>

typedef struct {
  const gchar *at;
  const gchar *end;
  const gchar *start;
  GError **error;
} Reader;

static gboolean
fail (Reader *reader, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (reader->error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "header: %s (byte %" G_GSIZE_FORMAT ")", message,
               (gsize) (reader->at - reader->start));
  return FALSE;
}

static void
skip_blanks (Reader *reader)
{
  while (reader->at < reader->end && strchr (" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
    reader->at++;
}

/* Takes @c if it comes next. */
static gboolean
take (Reader *reader, gchar c)
{
  skip_blanks (reader);
  if (reader->at >= reader->end || *reader->at != c)
    return FALSE;
  reader->at++;
  return TRUE;
}

static gboolean
need (Reader *reader, gchar c)
{
  return take (reader, c) || fail (reader, "expected '%c'", c);
}

static gboolean
read_hex4 (Reader *reader, gunichar *code)
{
  *code = 0;
  if (reader->end - reader->at < 4)
    return fail (reader, "a \\u escape is cut short");
  for (guint i = 0; i < 4; i++)
    {
      const gint digit = g_ascii_xdigit_value (*reader->at);

      if (digit < 0)
        return fail (reader, "a \\u escape needs four hexadecimal digits");
      *code = *code * 16 + digit;
      reader->at++;
    }
  return TRUE;
}

static gboolean
read_escape (Reader *reader, GString *text)
{
  static const gchar from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const gchar *found;
  gunichar code, low;

  if (reader->at >= reader->end)
    return fail (reader, "a string without its end");
  if (*reader->at != 'u')
    {
      found = *reader->at != '\0' ? strchr (from, *reader->at) : NULL;
      if (found == NULL)
        return fail (reader, "an unknown escape in a string");
      reader->at++;
      g_string_append_c (text, to[found - from]);
      return TRUE;
    }
  reader->at++;
  if (!read_hex4 (reader, &code))
    return FALSE;
  if (code >= 0xd800 && code < 0xdc00)
    {
      if (reader->end - reader->at < 2 || reader->at[0] != '\\' || reader->at[1] != 'u')
        return fail (reader, "half of a surrogate pair");
      reader->at += 2;
      if (!read_hex4 (reader, &low))
        return FALSE;
      if (low < 0xdc00 || low > 0xdfff)
        return fail (reader, "half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (code >= 0xdc00 && code < 0xe000)
    return fail (reader, "half of a surrogate pair");
  if (code == 0)
    return fail (reader, "a zero character in a string");
  g_string_append_unichar (text, code);
  return TRUE;
}

static gchar *
read_string (Reader *reader)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!need (reader, '"'))
    return NULL;
  for (;;)
    {
      if (reader->at >= reader->end)
        {
          fail (reader, "a string without its end");
          return NULL;
        }
      if (*reader->at == '"')
        break;
      if ((guchar) *reader->at < 0x20)
        {
          fail (reader, "a control character in a string");
          return NULL;
        }
      if (*reader->at == '\\')
        {
          reader->at++;
          if (!read_escape (reader, text))
            return NULL;
        }
      else
        g_string_append_c (text, *reader->at++);
    }
  reader->at++;
  return g_strdup (text->str);
}

static gboolean
read_number (Reader *reader, guint64 *number)
{
  const gchar *first;

  skip_blanks (reader);
  first = reader->at;
  *number = 0;
  while (reader->at < reader->end && g_ascii_isdigit (*reader->at))
    {
      const guint64 digit = *reader->at - '0';

      if (*number > (G_MAXINT64 - digit) / 10)
        return fail (reader, "a number too large");
      *number = *number * 10 + digit;
      reader->at++;
    }
  if (reader->at == first)
    return fail (reader, "expected a whole number");
  if (*first == '0' && reader->at - first > 1)
    return fail (reader, "a number with a leading zero");
  if (reader->at < reader->end && strchr (".eE", *reader->at) != NULL && *reader->at != '\0')
    return fail (reader, "expected a whole number");
  return TRUE;
}

/* [n, n, ...] with at most @max numbers. */
static gboolean
read_numbers (Reader *reader, guint64 *numbers, guint max, guint *n)
{
  *n = 0;
  if (!need (reader, '['))
    return FALSE;
  if (take (reader, ']'))
    return TRUE;
  do
    {
      if (*n >= max)
        return fail (reader, "more than %u numbers in a list", max);
      if (!read_number (reader, &numbers[*n]))
        return FALSE;
      ++*n;
    }
  while (take (reader, ','));
  return need (reader, ']');
}

static gboolean
set_dtype (Reader *reader, GantrySafetensor *tensor, const gchar *dtype)
{
  static const struct {
    const gchar *name;
    gsize item;
  } known[] = { { "F64", 8 }, { "F32", 4 }, { "F16", 2 }, { "BF16", 2 }, { "I64", 8 },
                { "I32", 4 }, { "I16", 2 }, { "I8", 1 },  { "U8", 1 },   { "BOOL", 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (dtype, known[i].name))
      {
        tensor->dtype = known[i].name;
        tensor->item = known[i].item;
        return TRUE;
      }
  return fail (reader, "'%s' has dtype '%s': expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL", tensor->name, dtype);
}

static gboolean
check_size (Reader *reader, const GantrySafetensor *tensor)
{
  g_autofree gchar *shape = gantry_shape_to_string (&tensor->shape);
  gsize count, bytes;

  if (!gantry_shape_count (&tensor->shape, &count) || __builtin_mul_overflow (count, tensor->item, &bytes))
    return fail (reader, "'%s' has a shape too large: %s", tensor->name, shape);
  if (tensor->end < tensor->begin || tensor->end - tensor->begin != bytes)
    return fail (reader,
                 "'%s' of shape %s and dtype %s takes %" G_GSIZE_FORMAT " bytes, but its offsets are %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                 tensor->name, shape, tensor->dtype, bytes, tensor->begin, tensor->end);
  return TRUE;
}

/* {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]} */
static gboolean
read_tensor (Reader *reader, GantrySafetensor *tensor)
{
  gboolean has_shape = FALSE, has_offsets = FALSE;

  if (!need (reader, '{'))
    return FALSE;
  do
    {
      g_autofree gchar *key = read_string (reader);
      guint64 numbers[GANTRY_MAX_DIMS];
      guint n;

      if (key == NULL || !need (reader, ':'))
        return FALSE;
      if (g_str_equal (key, "dtype") && tensor->dtype == NULL)
        {
          g_autofree gchar *dtype = read_string (reader);

          if (dtype == NULL || !set_dtype (reader, tensor, dtype))
            return FALSE;
        }
      else if (g_str_equal (key, "shape") && !has_shape)
        {
          if (!read_numbers (reader, numbers, GANTRY_MAX_DIMS, &n))
            return FALSE;
          tensor->shape.n_dims = n;
          for (guint i = 0; i < n; i++)
            tensor->shape.dims[i] = numbers[i];
          has_shape = TRUE;
        }
      else if (g_str_equal (key, "data_offsets") && !has_offsets)
        {
          if (!read_numbers (reader, numbers, 2, &n))
            return FALSE;
          if (n != 2)
            return fail (reader, "'%s' needs two data_offsets", tensor->name);
          tensor->begin = numbers[0];
          tensor->end = numbers[1];
          has_offsets = TRUE;
        }
      else
        return fail (reader, "'%s' has an unexpected or repeated '%s'", tensor->name, key);
    }
  while (take (reader, ','));
  if (!need (reader, '}'))
    return FALSE;
  if (tensor->dtype == NULL || !has_shape || !has_offsets)
    return fail (reader, "'%s' needs dtype, shape and data_offsets", tensor->name);
  return check_size (reader, tensor);
}

static gboolean
read_metadata (Reader *reader, GHashTable *metadata)
{
  if (!need (reader, '{'))
    return FALSE;
  if (take (reader, '}'))
    return TRUE;
  do
    {
      g_autofree gchar *key = read_string (reader);
      g_autofree gchar *value = NULL;

      if (key == NULL || !need (reader, ':'))
        return FALSE;
      value = read_string (reader);
      if (value == NULL)
        return FALSE;
      if (g_hash_table_contains (metadata, key))
        return fail (reader, "metadata '%s' twice", key);
      g_hash_table_insert (metadata, g_steal_pointer (&key), g_steal_pointer (&value));
    }
  while (take (reader, ','));
  return need (reader, '}');
}

static gint
compare_begin (gconstpointer a, gconstpointer b)
{
  const GantrySafetensor *x = *(GantrySafetensor *const *) a;
  const GantrySafetensor *y = *(GantrySafetensor *const *) b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

/* The tensors must tile the data: no overlap, no hole, nothing outside. */
static gboolean
check_layout (Reader *reader, GPtrArray *tensors, guint64 data_size)
{
  guint64 at = 0;

  g_ptr_array_sort (tensors, compare_begin);
  for (guint i = 0; i < tensors->len; i++)
    {
      const GantrySafetensor *tensor = tensors->pdata[i];

      if (tensor->end > data_size)
        return fail (reader,
                     "'%s' ends at byte %" G_GUINT64_FORMAT " of the data, which are %" G_GUINT64_FORMAT " bytes: the file is cut short or corrupt",
                     tensor->name, tensor->end, data_size);
      if (tensor->begin != at)
        return fail (reader, "'%s' %s", tensor->name, tensor->begin < at ? "overlaps another tensor" : "leaves a hole before it");
      at = tensor->end;
    }
  if (at != data_size)
    return fail (reader, "the tensors end at byte %" G_GUINT64_FORMAT " of the data, which are %" G_GUINT64_FORMAT " bytes", at, data_size);
  return TRUE;
}

void
_gantry_safetensor_free (GantrySafetensor *self)
{
  g_free (self->name);
  g_free (self);
}

gboolean
_gantry_safetensors_parse (const gchar *json, gsize length, guint64 data_size, GPtrArray *tensors, GHashTable *metadata, GError **error)
{
  Reader reader = { json, json + length, json, error };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean has_metadata = FALSE;

  if (!g_utf8_validate (json, length, NULL))
    return fail (&reader, "not valid UTF-8 text");
  if (!need (&reader, '{'))
    return FALSE;
  if (!take (&reader, '}'))
    {
      do
        {
          g_autofree gchar *name = read_string (&reader);
          GantrySafetensor *tensor;

          if (name == NULL || !need (&reader, ':'))
            return FALSE;
          if (g_str_equal (name, "__metadata__"))
            {
              if (has_metadata)
                return fail (&reader, "__metadata__ twice");
              has_metadata = TRUE;
              if (!read_metadata (&reader, metadata))
                return FALSE;
              continue;
            }
          if (g_hash_table_contains (names, name))
            return fail (&reader, "'%s' twice", name);
          tensor = g_new0 (GantrySafetensor, 1);
          tensor->name = g_steal_pointer (&name);
          g_ptr_array_add (tensors, tensor);
          g_hash_table_add (names, tensor->name);
          if (!read_tensor (&reader, tensor))
            return FALSE;
        }
      while (take (&reader, ','));
      if (!need (&reader, '}'))
        return FALSE;
    }
  skip_blanks (&reader);
  if (reader.at != reader.end)
    return fail (&reader, "text after its end");
  return check_layout (&reader, tensors, data_size);
}
