/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry bench PIPELINE [--phase=NAME] [--repeat=N] [--warm-up=N] [--kernels=N] [--format=text|json] [--profile=FILE] */
#include "cli/bench.h"

#include <omp.h>
#include <sys/resource.h>

#define SAMPLE_PHASE "sample"
#define N_RATES 3
#define READER_AHEAD 8 /* batches that may be there already when turns with the reader are first timed */

typedef struct {
  gchar *phase;
  gchar *format;
  gchar *profile;
  gint n_repeats;
  gint n_warm_ups;
  gint n_kernels;
} Options;

static void
phase_free (gpointer data)
{
  BenchPhase *self = data;

  for (guint i = 0; self->parts != NULL && i < gantry_program_get_n_kernels (self->program) + 2; i++)
    g_array_unref (self->parts[i]);
  g_free (self->parts);
  g_array_unref (self->seconds);
  g_object_unref (self->program);
  g_free (self->name);
  g_free (self);
}

static void
bench_clear (Bench *self)
{
  g_ptr_array_unref (self->phases);
  g_array_unref (self->rates);
  g_array_unref (self->turns);
  g_clear_object (&self->session);
  g_free (self->memory);
  g_clear_object (&self->pipeline);
}

static gdouble
seconds_since (gint64 start)
{
  return 1e-6 * (gdouble) (g_get_monotonic_time () - start);
}

static void
add (GArray *values, gdouble value)
{
  g_array_append_val (values, value);
}

/* Everything that the session runs. */
static void
on_span (GantrySession *session, const gchar *name, GantryProgram *program, const GantryProgramSpan *span, gpointer user_data)
{
  Bench *self = user_data;
  BenchPhase *phase = self->running;
  guint part;

  if (self->trace != NULL)
    cli_trace_add (self->trace, name, program, span);
  if (phase == NULL || phase->program != program)
    return;
  part = span->part == GANTRY_PROGRAM_KERNEL ? span->kernel : gantry_program_get_n_kernels (program) + (span->part == GANTRY_PROGRAM_RESULTS);
  add (phase->parts[part], 1e-9 * (gdouble) (span->end - span->start));
}

static gboolean
add_phase (Bench *self, const gchar *name, guint n_runs, guint interval, gsize n_images, GError **error)
{
  GantryProgram *program = gantry_session_get_program (self->session, name, error);
  const guint n_parts = program != NULL ? gantry_program_get_n_kernels (program) + 2 : 0;
  BenchPhase *phase;

  if (program == NULL)
    return FALSE;
  phase = g_new0 (BenchPhase, 1);
  phase->name = g_strdup (name);
  phase->program = g_object_ref (program);
  phase->is_phase = !g_str_equal (name, SAMPLE_PHASE);
  phase->n_images = n_images;
  phase->n_runs = n_runs;
  phase->interval = interval;
  phase->report.size = sizeof phase->report;
  gantry_program_get_report (program, &phase->report);
  phase->seconds = g_array_new (FALSE, FALSE, sizeof (gdouble));
  phase->parts = g_new0 (GArray *, n_parts);
  for (guint i = 0; i < n_parts; i++)
    phase->parts[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_ptr_array_add (self->phases, phase);
  return TRUE;
}

static gboolean
run_phase (Bench *self, BenchPhase *phase, GError **error)
{
  const GantryRun run = { sizeof run, 0, 0 };

  return phase->is_phase ? gantry_session_run_phase (self->session, phase->name, error) : gantry_program_run (phase->program, &run, error);
}

static gboolean
measure_products (Bench *self, GError **error)
{
  const gdouble rate = gantry_blas_measure (self->dtype, self->n_threads, error);

  if (rate > 0)
    add (self->rates, rate);
  return rate > 0;
}

/* Phases take turns, as they do in a training. */
static gboolean
measure_phases (Bench *self, guint n_warm_ups, GError **error)
{
  for (guint i = 0; i < n_warm_ups + self->n_repeats; i++)
    {
      const gboolean is_timed = i >= n_warm_ups;

      if (is_timed && (i - n_warm_ups) % MAX (1, self->n_repeats / N_RATES) == 0 && !measure_products (self, error))
        return FALSE;
      for (guint k = 0; k < self->phases->len; k++)
        {
          BenchPhase *phase = self->phases->pdata[k];
          gint64 start = g_get_monotonic_time ();

          self->running = is_timed ? phase : NULL;
          if (!run_phase (self, phase, error))
            return FALSE;
          if (is_timed)
            add (phase->seconds, seconds_since (start));
        }
      if (i + 1 == n_warm_ups)
        gantry_session_set_profile_func (self->session, on_span, self, NULL);
    }
  self->running = NULL;
  return TRUE;
}

/* Turns with the reader, then the reader alone: the session with its threads is gone by then. */
static gboolean
measure_turns (Bench *self, GError **error)
{
  for (guint i = 0; i < READER_AHEAD; i++)
    if (!gantry_session_load (self->session, error))
      return FALSE;
  for (guint i = 0; i <= self->n_repeats; i++)
    {
      const guint64 before = gantry_session_get_images (self->session);
      const gint64 start = g_get_monotonic_time ();

      if (!gantry_session_turn (self->session, error))
        return FALSE;
      if (i > 0)
        add (self->turns, seconds_since (start));
      self->turn_images = (gsize) (gantry_session_get_images (self->session) - before);
    }
  gantry_session_set_profile_func (self->session, NULL, NULL, NULL);
  g_clear_object (&self->session);
  return bench_measure_reader (self->pipeline, self->n_threads, &self->reader, error);
}

static gsize
get_peak_memory (void)
{
  struct rusage usage;

  return getrusage (RUSAGE_SELF, &usage) == 0 ? (gsize) usage.ru_maxrss * 1024 : 0;
}

/* The shape of a sample, without a session that trains. */
static gboolean
find_sample_shape (GantryPipeline *pipeline, GantryShape *shape, GError **error)
{
  GantryComponent *reader = gantry_pipeline_get (pipeline, "reader");
  const GantryField *fields, *found = NULL;
  guint n = 0;

  if (reader == NULL)
    {
      g_set_error_literal (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "there is no [reader] section: it names the data");
      return FALSE;
    }
  if (!gantry_reader_open (GANTRY_READER (reader), error))
    return FALSE;
  fields = gantry_reader_fields (GANTRY_READER (reader), &n);
  for (guint i = 0; i < n; i++)
    if (gantry_dtype_is_float (fields[i].dtype) && (found == NULL || g_str_equal (fields[i].name, "image")))
      found = &fields[i];
  if (found != NULL)
    *shape = found->shape;
  else
    g_set_error_literal (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "the reader's records hold neither images nor points");
  return found != NULL;
}

static gboolean
prepare_sampling (Bench *self, GError **error)
{
  g_autoptr (GantryArray) latents = NULL;
  GantryProgram *program;
  GantryShape shape;
  gsize n;

  if (!find_sample_shape (self->pipeline, &shape, error))
    return FALSE;
  self->session = gantry_session_new_for_sampling (self->pipeline, &shape, error);
  program = self->session != NULL ? gantry_session_get_program (self->session, SAMPLE_PHASE, error) : NULL;
  if (program == NULL)
    return FALSE;
  n = gantry_array_get_shape (gantry_program_get_output (program, "image"))->dims[0];
  latents = gantry_session_draw_latents (self->session, 1, n, error);
  if (latents == NULL || !gantry_program_bind (program, "latent", latents, error))
    return FALSE;
  for (gsize i = 0; gantry_session_get_classes (self->session) > 0 && i < n; i++)
    gantry_array_set_double (gantry_program_get_input (program, "label"), i, (gdouble) (i % gantry_session_get_classes (self->session)));
  return add_phase (self, SAMPLE_PHASE, 1, 1, n, error);
}

/* What a turn runs; or one phase of it, even where it runs together with others. */
static gboolean
add_phases (Bench *self, const gchar *only, gsize n_images, GError **error)
{
  guint n_runs, interval;

  for (guint i = 0; gantry_session_get_run (self->session, i, &n_runs, &interval) != NULL; i++)
    {
      const gchar *name = gantry_session_get_run (self->session, i, &n_runs, &interval);

      if ((only == NULL || g_str_equal (only, name)) && !add_phase (self, name, n_runs, interval, n_images, error))
        return FALSE;
    }
  if (self->phases->len > 0 || only == NULL)
    return TRUE;
  n_runs = gantry_session_get_turn (self->session, only, &interval);
  return n_runs == 0 || add_phase (self, only, n_runs, interval, n_images, error);
}

static gboolean
prepare_training (Bench *self, const gchar *only, GError **error)
{
  const gchar *const *phases;

  self->session = gantry_session_new (self->pipeline, error);
  if (self->session == NULL
      || !add_phases (self, only, (gsize) gantry_component_get_int (gantry_pipeline_get_settings (self->pipeline), "batch"), error))
    return FALSE;
  self->memory = g_strdup (gantry_session_get_memory (self->session));
  phases = gantry_session_get_phases (self->session);
  if (self->phases->len == 0)
    {
      g_autofree gchar *all = g_strjoinv (", ", (gchar **) phases);
      g_autofree gchar *suggestion = cli_suggest (only, phases);

      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "bench: the game has no phase '%s'%s; there are: %s, " SAMPLE_PHASE, only,
                   suggestion, all);
      return FALSE;
    }
  return gantry_session_load (self->session, error);
}

static gint
measure (Bench *self, const Options *options)
{
  g_autoptr (GError) error = NULL;
  const gboolean is_sampling = g_strcmp0 (options->phase, SAMPLE_PHASE) == 0;

  if (!(is_sampling ? prepare_sampling (self, &error) : prepare_training (self, options->phase, &error)))
    return cli_fail_error (CLI_BAD_INPUT, error);
  self->n_threads = (guint) omp_get_max_threads ();
  if (!measure_phases (self, (guint) options->n_warm_ups, &error))
    return cli_fail_error (CLI_FAILED, error);
  if (options->phase == NULL && !measure_turns (self, &error))
    return cli_fail_error (CLI_FAILED, error);
  self->peak = get_peak_memory ();
  return CLI_DONE;
}

static gint
check_options (const Options *options)
{
  static const gchar *const formats[] = { "text", "json", NULL };

  if (options->format != NULL && !g_strv_contains (formats, options->format))
    {
      g_autofree gchar *suggestion = cli_suggest (options->format, formats);

      return cli_fail (CLI_BAD_INPUT, "bench: --format=%s: expected text or json%s", options->format, suggestion);
    }
  if (options->n_repeats < 1 || options->n_repeats > 10000)
    return cli_fail (CLI_BAD_INPUT, "bench: --repeat=%d: expected 1 to 10000", options->n_repeats);
  if (options->n_warm_ups < 1 || options->n_warm_ups > 10000)
    return cli_fail (CLI_BAD_INPUT, "bench: --warm-up=%d: expected 1 to 10000", options->n_warm_ups);
  if (options->n_kernels < 0)
    return cli_fail (CLI_BAD_INPUT, "bench: --kernels=%d: expected 0 or more", options->n_kernels);
  return CLI_DONE;
}

static gint
run (Bench *self, const Options *options)
{
  const gchar *dtype = gantry_component_get_enum (gantry_pipeline_get_settings (self->pipeline), "dtype");
  gint status;

  self->phases = g_ptr_array_new_with_free_func (phase_free);
  self->rates = g_array_new (FALSE, FALSE, sizeof (gdouble));
  self->turns = g_array_new (FALSE, FALSE, sizeof (gdouble));
  self->n_repeats = (guint) options->n_repeats;
  self->n_kernels = (guint) options->n_kernels;
  self->dtype = g_str_equal (dtype, "float64") ? GANTRY_FLOAT64 : GANTRY_FLOAT32;
  if (options->profile != NULL)
    self->trace = cli_trace_new (options->profile);
  status = options->profile == NULL || self->trace != NULL ? measure (self, options) : CLI_BAD_INPUT;
  if (status == CLI_DONE && g_strcmp0 (options->format, "json") == 0)
    bench_print_json (self, stdout);
  else if (status == CLI_DONE)
    bench_print_text (self, stdout);
  if (!cli_trace_free (self->trace))
    status = CLI_FAILED;
  return status;
}

gint
cli_bench (gint argc, gchar **argv)
{
  Options options = { NULL, NULL, NULL, 10, 2, 10 };
  const GOptionEntry entries[] = {
    { "phase", 0, 0, G_OPTION_ARG_STRING, &options.phase, "one phase of a turn, or sample: images drawn in evaluate mode", "NAME" },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &options.n_repeats, "timed runs of each phase; 10 by default", "N" },
    { "warm-up", 0, 0, G_OPTION_ARG_INT, &options.n_warm_ups, "runs before them; 2 by default", "N" },
    { "kernels", 0, 0, G_OPTION_ARG_INT, &options.n_kernels, "how many of the dearest kernels are shown; 10 by default", "N" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, "text or json", "FORMAT" },
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &options.profile, "writes the timed runs, kernel by kernel, as a trace for a browser's trace viewer",
      "FILE" },
    { NULL }
  };
  Bench bench = { .session = NULL };
  gint status = CLI_BAD_INPUT;

  bench.pipeline = cli_parse_pipeline (&argc, &argv, entries, "PIPELINE [--batch=N] [pipeline options]",
                                       "Measures what the phases of a training cost, and where the time goes.");
  if (bench.pipeline != NULL)
    {
      for (gint i = 1; i < argc; i++)
        if (argv[i][0] != '-')
          bench.path = argv[i];
      status = check_options (&options);
      if (status == CLI_DONE)
        {
          status = run (&bench, &options);
          bench_clear (&bench);
        }
      else
        g_object_unref (bench.pipeline);
    }
  g_free (options.phase);
  g_free (options.format);
  g_free (options.profile);
  return status;
}
