/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trainings on folders, good files and bad: the same steps whatever the threads, and after a resume. */
#include "reader/picture-fixture.h"

#define N_FILES 24
#define N_BAD 5

static gchar *folder;

static gchar *
get_path (guint i)
{
  return g_strdup_printf ("%s/%02u.jpg", folder, i);
}

static void
write_file (guint i)
{
  g_autofree gchar *path = get_path (i);
  guint8 pixels[3 * 64];

  for (guint k = 0; k < sizeof pixels; k++)
    pixels[k] = (guint8) (i * 53 + k * (i + 1));
  write_jpeg (path, &(JpegSpec) { 8, 8, 3 }, pixels);
}

static void
setup (void)
{
  folder = fixture_folder ();
  for (guint i = 0; i < N_FILES; i++)
    write_file (i);
  /* Two neighbours among them, and the last. */
  for (guint i = 0; i < N_BAD; i++)
    {
      static const guint bad[N_BAD] = { 3, 7, 8, 15, N_FILES - 1 };
      g_autofree gchar *path = get_path (bad[i]);

      ck_assert (g_file_set_contents (path, "\xff\xd8\xff\xe0 no more", -1, NULL));
    }
  g_setenv ("OMP_WAIT_POLICY", "passive", TRUE);
  watch_log ();
}

static void
teardown (void)
{
  gantry_log_set_handler (NULL, NULL);
  fixture_remove (folder);
  g_free (folder);
}

static GantrySession *
make_session (guint n_threads, const gchar *strict, GError **error)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=8\nthreads=1\nreader-threads=%u\nbackend=reference\n[reader]\n"
                                            "plugin=folder\npath=%s\nresolution=4\nstrict=%s\nmirror=yes\n[generator]\nplugin=sequential\n"
                                            "latent=3\nlayers=linear features=48; reshape 3x4x4; tanh\n[discriminator]\nplugin=sequential\n"
                                            "layers=flatten; linear features=1\n[loss]\nplugin=non-saturating\n[optimizer]\nplugin=adam\n",
                                            n_threads, folder, strict);
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", error), "%s", error != NULL && *error != NULL ? (*error)->message : "");
  return gantry_session_new (pipeline, error);
}

static GantrySession *
must_make_session (guint n_threads)
{
  g_autoptr (GError) error = NULL;
  GantrySession *session = make_session (n_threads, "no", &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
turn (GantrySession *session, guint n)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    ck_assert_msg (gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
}

static void
assert_equal (GantrySession *a, GantrySession *b)
{
  g_auto (GStrv) names = gantry_state_list (gantry_session_get_state (a));

  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *x = gantry_state_get (gantry_session_get_state (a), names[i]);
      GantryArray *y = gantry_state_get (gantry_session_get_state (b), names[i]);

      ck_assert_msg (memcmp (gantry_array_get_data (x), gantry_array_get_data (y), gantry_array_get_bytes (x)) == 0, "%s differs", names[i]);
    }
}

START_TEST (threads)
{
  g_autoptr (GantrySession) one = must_make_session (1);
  g_autoptr (GantrySession) four = NULL;

  turn (one, 12);
  ck_assert_uint_eq (count_messages ("; another image stands in for it"), N_BAD);
  four = must_make_session (4);
  turn (four, 12);
  ck_assert_uint_eq (count_messages ("; another image stands in for it"), 2 * N_BAD);
  assert_equal (one, four);
}
END_TEST

START_TEST (resumed)
{
  g_autoptr (GantrySession) whole = must_make_session (1);
  g_autoptr (GantrySession) half = must_make_session (2);
  g_autoptr (GantrySession) rest = must_make_session (4);
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;

  turn (whole, 10);
  turn (half, 5);
  checkpoint = gantry_session_to_checkpoint (half);
  ck_assert_msg (gantry_session_restore (rest, checkpoint, &error), "%s", error != NULL ? error->message : "");
  turn (rest, 5);
  assert_equal (whole, rest);
}
END_TEST

/* A file is gone, or another: the checkpoint does not fit. */
START_TEST (other_data)
{
  g_autoptr (GantrySession) before = must_make_session (1);
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GantrySession) after = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = get_path (4);
  g_autofree gchar *other = g_strdup_printf ("%s/other.jpg", folder);

  turn (before, 1);
  checkpoint = gantry_session_to_checkpoint (before);
  if (_i == 0)
    g_unlink (path);
  else
    g_rename (path, other);
  after = must_make_session (1);
  ck_assert (!gantry_session_restore (after, checkpoint, &error));
  ck_assert_msg (g_str_has_prefix (error->message, "it was trained on other data: 48 records, sha256 "), "%s", error->message);
}
END_TEST

START_TEST (stops_where_it_is_strict)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session (1, "yes", &error);

  ck_assert_ptr_null (session);
  ck_assert_msg (strstr (error->message, "/03.jpg: is a damaged or unusual JPEG file: ") != NULL, "%s", error->message);
}
END_TEST

/* Files go while the training runs. */
START_TEST (vanishing)
{
  g_autoptr (GantrySession) session = must_make_session (2);

  turn (session, 2);
  for (guint i = 10; i < 14; i++)
    {
      g_autofree gchar *path = get_path (i);

      g_unlink (path);
    }
  turn (session, 20);
  ck_assert_uint_eq (count_messages (": cannot be opened: No such file or directory; another image stands in for it"), 4);
  ck_assert_uint_eq (count_messages ("; another image stands in for it"), 4 + N_BAD);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("folder-training");

  gantry_init ();
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, threads);
  tcase_add_test (tests, resumed);
  tcase_add_loop_test (tests, other_data, 0, 2);
  tcase_add_test (tests, stops_where_it_is_strict);
  tcase_add_test (tests, vanishing);
  return fixture_run (tests);
}
