/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A listing in words, for people and for checkpoints. */
#include "listing.h"

#include <string.h>

#define MAX_CLASSES 12 /* that are named */

gchar *
listing_digest (Listing *self)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < self->files->len; i++)
    {
      const ListedFile *file = self->files->pdata[i];
      g_autofree gchar *size = g_strdup_printf ("%" G_GUINT64_FORMAT, file->size);

      g_checksum_update (checksum, (const guchar *) file->name, strlen (file->name) + 1);
      g_checksum_update (checksum, (const guchar *) size, strlen (size) + 1);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

gchar *
listing_describe (Listing *self, gsize n_records)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%u image%s", self->files->len, self->files->len == 1 ? "" : "s");
  if (listing_has_labels (self))
    {
      g_string_append_printf (text, " of %u classes (", self->classes->len);
      for (guint i = 0; i < MIN (self->classes->len, MAX_CLASSES); i++)
        g_string_append_printf (text, "%s%u %s", i > 0 ? ", " : "", i, (const gchar *) self->classes->pdata[i]);
      g_string_append (text, self->classes->len > MAX_CLASSES ? ", ...)" : ")");
    }
  else if (self->classes->len > 1)
    g_string_append_printf (text, "; no classes, because %" G_GSIZE_FORMAT " of them are in no subfolder", self->n_beside);
  if (n_records > self->files->len)
    g_string_append (text, "; each also mirrored");
  if (self->n_others > 0)
    g_string_append_printf (text, "; %" G_GSIZE_FORMAT " other file%s left out (%s%s)", self->n_others, self->n_others == 1 ? "" : "s",
                            self->first_other, self->n_others == 1 ? "" : " and so on");
  return g_string_free (text, FALSE);
}
