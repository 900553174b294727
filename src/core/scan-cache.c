/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What earlier scans found, in a text file: a line for the host, then a line a plugin.  A line counts as long as its file has the size and the
 * times that it had, and the host is the same.  Whatever is wrong with the file or a line of it is as if it was not there: the plugin is scanned.
 */
#include "config.h"

#include "core/scan-private.h"

#include <gantry/log.h>
#include <gantry/plugin.h>

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "gantry-plugin-cache 1"
#define LONGEST_FILE (8 << 20)
#define MAX_LINES 10000
#define SETTLED 100000000 /* nanoseconds after which another change of a file has another time */

/* A change of the contents changes one of them. (transfer full), NULL where there is no such file. */
static gchar *
describe_file (const gchar *path, gint64 *changed)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;
  if (changed != NULL)
    *changed = MAX ((gint64) info.st_mtim.tv_sec, (gint64) info.st_ctim.tv_sec) * 1000000000
               + (info.st_mtim.tv_sec >= info.st_ctim.tv_sec ? info.st_mtim.tv_nsec : info.st_ctim.tv_nsec);
  return g_strdup_printf ("%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT ".%09ld\t%" G_GINT64_FORMAT ".%09ld", (gint64) info.st_size,
                          (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (gint64) info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

/* The first line: what a scan depends on besides the plugin. */
static gchar *
describe_host (void)
{
  g_autofree gchar *helper = _gantry_scan_helper_path ();
  g_autofree gchar *helper_file = describe_file (helper, NULL);
  g_autofree gchar *library = NULL, *library_file = NULL, *helper_name = g_strescape (helper, NULL);
  Dl_info here = { 0 };

  if (dladdr ((gpointer) _gantry_scan_cached, &here) == 0 || helper_file == NULL)
    return NULL;
  library = g_strescape (here.dli_fname, NULL);
  library_file = describe_file (here.dli_fname, NULL);
  if (library_file == NULL)
    return NULL;
  return g_strdup_printf (FORMAT "\t%d.%d\t%s\t%s\t%s\t%s", GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, library, library_file, helper_name, helper_file);
}

/* Where the cache is; NULL in a process that is set-user-id, which asks neither the environment nor what others could have written. */
static gchar *
get_path (void)
{
  return getauxval (AT_SECURE) == 0 ? g_build_filename (g_get_user_cache_dir (), "gantry-1", "plugins", NULL) : NULL;
}

static guint32
sum_text (const gchar *text, gsize length)
{
  guint32 sum = 2166136261u;

  for (gsize i = 0; i < length; i++)
    sum = (sum ^ (guchar) text[i]) * 16777619u;
  return sum;
}

/* The lines of a cache of this host: escaped path -> the whole line.  Those that are damaged are left out. */
static GHashTable *
read_lines (const gchar *path, const gchar *host)
{
  GHashTable *lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree gchar *contents = NULL;
  g_auto (GStrv) split = NULL;
  struct stat info;
  gsize length;

  /* What somebody else has written is nobody's word. */
  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_uid != geteuid () || info.st_size > LONGEST_FILE
      || !g_file_get_contents (path, &contents, &length, NULL) || strlen (contents) != length)
    return lines;
  split = g_strsplit (contents, "\n", MAX_LINES);
  if (!g_str_equal (split[0] != NULL ? split[0] : "", host))
    return lines;
  for (gsize i = 1; split[i] != NULL; i++)
    {
      const gchar *tab = strchr (split[i], '\t'), *last = strrchr (split[i], '\t');
      g_autofree gchar *sum = last != NULL ? g_strdup_printf ("%08x", sum_text (split[i], (gsize) (last - split[i]))) : NULL;

      if (tab != NULL && tab != last && g_str_equal (last + 1, sum))
        g_hash_table_insert (lines, g_strndup (split[i], (gsize) (tab - split[i])), g_strdup (split[i]));
    }
  return lines;
}

/* PATH SIZE MTIME CTIME RECORD SUM; the record has tabs of its own. (transfer full), NULL where the file is another by now. */
static GantryScanResult *
find_result (GHashTable *lines, const gchar *escaped, const gchar *file)
{
  const gchar *line = g_hash_table_lookup (lines, escaped);
  const gsize before = strlen (escaped) + 1, length = strlen (file);
  g_autofree gchar *record = NULL;
  g_autoptr (GantryScanResult) result = NULL;

  if (line == NULL || strncmp (line + before, file, length) != 0 || line[before + length] != '\t')
    return NULL;
  record = g_strndup (line + before + length + 1, (gsize) (strrchr (line, '\t') - (line + before + length + 1)));
  result = g_new0 (GantryScanResult, 1);
  return _gantry_scan_parse (record, result) ? g_steal_pointer (&result) : NULL;
}

/* Under another name, then renamed: who reads sees the old file or the new one.  What cannot be written is not. */
static void
write_lines (const gchar *path, const gchar *host, GHashTable *lines)
{
  g_autoptr (GString) text = g_string_new (host);
  g_autofree gchar *folder = g_path_get_dirname (path), *temporary = g_strconcat (path, ".XXXXXX", NULL);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (lines), (GCompareFunc) strcmp);
  gint fd;
  gboolean written;

  g_string_append_c (text, '\n');
  for (GList *l = keys; l != NULL; l = l->next)
    g_string_append_printf (text, "%s\n", (const gchar *) g_hash_table_lookup (lines, l->data));
  if (g_mkdir_with_parents (folder, 0700) != 0 || (fd = g_mkstemp (temporary)) < 0)
    return;
  written = write (fd, text->str, text->len) == (gssize) text->len;
  written = close (fd) == 0 && written && g_rename (temporary, path) == 0;
  if (!written)
    g_unlink (temporary);
  gantry_debug ("registry", "%s: %s", path, written ? "written" : "cannot be written");
}

/* A line of a plugin; none of what only hung, which another time it may not, or has changed while one looked. */
static void
keep_result (GHashTable *lines, const gchar *path, const gchar *file, gint64 changed, const GantryScanResult *result)
{
  g_autofree gchar *escaped = g_strescape (path, NULL), *now_file = describe_file (path, NULL), *record = NULL;
  g_autofree gchar *line = NULL;

  g_hash_table_remove (lines, escaped);
  if (result->is_late || file == NULL || g_strcmp0 (file, now_file) != 0 || changed > g_get_real_time () * 1000 - SETTLED)
    return;
  record = _gantry_scan_format (result);
  line = g_strdup_printf ("%s\t%s\t%s", escaped, file, record);
  g_hash_table_insert (lines, g_steal_pointer (&escaped), g_strdup_printf ("%s\t%08x", line, sum_text (line, strlen (line))));
}

/* Lines of files that are gone. */
static gboolean
is_gone (gpointer key, gpointer value, gpointer user_data)
{
  g_autofree gchar *path = g_strcompress (key);

  return !g_file_test (path, G_FILE_TEST_EXISTS);
}

GPtrArray *
_gantry_scan_cached (const gchar *const *paths, guint timeout, gboolean use_cache, GError **error)
{
  g_autofree gchar *path = get_path (), *host = path != NULL ? describe_host () : NULL;
  g_autoptr (GHashTable) lines = host != NULL ? read_lines (path, host) : NULL;
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_scan_result_free);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new (), found = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const gsize n = g_strv_length ((gchar **) paths);
  g_autofree gint64 *changed = g_new0 (gint64, n + 1);
  guint next = 0;

  if (lines == NULL)
    return _gantry_scan_files (paths, timeout, error);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree gchar *escaped = g_strescape (paths[i], NULL);
      gchar *file = describe_file (paths[i], &changed[i]);

      g_ptr_array_add (files, file);
      g_ptr_array_add (results, use_cache && file != NULL ? find_result (lines, escaped, file) : NULL);
      if (results->pdata[i] == NULL)
        g_ptr_array_add (unknown, (gpointer) paths[i]);
      else
        gantry_debug ("registry", "%s: %s, as it was", paths[i], ((GantryScanResult *) results->pdata[i])->reason != NULL ? "broken" : "ok");
    }
  if (unknown->len == 0)
    return g_steal_pointer (&results);
  g_ptr_array_add (unknown, NULL);
  found = _gantry_scan_files ((const gchar *const *) unknown->pdata, timeout, error);
  if (found == NULL)
    return NULL;
  for (gsize i = 0; i < n; i++)
    if (results->pdata[i] == NULL)
      {
        results->pdata[i] = g_steal_pointer (&found->pdata[next++]);
        keep_result (lines, paths[i], files->pdata[i], changed[i], results->pdata[i]);
      }
  g_hash_table_foreach_remove (lines, is_gone, NULL);
  if (g_hash_table_size (lines) < MAX_LINES - 1)
    write_lines (path, host, lines);
  return g_steal_pointer (&results);
}
