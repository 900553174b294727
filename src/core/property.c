/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Properties as text: works on any GParamSpec, so components need not be made by the macros. */
#include "core/property-private.h"

#include "core/error-private.h"

#include <math.h>
#include <string.h>

typedef struct {
  __int128 minimum;
  __int128 maximum;
} WholeRange;

/* Whether a property holds whole numbers, and which. */
static gboolean
whole_range (GParamSpec *pspec, WholeRange *range)
{
#define RANGE_OF(TYPE, Type) \
  if (G_IS_PARAM_SPEC_##TYPE (pspec)) \
    { \
      range->minimum = G_PARAM_SPEC_##TYPE (pspec)->minimum; \
      range->maximum = G_PARAM_SPEC_##TYPE (pspec)->maximum; \
      return TRUE; \
    }
  RANGE_OF (INT64, Int64)
  RANGE_OF (UINT64, UInt64)
  RANGE_OF (INT, Int)
  RANGE_OF (UINT, UInt)
  RANGE_OF (LONG, Long)
  RANGE_OF (ULONG, ULong)
  RANGE_OF (CHAR, Char)
  RANGE_OF (UCHAR, UChar)
#undef RANGE_OF
  return FALSE;
}

static gboolean
real_range (GParamSpec *pspec, gdouble *minimum, gdouble *maximum)
{
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    {
      *minimum = G_PARAM_SPEC_DOUBLE (pspec)->minimum;
      *maximum = G_PARAM_SPEC_DOUBLE (pspec)->maximum;
      return TRUE;
    }
  if (G_IS_PARAM_SPEC_FLOAT (pspec))
    {
      *minimum = G_PARAM_SPEC_FLOAT (pspec)->minimum;
      *maximum = G_PARAM_SPEC_FLOAT (pspec)->maximum;
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_list (GParamSpec *pspec)
{
  return G_PARAM_SPEC_VALUE_TYPE (pspec) == G_TYPE_STRV;
}

/* The shortest decimal text that reads back as the same number; 1500 rather than 1.5e+03. */
static gchar *
format_real (gdouble number, gboolean single)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];
  gint least = fabs (number) >= 1 && fabs (number) < 1e15 ? (gint) floor (log10 (fabs (number))) + 1 : 1;

  for (gint digits = least; digits <= 17; digits++)
    {
      gchar format[8];
      gdouble back;

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (buffer, sizeof buffer, format, number);
      back = g_ascii_strtod (buffer, NULL);
      if (single ? (gfloat) back == (gfloat) number : back == number)
        break;
    }
  return g_strdup (buffer);
}

static gchar *
format_whole (__int128 number)
{
  if (number < 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) number);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) number);
}

static gchar *
format_range (gchar *minimum, gchar *maximum)
{
  g_autofree gchar *low = minimum;
  g_autofree gchar *high = maximum;

  if (low != NULL && high != NULL)
    return g_strdup_printf ("%s to %s", low, high);
  if (low != NULL)
    return g_strdup_printf ("at least %s", low);
  if (high != NULL)
    return g_strdup_printf ("at most %s", high);
  return g_strdup ("");
}

static gchar *
enum_choices (GParamSpec *pspec)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  GString *choices = g_string_new (NULL);

  for (guint i = 0; i < klass->n_values; i++)
    g_string_append_printf (choices, "%s%s", i > 0 ? "|" : "", klass->values[i].value_nick);
  return g_string_free (choices, FALSE);
}

/**
 * gantry_param_describe_type:
 * @pspec: a property
 *
 * Returns: (transfer full): "bool", "int", "double", "size", "string", "enum", "list" or "path"; the name of its
 *   GType where it cannot be written as text
 */
gchar *
gantry_param_describe_type (GParamSpec *pspec)
{
  WholeRange range;
  gdouble low, high;

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return g_strdup ("bool");
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    return g_strdup ("size");
  if (whole_range (pspec, &range))
    return g_strdup ("int");
  if (real_range (pspec, &low, &high))
    return g_strdup ("double");
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return g_strdup ("enum");
  if (G_IS_PARAM_SPEC_STRING (pspec))
    return g_strdup (gantry_param_is_path (pspec) ? "path" : "string");
  return g_strdup (is_list (pspec) ? "list" : g_type_name (G_PARAM_SPEC_VALUE_TYPE (pspec)));
}

/**
 * gantry_param_describe_range:
 * @pspec: a property
 *
 * Returns: (transfer full): "0 to 100", "at least 1", "at most 5", the choices "a|b|c" of an enum, "true|false" of
 *   a bool; "" where everything is allowed
 */
gchar *
gantry_param_describe_range (GParamSpec *pspec)
{
  WholeRange range;
  gdouble low, high;

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return g_strdup ("true|false");
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return enum_choices (pspec);
  if (whole_range (pspec, &range))
    return format_range (range.minimum == G_MININT64 ? NULL : format_whole (range.minimum),
                         range.maximum >= G_MAXINT64 ? NULL : format_whole (range.maximum));
  if (real_range (pspec, &low, &high))
    {
      gdouble limit = G_IS_PARAM_SPEC_FLOAT (pspec) ? G_MAXFLOAT : G_MAXDOUBLE;

      return format_range (low <= -limit ? NULL : format_real (low, FALSE), high >= limit ? NULL : format_real (high, FALSE));
    }
  return g_strdup ("");
}

gchar **
_gantry_list_split (const gchar *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text, ";\n", -1);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      if (g_strstrip (parts[i])[0] != '\0')
        g_ptr_array_add (items, g_strdup (parts[i]));
    }
  g_ptr_array_add (items, NULL);
  return (gchar **) g_ptr_array_free (g_steal_pointer (&items), FALSE);
}

static gboolean
fail (GParamSpec *pspec, const gchar *text, const gchar *expected, GError **error)
{
  g_autofree gchar *range = gantry_param_describe_range (pspec);

  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "'%s' is not %s%s%s", text, expected, range[0] != '\0' ? ", " : "", range);
  return FALSE;
}

static gboolean
fail_range (GParamSpec *pspec, const gchar *text, GError **error)
{
  g_autofree gchar *range = gantry_param_describe_range (pspec);
  const gchar *unit = gantry_param_get_unit (pspec);

  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "%s is out of range: expected %s%s%s", text,
               range[0] != '\0' ? range : "what 64 bits hold", unit[0] != '\0' ? " " : "", unit);
  return FALSE;
}

static guint64
suffix_factor (gchar suffix, gboolean bytes)
{
  switch (suffix)
    {
    case '\0':
      return 1;
    case 'k':
      return bytes ? 0 : 1000;
    case 'K':
      return bytes ? G_GUINT64_CONSTANT (1) << 10 : 0;
    case 'M':
      return bytes ? G_GUINT64_CONSTANT (1) << 20 : 1000000;
    case 'G':
      return bytes ? G_GUINT64_CONSTANT (1) << 30 : 0;
    default:
      return 0;
    }
}

/* DIGITS[.DIGITS][SUFFIX], exactly: 1.5k is 1500, 1.5 is no whole number.  *overflow: too large to hold. */
static gboolean
parse_whole (const gchar *text, gboolean bytes, __int128 *number, gboolean *overflow)
{
  gboolean negative = text[0] == '-';
  const gchar *p = text + (text[0] == '-' || text[0] == '+');
  __int128 limit = (__int128) 1 << 96;
  __int128 digits = 0;
  __int128 denominator = 1;
  guint64 factor;

  *overflow = FALSE;
  if (!g_ascii_isdigit (*p))
    return FALSE;
  for (; g_ascii_isdigit (*p); p++)
    digits = MIN (digits * 10 + (*p - '0'), limit);
  if (*p == '.')
    {
      if (!g_ascii_isdigit (*++p))
        return FALSE;
      for (; g_ascii_isdigit (*p); p++)
        {
          if (denominator > 1000000000000)
            return FALSE;
          digits = MIN (digits * 10 + (*p - '0'), limit);
          denominator *= 10;
        }
    }
  factor = suffix_factor (*p, bytes);
  if (factor == 0 || (*p != '\0' && p[1] != '\0'))
    return FALSE;
  if (digits >= limit)
    {
      *overflow = TRUE;
      return TRUE;
    }
  digits *= factor;
  if (digits % denominator != 0)
    return FALSE;
  *number = (negative ? -1 : 1) * (digits / denominator);
  return TRUE;
}

static void
set_whole (GValue *value, __int128 number)
{
  g_auto (GValue) wide = G_VALUE_INIT;

  if (number < 0)
    {
      g_value_init (&wide, G_TYPE_INT64);
      g_value_set_int64 (&wide, (gint64) number);
    }
  else
    {
      g_value_init (&wide, G_TYPE_UINT64);
      g_value_set_uint64 (&wide, (guint64) number);
    }
  g_value_transform (&wide, value);
}

static gboolean
parse_bool (GParamSpec *pspec, const gchar *text, GValue *value, GError **error)
{
  static const gchar *const yes[] = { "true", "yes", "on", NULL };
  static const gchar *const no[] = { "false", "no", "off", NULL };

  if (!g_strv_contains (yes, text) && !g_strv_contains (no, text))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "'%s' is not true|false|yes|no|on|off", text);
      return FALSE;
    }
  g_value_set_boolean (value, g_strv_contains (yes, text));
  return TRUE;
}

static gboolean
parse_enum (GParamSpec *pspec, const gchar *text, GValue *value, GError **error)
{
  GEnumValue *found = g_enum_get_value_by_nick (G_PARAM_SPEC_ENUM (pspec)->enum_class, text);
  g_autofree gchar *choices = NULL;
  g_auto (GStrv) nicks = NULL;
  const gchar *nearest;

  if (found != NULL)
    {
      g_value_set_enum (value, found->value);
      return TRUE;
    }
  choices = enum_choices (pspec);
  nicks = g_strsplit (choices, "|", -1);
  nearest = gantry_nearest_name (text, (const gchar *const *) nicks);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "'%s' is not one of %s%s%s%s", text, choices,
               nearest != NULL ? " (did you mean '" : "", nearest != NULL ? nearest : "", nearest != NULL ? "'?)" : "");
  return FALSE;
}

static gboolean
parse_real (GParamSpec *pspec, const gchar *text, gdouble low, gdouble high, GValue *value, GError **error)
{
  gchar *end = NULL;
  gdouble number = g_ascii_strtod (text, &end);
  const gboolean is_count = g_str_equal (gantry_param_get_unit (pspec), "images");

  if (is_count && end != text && (*end == 'k' || *end == 'M') && end[1] == '\0')
    number *= suffix_factor (*end++, FALSE);
  if (text[0] == '\0' || g_ascii_isspace (text[0]) || *end != '\0' || isnan (number))
    return fail (pspec, text, "a number", error);
  if (!(low <= number && number <= high))
    return fail_range (pspec, text, error);
  if (G_IS_PARAM_SPEC_FLOAT (pspec))
    g_value_set_float (value, (gfloat) number);
  else
    g_value_set_double (value, number);
  return TRUE;
}

static gboolean
parse_text (GParamSpec *pspec, const gchar *text, GValue *value, GError **error)
{
  gboolean bytes = G_IS_PARAM_SPEC_UINT64 (pspec);
  WholeRange range;
  __int128 whole = 0;
  gboolean overflow;
  gdouble low, high;

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return parse_bool (pspec, text, value, error);
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return parse_enum (pspec, text, value, error);
  if (whole_range (pspec, &range))
    {
      if (!parse_whole (text, bytes, &whole, &overflow))
        return fail (pspec, text, bytes ? "a size (digits; K, M, G = 2^10, 2^20, 2^30)" : "a whole number (digits; k, M = 10^3, 10^6)", error);
      if (overflow || whole < range.minimum || whole > range.maximum)
        return fail_range (pspec, text, error);
      set_whole (value, whole);
      return TRUE;
    }
  if (real_range (pspec, &low, &high))
    return parse_real (pspec, text, low, high, value, error);
  if (G_IS_PARAM_SPEC_STRING (pspec))
    {
      g_value_set_string (value, text);
      return TRUE;
    }
  if (is_list (pspec))
    {
      g_value_take_boxed (value, _gantry_list_split (text));
      return TRUE;
    }
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "a property of type %s cannot be written as text",
               g_type_name (G_PARAM_SPEC_VALUE_TYPE (pspec)));
  return FALSE;
}

/**
 * gantry_param_parse:
 * @pspec: a property
 * @text: its value as a pipeline or a command line says it; not trimmed
 * @value: (out caller-allocates): a zeroed #GValue; initialised to the property's type on success, left unset on failure
 * @error: return location for an error
 *
 * Reads a property's text.  Whole numbers take the suffixes k (10^3) and M (10^6), sizes (64-bit unsigned) K, M and
 * G (2^10, 2^20, 2^30); numbers with a fraction are accepted where the suffix makes them whole.  Items of a list are
 * separated by ';' or newlines.  A double that is a number of images takes k and M too.  Nothing is clamped or rounded.
 *
 * Returns: %FALSE with %GANTRY_CORE_ERROR_VALUE where @text is no value of @pspec; the message says what is, without
 *   the name of the property
 */
gboolean
gantry_param_parse (GParamSpec *pspec, const gchar *text, GValue *value, GError **error)
{
  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec) && text != NULL && value != NULL, FALSE);
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_autofree gchar *shown = g_utf8_make_valid (text, -1);

      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "'%s' is not UTF-8", shown);
      return FALSE;
    }
  g_value_init (value, G_PARAM_SPEC_VALUE_TYPE (pspec));
  if (!parse_text (pspec, text, value, error))
    {
      g_value_unset (value);
      return FALSE;
    }
  /* A property of a component written without the macros may have a rule of its own. */
  if (g_param_value_validate (pspec, value))
    {
      g_value_unset (value);
      return fail (pspec, text, "a value that this property takes", error);
    }
  return TRUE;
}

/**
 * gantry_param_format:
 * @pspec: a property
 * @value: a value of it
 *
 * Returns: (transfer full): text that [func@Gantry.param_parse] reads back as the same value; "" for a string that is
 *   %NULL; numbers in their shortest exact form, without suffix
 */
gchar *
gantry_param_format (GParamSpec *pspec, const GValue *value)
{
  WholeRange range;
  gdouble low, high;
  g_auto (GValue) wide = G_VALUE_INIT;

  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "true" : "false");
  if (G_VALUE_HOLDS_ENUM (value))
    {
      GEnumValue *found = g_enum_get_value (G_PARAM_SPEC_ENUM (pspec)->enum_class, g_value_get_enum (value));

      return g_strdup (found != NULL ? found->value_nick : "");
    }
  if (G_VALUE_HOLDS_UINT64 (value))
    return format_whole (g_value_get_uint64 (value));
  if (whole_range (pspec, &range))
    {
      g_value_init (&wide, G_TYPE_INT64);
      g_value_transform (value, &wide);
      return format_whole (g_value_get_int64 (&wide));
    }
  if (real_range (pspec, &low, &high))
    return G_VALUE_HOLDS_FLOAT (value) ? format_real (g_value_get_float (value), TRUE) : format_real (g_value_get_double (value), FALSE);
  if (G_VALUE_HOLDS_STRING (value))
    return g_strdup (g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    return g_value_get_boxed (value) != NULL ? g_strjoinv ("; ", g_value_get_boxed (value)) : g_strdup ("");
  return g_strdup_value_contents (value);
}
