/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What changes in the course of a training: schedules and averages of weights. */
#include "train/session-fixture.h"

#include <math.h>

/* A schedule moves what a compiled program reads; it depends on the images shown alone. */
START_TEST (scheduled)
{
  static const gchar *const options[] = { "--regularizer.r1.gamma=1 over 16, 1:0 linear over 24", "--optimizer.learning-rate=1e-2:1e-3 cosine",
                                          NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) whole = make_session_with (options, &error);
  g_autoptr (GantrySession) first = make_session_with (options, NULL);
  g_autoptr (GantrySession) second = make_session_with (options, NULL);
  g_autoptr (GantryCheckpoint) saved = NULL;
  GantryProgram *program;
  GantryComponent *r1;
  gdouble gamma, value;

  ck_assert_msg (whole != NULL, "%s", error != NULL ? error->message : "");
  program = gantry_session_get_program (whole, "discriminator", NULL);
  r1 = gantry_pipeline_get (gantry_session_get_pipeline (whole), "regularizer");
  for (guint i = 0; i < 8; i++) {
    turn (whole, 1);
    g_object_get (r1, "gamma", &gamma, NULL);
    ck_assert_double_eq_tol (gamma, i < 2 ? 1 : i < 5 ? (5 - i) / 3. : 0, 1e-12);
    ck_assert (gantry_session_get_term (whole, "discriminator.r1", &value));
    ck_assert ((value == 0) == (gamma == 0));
  }
  ck_assert_ptr_eq (gantry_session_get_program (whole, "discriminator", NULL), program);
  turn (first, 3);
  saved = gantry_session_to_checkpoint (first);
  ck_assert_ptr_nonnull (strstr (gantry_checkpoint_get_metadata (saved, "pipeline"), "gamma=1 over 16, 1:0 linear over 24\n"));
  ck_assert_ptr_nonnull (strstr (gantry_checkpoint_get_metadata (saved, "pipeline"), "learning-rate=0.01:0.001 cosine over 1000\n"));
  turn (second, 6);
  ck_assert (gantry_session_restore (second, saved, NULL));
  turn (second, 5);
  assert_equal_states (whole, second);
}
END_TEST

static gdouble
number_of (GantrySession *session, const gchar *name)
{
  GantryArray *array = gantry_state_get (gantry_session_get_state (session), name);

  ck_assert_msg (array != NULL, "no %s", name);
  return gantry_array_get_double (array, 0);
}

/* The rules of averages, followed by hand beside the session: by half-life with its limit, and by decay with its start. */
static const struct {
  const gchar *options[8];
  gdouble half_life, ramp_up, decay;
  guint64 start;
  gboolean averages_buffers;
} averages[] = {
  { { "--average.half-life=100", "--average.ramp-up=2" }, 100, 2, 0, 0, FALSE },
  { { "--add-average=generator", "--average.half-life=20", "--average.ramp-up=0", "--average.buffers=average" }, 20, 0, 0, 0, TRUE },
  { { "--average=generator", "--average.rule=decay", "--average.decay=0.9", "--average.start=24" }, 0, 0, 0.9, 24, TRUE },
  { { "--average.rule=decay", "--average.decay=0.75", "--average.buffers=copy" }, 0, 0, 0.75, 0, FALSE },
  { { "--average.half-life=0:80 linear over 32", "--average.ramp-up=0" }, -80, 0, 0, 0, FALSE },
};

START_TEST (averaged)
{
  static const gchar *const followed[] = { "0.weight", "1.running_mean", "1.num_batches_tracked" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (averages[_i].options, &error);
  gdouble due[G_N_ELEMENTS (followed)];

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  for (guint step = 0; step < 7; step++) {
    const guint64 shown = step * 8;
    gdouble half_life = averages[_i].half_life, decay = averages[_i].decay;

    if (half_life < 0)
      half_life = MIN (80., 80. * shown / 32);
    if (averages[_i].ramp_up > 0)
      half_life = MIN (half_life, averages[_i].ramp_up * shown);
    if (decay == 0)
      decay = half_life > 0 ? pow (0.5, 8 / half_life) : 0;
    else if (shown < averages[_i].start)
      decay = 0;
    for (guint i = 0; i < G_N_ELEMENTS (followed); i++) {
      g_autofree gchar *name = g_strconcat ("generator.", followed[i], NULL);
      g_autofree gchar *average = g_strconcat ("generator-ema.", followed[i], NULL);

      if (step == 0) {
        ck_assert_double_eq (number_of (session, name), number_of (session, average));
        due[i] = number_of (session, name);
      }
    }
    turn (session, 1);
    for (guint i = 0; i < G_N_ELEMENTS (followed); i++) {
      g_autofree gchar *name = g_strconcat ("generator.", followed[i], NULL);
      g_autofree gchar *average = g_strconcat ("generator-ema.", followed[i], NULL);
      const gboolean copied = i == 2 || (i == 1 && !averages[_i].averages_buffers);

      due[i] = copied || decay == 0 ? number_of (session, name) : decay * due[i] + (1 - decay) * number_of (session, name);
      ck_assert (fabs (number_of (session, average) - due[i]) <= (copied || decay == 0 ? 0 : 1e-7));
    }
  }
}
END_TEST

/* Samples are drawn with the average; a checkpoint holds both. */
START_TEST (sampled_averages)
{
  static const gchar *const options[] = { "--average.half-life=1k", "--average.ramp-up=0", NULL };
  g_autoptr (GantrySession) session = make_session_with (options, NULL);
  g_autoptr (GantrySession) plain = make_session ();
  g_autoptr (GantrySession) sampler = NULL;
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GantryArray) average = NULL, live = NULL, of_plain = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  turn (session, 20);
  turn (plain, 20);
  ck_assert (!gantry_session_set_weights (plain, GANTRY_WEIGHTS_AVERAGE, &error));
  ck_assert_str_eq (error->message, "the pipeline keeps no average of generator: write [average]");
  average = gantry_session_sample (session, 4, NULL, NULL);
  ck_assert (gantry_session_set_weights (session, GANTRY_WEIGHTS_LIVE, NULL));
  live = gantry_session_sample (session, 4, NULL, NULL);
  of_plain = gantry_session_sample (plain, 4, NULL, NULL);
  assert_equal_arrays (live, of_plain, "what the average does not touch");
  ck_assert (memcmp (gantry_array_get_data (average), gantry_array_get_data (live), gantry_array_get_bytes (live)) != 0);
  checkpoint = gantry_session_to_checkpoint (session);
  g_clear_error (&error);
  sampler = gantry_session_new_from_checkpoint (fixture_registry (), checkpoint, &error);
  ck_assert_msg (sampler != NULL, "%s", error != NULL ? error->message : "");
  again = gantry_session_sample (sampler, 4, NULL, NULL);
  assert_equal_arrays (average, again, "the average of a checkpoint");
  ck_assert (gantry_session_set_weights (sampler, GANTRY_WEIGHTS_LIVE, NULL));
  g_clear_pointer (&again, gantry_array_unref);
  again = gantry_session_sample (sampler, 4, NULL, NULL);
  assert_equal_arrays (live, again, "the live weights of a checkpoint");
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("course");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, scheduled);
  tcase_add_loop_test (tests, averaged, 0, G_N_ELEMENTS (averages));
  tcase_add_test (tests, sampled_averages);
  return fixture_run (tests);
}
