/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of schedule as the programs see it, without a new program: rates of each player, properties of losses, averages. */
#include "train/session-fixture.h"

#include <math.h>

#define N_TURNS 5
#define LIMIT 1e-3 /* of the gradients' norm, which is above it */
#define PLAIN "--generator.layers=linear features=16; relu; linear features=16; reshape 1x4x4; tanh"
#define CRITIC "--discriminator.layers=flatten; linear features=6; leaky-relu slope=0.2; linear features=1"

static GantrySession *
make (const gchar *const *options)
{
  g_autoptr (GError) error = NULL;
  GantrySession *session = make_session_with (options, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

/* Trainable variables of a network, one after the other. */
static GArray *
get_weights (GantrySession *session, const gchar *network)
{
  GantryState *state = gantry_session_get_state (session);
  g_auto (GStrv) names = gantry_state_list (state);
  g_autofree gchar *prefix = g_strdup_printf ("%s.", network);
  GArray *weights = g_array_new (FALSE, FALSE, sizeof (gdouble));

  for (guint i = 0; names[i] != NULL; i++)
    for (gsize k = 0; g_str_has_prefix (names[i], prefix) && k < gantry_array_get_size (gantry_state_get (state, names[i])); k++)
      {
        const gdouble value = gantry_array_get_double (gantry_state_get (state, names[i]), k);

        g_array_append_val (weights, value);
      }
  return weights;
}

static gdouble
get_distance (GArray *a, GArray *b)
{
  gdouble sum = 0;

  for (guint i = 0; i < a->len; i++)
    sum += pow (g_array_index (a, gdouble, i) - g_array_index (b, gdouble, i), 2);
  return sqrt (sum);
}

/* By batches of 8 images. */
static const struct {
  const gchar *schedule;
  gdouble values[N_TURNS];
} schedules[] = {
  { "0.5", { 0.5, 0.5, 0.5, 0.5, 0.5 } },
  { "1:0.2 linear over 32", { 1, 0.8, 0.6, 0.4, 0.2 } },
  { "1:0 cosine over 32", { 1, 0.8535533905932737, 0.5, 0.14644660940672627, 0 } },
  { "1:0.0625 exponential over 32", { 1, 0.5, 0.25, 0.125, 0.0625 } },
  { "1:0.5:0.25 steps over 24", { 1, 0.5, 0.25, 0.25, 0.25 } },
  { "0.8 warm-up 32", { 0, 0.2, 0.4, 0.6, 0.8 } },
  { "0.5 over 8, 1:0.5 linear over 16, 0.1", { 0.5, 1, 0.75, 0.1, 0.1 } },
  { "1:0.25 exponential over 16, 0.5:1 linear over 16 warm-up 32", { 0, 0.125, 0.25, 0.5625, 1 } },
};

/* A step of gradient descent is as long as its rate times the norm that gradients are clipped to: of all of a player's variables together. */
START_TEST (rates)
{
  const guint next = (_i + 1) % G_N_ELEMENTS (schedules);
  g_autofree gchar *critic = g_strdup_printf ("--optimizer.discriminator.learning-rate=%s", schedules[_i].schedule);
  g_autofree gchar *generator = g_strdup_printf ("--optimizer.generator.learning-rate=%s", schedules[next].schedule);
  const gchar *const options[] = { "--dtype=float64", PLAIN, CRITIC, "--no-optimizer", "--add-optimizer=discriminator",
                                   "--optimizer.discriminator.plugin=sgd", "--add-optimizer=generator", "--optimizer.generator.plugin=sgd",
                                   "--clip-gradients=0.001", critic, generator, NULL };
  g_autoptr (GantrySession) session = make (options);
  GantryProgram *of_critic = gantry_session_get_program (session, "discriminator", NULL);
  GantryProgram *of_generator = gantry_session_get_program (session, "generator", NULL);

  for (guint step = 0; step < N_TURNS; step++)
    {
      g_autoptr (GArray) critic_before = get_weights (session, "discriminator"), generator_before = get_weights (session, "generator");
      g_autoptr (GArray) critic_after = NULL, generator_after = NULL;
      gdouble norm;

      turn (session, 1);
      critic_after = get_weights (session, "discriminator");
      generator_after = get_weights (session, "generator");
      ck_assert (gantry_session_get_term (session, "discriminator.gradient-norm", &norm) && norm > LIMIT);
      ck_assert_double_eq_tol (get_distance (critic_after, critic_before), schedules[_i].values[step] * LIMIT * norm / (norm + 1e-6), 1e-12);
      ck_assert (gantry_session_get_term (session, "generator.gradient-norm", &norm) && norm > LIMIT);
      ck_assert_double_eq_tol (get_distance (generator_after, generator_before), schedules[next].values[step] * LIMIT * norm / (norm + 1e-6), 1e-12);
    }
  ck_assert_ptr_eq (gantry_session_get_program (session, "discriminator", NULL), of_critic);
  ck_assert_ptr_eq (gantry_session_get_program (session, "generator", NULL), of_generator);
}
END_TEST

/* Of a critic that says 0 of everything the hinge loss is the margin, twice; of real samples alone once. */
START_TEST (properties)
{
  g_autofree gchar *margin = g_strdup_printf ("--loss.margin=%s", schedules[_i].schedule);
  const gchar *const options[] = { "--dtype=float64", PLAIN, CRITIC, "--no-regularizer", "--loss=hinge", margin,
                                   "--loss.weight=2:1 linear over 16", NULL };
  g_autoptr (GantrySession) session = make (options);
  GantryProgram *program = gantry_session_get_program (session, "discriminator", NULL);
  g_autoptr (GantryArray) weight = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (1, 6));
  g_autoptr (GantryArray) bias = gantry_array_new (GANTRY_FLOAT64, GANTRY_SHAPE (1));
  static const gdouble weights[N_TURNS] = { 2, 1.5, 1, 1, 1 };

  ck_assert (gantry_session_bind (session, "discriminator", "discriminator.3.weight", weight, NULL));
  ck_assert (gantry_session_bind (session, "discriminator", "discriminator.3.bias", bias, NULL));
  for (guint step = 0; step < N_TURNS; step++)
    {
      gdouble real, loss;

      turn (session, 1);
      ck_assert (gantry_session_get_term (session, "discriminator.loss.real", &real)
                 && gantry_session_get_term (session, "discriminator.loss", &loss));
      ck_assert_double_eq_tol (real, schedules[_i].values[step], 1e-12);
      ck_assert_double_eq_tol (loss, 2 * weights[step] * schedules[_i].values[step], 1e-12);
    }
  ck_assert_ptr_eq (gantry_session_get_program (session, "discriminator", NULL), program);
}
END_TEST

/* Averages whose rule is under a schedule, against the rule by hand. */
static const struct {
  const gchar *options[4];
  gdouble decays[N_TURNS];
} averages[] = {
  { { "--average.rule=decay", "--average.decay=0.5:0.9 linear over 32", "--average.start=8", "--average.buffers=copy" }, { 0, 0.6, 0.7, 0.8, 0.9 } },
  { { "--average.rule=decay", "--average.decay=0.9 warm-up 32", "--average.start=0", "--average.buffers=copy" }, { 0, 0.225, 0.45, 0.675, 0.9 } },
  /* Half-lives of 64, 32, 16, 8 and 4 images for steps of 8. */
  { { "--average.half-life=64:4 exponential over 32", "--average.ramp-up=0", "--average.start=0", "--average.buffers=copy" },
    { 0.9170040432046712, 0.8408964152537145, 0.7071067811865476, 0.5, 0.25 } },
  /* At most 0, 10, 24, 42 images by the ramp-up: 1, 1.25, 1.5 and 1.75 times the images shown; 32 at the end. */
  { { "--average.half-life=32", "--average.ramp-up=1:2 linear over 32", "--average.start=0", "--average.buffers=copy" },
    { 0, 0.5743491774985175, 0.7937005259840998, 0.8408964152537145, 0.8408964152537145 } },
};

START_TEST (annealed)
{
  const gchar *const options[] = { "--dtype=float64", PLAIN, CRITIC, averages[_i].options[0], averages[_i].options[1], averages[_i].options[2],
                                   averages[_i].options[3], NULL };
  g_autoptr (GantrySession) session = make (options);
  g_autoptr (GArray) due = get_weights (session, "generator");

  for (guint step = 0; step < N_TURNS; step++)
    {
      g_autoptr (GArray) live = NULL, average = NULL;

      turn (session, 1);
      live = get_weights (session, "generator");
      average = get_weights (session, "generator-ema");
      ck_assert_uint_eq (average->len, due->len);
      for (guint i = 0; i < due->len; i++)
        g_array_index (due, gdouble, i) = averages[_i].decays[step] * g_array_index (due, gdouble, i)
                                          + (1 - averages[_i].decays[step]) * g_array_index (live, gdouble, i);
      ck_assert_double_gt (get_distance (live, due) + (averages[_i].decays[step] == 0), 1e-6);
      ck_assert_double_eq_tol (get_distance (average, due), 0, 1e-12);
    }
}
END_TEST

/* A limit that is not reached changes nothing. */
START_TEST (unclipped)
{
  static const gchar *const wide[] = { "--dtype=float64", "--clip-gradients=1000", NULL }, *const none[] = { "--dtype=float64", NULL };
  g_autoptr (GantrySession) clipped = make (wide), plain = make (none);
  g_autoptr (GArray) a = NULL, b = NULL;

  turn (clipped, 3);
  turn (plain, 3);
  a = get_weights (clipped, "discriminator");
  b = get_weights (plain, "discriminator");
  ck_assert_double_eq (get_distance (a, b), 0);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("moving");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, rates, 0, G_N_ELEMENTS (schedules));
  tcase_add_loop_test (tests, properties, 0, G_N_ELEMENTS (schedules));
  tcase_add_loop_test (tests, annealed, 0, G_N_ELEMENTS (averages));
  tcase_add_test (tests, unclipped);
  return fixture_run (tests);
}
