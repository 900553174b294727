/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Phases one at a time: variables bound to arrays, terms and published tensors of any shape read by name. */
#include "train/session-fixture.h"

#include <math.h>
#include <unistd.h>

#define PLAIN "--generator.layers=linear features=16; relu; linear features=16; reshape 1x4x4; tanh"
#define STEEP "--discriminator.layers=flatten; linear features=6; softplus; linear features=1"
#define EXACT "--dtype=float64"

static GantrySession *
make (const gchar *const *options)
{
  g_autoptr (GError) error = NULL;
  GantrySession *session = make_session_with (options, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
run (GantrySession *session, const gchar *phase)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_session_run_phase (session, phase, &error), "%s", error != NULL ? error->message : "");
}

static GantryArray *
output (GantrySession *session, const gchar *name)
{
  g_autoptr (GError) error = NULL;
  GantryArray *array = gantry_session_get_output (session, name, &error);

  ck_assert_msg (array != NULL, "%s", error != NULL ? error->message : "");
  return array;
}

static gdouble
term (GantrySession *session, const gchar *name)
{
  gdouble value = NAN;

  ck_assert_msg (gantry_session_get_term (session, name, &value), "no term %s", name);
  return value;
}

static void
assert_shape (GantryArray *array, const GantryShape *shape)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_array_get_shape (array));

  ck_assert_msg (gantry_shape_equal (gantry_array_get_shape (array), shape), "%s", found);
}

static void
assert_error (GantrySession *session, const gchar *name, const gchar *message)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_session_get_output (session, name, &error));
  ck_assert (g_error_matches (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_OUTPUT));
  ck_assert_str_eq (error->message, message);
}

/* R1 is gamma / 2 times the mean of what it publishes sample by sample, which is the square of its gradient. */
static void
assert_r1 (GantrySession *session)
{
  GantryArray *squares = output (session, "discriminator.r1.per-sample"), *slope = output (session, "discriminator.r1.gradient");
  gdouble mean = 0;

  assert_shape (squares, GANTRY_SHAPE (8));
  assert_shape (slope, GANTRY_SHAPE (8, 1, SIZE, SIZE));
  for (gsize i = 0; i < 8; i++)
    {
      gdouble square = 0;

      for (gsize k = 0; k < SIZE * SIZE; k++)
        square += pow (gantry_array_get_double (slope, i * SIZE * SIZE + k), 2);
      ck_assert_double_eq_tol (gantry_array_get_double (squares, i), square, 1e-6);
      mean += square / 8;
    }
  ck_assert_double_gt (mean, 0);
  ck_assert_double_eq_tol (term (session, "discriminator.r1"), 0.05 * mean, 1e-6);
}

START_TEST (published)
{
  g_autoptr (GantrySession) session = make (NULL);
  g_auto (GStrv) names = gantry_session_list_outputs (session);
  g_autoptr (GantryCheckpoint) saved = NULL;
  static const gchar *const due[] = { "discriminator.loss.real", "discriminator.loss.fake", "discriminator.loss", "discriminator.r1.gradient",
                                      "discriminator.r1.per-sample", "discriminator.r1", "generator.loss" };

  for (guint i = 0; i < G_N_ELEMENTS (due); i++)
    ck_assert_msg (g_strv_contains ((const gchar *const *) names, due[i]), "no %s", due[i]);
  ck_assert_uint_eq (g_strv_length (names), G_N_ELEMENTS (due));
  assert_error (session, "discriminator.r1.gradient",
                "the output 'discriminator.r1.gradient' is there after a run of phase discriminator, which has not run yet");
  turn (session, 1);
  assert_r1 (session);
  ck_assert_ptr_eq (output (session, "r1.gradient"), output (session, "discriminator.r1.gradient"));
  ck_assert_ptr_eq (output (session, "loss"), output (session, "generator.loss"));
  assert_shape (output (session, "discriminator.loss"), GANTRY_SCALAR);
  ck_assert_double_eq (gantry_array_get_double (output (session, "discriminator.loss"), 0), term (session, "discriminator.loss"));
  assert_error (session, "discriminator.r1.gradeint",
                "no phase has an output 'discriminator.r1.gradeint' (did you mean 'discriminator.r1.gradient'?)");
  saved = gantry_session_to_checkpoint (session);
  ck_assert (gantry_session_restore (session, saved, NULL));
  assert_error (session, "loss", "the output 'loss' is there after a run of phase discriminator, which has not run yet");
}
END_TEST

/* In a step of its own, or in some programs of a phase: what was computed last stays, what is computed always follows. */
START_TEST (now_and_then)
{
  static const gchar *const separate[] = { "--regularizer.r1.interval=3", NULL };
  static const gchar *const fused[] = { "--regularizer.r1.interval=3", "--regularizer.r1.step=fused", NULL };
  g_autoptr (GantrySession) session = make (_i == 0 ? separate : fused);
  g_autoptr (GantryArray) first = NULL;
  g_auto (GStrv) names = gantry_session_list_outputs (session);
  guint n = 0;

  for (guint i = 0; names[i] != NULL; i++)
    n += g_str_equal (names[i], "discriminator.r1.gradient");
  ck_assert_uint_eq (n, 1);
  for (guint step = 0; step < 4; step++)
    {
      turn (session, 1);
      ck_assert_double_eq (gantry_array_get_double (output (session, "discriminator.loss.real"), 0), term (session, "discriminator.loss.real"));
      assert_r1 (session);
      if (step == 0)
        first = gantry_array_copy (output (session, "discriminator.r1.gradient"));
      ck_assert ((memcmp (gantry_array_get_data (first), gantry_array_get_data (output (session, "discriminator.r1.gradient")),
                          gantry_array_get_bytes (first))
                  == 0)
                 == (step < 3));
    }
}
END_TEST

static void
add_plugin (void)
{
  g_autofree gchar *plugins = g_build_filename (folder, "regularizer", NULL);
  g_autofree gchar *link = g_build_filename (plugins, "outspoken.so", NULL);
  g_autofree gchar *module = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "train", ".libs", "outspoken.so", NULL);

  ck_assert_int_eq (g_mkdir (plugins, 0700), 0);
  ck_assert_int_eq (symlink (module, link), 0);
  gantry_registry_prepend_folder (gantry_registry_get_default (), folder);
}

/* Whatever is published of a batch in parts is that of the whole batch. */
START_TEST (in_parts)
{
  static const gchar *const more[][3] = { { "--seed=1", "--seed=1", NULL },
                                          { "--regularizer=gradient-penalty", "--loss=wasserstein", NULL },
                                          { "--game.updates=simultaneous", "--clip-gradients=0.01", NULL },
                                          { "--regularizer=outspoken", "--seed=2", NULL } };
  const gchar *options[] = { PLAIN, STEEP, EXACT, more[_i][0], more[_i][1], NULL, NULL };
  g_autoptr (GantrySession) whole = NULL, parts = NULL;
  g_auto (GStrv) names = NULL;

  add_plugin ();
  whole = make (options);
  options[5] = "--micro-batch=3";
  parts = make (options);
  turn (whole, 2);
  turn (parts, 2);
  names = gantry_session_list_outputs (whole);
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *a, *b;

      if (g_str_has_suffix (names[i], ".pairs"))
        {
          assert_error (parts, names[i],
                        "the output 'discriminator.outspoken.pairs' mixes samples in another way than by a sum or mean over the batch: with "
                        "micro-batch it cannot be read");
          continue;
        }
      a = output (whole, names[i]);
      b = output (parts, names[i]);
      assert_shape (b, gantry_array_get_shape (a));
      for (gsize k = 0; k < gantry_array_get_size (a); k++)
        ck_assert_msg (fabs (gantry_array_get_double (a, k) - gantry_array_get_double (b, k)) < 1e-12, "%s: %g in parts, %g as a whole", names[i],
                       gantry_array_get_double (b, k), gantry_array_get_double (a, k));
    }
}
END_TEST

static void
bind (GantrySession *session, const gchar *phase, const gchar *name, const GantryShape *shape, gdouble value)
{
  g_autoptr (GantryArray) values = gantry_array_new (GANTRY_FLOAT64, shape);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < gantry_array_get_size (values); i++)
    gantry_array_set_double (values, i, value);
  ck_assert_msg (gantry_session_bind (session, phase, name, values, &error), "%s", error != NULL ? error->message : "");
}

static gdouble
softplus (gdouble x)
{
  return log1p (exp (x));
}

/* A critic that says 0.7 of everything, in one phase and nowhere else; taken as a whole, in parts, or with one of several programs. */
START_TEST (variables)
{
  static const gchar *const more[][2] = { { "--seed=1", "--seed=1" },
                                          { "--micro-batch=3", "--seed=1" },
                                          { "--regularizer.r1.interval=2", "--regularizer.r1.step=fused" } };
  const gchar *const options[] = { PLAIN, STEEP, more[_i][0], more[_i][1], "--average.half-life=100", NULL };
  g_autoptr (GantrySession) session = make (options), other = make (options);
  GantryState *state = gantry_session_get_state (session);
  g_autoptr (GantryArray) weight = gantry_array_copy (gantry_state_get (state, "discriminator.3.weight"));
  g_autoptr (GantryArray) bias = gantry_array_copy (gantry_state_get (state, "discriminator.3.bias"));

  bind (session, "discriminator", "discriminator.3.weight", GANTRY_SHAPE (1, 6), 0);
  bind (session, "discriminator", "discriminator.3.bias", GANTRY_SHAPE (1), 0.7);
  for (guint step = 0; step < 2; step++)
    {
      turn (session, 1);
      ck_assert_double_eq_tol (term (session, "discriminator.loss.real"), softplus (-0.7), 1e-6);
      ck_assert_double_eq_tol (term (session, "discriminator.loss.fake"), softplus (0.7), 1e-6);
      assert_equal_arrays (gantry_state_get (state, "discriminator.3.weight"), weight, "the weight that was bound");
      assert_equal_arrays (gantry_state_get (state, "discriminator.3.bias"), bias, "the bias that was bound");
    }
  /* The generator's phase has the critic as it is. */
  run (other, "generator");
  bind (session, "generator", "generator.0.weight", GANTRY_SHAPE (16, 3), 0);
  bind (session, "generator", "generator.0.weight", GANTRY_SHAPE (16, 3), 0.5);
  ck_assert (gantry_session_bind (session, "generator", "generator.0.weight", NULL, NULL));
  ck_assert (fabs (term (session, "generator.loss") - softplus (-0.7)) > 1e-3);
  /* What is bound no longer is itself again. */
  ck_assert (gantry_session_bind (session, "discriminator", "discriminator.3.weight", NULL, NULL));
  ck_assert (gantry_session_bind (session, "discriminator", "discriminator.3.bias", NULL, NULL));
  turn (session, 1);
  ck_assert (fabs (term (session, "discriminator.loss.real") - softplus (-0.7)) > 1e-3);
  ck_assert (memcmp (gantry_array_get_data (gantry_state_get (state, "discriminator.3.weight")), gantry_array_get_data (weight),
                     gantry_array_get_bytes (weight))
             != 0);
}
END_TEST

/* Bound to what they are anyway, nothing differs but that their own step is discarded. */
START_TEST (own_values)
{
  g_autoptr (GantrySession) session = make (NULL), plain = make (NULL);
  GantryState *state = gantry_session_get_state (session), *other = gantry_session_get_state (plain);
  static const gchar *const bound[] = { "discriminator.3.weight", "optimizer.discriminator.step", "discriminator.1.weight_u" };
  g_auto (GStrv) names = gantry_state_list (state);
  g_autoptr (GantryArray) batch = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (8, 1, SIZE, SIZE));

  gantry_array_set_double (batch, 5, 1);
  for (guint i = 0; i < G_N_ELEMENTS (bound); i++)
    ck_assert (gantry_session_bind (session, "discriminator", bound[i], gantry_state_get (state, bound[i]), NULL));
  ck_assert (gantry_session_bind (session, "discriminator", "real.image", batch, NULL)
             && gantry_session_bind (plain, "discriminator", "real.image", batch, NULL));
  run (session, "discriminator");
  run (plain, "discriminator");
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *a = gantry_state_get (state, names[i]), *b = gantry_state_get (other, names[i]);
      gboolean is_bound = FALSE;

      for (guint k = 0; k < G_N_ELEMENTS (bound); k++)
        is_bound |= g_str_equal (names[i], bound[k]);
      ck_assert_msg ((memcmp (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a)) == 0) == !is_bound, "%s", names[i]);
    }
  ck_assert_double_eq (gantry_array_get_double (gantry_state_get (state, "optimizer.discriminator.step"), 0), 0);
}
END_TEST

static const struct {
  const gchar *phase, *name;
  GantryDType dtype;
  gsize size;
  const gchar *message;
} mistakes[] = {
  { "discriminator", "discriminator.3.wieght", GANTRY_FLOAT32, 6,
    "phase discriminator has no input and no variable 'discriminator.3.wieght' (did you mean 'discriminator.3.weight'?)" },
  { "discriminator", "game.latnet", GANTRY_FLOAT32, 6,
    "phase discriminator has no input and no variable 'game.latnet' (did you mean 'game.latent'?)" },
  { "generator", "optimizer.discriminator.step", GANTRY_INT64, 0,
    "phase generator has no input and no variable 'optimizer.discriminator.step' (did you mean 'optimizer.generator.step'?)" },
  { "discriminator", "discriminator.3.weight", GANTRY_FLOAT32, 6,
    "phase discriminator: the variable discriminator.3.weight is float32 [1, 6]: float32 [6] cannot be bound to it" },
  { "discriminator", "discriminator.3.bias", GANTRY_INT64, 1,
    "phase discriminator: the variable discriminator.3.bias is float32 [1]: int64 [1] cannot be bound to it" },
  { "discriminator", "optimizer.discriminator.step", GANTRY_FLOAT32, 0,
    "phase discriminator: the variable optimizer.discriminator.step is int64 []: float32 [] cannot be bound to it" },
  { "discriminator", "game.latent", GANTRY_FLOAT32, 6, "input game.latent: an array [6] cannot be assigned to an array [8, 3]" },
  { "disciminator", "game.latent", GANTRY_FLOAT32, 6, "there is no phase 'disciminator'; there are: discriminator, generator" },
};

START_TEST (mistaken)
{
  g_autoptr (GantrySession) session = make (NULL), plain = make (NULL);
  g_autoptr (GantryArray) values = gantry_array_new (mistakes[_i].dtype, mistakes[_i].size > 0 ? GANTRY_SHAPE (mistakes[_i].size) : GANTRY_SCALAR);
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_session_bind (session, mistakes[_i].phase, mistakes[_i].name, values, &error));
  ck_assert_str_eq (error->message, mistakes[_i].message);
  turn (session, 1);
  turn (plain, 1);
  assert_equal_states (session, plain);
}
END_TEST

/* Arrays of the whole batch do not reach the program of a smaller last one. */
START_TEST (last_batch)
{
  static const gchar *const options[] = { "--images=20", PLAIN, STEEP, NULL };
  g_autoptr (GantrySession) session = make (options);

  turn (session, 3);
  ck_assert_uint_eq (gantry_session_get_images (session), 20);
  bind (session, "generator", "game.latent", GANTRY_SHAPE (8, 3), 0.5);
  bind (session, "generator", "optimizer.adam.learning-rate", GANTRY_SCALAR, 0);
  run (session, "generator");
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("seeing");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, published);
  tcase_add_loop_test (tests, now_and_then, 0, 2);
  tcase_add_loop_test (tests, in_parts, 0, 4);
  tcase_add_loop_test (tests, variables, 0, 3);
  tcase_add_test (tests, own_values);
  tcase_add_loop_test (tests, mistaken, 0, G_N_ELEMENTS (mistakes));
  tcase_add_test (tests, last_batch);
  return fixture_run (tests);
}
