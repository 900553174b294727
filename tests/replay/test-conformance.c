/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The conformance runner over the reference cases of the project, and what it must not let pass. */
#include <check.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include <gantry/gantry.h>

static gchar *folder;

static void
remove_all (const gchar *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

static void
set_up (void)
{
  folder = g_dir_make_tmp ("gantry-conformance-XXXXXX", NULL);
  ck_assert_ptr_nonnull (folder);
}

static void
tear_down (void)
{
  remove_all (folder);
  g_clear_pointer (&folder, g_free);
}

/* Runs the runner; gives its exit status and what it printed. */
static gint
run (const gchar *plugins, const gchar *const *arguments, gchar **output)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree gchar *program = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "tests", "conformance", NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (plugins != NULL)
    g_subprocess_launcher_setenv (launcher, "GANTRY_SYSTEM_PLUGIN_PATH", plugins, TRUE);
  g_subprocess_launcher_set_cwd (launcher, "/");
  g_strv_builder_add (builder, program);
  g_strv_builder_addv (builder, (const gchar **) arguments);
  argv = g_strv_builder_end (builder);
  process = g_subprocess_launcher_spawnv (launcher, (const gchar *const *) argv, &error);
  ck_assert_msg (process != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (g_subprocess_communicate_utf8 (process, NULL, NULL, output, NULL, NULL));
  ck_assert (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}

static gchar *
get_cases (const gchar *category)
{
  return g_build_filename (g_getenv ("GANTRY_TEST_SOURCE"), "tests", "reference", category, NULL);
}

/* Copies a case under another name, with its description or one expected element changed. */
static void
copy_case (const gchar *category, const gchar *name, const gchar *find, const gchar *put, const gchar *tensor)
{
  g_autofree gchar *cases = get_cases (category);
  g_autofree gchar *from = g_build_filename (cases, name, NULL);
  g_autofree gchar *json = g_strconcat (from, ".json", NULL), *data = g_strconcat (from, ".safetensors", NULL);
  g_autofree gchar *json_copy = g_build_filename (folder, "copy.json", NULL), *data_copy = g_build_filename (folder, "copy.safetensors", NULL);
  g_autoptr (GantryCheckpoint) tensors = gantry_checkpoint_load (data, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gchar *contents = NULL;

  ck_assert_ptr_nonnull (tensors);
  ck_assert (g_file_get_contents (json, &contents, NULL, NULL));
  g_string_assign (text, contents);
  if (find != NULL)
    ck_assert_uint_eq (g_string_replace (text, find, put, 1), 1);
  if (tensor != NULL)
    {
      GantryArray *array = gantry_checkpoint_get (tensors, tensor);

      ck_assert_ptr_nonnull (array);
      gantry_array_set_double (array, 0, gantry_array_get_double (array, 0) * 1.001 + 0.001);
    }
  ck_assert (g_file_set_contents (json_copy, text->str, -1, NULL));
  ck_assert (gantry_checkpoint_save (tensors, data_copy, NULL));
}

static gint
run_copy (gchar **output)
{
  return run (NULL, (const gchar *const[]) { folder, NULL }, output);
}

static const struct {
  const gchar *backend;
  const gchar *dtype;
} setups[] = {
  { "reference", "float64" }, { "reference", "float32" }, { "openblas", "float64" }, { "openblas", "float32" },
#ifdef WITH_ONEDNN
  { "onednn", "float32" },
#endif
};

/* Everything that is built passes; what is skipped is far from everything. */
START_TEST (test_all_cases_pass)
{
  g_autofree gchar *cases = get_cases (NULL), *output = NULL;
  const gchar *backend = setups[_i].backend, *dtype = setups[_i].dtype;
  gint status = run (NULL, (const gchar *const[]) { "--backend", backend, "--dtype", dtype, cases, NULL }, &output);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (output), "\n", -1);
  guint passed = 0, failed = 1, skipped = 0;

  ck_assert_int_eq (sscanf (lines[g_strv_length (lines) - 1], "%u passed, %u failed, %u skipped", &passed, &failed, &skipped), 3);
  for (guint i = 0; lines[i] != NULL; i++)
    ck_assert_msg (!g_str_has_prefix (lines[i], "FAIL"), "%s %s: %s", backend, dtype, lines[i]);
  ck_assert_int_eq (status, 0);
  ck_assert_uint_eq (failed, 0);
  ck_assert_uint_ge (passed, 136);
  ck_assert_uint_eq (passed + skipped, g_strv_length (lines) - 1);
}
END_TEST

START_TEST (test_a_case_by_another_name_passes)
{
  g_autofree gchar *output = NULL;

  copy_case ("losses", "hinge", NULL, NULL, NULL);
  ck_assert_int_eq (run_copy (&output), 0);
  ck_assert_msg (g_str_has_prefix (output, "PASS losses/copy "), "%s", output);
}
END_TEST

static const gchar *const corrupted[][3] = {
  { "ops", "conv2d_k3s1p1_2nd", "grad.param.weight" },
  { "ops", "conv2d_k3s1p1_2nd", "out.g.input" },
  { "losses", "hinge", "out.d_loss" },
  { "losses", "hinge", "grad.g_loss.x.fake_logits" },
  { "networks", "dcgan_generator", "out.buffer_after.main.1.running_mean" },
  { "optimizers", "adam_default", "out.state.exp_avg.b" },
  { "regularizers", "r1", "grad.param.conv1.weight" },
  { "regularizers", "wgan_gp_full_d_loss", "out.x_hat" },
  { "regularizers", "weight_clipping", "out.a" },
  { "regularizers", "gradient_clipping_by_global_norm", "out.g2" },
  { "training", "dcgan_nonsaturating_3_steps", "out.step2.errG" },
  { "training", "wgan_gp_2_generator_steps", "out.critic1_1.gp" },
};

START_TEST (test_a_wrong_number_fails)
{
  g_autofree gchar *output = NULL;

  copy_case (corrupted[_i][0], corrupted[_i][1], NULL, NULL, corrupted[_i][2]);
  ck_assert_int_eq (run_copy (&output), 1);
  ck_assert_msg (g_str_has_prefix (output, "FAIL "), "%s", output);
  ck_assert_msg (strstr (output, corrupted[_i][2]) != NULL, "%s", output);
  ck_assert_msg (g_str_has_suffix (output, "0 passed, 1 failed, 0 skipped\n"), "%s", output);
}
END_TEST

START_TEST (test_an_output_that_is_not_produced_fails)
{
  g_autofree gchar *output = NULL;

  copy_case ("losses", "hinge", "\"out.d_loss\"", "\"x.real_logits\", \"out.d_loss\"", NULL);
  ck_assert_int_eq (run_copy (&output), 1);
  copy_case ("ops", "act_relu", "\"out.y\"", "\"x.input\"", NULL);
  g_clear_pointer (&output, g_free);
  ck_assert_int_eq (run_copy (&output), 1);
}
END_TEST

START_TEST (test_what_is_not_built_is_skipped)
{
  g_autofree gchar *output = NULL;

  copy_case ("losses", "hinge", "\"subject\": \"hinge\"", "\"subject\": \"no-such-loss\"", NULL);
  ck_assert_int_eq (run_copy (&output), 0);
  ck_assert_msg (g_str_has_prefix (output, "SKIP losses/copy - "), "%s", output);
  ck_assert_msg (g_str_has_suffix (output, "0 passed, 0 failed, 1 skipped\n"), "%s", output);
}
END_TEST

START_TEST (test_a_key_counts_only_at_its_neutral_value)
{
  g_autofree gchar *output = NULL;

  copy_case ("optimizers", "adam_default", "\"weight_decay\": 0.0", "\"weight_decay\": 0.01", NULL);
  run_copy (&output);
  ck_assert_msg (strstr (output, "PASS") == NULL, "%s", output);
}
END_TEST

START_TEST (test_an_unknown_key_fails)
{
  g_autofree gchar *output = NULL;

  copy_case ("losses", "hinge", "\"margin\": 1.0", "\"margin\": 1.0, \"no_such_key\": 1", NULL);
  ck_assert_int_eq (run_copy (&output), 1);
  g_clear_pointer (&output, g_free);
  copy_case ("ops", "act_leaky_relu", "\"negative_slope\": 0.2", "\"negative_slope\": 0.2, \"no_such_key\": 1", NULL);
  ck_assert_int_eq (run_copy (&output), 1);
}
END_TEST

START_TEST (test_a_key_is_used)
{
  g_autofree gchar *output = NULL;

  copy_case ("losses", "hinge", "\"margin\": 1.0", "\"margin\": 1.25", NULL);
  ck_assert_int_eq (run_copy (&output), 1);
  ck_assert_msg (g_str_has_prefix (output, "FAIL losses/copy "), "%s", output);
}
END_TEST

/* The plugins of the build, without one. */
static gchar *
link_plugins (const gchar *without)
{
  g_autofree gchar *plugins = g_build_filename (g_getenv ("GANTRY_TEST_BUILD"), "plugins", NULL);
  g_autofree gchar *result = g_build_filename (folder, "plugins", NULL);
  g_autoptr (GDir) kinds = g_dir_open (plugins, 0, NULL);
  const gchar *kind, *file;

  ck_assert_ptr_nonnull (kinds);
  while ((kind = g_dir_read_name (kinds)) != NULL)
    {
      g_autofree gchar *from = g_build_filename (plugins, kind, NULL), *to = g_build_filename (result, kind, NULL);
      g_autoptr (GDir) files = g_dir_open (from, 0, NULL);

      while (files != NULL && (file = g_dir_read_name (files)) != NULL)
        {
          g_autofree gchar *target = g_build_filename (from, file, NULL), *link = g_build_filename (to, file, NULL);
          g_autofree gchar *relative = g_build_filename (kind, file, NULL);

          if (!g_str_has_suffix (file, ".so") || g_str_equal (relative, without))
            continue;
          g_mkdir_with_parents (to, 0700);
          ck_assert_int_eq (symlink (target, link), 0);
        }
    }
  return g_steal_pointer (&result);
}

static const gchar *const plugins[][2] = {
  { "loss/hinge.so", "losses" },
  { "optimizer/adam.so", "optimizers" },
  { "architecture/dcgan.so", "networks" },
  { "regularizer/r1.so", "regularizers" },
  { "regularizer/weight-clip.so", "regularizers" },
  { "game/adversarial.so", "training" },
};

START_TEST (test_a_missing_plugin_fails)
{
  g_autofree gchar *left = link_plugins (plugins[_i][0]), *cases = get_cases (plugins[_i][1]), *output = NULL;

  ck_assert_int_eq (run (left, (const gchar *const[]) { cases, NULL }, &output), 1);
  ck_assert_msg (strstr (output, "FAIL ") != NULL, "%s", output);
}
END_TEST

START_TEST (test_bad_arguments)
{
  g_autofree gchar *output = NULL, *cases = get_cases ("losses");
  const gchar *const bad[][4] = { { NULL }, { "--backend", "no-such-backend", cases }, { "--dtype", "int8", cases }, { "/nonexistent" }, { folder } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ck_assert_int_eq (run (NULL, bad[i], &output), 2);
      g_clear_pointer (&output, g_free);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("conformance");
  TCase *all = tcase_create ("all"), *rules = tcase_create ("rules");
  SRunner *runner;
  int failed;

  tcase_set_timeout (all, 600);
  tcase_add_loop_test (all, test_all_cases_pass, 0, G_N_ELEMENTS (setups));
  suite_add_tcase (suite, all);

  tcase_set_timeout (rules, 120);
  tcase_add_checked_fixture (rules, set_up, tear_down);
  tcase_add_test (rules, test_a_case_by_another_name_passes);
  tcase_add_loop_test (rules, test_a_wrong_number_fails, 0, G_N_ELEMENTS (corrupted));
  tcase_add_test (rules, test_an_output_that_is_not_produced_fails);
  tcase_add_test (rules, test_what_is_not_built_is_skipped);
  tcase_add_test (rules, test_a_key_counts_only_at_its_neutral_value);
  tcase_add_test (rules, test_an_unknown_key_fails);
  tcase_add_test (rules, test_a_key_is_used);
  tcase_add_loop_test (rules, test_a_missing_plugin_fails, 0, G_N_ELEMENTS (plugins));
  tcase_add_test (rules, test_bad_arguments);
  suite_add_tcase (suite, rules);

  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed > 0 ? 1 : 0;
}
