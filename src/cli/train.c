/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry train PIPELINE [OPTION...] | --resume RUN [OPTION...] */
#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const gchar *pipeline;
  const gchar *output;
  const gchar *resume;
  GPtrArray *options; /* "--loss=hinge", ended by NULL */
  gboolean is_quiet;
  gboolean is_help;
} Arguments;

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

/* --name=VALUE or --name VALUE; NULL with a message where the value is missing. */
static gboolean
take_value (const gchar *name, gint argc, gchar **argv, gint *i, const gchar **value)
{
  const gsize length = strlen (name);

  if (argv[*i][length] == '=')
    *value = argv[*i] + length + 1;
  else
    *value = *i + 1 < argc ? argv[++*i] : NULL;
  if (*value != NULL && **value != '\0')
    return TRUE;
  cli_fail (CLI_BAD_INPUT, "train: %s needs a folder: %s=FOLDER", name, name);
  return FALSE;
}

static gboolean
is_option (const gchar *argument, const gchar *name)
{
  const gsize length = strlen (name);

  return strncmp (argument, name, length) == 0 && (argument[length] == '\0' || argument[length] == '=');
}

static gboolean
parse (gint argc, gchar **argv, Arguments *arguments)
{
  gboolean only_files = FALSE;

  for (gint i = 1; i < argc; i++)
    {
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
      else if (g_str_equal (argv[i], "--help") || g_str_equal (argv[i], "-h"))
        arguments->is_help = TRUE;
      else if (g_str_equal (argv[i], "--quiet") || g_str_equal (argv[i], "-q"))
        arguments->is_quiet = TRUE;
      else if (g_str_equal (argv[i], "--strict"))
        g_ptr_array_add (arguments->options, (gpointer) "--reader.strict=yes");
      else if (is_option (argv[i], "--output"))
        {
          if (!take_value ("--output", argc, argv, &i, &arguments->output))
            return FALSE;
        }
      else if (is_option (argv[i], "--resume"))
        {
          if (!take_value ("--resume", argc, argv, &i, &arguments->resume))
            return FALSE;
        }
      else if (g_str_has_prefix (argv[i], "--"))
        g_ptr_array_add (arguments->options, argv[i]);
      else
        {
          cli_fail (CLI_BAD_INPUT, "train: unknown option '%s'; see gantry train --help", argv[i]);
          return FALSE;
        }
    }
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
  for (guint i = 0; i < arguments->options->len; i++)
    {
      const gchar *option = arguments->options->pdata[i];
      const gchar *equals = strchr (option, '=');
      g_autofree gchar *name = equals != NULL ? g_strndup (option, equals - option) : g_strdup (option);

      if (!gantry_pipeline_apply_option (pipeline, name, equals != NULL ? equals + 1 : NULL, error))
        return NULL;
    }
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
          "       gantry train --resume=RUN [OPTION...]\n\n"
          "Trains what a pipeline file describes, in a new run folder, or goes on with a run.\n\n"
          "  --output=FOLDER        where a new run goes; by default runs/NAME, after the pipeline's file\n"
          "  --resume=RUN           goes on with a run; its length, intervals and threads may change\n"
          "  --strict               stops at data that cannot be read, as --reader.strict=yes\n"
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
  if (arguments->pipeline == NULL && arguments->options->len == 0)
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

static gint
run (GantryTraining *training, const Arguments *arguments)
{
  GantryPipeline *pipeline = gantry_session_get_pipeline (gantry_training_get_session (training));
  g_autoptr (GError) error = NULL;
  CliProgress progress;
  gboolean is_done;

  cli_progress_init (&progress, arguments->is_quiet);
  gantry_training_set_func (training, cli_progress_event, &progress);
  if (!arguments->is_quiet)
    {
      printf ("run folder: %s (%" G_GINT64_FORMAT " images, batches of %" G_GINT64_FORMAT ")\n", gantry_training_get_folder (training),
              gantry_component_get_int (gantry_pipeline_get_settings (pipeline), "images"),
              gantry_component_get_int (gantry_pipeline_get_settings (pipeline), "batch"));
      print_data (pipeline);
    }
  running = training;
  catch_signals ();
  is_done = gantry_training_run (training, &error);
  running = NULL;
  cli_progress_end (&progress);
  if (!is_done)
    return cli_fail_error (CLI_FAILED, error);
  return gantry_training_was_interrupted (training) ? CLI_INTERRUPTED : CLI_DONE;
}

static GantryTraining *
start (const Arguments *arguments, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = NULL;
  g_autofree gchar *output = g_strdup (arguments->output);

  if (arguments->resume != NULL)
    {
      GantryRegistry *registry = cli_get_registry ();

      g_ptr_array_add (arguments->options, NULL);
      return registry != NULL ? gantry_training_resume (registry, arguments->resume, (const gchar *const *) arguments->options->pdata, error) : NULL;
    }
  pipeline = load_pipeline (arguments, error);
  if (pipeline == NULL)
    return NULL;
  if (output == NULL)
    {
      g_autofree gchar *base = g_path_get_basename (arguments->pipeline);
      gchar *dot = strrchr (base, '.');

      if (dot != NULL && dot != base)
        *dot = '\0';
      output = g_build_filename ("runs", base, NULL);
    }
  return gantry_training_new (pipeline, output, error);
}

static gint
train (const Arguments *arguments)
{
  g_autoptr (GantryTraining) training = NULL;
  g_autoptr (GError) error = NULL;

  if (arguments->is_help)
    return print_help (arguments);
  if (arguments->resume != NULL && arguments->pipeline != NULL)
    return cli_fail (CLI_BAD_INPUT, "train: --resume takes the pipeline of the run: leave out '%s'", arguments->pipeline);
  if (arguments->resume != NULL && arguments->output != NULL)
    return cli_fail (CLI_BAD_INPUT, "train: --resume goes on in the run's own folder: leave out --output");
  if (arguments->resume == NULL && arguments->pipeline == NULL && arguments->options->len == 0)
    return cli_fail (CLI_BAD_INPUT, "train: a pipeline is missing: gantry train PIPELINE; see gantry train --help");
  if (arguments->resume == NULL && arguments->pipeline == NULL && arguments->output == NULL)
    return cli_fail (CLI_BAD_INPUT, "train: --output=FOLDER is missing: there is no pipeline file to name the run after");
  training = start (arguments, &error);
  if (training == NULL)
    return error != NULL ? cli_fail_error (CLI_BAD_INPUT, error) : CLI_BAD_INPUT;
  return run (training, arguments);
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
