/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both players of a game step at once: gradients at one point, each player's own. */
#include "train/training-fixture.h"

#include <math.h>

#define BATCH 4
#define RATE 0.1

static const gdouble real[BATCH] = { 1.5, -0.25, 0.75, 2 };
static const gdouble latent[BATCH] = { 0.3, -1.2, 0.8, 2.1 };

/* G(z) = w z + b and D(x) = a x + c. */
typedef struct {
  gdouble w, b, a, c;
} Point;

static GantryPipeline *
make_pipeline (const gchar *layers, const gchar *more)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=%d\nthreads=1\ndtype=float64\nbackend=reference\n[reader]\n"
                                            "plugin=mixture\nkind=gaussian-1d\ncount=64\nmean=1\n[generator]\nplugin=sequential\nlatent=1\n"
                                            "layers=%slinear features=1\n[discriminator]\nplugin=sequential\nlayers=linear features=1\n"
                                            "[loss]\nplugin=non-saturating\n[optimizer]\nplugin=sgd\nlearning-rate=0.1\n%s",
                                            BATCH, layers, more);
  GantryPipeline *pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
  return pipeline;
}

static GantrySession *
make_session (const gchar *layers, const gchar *more)
{
  g_autoptr (GantryPipeline) pipeline = make_pipeline (layers, more);
  g_autoptr (GError) error = NULL;
  GantrySession *session = gantry_session_new (pipeline, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static gdouble *
number (GantrySession *session, const gchar *name)
{
  GantryArray *array = gantry_state_get (gantry_session_get_state (session), name);

  ck_assert_msg (array != NULL, "no %s", name);
  return gantry_array_get_data (array);
}

static void
put (GantrySession *session, const Point *point)
{
  *number (session, "generator.0.weight") = point->w;
  *number (session, "generator.0.bias") = point->b;
  *number (session, "discriminator.0.weight") = point->a;
  *number (session, "discriminator.0.bias") = point->c;
}

static void
assert_at (GantrySession *session, const Point *point)
{
  ck_assert_double_eq_tol (*number (session, "generator.0.weight"), point->w, 1e-14);
  ck_assert_double_eq_tol (*number (session, "generator.0.bias"), point->b, 1e-14);
  ck_assert_double_eq_tol (*number (session, "discriminator.0.weight"), point->a, 1e-14);
  ck_assert_double_eq_tol (*number (session, "discriminator.0.bias"), point->c, 1e-14);
}

static void
bind (GantrySession *session, const gchar *phase, const gchar *name, const gdouble *values, const GantryShape *shape)
{
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT64, shape);
  g_autoptr (GError) error = NULL;

  memcpy (gantry_array_get_data (array), values, gantry_array_get_bytes (array));
  ck_assert_msg (gantry_session_bind (session, phase, name, array, &error), "%s", error != NULL ? error->message : "");
}

static void
run (GantrySession *session, const gchar *phase)
{
  g_autoptr (GError) error = NULL;

  bind (session, phase, "game.latent", latent, GANTRY_SHAPE (BATCH, 1));
  if (gantry_graph_find_input (gantry_session_get_graph (session, phase, NULL), "real.point") != NULL)
    bind (session, phase, "real.point", real, GANTRY_SHAPE (BATCH, 1));
  ck_assert_msg (gantry_session_run_phase (session, phase, &error), "%s", error != NULL ? error->message : "");
}

static gdouble
sigmoid (gdouble x)
{
  return 1 / (1 + exp (-x));
}

/* The gradients of the non-saturating loss, by hand: D's of softplus(-D(x)) + softplus(D(G(z))), G's of softplus(-D(G(z))). */
static void
differentiate (const Point *at, Point *slope)
{
  *slope = (Point) { 0 };
  for (guint i = 0; i < BATCH; i++)
    {
      const gdouble fake = at->w * latent[i] + at->b;
      const gdouble of_real = -sigmoid (-at->a * real[i] - at->c) / BATCH, of_fake = sigmoid (at->a * fake + at->c) / BATCH;
      const gdouble of_generator = -sigmoid (-at->a * fake - at->c) / BATCH;

      slope->a += of_real * real[i] + of_fake * fake;
      slope->c += of_real + of_fake;
      slope->w += of_generator * at->a * latent[i];
      slope->b += of_generator * at->a;
    }
}

static const Point start = { 0.7, -0.4, 1.3, 0.2 };

START_TEST (at_once)
{
  g_autoptr (GantrySession) session = make_session ("", "[game]\nupdates=simultaneous\n");
  Point point = start, slope;
  gdouble loss, penalty = 0;

  ck_assert_uint_eq (g_strv_length ((gchar **) gantry_session_get_phases (session)), 1);
  ck_assert_str_eq (gantry_session_get_phases (session)[0], "both");
  put (session, &start);
  for (guint i = 0; i < 3; i++)
    {
      differentiate (&point, &slope);
      point = (Point) { point.w - RATE * slope.w, point.b - RATE * slope.b, point.a - RATE * slope.a, point.c - RATE * slope.c };
      run (session, "both");
      assert_at (session, &point);
    }
  ck_assert (gantry_session_get_term (session, "discriminator.loss.real", &loss) && gantry_session_get_term (session, "generator.loss", &penalty));
  ck_assert (loss > 0 && penalty > 0);
}
END_TEST

/* One after the other the generator sees what the discriminator has become. */
START_TEST (in_turn)
{
  g_autoptr (GantrySession) session = make_session ("", "");
  Point point = start, slope;

  put (session, &start);
  differentiate (&point, &slope);
  point.a -= RATE * slope.a;
  point.c -= RATE * slope.c;
  run (session, "discriminator");
  differentiate (&point, &slope);
  point.w -= RATE * slope.w;
  point.b -= RATE * slope.b;
  run (session, "generator");
  assert_at (session, &point);
}
END_TEST

/* R1 of a linear critic is gamma / 2 a^2: in every step, in every second times two, or as a step of its own. */
START_TEST (with_penalty)
{
  const gboolean is_separate = _i == 2;
  g_autofree gchar *more = g_strdup_printf ("[game]\nupdates=simultaneous\n[regularizer r1]\ngamma=0.5\ninterval=%d\nstep=%s\n", _i == 0 ? 1 : 2,
                                            is_separate ? "separate" : "fused");
  g_autoptr (GantrySession) session = make_session ("", more);
  const gdouble share = is_separate ? 2.0 / 3 : 1;
  Point point = start, slope;

  put (session, &start);
  differentiate (&point, &slope);
  if (!is_separate)
    slope.a += (_i == 0 ? 1 : 2) * 0.5 * point.a;
  point = (Point) { point.w - RATE * slope.w, point.b - RATE * slope.b, point.a - share * RATE * slope.a, point.c - share * RATE * slope.c };
  run (session, "both");
  assert_at (session, &point);
  if (!is_separate)
    return;
  ck_assert_str_eq (gantry_session_get_phases (session)[1], "discriminator-regularization");
  bind (session, "discriminator-regularization", "real.point", real, GANTRY_SHAPE (BATCH, 1));
  ck_assert (gantry_session_run_phase (session, "discriminator-regularization", NULL));
  point.a -= share * RATE * 2 * 0.5 * point.a;
  assert_at (session, &point);
}
END_TEST

/* The generator's statistics move once in a turn, whatever else the turn does. */
START_TEST (statistics)
{
  g_autoptr (GantrySession) session = make_session ("linear features=3; batch-norm; relu; ",
                                                    "[game]\nupdates=simultaneous\n[regularizer r1]\ninterval=2\nstep=separate\n");

  for (guint i = 0; i < 4; i++)
    ck_assert (gantry_session_turn (session, NULL));
  ck_assert_int_eq (*(gint64 *) number (session, "generator.1.num_batches_tracked"), 4);
  ck_assert_uint_eq (gantry_session_get_images (session), 4 * BATCH);
}
END_TEST

static const gchar *const resumed_with[] = {
  "[game]\nupdates=simultaneous\n", "[game]\nupdates=simultaneous\n[regularizer r1]\ninterval=3\nstep=separate\n",
  "[game]\nupdates=simultaneous\ncritic-batch=joint\n[regularizer r1]\ninterval=2\nstep=fused\n[average]\n"
};

START_TEST (resumed)
{
  g_autoptr (GantrySession) whole = make_session ("linear features=3; batch-norm; relu; ", resumed_with[_i]);
  g_autoptr (GantrySession) first = make_session ("linear features=3; batch-norm; relu; ", resumed_with[_i]);
  g_autoptr (GantrySession) second = make_session ("linear features=3; batch-norm; relu; ", resumed_with[_i]);
  g_autoptr (GantryCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = gantry_state_list (gantry_session_get_state (whole));

  for (guint i = 0; i < 7; i++)
    ck_assert (gantry_session_turn (whole, NULL));
  for (guint i = 0; i < 4; i++)
    ck_assert (gantry_session_turn (first, NULL));
  checkpoint = gantry_session_to_checkpoint (first);
  ck_assert_msg (gantry_session_restore (second, checkpoint, &error), "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < 3; i++)
    ck_assert (gantry_session_turn (second, NULL));
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *a = gantry_state_get (gantry_session_get_state (whole), names[i]);
      GantryArray *b = gantry_state_get (gantry_session_get_state (second), names[i]);

      ck_assert_msg (memcmp (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a)) == 0, "%s differs", names[i]);
    }
}
END_TEST

static const struct {
  const gchar *game, *message;
} wrong[] = {
  { "discriminator-steps=2", "game/adversarial: updates=simultaneous: both players take one step a turn: discriminator-steps must be 1" },
  { "fakes=fresh", "game/adversarial: updates=simultaneous: both players step on the same samples: fakes must be shared" },
  { "first=generator", "game/adversarial: updates=simultaneous: nobody moves first: leave out first=generator" },
};

START_TEST (refused)
{
  g_autofree gchar *more = g_strdup_printf ("[game]\nupdates=simultaneous\n%s\n", wrong[_i].game);
  g_autoptr (GantryPipeline) pipeline = make_pipeline ("", more);
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_pipeline_resolve (pipeline, &error));
  ck_assert_str_eq (error->message, wrong[_i].message);
  ck_assert (g_error_matches (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE));
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("simultaneous");

  tcase_add_test (tests, at_once);
  tcase_add_test (tests, in_turn);
  tcase_add_loop_test (tests, with_penalty, 0, 3);
  tcase_add_test (tests, statistics);
  tcase_add_loop_test (tests, resumed, 0, G_N_ELEMENTS (resumed_with));
  tcase_add_loop_test (tests, refused, 0, G_N_ELEMENTS (wrong));
  return fixture_run (tests);
}
