/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What scans keep for the next one: when it is taken, and what makes it worthless.  The helper is behind a script that counts its starts. */
#include "core/plugin-folder.h"

#include <gantry/error.h>
#include <gantry/registry.h>

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTLED 150000 /* microseconds after which a file that was written counts as done */

static gchar *folder;
static gchar *room; /* for the cache and the script */
static gchar *cache;
static gchar *starts;

static void
setup (void)
{
  GTypeInfo info = { .class_size = sizeof (GTypeInterface) };
  GType thing = g_type_register_static (G_TYPE_INTERFACE, "GantryTestThing", &info, 0);
  g_autofree gchar *script = NULL, *text = NULL, *none = NULL;

  g_type_interface_add_prerequisite (thing, GANTRY_TYPE_COMPONENT);
  gantry_kind_register ("thing", thing);
  folder = plugin_folder_new ();
  room = plugin_folder_new ();
  cache = g_build_filename (room, "gantry-1", "plugins", NULL);
  starts = g_build_filename (room, "starts", NULL);
  script = g_build_filename (room, "helper", NULL);
  none = g_build_filename (room, "none", NULL);
  text = g_strdup_printf ("#!/bin/sh\necho started >>'%s'\nexec '%s' \"$@\"\n", starts, g_getenv ("GANTRY_SCAN_HELPER"));
  ck_assert (g_file_set_contents (script, text, -1, NULL));
  ck_assert_int_eq (g_chmod (script, 0700), 0);
  g_setenv ("GANTRY_SCAN_HELPER", script, TRUE);
  g_setenv ("XDG_CACHE_HOME", room, TRUE);
  g_setenv ("GANTRY_SYSTEM_PLUGIN_PATH", none, TRUE);
  g_unsetenv ("GANTRY_PLUGIN_PATH");
}

static void
teardown (void)
{
  plugin_folder_free (folder);
  plugin_folder_free (room);
  g_free (cache);
  g_free (starts);
}

static GantryRegistry *
scan_full (gboolean use_cache)
{
  GantryRegistry *registry = gantry_registry_new ((const gchar *const[]) { folder, NULL });
  g_autoptr (GError) error = NULL;

  gantry_registry_set_scan_timeout (registry, 1000);
  gantry_registry_set_use_cache (registry, use_cache);
  ck_assert_msg (gantry_registry_scan (registry, &error), "%s", error != NULL ? error->message : "");
  return registry;
}

static void
assert_starts (guint n)
{
  g_autofree gchar *text = NULL;
  guint found = 0;

  if (g_file_get_contents (starts, &text, NULL, NULL))
    for (const gchar *at = text; *at != '\0'; at++)
      found += *at == '\n';
  ck_assert_msg (found == n, "the helper was started %u times, not %u", found, n);
}

/* Scans, and says what a plugin is: its summary, or why it cannot be used; whether the helper was asked. */
static void
assert_scan (const gchar *name, const gchar *expected, gboolean is_asked)
{
  g_autoptr (GantryRegistry) registry = NULL;
  g_autoptr (GPtrArray) unusable = NULL;
  g_autofree gchar *before = NULL, *after = NULL, *end = g_strdup_printf ("/%s.so", name);
  const GantryPluginInfo *info;
  const gchar *found;

  g_file_get_contents (starts, &before, NULL, NULL);
  registry = scan_full (TRUE);
  info = gantry_registry_find (registry, "thing", name, NULL);
  found = info != NULL ? info->summary : NULL;
  unusable = gantry_registry_list_unusable (registry);
  for (guint i = 0; i < unusable->len; i++)
    if (g_str_has_suffix (((GantryPluginInfo *) unusable->pdata[i])->path, end))
      found = ((GantryPluginInfo *) unusable->pdata[i])->reason;
  ck_assert_msg (found != NULL && g_pattern_match_simple (expected, found), "%s: '%s' is not '%s'", name, found, expected);
  g_file_get_contents (starts, &after, NULL, NULL);
  ck_assert_msg ((g_strcmp0 (before, after) != 0) == is_asked, "%s: the helper was %s", name, is_asked ? "not asked" : "asked");
}

/* A file of its own, and not a link: its times are changed. */
static void
add_young (const gchar *name, const gchar *module)
{
  g_autofree gchar *path = plugin_folder_path (folder, "thing", name), *contents = NULL;
  gsize length;

  g_unlink (path);
  plugin_folder_add (folder, "thing", name, module);
  ck_assert (g_file_get_contents (path, &contents, &length, NULL));
  ck_assert_int_eq (g_unlink (path), 0);
  ck_assert (g_file_set_contents (path, contents, (gssize) length, NULL));
}

static void
add (const gchar *name, const gchar *module)
{
  add_young (name, module);
  g_usleep (SETTLED);
}

START_TEST (second_scan_opens_nothing)
{
  g_autofree gchar *path = plugin_folder_path (folder, "thing", "good");
  g_autoptr (GantryRegistry) registry = NULL;
  const GantryPluginInfo *info;

  add ("good", "good");
  assert_scan ("good", "?*", TRUE);
  assert_scan ("good", "?*", FALSE);
  assert_starts (1);
  registry = scan_full (TRUE);
  info = gantry_registry_find (registry, "thing", "good", NULL);
  ck_assert_str_eq (info->path, path);
  ck_assert_str_eq (info->kind, "thing");
  ck_assert_str_eq (info->version, "1.2");
  ck_assert_uint_eq (info->abi_major, GANTRY_ABI_MAJOR);
  ck_assert_ptr_nonnull (info->licence);
  ck_assert_ptr_nonnull (info->origin);
  /* A new one is asked about, and the old one is not forgotten. */
  add ("noisy", "noisy");
  assert_scan ("noisy", "?*", TRUE);
  assert_scan ("good", "?*", FALSE);
}
END_TEST

START_TEST (without_cache)
{
  add ("good", "good");
  g_object_unref (scan_full (TRUE));
  g_object_unref (scan_full (FALSE));
  assert_starts (2);
  assert_scan ("good", "?*", FALSE);
}
END_TEST

START_TEST (broken_plugins)
{
  add ("no-name", "no-name");
  assert_scan ("no-name", "its descriptor has no name", TRUE);
  assert_scan ("no-name", "its descriptor has no name", FALSE);
  add ("crashing", "crashing");
  assert_scan ("crashing", "crashes when it is opened: signal SIGSEGV (*)", TRUE);
  assert_scan ("crashing", "crashes when it is opened: signal SIGSEGV (*)", FALSE);
  /* Repaired. */
  add ("no-name", "good");
  assert_scan ("no-name", "its name is 'good', but its file is called 'no-name.so'", TRUE);
  assert_scan ("no-name", "its name is 'good', but its file is called 'no-name.so'", FALSE);
}
END_TEST

/* It may only have been slow. */
START_TEST (hanging_plugins)
{
  add ("hanging", "hanging");
  assert_scan ("hanging", "hangs when it is opened: no answer within 1 s", TRUE);
  assert_scan ("hanging", "hangs when it is opened: no answer within 1 s", TRUE);
}
END_TEST

static void
set_time (const gchar *path, const struct timespec *time)
{
  const struct timespec times[2] = { *time, *time };

  ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
}

START_TEST (changed_time)
{
  g_autofree gchar *path = plugin_folder_path (folder, "thing", "good");

  add ("good", "good");
  assert_scan ("good", "?*", TRUE);
  set_time (path, &(const struct timespec) { 1000000000, 1 });
  g_usleep (SETTLED);
  assert_scan ("good", "?*", TRUE);
  assert_scan ("good", "?*", FALSE);
  set_time (path, &(const struct timespec) { 1000000000, 2 });
  g_usleep (SETTLED);
  assert_scan ("good", "?*", TRUE);
}
END_TEST

/* Other contents of the same length and time, as a package manager may leave behind. */
START_TEST (changed_contents_only)
{
  g_autofree gchar *path = plugin_folder_path (folder, "thing", "good"), *contents = NULL;
  const struct timespec old = { 1000000000, 0 };
  gsize length;

  add ("good", "good");
  set_time (path, &old);
  g_usleep (SETTLED);
  assert_scan ("good", "?*", TRUE);
  ck_assert (g_file_get_contents (path, &contents, &length, NULL));
  memset (contents, 'x', length);
  ck_assert (g_file_set_contents (path, contents, length, NULL));
  set_time (path, &old);
  g_usleep (SETTLED);
  assert_scan ("good", "*ELF*", TRUE);
}
END_TEST

/* Contents that change again within the resolution of the clock would look the same. */
START_TEST (too_young)
{
  add_young ("good", "good");
  assert_scan ("good", "?*", TRUE);
  add_young ("good", "good");
  assert_scan ("good", "?*", TRUE);
  g_usleep (SETTLED);
  assert_scan ("good", "?*", TRUE);
  assert_scan ("good", "?*", FALSE);
}
END_TEST

static void
damage (const gchar *find, const gchar *put)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GString) changed = NULL;

  ck_assert (g_file_get_contents (cache, &text, NULL, NULL));
  changed = g_string_new (text);
  ck_assert_uint_ge (g_string_replace (changed, find, put, 1), 1);
  ck_assert (g_file_set_contents (cache, changed->str, changed->len, NULL));
}

static const struct {
  const gchar *find;
  const gchar *put;
} damages[] = {
  { "\tgood\t", "\tevil\t" },      /* another name */
  { "ok\t", "broken\t" },            /* another record */
  { "ok\t", "" },                    /* a field less */
  { "\n", "\n\n\tx\n\t\t\t\n" },     /* lines that are none */
  { "gantry-plugin-cache 1", "gantry-plugin-cache 0" },
  { "/helper\t", "/helpers\t" },     /* another host */
};

START_TEST (damaged)
{
  g_autofree gchar *text = NULL, *repaired = NULL;

  add ("good", "good");
  assert_scan ("good", "?*", TRUE);
  ck_assert (g_file_get_contents (cache, &text, NULL, NULL));
  damage (damages[_i].find, damages[_i].put);
  assert_scan ("good", "?*", damages[_i].put[0] != '\n');
  assert_scan ("good", "?*", FALSE);
  ck_assert (g_file_get_contents (cache, &repaired, NULL, NULL));
  if (damages[_i].put[0] != '\n')
    ck_assert_str_eq (text, repaired);
}
END_TEST

START_TEST (no_text)
{
  const gchar zeros[100] = { 0 };

  add ("good", "good");
  assert_scan ("good", "?*", TRUE);
  ck_assert (g_file_set_contents (cache, zeros, sizeof zeros, NULL));
  assert_scan ("good", "?*", TRUE);
  ck_assert (g_file_set_contents (cache, "", 0, NULL));
  assert_scan ("good", "?*", TRUE);
  ck_assert_int_eq (truncate (cache, 40), 0);
  assert_scan ("good", "?*", TRUE);
  assert_scan ("good", "?*", FALSE);
}
END_TEST

/* A folder in its place, or nowhere to put it: everything works, only slower. */
START_TEST (unwritable)
{
  g_autofree gchar *parent = g_path_get_dirname (cache);

  add ("good", "good");
  ck_assert_int_eq (g_mkdir_with_parents (cache, 0700), 0);
  assert_scan ("good", "?*", TRUE);
  assert_scan ("good", "?*", TRUE);
  ck_assert_int_eq (g_rmdir (cache), 0);
  ck_assert_int_eq (g_rmdir (parent), 0);
  ck_assert (g_file_set_contents (parent, "in the way", -1, NULL));
  assert_scan ("good", "?*", TRUE);
  assert_scan ("good", "?*", TRUE);
}
END_TEST

START_TEST (vanished_plugins_are_forgotten)
{
  g_autofree gchar *path = plugin_folder_path (folder, "thing", "good"), *text = NULL;

  add ("good", "good");
  add ("noisy", "noisy");
  assert_scan ("good", "?*", TRUE);
  ck_assert (g_file_get_contents (cache, &text, NULL, NULL));
  ck_assert_ptr_nonnull (strstr (text, "good.so"));
  ck_assert_int_eq (g_unlink (path), 0);
  assert_scan ("noisy", "?*", FALSE);
  add ("delayed", "delayed");
  assert_scan ("noisy", "?*", TRUE);
  g_free (text);
  ck_assert (g_file_get_contents (cache, &text, NULL, NULL));
  ck_assert_ptr_null (strstr (text, "good.so"));
  ck_assert_ptr_nonnull (strstr (text, "noisy.so"));
}
END_TEST

/* No half of it is ever seen, and nothing is left beside it. */
START_TEST (written_at_once)
{
  g_autofree gchar *parent = g_path_get_dirname (cache);
  g_autoptr (GDir) dir = NULL;
  guint n = 0;

  add ("good", "good");
  assert_scan ("good", "?*", TRUE);
  dir = g_dir_open (parent, 0, NULL);
  ck_assert_ptr_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  ck_assert_uint_eq (n, 1);
}
END_TEST

gint
main (void)
{
  Suite *suite = suite_create ("scan-cache");
  TCase *tests = tcase_create ("scan-cache");
  SRunner *runner;
  gint failed;

  tcase_set_timeout (tests, 60);
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, second_scan_opens_nothing);
  tcase_add_test (tests, without_cache);
  tcase_add_test (tests, broken_plugins);
  tcase_add_test (tests, hanging_plugins);
  tcase_add_test (tests, changed_time);
  tcase_add_test (tests, changed_contents_only);
  tcase_add_test (tests, too_young);
  tcase_add_loop_test (tests, damaged, 0, G_N_ELEMENTS (damages));
  tcase_add_test (tests, no_text);
  tcase_add_test (tests, unwritable);
  tcase_add_test (tests, vanished_plugins_are_forgotten);
  tcase_add_test (tests, written_at_once);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
