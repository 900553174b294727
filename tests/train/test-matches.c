/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Losses and regularizers of one match or another, with weights: a game with two matches. */
#include "train/training-fixture.h"

#include <math.h>
#include <unistd.h>

#define BATCH 4

static gchar *folder;
static GantryRegistry *registry;

static void
setup (void)
{
  g_autofree gchar *plugins = NULL;
  g_autofree gchar *link = NULL;
  g_autofree gchar *module = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "train", ".libs", "two-matches.so", NULL);

  folder = fixture_folder ();
  plugins = g_build_filename (folder, "game", NULL);
  link = g_build_filename (plugins, "two-matches.so", NULL);
  ck_assert_int_eq (g_mkdir (plugins, 0700), 0);
  ck_assert_int_eq (symlink (module, link), 0);
  gantry_registry_prepend_folder (gantry_registry_get_default (), folder);
  registry = fixture_registry ();
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_clear_pointer (&folder, g_free);
}

static GantryPipeline *
make_pipeline (const gchar *more)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=100\nbatch=%d\nthreads=1\ndtype=float64\nbackend=reference\n[game]\n"
                                            "plugin=two-matches\n[reader]\nplugin=mixture\nkind=gaussian-1d\ncount=64\nmean=1\n"
                                            "[generator]\nplugin=sequential\nlatent=1\nlayers=linear features=1\n"
                                            "[network near-critic]\nplugin=sequential\nlayers=linear features=1\n"
                                            "[network far-critic]\nplugin=sequential\nlayers=linear features=1\n"
                                            "[optimizer]\nplugin=sgd\nlearning-rate=0.1\n%s",
                                            BATCH, more);
  GantryPipeline *pipeline = gantry_pipeline_new (registry);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
  return pipeline;
}

static GantrySession *
make_session (const gchar *more)
{
  g_autoptr (GantryPipeline) pipeline = make_pipeline (more);
  g_autoptr (GError) error = NULL;
  GantrySession *session = gantry_session_new (pipeline, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

static void
turn (GantrySession *session)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
}

static gdouble
term (GantrySession *session, const gchar *name)
{
  gdouble value = NAN;

  ck_assert_msg (gantry_session_get_term (session, name, &value), "no term %s", name);
  return value;
}

static gboolean
has_term (GantrySession *session, const gchar *name)
{
  gdouble value;

  return gantry_session_get_term (session, name, &value);
}

static gdouble
get (GantrySession *session, const gchar *name)
{
  return gantry_array_get_double (gantry_state_get (gantry_session_get_state (session), name), 0);
}

/* What both matches have when nothing is said. */
START_TEST (all)
{
  g_autoptr (GantrySession) session = make_session ("[loss]\nplugin=hinge\n[regularizer r1]\ngamma=0.5\n");

  turn (session);
  ck_assert_double_eq_tol (term (session, "generator.loss"), term (session, "generator.loss.near") + term (session, "generator.loss.far"), 1e-12);
  ck_assert (has_term (session, "near-critic.r1.near") && has_term (session, "far-critic.r1.far"));
  ck_assert (!has_term (session, "near-critic.loss.far"));
}
END_TEST

#define TWO_LOSSES "[loss hinge]\nmatch=near\n[loss wasserstein]\nmatch=far\nweight=0.25\n"

/* R1 of a linear critic is gamma / 2 a^2. */
START_TEST (one_each)
{
  g_autoptr (GantrySession) session = make_session (TWO_LOSSES "[regularizer r1]\ngamma=2\nmatch=far\nweight=3\n");
  const gdouble slope = get (session, "far-critic.0.weight"), bias = get (session, "far-critic.0.bias");

  turn (session);
  ck_assert (has_term (session, "near-critic.loss.hinge") && !has_term (session, "near-critic.loss.wasserstein"));
  ck_assert (has_term (session, "far-critic.loss.wasserstein") && !has_term (session, "far-critic.loss.hinge"));
  ck_assert (!has_term (session, "near-critic.r1"));
  ck_assert_double_eq_tol (term (session, "far-critic.r1"), 3 * slope * slope, 1e-12);
  ck_assert_double_eq_tol (term (session, "generator.loss"), term (session, "generator.loss.hinge") + term (session, "generator.loss.wasserstein"),
                           1e-12);
  /* A Wasserstein critic's bias cancels out of its loss. */
  ck_assert_double_eq_tol (get (session, "far-critic.0.bias"), bias, 1e-14);
}
END_TEST

/* The weight is in the term, in the step, and in what the generator minimises; 0 leaves nothing. */
START_TEST (weights)
{
  g_autoptr (GantrySession) whole = make_session ("[loss]\nplugin=wasserstein\n");
  g_autoptr (GantrySession) half = make_session ("[loss]\nplugin=wasserstein\nweight=0.5\n");
  g_autoptr (GantrySession) none = make_session ("[loss]\nplugin=wasserstein\nweight=0\n");
  const gdouble start = get (whole, "near-critic.0.weight");

  turn (whole);
  turn (half);
  turn (none);
  ck_assert (get (whole, "near-critic.0.weight") != start);
  ck_assert_double_eq_tol (get (half, "near-critic.0.weight") - start, 0.5 * (get (whole, "near-critic.0.weight") - start), 1e-14);
  ck_assert_double_eq_tol (term (half, "near-critic.loss"), 0.5 * term (whole, "near-critic.loss"), 1e-14);
  ck_assert_double_eq (get (none, "near-critic.0.weight"), start);
}
END_TEST

/* A weight follows a schedule, without compiling again, and is part of a run's pipeline. */
START_TEST (scheduled)
{
  g_autoptr (GantrySession) session = make_session ("[loss]\nplugin=wasserstein\nweight=1:0 linear over 8\n[regularizer r1]\nmatch=near;far\n");
  g_autofree gchar *text = gantry_pipeline_to_text (gantry_session_get_pipeline (session));
  GantryProgram *program = gantry_session_get_program (session, "critics", NULL);
  gdouble start;

  ck_assert_msg (strstr (text, "weight=1:0 linear over 8\n") != NULL && strstr (text, "match=near; far\n") != NULL, "%s", text);
  turn (session);
  turn (session);
  start = get (session, "far-critic.0.bias");
  ck_assert_uint_eq (gantry_session_get_images (session), 8);
  turn (session);
  ck_assert_double_eq (term (session, "far-critic.loss"), 0);
  ck_assert_double_eq (get (session, "far-critic.0.bias"), start);
  ck_assert_ptr_eq (gantry_session_get_program (session, "critics", NULL), program);
}
END_TEST

/* A rule for parameters holds for the critics of its matches. */
START_TEST (constraints)
{
  g_autoptr (GantrySession) session = make_session ("[loss]\nplugin=wasserstein\n[regularizer weight-clip]\nlimit=0.001\nmatch=near\n");

  turn (session);
  ck_assert_double_le (fabs (get (session, "near-critic.0.weight")), 0.001);
  ck_assert_double_gt (fabs (get (session, "far-critic.0.weight")), 0.001);
}
END_TEST

static const struct {
  const gchar *more, *message;
} wrong[] = {
  { "[loss]\nplugin=hinge\nmatch=nar\n", "p.ini:29: loss/hinge: match: the game has no match 'nar' (did you mean 'near'?); it has: near, far" },
  { "[loss]\nplugin=hinge\n[regularizer r1]\nmatch=near;middle\n", "regularizer/r1: match: the game has no match 'middle'; it has: near, far" },
  { "[loss]\nplugin=hinge\nmatch=near\n", "no loss and no regularizer gives the discriminator's side anything to minimise" },
  { "[loss]\nplugin=hinge\nweight=-1\n", "p.ini:29: loss/hinge: weight: -1 is out of range: expected 0 to 1000000" },
};

START_TEST (refused)
{
  g_autoptr (GantryPipeline) pipeline = make_pipeline (wrong[_i].more);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_session_new (pipeline, &error));
  ck_assert_msg (strstr (error->message, wrong[_i].message) != NULL, "%s", error->message);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("matches");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, all);
  tcase_add_test (tests, one_each);
  tcase_add_test (tests, weights);
  tcase_add_test (tests, scheduled);
  tcase_add_test (tests, constraints);
  tcase_add_loop_test (tests, refused, 0, G_N_ELEMENTS (wrong));
  return fixture_run (tests);
}
