/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs for other numbers of samples: samples in chunks, and a last batch that is smaller. */
#include "train/session-fixture.h"

static GantrySession *
make (const gchar *first, ...)
{
  g_autoptr (GStrvBuilder) options = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autoptr (GError) error = NULL;
  GantrySession *session;
  va_list args;

  va_start (args, first);
  for (const gchar *option = first; option != NULL; option = va_arg (args, const gchar *))
    g_strv_builder_add (options, option);
  va_end (args);
  list = g_strv_builder_end (options);
  session = make_session_with ((const gchar *const *) list, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
assert_rows (GantryArray *all, gsize at, GantryArray *some)
{
  const gsize n = gantry_array_get_size (some);

  for (gsize i = 0; i < n; i++)
    ck_assert_double_eq (gantry_array_get_double (all, at * SIZE * SIZE + i), gantry_array_get_double (some, i));
}

/* Two programs for 150 samples, one for 10; sample i is the same in all. */
START_TEST (samples_in_chunks)
{
  g_autoptr (GantrySession) session = make (NULL, NULL);
  g_autoptr (GantryArray) latents = gantry_session_draw_latents (session, 5, 150, NULL);
  g_autoptr (GantryArray) ten_latents = gantry_session_draw_latents (session, 5, 10, NULL);
  g_autoptr (GantryArray) most_latents = gantry_session_draw_latents (session, 5, 129, NULL);
  g_autoptr (GantryArray) all = NULL;
  g_autoptr (GantryArray) ten = NULL;
  g_autoptr (GantryArray) most = NULL;

  turn (session, 3);
  all = gantry_session_sample (session, 150, latents, NULL);
  ten = gantry_session_sample (session, 10, ten_latents, NULL);
  most = gantry_session_sample (session, 129, most_latents, NULL);
  ck_assert_uint_eq (gantry_array_get_shape (all)->dims[0], 150);
  assert_rows (all, 0, ten);
  assert_rows (all, 0, most);
}
END_TEST

/* A last turn of four images is a turn of batch four: steps, draws, averages. */
START_TEST (last_batch)
{
#define AVERAGE "--average=generator", "--average.half-life=100", "--average.ramp-up=0"
  g_autoptr (GantrySession) session = make ("--images=20", AVERAGE, NULL);
  g_autoptr (GantrySession) four = make ("--images=20", "--batch=4", AVERAGE, NULL);
  g_autoptr (GantryCheckpoint) saved = NULL;
  g_autoptr (GError) error = NULL;

  turn (session, 2);
  ck_assert_uint_eq (gantry_session_get_images (session), 16);
  saved = gantry_session_to_checkpoint (session);
  ck_assert_msg (gantry_session_restore (four, saved, &error), "%s", error != NULL ? error->message : "");
  turn (session, 1);
  turn (four, 1);
  ck_assert_uint_eq (gantry_session_get_images (session), 20);
  ck_assert_uint_eq (gantry_session_get_steps (session), 3);
  assert_equal_states (session, four);
}
END_TEST

/* Whoever goes on beyond the end takes whole batches. */
START_TEST (beyond_the_end)
{
  g_autoptr (GantrySession) session = make ("--images=20", NULL);

  turn (session, 5);
  ck_assert_uint_eq (gantry_session_get_images (session), 36);
}
END_TEST

/* Of three steps of the discriminator the second is smaller, and the third has nothing to see. */
START_TEST (last_of_several_steps)
{
  g_autoptr (GantrySession) session = make ("--images=36", "--game.discriminator-steps=3", NULL);
  GantryState *state = gantry_session_get_state (session);

  turn (session, 2);
  ck_assert_uint_eq (gantry_session_get_images (session), 36);
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (state, "optimizer.discriminator.step"), 0), 5);
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (state, "optimizer.generator.step"), 0), 2);
}
END_TEST

START_TEST (lazy_penalties_of_the_last_batch)
{
  g_autoptr (GantrySession) separate = make ("--images=20", "--regularizer.r1.interval=2", NULL);
  g_autoptr (GantrySession) fused = make ("--images=20", "--regularizer.r1.interval=2", "--regularizer.r1.step=fused", NULL);

  turn (separate, 3);
  turn (fused, 3);
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (gantry_session_get_state (separate), "optimizer.discriminator.step"), 0), 5);
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (gantry_session_get_state (fused), "optimizer.discriminator.step"), 0), 3);
}
END_TEST

/* Statistics of one sample are none: said before the first step, not at the last. */
START_TEST (impossible_last_batch)
{
  static const gchar *const options[] = { "--images=17", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (options, &error);

  ck_assert (session == NULL);
  ck_assert_msg (g_pattern_match_simple ("images=17 with batch=8 leaves 1 for the last batch, which is no batch for this pipeline: phase "
                                         "discriminator*batch-norm*one value a channel*",
                                         error->message),
                 "%s", error->message);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("sizes");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, samples_in_chunks);
  tcase_add_test (tests, last_batch);
  tcase_add_test (tests, beyond_the_end);
  tcase_add_test (tests, last_of_several_steps);
  tcase_add_test (tests, lazy_penalties_of_the_last_batch);
  tcase_add_test (tests, impossible_last_batch);
  return fixture_run (tests);
}
