/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* log.jsonl: one JSON object a line, the first key being "images". */
#include "train/run-folder-private.h"

#include "train/file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gchar *
log_path (GantryRunFolder *self)
{
  return g_build_filename (self->path, "log.jsonl", NULL);
}

gboolean
_gantry_run_log_truncate (GantryRunFolder *self, guint64 images, guint n_rollbacks, const gchar *more, GError **error)
{
  g_autofree gchar *path = log_path (self);
  g_autofree gchar *text = NULL;
  g_autoptr (GString) kept = g_string_new (NULL);
  g_autoptr (GError) local = NULL;
  const gchar *line, *end;

  if (!g_file_get_contents (path, &text, NULL, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return more == NULL || _gantry_run_log_append (self, more, error);
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s", local->message);
      return FALSE;
    }
  /* A line without its end was being written when the process was killed. */
  for (line = text; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      guint64 at, steps;
      guint number;
      const gint n_read = sscanf (line, "{\"images\":%" G_GUINT64_FORMAT ",\"steps\":%" G_GUINT64_FORMAT ",\"rollback\":%u", &at, &steps, &number);

      if (n_read >= 1 && at <= images && (n_read < 3 || number <= n_rollbacks))
        g_string_append_len (kept, line, end + 1 - line);
    }
  if (more != NULL)
    g_string_append (kept, more);
  return g_str_equal (kept->str, text) || _gantry_file_replace (path, kept->str, kept->len, error);
}

gboolean
_gantry_run_log_append (GantryRunFolder *self, const gchar *line, GError **error)
{
  g_autofree gchar *path = log_path (self);
  gint fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  gsize size = strlen (line);
  gint reason = 0;

  if (fd < 0)
    reason = errno;
  else
    {
      GantryFile file = { path, NULL, fd };
      gboolean is_written = _gantry_file_write (&file, line, size, error);

      close (fd);
      return is_written;
    }
  _gantry_file_set_error (error, path, "cannot be written", reason);
  return FALSE;
}

static void
append_text (GString *line, const gchar *key, const gchar *text)
{
  g_string_append_printf (line, ",\"%s\":\"", key);
  for (; *text != '\0'; text++)
    if (*text == '"' || *text == '\\')
      g_string_append_printf (line, "\\%c", *text);
    else if ((guchar) *text < 0x20)
      g_string_append_printf (line, "\\u%04x", (guint) *text);
    else
      g_string_append_c (line, *text);
  g_string_append_c (line, '"');
}

gchar *
_gantry_run_log_format_origin (guint64 images, guint64 steps, const gchar *origin)
{
  GString *line = g_string_new (NULL);

  g_string_printf (line, "{\"images\":%" G_GUINT64_FORMAT ",\"steps\":%" G_GUINT64_FORMAT, images, steps);
  append_text (line, "origin", origin);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}

gchar *
_gantry_run_log_format_rollback (guint64 images, guint64 steps, guint number, guint64 from, const gchar *reason)
{
  GString *line = g_string_new (NULL);

  g_string_printf (line, "{\"images\":%" G_GUINT64_FORMAT ",\"steps\":%" G_GUINT64_FORMAT ",\"rollback\":%u,\"from\":%" G_GUINT64_FORMAT, images,
                   steps, number, from);
  append_text (line, "reason", reason);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}
