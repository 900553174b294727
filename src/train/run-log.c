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
_gantry_run_log_truncate (GantryRunFolder *self, guint64 images, GError **error)
{
  g_autofree gchar *path = log_path (self);
  g_autofree gchar *text = NULL;
  g_autoptr (GString) kept = g_string_new (NULL);
  g_autoptr (GError) local = NULL;
  const gchar *line, *end;

  if (!g_file_get_contents (path, &text, NULL, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s", local->message);
      return FALSE;
    }
  /* A line without its end was being written when the process was killed. */
  for (line = text; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      guint64 at;

      if (sscanf (line, "{\"images\":%" G_GUINT64_FORMAT, &at) == 1 && at <= images)
        g_string_append_len (kept, line, end + 1 - line);
    }
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
