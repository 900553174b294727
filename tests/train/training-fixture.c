/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/training-fixture.h"

GantryRegistry *
fixture_registry (void)
{
  static gboolean is_ready;
  g_autoptr (GError) error = NULL;

  if (!is_ready)
    {
      gantry_init ();
      ck_assert_msg (gantry_registry_scan (gantry_registry_get_default (), &error), "%s", error != NULL ? error->message : "");
      is_ready = TRUE;
    }
  return gantry_registry_get_default ();
}

gchar *
fixture_folder (void)
{
  gchar *folder = g_dir_make_tmp ("gantry-train-XXXXXX", NULL);

  ck_assert_ptr_nonnull (folder);
  return folder;
}

gchar *
fixture_write (const gchar *folder, const gchar *name, const gchar *data, gssize size)
{
  gchar *path = g_build_filename (folder, name, NULL);

  ck_assert (g_file_set_contents (path, data, size, NULL));
  return path;
}

void
fixture_remove (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        fixture_remove (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

gint
fixture_run (TCase *tests)
{
  Suite *suite = suite_create ("train");
  SRunner *runner;
  gint failed;

  tcase_set_timeout (tests, 120);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
