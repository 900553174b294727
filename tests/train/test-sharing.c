/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Phases of a turn that run as one program: what they compute, what that saves, and where nothing is to be saved. */
#include "engine/allocation-fixture.h"
#include "train/session-fixture.h"

#include <math.h>
#include <unistd.h>

#define BATCH 8
#define TOGETHER "discriminator+generator"

#define DCGAN_GENERATOR "plugin=dcgan\nwidth=4\nlatent=5"
#define DCGAN_DISCRIMINATOR "plugin=dcgan\nwidth=4"
#define DROPPING_GENERATOR \
  "plugin=sequential\nlatent=5\nlayers=linear features=32; batch-norm; relu; dropout p=0.3; linear features=64; reshape 1x8x8; tanh"
#define DROPPING_DISCRIMINATOR "plugin=sequential\nlayers=flatten; linear features=12; dropout p=0.2; leaky-relu slope=0.2; linear features=1"
#define R1 "[regularizer r1]\ngamma=0.1\n"

typedef struct {
  const gchar *generator;
  const gchar *discriminator;
  const gchar *more;    /* further sections */
  const gchar *options; /* separated by bars */
  const gchar *runs;    /* of a turn */
} Case;

static const Case cases[] = {
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "", TOGETHER },
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "--dtype=float64|--backend=reference", TOGETHER },
  { DROPPING_GENERATOR, DROPPING_DISCRIMINATOR, "[average]\nhalf-life=100\n", "", TOGETHER },
  { DROPPING_GENERATOR, DROPPING_DISCRIMINATOR, R1 "[optimizer generator]\nplugin=adam\n",
    "--optimizer.adam.learning-rate=1e-3:1e-4 linear|--regularizer.gamma=0.1:1 cosine", TOGETHER },
  /* The discriminator's mask has two shapes. */
  { DROPPING_GENERATOR, DROPPING_DISCRIMINATOR, "", "--game.critic-batch=joint", TOGETHER },
  { DCGAN_GENERATOR, DROPPING_DISCRIMINATOR, "", "--game.discriminator-steps=3|--clip-gradients=0.01", "discriminator discriminator " TOGETHER },
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, R1, "--regularizer.interval=2", TOGETHER " discriminator-regularization/2" },
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, R1, "--regularizer.interval=3|--regularizer.step=fused", TOGETHER },
  { DCGAN_GENERATOR, DROPPING_DISCRIMINATOR, "[regularizer]\nplugin=weight-clip\n", "--loss=wasserstein", TOGETHER },
  { DROPPING_GENERATOR, DROPPING_DISCRIMINATOR, "[regularizer]\nplugin=gradient-penalty\n", "--loss=wasserstein", TOGETHER },
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "--game.fakes=fresh", "discriminator generator" },
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "--game.first=generator", "generator discriminator" },
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "--game.updates=simultaneous", "both" },
  /* The discriminator's phase has the vectors that are stored, the generator's iterates. */
  { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "--generator.normalization=spectral", "discriminator generator" },
  { DCGAN_GENERATOR, "plugin=sequential\nlayers=flatten; linear features=1", "", "--micro-batch=4|--generator.normalization=none",
    "discriminator generator" },
};

static GantrySession *
make (const Case *how, const gchar *option)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=%d\nbatch=%d\nthreads=2\nbackend=openblas;reference\n[reader]\nplugin=idx\n"
                                            "images=%s\nresolution=8\nfit=resize\n[generator]\n%s\n[discriminator]\n%s\n"
                                            "[loss]\nplugin=non-saturating\n[optimizer]\nplugin=adam\nlearning-rate=1e-2\n%s",
                                            9 * BATCH + 3, BATCH, images, how->generator, how->discriminator, how->more);
  g_auto (GStrv) options = g_strsplit (how->options, "|", -1);
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;
  GantrySession *session;
  gboolean is_good = gantry_pipeline_load_text (pipeline, text, "p.ini", &error);

  for (guint i = 0; is_good && options[i] != NULL && *options[i] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options[i], "=", 2);

      is_good = gantry_pipeline_apply_option (pipeline, parts[0], parts[1], &error);
    }
  if (is_good && option != NULL)
    is_good = gantry_pipeline_apply_option (pipeline, "--share-activations", option, &error);
  ck_assert_msg (is_good, "%s", error != NULL ? error->message : "");
  session = gantry_session_new (pipeline, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

/* "discriminator generator": a name for each run, behind which stands what is not 1. */
static gchar *
describe_runs (GantrySession *session)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_runs, interval;

  for (guint i = 0; gantry_session_get_run (session, i, &n_runs, &interval) != NULL; i++)
    for (guint k = 0; k < n_runs; k++)
      {
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", gantry_session_get_run (session, i, NULL, NULL));
        if (interval > 1)
          g_string_append_printf (text, "/%u", interval);
      }
  return g_strdup (text->str);
}

static void
assert_equal_terms (GantrySession *a, GantrySession *b)
{
  g_auto (GStrv) names = gantry_session_list_terms (a);
  g_auto (GStrv) others = gantry_session_list_terms (b);
  g_auto (GStrv) outputs = gantry_session_list_outputs (a);

  ck_assert_uint_gt (g_strv_length (names), 3);
  ck_assert (g_strv_equal ((const gchar *const *) names, (const gchar *const *) others));
  for (guint i = 0; names[i] != NULL; i++)
    {
      gdouble left, right;

      ck_assert (gantry_session_get_term (a, names[i], &left) && gantry_session_get_term (b, names[i], &right));
      ck_assert_msg (left == right, "%s: %.17g and %.17g", names[i], left, right);
    }
  for (guint i = 0; outputs[i] != NULL; i++)
    assert_equal_arrays (gantry_session_get_output (a, outputs[i], NULL), gantry_session_get_output (b, outputs[i], NULL), outputs[i]);
  if (gantry_session_get_output (a, "loss", NULL) != NULL)
    assert_equal_arrays (gantry_session_get_output (a, "loss", NULL), gantry_session_get_output (b, "loss", NULL), "loss");
}

/* Bit for bit, up to the last batch, which is smaller. */
START_TEST (as_one_by_one)
{
  g_autoptr (GantrySession) together = make (&cases[_i], "yes");
  g_autoptr (GantrySession) apart = make (&cases[_i], "no");
  g_autofree gchar *runs = describe_runs (together);
  g_autofree gchar *others = describe_runs (apart);

  ck_assert_str_eq (runs, cases[_i].runs);
  ck_assert_ptr_null (strchr (others, '+'));
  while (gantry_session_get_images (together) < 9 * BATCH + 3)
    {
      turn (together, 1);
      turn (apart, 1);
      assert_equal_states (together, apart);
      assert_equal_terms (together, apart);
    }
  ck_assert_uint_eq (gantry_session_get_images (apart), gantry_session_get_images (together));
}
END_TEST

static gdouble
count_flops (GantryProgram *program)
{
  GantryProgramReport report = { .size = sizeof report };

  ck_assert_ptr_nonnull (program);
  gantry_program_get_report (program, &report);
  return report.flops;
}

/* The generator's forward pass alone. */
static gdouble
count_forward (GantrySession *session)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  GantryNetwork *generator = gantry_session_get_network (session, "generator");
  GantryComponent *reference = gantry_registry_create (fixture_registry (), "backend", "reference", "reference", &error);
  GantryBackend *backends[] = { GANTRY_BACKEND (reference) };

  gantry_tensors_set (inputs, "latent", gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "latent", GANTRY_SHAPE (BATCH, 5, 1, 1)));
  gantry_graph_output (graph, "image", gantry_network_apply_named (generator, graph, inputs, "image", GANTRY_MODE_FROZEN));
  program = gantry_program_compile (graph, state, backends, 1, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  g_object_unref (reference);
  return count_flops (program);
}

START_TEST (saves_a_forward_pass)
{
  static const Case how = { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "", "" };
  g_autoptr (GantrySession) session = make (&how, NULL);
  const gdouble discriminator = count_flops (gantry_session_get_program (session, "discriminator", NULL));
  const gdouble generator = count_flops (gantry_session_get_program (session, "generator", NULL));
  const gdouble together = count_flops (gantry_session_get_program (session, TOGETHER, NULL));
  const gdouble forward = count_forward (session);

  ck_assert_ptr_nonnull (gantry_session_get_graph (session, TOGETHER, NULL));
  ck_assert_double_gt (forward, 0.05 * together);
  /* Scalars of the optimizer's step are shared, too. */
  ck_assert_double_eq_tol (discriminator + generator - together, forward, 1e-3 * forward);
}
END_TEST

static const gchar *const backends[] = { "--backend=reference", "--backend=openblas;reference" };

#ifdef __SANITIZE_ADDRESS__
#define N_COUNTED 0 /* the sanitizer's hooks count what OpenMP's runtime takes for the draws, too */
#else
#define N_COUNTED G_N_ELEMENTS (backends)
#endif

/* Every kernel of the step of both players, on a batch that openblas blocks.  It is not the reader's, whose threads allocate as they read ahead. */
START_TEST (allocates_nothing)
{
  g_autofree gchar *options = g_strconcat ("--batch=32|--clip-gradients=1|", backends[_i], NULL);
  const Case how = { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, R1, options, "" };
  g_autoptr (GantrySession) session = make (&how, NULL);
  GantryProgram *program = gantry_session_get_program (session, TOGETHER, NULL);
  GantryProgramReport report = { .size = sizeof report };
  GantryRun run = { sizeof run, 0, 0 };
  GantryArray *batch = gantry_program_get_input (program, "real.image");
  gboolean done = TRUE;
  gint before;

  for (gsize i = 0; i < gantry_array_get_size (batch); i++)
    gantry_array_set_double (batch, i, (gdouble) (i % 17) / 8 - 1);
  gantry_program_get_report (program, &report);
  ck_assert_int_eq (report.n_blocked > 0, _i > 0);
  /* The first run starts the threads of OpenMP. */
  done = gantry_program_run (program, &run, NULL);
  before = allocation_count ();
  for (run.step = 1; run.step <= 3; run.step++)
    done = gantry_program_run (program, &run, NULL) && done;
  ck_assert_int_eq (before, allocation_count ());
  ck_assert_int_gt (before, 0);
  ck_assert (done);
}
END_TEST

static void
on_span (GantrySession *session, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span, gpointer user_data)
{
  if (span->part == GANTRY_PROGRAM_INPUTS)
    g_string_append_printf (user_data, "%s ", phase);
}

/* What a turn runs is told by name; where something is bound the phases run by themselves, and equal numbers give equal bits. */
START_TEST (bound_phases_run_alone)
{
  static const Case how = { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, R1, "--regularizer.interval=3", "" };
  g_autoptr (GantrySession) bound = make (&how, NULL);
  g_autoptr (GantrySession) free_one = make (&how, NULL);
  g_autoptr (GString) runs = g_string_new (NULL);
  g_autoptr (GantryArray) rate = gantry_array_new (GANTRY_FLOAT32, GANTRY_SCALAR);
  const gchar *const rate_name = "optimizer.adam.learning-rate";
  GantryArray *step;

  gantry_session_set_profile_func (bound, on_span, runs, NULL);
  turn (bound, 2);
  ck_assert_str_eq (runs->str, "discriminator discriminator-regularization generator " TOGETHER " ");
  g_string_truncate (runs, 0);
  gantry_array_set_double (rate, 0, 1e-2);
  ck_assert (gantry_session_bind (bound, "generator", rate_name, rate, NULL));
  turn (bound, 1);
  ck_assert (gantry_session_bind (bound, "generator", rate_name, NULL, NULL));
  turn (bound, 2);
  ck_assert_str_eq (runs->str, "discriminator generator discriminator discriminator-regularization generator " TOGETHER " ");
  turn (free_one, 5);
  assert_equal_states (bound, free_one);
  g_string_truncate (runs, 0);
  step = gantry_state_get (gantry_session_get_state (bound), "optimizer.discriminator.step");
  ck_assert (gantry_session_bind (bound, "discriminator", "optimizer.discriminator.step", step, NULL));
  turn (bound, 1);
  ck_assert_str_eq (runs->str, "discriminator generator ");
  ck_assert (gantry_session_bind (bound, "discriminator", "optimizer.discriminator.step", NULL, NULL));
  turn (bound, 1);
  ck_assert (g_str_has_suffix (runs->str, "generator "));
}
END_TEST

/* A loaded batch, and phases that are run by hand: together or one by one. */
START_TEST (run_by_hand)
{
  static const Case how = { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "", "" };
  g_autoptr (GantrySession) together = make (&how, NULL);
  g_autoptr (GantrySession) apart = make (&how, NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (gantry_session_load (together, NULL) && gantry_session_load (apart, NULL));
  ck_assert (gantry_session_run_phase (together, TOGETHER, NULL));
  ck_assert (gantry_session_run_phase (apart, "discriminator", NULL) && gantry_session_run_phase (apart, "generator", NULL));
  assert_equal_states (together, apart);
  assert_equal_terms (together, apart);
  ck_assert (!gantry_session_run_phase (together, "generator+discriminator", &error));
}
END_TEST

static const gchar *const broken[][2] = {
  { "generator.main.0.weight", "discriminator.loss" },
  { "optimizer.discriminator.v.discriminator.main.0.weight", "generator.loss" },
};

/* Whose term is no number any more, in which step. */
START_TEST (divergence_names_the_phase)
{
  static const Case how = { DCGAN_GENERATOR, DCGAN_DISCRIMINATOR, "", "", "" };
  GantrySession *sessions[2] = { make (&how, "yes"), make (&how, "no") };
  GError *errors[2] = { NULL, NULL };

  for (guint i = 0; i < 2; i++)
    {
      turn (sessions[i], 2);
      gantry_array_set_double (gantry_state_get (gantry_session_get_state (sessions[i]), broken[_i][0]), 0, NAN);
      ck_assert (!gantry_session_turn (sessions[i], &errors[i]));
      ck_assert (g_error_matches (errors[i], GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DIVERGED));
    }
  ck_assert_str_eq (errors[0]->message, errors[1]->message);
  ck_assert_msg (strstr (errors[0]->message, broken[_i][1]) != NULL, "%s", errors[0]->message);
  for (guint i = 0; i < 2; i++)
    {
      g_error_free (errors[i]);
      g_object_unref (sessions[i]);
    }
}
END_TEST

/* A game whose critics do not detach what they judge: no gradient of the generator's goes through their steps. */
START_TEST (no_look_ahead)
{
  static const gchar text[] = "[pipeline]\nimages=1000\nbatch=8\nthreads=1\ndtype=float64\n[game]\nplugin=two-matches\n[reader]\nplugin=mixture\n"
                              "kind=gaussian-1d\ncount=64\n[generator]\nplugin=mlp\n[network near-critic]\nplugin=mlp\n"
                              "[network far-critic]\nplugin=mlp\n[loss]\nplugin=non-saturating\n[optimizer]\nplugin=sgd\nlearning-rate=0.5\n";
  g_autofree gchar *plugins = g_build_filename (folder, "game", NULL);
  g_autofree gchar *link = g_build_filename (plugins, "two-matches.so", NULL);
  g_autofree gchar *module = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "train", ".libs", "two-matches.so", NULL);
  GantrySession *sessions[2];
  g_autofree gchar *runs = NULL;

  ck_assert_int_eq (g_mkdir (plugins, 0700), 0);
  ck_assert_int_eq (symlink (module, link), 0);
  gantry_registry_prepend_folder (gantry_registry_get_default (), folder);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());
      g_autoptr (GError) error = NULL;

      ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
      ck_assert (gantry_pipeline_apply_option (pipeline, "--share-activations", i == 0 ? "yes" : "no", &error));
      sessions[i] = gantry_session_new (pipeline, &error);
      ck_assert_msg (sessions[i] != NULL, "%s", error != NULL ? error->message : "");
      turn (sessions[i], 3);
    }
  runs = describe_runs (sessions[0]);
  ck_assert_str_eq (runs, "critics+generator");
  assert_equal_states (sessions[0], sessions[1]);
  assert_equal_terms (sessions[0], sessions[1]);
  g_object_unref (sessions[0]);
  g_object_unref (sessions[1]);
}
END_TEST

int
main (void)
{
  TCase *tests = tcase_create ("sharing");

  if (!allocation_start ())
    return EXIT_FAILURE;
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, as_one_by_one, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tests, saves_a_forward_pass);
  tcase_add_loop_test (tests, allocates_nothing, 0, N_COUNTED);
  tcase_add_test (tests, bound_phases_run_alone);
  tcase_add_test (tests, run_by_hand);
  tcase_add_loop_test (tests, divergence_names_the_phase, 0, G_N_ELEMENTS (broken));
  tcase_add_test (tests, no_look_ahead);
  return fixture_run (tests);
}
