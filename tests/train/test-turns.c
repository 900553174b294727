/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a turn does by the properties of the game, and what regularizers and clipping do to a step. */
#include "train/training-fixture.h"

#include <math.h>

#define SIZE 4
#define BATCH 8
#define N_IMAGES 40

static gchar *folder;
static gchar *images;

static void
setup (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  static const guint8 header[16] = { 0, 0, 8, 3, 0, 0, 0, N_IMAGES, 0, 0, 0, SIZE, 0, 0, 0, SIZE };

  folder = fixture_folder ();
  g_byte_array_append (bytes, header, sizeof header);
  for (guint i = 0; i < N_IMAGES * SIZE * SIZE; i++)
    {
      const guint8 value = (i * 37 + i / 16 * 11) % 256;

      g_byte_array_append (bytes, &value, 1);
    }
  images = fixture_write (folder, "images", (const gchar *) bytes->data, bytes->len);
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&images, g_free);
}

/* A session of small networks with batch norm on both sides, changed by options that end with NULL. */
static GantrySession *
make_session (const gchar *first, ...)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=%d\nthreads=1\nbackend=reference\n[reader]\nplugin=idx\nimages=%s\n"
                                            "[generator]\nplugin=sequential\nlatent=3\nlayers=linear features=16; batch-norm; relu; linear "
                                            "features=16; reshape 1x4x4; tanh\n[discriminator]\nplugin=sequential\nlayers=flatten; linear "
                                            "features=6; batch-norm; leaky-relu slope=0.2; linear features=1\n[loss]\nplugin=wasserstein\n"
                                            "[optimizer]\nplugin=sgd\nlearning-rate=0.1\n",
                                            BATCH, images);
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;
  GantrySession *session;
  va_list options;

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
  va_start (options, first);
  for (const gchar *option = first; option != NULL; option = va_arg (options, const gchar *))
    {
      g_auto (GStrv) parts = g_strsplit (option, "=", 2);

      ck_assert_msg (gantry_pipeline_apply_option (pipeline, parts[0], parts[1], &error), "%s", error != NULL ? error->message : "");
    }
  va_end (options);
  session = gantry_session_new (pipeline, &error);
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

static gdouble
get (GantrySession *session, const gchar *name, gsize i)
{
  GantryArray *array = gantry_state_get (gantry_session_get_state (session), name);

  ck_assert_msg (array != NULL, "no %s", name);
  return gantry_array_get_double (array, i);
}

static gdouble
term (GantrySession *session, const gchar *name)
{
  gdouble value = NAN;

  ck_assert_msg (gantry_session_get_term (session, name, &value), "no term %s", name);
  return value;
}

START_TEST (published_defaults)
{
  g_autoptr (GantrySession) session = make_session (NULL, NULL);

  turn (session, 2);
  ck_assert_uint_eq (gantry_session_get_images (session), 2 * BATCH);
  ck_assert_double_eq (get (session, "generator.1.num_batches_tracked", 0), 2);
  ck_assert_double_eq (get (session, "discriminator.2.num_batches_tracked", 0), 6);
  ck_assert_ptr_nonnull (gantry_graph_find_input (gantry_session_get_graph (session, "generator", NULL), "game.latent"));
}
END_TEST

START_TEST (several_steps)
{
  g_autoptr (GantrySession) session = make_session ("--game.discriminator-steps=3", NULL);

  turn (session, 2);
  ck_assert_uint_eq (gantry_session_get_images (session), 6 * BATCH);
  ck_assert_uint_eq (gantry_session_get_steps (session), 2);
  ck_assert_double_eq (get (session, "optimizer.discriminator.step", 0), 6);
  ck_assert_double_eq (get (session, "optimizer.generator.step", 0), 2);
  ck_assert_double_eq (get (session, "generator.1.num_batches_tracked", 0), 2);
}
END_TEST

/* Each step of a turn has a batch and latents of its own. */
START_TEST (steps_differ)
{
  g_autoptr (GantrySession) one = make_session ("--game.discriminator-steps=1", "--optimizer.learning-rate=0", NULL);
  g_autoptr (GantrySession) two = make_session ("--game.discriminator-steps=2", "--optimizer.learning-rate=0", NULL);

  turn (one, 1);
  turn (two, 1);
  ck_assert_double_ne (term (one, "discriminator.loss.real"), term (two, "discriminator.loss.real"));
  ck_assert_double_ne (term (one, "discriminator.loss.fake"), term (two, "discriminator.loss.fake"));
  turn (one, 1);
  ck_assert_double_eq (term (one, "discriminator.loss.real"), term (two, "discriminator.loss.real"));
}
END_TEST

START_TEST (resumed_in_the_middle)
{
  g_autoptr (GantrySession) whole = make_session ("--game.discriminator-steps=3", "--game.fakes=fresh", NULL);
  g_autoptr (GantrySession) first = make_session ("--game.discriminator-steps=3", "--game.fakes=fresh", NULL);
  g_autoptr (GantrySession) second = make_session ("--game.discriminator-steps=3", "--game.fakes=fresh", NULL);
  g_autoptr (GantryCheckpoint) saved = NULL;
  g_autoptr (GError) error = NULL;

  turn (whole, 5);
  turn (first, 2);
  saved = gantry_session_to_checkpoint (first);
  ck_assert_msg (gantry_session_restore (second, saved, &error), "%s", error != NULL ? error->message : "");
  turn (second, 3);
  for (guint i = 0; i < 48; i++)
    ck_assert_double_eq (get (whole, "generator.0.weight", i), get (second, "generator.0.weight", i));
  ck_assert_uint_eq (gantry_session_get_images (second), 15 * BATCH);
}
END_TEST

/* Every application of the generator is a training one, and the phases draw for themselves. */
START_TEST (fresh_fakes)
{
  g_autoptr (GantrySession) session = make_session ("--game.fakes=fresh", "--game.discriminator-steps=2", NULL);

  turn (session, 2);
  ck_assert_double_eq (get (session, "generator.1.num_batches_tracked", 0), 6);
  ck_assert_ptr_nonnull (gantry_graph_find_input (gantry_session_get_graph (session, "discriminator", NULL), "game.discriminator.latent"));
  ck_assert_ptr_nonnull (gantry_graph_find_input (gantry_session_get_graph (session, "generator", NULL), "game.generator.latent"));
}
END_TEST

START_TEST (generator_first)
{
  g_autoptr (GantrySession) session = make_session ("--game.first=generator", "--game.discriminator-steps=2", NULL);

  ck_assert_str_eq (gantry_session_get_phases (session)[0], "generator");
  ck_assert_str_eq (gantry_session_get_phases (session)[1], "discriminator");
  turn (session, 1);
  ck_assert_uint_eq (gantry_session_get_images (session), 2 * BATCH);
}
END_TEST

/* One application on both halves: its batch norm counts once, and the mean of both together is 0. */
START_TEST (joint_batch)
{
  g_autoptr (GantrySession) joint = make_session ("--game.critic-batch=joint",
                                                  "--discriminator.layers=flatten; linear features=1; batch-norm affine=no", NULL);
  g_autoptr (GantrySession) separate = make_session ("--discriminator.layers=flatten; linear features=1; batch-norm affine=no", NULL);

  turn (joint, 1);
  turn (separate, 1);
  ck_assert_double_eq (get (joint, "discriminator.2.num_batches_tracked", 0), 2);
  ck_assert_double_eq (get (separate, "discriminator.2.num_batches_tracked", 0), 3);
  ck_assert_double_eq_tol (term (separate, "discriminator.loss.real"), 0, 1e-6);
  ck_assert_double_eq_tol (term (separate, "discriminator.loss.fake"), 0, 1e-6);
  ck_assert (fabs (term (joint, "discriminator.loss.real")) > 1e-3);
  ck_assert_double_eq_tol (term (joint, "discriminator.loss.real"), term (joint, "discriminator.loss.fake"), 1e-5);
}
END_TEST

/* Without batch statistics it makes no difference. */
START_TEST (joint_as_separate)
{
  g_autoptr (GantrySession) joint = make_session ("--game.critic-batch=joint", "--discriminator.layers=flatten; linear features=1", NULL);
  g_autoptr (GantrySession) separate = make_session ("--discriminator.layers=flatten; linear features=1", NULL);

  turn (joint, 3);
  turn (separate, 3);
  for (guint i = 0; i < 16; i++)
    ck_assert_double_eq_tol (get (joint, "discriminator.1.weight", i), get (separate, "discriminator.1.weight", i), 1e-5);
}
END_TEST

START_TEST (weights_clipped)
{
  g_autoptr (GantrySession) session = make_session ("--add-regularizer=weight-clip", "--regularizer.limit=0.05", NULL);
  static const gchar *const clipped[] = { "discriminator.1.weight", "discriminator.1.bias",   "discriminator.2.weight",
                                          "discriminator.2.bias",   "discriminator.4.weight", "discriminator.4.bias" };
  gdouble largest = 0, generator = 0;

  turn (session, 2);
  for (guint n = 0; n < G_N_ELEMENTS (clipped); n++)
    for (gsize i = 0; i < gantry_array_get_size (gantry_state_get (gantry_session_get_state (session), clipped[n])); i++)
      largest = MAX (largest, fabs (get (session, clipped[n], i)));
  ck_assert_double_eq_tol (largest, 0.05, 1e-7);
  for (gsize i = 0; i < 48; i++)
    generator = MAX (generator, fabs (get (session, "generator.0.weight", i)));
  ck_assert_double_gt (generator, 0.05);
  ck_assert_double_gt (get (session, "discriminator.2.running_var", 0), 0.05);
}
END_TEST

/* A step of gradient descent is as long as the rate times the clipped norm. */
START_TEST (gradients_clipped)
{
  static const gchar *const layers = "--discriminator.layers=flatten; linear features=1 bias=no";
  g_autoptr (GantrySession) session = make_session (layers, "--clip-gradients=0.01", NULL);
  g_autoptr (GantrySession) before = make_session (layers, NULL);
  gdouble squares = 0;

  turn (session, 1);
  for (guint i = 0; i < 16; i++)
    squares += pow (get (session, "discriminator.1.weight", i) - get (before, "discriminator.1.weight", i), 2);
  ck_assert_double_gt (term (session, "discriminator.gradient-norm"), 0.01);
  ck_assert_double_eq_tol (sqrt (squares), 0.1 * 0.01, 1e-6);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("turns");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, published_defaults);
  tcase_add_test (tests, several_steps);
  tcase_add_test (tests, steps_differ);
  tcase_add_test (tests, resumed_in_the_middle);
  tcase_add_test (tests, fresh_fakes);
  tcase_add_test (tests, generator_first);
  tcase_add_test (tests, joint_batch);
  tcase_add_test (tests, joint_as_separate);
  tcase_add_test (tests, weights_clipped);
  tcase_add_test (tests, gradients_clipped);
  return fixture_run (tests);
}
