/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schedules: PIECE {", " PIECE} [" warm-up " IMAGES], a piece being
 *
 *   VALUE [over IMAGES]                                      stays
 *   FROM:TO linear|cosine|exponential [over IMAGES]          moves
 *   VALUE:VALUE:... steps [over IMAGES]                      jumps, after equal parts of its span
 *
 * The last piece goes on to the end of the training where it names no span, and its last value stays.  A warm-up multiplies the whole by
 * images / IMAGES until that is 1.
 */
#include "train/schedule-private.h"

#include <gantry/error.h>
#include <math.h>
#include <string.h>

typedef enum { SHAPE_CONSTANT, SHAPE_LINEAR, SHAPE_COSINE, SHAPE_EXPONENTIAL, SHAPE_STEPS, N_SHAPES } Shape;

static const gchar *const shape_names[] = { "constant", "linear", "cosine", "exponential", "steps", NULL };

typedef struct {
  Shape shape;
  GArray *values; /* gdouble */
  guint64 span;   /* 0 until it is known */
} Piece;

struct _GantrySchedule {
  gchar *key;
  gchar *text;
  GPtrArray *pieces;
  guint64 warm_up; /* 0: none */
};

static void
piece_free (gpointer data)
{
  Piece *self = data;

  g_array_unref (self->values);
  g_free (self);
}

void
_gantry_schedule_free (GantrySchedule *self)
{
  if (self == NULL)
    return;
  g_free (self->key);
  g_free (self->text);
  g_ptr_array_unref (self->pieces);
  g_free (self);
}

gboolean
_gantry_schedule_is_text (const gchar *text)
{
  return strpbrk (text, " \t:,") != NULL;
}

G_GNUC_PRINTF (3, 4)
static gboolean
fail (GError **error, const gchar *piece, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "schedule '%s': %s", piece, message);
  return FALSE;
}

static gboolean
parse_values (GParamSpec *pspec, const gchar *piece, const gchar *word, GArray *values, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (word, ":", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      gdouble number;

      if (!gantry_param_parse (pspec, parts[i], &value, error))
        {
          g_prefix_error (error, "schedule '%s': ", piece);
          return FALSE;
        }
      number = g_value_get_double (&value);
      g_array_append_val (values, number);
    }
  return TRUE;
}

static gboolean
parse_images (const gchar *piece, const gchar *after, const gchar *word, guint64 *images, GError **error)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (g_param_spec_int64 ("images", NULL, NULL, 1, 1000000000000000, 1, G_PARAM_READWRITE));
  g_auto (GValue) value = G_VALUE_INIT;

  if (word == NULL)
    return fail (error, piece, "'%s' needs a number of images, as in %s 100k", after, after);
  if (!gantry_param_parse (pspec, word, &value, error))
    {
      g_prefix_error (error, "schedule '%s': images after '%s': ", piece, after);
      return FALSE;
    }
  *images = g_value_get_int64 (&value);
  return TRUE;
}

static gboolean
find_shape (const gchar *piece, const gchar *word, Shape *shape, GError **error)
{
  static const gchar *const words[] = { "linear", "cosine", "exponential", "steps", "over", "warm-up", NULL };
  const gchar *nearest;

  for (guint i = SHAPE_LINEAR; i < N_SHAPES; i++)
    if (g_str_equal (word, shape_names[i]))
      {
        *shape = i;
        return TRUE;
      }
  nearest = gantry_nearest_name (word, words);
  return fail (error, piece, "'%s' is not one of linear, cosine, exponential, steps, over, warm-up%s%s%s", word,
               nearest != NULL ? " (did you mean '" : "", nearest != NULL ? nearest : "", nearest != NULL ? "'?)" : "");
}

static gboolean
check_piece (const gchar *text, const gchar *values, const Piece *piece, GError **error)
{
  const gdouble *v = (const gdouble *) piece->values->data;

  if (piece->shape == SHAPE_CONSTANT && piece->values->len != 1)
    return fail (error, text, "'%s' goes from one value to another: say how, by linear, cosine, exponential or steps", values);
  if (piece->shape == SHAPE_STEPS && piece->values->len < 2)
    return fail (error, text, "steps need two values or more, as in 1:0.5:0.1 steps");
  if (piece->shape != SHAPE_CONSTANT && piece->shape != SHAPE_STEPS && piece->values->len != 2)
    return fail (error, text, "%s goes from one value to another, as in 1:0.1 %s, but '%s' is %u", shape_names[piece->shape],
                 shape_names[piece->shape], values, piece->values->len);
  if (piece->shape == SHAPE_EXPONENTIAL && !(v[0] * v[1] > 0))
    return fail (error, text, "exponential needs two values of one sign, neither of them 0");
  return TRUE;
}

static gboolean
parse_piece (GantrySchedule *self, GParamSpec *pspec, const gchar *text, gboolean is_last, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  Piece *piece = g_new0 (Piece, 1);
  guint i = 1;

  piece->values = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_ptr_array_add (self->pieces, piece);
  for (guint k = 0; words[k] != NULL; k++)
    if (*words[k] != '\0')
      g_ptr_array_add (found, words[k]);
  if (found->len == 0)
    return fail (error, text, "nothing between two commas: expected a value, as in 0.1 over 10k, 0.1:0.01 cosine");
  g_ptr_array_add (found, NULL);
  if (!parse_values (pspec, text, found->pdata[0], piece->values, error))
    return FALSE;
  if (found->pdata[i] != NULL && !g_str_equal (found->pdata[i], "over") && !g_str_equal (found->pdata[i], "warm-up")
      && !find_shape (text, found->pdata[i++], &piece->shape, error))
    return FALSE;
  if (!check_piece (text, found->pdata[0], piece, error))
    return FALSE;
  if (found->pdata[i] != NULL && g_str_equal (found->pdata[i], "over"))
    {
      if (!parse_images (text, "over", found->pdata[i + 1], &piece->span, error))
        return FALSE;
      i += 2;
    }
  if (is_last && found->pdata[i] != NULL && g_str_equal (found->pdata[i], "warm-up"))
    {
      if (!parse_images (text, "warm-up", found->pdata[i + 1], &self->warm_up, error))
        return FALSE;
      i += 2;
    }
  if (found->pdata[i] != NULL)
    return fail (error, text, "'%s' is too much%s", (const gchar *) found->pdata[i],
                 is_last ? "" : ": a piece ends with 'over IMAGES', and a warm-up stands at the very end");
  if (piece->span == 0 && !is_last)
    return fail (error, text, "another piece follows: say for how many images this one lasts, as in %s over 10k", text);
  return TRUE;
}

static void
append_piece (GString *text, GParamSpec *pspec, const Piece *piece)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  for (guint i = 0; i < piece->values->len; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree gchar *number = NULL;

      g_value_init (&value, G_TYPE_DOUBLE);
      g_value_set_double (&value, g_array_index (piece->values, gdouble, i));
      number = gantry_param_format (pspec, &value);
      g_string_append_printf (text, "%s%s", i > 0 ? ":" : "", number);
    }
  if (piece->shape != SHAPE_CONSTANT)
    g_string_append_printf (text, " %s", shape_names[piece->shape]);
  g_string_append_printf (text, " over %" G_GUINT64_FORMAT, piece->span);
}

/* The last piece's own span is what the others leave of the training. */
static gboolean
finish (GantrySchedule *self, GParamSpec *pspec, const gchar *text, guint64 length, GError **error)
{
  g_autoptr (GString) full = g_string_new (NULL);
  Piece *last = self->pieces->pdata[self->pieces->len - 1];
  guint64 before = 0;

  for (guint i = 0; i + 1 < self->pieces->len; i++)
    before += ((Piece *) self->pieces->pdata[i])->span;
  if (last->span == 0 && before >= length)
    return fail (error, text, "its pieces before the last take %" G_GUINT64_FORMAT " images, but the training is over after %" G_GUINT64_FORMAT,
                 before, length);
  if (last->span == 0)
    last->span = length - before;
  if (self->warm_up > 0 && G_PARAM_SPEC_DOUBLE (pspec)->minimum > 0)
    return fail (error, text, "a warm-up starts at 0, which is out of range: %g at least", G_PARAM_SPEC_DOUBLE (pspec)->minimum);
  for (guint i = 0; i < self->pieces->len; i++)
    append_piece (full, pspec, self->pieces->pdata[i]);
  if (self->warm_up > 0)
    g_string_append_printf (full, " warm-up %" G_GUINT64_FORMAT, self->warm_up);
  self->text = g_strdup (full->str);
  return TRUE;
}

GantrySchedule *
_gantry_schedule_parse (GParamSpec *pspec, const gchar *text, guint64 length, GError **error)
{
  g_autoptr (GantrySchedule) self = g_new0 (GantrySchedule, 1);
  g_auto (GStrv) pieces = g_strsplit (text, ",", -1);

  self->key = g_strdup (pspec->name);
  self->pieces = g_ptr_array_new_with_free_func (piece_free);
  for (guint i = 0; pieces[i] != NULL; i++)
    if (!parse_piece (self, pspec, g_strstrip (pieces[i]), pieces[i + 1] == NULL, error))
      return NULL;
  if (!finish (self, pspec, text, length, error))
    return NULL;
  return g_steal_pointer (&self);
}

static gdouble
piece_at (const Piece *self, guint64 images)
{
  const gdouble *v = (const gdouble *) self->values->data;
  const gdouble part = (gdouble) images / self->span;

  if (images >= self->span)
    return v[self->values->len - 1];
  switch (self->shape)
    {
    case SHAPE_LINEAR: return v[0] + (v[1] - v[0]) * part;
    case SHAPE_COSINE: return v[1] + (v[0] - v[1]) * (1 + cos (G_PI * part)) / 2;
    case SHAPE_EXPONENTIAL: return v[0] * pow (v[1] / v[0], part);
    case SHAPE_STEPS: return v[images * self->values->len / self->span];
    default: return v[0];
    }
}

gdouble
_gantry_schedule_at (const GantrySchedule *self, guint64 images)
{
  const gdouble factor = images < self->warm_up ? (gdouble) images / self->warm_up : 1;
  guint64 begun = 0;

  for (guint i = 0; i + 1 < self->pieces->len; i++)
    {
      const Piece *piece = self->pieces->pdata[i];

      if (images < begun + piece->span)
        return factor * piece_at (piece, images - begun);
      begun += piece->span;
    }
  return factor * piece_at (self->pieces->pdata[self->pieces->len - 1], images - begun);
}

const gchar *
_gantry_schedule_get_key (const GantrySchedule *self)
{
  return self->key;
}

const gchar *
_gantry_schedule_get_text (const GantrySchedule *self)
{
  return self->text;
}
