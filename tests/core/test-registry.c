/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/plugin-folder.h"

#include <gantry/error.h>
#include <gantry/registry.h>

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static gchar *folder;
static gchar *second;

static void
setup (void)
{
  static gchar *helper; /* tests may share a process */
  static gchar *data_home;

  if (helper == NULL)
    {
      GTypeInfo info = { .class_size = sizeof (GTypeInterface) };
      GType thing = g_type_register_static (G_TYPE_INTERFACE, "GantryTestThing", &info, 0);

      g_type_interface_add_prerequisite (thing, GANTRY_TYPE_COMPONENT);
      gantry_kind_register ("thing", thing);
      helper = g_strdup (g_getenv ("GANTRY_SCAN_HELPER"));
      data_home = g_strdup (g_getenv ("XDG_DATA_HOME"));
    }
  folder = plugin_folder_new ();
  second = plugin_folder_new ();
  g_setenv ("GANTRY_SYSTEM_PLUGIN_PATH", second, TRUE);
  g_setenv ("GANTRY_SCAN_HELPER", helper, TRUE);
  g_setenv ("XDG_DATA_HOME", data_home, TRUE);
  g_unsetenv ("GANTRY_PLUGIN_PATH");
}

static void
teardown (void)
{
  plugin_folder_free (folder);
  plugin_folder_free (second);
}

static GantryRegistry *
registry_new (void)
{
  const gchar *folders[] = { folder, NULL };
  GantryRegistry *registry = gantry_registry_new (folders);

  gantry_registry_set_scan_timeout (registry, 2000);
  return registry;
}

static void
assert_usable (GantryRegistry *registry, const gchar *names)
{
  g_autoptr (GPtrArray) list = gantry_registry_list (registry, NULL);
  GString *found = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const GantryPluginInfo *info = list->pdata[i];

      g_string_append_printf (found, "%s%s/%s", i > 0 ? " " : "", info->kind, info->name);
    }
  ck_assert_str_eq (found->str, names);
  g_string_free (found, TRUE);
}

/* Every way a file can be wrong, with good ones between them. */
static const struct {
  const gchar *name;
  const gchar *reason; /* a pattern */
} broken[] = {
  { "aborting", "crashes when it is opened: signal SIGABRT (*)" },
  { "crashing", "crashes when it is opened: signal SIGSEGV (*)" },
  { "exiting", "ends the process when it is opened: exit status 3" },
  { "hanging", "hangs when it is opened: no answer within 2 s" },
  { "larger-size", "its descriptor says it has 4096 bytes; those of plugin ABI 1.0 have *" },
  { "newer-minor", "built for plugin ABI 1.77, newer than this host's 1.0" },
  { "no-get-type", "its descriptor has no get-type function" },
  { "no-name", "its descriptor has no name" },
  { "no-summary", "its descriptor has no summary" },
  { "no-symbol", "exports no symbol 'gantry_plugin_info': it is not a Gantry plugin" },
  { "not-kebab", "its name 'Not_Kebab' is not kebab-case: *" },
  { "other-name", "its name is 'another-name', but its file is called 'other-name.so'" },
  { "small-symbol", "'gantry_plugin_info' has 4 bytes, too few for a descriptor" },
  { "undefined", "cannot be opened: *gantry_function_of_a_later_version*" },
  { "wild-pointer", "crashes when it is opened: signal SIGSEGV (*)" },
  { "wrong-kind", "its kind is 'loss', but it lies in the folder 'thing'" },
  { "wrong-magic", "wrong magic: its descriptor does not start with 'GANTRY-1'" },
  { "wrong-major", "built for plugin ABI 99.0; this host has 1.0, and the majors must be equal" },
  { "wrong-size", "its descriptor says it has 40 bytes; those of plugin ABI 1.0 have *" },
};

START_TEST (every_reason)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "thing", "good", "good");
  plugin_folder_add (folder, "thing", "noisy", "noisy");
  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    plugin_folder_add (folder, "thing", broken[i].name, broken[i].name);
  ck_assert_msg (gantry_registry_scan (registry, &error), "%s", error != NULL ? error->message : "");
  list = gantry_registry_list_unusable (registry);
  ck_assert_uint_eq (list->len, G_N_ELEMENTS (broken));
  for (guint i = 0; i < list->len; i++)
    {
      const GantryPluginInfo *info = list->pdata[i];
      g_autofree gchar *path = plugin_folder_path (folder, "thing", broken[i].name);

      ck_assert_str_eq (info->path, path);
      ck_assert_int_eq (info->status, GANTRY_PLUGIN_BROKEN);
      ck_assert_msg (g_pattern_match_simple (broken[i].reason, info->reason), "%s: %s", info->path, info->reason);
    }
  assert_usable (registry, "thing/good thing/noisy");
}
END_TEST

START_TEST (not_libraries)
{
  static const gchar *const reasons[] = {
    "is not an ELF file", "cannot be opened: *", "cannot be read: *", "cannot be read: *", "is not an ELF file"
  };
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GPtrArray) list = NULL;
  g_autofree gchar *dangling = plugin_folder_path (folder, "thing", "c-dangling");
  g_autofree gchar *directory = plugin_folder_path (folder, "thing", "d-directory");

  plugin_folder_add_text (folder, "thing", "a-text", "hello", -1);
  plugin_folder_add_text (folder, "thing", "b-header-alone", "\177ELF\2\1\1", 8);
  plugin_folder_add_text (folder, "thing", "e-empty", "", 0);
  ck_assert_int_eq (symlink ("nowhere", dangling), 0);
  ck_assert_int_eq (g_mkdir (directory, 0700), 0);
  list = gantry_registry_list_unusable (registry);
  ck_assert_uint_eq (list->len, G_N_ELEMENTS (reasons));
  for (guint i = 0; i < list->len; i++)
    {
      const GantryPluginInfo *info = list->pdata[i];

      ck_assert_msg (g_pattern_match_simple (reasons[i], info->reason), "%s: %s", info->path, info->reason);
      ck_assert_ptr_null (info->kind);
    }
}
END_TEST

START_TEST (descriptor_is_data)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autofree gchar *maps = NULL;
  const GantryPluginInfo *info;

  plugin_folder_add (folder, "thing", "aborting-get-type", "aborting-get-type");
  plugin_folder_add (folder, "thing", "good", "good");
  info = gantry_registry_find (registry, "thing", "good", NULL);
  ck_assert_ptr_nonnull (info);
  ck_assert_str_eq (info->version, "1.2");
  ck_assert_str_eq (info->licence, "LGPL-2.1-or-later");
  ck_assert_str_eq (info->summary, "Nothing is wrong");
  ck_assert_uint_eq (info->abi_major, GANTRY_ABI_MAJOR);
  ck_assert_uint_eq (info->abi_minor, GANTRY_ABI_MINOR);
  assert_usable (registry, "thing/aborting-get-type thing/good");
  ck_assert_uint_eq (g_type_from_name ("gantry+thing+good"), 0);
  ck_assert (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  ck_assert_ptr_null (strstr (maps, "bad-plugins"));
}
END_TEST

START_TEST (create)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryComponent) good = NULL;
  g_autoptr (GantryComponent) again = NULL;

  plugin_folder_add (folder, "thing", "good", "good");
  good = gantry_registry_create (registry, "thing", "good", "mine", &error);
  ck_assert_msg (good != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (G_OBJECT_TYPE_NAME (good), "gantry+thing+good");
  ck_assert_str_eq (gantry_component_get_kind (good), "thing");
  ck_assert_str_eq (gantry_component_get_name (good), "good");
  ck_assert_str_eq (gantry_component_get_instance (good), "mine");
  ck_assert_int_eq (gantry_component_get_int (good, "width"), 3);
  again = gantry_registry_create (registry, "thing", "good", NULL, NULL);
  ck_assert_ptr_nonnull (again);
  ck_assert_str_eq (gantry_component_get_instance (again), "good");
}
END_TEST

static void
assert_refused (GantryRegistry *registry, const gchar *kind, const gchar *name, GantryCoreError code, const gchar *pattern)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_registry_create (registry, kind, name, NULL, &error));
  ck_assert_msg (g_error_matches (error, GANTRY_CORE_ERROR, code), "%s", error->message);
  ck_assert_msg (g_pattern_match_simple (pattern, error->message), "%s", error->message);
}

START_TEST (refusals)
{
  g_autoptr (GantryRegistry) registry = registry_new ();

  plugin_folder_add (folder, "thing", "good", "good");
  plugin_folder_add (folder, "thing", "no-symbol", "no-symbol");
  plugin_folder_add (folder, "thing", "not-a-thing", "not-a-thing");
  plugin_folder_add (folder, "thing", "bad-table", "bad-table");
  assert_refused (registry, "thing", "godo", GANTRY_CORE_ERROR_UNKNOWN, "no thing is called 'godo' (did you mean 'good'?)");
  assert_refused (registry, "thinj", "good", GANTRY_CORE_ERROR_UNKNOWN, "no kind of component is called 'thinj' (did you mean 'thing'?)");
  assert_refused (registry, "thing", "no-symbol", GANTRY_CORE_ERROR_PLUGIN,
                  "thing/no-symbol cannot be used: */thing/no-symbol.so: exports no symbol*");
  assert_refused (registry, "thing", "not-a-thing", GANTRY_CORE_ERROR_KIND,
                  "thing/not-a-thing: its type GObject is not a component that implements GantryTestThing");
  assert_refused (registry, "thing", "bad-table", GANTRY_CORE_ERROR_PLUGIN,
                  "thing/bad-table: property 'rate': its default 2 is not in its range, 0 to 1");
}
END_TEST

START_TEST (changed_after_the_scan)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autofree gchar *path = plugin_folder_path (folder, "thing", "good");

  plugin_folder_add (folder, "thing", "good", "good");
  ck_assert (gantry_registry_scan (registry, NULL));
  ck_assert_int_eq (g_remove (path), 0);
  plugin_folder_add (folder, "thing", "good", "wrong-major");
  assert_refused (registry, "thing", "good", GANTRY_CORE_ERROR_PLUGIN, "thing/good: * built for plugin ABI 99.0*");
}
END_TEST

START_TEST (first_wins)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GPtrArray) list = NULL;
  g_autofree gchar *winner = plugin_folder_path (folder, "thing", "good");
  g_autofree gchar *loser = plugin_folder_path (second, "thing", "good");
  g_autofree gchar *reason = g_strconcat ("shadowed by ", winner, NULL);
  const GantryPluginInfo *info;

  plugin_folder_add (folder, "thing", "good", "good");
  plugin_folder_add (folder, "thing", "noisy", "no-symbol");
  plugin_folder_add (second, "thing", "good", "good");
  plugin_folder_add (second, "thing", "noisy", "noisy");
  info = gantry_registry_find (registry, "thing", "good", NULL);
  ck_assert_str_eq (info->path, winner);
  list = gantry_registry_list_unusable (registry);
  ck_assert_uint_eq (list->len, 2);
  info = list->pdata[0];
  ck_assert_int_eq (info->status, GANTRY_PLUGIN_BROKEN);
  info = list->pdata[1];
  ck_assert_int_eq (info->status, GANTRY_PLUGIN_SHADOWED);
  ck_assert_str_eq (info->path, loser);
  ck_assert_str_eq (info->name, "good");
  ck_assert_str_eq (info->reason, reason);
  /* A broken file shadows nothing. */
  assert_usable (registry, "thing/good thing/noisy");
}
END_TEST

START_TEST (search_order)
{
  g_autofree gchar *home = plugin_folder_new ();
  g_autofree gchar *user = g_build_filename (home, "gantry-1", "plugins", NULL);
  g_autofree gchar *list = g_strdup_printf ("/a::/b:%s", folder);
  const gchar *given[] = { folder, NULL };
  const gchar *const *folders;
  const gchar *expected[] = { "/front", folder, "/a", "/b", user, second, NULL };
  g_autoptr (GantryRegistry) registry = NULL;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("GANTRY_PLUGIN_PATH", list, TRUE);
  registry = gantry_registry_new (given);
  gantry_registry_prepend_folder (registry, "/front");
  folders = gantry_registry_get_folders (registry);
  ck_assert (g_strv_equal (folders, expected));
  g_rmdir (home);
}
END_TEST

START_TEST (missing_folders)
{
  const gchar *given[] = { "/no/such/folder", NULL };
  g_autoptr (GantryRegistry) registry = gantry_registry_new (given);
  g_autoptr (GantryRegistry) other = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_registry_scan (registry, &error));
  ck_assert (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN));
  ck_assert_ptr_nonnull (strstr (error->message, "/no/such/folder"));
  g_setenv ("GANTRY_PLUGIN_PATH", "/no/such/folder", TRUE);
  other = gantry_registry_new (NULL);
  ck_assert (gantry_registry_scan (other, NULL));
}
END_TEST

START_TEST (unknown_kind_of_folder)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GPtrArray) list = NULL;
  const GantryPluginInfo *info;

  plugin_folder_add (folder, "thinj", "crashing", "crashing");
  list = gantry_registry_list_unusable (registry);
  ck_assert_uint_eq (list->len, 1);
  info = list->pdata[0];
  ck_assert_str_eq (info->reason, "its folder 'thinj' is no kind of component (did you mean 'thing'?)");
}
END_TEST

/* What one plugin does later is not put down to the next one. */
START_TEST (blame)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GPtrArray) list = NULL;

  plugin_folder_add (folder, "thing", "delayed", "delayed");
  plugin_folder_add (folder, "thing", "hanging", "hanging");
  plugin_folder_add (folder, "thing", "noisy", "noisy");
  list = gantry_registry_list_unusable (registry);
  ck_assert_uint_eq (list->len, 1);
  ck_assert_ptr_nonnull (strstr (((const GantryPluginInfo *) list->pdata[0])->reason, "hangs"));
  assert_usable (registry, "thing/delayed thing/noisy");
}
END_TEST

START_TEST (strange_paths)
{
  g_autoptr (GantryRegistry) registry = NULL;
  g_autofree gchar *strange = g_build_filename (folder, "tab\t\"quote\"\nline \\ \xc3\xa9", NULL);
  const gchar *folders[] = { strange, NULL };
  const GantryPluginInfo *info;

  plugin_folder_add (strange, "thing", "good", "good");
  registry = gantry_registry_new (folders);
  info = gantry_registry_find (registry, "thing", "good", NULL);
  ck_assert_ptr_nonnull (info);
  ck_assert (g_str_has_prefix (info->path, strange));
}
END_TEST

static void
assert_no_helper (const gchar *helper)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  g_autoptr (GError) error = NULL;

  g_setenv ("GANTRY_SCAN_HELPER", helper, TRUE);
  ck_assert (!gantry_registry_scan (registry, &error));
  ck_assert (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN));
  ck_assert_ptr_nonnull (strstr (error->message, helper));
}

START_TEST (bad_helper)
{
  plugin_folder_add (folder, "thing", "good", "good");
  assert_no_helper ("/no/such/helper");
  assert_no_helper ("/bin/true");
}
END_TEST

START_TEST (leaves_no_children)
{
  g_autoptr (GantryRegistry) registry = registry_new ();

  plugin_folder_add (folder, "thing", "crashing", "crashing");
  plugin_folder_add (folder, "thing", "good", "good");
  plugin_folder_add (folder, "thing", "hanging", "hanging");
  gantry_registry_set_scan_timeout (registry, 200);
  ck_assert (gantry_registry_scan (registry, NULL));
  ck_assert_int_eq (waitpid (-1, NULL, WNOHANG), -1);
  ck_assert_int_eq (errno, ECHILD);
}
END_TEST

START_TEST (scan_again)
{
  g_autoptr (GantryRegistry) registry = registry_new ();
  const GantryPluginInfo *info;

  plugin_folder_add (folder, "thing", "good", "good");
  info = gantry_registry_find (registry, "thing", "good", NULL);
  assert_usable (registry, "thing/good");
  plugin_folder_add (folder, "thing", "noisy", "noisy");
  assert_usable (registry, "thing/good");
  ck_assert (gantry_registry_scan (registry, NULL));
  assert_usable (registry, "thing/good thing/noisy");
  ck_assert_str_eq (info->name, "good");
}
END_TEST

gint
main (void)
{
  Suite *suite = suite_create ("registry");
  TCase *tests = tcase_create ("registry");
  SRunner *runner;
  gint failed;

  tcase_set_timeout (tests, 60);
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, every_reason);
  tcase_add_test (tests, not_libraries);
  tcase_add_test (tests, descriptor_is_data);
  tcase_add_test (tests, create);
  tcase_add_test (tests, refusals);
  tcase_add_test (tests, changed_after_the_scan);
  tcase_add_test (tests, first_wins);
  tcase_add_test (tests, search_order);
  tcase_add_test (tests, missing_folders);
  tcase_add_test (tests, unknown_kind_of_folder);
  tcase_add_test (tests, blame);
  tcase_add_test (tests, strange_paths);
  tcase_add_test (tests, bad_helper);
  tcase_add_test (tests, leaves_no_children);
  tcase_add_test (tests, scan_again);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
