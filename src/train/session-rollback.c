/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What makes a training that went back go another way: from a rollback on, random tensors are drawn with another key and the data come in another
 * order.  Both follow from the list of rollbacks alone, which checkpoints hold, so that such a training resumes like any other.
 */
#include "train/session-private.h"

#include <math.h>
#include <string.h>

#define ATTEMPT_KEY G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

guint64
_gantry_session_get_draw_seed (GantrySession *self)
{
  return gantry_state_get_seed (self->state) + ATTEMPT_KEY * self->rollbacks->len;
}

static void
reorder_data (GantrySession *self)
{
  g_autofree guint64 *changes = g_new (guint64, self->rollbacks->len);

  for (guint i = 0; i < self->rollbacks->len; i++)
    changes[i] = g_array_index (self->rollbacks, GantryRollback, i).to;
  if (self->loader == NULL)
    return;
  _gantry_loader_set_changes (self->loader, changes, self->rollbacks->len);
  _gantry_loader_seek (self->loader, self->images);
}

void
_gantry_session_add_rollback (GantrySession *self, guint64 from)
{
  const GantryRollback rollback = { self->images, from };

  g_array_append_val (self->rollbacks, rollback);
  reorder_data (self);
}

gchar *
_gantry_session_rollbacks_to_text (GantrySession *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->rollbacks->len; i++)
    {
      const GantryRollback *rollback = &g_array_index (self->rollbacks, GantryRollback, i);

      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "<%" G_GUINT64_FORMAT, i > 0 ? " " : "", rollback->to, rollback->from);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static gboolean
parse (const gchar *word, guint64 least, GantryRollback *rollback)
{
  g_auto (GStrv) parts = g_strsplit (word, "<", 3);

  return g_strv_length (parts) == 2 && g_ascii_string_to_unsigned (parts[0], 10, least, G_MAXINT64, &rollback->to, NULL)
         && g_ascii_string_to_unsigned (parts[1], 10, rollback->to, G_MAXINT64, &rollback->from, NULL);
}

gboolean
_gantry_session_rollbacks_from_text (GantrySession *self, const gchar *text)
{
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, " ", -1) : g_new0 (gchar *, 1);
  guint64 least = 0;

  g_array_set_size (self->rollbacks, 0);
  for (guint i = 0; words[i] != NULL; i++)
    {
      GantryRollback rollback;

      if (!parse (words[i], least, &rollback))
        return FALSE;
      g_array_append_val (self->rollbacks, rollback);
      least = rollback.from;
    }
  reorder_data (self);
  return TRUE;
}

static gboolean
is_finite (GantryArray *array, gdouble *value)
{
  const gsize n = gantry_array_get_size (array);
  gconstpointer data = gantry_array_get_data (array);

  for (gsize i = 0; i < n; i++)
    {
      *value = gantry_array_get_dtype (array) == GANTRY_FLOAT32 ? ((const gfloat *) data)[i] : ((const gdouble *) data)[i];
      if (!isfinite (*value))
        return FALSE;
    }
  return TRUE;
}

const gchar *
_gantry_session_find_broken (GantrySession *self, gdouble *value)
{
  g_auto (GStrv) names = gantry_state_list (self->state);

  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *array = gantry_state_get (self->state, names[i]);

      if (gantry_dtype_is_float (gantry_array_get_dtype (array)) && !is_finite (array, value))
        return g_intern_string (names[i]);
    }
  return NULL;
}
