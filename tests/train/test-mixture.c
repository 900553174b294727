/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mixture reader: each distribution's moments and components, and a training on points with its picture. */
#include "train/training-fixture.h"

#include <math.h>

#define N 4000

static GantryReader *
open_reader (const gchar *settings, GError **error)
{
  g_autoptr (GantryReader) reader = GANTRY_READER (gantry_registry_create (fixture_registry (), "reader", "mixture", "mixture", NULL));
  g_auto (GStrv) pairs = g_strsplit (settings, " ", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);

      ck_assert_msg (gantry_component_set ((GantryComponent *) reader, pair[0], pair[1], NULL), "%s", pairs[i]);
    }
  return gantry_reader_open (reader, error) ? g_steal_pointer (&reader) : NULL;
}

static GantryReader *
need_reader (const gchar *settings)
{
  g_autoptr (GError) error = NULL;
  GantryReader *reader = open_reader (settings, &error);

  ck_assert_msg (reader != NULL, "%s", error != NULL ? error->message : "");
  return reader;
}

START_TEST (gaussian)
{
  g_autoptr (GantryReader) reader = need_reader ("kind=gaussian-1d mean=4 deviation=0.5 count=4000");
  gdouble sum = 0, squares = 0;
  guint n_fields;
  gfloat point;
  gpointer record[] = { &point };

  ck_assert_uint_eq (gantry_reader_count (reader), N);
  ck_assert (gantry_shape_equal (&gantry_reader_fields (reader, &n_fields)->shape, GANTRY_SHAPE (1)));
  ck_assert_uint_eq (n_fields, 1);
  for (guint i = 0; i < N; i++)
    {
      ck_assert (gantry_reader_read (reader, i, record, NULL));
      sum += point;
      squares += (point - 4) * (point - 4);
    }
  /* Four deviations of the estimates. */
  ck_assert_double_eq_tol (sum / N, 4, 4 * 0.5 / sqrt (N));
  ck_assert_double_eq_tol (sqrt (squares / N), 0.5, 4 * 0.5 / sqrt (2 * N));
}
END_TEST

static const struct {
  const gchar *settings;
  gint64 modes;
  gdouble radius, deviation;
} mixtures[] = {
  { "kind=ring", 8, 2, 0.02 },
  { "kind=ring radius=1 deviation=0.01 modes=5", 5, 1, 0.01 },
  { "kind=grid", 25, 4, 0.05 },
  { "kind=grid modes=9 radius=1 mean=3", 9, 1, 0.05 },
};

START_TEST (components)
{
  g_autoptr (GantryReader) reader = need_reader (mixtures[_i].settings);
  const gint64 modes = mixtures[_i].modes, side = llround (sqrt (modes));
  const gdouble mean = strstr (mixtures[_i].settings, "mean=3") != NULL ? 3 : 0, radius = mixtures[_i].radius;
  g_autofree guint *counts = g_new0 (guint, modes);
  gdouble squares = 0;
  gfloat point[2];
  gint64 label;
  gpointer record[] = { point, &label };

  for (guint i = 0; i < N; i++)
    {
      gdouble x, y;

      ck_assert (gantry_reader_read (reader, i, record, NULL));
      ck_assert (label >= 0 && label < modes);
      counts[label]++;
      if (g_str_has_prefix (mixtures[_i].settings, "kind=ring"))
        {
          x = radius * cos (2 * G_PI * label / modes);
          y = radius * sin (2 * G_PI * label / modes);
        }
      else
        {
          x = -radius + 2 * radius / (side - 1) * (label % side);
          y = -radius + 2 * radius / (side - 1) * (label / side);
        }
      squares += pow (point[0] - mean - x, 2) + pow (point[1] - mean - y, 2);
    }
  ck_assert_double_eq_tol (sqrt (squares / (2 * N)), mixtures[_i].deviation, 4 * mixtures[_i].deviation / sqrt (4 * N));
  for (gint64 mode = 0; mode < modes; mode++)
    ck_assert_double_eq_tol (counts[mode], N / (gdouble) modes, 5 * sqrt (N / (gdouble) modes));
}
END_TEST

/* The angle follows the distance from the centre. */
START_TEST (roll)
{
  g_autoptr (GantryReader) reader = need_reader ("kind=swiss-roll deviation=1e-9");
  guint n_fields;
  gfloat point[2];
  gpointer record[] = { point };

  gantry_reader_fields (reader, &n_fields);
  ck_assert_uint_eq (n_fields, 1);
  for (guint i = 0; i < 500; i++)
    {
      gdouble distance;

      ck_assert (gantry_reader_read (reader, i, record, NULL));
      distance = hypot (point[0], point[1]);
      ck_assert (distance > 2.0 / 3 - 1e-5 && distance < 2 + 1e-5);
      ck_assert_double_eq_tol (point[0], distance * cos (4.5 * G_PI * distance / 2), 1e-4);
      ck_assert_double_eq_tol (point[1], distance * sin (4.5 * G_PI * distance / 2), 1e-4);
    }
}
END_TEST

/* A record depends on the seed and its index alone. */
START_TEST (pure)
{
  g_autoptr (GantryReader) a = need_reader ("seed=3 count=10");
  g_autoptr (GantryReader) b = need_reader ("seed=3 count=1M");
  g_autoptr (GantryReader) other = need_reader ("seed=4");
  gfloat points[3][2];
  gint64 labels[3];

  ck_assert (gantry_reader_read (b, 1, (gpointer[]) { points[1], &labels[1] }, NULL));
  ck_assert (gantry_reader_read (a, 7, (gpointer[]) { points[0], &labels[0] }, NULL));
  ck_assert (gantry_reader_read (b, 7, (gpointer[]) { points[1], &labels[1] }, NULL));
  ck_assert (gantry_reader_read (other, 7, (gpointer[]) { points[2], &labels[2] }, NULL));
  ck_assert_mem_eq (points[0], points[1], sizeof points[0]);
  ck_assert_mem_ne (points[0], points[2], sizeof points[0]);
}
END_TEST

static const struct {
  const gchar *settings, *message;
} wrong[] = {
  { "kind=swiss-roll modes=3", "modes=3: kind=swiss-roll has no components" },
  { "kind=gaussian-1d radius=2", "radius=2: kind=gaussian-1d has no radius" },
  { "kind=grid modes=24", "modes=24: a grid has a square number of components from 4 up; nearest is 25" },
  { "kind=grid modes=1", "nearest is 4" },
};

START_TEST (refused)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (open_reader (wrong[_i].settings, &error));
  ck_assert_msg (strstr (error->message, wrong[_i].message) != NULL, "%s", error->message);
}
END_TEST

static GantrySession *
make_session (const gchar *reader)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=8\nthreads=2\n[reader]\nplugin=mixture\n%s\n"
                                            "[generator]\nplugin=sequential\nlatent=3\nlayers=linear features=16; relu; linear features=%d\n"
                                            "[discriminator]\nplugin=sequential\nlayers=linear features=16; relu; linear features=1\n"
                                            "[loss]\nplugin=non-saturating\n[optimizer]\nplugin=adam\nlearning-rate=1e-3\n",
                                            reader, strstr (reader, "1d") != NULL ? 1 : 2);
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;
  GantrySession *session;

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
  session = gantry_session_new (pipeline, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

/* The real points are those of the reader, from a session that trains and from one that only samples. */
START_TEST (trained)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *path = g_build_filename (folder, "points.png", NULL);
  g_autofree gchar *alone = g_build_filename (folder, "alone.png", NULL);
  const gchar *settings = _i == 0 ? "kind=ring\ncount=100" : "kind=gaussian-1d\ncount=100";
  g_autoptr (GantrySession) session = make_session (settings);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GantrySession) sampler = NULL;
  g_autoptr (GantryArray) points = NULL;
  g_autoptr (GantryArray) real = NULL;
  g_autoptr (GantryArray) again = NULL;
  g_autofree gchar *with = NULL;
  g_autofree gchar *without = NULL;
  gsize size, other;

  for (guint i = 0; i < 20; i++)
    ck_assert_msg (gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
  checkpoint = gantry_session_to_checkpoint (session);
  sampler = gantry_session_new_from_checkpoint (fixture_registry (), checkpoint, &error);
  ck_assert_msg (sampler != NULL, "%s", error != NULL ? error->message : "");
  points = gantry_session_sample (sampler, 50, NULL, &error);
  ck_assert (gantry_shape_equal (gantry_array_get_shape (points), _i == 0 ? GANTRY_SHAPE (50, 2) : GANTRY_SHAPE (50, 1)));
  real = gantry_session_read_real (session, 1000, &error);
  again = gantry_session_read_real (sampler, 1000, &error);
  ck_assert_msg (real != NULL && again != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_array_get_shape (real)->dims[0], 100);
  ck_assert_mem_eq (gantry_array_get_data (real), gantry_array_get_data (again), gantry_array_get_bytes (real));
  gantry_array_set_double (points, 0, NAN);
  ck_assert_msg (gantry_image_scatter_save (points, real, path, &error), "%s", error != NULL ? error->message : "");
  ck_assert (gantry_image_scatter_save (points, NULL, alone, &error));
  ck_assert (g_file_get_contents (path, &with, &size, NULL) && g_file_get_contents (alone, &without, &other, NULL));
  ck_assert_mem_eq (with, "\x89PNG", 4);
  ck_assert (size != other || memcmp (with, without, size) != 0);
  fixture_remove (folder);
}
END_TEST

START_TEST (not_points)
{
  g_autoptr (GantryArray) points = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (4, 3));
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_image_scatter_save (points, NULL, "nowhere.png", &error));
  ck_assert_str_eq (error->message, "nowhere.png: points of shape [4, 3] cannot be drawn: expected [n, 1 or 2], both of one kind");
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("mixture");

  tcase_add_test (tests, gaussian);
  tcase_add_loop_test (tests, components, 0, G_N_ELEMENTS (mixtures));
  tcase_add_test (tests, roll);
  tcase_add_test (tests, pure);
  tcase_add_loop_test (tests, refused, 0, G_N_ELEMENTS (wrong));
  tcase_add_loop_test (tests, trained, 0, 2);
  tcase_add_test (tests, not_points);
  return fixture_run (tests);
}
