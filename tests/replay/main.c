/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replays reference cases: conformance [--backend NAME] [--dtype float32|float64] [--round NAME] DIR
   A line a case: PASS, FAIL or SKIP, category/case, the worst error as a multiple of the allowed one, and why. */
#include <locale.h>
#include <stdio.h>

#include "replay/replay.h"

static const struct {
  const gchar *category;
  gboolean (*replay) (Replay *self, GError **error);
} categories[] = {
  { "ops", replay_op },
  { "networks", replay_network },
  { "losses", replay_loss },
  { "regularizers", replay_regularizer },
  { "optimizers", replay_optimizer },
  { "training", replay_training },
};

typedef struct {
  guint passed;
  guint failed;
  guint skipped;
} Counts;

static gboolean
replay (Replay *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (categories); i++)
    if (g_str_equal (categories[i].category, self->item->category))
      return case_load_tensors (self->item, error) && categories[i].replay (self, error);
  g_set_error (error, REPLAY_ERROR, REPLAY_ERROR_NOT_BUILT, "no %s are built", self->item->category);
  return FALSE;
}

static void
report (const Case *item, const gchar *verdict, const gchar *error, const gchar *reason)
{
  printf ("%s %s/%s %s%s%s\n", verdict, item->category, item->name, error, reason != NULL ? " " : "", reason != NULL ? reason : "");
  fflush (stdout);
}

static void
replay_case (Case *item, const Setup *setup, Counts *counts)
{
  g_autoptr (Replay) self = replay_new (item, setup);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *where = NULL, *worst_text = NULL;
  gdouble worst = 0;

  if (!replay (self, &error))
    {
      gboolean is_skip = g_error_matches (error, REPLAY_ERROR, REPLAY_ERROR_NOT_BUILT);

      report (item, is_skip ? "SKIP" : "FAIL", "-", error->message);
      is_skip ? counts->skipped++ : counts->failed++;
      return;
    }
  if (replay_compare (self, &worst, &where))
    {
      worst_text = g_strdup_printf ("%.3g", worst);
      report (item, "PASS", worst_text, NULL);
      counts->passed++;
      return;
    }
  worst_text = g_strdup_printf ("%.3g", worst);
  report (item, "FAIL", worst_text, where);
  counts->failed++;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

static gboolean
walk (const gchar *folder, const gchar *round, const Setup *setup, Counts *counts, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const gchar *entry;

  if (dir == NULL)
    return FALSE;
  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (entry));
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree gchar *path = g_build_filename (folder, names->pdata[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          if (!walk (path, round, setup, counts, error))
            return FALSE;
        }
      else if (g_str_has_suffix (path, ".json"))
        {
          g_autoptr (GError) bad = NULL;
          g_autoptr (Case) item = case_load (path, &bad);

          if (bad != NULL)
            {
              printf ("FAIL %s - %s\n", path, bad->message);
              counts->failed++;
            }
          else if (item != NULL && (round == NULL || g_str_equal (round, item->round)))
            {
              replay_case (item, setup, counts);
            }
        }
    }
  return TRUE;
}

/* The asked backend first; what it leaves falls to the one that claims everything. */
static gboolean
set_up (Setup *setup, const gchar *backend, const gchar *dtype, GError **error)
{
  const gchar *names[] = { backend, g_str_equal (backend, "reference") ? NULL : "reference", NULL };

  setup->registry = gantry_registry_get_default ();
  setup->backend = backend;
  setup->dtype = g_str_equal (dtype, "float32") ? GANTRY_FLOAT32 : GANTRY_FLOAT64;
  if (!g_str_equal (dtype, "float32") && !g_str_equal (dtype, "float64"))
    {
      g_set_error (error, REPLAY_ERROR, REPLAY_ERROR_CASE, "--dtype=%s: expected float32 or float64", dtype);
      return FALSE;
    }
  if (!gantry_registry_scan (setup->registry, error))
    return FALSE;
  setup->backends = gantry_backends_open (setup->registry, names, error);
  return setup->backends != NULL;
}

/* Outside of tests/run-env the plugins and the helper are those of the build. */
static void
use_build (void)
{
  g_setenv ("GANTRY_SYSTEM_PLUGIN_PATH", CONFORMANCE_BUILD "/plugins", FALSE);
  g_setenv ("GANTRY_SCAN_HELPER", CONFORMANCE_BUILD "/gantry-plugin-scan", FALSE);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *backend = NULL, *dtype = NULL, *round = NULL;
  const GOptionEntry entries[] = {
    { "backend", 0, 0, G_OPTION_ARG_STRING, &backend, "backend to run on (openblas)", "NAME" },
    { "dtype", 0, 0, G_OPTION_ARG_STRING, &dtype, "float32 or float64 (float64)", "DTYPE" },
    { "round", 0, 0, G_OPTION_ARG_STRING, &round, "only the cases of one round", "NAME" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("DIR");
  g_autoptr (GError) error = NULL;
  Setup setup = { 0 };
  Counts counts = { 0 };

  setlocale (LC_ALL, "");
  use_build ();
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, &argc, &argv, &error) && argc != 2)
    g_set_error (&error, REPLAY_ERROR, REPLAY_ERROR_CASE, "expected one folder of cases, got %d", argc - 1);
  gantry_init ();
  if (error != NULL || !set_up (&setup, backend != NULL ? backend : "openblas", dtype != NULL ? dtype : "float64", &error)
      || !walk (argv[1], round, &setup, &counts, &error))
    {
      fprintf (stderr, "conformance: %s\n", error->message);
      return 2;
    }
  g_ptr_array_unref (setup.backends);

  printf ("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed, counts.skipped);
  if (counts.passed + counts.failed + counts.skipped > 0)
    return counts.failed > 0 ? 1 : 0;
  fprintf (stderr, "conformance: no cases in %s\n", argv[1]);
  return 2;
}
