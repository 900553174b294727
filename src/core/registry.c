/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/registry-private.h"

#include "core/error-private.h"
#include "core/scan-private.h"
#include "core/search-path-private.h"

#include <gantry/log.h>

#define DEFAULT_TIMEOUT 10000 /* milliseconds */

struct _GantryRegistry {
  GObject parent_instance;
  GPtrArray *named;      /* folders that were given: they have to be there */
  gchar **search_path;   /* folders looked in after those */
  GPtrArray *folders;    /* all of them, and a NULL */
  GPtrArray *records;    /* of GantryPluginInfo, in search order; all that was ever found, so that infos stay good */
  guint first;           /* the records of the last scan start here */
  gboolean scanned;
  guint timeout;
  gboolean no_cache;
};

G_DEFINE_FINAL_TYPE (GantryRegistry, gantry_registry, G_TYPE_OBJECT)

static void
info_free (gpointer data)
{
  GantryPluginInfo *info = data;

  g_free ((gpointer) info->path);
  g_free ((gpointer) info->kind);
  g_free ((gpointer) info->name);
  g_free ((gpointer) info->version);
  g_free ((gpointer) info->licence);
  g_free ((gpointer) info->summary);
  g_free ((gpointer) info->origin);
  g_free ((gpointer) info->reason);
  g_free (info);
}

static void
gantry_registry_init (GantryRegistry *self)
{
  self->named = g_ptr_array_new_with_free_func (g_free);
  self->folders = g_ptr_array_new ();
  self->records = g_ptr_array_new_with_free_func (info_free);
  self->timeout = DEFAULT_TIMEOUT;
}

static void
gantry_registry_finalize (GObject *object)
{
  GantryRegistry *self = GANTRY_REGISTRY (object);

  g_ptr_array_unref (self->named);
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->records);
  g_strfreev (self->search_path);
  G_OBJECT_CLASS (gantry_registry_parent_class)->finalize (object);
}

static void
gantry_registry_class_init (GantryRegistryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_registry_finalize;
}

/* A folder that is named twice is looked into once, at its first place. */
static void
list_folders (GantryRegistry *self)
{
  g_ptr_array_set_size (self->folders, 0);
  for (guint i = 0; i < self->named->len; i++)
    g_ptr_array_add (self->folders, self->named->pdata[i]);
  for (gsize i = 0; self->search_path[i] != NULL; i++)
    {
      if (!g_ptr_array_find_with_equal_func (self->folders, self->search_path[i], g_str_equal, NULL))
        g_ptr_array_add (self->folders, self->search_path[i]);
    }
  g_ptr_array_add (self->folders, NULL);
}

/**
 * gantry_registry_new:
 * @folders: (nullable) (array zero-terminated=1): folders to look into first, in this order; each holds plugins as
 *   `KIND/NAME.so`
 *
 * Makes a registry that looks into @folders, then those of the environment variable `GANTRY_PLUGIN_PATH`, then the
 * user's (`gantry-1/plugins` in the user's data directory), then the system's.  The environment is ignored in a process
 * that is set-user-id.  Files are looked at when the registry is first asked something.
 *
 * Returns: (transfer full): a registry; to be used from one thread at a time
 */
GantryRegistry *
gantry_registry_new (const gchar *const *folders)
{
  GantryRegistry *self = g_object_new (GANTRY_TYPE_REGISTRY, NULL);

  self->search_path = _gantry_search_path ();
  for (gsize i = 0; folders != NULL && folders[i] != NULL; i++)
    {
      g_autofree gchar *folder = g_canonicalize_filename (folders[i], NULL);

      if (!g_ptr_array_find_with_equal_func (self->named, folder, g_str_equal, NULL))
        g_ptr_array_add (self->named, g_steal_pointer (&folder));
    }
  list_folders (self);
  return self;
}

/**
 * gantry_registry_get_default:
 *
 * Returns: (transfer none): the registry of this process, without folders of its own
 */
GantryRegistry *
gantry_registry_get_default (void)
{
  static gsize registry;

  if (g_once_init_enter (&registry))
    g_once_init_leave (&registry, GPOINTER_TO_SIZE (gantry_registry_new (NULL)));
  return GSIZE_TO_POINTER (registry);
}

/**
 * gantry_registry_prepend_folder:
 * @self: a registry
 * @folder: a folder of plugins, `KIND/NAME.so`; relative to the current folder
 *
 * Puts a folder at the front of the search order.
 */
void
gantry_registry_prepend_folder (GantryRegistry *self, const gchar *folder)
{
  g_autofree gchar *absolute = NULL;
  guint found;

  g_return_if_fail (GANTRY_IS_REGISTRY (self) && folder != NULL);
  absolute = g_canonicalize_filename (folder, NULL);
  if (g_ptr_array_find_with_equal_func (self->named, absolute, g_str_equal, &found))
    g_ptr_array_remove_index (self->named, found);
  g_ptr_array_insert (self->named, 0, g_steal_pointer (&absolute));
  list_folders (self);
  self->scanned = FALSE;
}

/**
 * gantry_registry_get_folders:
 * @self: a registry
 *
 * Returns: (transfer none) (array zero-terminated=1): the folders in search order, whether they are there or not
 */
const gchar *const *
gantry_registry_get_folders (GantryRegistry *self)
{
  g_return_val_if_fail (GANTRY_IS_REGISTRY (self), NULL);
  return (const gchar *const *) self->folders->pdata;
}

/**
 * gantry_registry_set_scan_timeout:
 * @self: a registry
 * @milliseconds: how long opening one file may take, 1 or more; 10 s by default
 *
 * Sets after what time a plugin counts as hanging.
 */
void
gantry_registry_set_scan_timeout (GantryRegistry *self, guint milliseconds)
{
  g_return_if_fail (GANTRY_IS_REGISTRY (self) && milliseconds > 0);
  self->timeout = milliseconds;
}

/**
 * gantry_registry_set_use_cache:
 * @self: a registry
 * @use_cache: whether scans may take what earlier ones found; %TRUE by default
 *
 * What a scan found is kept in `gantry-1/plugins` in the user's cache directory, and taken from there as long as a file has the size and the times
 * of modification that it had, and library and scan helper are the same.  A file that cannot be used for a reason that lies elsewhere, as a
 * library that is missing, is looked at again only without it.
 */
void
gantry_registry_set_use_cache (GantryRegistry *self, gboolean use_cache)
{
  g_return_if_fail (GANTRY_IS_REGISTRY (self));
  self->no_cache = !use_cache;
}

static GPtrArray *
find_files (GantryRegistry *self, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (_gantry_plugin_file_free);

  for (guint i = 0; self->folders->pdata[i] != NULL; i++)
    {
      const gchar *folder = self->folders->pdata[i];
      g_autoptr (GError) cause = NULL;

      if (_gantry_search_folder (folder, files, &cause))
        continue;
      if (i < self->named->len)
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "plugin folder: %s", cause->message);
          return NULL;
        }
      gantry_log_message ("registry", g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? GANTRY_LOG_DEBUG : GANTRY_LOG_WARNING,
                          "plugin folder: %s", cause->message);
    }
  return g_steal_pointer (&files);
}

/* What the host has against a plugin that the helper could read. */
static gchar *
place_problem (const GantryPluginFile *file, const GantryScanResult *result)
{
  if (!g_str_equal (result->kind, file->kind))
    return g_strdup_printf ("its kind is '%s', but it lies in the folder '%s'", result->kind, file->kind);
  if (!g_str_equal (result->name, file->stem))
    return g_strdup_printf ("its name is '%s', but its file is called '%s.so'", result->name, file->stem);
  return NULL;
}

static gchar *
kind_problem (const gchar *kind)
{
  g_autofree gchar *suggestion = NULL;

  if (gantry_kind_get_interface (kind) != G_TYPE_INVALID)
    return NULL;
  suggestion = _gantry_suggest (kind, gantry_kind_list ());
  return g_strdup_printf ("its folder '%s' is no kind of component%s", kind, suggestion);
}

static GantryPluginInfo *
find_usable (GantryRegistry *self, const gchar *kind, const gchar *name)
{
  for (guint i = self->first; i < self->records->len; i++)
    {
      GantryPluginInfo *info = self->records->pdata[i];

      if (info->status == GANTRY_PLUGIN_USABLE && g_str_equal (info->kind, kind) && g_str_equal (info->name, name))
        return info;
    }
  return NULL;
}

static void
add_record (GantryRegistry *self, const GantryPluginFile *file, GantryScanResult *result, gchar *problem)
{
  GantryPluginInfo *info = g_new0 (GantryPluginInfo, 1);
  GantryPluginInfo *winner;

  info->path = g_strdup (file->path);
  if (result != NULL)
    {
      info->abi_major = result->abi_major;
      info->abi_minor = result->abi_minor;
      info->kind = g_steal_pointer (&result->kind);
      info->name = g_steal_pointer (&result->name);
      info->version = g_steal_pointer (&result->version);
      info->licence = g_steal_pointer (&result->licence);
      info->summary = g_steal_pointer (&result->summary);
      info->origin = g_steal_pointer (&result->origin);
    }
  if (problem != NULL)
    {
      info->status = GANTRY_PLUGIN_BROKEN;
      info->reason = g_strdelimit (problem, "\r\n", ' ');
    }
  else if ((winner = find_usable (self, info->kind, info->name)) != NULL)
    {
      info->status = GANTRY_PLUGIN_SHADOWED;
      info->reason = g_strdup_printf ("shadowed by %s", winner->path);
    }
  g_ptr_array_add (self->records, info);
}

/**
 * gantry_registry_scan:
 * @self: a registry
 * @error: return location for an error
 *
 * Looks at all plugins anew.  Each file that was not seen before, or has changed since, is opened by a helper process, within a time limit: one
 * that crashes or hangs becomes a broken plugin with a reason.  The other functions of the registry scan by themselves the first time.
 *
 * Returns: %FALSE with %GANTRY_CORE_ERROR_PLUGIN if a folder that was given cannot be read, or the helper cannot be started
 */
gboolean
gantry_registry_scan (GantryRegistry *self, GError **error)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  g_return_val_if_fail (GANTRY_IS_REGISTRY (self), FALSE);
  files = find_files (self, error);
  if (files == NULL)
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      GantryPluginFile *file = files->pdata[i];

      if (gantry_kind_get_interface (file->kind) != G_TYPE_INVALID)
        g_ptr_array_add (paths, file->path);
    }
  g_ptr_array_add (paths, NULL);
  results = _gantry_scan_cached ((const gchar *const *) paths->pdata, self->timeout, !self->no_cache, error);
  if (results == NULL)
    return FALSE;

  self->first = self->records->len;
  for (guint i = 0, next = 0; i < files->len; i++)
    {
      GantryPluginFile *file = files->pdata[i];
      GantryScanResult *result = NULL;
      gchar *problem = kind_problem (file->kind);

      if (problem == NULL)
        {
          result = results->pdata[next++];
          problem = result->reason != NULL ? g_steal_pointer (&result->reason) : place_problem (file, result);
        }
      add_record (self, file, result, problem);
    }
  self->scanned = TRUE;
  return TRUE;
}

gboolean
_gantry_registry_ensure_scanned (GantryRegistry *self, GError **error)
{
  return self->scanned || gantry_registry_scan (self, error);
}

static guint
kind_rank (const gchar *kind)
{
  const gchar *const *kinds = gantry_kind_list ();
  guint rank = 0;

  while (kinds[rank] != NULL && (kind == NULL || !g_str_equal (kinds[rank], kind)))
    rank++;
  return rank;
}

static gint
compare_infos (gconstpointer a, gconstpointer b)
{
  const GantryPluginInfo *x = *(const GantryPluginInfo *const *) a;
  const GantryPluginInfo *y = *(const GantryPluginInfo *const *) b;
  gint order = (gint) kind_rank (x->kind) - (gint) kind_rank (y->kind);

  return order != 0 ? order : g_strcmp0 (x->name, y->name);
}

/**
 * gantry_registry_list:
 * @self: a registry
 * @kind: (nullable): a kind; %NULL for all
 *
 * Lists the plugins that can be used.  A scan that fails leaves the list empty and a message in the log: call
 * [method@Gantry.Registry.scan] beforehand to see the error.
 *
 * Returns: (transfer container) (element-type GantryPluginInfo): by kind in order of registration, then by name
 */
GPtrArray *
gantry_registry_list (GantryRegistry *self, const gchar *kind)
{
  GPtrArray *list = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (GANTRY_IS_REGISTRY (self), list);
  if (!_gantry_registry_ensure_scanned (self, &error))
    {
      gantry_log_message ("registry", GANTRY_LOG_ERROR, "%s", error->message);
      return list;
    }
  for (guint i = self->first; i < self->records->len; i++)
    {
      GantryPluginInfo *info = self->records->pdata[i];

      if (info->status == GANTRY_PLUGIN_USABLE && (kind == NULL || g_str_equal (info->kind, kind)))
        g_ptr_array_add (list, info);
    }
  g_ptr_array_sort (list, compare_infos);
  return list;
}

/**
 * gantry_registry_list_unusable:
 * @self: a registry
 *
 * Lists the files that cannot be used: broken ones, and those that another one shadows.
 *
 * Returns: (transfer container) (element-type GantryPluginInfo): in search order, each with its reason
 */
GPtrArray *
gantry_registry_list_unusable (GantryRegistry *self)
{
  GPtrArray *list = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (GANTRY_IS_REGISTRY (self), list);
  if (!_gantry_registry_ensure_scanned (self, &error))
    {
      gantry_log_message ("registry", GANTRY_LOG_ERROR, "%s", error->message);
      return list;
    }
  for (guint i = self->first; i < self->records->len; i++)
    {
      GantryPluginInfo *info = self->records->pdata[i];

      if (info->status != GANTRY_PLUGIN_USABLE)
        g_ptr_array_add (list, info);
    }
  return list;
}
