/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A start that was killed before there was a pipeline.ini leaves a folder that is no run: a lock, empty folders, and where the run was to begin
 * with another one's checkpoint a copy of that, and the line of the log that says so.  A folder with nothing but these counts as empty.
 */
#include "train/run-folder-private.h"

#include "train/file-private.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean
is_plain_folder (const gchar *path)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK);
}

/* What the folders of checkpoints and of samples have: of files that are whole, at most so many checkpoints. */
static gboolean
has_at_most (const gchar *path, guint n_checkpoints)
{
  g_autoptr (GDir) dir = is_plain_folder (path) ? g_dir_open (path, 0, NULL) : NULL;
  const gchar *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!_gantry_file_is_temporary (name) && !(n_checkpoints > 0 && g_str_equal (name, "latest"))
        && !(g_str_has_suffix (name, ".safetensors") && n++ < n_checkpoints))
      return FALSE;
  return dir != NULL;
}

/* Whether it has no more than the beginning of a line, or that line of a start with another run's checkpoint. */
static gboolean
is_first_line (const gchar *path)
{
  g_autofree gchar *text = NULL;
  const gchar *end;

  if (g_file_test (path, G_FILE_TEST_IS_SYMLINK) || !g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  end = strchr (text, '\n');
  return end == NULL || (end[1] == '\0' && strstr (text, "\"origin\":") != NULL);
}

gboolean
_gantry_run_folder_is_leftover (const gchar *path)
{
  g_autofree gchar *lock = g_build_filename (path, "lock", NULL);
  g_autoptr (GDir) dir = g_file_test (lock, G_FILE_TEST_IS_REGULAR) ? g_dir_open (path, 0, NULL) : NULL;
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *file = g_build_filename (path, name, NULL);
      const gboolean is_ours = g_str_equal (name, "lock") || _gantry_file_is_temporary (name)
                               || (g_str_equal (name, "checkpoints") && has_at_most (file, 1))
                               || (g_str_equal (name, "samples") && has_at_most (file, 0))
                               || (g_str_equal (name, "log.jsonl") && is_first_line (file));

      if (!is_ours)
        return FALSE;
    }
  return dir != NULL;
}

static void
remove_inside (const gchar *path, const gchar *but)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *file = g_build_filename (path, name, NULL);

      if (is_plain_folder (file))
        remove_inside (file, "");
      else if (!g_str_equal (name, but))
        g_unlink (file);
    }
}

/* By the one who holds the lock, of a folder that is such a leftover. */
void
_gantry_run_folder_remove_leftover (const gchar *path)
{
  remove_inside (path, "lock");
}
