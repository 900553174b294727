/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry doctor: what this computer and this installation have for training. */
#include "cli/cli.h"

#include <omp.h>
#include <stdio.h>

/* Kinds of which a pipeline needs one. */
static const gchar *const needed_kinds[] = { "architecture", "backend", "game", "loss", "optimizer", "reader", NULL };

static const gchar *const default_backends[] = { "onednn", "openblas", "reference", NULL };

static void
show (const gchar *what, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

static void
show (const gchar *what, const gchar *format, ...)
{
  va_list args;

  printf ("%s%-16s%s ", cli_bold (), what, cli_plain ());
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  putchar ('\n');
}

static void
complain (GPtrArray *reasons, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

static void
complain (GPtrArray *reasons, const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (reasons, g_strdup_vprintf (format, args));
  va_end (args);
}

/* What is wrong with processor or BLAS is said by the backend that cannot be opened for it. */
static void
examine_processor (void)
{
  g_autofree gchar *model = gantry_cpu_get_model ();
  GantryCpuLevel detected = gantry_cpu_detect (), level;

  show ("processor", "%s", model);
  if (gantry_cpu_get_level (&level, NULL) && level < detected)
    show ("instruction set", "%s: GANTRY_CPU allows no more; the processor has %s", gantry_cpu_level_get_name (level),
          gantry_cpu_level_get_name (detected));
  else
    show ("instruction set", "%s", gantry_cpu_level_get_name (detected));
  show ("threads", "%d of %d processors%s", omp_get_max_threads (), omp_get_num_procs (),
        g_getenv ("OMP_NUM_THREADS") != NULL ? ", by OMP_NUM_THREADS" : "");
}

static void
examine_blas (void)
{
  const GantryBlas *blas = gantry_blas_open (NULL);

  if (blas == NULL)
    {
      show ("BLAS", "none");
      return;
    }
  show ("BLAS", "%s", blas->file);
  show ("", "%s", blas->config);
  show ("", "%s kernels: %s", blas->core, blas->reason);
}

static void
examine_plugins (GantryRegistry *registry, GPtrArray *reasons)
{
  const gchar *const *folders = gantry_registry_get_folders (registry);
  g_autoptr (GPtrArray) plugins = gantry_registry_list (registry, NULL);
  g_autoptr (GPtrArray) unusable = gantry_registry_list_unusable (registry);
  guint n_broken = 0, n_shadowed = 0;

  for (guint f = 0; folders[f] != NULL; f++)
    {
      g_autofree gchar *prefix = g_str_has_suffix (folders[f], G_DIR_SEPARATOR_S) ? g_strdup (folders[f])
                                                                                 : g_strconcat (folders[f], G_DIR_SEPARATOR_S, NULL);
      guint n = 0;

      for (guint i = 0; i < plugins->len; i++)
        n += g_str_has_prefix (((const GantryPluginInfo *) plugins->pdata[i])->path, prefix);
      if (g_file_test (folders[f], G_FILE_TEST_IS_DIR))
        show (f == 0 ? "plugins" : "", "%u in %s", n, folders[f]);
      else
        show (f == 0 ? "plugins" : "", "no folder %s", folders[f]);
    }
  for (guint i = 0; i < unusable->len; i++)
    if (((const GantryPluginInfo *) unusable->pdata[i])->status == GANTRY_PLUGIN_BROKEN)
      n_broken++;
    else
      n_shadowed++;
  show ("", "%u broken, %u shadowed%s", n_broken, n_shadowed, n_broken > 0 ? ": gantry inspect --broken" : "");
  for (guint k = 0; needed_kinds[k] != NULL; k++)
    {
      g_autoptr (GPtrArray) of_kind = gantry_registry_list (registry, needed_kinds[k]);

      if (of_kind->len == 0)
        complain (reasons, "no plugin of kind %s was found, and every pipeline needs one", needed_kinds[k]);
    }
}

static void
examine_backends (GantryRegistry *registry, GPtrArray *reasons)
{
  for (guint i = 0; default_backends[i] != NULL; i++)
    {
      const gchar *names[] = { default_backends[i], NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) backends = gantry_backends_open (registry, names, &error);
      g_autofree gchar *description = NULL;

      if (backends == NULL && g_str_equal (names[0], "onednn") && gantry_registry_find (registry, "backend", names[0], NULL) == NULL)
        description = g_strdup ("not installed; training is slower without");
      else if (backends != NULL)
        description = gantry_backend_describe (backends->pdata[0]);
      else
        complain (reasons, "%s", error->message);
      show (i == 0 ? "backends" : "", "%s: %s", default_backends[i], description != NULL ? description : "cannot be opened");
    }
}

gint
cli_doctor (gint argc, gchar **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  GantryRegistry *registry;

  if (!cli_parse_options (&argc, &argv, entries, "", "Shows what training has to work with, and what stands in its way."))
    return CLI_BAD_INPUT;
  if (argc > 1)
    return cli_fail (CLI_BAD_INPUT, "doctor: takes no parameters, but '%s' was given", argv[1]);
  registry = cli_get_registry ();
  if (registry == NULL)
    return CLI_BAD_INPUT;

  show ("gantry", "%s", gantry_version ());
  examine_processor ();
  examine_blas ();
  examine_plugins (registry, reasons);
  examine_backends (registry, reasons);
  for (guint i = 0; i < reasons->len; i++)
    cli_fail (CLI_FAILED, "doctor: %s", (const gchar *) reasons->pdata[i]);
  return reasons->len > 0 ? CLI_FAILED : CLI_DONE;
}
