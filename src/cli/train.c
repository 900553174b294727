/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry train PIPELINE [--from=RUN] [OPTION...] | --resume=RUN [--fork --output=NEW] [OPTION...] */
#include "cli/progress.h"
#include "cli/trace.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const gchar *pipeline;
  const gchar *output;
  const gchar *resume;
  const gchar *from;
  const gchar *only;    /* patterns, separated by semicolons */
  const gchar *without;
  const gchar *profile; /* a file */
  GPtrArray *options;   /* of the pipeline: "--loss=hinge" */
  gboolean is_fork;
  gboolean is_quiet;
  gboolean is_help;
} Arguments;

typedef struct {
  const gchar *name;
  const gchar *expected;
  gsize place; /* in Arguments: a string where something is expected, otherwise a boolean */
} Switch;

static const Switch switches[] = {
  { "--output", "FOLDER", G_STRUCT_OFFSET (Arguments, output) },
  { "--resume", "RUN", G_STRUCT_OFFSET (Arguments, resume) },
  { "--from", "RUN", G_STRUCT_OFFSET (Arguments, from) },
  { "--from-only", "PATTERN;...", G_STRUCT_OFFSET (Arguments, only) },
  { "--from-without", "PATTERN;...", G_STRUCT_OFFSET (Arguments, without) },
  { "--profile", "FILE", G_STRUCT_OFFSET (Arguments, profile) },
  { "--fork", NULL, G_STRUCT_OFFSET (Arguments, is_fork) },
  { "--quiet", NULL, G_STRUCT_OFFSET (Arguments, is_quiet) },
  { "-q", NULL, G_STRUCT_OFFSET (Arguments, is_quiet) },
  { "--help", NULL, G_STRUCT_OFFSET (Arguments, is_help) },
  { "-h", NULL, G_STRUCT_OFFSET (Arguments, is_help) },
};

static GantryTraining *volatile running;

static void
stop (int number)
{
  static const gchar message[] = "\nstopping after this step, then saving; once more stops at once\n";
  gssize ignored G_GNUC_UNUSED;

  if (running == NULL || gantry_training_was_interrupted (running))
    {
      signal (number, SIG_DFL);
      raise (number);
      return;
    }
  gantry_training_interrupt (running);
  ignored = write (STDERR_FILENO, message, sizeof message - 1);
}

static void
catch_signals (void)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART | SA_NODEFER }, old;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (sigaction (numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction (numbers[i], &action, NULL);
  /* A closed pipe or a file at its size limit is an error of a write, not the end of the training. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
}

/* --name=VALUE or --name VALUE. */
static gboolean
take_value (const Switch *found, gint argc, gchar **argv, gint *i, const gchar **value)
{
  const gsize length = strlen (found->name);

  if (argv[*i][length] == '=')
    *value = argv[*i] + length + 1;
  else
    *value = *i + 1 < argc && argv[*i + 1][0] != '-' ? argv[++*i] : NULL;
  if (*value != NULL && **value != '\0')
    return TRUE;
  cli_fail (CLI_BAD_INPUT, "train: %s needs a value: %s=%s", found->name, found->name, found->expected);
  return FALSE;
}

static const Switch *
find_switch (const gchar *argument)
{
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      const gsize length = strlen (switches[i].name);

      if (strncmp (argument, switches[i].name, length) == 0
          && (argument[length] == '\0' || (argument[length] == '=' && switches[i].expected != NULL)))
        return &switches[i];
    }
  return NULL;
}

/* An option of the pipeline; where it is none either, it may be meant to be one of the command. */
static gboolean
apply_option (GantryPipeline *pipeline, const gchar *option, GError **error)
{
  const gchar *equals = strchr (option, '=');
  g_autofree gchar *name = equals != NULL ? g_strndup (option, equals - option) : g_strdup (option);
  const gchar *names[G_N_ELEMENTS (switches) + 1] = { NULL };
  const gchar *nearest;

  if (gantry_pipeline_apply_option (pipeline, name, equals != NULL ? equals + 1 : NULL, error))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    names[i] = switches[i].name;
  nearest = gantry_nearest_name (name, names);
  if (nearest != NULL && error != NULL && g_str_has_suffix ((*error)->message, "unknown option"))
    {
      g_autofree gchar *message = g_strdup_printf ("%s (did you mean '%s'?)", (*error)->message, nearest);

      g_free ((*error)->message);
      (*error)->message = g_steal_pointer (&message);
    }
  return FALSE;
}

/* Options of a run that goes on are applied by the library; they are tried here for what they may be meant to be. */
static gboolean
try_options (GantryRegistry *registry, const Arguments *arguments, GError **error)
{
  for (guint i = 0; arguments->options->pdata[i] != NULL; i++)
    {
      const gchar *option = arguments->options->pdata[i];
      g_autoptr (GantryPipeline) scratch = gantry_pipeline_new (registry);
      g_autoptr (GError) reason = NULL;

      if (strchr (option, '.') == NULL && !apply_option (scratch, option, &reason) && strstr (reason->message, "unknown option") != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
parse (gint argc, gchar **argv, Arguments *arguments)
{
  gboolean only_files = FALSE;

  for (gint i = 1; i < argc; i++)
    {
      const Switch *found = only_files ? NULL : find_switch (argv[i]);

      if (only_files || argv[i][0] != '-')
        {
          if (arguments->pipeline != NULL)
            {
              cli_fail (CLI_BAD_INPUT, "train: one pipeline at a time, but '%s' follows '%s'", argv[i], arguments->pipeline);
              return FALSE;
            }
          arguments->pipeline = argv[i];
        }
      else if (g_str_equal (argv[i], "--"))
        only_files = TRUE;
      else if (g_str_equal (argv[i], "--strict"))
        g_ptr_array_add (arguments->options, (gpointer) "--reader.strict=yes");
      else if (found != NULL && found->expected != NULL)
        {
          if (!take_value (found, argc, argv, &i, G_STRUCT_MEMBER_P (arguments, found->place)))
            return FALSE;
        }
      else if (found != NULL)
        G_STRUCT_MEMBER (gboolean, arguments, found->place) = TRUE;
      else if (g_str_has_prefix (argv[i], "--"))
        g_ptr_array_add (arguments->options, argv[i]);
      else
        {
          cli_fail (CLI_BAD_INPUT, "train: unknown option '%s'; see gantry train --help", argv[i]);
          return FALSE;
        }
    }
  g_ptr_array_add (arguments->options, NULL);
  return TRUE;
}

static GantryPipeline *
load_pipeline (const Arguments *arguments, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = NULL;
  GantryRegistry *registry = cli_get_registry ();

  if (registry == NULL)
    return NULL;
  pipeline = gantry_pipeline_new (registry);
  if (arguments->pipeline != NULL && !gantry_pipeline_load (pipeline, arguments->pipeline, error))
    return NULL;
  for (guint i = 0; arguments->options->pdata[i] != NULL; i++)
    if (!apply_option (pipeline, arguments->options->pdata[i], error))
      return NULL;
  if (!gantry_pipeline_resolve (pipeline, error))
    return NULL;
  return g_steal_pointer (&pipeline);
}

/* @keys: the component itself, or what its section has besides. */
static void
print_component (GantryPipeline *pipeline, GantryComponent *component, GantryComponent *keys, const gchar *prefix)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (keys, &n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree gchar *type = gantry_param_describe_type (pspecs[i]);
      g_autofree gchar *range = gantry_param_describe_range (pspecs[i]);
      g_autofree gchar *value = gantry_pipeline_get_text (pipeline, component, pspecs[i]->name);
      const gchar *unit = gantry_param_get_unit (pspecs[i]);

      printf ("  --%s%s=%s\n      %s (%s%s%s%s%s%s)\n", prefix, pspecs[i]->name, value != NULL ? value : "", g_param_spec_get_blurb (pspecs[i]), type,
              *range != '\0' ? ", " : "", range, *unit != '\0' ? " " : "", unit, pspecs[i]->flags & GANTRY_SCHEDULABLE ? ", schedulable" : "");
    }
}

static void
print_kind (GantryPipeline *pipeline, const gchar *kind)
{
  g_autoptr (GPtrArray) components = gantry_pipeline_list (pipeline, kind);
  const gboolean is_network = g_str_equal (kind, "architecture");
  g_autoptr (GantryComponent) keys = g_str_equal (kind, "average") ? NULL : gantry_pipeline_new_keys (kind);

  for (guint i = 0; i < components->len; i++)
    {
      GantryComponent *component = components->pdata[i];
      const gchar *instance = gantry_component_get_instance (component);
      g_autofree gchar *prefix = is_network             ? g_strdup_printf ("%s.", instance)
                                 : components->len == 1 ? g_strdup_printf ("%s.", kind)
                                                        : g_strdup_printf ("%s.%s.", kind, instance);

      printf ("\n%s%s (%s/%s)%s\n", cli_bold (), is_network ? instance : kind, kind, gantry_component_get_name (component), cli_plain ());
      print_component (pipeline, component, component, prefix);
      if (keys != NULL)
        print_component (pipeline, component, keys, prefix);
    }
}

static gint
print_help (const Arguments *arguments)
{
  g_autoptr (GantryPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  const gchar *const *kinds = gantry_kind_list ();

  printf ("Usage: gantry train PIPELINE [OPTION...]\n"
          "       gantry train PIPELINE --from=RUN|CHECKPOINT [OPTION...]\n"
          "       gantry train --resume=RUN [OPTION...]\n"
          "       gantry train --resume=RUN|CHECKPOINT --fork --output=FOLDER [OPTION...]\n\n"
          "Trains what a pipeline file describes, in a new run folder, or goes on with a run.\n\n"
          "  --output=FOLDER        where a new run goes; by default runs/NAME, after the pipeline's file\n"
          "  --resume=RUN           goes on with a run; its length, intervals and threads may change\n"
          "  --fork                 goes on in a new folder, and anything may change\n"
          "  --from=RUN             a new run that begins with the weights of another one's newest checkpoint\n"
          "  --from-only=PATTERNS   only with those of these variables, as in --from-only='generator.*'\n"
          "  --from-without=PATTERNS\n"
          "                         without those of these, as in --from-without='generator.main.0.*;discriminator.*'\n"
          "  --strict               stops at data that cannot be read, as --reader.strict=yes\n"
          "  --profile=FILE         writes when each kernel ran, as a trace for a browser's trace viewer\n"
          "  --quiet                shows no progress\n"
          "  --help                 with a PIPELINE also shows the keys of its components\n\n"
          "Options change the pipeline, in the order in which they come:\n"
          "  --KIND=PLUGIN          replaces all components of a kind, as in --loss=hinge\n"
          "  --add-KIND=PLUGIN      adds one, as in --add-regularizer=r1\n"
          "  --no-KIND[=NAME]       takes one or all away\n"
          "  --KIND.KEY=VALUE       sets a key, as in --loss.margin=0.5; --KIND.NAME.KEY= where there are several\n"
          "  --architecture=PLUGIN  sets the architecture of every network, --generator=PLUGIN that of one\n"
          "  --NETWORK.KEY=VALUE    sets a key of a network, as in --generator.width=32\n"
          "  --KEY=VALUE            sets a key of the [pipeline] section, as in --images=100k\n\n"
          "Every loss and regularizer also has weight=FACTOR and match=NAME;..., the matches of the game that it applies to.\n"
          "Every regularizer also has interval=K, part of every Kth step times K, and step=separate|fused.\n"
          "A schedulable key also takes a schedule, such as \"0.05:0.005 cosine over 100k\"; see the manual page.\n");
  if (arguments->pipeline == NULL && arguments->options->len == 1)
    return CLI_DONE;
  pipeline = load_pipeline (arguments, &error);
  if (pipeline == NULL)
    return error != NULL ? cli_fail_error (CLI_BAD_INPUT, error) : CLI_BAD_INPUT;
  printf ("\n%spipeline%s\n", cli_bold (), cli_plain ());
  print_component (pipeline, gantry_pipeline_get_settings (pipeline), gantry_pipeline_get_settings (pipeline), "");
  for (guint i = 0; kinds[i] != NULL; i++)
    print_kind (pipeline, kinds[i]);
  print_kind (pipeline, "average");
  return CLI_DONE;
}

/* What the reader says of its data. */
static void
print_data (GantryPipeline *pipeline)
{
  g_autofree gchar *words = gantry_reader_describe (GANTRY_READER (gantry_pipeline_get (pipeline, "reader")));

  if (words != NULL)
    printf ("data: %s\n", words);
}

static void
print_disk (GantryTraining *training)
{
  GantryTrainingDisk disk = { .size = sizeof disk };
  g_autofree gchar *bytes = NULL;
  g_autofree gchar *checkpoint = NULL;

  gantry_training_get_disk (training, &disk);
  if (disk.bytes == 0)
    return;
  bytes = gantry_format_bytes (disk.bytes);
  checkpoint = gantry_format_bytes (disk.checkpoint_bytes);
  printf ("disk: up to %s more, for %" G_GUINT64_FORMAT " %s of %s and %" G_GUINT64_FORMAT " sample %s\n", bytes, disk.n_checkpoints,
          disk.n_checkpoints == 1 ? "checkpoint" : "checkpoints", checkpoint, disk.n_samples, disk.n_samples == 1 ? "picture" : "pictures");
}

static gint
run (GantryTraining *training, const Arguments *arguments, CliTrace *trace)
{
  GantryPipeline *pipeline = gantry_session_get_pipeline (gantry_training_get_session (training));
  g_autoptr (GError) error = NULL;
  CliProgress progress;
  gboolean is_done;

  if (trace != NULL)
    cli_trace_watch (trace, gantry_training_get_session (training));
  cli_progress_init (&progress, arguments->is_quiet);
  gantry_training_set_func (training, cli_progress_event, &progress);
  if (!arguments->is_quiet)
    {
      printf ("run folder: %s (%" G_GINT64_FORMAT " images, batches of %" G_GINT64_FORMAT ")\n", gantry_training_get_folder (training),
              gantry_component_get_int (gantry_pipeline_get_settings (pipeline), "images"),
              gantry_component_get_int (gantry_pipeline_get_settings (pipeline), "batch"));
      print_data (pipeline);
      if (gantry_training_get_note (training) != NULL)
        printf ("%s\n", gantry_training_get_note (training));
      print_disk (training);
      if (gantry_session_get_memory (gantry_training_get_session (training)) != NULL)
        printf ("memory: %s\n", gantry_session_get_memory (gantry_training_get_session (training)));
    }
  running = training;
  catch_signals ();
  is_done = gantry_training_run (training, &error);
  running = NULL;
  cli_progress_end (&progress);
  gantry_session_set_profile_func (gantry_training_get_session (training), NULL, NULL, NULL);
  if (!is_done)
    return cli_fail_error (CLI_FAILED, error);
  return gantry_training_was_interrupted (training) ? CLI_INTERRUPTED : CLI_DONE;
}

static GantryTraining *
go_on (const Arguments *arguments, GError **error)
{
  const gchar *const *options = (const gchar *const *) arguments->options->pdata;
  GantryRegistry *registry = cli_get_registry ();

  if (registry == NULL || !try_options (registry, arguments, error))
    return NULL;
  return arguments->is_fork ? gantry_training_fork (registry, arguments->resume, arguments->output, options, error)
                            : gantry_training_resume (registry, arguments->resume, options, error);
}

static gchar *
choose_output (const Arguments *arguments)
{
  g_autofree gchar *base = NULL;
  gchar *dot;

  if (arguments->output != NULL)
    return g_strdup (arguments->output);
  base = g_path_get_basename (arguments->pipeline);
  dot = strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  return g_build_filename ("runs", base, NULL);
}

static GantryTraining *
start (const Arguments *arguments, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = load_pipeline (arguments, error);
  g_auto (GStrv) only = arguments->only != NULL ? g_strsplit (arguments->only, ";", -1) : NULL;
  g_auto (GStrv) without = arguments->without != NULL ? g_strsplit (arguments->without, ";", -1) : NULL;
  const GantryWarmStart warm = { sizeof warm, arguments->from, (const gchar *const *) only, (const gchar *const *) without };
  g_autofree gchar *output = NULL;

  if (pipeline == NULL)
    return NULL;
  output = choose_output (arguments);
  return arguments->from != NULL ? gantry_training_new_from (pipeline, output, &warm, error) : gantry_training_new (pipeline, output, error);
}

/* What does not go together, and what is missing; NULL where nothing is wrong. */
static gchar *
find_fault (const Arguments *arguments)
{
  const gboolean has_options = arguments->options->len > 1;

  if (arguments->resume != NULL && arguments->pipeline != NULL)
    return g_strdup_printf ("--resume takes the pipeline of the run: leave out '%s'", arguments->pipeline);
  if (arguments->resume != NULL && arguments->from != NULL)
    return g_strdup ("--from begins a new run, --resume goes on with one: choose one; --resume=RUN --fork goes on in a new folder");
  if (arguments->from == NULL && (arguments->only != NULL || arguments->without != NULL))
    return g_strdup_printf ("%s chooses what --from=RUN takes: that is missing", arguments->only != NULL ? "--from-only" : "--from-without");
  if (arguments->is_fork && arguments->resume == NULL)
    return g_strdup ("--fork goes on with a run in a new folder: name the run by --resume=RUN");
  if (arguments->is_fork && arguments->output == NULL)
    return g_strdup ("--fork needs a folder for the new run: --output=FOLDER");
  if (arguments->resume != NULL && arguments->output != NULL && !arguments->is_fork)
    return g_strdup ("--resume goes on in the run's own folder: leave out --output, or add --fork to go on in a new one");
  if (arguments->resume == NULL && arguments->pipeline == NULL && !has_options)
    return g_strdup ("a pipeline is missing: gantry train PIPELINE; see gantry train --help");
  if (arguments->resume == NULL && arguments->pipeline == NULL && arguments->output == NULL)
    return g_strdup ("--output=FOLDER is missing: there is no pipeline file to name the run after");
  return NULL;
}

static gint
train (const Arguments *arguments)
{
  g_autoptr (GantryTraining) training = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *fault = NULL;
  gint status = CLI_BAD_INPUT;
  CliTrace *trace;

  if (arguments->is_help)
    return print_help (arguments);
  fault = find_fault (arguments);
  if (fault != NULL)
    return cli_fail (CLI_BAD_INPUT, "train: %s", fault);
  trace = arguments->profile != NULL ? cli_trace_new (arguments->profile) : NULL;
  if (arguments->profile != NULL && trace == NULL)
    return CLI_BAD_INPUT;
  training = arguments->resume != NULL ? go_on (arguments, &error) : start (arguments, &error);
  if (training != NULL)
    status = run (training, arguments, trace);
  else if (error != NULL)
    cli_fail_error (CLI_BAD_INPUT, error);
  if (!cli_trace_free (trace) && status == CLI_DONE)
    return CLI_FAILED;
  return status;
}

gint
cli_train (gint argc, gchar **argv)
{
  Arguments arguments = { .options = NULL };
  gint status = CLI_BAD_INPUT;

  arguments.options = g_ptr_array_new ();
  if (parse (argc, argv, &arguments))
    status = train (&arguments);
  g_ptr_array_unref (arguments.options);
  return status;
}
