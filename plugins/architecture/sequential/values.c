/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the values of options are read. */
#include "item.h"

#include <math.h>

gboolean
parse_count (const gchar *text, gpointer field)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &value, NULL))
    return FALSE;
  *(gsize *) field = (gsize) value;
  return TRUE;
}

/* "2" for both axes, or "2x1" for the vertical and the horizontal one. */
static gboolean
parse_two (const gchar *text, guint64 minimum, guint *field)
{
  g_auto (GStrv) parts = g_strsplit (text, "x", 3);
  const guint n = g_strv_length (parts);
  guint64 values[2];

  if (n < 1 || n > 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      if (!g_ascii_string_to_unsigned (parts[i % n], 10, minimum, 65535, &values[i], NULL))
        return FALSE;
      field[i] = (guint) values[i];
    }
  return TRUE;
}

gboolean
parse_pair (const gchar *text, gpointer field)
{
  return parse_two (text, 0, field);
}

gboolean
parse_positive_pair (const gchar *text, gpointer field)
{
  return parse_two (text, 1, field);
}

gboolean
parse_switch (const gchar *text, gpointer field)
{
  if (!g_str_equal (text, "yes") && !g_str_equal (text, "no"))
    return FALSE;
  *(gboolean *) field = g_str_equal (text, "yes");
  return TRUE;
}

static gboolean
parse_number (const gchar *text, gdouble *value)
{
  gchar *end;

  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*value);
}

gboolean
parse_real (const gchar *text, gpointer field)
{
  gdouble value;

  if (!parse_number (text, &value) || value < 0)
    return FALSE;
  *(gdouble *) field = value;
  return TRUE;
}

/* KIND(a) or KIND(a,b). */
gboolean
parse_initial (const gchar *text, gpointer field)
{
  static const gchar *const kinds[] = { "constant", "normal", "uniform", NULL };
  static const guint counts[] = { 1, 2, 2 };
  const gchar *open = strchr (text, '(');
  Initial *initial = field;
  gdouble numbers[2] = { 0, 0 };

  if (open == NULL || !g_str_has_suffix (text, ")"))
    return FALSE;
  for (guint i = 0; kinds[i] != NULL; i++)
    {
      g_autofree gchar *kind = g_strndup (text, (gsize) (open - text));
      g_autofree gchar *inside = g_strndup (open + 1, strlen (open) - 2);
      g_auto (GStrv) parts = g_strsplit (inside, ",", 3);

      if (!g_str_equal (kind, kinds[i]))
        continue;
      if (g_strv_length (parts) != counts[i])
        return FALSE;
      for (guint j = 0; j < counts[i]; j++)
        {
          if (!parse_number (parts[j], &numbers[j]))
            return FALSE;
        }
      *initial = (Initial) { TRUE, { (GantryInitializerKind) i, numbers[0], numbers[1] } };
      return i == GANTRY_INITIALIZER_CONSTANT || (i == GANTRY_INITIALIZER_NORMAL ? numbers[1] >= 0 : numbers[0] <= numbers[1]);
    }
  return FALSE;
}

gboolean
parse_dims (const gchar *text, GantryShape *shape)
{
  g_auto (GStrv) parts = g_strsplit (text, "x", GANTRY_MAX_DIMS + 1);
  const guint n = g_strv_length (parts);
  gsize count;

  if (n < 1 || n >= GANTRY_MAX_DIMS)
    return FALSE;
  *shape = (GantryShape) { n, { 0 } };
  for (guint i = 0; i < n; i++)
    {
      if (!parse_count (parts[i], &shape->dims[i]))
        return FALSE;
    }
  return gantry_shape_count (shape, &count);
}

const gchar *
describe_parser (OptionParser parse)
{
  if (parse == parse_count)
    return "a whole number from 1";
  if (parse == parse_pair)
    return "a whole number from 0, or two such as 2x1 (vertical, horizontal)";
  if (parse == parse_positive_pair)
    return "a whole number from 1, or two such as 2x1 (vertical, horizontal)";
  if (parse == parse_switch)
    return "yes or no";
  if (parse == parse_real)
    return "a number from 0";
  return "normal(MEAN,DEVIATION), uniform(LOW,HIGH) or constant(VALUE), without blanks";
}
