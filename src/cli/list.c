/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry list [KIND] */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static guint
count_broken (GantryRegistry *registry)
{
  g_autoptr (GPtrArray) unusable = gantry_registry_list_unusable (registry);
  guint n = 0;

  for (guint i = 0; i < unusable->len; i++)
    n += ((const GantryPluginInfo *) unusable->pdata[i])->status == GANTRY_PLUGIN_BROKEN;
  return n;
}

gint
cli_list (gint argc, gchar **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  GantryRegistry *registry;
  g_autoptr (GPtrArray) plugins = NULL;
  guint n_broken;
  gint width = 0;

  if (!cli_parse_options (&argc, &argv, entries, "[KIND]", "Lists the plugins that can be used, of one kind or all."))
    return CLI_BAD_INPUT;
  if (argc > 2)
    return cli_fail (CLI_BAD_INPUT, "list: one kind at most, but '%s' follows '%s'", argv[2], argv[1]);
  if (argc == 2 && gantry_kind_get_interface (argv[1]) == G_TYPE_INVALID)
    {
      g_autofree gchar *all = g_strjoinv (", ", (gchar **) gantry_kind_list ());
      g_autofree gchar *suggestion = cli_suggest (argv[1], gantry_kind_list ());

      return cli_fail (CLI_BAD_INPUT, "list: no kind of component is called '%s'%s; there are: %s", argv[1], suggestion, all);
    }
  registry = cli_get_registry ();
  if (registry == NULL)
    return CLI_BAD_INPUT;

  plugins = gantry_registry_list (registry, argv[1]);
  for (guint i = 0; i < plugins->len; i++)
    {
      const GantryPluginInfo *info = plugins->pdata[i];
      g_autofree gchar *id = g_strdup_printf ("%s/%s", info->kind, info->name);

      width = MAX (width, (gint) strlen (id));
    }
  for (guint i = 0; i < plugins->len; i++)
    {
      const GantryPluginInfo *info = plugins->pdata[i];
      g_autofree gchar *id = g_strdup_printf ("%s/%s", info->kind, info->name);

      printf ("%s%-*s%s  %s\n", cli_bold (), width, id, cli_plain (), info->summary);
    }
  n_broken = count_broken (registry);
  if (n_broken > 0)
    cli_fail (CLI_DONE, "%u plugin file%s cannot be used: gantry inspect --broken", n_broken, n_broken == 1 ? "" : "s");
  if (plugins->len == 0)
    {
      g_autofree gchar *folders = g_strjoinv (", ", (gchar **) gantry_registry_get_folders (registry));

      cli_fail (CLI_DONE, "no %s%splugin was found in: %s", argc == 2 ? argv[1] : "", argc == 2 ? " " : "", folders);
    }
  return CLI_DONE;
}
