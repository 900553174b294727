/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/plugin-folder.h"

#include <glib/gstdio.h>
#include <unistd.h>

gchar *
plugin_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  gchar *folder = g_dir_make_tmp ("gantry-plugins-XXXXXX", &error);

  if (folder == NULL)
    g_error ("%s", error->message);
  return folder;
}

gchar *
plugin_folder_path (const gchar *folder, const gchar *kind, const gchar *name)
{
  g_autofree gchar *file = g_strconcat (name, ".so", NULL);

  return g_build_filename (folder, kind, file, NULL);
}

static gchar *
prepare (const gchar *folder, const gchar *kind, const gchar *name)
{
  g_autofree gchar *parent = g_build_filename (folder, kind, NULL);

  g_mkdir_with_parents (parent, 0700);
  return plugin_folder_path (folder, kind, name);
}

void
plugin_folder_add (const gchar *folder, const gchar *kind, const gchar *name, const gchar *module)
{
  g_autofree gchar *path = prepare (folder, kind, name);
  g_autofree gchar *file = g_strconcat (module, ".so", NULL);
  g_autofree gchar *target = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "core", "bad-plugins", ".libs", file, NULL);

  if (symlink (target, path) != 0)
    g_error ("%s: cannot be linked", path);
}

void
plugin_folder_add_text (const gchar *folder, const gchar *kind, const gchar *name, const gchar *text, gssize length)
{
  g_autofree gchar *path = prepare (folder, kind, name);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, text, length, &error))
    g_error ("%s", error->message);
}

static void
remove_tree (const gchar *path)
{
  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const gchar *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree gchar *inner = g_build_filename (path, name, NULL);

          remove_tree (inner);
        }
    }
  g_remove (path);
}

void
plugin_folder_free (gchar *folder)
{
  remove_tree (folder);
  g_free (folder);
}
