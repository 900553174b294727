/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/inspect.h"
#include "cli/json.h"

static void
add_identity (JsonBuilder *json, const GantryPluginInfo *info)
{
  cli_json_add_text (json, "kind", info->kind);
  cli_json_add_text (json, "name", info->name);
  cli_json_add_text (json, "version", info->version);
  cli_json_add_text (json, "summary", info->summary);
  cli_json_add_text (json, "licence", info->licence);
  cli_json_add_text (json, "origin", info->origin);
  cli_json_add_text (json, "file", info->path);
}

static void
add_choices (JsonBuilder *json, GParamSpec *pspec)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;

  cli_json_begin_array (json, "choices");
  for (guint i = 0; i < klass->n_values; i++)
    json_builder_add_string_value (json, klass->values[i].value_nick);
  json_builder_end_array (json);
}

static void
add_property (JsonBuilder *json, GantryComponent *component, GParamSpec *pspec)
{
  g_autofree gchar *type = gantry_param_describe_type (pspec);
  g_autofree gchar *range = gantry_param_describe_range (pspec);
  g_autofree gchar *value = gantry_component_get_text (component, pspec->name, NULL);

  json_builder_begin_object (json);
  cli_json_add_text (json, "name", pspec->name);
  cli_json_add_text (json, "type", type);
  cli_json_add_text (json, "range", range);
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    add_choices (json, pspec);
  cli_json_add_text (json, "default", value);
  cli_json_add_text (json, "unit", gantry_param_get_unit (pspec));
  cli_json_begin_array (json, "flags");
  if (pspec->flags & GANTRY_SCHEDULABLE)
    json_builder_add_string_value (json, "schedulable");
  if (pspec->flags & GANTRY_REQUIRED)
    json_builder_add_string_value (json, "required");
  json_builder_end_array (json);
  cli_json_add_text (json, "blurb", g_param_spec_get_blurb (pspec));
  json_builder_end_object (json);
}

static void
add_properties (JsonBuilder *json, const gchar *member, GantryComponent *component)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (component, &n);

  cli_json_begin_array (json, member);
  for (guint i = 0; i < n; i++)
    add_property (json, component, pspecs[i]);
  json_builder_end_array (json);
}

void
inspect_plugin_as_json (const GantryPluginInfo *info, GantryComponent *component, const GantryOp *op, JsonBuilder *json)
{
  g_autoptr (GantryComponent) keys = gantry_pipeline_new_keys (info->kind);
  g_autofree gchar *abi = g_strdup_printf ("%u.%u", info->abi_major, info->abi_minor);
  g_autofree gchar *described = op != NULL ? inspect_describe_op (op) : NULL;

  json_builder_begin_object (json);
  add_identity (json, info);
  cli_json_add_text (json, "abi", abi);
  if (described != NULL)
    cli_json_add_text (json, "op", described);
  add_properties (json, "properties", component);
  if (keys != NULL)
    add_properties (json, "section-properties", keys);
  json_builder_end_object (json);
}

void
inspect_section_as_json (const gchar *kind, GantryComponent *keys, JsonBuilder *json)
{
  json_builder_begin_object (json);
  cli_json_add_text (json, "section", kind);
  add_properties (json, "properties", keys);
  json_builder_end_object (json);
}

void
inspect_unusable_as_json (const GantryPluginInfo *info, JsonBuilder *json)
{
  json_builder_begin_object (json);
  cli_json_add_text (json, "status", info->status == GANTRY_PLUGIN_SHADOWED ? "shadowed" : "broken");
  cli_json_add_text (json, "reason", info->reason);
  add_identity (json, info);
  json_builder_end_object (json);
}
