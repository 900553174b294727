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

gboolean
parse_probability (const gchar *text, gpointer field)
{
  gdouble value;

  if (!parse_number (text, &value) || value < 0 || value >= 1)
    return FALSE;
  *(gdouble *) field = value;
  return TRUE;
}

/* Which of the words it is; FALSE for none of them. */
static gboolean
parse_word (const gchar *text, const gchar *const *words, guint *which)
{
  for (*which = 0; words[*which] != NULL; (*which)++)
    if (g_str_equal (words[*which], text))
      return TRUE;
  return FALSE;
}

gboolean
parse_interpolation (const gchar *text, gpointer field)
{
  static const gchar *const words[] = { "nearest", "bilinear", "bicubic", NULL };
  static const GantryInterpolation values[] = { GANTRY_INTERPOLATION_NEAREST, GANTRY_INTERPOLATION_LINEAR, GANTRY_INTERPOLATION_CUBIC };
  guint which;

  if (!parse_word (text, words, &which))
    return FALSE;
  *(GantryInterpolation *) field = values[which];
  return TRUE;
}

gboolean
parse_attention (const gchar *text, gpointer field)
{
  static const gchar *const words[] = { "pooled", "full", NULL };
  guint which;

  if (!parse_word (text, words, &which))
    return FALSE;
  *(GantrySelfAttention *) field = which == 0 ? GANTRY_SELF_ATTENTION_POOLED : GANTRY_SELF_ATTENTION_FULL;
  return TRUE;
}

static const struct {
  const gchar *name;
  GantryInitializerKind kind;
  guint n_least, n_most; /* numbers */
  gdouble least[2];      /* that they can be */
  gboolean has_fan;      /* the second is fan-in or fan-out */
} initializers[] = {
  { "constant", GANTRY_INITIALIZER_CONSTANT, 1, 1, { -INFINITY, 0 }, FALSE },
  { "normal", GANTRY_INITIALIZER_NORMAL, 2, 2, { -INFINITY, 0 }, FALSE },
  { "uniform", GANTRY_INITIALIZER_UNIFORM, 2, 2, { -INFINITY, -INFINITY }, FALSE },
  { "truncated-normal", GANTRY_INITIALIZER_TRUNCATED_NORMAL, 2, 2, { 0, 0 }, FALSE },
  { "xavier-uniform", GANTRY_INITIALIZER_XAVIER_UNIFORM, 1, 1, { 0, 0 }, FALSE },
  { "xavier-normal", GANTRY_INITIALIZER_XAVIER_NORMAL, 1, 1, { 0, 0 }, FALSE },
  { "kaiming-uniform", GANTRY_INITIALIZER_KAIMING_UNIFORM, 1, 2, { 0, 0 }, TRUE },
  { "kaiming-normal", GANTRY_INITIALIZER_KAIMING_NORMAL, 1, 2, { 0, 0 }, TRUE },
  { "orthogonal", GANTRY_INITIALIZER_ORTHOGONAL, 1, 1, { 0, 0 }, FALSE },
};

static gboolean
parse_fan (const gchar *text, gdouble *value)
{
  static const gchar *const words[] = { "fan-in", "fan-out", NULL };
  guint which;

  if (!parse_word (text, words, &which))
    return FALSE;
  *value = which == 0 ? GANTRY_FAN_IN : GANTRY_FAN_OUT;
  return TRUE;
}

/* KIND(a) or KIND(a,b). */
gboolean
parse_initial (const gchar *text, gpointer field)
{
  const gchar *open = strchr (text, '(');
  Initial *initial = field;

  if (open == NULL || !g_str_has_suffix (text, ")"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (initializers); i++)
    {
      g_autofree gchar *kind = g_strndup (text, (gsize) (open - text));
      g_autofree gchar *inside = g_strndup (open + 1, strlen (open) - 2);
      g_auto (GStrv) parts = g_strsplit (inside, ",", 3);
      const guint n = g_strv_length (parts);
      gdouble numbers[2] = { 0, 0 };

      if (!g_str_equal (kind, initializers[i].name))
        continue;
      if (n < initializers[i].n_least || n > initializers[i].n_most)
        return FALSE;
      for (guint j = 0; j < n; j++)
        {
          const gboolean is_fan = j == 1 && initializers[i].has_fan;

          if (!(is_fan ? parse_fan (parts[j], &numbers[j]) : parse_number (parts[j], &numbers[j])) || numbers[j] < initializers[i].least[j])
            return FALSE;
        }
      *initial = (Initial) { TRUE, { initializers[i].kind, numbers[0], numbers[1] } };
      if (initializers[i].kind == GANTRY_INITIALIZER_TRUNCATED_NORMAL)
        return numbers[1] > 0;
      return initializers[i].kind != GANTRY_INITIALIZER_UNIFORM || numbers[0] <= numbers[1];
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
  if (parse == parse_probability)
    return "a number from 0 to below 1";
  if (parse == parse_interpolation)
    return "nearest, bilinear or bicubic";
  if (parse == parse_attention)
    return "pooled or full";
  return "normal(MEAN,DEVIATION), uniform(LOW,HIGH), constant(VALUE), truncated-normal(DEVIATION,BOUND), xavier-uniform(GAIN), "
         "xavier-normal(GAIN), kaiming-uniform(GAIN), kaiming-normal(GAIN), these two also with `,fan-out`, or orthogonal(GAIN), without blanks";
}
