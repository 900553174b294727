/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/search-path-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static void
add_path_list (GPtrArray *folders, const gchar *list)
{
  g_auto (GStrv) parts = g_strsplit (list, G_SEARCHPATH_SEPARATOR_S, -1);

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      if (parts[i][0] != '\0')
        g_ptr_array_add (folders, g_canonicalize_filename (parts[i], NULL));
    }
}

gchar **
_gantry_search_path (void)
{
  GPtrArray *folders = g_ptr_array_new ();
  gboolean secure = getauxval (AT_SECURE) != 0;
  const gchar *named = secure_getenv ("GANTRY_PLUGIN_PATH");
  const gchar *data_home = secure_getenv ("XDG_DATA_HOME");
  const gchar *system = secure_getenv ("GANTRY_SYSTEM_PLUGIN_PATH");

  if (named != NULL)
    add_path_list (folders, named);
  if (data_home != NULL && g_path_is_absolute (data_home))
    g_ptr_array_add (folders, g_build_filename (data_home, "gantry-1", "plugins", NULL));
  else if (!secure)
    g_ptr_array_add (folders, g_build_filename (g_get_home_dir (), ".local", "share", "gantry-1", "plugins", NULL));
  add_path_list (folders, system != NULL && system[0] != '\0' ? system : GANTRY_PLUGIN_FOLDER);
  g_ptr_array_add (folders, NULL);
  return (gchar **) g_ptr_array_free (folders, FALSE);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

/* The names in a folder, sorted, without those that start with a dot. */
static GPtrArray *
list_folder (const gchar *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  GPtrArray *names;
  const gchar *name;

  if (dir == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (name[0] != '.')
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

gboolean
_gantry_search_folder (const gchar *folder, GPtrArray *files, GError **error)
{
  g_autoptr (GPtrArray) kinds = list_folder (folder, error);

  if (kinds == NULL)
    return FALSE;
  for (guint i = 0; i < kinds->len; i++)
    {
      g_autofree gchar *path = g_build_filename (folder, kinds->pdata[i], NULL);
      g_autoptr (GPtrArray) names = NULL;

      if (!g_file_test (path, G_FILE_TEST_IS_DIR))
        continue;
      names = list_folder (path, error);
      if (names == NULL)
        return FALSE;
      for (guint j = 0; j < names->len; j++)
        {
          const gchar *name = names->pdata[j];
          GantryPluginFile *file;

          if (!g_str_has_suffix (name, ".so"))
            continue;
          file = g_new0 (GantryPluginFile, 1);
          file->path = g_build_filename (path, name, NULL);
          file->kind = g_strdup (kinds->pdata[i]);
          file->stem = g_strndup (name, strlen (name) - strlen (".so"));
          g_ptr_array_add (files, file);
        }
    }
  return TRUE;
}

void
_gantry_plugin_file_free (gpointer data)
{
  GantryPluginFile *file = data;

  g_free (file->path);
  g_free (file->kind);
  g_free (file->stem);
  g_free (file);
}
