/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a critic says of samples, and pictures of it. */
#include "train/training-fixture.h"

#include <math.h>
#include <png.h>

#define SIDE 512
#define WIDTH 656
#define NODES 129

/* A linear critic, so that what it says is known: D(x) = sigmoid(a x + b y + c), or without sigmoid. */
static GantryPipeline *
make_pipeline (guint n_dims, const gchar *loss, const gchar *more, const gchar *const *options)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=80\nbatch=8\nthreads=2\ndtype=float64\nbackend=reference\nsample-interval=0\n"
                                            "[reader]\nplugin=mixture\nkind=%s\ncount=100\n[generator]\nplugin=sequential\nlatent=3\n"
                                            "layers=linear features=16; relu; linear features=%u\n[discriminator]\nplugin=sequential\n"
                                            "layers=%slinear features=1\n[loss]\nplugin=%s\n[optimizer]\nplugin=adam\n",
                                            n_dims == 1 ? "gaussian-1d" : "ring", n_dims, more, loss);
  GantryPipeline *pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
  for (guint i = 0; options != NULL && options[i] != NULL; i += 2)
    ck_assert_msg (gantry_pipeline_apply_option (pipeline, options[i], options[i + 1], &error), "%s", error != NULL ? error->message : "");
  return pipeline;
}

static GantrySession *
make_session (guint n_dims, const gchar *loss, const gchar *more)
{
  g_autoptr (GantryPipeline) pipeline = make_pipeline (n_dims, loss, more, NULL);
  g_autoptr (GError) error = NULL;
  GantrySession *session = gantry_session_new (pipeline, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
set_critic (GantrySession *session, gdouble a, gdouble b, gdouble c)
{
  GantryState *state = gantry_session_get_state (session);
  GantryArray *weight = gantry_state_get (state, "discriminator.0.weight");

  ck_assert_ptr_nonnull (weight);
  gantry_array_set_double (weight, 0, a);
  if (gantry_array_get_size (weight) > 1)
    gantry_array_set_double (weight, 1, b);
  gantry_array_set_double (gantry_state_get (state, "discriminator.0.bias"), 0, c);
}

static GantryArray *
make_points (guint n_dims, guint n, const gdouble *values)
{
  GantryArray *points = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (n, n_dims));

  memcpy (gantry_array_get_data (points), values, n * n_dims * sizeof *values);
  return points;
}

static GantryArray *
judge (GantrySession *session, GantryArray *samples, gboolean *is_probability)
{
  g_autoptr (GError) error = NULL;
  GantryArray *values = gantry_session_judge (session, samples, NULL, is_probability, &error);

  ck_assert_msg (values != NULL, "%s", error != NULL ? error->message : "");
  return values;
}

static const struct {
  const gchar *loss;
  gboolean is_probability;
} readings[] = { { "minimax", TRUE }, { "non-saturating", TRUE }, { "hinge", FALSE }, { "wasserstein", FALSE }, { "least-squares", FALSE } };

/* More samples than fit into one run, and fewer. */
START_TEST (judges)
{
  g_autoptr (GantrySession) session = make_session (2, readings[_i].loss, "");
  g_autoptr (GantryArray) many = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (2500, 2));
  g_autoptr (GantryArray) few = make_points (2, 2, (gdouble[]) { 1, 2, -0.5, 4 });
  g_autoptr (GantryArray) values = NULL;
  g_autoptr (GantryArray) two = NULL;
  gboolean is_probability = !readings[_i].is_probability;

  set_critic (session, 2, -1, 0.25);
  for (guint i = 0; i < 5000; i++)
    gantry_array_set_double (many, i, sin (i));
  values = judge (session, many, &is_probability);
  ck_assert_int_eq (is_probability, readings[_i].is_probability);
  ck_assert (gantry_shape_equal (gantry_array_get_shape (values), GANTRY_SHAPE (2500)));
  for (guint i = 0; i < 2500; i++)
    {
      const gdouble logit = 2 * sin (2 * i) - sin (2 * i + 1) + 0.25;

      ck_assert_double_eq_tol (gantry_array_get_double (values, i), is_probability ? 1 / (1 + exp (-logit)) : logit, 1e-12);
    }
  two = judge (session, few, NULL);
  ck_assert_double_eq_tol (gantry_array_get_double (two, 1), is_probability ? 1 / (1 + exp (4.75)) : -4.75, 1e-12);
}
END_TEST

/* Stored statistics: what is said of a sample does not depend on the others, and nothing is written. */
START_TEST (evaluates)
{
  g_autoptr (GantrySession) session = make_session (2, "hinge", "linear features=4; batch-norm; relu; ");
  g_autoptr (GantryArray) all = make_points (2, 3, (gdouble[]) { 1, 2, -0.5, 4, 7, -3 });
  g_autoptr (GantryArray) first = make_points (2, 1, (gdouble[]) { 1, 2 });
  g_autoptr (GantryArray) together = NULL;
  g_autoptr (GantryArray) alone = NULL;
  g_autoptr (GantryArray) before = NULL;
  GantryArray *mean = gantry_state_get (gantry_session_get_state (session), "discriminator.1.running_mean");

  for (guint i = 0; i < 3; i++)
    ck_assert (gantry_session_turn (session, NULL));
  before = gantry_array_copy (mean);
  together = judge (session, all, NULL);
  alone = judge (session, first, NULL);
  ck_assert (gantry_array_get_double (together, 0) == gantry_array_get_double (alone, 0));
  ck_assert_mem_eq (gantry_array_get_data (before), gantry_array_get_data (mean), gantry_array_get_bytes (mean));
}
END_TEST

START_TEST (refused)
{
  g_autoptr (GantrySession) session = make_session (2, "hinge", "");
  g_autoptr (GantryArray) three = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (4, 3));
  g_autoptr (GantryArray) two = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (4, 2));
  g_autoptr (GantryArray) labels = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (4));
  g_autoptr (GantryArray) values = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (4));
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_session_judge (session, three, NULL, NULL, &error));
  ck_assert_str_eq (error->message, "samples are [4, 3], expected n of [2]");
  g_clear_error (&error);
  ck_assert_ptr_null (gantry_session_judge (session, two, labels, NULL, &error));
  ck_assert_str_eq (error->message, "the critic discriminator takes no labels: it is not conditional");
  g_clear_error (&error);
  ck_assert (!gantry_image_scatter_save_critic (two, NULL, values, FALSE, "x.png", &error));
  ck_assert_str_eq (error->message, "x.png: the critic's values are [4], expected [16641]");
}
END_TEST

typedef struct {
  png_image image;
  guint8 *pixels;
} Picture;

static void
load (const gchar *path, Picture *picture)
{
  memset (picture, 0, sizeof *picture);
  picture->image.version = PNG_IMAGE_VERSION;
  ck_assert_msg (png_image_begin_read_from_file (&picture->image, path), "%s: %s", path, picture->image.message);
  picture->image.format = PNG_FORMAT_RGB;
  picture->pixels = g_malloc (PNG_IMAGE_SIZE (picture->image));
  ck_assert (png_image_finish_read (&picture->image, NULL, picture->pixels, 0, NULL));
  ck_assert_uint_eq (picture->image.height, SIDE);
}

static const guint8 *
at (const Picture *picture, guint x, guint y)
{
  return picture->pixels + (y * picture->image.width + x) * 3;
}

static gboolean
is_dark (const guint8 *rgb)
{
  return rgb[0] < 80 && rgb[1] < 80 && rgb[2] < 80;
}

/* Of two points at the corners the frame is known: from -1 to 1 within a margin of 24 pixels. */
static GantryArray *
corners (guint n_dims)
{
  return make_points (n_dims, 2, n_dims == 2 ? (gdouble[]) { -1, -1, 1, 1 } : (gdouble[]) { -1, 1 });
}

START_TEST (grid)
{
  g_autoptr (GantryArray) plane = corners (2);
  g_autoptr (GantryArray) line = corners (1);
  g_autoptr (GantryArray) places = gantry_image_scatter_grid (plane, NULL, NULL);
  g_autoptr (GantryArray) on_line = gantry_image_scatter_grid (line, NULL, NULL);
  const guint node = 10 * NODES + 40; /* pixel (160, 40) */

  ck_assert (gantry_shape_equal (gantry_array_get_shape (places), GANTRY_SHAPE (NODES * NODES, 2)));
  ck_assert (gantry_shape_equal (gantry_array_get_shape (on_line), GANTRY_SHAPE (NODES, 1)));
  ck_assert_double_eq_tol (gantry_array_get_double (places, 2 * node), -1 + 2 * (160 - 24) / 463.0, 1e-12);
  ck_assert_double_eq_tol (gantry_array_get_double (places, 2 * node + 1), -1 + 2 * (511 - 40 - 24) / 463.0, 1e-12);
  ck_assert_double_eq_tol (gantry_array_get_double (on_line, 40), -1 + 2 * (160 - 24) / 463.0, 1e-12);
}
END_TEST

/* The critic rises to the right, by 4 a unit of x. */
START_TEST (plane)
{
  const gboolean is_probability = _i == 0;
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (GantryArray) points = corners (2);
  g_autoptr (GantryArray) places = gantry_image_scatter_grid (points, NULL, NULL);
  g_autoptr (GantrySession) session = make_session (2, is_probability ? "minimax" : "wasserstein", "");
  g_autoptr (GantryArray) values = NULL;
  g_autoptr (GError) error = NULL;
  gboolean said;
  Picture picture;
  const guint8 *pixel;
  gdouble t;

  set_critic (session, 4, 0, is_probability ? 0 : 1000);
  values = judge (session, places, &said);
  ck_assert_int_eq (said, is_probability);
  gantry_array_set_double (values, 100 * NODES + 20, NAN);
  ck_assert_msg (gantry_image_scatter_save_critic (points, NULL, values, said, path, &error), "%s", error != NULL ? error->message : "");
  load (path, &picture);
  ck_assert_uint_eq (picture.image.width, WIDTH);
  /* White is at 1/2, or at the median, in the middle of the frame; there is the dark contour. */
  ck_assert (is_dark (at (&picture, 255, 100)) || is_dark (at (&picture, 256, 100)) || is_dark (at (&picture, 257, 100)));
  /* Blue to the left, green to the right, each as far from white as the value from the centre. */
  pixel = at (&picture, 90, 100);
  t = is_probability ? 1 - 2 / (1 + exp (-4 * (-1 + 2 * (90 - 24) / 463.0))) : (256 - 90) / 256.0;
  ck_assert_int_le (abs (pixel[0] - (gint) lround (255 - t * (255 - 92))), 2);
  ck_assert_int_le (abs (pixel[2] - (gint) lround (255 - t * (255 - 214))), 2);
  pixel = at (&picture, 420, 100);
  ck_assert (pixel[1] > pixel[0] && pixel[1] > pixel[2]);
  /* The generated point at the lower left corner, and where the critic gives no number. */
  ck_assert_mem_eq (at (&picture, 24, SIDE - 1 - 24), ((const guint8[]) { 204, 68, 0 }), 3);
  ck_assert_mem_eq (at (&picture, 80, 400), ((const guint8[]) { 224, 224, 224 }), 3);
  /* The bar: green above, white in the middle, blue below. */
  ck_assert (at (&picture, 530, 40)[1] > at (&picture, 530, 40)[0]);
  ck_assert_uint_ge (at (&picture, 530, 256)[0], 250);
  ck_assert (at (&picture, 530, 470)[2] > at (&picture, 530, 470)[0]);
  g_free (picture.pixels);
  fixture_remove (folder);
}
END_TEST

START_TEST (line)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (GantryArray) points = corners (1);
  g_autoptr (GantryArray) places = gantry_image_scatter_grid (points, NULL, NULL);
  g_autoptr (GantrySession) session = make_session (1, "minimax", "");
  g_autoptr (GantryArray) values = NULL;
  Picture picture;

  set_critic (session, 3, 0, 0.5);
  values = judge (session, places, NULL);
  ck_assert (gantry_image_scatter_save_critic (points, NULL, values, TRUE, path, NULL));
  load (path, &picture);
  for (guint x = 40; x < 480; x += 40)
    {
      const gdouble value = 1 / (1 + exp (-3 * (-1 + 2 * (x - 24.0) / 463) - 0.5));
      const guint y = SIDE - 1 - 24 - lround (value * 463);

      ck_assert_mem_eq (at (&picture, x, y), ((const guint8[]) { 40, 84, 170 }), 3);
      ck_assert (memcmp (at (&picture, x, y - 12), at (&picture, x, y), 3) != 0);
    }
  g_free (picture.pixels);
  fixture_remove (folder);
}
END_TEST

/* A critic that says the same everywhere has no contours, and nothing divides by its range. */
START_TEST (constant)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (GantryArray) points = corners (2);
  g_autoptr (GantryArray) values = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (NODES * NODES));
  Picture picture;

  for (guint i = 0; i < NODES * NODES; i++)
    gantry_array_set_double (values, i, _i == 0 ? 0.5 : _i == 1 ? -3 : NAN);
  ck_assert (gantry_image_scatter_save_critic (points, NULL, values, _i == 0, path, NULL));
  load (path, &picture);
  for (guint x = 40; x < 480; x += 7)
    ck_assert_uint_eq (at (&picture, x, 300)[0], _i == 2 ? 224 : 255);
  g_free (picture.pixels);
  fixture_remove (folder);
}
END_TEST

/* A session that samples judges as the one that trained does; without the critic's variables it says so. */
START_TEST (restored)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *path = g_build_filename (folder, "x.png", NULL);
  g_autoptr (GantrySession) session = make_session (2, "minimax", "linear features=4; batch-norm; relu; ");
  g_autoptr (GantryArray) points = corners (2);
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GantryCheckpoint) halved = gantry_checkpoint_new ();
  g_autoptr (GantrySession) sampler = NULL;
  g_autoptr (GantrySession) without = NULL;
  g_autoptr (GantryArray) a = NULL;
  g_autoptr (GantryArray) b = NULL;
  g_autoptr (GError) error = NULL;
  static const gchar *const keys[] = { "gantry", "pipeline", "sample-shape", "images", "steps", "seed" };
  g_auto (GStrv) names = NULL;
  Picture picture;

  for (guint i = 0; i < 3; i++)
    ck_assert (gantry_session_turn (session, NULL));
  checkpoint = gantry_session_to_checkpoint (session);
  sampler = gantry_session_new_from_checkpoint (fixture_registry (), checkpoint, &error);
  ck_assert_msg (sampler != NULL, "%s", error != NULL ? error->message : "");
  a = judge (session, points, NULL);
  b = judge (sampler, points, NULL);
  ck_assert_mem_eq (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a));
  ck_assert (gantry_session_save_points (sampler, points, -1, path, &error));
  load (path, &picture);
  ck_assert_uint_eq (picture.image.width, WIDTH);
  g_free (picture.pixels);

  names = gantry_checkpoint_list (checkpoint);
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], "generator."))
      gantry_checkpoint_set (halved, names[i], gantry_checkpoint_get (checkpoint, names[i]));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gantry_checkpoint_set_metadata (halved, keys[i], gantry_checkpoint_get_metadata (checkpoint, keys[i]));
  without = gantry_session_new_from_checkpoint (fixture_registry (), halved, &error);
  ck_assert_msg (without != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < 2; i++) /* the first time leaves nothing behind */
    {
      ck_assert_ptr_null (gantry_session_judge (without, points, NULL, NULL, &error));
      ck_assert_str_eq (error->message, "the variable discriminator.0.weight of the critic discriminator is missing: it was not restored");
      g_clear_error (&error);
    }
  ck_assert (gantry_session_save_points (without, points, -1, path, &error));
  load (path, &picture);
  ck_assert_uint_eq (picture.image.width, SIDE);
  g_free (picture.pixels);
  fixture_remove (folder);
}
END_TEST

static GantryCheckpoint *
train (const gchar *folder, const gchar *name, const gchar *interval)
{
  const gchar *const options[] = { "--sample-interval", interval, NULL };
  g_autoptr (GantryPipeline) pipeline = make_pipeline (2, "minimax", "linear features=4 spectral=yes; batch-norm; relu; ", options);
  g_autofree gchar *run = g_build_filename (folder, name, NULL);
  g_autofree gchar *samples = g_build_filename (run, "samples", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryTraining) training = gantry_training_new (pipeline, run, &error);
  g_autofree gchar *path = NULL;
  g_autoptr (GDir) dir = NULL;

  ck_assert_msg (training != NULL && gantry_training_run (training, &error), "%s", error != NULL ? error->message : "");
  dir = g_dir_open (samples, 0, NULL);
  ck_assert_int_eq (dir != NULL && g_dir_read_name (dir) != NULL, !g_str_equal (interval, "0"));
  path = gantry_training_find_checkpoint (run, NULL);
  return gantry_checkpoint_load (path, &error);
}

/* To draw pictures changes nothing of a training. */
START_TEST (harmless)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autoptr (GantryCheckpoint) with = train (folder, "with", "8");
  g_autoptr (GantryCheckpoint) without = train (folder, "without", "0");
  g_auto (GStrv) names = gantry_checkpoint_list (with);
  g_auto (GStrv) others = gantry_checkpoint_list (without);

  ck_assert_uint_eq (g_strv_length (names), g_strv_length (others));
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *a = gantry_checkpoint_get (with, names[i]), *b = gantry_checkpoint_get (without, names[i]);

      ck_assert_msg (b != NULL && memcmp (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a)) == 0, "%s", names[i]);
    }
  ck_assert_str_eq (gantry_checkpoint_get_metadata (with, "terms"), gantry_checkpoint_get_metadata (without, "terms"));
  fixture_remove (folder);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("critic");

  tcase_add_loop_test (tests, judges, 0, G_N_ELEMENTS (readings));
  tcase_add_test (tests, evaluates);
  tcase_add_test (tests, refused);
  tcase_add_test (tests, grid);
  tcase_add_loop_test (tests, plane, 0, 2);
  tcase_add_test (tests, line);
  tcase_add_loop_test (tests, constant, 0, 3);
  tcase_add_test (tests, restored);
  tcase_add_test (tests, harmless);
  return fixture_run (tests);
}
