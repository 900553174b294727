/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions: phases, terms, turns, samples, checkpoints, and what cannot be trained. */
#include "train/session-fixture.h"

#include <unistd.h>

START_TEST (phases)
{
  g_autoptr (GantrySession) session = make_session ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) terms = NULL;
  static const gchar *const due[] = { "discriminator.loss", "discriminator.loss.fake", "discriminator.loss.real", "discriminator.r1",
                                      "generator.loss" };
  gdouble value, real, fake;

  ck_assert_str_eq (gantry_session_get_phases (session)[0], "discriminator");
  ck_assert_str_eq (gantry_session_get_phases (session)[1], "generator");
  ck_assert_ptr_null (gantry_session_get_phases (session)[2]);
  ck_assert (!gantry_session_get_term (session, "loss", &value));
  turn (session, 3);
  ck_assert_uint_eq (gantry_session_get_images (session), 24);
  ck_assert_uint_eq (gantry_session_get_steps (session), 3);
  terms = gantry_session_list_terms (session);
  for (guint i = 0; i < G_N_ELEMENTS (due); i++)
    ck_assert_msg (g_strv_contains ((const gchar *const *) terms, due[i]) && gantry_session_get_term (session, due[i], &value), "no %s", due[i]);
  ck_assert (gantry_session_get_term (session, "discriminator.loss", &value) && gantry_session_get_term (session, "loss.real", &real)
             && gantry_session_get_term (session, "loss.fake", &fake));
  ck_assert_double_eq_tol (value, real + fake, 1e-6);
  ck_assert_ptr_null (gantry_session_get_program (session, "encoder", &error));
  ck_assert_str_eq (error->message, "there is no phase 'encoder'; there are: discriminator, generator, sample");
  ck_assert_ptr_nonnull (gantry_session_get_graph (session, "sample", NULL));
}
END_TEST

/* What a phase trains moves, and nothing else does. */
START_TEST (only_the_player_moves)
{
  g_autoptr (GantrySession) session = make_session ();
  GantryState *state = gantry_session_get_state (session);
  g_autoptr (GantryArray) generator = gantry_array_copy (gantry_state_get (state, "generator.0.weight"));
  g_autoptr (GantryArray) discriminator = NULL;
  g_autoptr (GantryArray) batch = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (8, 1, SIZE, SIZE));
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_session_bind (session, "discriminator", "real.image", batch, &error), "%s", error != NULL ? error->message : "");
  ck_assert_msg (gantry_session_run_phase (session, "discriminator", &error), "%s", error != NULL ? error->message : "");
  assert_equal_arrays (generator, gantry_state_get (state, "generator.0.weight"), "the generator's weight");
  discriminator = gantry_array_copy (gantry_state_get (state, "discriminator.3.weight"));
  ck_assert (gantry_session_run_phase (session, "generator", &error));
  assert_equal_arrays (discriminator, gantry_state_get (state, "discriminator.3.weight"), "the discriminator's weight");
  ck_assert (memcmp (gantry_array_get_data (generator), gantry_array_get_data (gantry_state_get (state, "generator.0.weight")),
                     gantry_array_get_bytes (generator))
             != 0);
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (state, "optimizer.generator.step"), 0), 1);
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (state, "optimizer.discriminator.step"), 0), 1);
  ck_assert_uint_eq (gantry_session_get_steps (session), 0);
}
END_TEST

/* Same seed, same bits; also over a checkpoint, with any number of reader threads. */
START_TEST (resumed)
{
  static const gchar *const options[] = { "--reader-threads=4", NULL };
  g_autoptr (GantrySession) whole = make_session ();
  g_autoptr (GantrySession) first = make_session ();
  g_autoptr (GantrySession) second = make_session_with (options, NULL);
  g_autoptr (GantryCheckpoint) saved = NULL;
  g_autoptr (GantryCheckpoint) loaded = NULL;
  g_autofree gchar *path = g_build_filename (folder, "checkpoint", NULL);
  g_autoptr (GError) error = NULL;

  turn (whole, 12);
  turn (first, 5);
  saved = gantry_session_to_checkpoint (first);
  ck_assert (gantry_checkpoint_save (saved, path, NULL));
  loaded = gantry_checkpoint_load (path, NULL);
  turn (second, 2);
  ck_assert_msg (gantry_session_restore (second, loaded, &error), "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_session_get_images (second), 40);
  assert_equal_states (first, second);
  turn (second, 7);
  assert_equal_states (whole, second);
  turn (second, 1);
  ck_assert (memcmp (gantry_array_get_data (gantry_state_get (gantry_session_get_state (whole), "generator.0.weight")),
                     gantry_array_get_data (gantry_state_get (gantry_session_get_state (second), "generator.0.weight")), 16)
             != 0);
}
END_TEST

START_TEST (seeds_differ)
{
  static const gchar *const options[] = { "--seed=2", NULL };
  g_autoptr (GantrySession) one = make_session ();
  g_autoptr (GantrySession) two = make_session_with (options, NULL);

  ck_assert (memcmp (gantry_array_get_data (gantry_state_get (gantry_session_get_state (one), "generator.0.weight")),
                     gantry_array_get_data (gantry_state_get (gantry_session_get_state (two), "generator.0.weight")), 16)
             != 0);
}
END_TEST

START_TEST (samples)
{
  g_autoptr (GantrySession) session = make_session ();
  g_autoptr (GantrySession) sampler = NULL;
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GantryArray) many = NULL;
  g_autoptr (GantryArray) few = NULL;
  g_autoptr (GantryArray) latents = NULL;
  g_autoptr (GantryArray) drawn = NULL;
  g_autoptr (GantryArray) wrong = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (2, 4));
  g_autoptr (GError) error = NULL;

  turn (session, 4);
  latents = gantry_session_draw_latents (session, 1, 5, &error);
  many = gantry_session_sample (session, 130, NULL, &error);
  ck_assert_msg (many != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (gantry_shape_equal (gantry_array_get_shape (many), GANTRY_SHAPE (130, 1, SIZE, SIZE)));
  few = gantry_session_sample (session, 5, latents, &error);
  for (guint i = 0; i < 5 * SIZE * SIZE; i++)
    ck_assert_double_eq_tol (gantry_array_get_double (few, i), gantry_array_get_double (many, i), 1e-5);
  for (guint i = 0; i < 130 * SIZE * SIZE; i++)
    ck_assert (gantry_array_get_double (many, i) >= -1 && gantry_array_get_double (many, i) <= 1);
  ck_assert_ptr_null (gantry_session_sample (session, 2, wrong, &error));
  ck_assert_str_eq (error->message, "latents are [2, 4], expected [2, 3]");

  checkpoint = gantry_session_to_checkpoint (session);
  sampler = gantry_session_new_from_checkpoint (fixture_registry (), checkpoint, NULL);
  ck_assert_ptr_nonnull (sampler);
  drawn = gantry_session_sample (sampler, 130, NULL, NULL);
  assert_equal_arrays (drawn, many, "what the checkpoint samples");
}
END_TEST

static void
refuse (GantryCheckpoint *checkpoint, const gchar *message)
{
  g_autoptr (GantrySession) session = make_session ();
  g_autoptr (GantrySession) untouched = make_session ();
  g_autoptr (GError) error = NULL;

  ck_assert_msg (!gantry_session_restore (session, checkpoint, &error), "accepted; expected: %s", message);
  ck_assert (error->domain == GANTRY_TRAIN_ERROR && error->code == GANTRY_TRAIN_ERROR_CHECKPOINT);
  ck_assert_msg (g_str_has_prefix (error->message, message), "'%s' is not '%s'", error->message, message);
  assert_equal_states (session, untouched);
}

/* All but one variable of a checkpoint, which is replaced where @array is given. */
static GantryCheckpoint *
copy_but (GantryCheckpoint *checkpoint, const gchar *name, GantryArray *array)
{
  static const gchar *const keys[] = { "gantry", "images", "steps", "seed", "data", "pipeline", "sample-shape" };
  GantryCheckpoint *copy = gantry_checkpoint_new ();
  g_auto (GStrv) names = gantry_checkpoint_list (checkpoint);

  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_equal (names[i], name))
      gantry_checkpoint_set (copy, names[i], gantry_checkpoint_get (checkpoint, names[i]));
  if (array != NULL)
    gantry_checkpoint_set (copy, name, array);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gantry_checkpoint_set_metadata (copy, keys[i], gantry_checkpoint_get_metadata (checkpoint, keys[i]));
  return copy;
}

START_TEST (refused)
{
  g_autoptr (GantrySession) session = make_session ();
  g_autoptr (GantryCheckpoint) good = NULL;
  g_autoptr (GantryCheckpoint) empty = gantry_checkpoint_new ();
  g_autoptr (GantryCheckpoint) lacking = NULL;
  g_autoptr (GantryCheckpoint) odd = NULL;
  g_autoptr (GantryCheckpoint) more = NULL;
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (3, 16));

  turn (session, 1);
  good = gantry_session_to_checkpoint (session);
  refuse (empty, "its metadata has no 'gantry': it is no checkpoint of a training");
  lacking = copy_but (good, "generator.0.weight", NULL);
  refuse (lacking, "it has no variable 'generator.0.weight', which the pipeline needs");
  odd = copy_but (good, "generator.0.weight", array);
  refuse (odd, "its variable 'generator.0.weight' is float32 [3, 16], but the pipeline needs float32 [16, 3]");
  more = copy_but (good, "encoder.0.weight", array);
  refuse (more, "its variable 'encoder.0.weight' has no place in the pipeline");
  gantry_checkpoint_set_metadata (good, "gantry", "99");
  refuse (good, "it is of format 99, which a newer Gantry wrote (Gantry ");
  gantry_checkpoint_set_metadata (good, "gantry", "1.5");
  refuse (good, "its metadata says gantry='1.5': expected the number of a format");
  gantry_checkpoint_set_metadata (good, "gantry", "1");
  gantry_checkpoint_set_metadata (good, "images", "-5");
  refuse (good, "its metadata says images='-5': expected a whole number");
  gantry_checkpoint_set_metadata (good, "images", "8");
  write_images (1);
  refuse (good, "it was trained on other data: 40 records, sha256 ");
}
END_TEST

/* What a later version adds to the metadata is kept; rollbacks make it another format. */
START_TEST (metadata)
{
  static const gchar *const wrong[] = { "8", "8<", "16<8", "8<24 16<32", "8<16,24<32" };
  g_autoptr (GantrySession) session = make_session ();
  g_autoptr (GantryCheckpoint) checkpoint = gantry_session_to_checkpoint (session);
  g_autoptr (GantryCheckpoint) again = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_str_eq (gantry_checkpoint_get_metadata (checkpoint, "gantry"), "1");
  gantry_checkpoint_set_metadata (checkpoint, "gantry", "2");
  gantry_checkpoint_set_metadata (checkpoint, "mood", "fair");
  gantry_checkpoint_set_metadata (checkpoint, "rollbacks", "8<16 24<40");
  ck_assert_msg (gantry_session_restore (session, checkpoint, &error), "%s", error != NULL ? error->message : "");
  again = gantry_session_to_checkpoint (session);
  ck_assert_str_eq (gantry_checkpoint_get_metadata (again, "mood"), "fair");
  ck_assert_str_eq (gantry_checkpoint_get_metadata (again, "gantry"), "2");
  ck_assert_str_eq (gantry_checkpoint_get_metadata (again, "rollbacks"), "8<16 24<40");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree gchar *message = g_strdup_printf ("its metadata says rollbacks='%s': expected a list of IMAGES<IMAGES", wrong[i]);

      gantry_checkpoint_set_metadata (checkpoint, "rollbacks", wrong[i]);
      refuse (checkpoint, message);
    }
}
END_TEST

/* What is no pipeline that can be trained: options that make it so, and the error. */
static const struct {
  const gchar *options[5];
  const gchar *message;
} impossible[] = {
  { { "--batch=41" }, "reader/idx: 40 records are fewer than a batch of 41: give it more data, or set batch=40 or less in [pipeline]" },
  { { "--no-reader" }, "p.ini: there is no [reader] section: it names the data" },
  { { "--reader.images=/nowhere/x" }, "p.ini:6: reader/idx: /nowhere/x: cannot be read: No such file" },
  { { "--no-optimizer" }, "player discriminator has no optimizer: write [optimizer] with plugin=adam, or [optimizer discriminator]" },
  { { "--no-optimizer", "--optimizer=adam", "--add-optimizer=x", "--optimizer.x.plugin=adam" }, "player discriminator has more than one optimizer" },
  { { "--no-loss", "--no-regularizer" }, "*phase discriminator: *no loss and no regularizer gives the discriminator's side anything to minimise" },
  { { "--backend=refrence" }, "--backend: *refrence*(did you mean 'reference'" },
  { { "--backend=" }, "--backend: backend= names none" },
  { { "--discriminator.layers=linear features=1" }, "phase discriminator: *discriminator (architecture/sequential): *" },
  { { "--generator.layers=linear features=15; reshape 1x4x4" }, "phase discriminator: *generator (architecture/sequential): *15*" },
  { { "--regularizer.r1.gamma=1:2" }, "--regularizer.r1.gamma: regularizer/r1: gamma: schedule '1:2': '1:2' goes from one value to another" },
  { { "--optimizer.beta1=0.5:0.9 linear" }, "--optimizer.beta1: optimizer/adam: beta1: '0.5:0.9 linear': it follows no schedule" },
  { { "--regularizer.r1.interval=0" }, "--regularizer.r1.interval: regularizer/r1: interval: 0 is out of range: expected 1 to 1000000" },
  { { "--regularizer.r1.step=fusd" },
    "--regularizer.r1.step: regularizer/r1: step: 'fusd' is not one of separate|fused (did you mean 'fused'?)" },
  { { "--regularizer.r1.interval=2", "--add-regularizer=r2", "--regularizer.r2.plugin=r1", "--regularizer.r2.interval=3" },
    "player discriminator has regularization steps of different intervals: give its regularizers one interval, or step=fused" },
  { { "--generator.freeze=0.wieght" },
    "--generator.freeze: network generator: freeze: '0.wieght' is the name of no variable that is trained (did you mean '0.weight'?)" },
  { { "--discriminator.freeze=*" }, "*player discriminator: its network discriminator has no trainable variable" },
  { { "--average=encoder" }, "--average: [average encoder]: there is no network 'encoder'; there are: generator, discriminator" },
  { { "--add-average=generator", "--add-average=x", "--average.generator.decay=0.5" },
    "--add-average: [average]: decay= has no meaning with rule=half-life: write rule=decay" },
  { { "--average.rule=decay", "--average.half-life=10000:5 linear" },
    "--average.rule: [average]: half-life= has no meaning with rule=decay: write rule=half-life" },
  { { "--average.plugin=adam" }, "--average.plugin: average/average: it has no property 'plugin'" },
  { { "--generator.role=critic" }, "*critic" },
};

START_TEST (impossible_pipeline)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (impossible[_i].options, &error);
  g_autofree gchar *pattern = g_strconcat (impossible[_i].message, "*", NULL);

  ck_assert_msg (session == NULL, "accepted: %s", impossible[_i].options[0]);
  g_strdelimit (pattern, "?", '\1');
  g_strdelimit (error->message, "?", '\1');
  ck_assert_msg (g_pattern_match_simple (pattern, error->message), "'%s' is not '%s'", error->message, impossible[_i].message);
}
END_TEST

START_TEST (own_optimizers)
{
  static const gchar *const options[] = { "--no-optimizer", "--add-optimizer=generator", "--optimizer.generator.plugin=adam",
                                          "--optimizer.generator.learning-rate=0", "--add-optimizer=adam", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (options, &error);
  g_autoptr (GantrySession) before = make_session ();
  GantryState *state;

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  turn (session, 1);
  state = gantry_session_get_state (session);
  assert_equal_arrays (gantry_state_get (state, "generator.0.weight"),
                       gantry_state_get (gantry_session_get_state (before), "generator.0.weight"), "what a rate of 0 moves");
  ck_assert (memcmp (gantry_array_get_data (gantry_state_get (state, "discriminator.3.weight")),
                     gantry_array_get_data (gantry_state_get (gantry_session_get_state (before), "discriminator.3.weight")), 24)
             != 0);
}
END_TEST

/* Weights near the end of float32 give infinite logits. */
START_TEST (diverged)
{
  static const gchar *const options[] = { "--no-regularizer", "--discriminator.layers=flatten; linear features=1 initial=normal(0,1e38)", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (options, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (!gantry_session_turn (session, &error));
  ck_assert (g_error_matches (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DIVERGED));
  ck_assert_msg (g_str_has_prefix (error->message, "phase discriminator of step 1 (0 images): discriminator.loss"), "%s", error->message);
  ck_assert_msg (g_str_has_suffix (error->message, "the training has diverged"), "%s", error->message);
}
END_TEST

START_TEST (no_gradient)
{
  g_autofree gchar *plugins = g_build_filename (folder, "plugins", "architecture", NULL);
  g_autofree gchar *top = g_path_get_dirname (plugins);
  g_autofree gchar *link = g_build_filename (plugins, "deaf.so", NULL);
  g_autofree gchar *module = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "train", ".libs", "deaf.so", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryPipeline) pipeline = NULL;
  g_autofree gchar *text = NULL;

  g_mkdir_with_parents (plugins, 0777);
  ck_assert_int_eq (symlink (module, link), 0);
  gantry_registry_prepend_folder (gantry_registry_get_default (), top);
  text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=8\nbackend=reference\n[reader]\nplugin=idx\nimages=%s\n"
                          "[generator]\nplugin=sequential\nlatent=3\nlayers=linear features=16; reshape 1x4x4\n"
                          "[discriminator]\nplugin=deaf\n[loss]\nplugin=hinge\n[optimizer]\nplugin=adam\n",
                          images);
  pipeline = gantry_pipeline_new (fixture_registry ());
  ck_assert (gantry_pipeline_load_text (pipeline, text, "p.ini", &error));
  ck_assert_ptr_null (gantry_session_new (pipeline, &error));
  ck_assert_msg (strstr (error->message, "player discriminator: the trainable variable discriminator.idle gets no gradient") != NULL, "%s",
                 error->message);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("session");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, phases);
  tcase_add_test (tests, only_the_player_moves);
  tcase_add_test (tests, resumed);
  tcase_add_test (tests, seeds_differ);
  tcase_add_test (tests, samples);
  tcase_add_test (tests, refused);
  tcase_add_test (tests, metadata);
  tcase_add_loop_test (tests, impossible_pipeline, 0, G_N_ELEMENTS (impossible));
  tcase_add_test (tests, own_optimizers);
  tcase_add_test (tests, diverged);
  tcase_add_test (tests, no_gradient);
  return fixture_run (tests);
}
