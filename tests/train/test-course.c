/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What changes in the course of a training: schedules, averages of weights, regularization now and then, what is frozen or bound. */
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
  for (guint i = 0; i < 8; i++)
    {
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
  for (guint step = 0; step < 7; step++)
    {
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
      for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
        {
          g_autofree gchar *name = g_strconcat ("generator.", followed[i], NULL);
          g_autofree gchar *average = g_strconcat ("generator-ema.", followed[i], NULL);

          if (step == 0)
            {
              ck_assert_double_eq (number_of (session, name), number_of (session, average));
              due[i] = number_of (session, name);
            }
        }
      turn (session, 1);
      for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
        {
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

static GantrySession *
need_session (const gchar *const *options)
{
  g_autoptr (GError) error = NULL;
  GantrySession *session = make_session_with (options, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
assert_near (GantrySession *a, GantrySession *b, const gchar *name, gdouble tolerance)
{
  GantryArray *x = gantry_state_get (gantry_session_get_state (a), name), *y = gantry_state_get (gantry_session_get_state (b), name);

  for (gsize i = 0; i < gantry_array_get_size (x); i++)
    ck_assert_double_eq_tol (gantry_array_get_double (x, i), gantry_array_get_double (y, i), tolerance);
}

/* A step of its own every other turn: counted, on latents of its own, resumed to the same bits and terms. */
START_TEST (separate_regularization)
{
  static const gchar *const options[] = { "--regularizer.r1.interval=2", NULL };
  g_autoptr (GantrySession) whole = need_session (options), first = need_session (options), second = need_session (options);
  g_autoptr (GantryCheckpoint) saved = NULL;
  const gchar *const *phases = gantry_session_get_phases (whole);
  GantryGraph *graph = gantry_session_get_graph (whole, "discriminator-regularization", NULL);
  gdouble value, held;

  ck_assert_str_eq (phases[0], "discriminator");
  ck_assert_str_eq (phases[1], "discriminator-regularization");
  ck_assert_str_eq (phases[2], "generator");
  ck_assert_ptr_null (phases[3]);
  ck_assert_ptr_nonnull (graph);
  ck_assert_ptr_nonnull (gantry_graph_find_input (graph, "game.discriminator-regularization.latent"));
  ck_assert_ptr_null (gantry_graph_find_input (graph, "game.latent"));
  ck_assert_ptr_null (gantry_graph_find_output (gantry_session_get_graph (whole, "discriminator", NULL), "r1"));
  turn (whole, 1);
  ck_assert_double_eq (number_of (whole, "optimizer.discriminator.step"), 2);
  ck_assert (gantry_session_get_term (whole, "discriminator.r1", &held));
  turn (whole, 1);
  ck_assert_double_eq (number_of (whole, "optimizer.discriminator.step"), 3);
  ck_assert_double_eq (number_of (whole, "optimizer.generator.step"), 2);
  ck_assert (gantry_session_get_term (whole, "discriminator.r1", &value));
  ck_assert_double_eq (value, held);
  turn (first, 3);
  ck_assert (gantry_session_get_term (first, "discriminator.r1", &held));
  saved = gantry_session_to_checkpoint (first);
  ck_assert (gantry_session_restore (second, saved, NULL));
  ck_assert (gantry_session_get_term (second, "discriminator.r1", &value));
  ck_assert_double_eq (value, held);
  turn (whole, 3);
  turn (second, 2);
  assert_equal_states (whole, second);
}
END_TEST

/* Rates and decays of the player are those of k / (k + 1) of a step, of the other player they are not. */
START_TEST (shared_steps)
{
  static const gchar *const lazy[] = { "--regularizer.r1.interval=2", NULL };
  g_autofree gchar *beta1 = g_strdup_printf ("--optimizer.discriminator.beta1=%.17g", pow (0.9, 2 / 3.));
  g_autofree gchar *beta2 = g_strdup_printf ("--optimizer.discriminator.beta2=%.17g", pow (0.999, 2 / 3.));
  g_autofree gchar *rate = g_strdup_printf ("--optimizer.discriminator.learning-rate=%.17g", 1e-3 * 2 / 3);
  const gchar *const plain[] = {
    "--no-regularizer", "--add-optimizer=discriminator", "--optimizer.discriminator.plugin=adam", beta1, beta2, rate, NULL
  };
  g_autoptr (GantrySession) a = need_session (lazy), b = need_session (plain);
  g_autoptr (GantryArray) batch = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (8, 1, SIZE, SIZE));

  for (gsize i = 0; i < gantry_array_get_size (batch); i++)
    gantry_array_set_double (batch, i, sin (i));
  for (guint i = 0; i < 2; i++)
    {
      GantrySession *session = i == 0 ? a : b;

      ck_assert (gantry_session_bind (session, "discriminator", "real.image", batch, NULL));
      for (guint k = 0; k < 3; k++)
        ck_assert (gantry_session_run_phase (session, "discriminator", NULL) && gantry_session_run_phase (session, "generator", NULL));
    }
  assert_near (a, b, "discriminator.3.weight", 1e-6);
  assert_near (a, b, "optimizer.discriminator.v.discriminator.3.weight", 1e-7);
  assert_near (a, b, "generator.0.weight", 1e-6);
}
END_TEST

/* Fused: times k in the steps that have it, absent from the others. */
START_TEST (fused_regularization)
{
  static const gchar *const fused[] = { "--regularizer.r1.interval=3", "--regularizer.r1.step=fused", NULL };
  static const gchar *const always[] = { "--regularizer.r1.gamma=0.3", NULL };
  g_autoptr (GantrySession) a = need_session (fused), b = need_session (always);
  g_autoptr (GantryCheckpoint) saved = NULL;
  gdouble x, y;

  turn (a, 1);
  turn (b, 1);
  ck_assert (gantry_session_get_term (a, "discriminator.r1", &x) && gantry_session_get_term (b, "discriminator.r1", &y));
  ck_assert_double_eq_tol (3 * x, y, 1e-6);
  assert_near (a, b, "discriminator.3.weight", 1e-7);
  assert_near (a, b, "optimizer.discriminator.m.discriminator.3.weight", 1e-7);
  ck_assert_ptr_null (gantry_session_get_phases (a)[2]);
  turn (a, 2);
  ck_assert_double_eq (number_of (a, "optimizer.discriminator.step"), 3);
  ck_assert (gantry_session_get_term (a, "discriminator.r1", &y));
  ck_assert_double_eq (x, y);
  turn (a, 1);
  ck_assert (gantry_session_get_term (a, "discriminator.r1", &y));
  ck_assert (x != y);
  saved = gantry_session_to_checkpoint (a);
  ck_assert_ptr_nonnull (strstr (gantry_checkpoint_get_metadata (saved, "pipeline"), "interval=3\nstep=fused\n"));
}
END_TEST

/* What is frozen stays, has no optimizer's memory, and is in the checkpoint. */
START_TEST (frozen)
{
  static const gchar *const options[] = { "--generator.freeze=0.*; 3.bias", NULL };
  g_autoptr (GantrySession) session = need_session (options), before = make_session ();
  GantryState *state = gantry_session_get_state (session), *old = gantry_session_get_state (before);
  g_autoptr (GantryCheckpoint) saved = NULL;

  turn (session, 2);
  assert_equal_arrays (gantry_state_get (state, "generator.0.weight"), gantry_state_get (old, "generator.0.weight"), "what is frozen");
  ck_assert_ptr_null (gantry_state_get (state, "optimizer.generator.m.generator.0.weight"));
  ck_assert_ptr_nonnull (gantry_state_get (state, "optimizer.generator.m.generator.1.weight"));
  ck_assert_double_ne (number_of (session, "generator.1.weight"), number_of (before, "generator.1.weight"));
  saved = gantry_session_to_checkpoint (session);
  ck_assert_ptr_nonnull (strstr (gantry_checkpoint_get_metadata (saved, "pipeline"), "\nfreeze=0.*; 3.bias\n"));
}
END_TEST

/* Tensors in the place of variables: for one application, and no longer. */
START_TEST (bound)
{
  g_autoptr (GantrySession) session = make_session ();
  GantryNetwork *network = gantry_session_get_network (session, "discriminator");
  g_autoptr (GantryComponent) backend = gantry_registry_create (fixture_registry (), "backend", "reference", NULL, NULL);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32), other = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryTensors) inputs = gantry_tensors_new (), bindings = gantry_tensors_new (), wrong = gantry_tensors_new ();
  g_autoptr (GantryTensors) first = NULL, second = NULL, third = NULL, early = NULL;
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  const GantryRun run = { sizeof run, 0, 0 };
  GantryArray *a, *b, *c;

  gantry_tensors_set (inputs, "image", gantry_graph_feed (graph, "image", GANTRY_SHAPE (2, 1, SIZE, SIZE), GANTRY_FLOAT32));
  gantry_tensors_set (bindings, "3.weight", gantry_fill (graph, GANTRY_SHAPE (1, 6), GANTRY_FLOAT32, 0));
  gantry_tensors_set (bindings, "3.bias", gantry_fill (graph, GANTRY_SHAPE (1), GANTRY_FLOAT32, 7));
  first = gantry_network_apply (network, graph, inputs, GANTRY_MODE_EVALUATE);
  second = gantry_network_apply_with (network, graph, bindings, inputs, GANTRY_MODE_EVALUATE);
  third = gantry_network_apply (network, graph, inputs, GANTRY_MODE_EVALUATE);
  gantry_graph_output (graph, "first", gantry_tensors_get (first, "logits"));
  gantry_graph_output (graph, "second", gantry_tensors_get (second, "logits"));
  gantry_graph_output (graph, "third", gantry_tensors_get (third, "logits"));
  ck_assert_msg (gantry_graph_finish (graph, &error), "%s", error != NULL ? error->message : "");
  program = gantry_program_compile (graph, gantry_session_get_state (session), (GantryBackend *const[]) { GANTRY_BACKEND (backend) }, 1, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  gantry_array_set_double (gantry_program_get_input (program, "image"), 5, 1);
  ck_assert (gantry_program_run (program, &run, NULL));
  a = gantry_program_get_output (program, "first");
  b = gantry_program_get_output (program, "second");
  c = gantry_program_get_output (program, "third");
  ck_assert_double_eq (gantry_array_get_double (b, 0), 7);
  ck_assert_double_eq (gantry_array_get_double (b, 1), 7);
  ck_assert_double_ne (gantry_array_get_double (a, 0), 7);
  assert_equal_arrays (a, c, "what is bound no longer");
  gantry_tensors_set (wrong, "image", gantry_graph_feed (other, "image", GANTRY_SHAPE (2, 1, SIZE, SIZE), GANTRY_FLOAT32));
  g_clear_pointer (&bindings, gantry_tensors_unref);
  bindings = gantry_tensors_new ();
  gantry_tensors_set (bindings, "3.bias", gantry_fill (other, GANTRY_SHAPE (1), GANTRY_FLOAT32, 7));
  early = gantry_network_apply_with (network, other, bindings, wrong, GANTRY_MODE_EVALUATE);
  ck_assert (!gantry_graph_finish (other, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "the graph has no variable `discriminator.3.bias`: apply the network once before"));
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
  tcase_add_test (tests, separate_regularization);
  tcase_add_test (tests, shared_steps);
  tcase_add_test (tests, fused_regularization);
  tcase_add_test (tests, frozen);
  tcase_add_test (tests, bound);
  return fixture_run (tests);
}
