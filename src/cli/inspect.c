/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry inspect [--json] [--broken] [KIND/NAME | NAME] ... */
#include "cli/inspect.h"
#include "cli/json.h"

#include <stdio.h>
#include <string.h>

/* A plugin by id, or by a name that only one kind has. */
static const GantryPluginInfo *
find_plugin (GantryRegistry *registry, const gchar *id, GError **error)
{
  const gchar *slash = strchr (id, '/');
  g_autofree gchar *kind = slash != NULL ? g_strndup (id, slash - id) : NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autofree const gchar **names = NULL;
  g_autofree gchar *suggestion = NULL;
  const GantryPluginInfo *found = NULL;

  if (slash != NULL)
    return gantry_registry_find (registry, kind, slash + 1, error);
  all = gantry_registry_list (registry, NULL);
  names = g_new0 (const gchar *, all->len + 1);
  for (guint i = 0; i < all->len; i++)
    {
      const GantryPluginInfo *info = all->pdata[i];

      names[i] = info->name;
      if (!g_str_equal (info->name, id))
        continue;
      if (found != NULL)
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "'%s' may be %s/%s or %s/%s: say which", id, found->kind,
                       found->name, info->kind, info->name);
          return NULL;
        }
      found = info;
    }
  if (found != NULL)
    return found;
  suggestion = cli_suggest (id, names);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no plugin is called '%s'%s; gantry list shows them all", id, suggestion);
  return NULL;
}

gchar *
inspect_describe_op (const GantryOp *op)
{
  g_autofree gchar *inputs = op->n_inputs < 0 ? g_strdup ("any number of inputs")
                             : g_strdup_printf ("%d input%s", op->n_inputs, op->n_inputs == 1 ? "" : "s");
  const gchar *gradient = op->gradient != NULL ? "differentiable"
                          : op->flags & GANTRY_OP_STOPS_GRADIENT ? "constant to gradients" : "not differentiable";

  return g_strdup_printf ("%s, %s%s, %s", inputs, op->flags & GANTRY_OP_ELEMENTWISE ? "elementwise, " : "", gradient,
                          op->flags & GANTRY_OP_VIEW ? "a view" : "kernels in float32 and float64");
}

/* Whether it is a section that has keys of its own; then it was shown. */
static gboolean
inspect_section (const gchar *id, JsonBuilder *json)
{
  static const gchar *const sections[] = { "pipeline", "average", "network", NULL };
  g_autoptr (GantryComponent) keys = g_strv_contains (sections, id) ? gantry_pipeline_new_keys (id) : NULL;

  if (keys != NULL && json != NULL)
    inspect_section_as_json (id, keys, json);
  else if (keys != NULL)
    inspect_section_as_text (id, keys);
  return keys != NULL;
}

static gint
inspect_plugins (GantryRegistry *registry, gchar **ids, gint n_ids, JsonBuilder *json)
{
  for (gint i = 0; i < n_ids; i++)
    {
      g_autoptr (GError) error = NULL;
      const GantryPluginInfo *info;
      g_autoptr (GantryComponent) component = NULL;
      const GantryOp *op = NULL;

      if (i > 0 && json == NULL)
        putchar ('\n');
      if (inspect_section (ids[i], json))
        continue;
      info = find_plugin (registry, ids[i], &error);
      if (info != NULL)
        component = gantry_registry_create (registry, info->kind, info->name, NULL, &error);
      if (GANTRY_IS_OP_PROVIDER (component))
        op = gantry_op_provider_get_op (GANTRY_OP_PROVIDER (component), &error);
      if (component == NULL || error != NULL)
        return cli_fail_error (CLI_BAD_INPUT, error);
      if (json != NULL)
        inspect_plugin_as_json (info, component, op, json);
      else
        inspect_plugin_as_text (info, component, op);
    }
  return CLI_DONE;
}

static void
inspect_unusable (GantryRegistry *registry, JsonBuilder *json)
{
  g_autoptr (GPtrArray) unusable = gantry_registry_list_unusable (registry);

  for (guint i = 0; i < unusable->len; i++)
    {
      const GantryPluginInfo *info = unusable->pdata[i];

      if (json != NULL)
        inspect_unusable_as_json (info, json);
      else
        printf ("%s%s%s\n  %s\n", cli_bold (), info->path, cli_plain (), info->reason);
    }
}

gint
cli_inspect (gint argc, gchar **argv)
{
  gboolean as_json = FALSE;
  gboolean broken = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "print JSON: an array with one object a plugin or file", NULL },
    { "broken", 0, 0, G_OPTION_ARG_NONE, &broken, "show the files that cannot be used, and why", NULL },
    { NULL }
  };
  g_autoptr (JsonBuilder) json = NULL;
  GantryRegistry *registry;
  gint status = CLI_DONE;

  if (!cli_parse_options (&argc, &argv, entries, "[KIND/NAME ...]",
                          "Shows what a plugin is and its properties.  The kind may be left out where only one has that name.  pipeline, average "
                          "and network show the keys of those sections."))
    return CLI_BAD_INPUT;
  if (!broken && argc < 2)
    return cli_fail (CLI_BAD_INPUT, "inspect: which plugin? gantry inspect KIND/NAME; gantry list shows them all");
  if (broken && argc > 1)
    return cli_fail (CLI_BAD_INPUT, "inspect: --broken shows all files that cannot be used: leave out '%s'", argv[1]);
  /* What stood in a file's way may be gone without the file having changed. */
  if (broken)
    gantry_registry_set_use_cache (gantry_registry_get_default (), FALSE);
  registry = cli_get_registry ();
  if (registry == NULL)
    return CLI_BAD_INPUT;

  if (as_json)
    json = json_builder_begin_array (json_builder_new ());
  if (broken)
    inspect_unusable (registry, json);
  else
    status = inspect_plugins (registry, argv + 1, argc - 1, json);
  if (json != NULL && status == CLI_DONE)
    {
      json_builder_end_array (json);
      cli_json_print (json, stdout);
    }
  return status;
}
