/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Micro-batches: parts of a batch give what the whole gives, or the pipeline is refused with the reason. */
#include "train/session-fixture.h"

#include <math.h>

#define PLAIN "--generator.layers=linear features=16; relu; linear features=16; reshape 1x4x4; tanh"
#define STEEP "--discriminator.layers=flatten; linear features=6; softplus; linear features=1"
#define SPECTRAL "--discriminator.layers=flatten; linear features=6 spectral=yes; leaky-relu slope=0.2; linear features=1 spectral=yes"
#define EXACT "--dtype=float64"

static GantrySession *
make (const gchar *const *options, const gchar *micro_batch)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree gchar *micro = g_strdup_printf ("--micro-batch=%s", micro_batch);
  g_autoptr (GError) error = NULL;
  GantrySession *session;

  g_strv_builder_add_many (all, EXACT, PLAIN, STEEP, NULL);
  for (guint i = 0; options[i] != NULL; i++)
    g_strv_builder_add (all, options[i]);
  g_strv_builder_add (all, micro);
  list = g_strv_builder_end (all);
  session = make_session_with ((const gchar *const *) list, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
assert_close (gdouble a, gdouble b, const gchar *name)
{
  ck_assert_msg (fabs (a - b) <= 1e-12 * (1 + fabs (a) + fabs (b)), "%s: %.17g in parts, %.17g as a whole", name, b, a);
}

static void
compare (GantrySession *whole, GantrySession *parts)
{
  g_auto (GStrv) names = gantry_state_list (gantry_session_get_state (whole));
  g_auto (GStrv) others = gantry_state_list (gantry_session_get_state (parts));
  g_auto (GStrv) terms = gantry_session_list_terms (whole);

  ck_assert_uint_eq (g_strv_length (names), g_strv_length (others));
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *a = gantry_state_get (gantry_session_get_state (whole), names[i]);
      GantryArray *b = gantry_state_get (gantry_session_get_state (parts), names[i]);

      ck_assert_msg (b != NULL, "%s is missing", names[i]);
      for (gsize k = 0; k < gantry_array_get_size (a); k++)
        assert_close (gantry_array_get_double (a, k), gantry_array_get_double (b, k), names[i]);
    }
  for (guint i = 0; terms[i] != NULL; i++)
    {
      gdouble a, b = NAN;

      ck_assert (gantry_session_get_term (whole, terms[i], &a));
      ck_assert_msg (gantry_session_get_term (parts, terms[i], &b), "no term %s in parts", terms[i]);
      assert_close (a, b, terms[i]);
    }
}

/* What a plain step knows, and each thing that must happen once a step, not once a part. */
static const gchar *const pipelines[][8] = {
  { "--loss=hinge", NULL },
  { "--game.updates=simultaneous", "--loss.weight=0.5", NULL },
  { "--loss=hinge", "--game.critic-batch=joint", "--clip-gradients=0.01", NULL },
  { "--loss=wasserstein", "--regularizer=gradient-penalty", "--game.discriminator-steps=3", "--game.fakes=fresh", NULL },
  { "--regularizer.r1.interval=3", "--regularizer.r1.step=separate", NULL },
  { "--regularizer.r1.interval=2", "--regularizer.r1.step=fused", NULL },
  { "--loss=wasserstein", "--no-regularizer", "--regularizer=weight-clip", "--optimizer=sgd", NULL },
  { SPECTRAL, "--loss=hinge", "--regularizer.r1.gamma=2", NULL },
  { "--discriminator.layers=flatten; linear features=6; layer-norm; relu; dropout p=0.3; linear features=1", NULL },
};

START_TEST (equal)
{
  g_autoptr (GantrySession) whole = make (pipelines[_i], "0");
  g_autoptr (GantrySession) halves = make (pipelines[_i], "4");
  g_autoptr (GantrySession) uneven = make (pipelines[_i], "3");
  g_autoptr (GantrySession) single = make (pipelines[_i], "1");

  turn (whole, 5);
  turn (halves, 5);
  turn (uneven, 5);
  turn (single, 5);
  compare (whole, halves);
  compare (whole, uneven);
  compare (whole, single);
}
END_TEST

/* Both networks get the labels of the samples that they get. */
static GantrySession *
make_conditional (guint micro_batch)
{
  guint8 bytes[8 + 40] = { 0, 0, 8, 1, 0, 0, 0, 40 };
  g_autofree gchar *labels = NULL;
  g_autofree gchar *text = NULL;
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;
  GantrySession *session;

  for (guint i = 0; i < 40; i++)
    bytes[8 + i] = i * 7 % 3;
  labels = fixture_write (folder, "labels", (const gchar *) bytes, sizeof bytes);
  text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=8\nmicro-batch=%u\nthreads=2\ndtype=float64\n[reader]\nplugin=idx\nimages=%s\n"
                          "labels=%s\n[generator]\nplugin=mlp\nwidth=16\nconditional=concatenate\nclasses=3\nnormalization=none\n"
                          "[discriminator]\nplugin=mlp\nwidth=16\nconditional=concatenate\nclasses=3\nnormalization=none\n"
                          "[loss]\nplugin=non-saturating\n[optimizer]\nplugin=adam\nbeta1=0.5\n",
                          micro_batch, images, labels);
  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error->message);
  session = gantry_session_new (pipeline, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

START_TEST (conditional)
{
  g_autoptr (GantrySession) whole = make_conditional (0);
  g_autoptr (GantrySession) parts = make_conditional (3);

  turn (whole, 4);
  turn (parts, 4);
  compare (whole, parts);
}
END_TEST

START_TEST (off_where_it_is_no_smaller)
{
  static const gchar *const options[] = { NULL };
  g_autoptr (GantrySession) whole = make (options, "0");
  g_autoptr (GantrySession) same = make (options, "8");

  turn (whole, 2);
  turn (same, 2);
  assert_equal_states (whole, same);
}
END_TEST

/* Arrays that are bound are the whole batch's. */
START_TEST (bound)
{
  static const gchar *const options[] = { NULL };
  GantrySession *sessions[] = { make (options, "0"), make (options, "3") };
  g_autoptr (GantryArray) image = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (8, 1, SIZE, SIZE));
  g_autoptr (GantryArray) latent = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (8, 3));
  g_autoptr (GantryArray) part = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (3, 3));
  g_autoptr (GantryArray) rate = gantry_array_new (GANTRY_FLOAT64, GANTRY_SCALAR);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < 8 * SIZE * SIZE; i++)
    gantry_array_set_double (image, i, cos (i * 0.7));
  for (gsize i = 0; i < 24; i++)
    gantry_array_set_double (latent, i, sin (i * 1.3));
  gantry_array_set_double (rate, 0, 0.25);
  for (guint k = 0; k < 2; k++)
    {
      ck_assert (gantry_session_bind (sessions[k], "discriminator", "real.image", image, NULL));
      ck_assert (gantry_session_bind (sessions[k], "discriminator", "game.latent", latent, NULL));
      ck_assert (gantry_session_bind (sessions[k], "discriminator", "optimizer.adam.learning-rate", rate, NULL));
      ck_assert (gantry_session_run_phase (sessions[k], "discriminator", NULL));
      ck_assert (gantry_session_bind (sessions[k], "discriminator", "game.latent", NULL, NULL));
      ck_assert (gantry_session_run_phase (sessions[k], "discriminator", NULL));
    }
  compare (sessions[0], sessions[1]);
  ck_assert (!gantry_session_bind (sessions[1], "discriminator", "game.latent", part, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "[3, 3]"));
  g_object_unref (sessions[0]);
  g_object_unref (sessions[1]);
}
END_TEST

/* What holds a batch in memory holds a part. */
START_TEST (memory)
{
  static const gchar *const options[] = { "--batch=32", NULL };
  g_autoptr (GantrySession) whole = make (options, "0");
  g_autoptr (GantrySession) parts = make (options, "4");
  GantryProgramReport large = { .size = sizeof large }, small = { .size = sizeof small };

  gantry_program_get_report (gantry_session_get_program (whole, "discriminator", NULL), &large);
  gantry_program_get_report (gantry_session_get_program (parts, "discriminator", NULL), &small);
  ck_assert_msg (small.workspace * 3 < large.workspace, "%zu bytes for a part, %zu for the whole", small.workspace, large.workspace);
}
END_TEST

START_TEST (last_batch)
{
  static const gchar *const options[] = { "--images=27", "--batch=8", "--game.discriminator-steps=2", NULL };
  g_autoptr (GantrySession) whole = make (options, "0");
  g_autoptr (GantrySession) parts = make (options, "2");

  turn (whole, 2);
  turn (parts, 2);
  ck_assert_uint_eq (gantry_session_get_images (whole), 27);
  ck_assert_uint_eq (gantry_session_get_images (parts), 27);
  compare (whole, parts);
}
END_TEST

static const struct {
  const gchar *const options[4];
  const gchar *message;
} refusals[] = {
  { { "--generator.layers=linear features=16; batch-norm; relu; linear features=16; reshape 1x4x4; tanh", "--micro-batch=4", NULL },
    "phase discriminator: micro-batch=4: *generator*: sub: single samples meet a sum or mean over the whole batch" },
  { { PLAIN, "--discriminator.layers=flatten; linear features=6; batch-norm; relu; linear features=1", "--micro-batch=4", NULL },
    "phase discriminator: micro-batch=4: *discriminator*: sub: single samples meet a sum or mean over the whole batch" },
  { { PLAIN, "--regularizer=gradient-penalty", "--regularizer.gradient-penalty.reduction=max", "--micro-batch=4" },
    "phase discriminator: micro-batch=4: *max: works along the axis of the samples" },
};

START_TEST (refused)
{
  const gchar *options[5] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = NULL;

  for (guint i = 0; i < 4; i++)
    options[i] = refusals[_i].options[i];
  session = make_session_with (options, &error);
  ck_assert (session == NULL);
  ck_assert_msg (g_pattern_match_simple (refusals[_i].message, error->message), "%s", error->message);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("parts");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_set_timeout (tests, 120);
  tcase_add_loop_test (tests, equal, 0, G_N_ELEMENTS (pipelines));
  tcase_add_test (tests, conditional);
  tcase_add_test (tests, off_where_it_is_no_smaller);
  tcase_add_test (tests, bound);
  tcase_add_test (tests, memory);
  tcase_add_test (tests, last_batch);
  tcase_add_loop_test (tests, refused, 0, G_N_ELEMENTS (refusals));
  return fixture_run (tests);
}
