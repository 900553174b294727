/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A resolved pipeline as text that reads back as the same pipeline: every key with its value, defaults too. */
#include "train/pipeline-private.h"

#include <string.h>

#define MAX_LIST_WIDTH 80

static void
append_list (GString *text, const gchar *key, const gchar *value)
{
  g_auto (GStrv) items = g_strsplit (value, ";", -1);

  for (guint i = 0; items[i] != NULL; i++)
    if (*g_strstrip (items[i]) == '#' || strstr (items[i], " #") != NULL || strstr (items[i], "\t#") != NULL || *items[i] == '"')
      {
        g_autofree gchar *quoted = _gantry_pipeline_quote (value);

        g_string_append_printf (text, "%s=%s\n", key, quoted);
        return;
      }
  if (strlen (value) <= MAX_LIST_WIDTH)
    {
      g_string_append_printf (text, "%s=%s\n", key, value);
      return;
    }
  g_string_append_printf (text, "%s=\n", key);
  for (guint i = 0; items[i] != NULL; i++)
    if (*items[i] != '\0')
      g_string_append_printf (text, "  %s\n", items[i]);
}

static void
append_property (GString *text, GantrySection *section, GantryComponent *component, GParamSpec *pspec)
{
  g_autofree gchar *value = _gantry_section_get_text (section, pspec->name);
  g_autofree gchar *quoted = NULL;

  if (value == NULL || (*value == '\0' && !gantry_component_is_set (component, pspec->name)))
    return;
  if (G_PARAM_SPEC_VALUE_TYPE (pspec) == G_TYPE_STRV)
    {
      append_list (text, pspec->name, value);
      return;
    }
  quoted = _gantry_pipeline_quote (value);
  g_string_append_printf (text, "%s=%s\n", pspec->name, quoted);
}

static void
append_properties (GString *text, GantrySection *section, GantryComponent *component)
{
  guint n_pspecs = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (component, &n_pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    if (_gantry_section_get_owner (section, pspecs[i]->name) == component)
      append_property (text, section, component, pspecs[i]);
}

static void
append_section (GString *text, GantrySection *section)
{
  const gboolean is_network = g_str_equal (section->kind, "network");

  if (text->len > 0)
    g_string_append_c (text, '\n');
  if (is_network && (g_str_equal (section->instance, "generator") || g_str_equal (section->instance, "discriminator")))
    g_string_append_printf (text, "[%s]\n", section->instance);
  else if (section->instance != NULL)
    g_string_append_printf (text, "[%s %s]\n", section->kind, section->instance);
  else
    g_string_append_printf (text, "[%s]\n", section->kind);
  if (!g_str_equal (section->kind, "pipeline") && !g_str_equal (section->kind, GANTRY_AVERAGE_KIND))
    g_string_append_printf (text, "plugin=%s\n", gantry_component_get_name (section->component));
  /* A role says what the properties are of: it is read before them. */
  if (section->host != NULL && is_network)
    append_properties (text, section, section->host);
  append_properties (text, section, section->component);
  if (section->host != NULL && !is_network)
    append_properties (text, section, section->host);
}

/**
 * gantry_pipeline_to_text:
 * @self: a resolved pipeline
 *
 * Returns: (transfer full): a pipeline file that resolves to the same pipeline: includes and options are merged, defaults
 *   written out, paths absolute
 */
gchar *
gantry_pipeline_to_text (GantryPipeline *self)
{
  static const gchar *const first[] = { "pipeline", "game", "network", "reader", NULL };
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (self->is_resolved, g_string_free (text, FALSE));
  for (guint k = 0; first[k] != NULL; k++)
    for (guint i = 0; i < self->sections->len; i++)
      if (g_str_equal (((GantrySection *) self->sections->pdata[i])->kind, first[k]))
        append_section (text, self->sections->pdata[i]);
  for (guint i = 0; i < self->sections->len; i++)
    if (!g_strv_contains (first, ((GantrySection *) self->sections->pdata[i])->kind))
      append_section (text, self->sections->pdata[i]);
  return g_string_free (text, FALSE);
}
