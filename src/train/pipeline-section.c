/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sections and settings of a pipeline before it is resolved. */
#include "train/pipeline-private.h"

#include <string.h>

void
_gantry_pipeline_set_error (GError **error, const gchar *origin, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%s: %s", origin, message);
}

/* " (did you mean 'x'?)" or nothing. */
gchar *
_gantry_did_you_mean (const gchar *name, const gchar *const *candidates)
{
  const gchar *nearest = gantry_nearest_name (name, candidates);

  return nearest != NULL ? g_strdup_printf (" (did you mean '%s'?)", nearest) : g_strdup ("");
}

/* Kinds that a section or an option may name. */
const gchar *const *
_gantry_pipeline_section_kinds (void)
{
  static const gchar *const no_sections[] = { "architecture", "backend", "op", NULL };
  static gchar **kinds;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      const gchar *const *known = gantry_kind_list ();

      g_strv_builder_add (builder, "pipeline");
      g_strv_builder_add (builder, "network");
      for (guint i = 0; known[i] != NULL; i++)
        if (!g_strv_contains (no_sections, known[i]))
          g_strv_builder_add (builder, known[i]);
      g_strv_builder_add (builder, GANTRY_AVERAGE_KIND);
      kinds = g_strv_builder_end (builder);
      g_once_init_leave (&once, 1);
    }
  return (const gchar *const *) kinds;
}

GantrySetting *
_gantry_setting_new (const gchar *key, const gchar *text, const gchar *origin, const gchar *folder)
{
  GantrySetting *self = g_new0 (GantrySetting, 1);

  self->key = g_strdup (key);
  self->text = g_strdup (text);
  self->origin = g_strdup (origin);
  self->folder = g_strdup (folder);
  return self;
}

void
_gantry_setting_free (GantrySetting *self)
{
  if (self == NULL)
    return;
  g_free (self->key);
  g_free (self->text);
  g_free (self->origin);
  g_free (self->folder);
  g_free (self);
}

GantrySection *
_gantry_section_new (const gchar *kind, const gchar *instance, const gchar *origin)
{
  GantrySection *self = g_new0 (GantrySection, 1);

  self->kind = g_strdup (kind);
  self->instance = g_strdup (instance);
  self->origin = g_strdup (origin);
  self->settings = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_setting_free);
  self->schedules = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_schedule_free);
  return self;
}

void
_gantry_section_free (GantrySection *self)
{
  g_free (self->kind);
  g_free (self->instance);
  g_free (self->origin);
  g_ptr_array_unref (self->settings);
  g_ptr_array_unref (self->schedules);
  g_clear_object (&self->component);
  g_clear_object (&self->host);
  g_free (self);
}

GantrySetting *
_gantry_section_find (GantrySection *self, const gchar *key)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      GantrySetting *setting = self->settings->pdata[i];

      if (g_str_equal (setting->key, key))
        return setting;
    }
  return NULL;
}

void
_gantry_section_put (GantrySection *self, GantrySetting *setting)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      GantrySetting *old = self->settings->pdata[i];

      if (g_str_equal (old->key, setting->key))
        {
          self->settings->pdata[i] = setting;
          _gantry_setting_free (old);
          return;
        }
    }
  g_ptr_array_add (self->settings, setting);
}

/* The instance's name, which defaults to the plugin's. */
const gchar *
_gantry_section_get_instance (GantrySection *self)
{
  GantrySetting *plugin;

  if (self->instance != NULL)
    return self->instance;
  plugin = _gantry_section_find (self, "plugin");
  if (plugin != NULL)
    return plugin->text;
  return g_str_equal (self->kind, "game") ? "adversarial" : self->kind;
}

/* A plugin that has a key of that name keeps it. */
GantryComponent *
_gantry_section_get_owner (GantrySection *self, const gchar *key)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->component), key) != NULL)
    return self->component;
  return self->host != NULL && g_object_class_find_property (G_OBJECT_GET_CLASS (self->host), key) != NULL ? self->host : NULL;
}

GantryComponent *
_gantry_section_get_weight (GantrySection *self)
{
  if (_gantry_section_get_owner (self, "weight") != self->host)
    return NULL;
  for (guint i = 0; i < self->schedules->len; i++)
    if (g_str_equal (_gantry_schedule_get_key (self->schedules->pdata[i]), "weight"))
      return self->host;
  return gantry_component_get_double (self->host, "weight") != 1 ? self->host : NULL;
}

gchar **
_gantry_section_list_matches (GantrySection *self)
{
  g_auto (GStrv) names = NULL;

  if (self->host == NULL || _gantry_section_get_owner (self, "match") != self->host)
    return NULL;
  names = gantry_component_get_list (self->host, "match");
  return names != NULL && names[0] != NULL ? g_steal_pointer (&names) : NULL;
}

/* The patterns of freeze=, which names of a network's variables may match. */
gchar **
_gantry_section_list_frozen (GantrySection *self)
{
  GantrySetting *freeze = _gantry_section_find (self, "freeze");
  g_auto (GStrv) parts = g_strsplit_set (freeze != NULL ? freeze->text : "", ";\n", -1);
  g_autoptr (GStrvBuilder) patterns = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_strv_builder_add (patterns, parts[i]);
  return g_strv_builder_end (patterns);
}

GantrySection *
_gantry_pipeline_find_component (GantryPipeline *self, gpointer component)
{
  for (guint i = 0; i < self->sections->len; i++)
    if (((GantrySection *) self->sections->pdata[i])->component == component)
      return self->sections->pdata[i];
  return NULL;
}

/* By the name in the header; NULL finds the one without a name. */
GantrySection *
_gantry_pipeline_find_section (GantryPipeline *self, const gchar *kind, const gchar *instance)
{
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, kind) && g_strcmp0 (section->instance, instance) == 0)
        return section;
    }
  return NULL;
}
