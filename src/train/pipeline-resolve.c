/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From sections to components: opens the plugins, sets and checks their properties. */
#include "train/pipeline-private.h"

#include "interface/game-private.h"
#include "train/average-private.h"

#include <string.h>

/* Of every section with a plugin. */
static gboolean
is_plugin_key (const GantrySection *section, const gchar *key)
{
  return g_str_equal (key, "plugin") && !g_str_equal (section->kind, "pipeline") && !g_str_equal (section->kind, GANTRY_AVERAGE_KIND);
}

static gchar *
section_label (const GantrySection *section)
{
  const gchar *name = gantry_component_get_name (section->component);
  const gchar *instance = gantry_component_get_instance (section->component);

  if (g_str_equal (section->kind, "pipeline"))
    return g_strdup ("[pipeline]");
  if (g_str_equal (section->kind, GANTRY_AVERAGE_KIND))
    return g_strdup ("[average]");
  if (g_str_equal (name, instance))
    return g_strdup_printf ("%s/%s", gantry_component_get_kind (section->component), name);
  return g_strdup_printf ("%s/%s (%s)", gantry_component_get_kind (section->component), name, instance);
}

/* A schedule starts with its first value, which is a value of the property like any other. */
static gboolean
set_schedule (GantryPipeline *self, GantrySection *section, GParamSpec *pspec, GantrySetting *setting, const gchar *label, GError **error)
{
  GantrySchedule *schedule;
  g_autofree gchar *first = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  if ((pspec->flags & GANTRY_SCHEDULABLE) == 0)
    {
      _gantry_pipeline_set_error (error, setting->origin, "%s: %s: '%s': it follows no schedule, since the graph is compiled for one value of it",
                                  label, setting->key, setting->text);
      return FALSE;
    }
  schedule = _gantry_schedule_parse (pspec, setting->text, gantry_component_get_int (self->settings, "images"), error);
  if (schedule == NULL)
    {
      g_prefix_error (error, "%s: %s: %s: ", setting->origin, label, setting->key);
      return FALSE;
    }
  g_ptr_array_add (section->schedules, schedule);
  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, _gantry_schedule_at (schedule, 0));
  first = gantry_param_format (pspec, &value);
  return gantry_component_set (_gantry_section_get_owner (section, setting->key), setting->key, first, error);
}

static gboolean
set_property (GantryPipeline *self, GantrySection *section, GantrySetting *setting, GError **error)
{
  GantryComponent *owner = _gantry_section_get_owner (section, setting->key);
  GParamSpec *pspec = owner != NULL ? g_object_class_find_property (G_OBJECT_GET_CLASS (owner), setting->key) : NULL;
  g_autofree gchar *label = section_label (section);
  g_autofree gchar *path = NULL;
  const gchar *text = setting->text;

  if (pspec != NULL && setting->is_lines && G_PARAM_SPEC_VALUE_TYPE (pspec) != G_TYPE_STRV)
    {
      _gantry_pipeline_set_error (error, setting->origin, "%s: %s takes one line: a line that begins with a blank continues the value above it",
                                  label, setting->key);
      return FALSE;
    }
  if (pspec != NULL && G_IS_PARAM_SPEC_DOUBLE (pspec) && _gantry_schedule_is_text (text))
    return set_schedule (self, section, pspec, setting, label, error);
  if (pspec != NULL && gantry_param_is_path (pspec) && *text != '\0')
    {
      path = g_canonicalize_filename (text, setting->folder);
      text = path;
    }
  if (!gantry_component_set (owner != NULL ? owner : section->component, setting->key, text, error))
    {
      g_prefix_error (error, "%s: ", setting->origin);
      return FALSE;
    }
  return TRUE;
}

static gboolean
set_properties (GantryPipeline *self, GantrySection *section, GError **error)
{
  g_autofree gchar *label = section_label (section);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs = 0;

  for (guint i = 0; i < section->settings->len; i++)
    {
      GantrySetting *setting = section->settings->pdata[i];

      if (!is_plugin_key (section, setting->key) && !set_property (self, section, setting, error))
        return FALSE;
    }
  pspecs = gantry_component_list_properties (section->component, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    if ((pspecs[i]->flags & GANTRY_REQUIRED) != 0 && !gantry_component_is_set (section->component, pspecs[i]->name))
      {
        _gantry_pipeline_set_error (error, section->origin, "%s: %s= is missing: %s", label, pspecs[i]->name, g_param_spec_get_blurb (pspecs[i]));
        return FALSE;
      }
  return TRUE;
}

static const gchar *
plugin_of (GantryPipeline *self, GantrySection *section, const gchar **origin)
{
  GantrySetting *setting = _gantry_section_find (section, "plugin");

  *origin = section->origin;
  if (setting == NULL && g_str_equal (section->kind, "network"))
    setting = self->architecture;
  if (setting != NULL)
    {
      *origin = setting->origin;
      return setting->text;
    }
  if (g_str_equal (section->kind, "game") && section->instance == NULL)
    return "adversarial";
  return g_str_equal (section->kind, "network") ? NULL : section->instance;
}

static gboolean
resolve_component (GantryPipeline *self, GantrySection *section, GError **error)
{
  const gchar *kind = g_str_equal (section->kind, "network") ? "architecture" : section->kind;
  const gchar *origin;
  const gchar *plugin = plugin_of (self, section, &origin);
  const gchar *instance = section->instance != NULL ? section->instance : plugin;

  if (plugin == NULL || *plugin == '\0')
    {
      _gantry_pipeline_set_error (error, origin, "plugin= is missing: the name of %s %s plugin", strchr ("aeiou", *kind) != NULL ? "an" : "a", kind);
      return FALSE;
    }
  section->component = gantry_registry_create (self->registry, kind, plugin, instance, error);
  if (section->component == NULL)
    {
      g_prefix_error (error, "%s: ", origin);
      return FALSE;
    }
  section->host = _gantry_host_keys_new (section->kind, plugin, instance);
  return set_properties (self, section, error);
}

static gboolean
check_instances (GantryPipeline *self, GError **error)
{
  for (guint i = 0; i < self->sections->len; i++)
    for (guint j = 0; j < i; j++)
      {
        GantrySection *a = self->sections->pdata[j];
        GantrySection *b = self->sections->pdata[i];
        const gchar *name = _gantry_section_get_instance (b);

        if (!g_str_equal (a->kind, b->kind))
          continue;
        if (g_str_equal (a->kind, "game") || g_str_equal (a->kind, "reader"))
          {
            _gantry_pipeline_set_error (error, b->origin, "a second %s: there is one at %s already", b->kind, a->origin);
            return FALSE;
          }
        if (g_str_equal (_gantry_section_get_instance (a), name))
          {
            _gantry_pipeline_set_error (error, b->origin, "a second %s named '%s': the first is at %s; write [%s NAME] to tell them apart", b->kind,
                                        name, a->origin, b->kind);
            return FALSE;
          }
      }
  return TRUE;
}

static GantrySection *
need_section (GantryPipeline *self, const gchar *kind, const gchar *instance)
{
  GantrySection *section = _gantry_pipeline_find_section (self, kind, instance);

  if (section == NULL)
    {
      section = _gantry_section_new (kind, instance, self->origin != NULL ? self->origin : "pipeline");
      g_ptr_array_add (self->sections, section);
    }
  return section;
}

static gboolean
resolve_settings (GantryPipeline *self, GError **error)
{
  GantrySection *section = need_section (self, "pipeline", NULL);

  section->component = _gantry_settings_new ();
  g_set_object (&self->settings, section->component);
  return set_properties (self, section, error);
}

static gchar **
list_networks (GantryGameHost *host)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < host->networks->len; i++)
    g_strv_builder_add (names, ((GantryGameNetwork *) host->networks->pdata[i])->name);
  return g_strv_builder_end (names);
}

/* An average is of a network of the game, by default of the one that is sampled. */
static gboolean
resolve_average (GantryPipeline *self, GantrySection *section, GantryGameHost *host, gchar **networks, GError **error)
{
  const gchar *network = section->instance != NULL ? section->instance : host->sampler;

  if (!g_strv_contains ((const gchar *const *) networks, network))
    {
      g_autofree gchar *known = g_strjoinv (", ", networks);
      g_autofree gchar *hint = _gantry_did_you_mean (network, (const gchar *const *) networks);

      _gantry_pipeline_set_error (error, section->origin, "[average %s]: there is no network '%s'%s; there are: %s", network, network, hint, known);
      return FALSE;
    }
  for (guint i = 0; self->sections->pdata[i] != section; i++)
    {
      const GantrySection *other = self->sections->pdata[i];

      if (g_str_equal (other->kind, section->kind) && g_str_equal (gantry_component_get_instance (other->component), network))
        {
          _gantry_pipeline_set_error (error, section->origin, "a second average of %s: there is one at %s already", network, other->origin);
          return FALSE;
        }
    }
  section->component = _gantry_average_settings_new (network);
  if (!set_properties (self, section, error))
    return FALSE;
  if (_gantry_average_settings_check (section, error))
    return TRUE;
  g_prefix_error (error, "%s: ", section->origin);
  return FALSE;
}

/* The game says which networks there are; every one needs an architecture, and there are no others. */
static gboolean
resolve_networks (GantryPipeline *self, GError **error)
{
  GantryComponent *game = NULL;
  g_autoptr (GantryGameHost) host = _gantry_game_host_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, "game"))
        game = section->component;
    }
  if (!_gantry_game_host_declare (host, GANTRY_GAME (game), error))
    return FALSE;
  names = list_networks (host);
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, "network") && !g_strv_contains ((const gchar *const *) names, section->instance))
        {
          g_autofree gchar *known = g_strjoinv (", ", names);
          g_autofree gchar *hint = _gantry_did_you_mean (section->instance, (const gchar *const *) names);

          _gantry_pipeline_set_error (error, section->origin, "game/%s has no network '%s'%s; it has: %s", gantry_component_get_name (game),
                                      section->instance, hint, known);
          return FALSE;
        }
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      GantrySection *section = _gantry_pipeline_find_section (self, "network", names[i]);

      if (section == NULL && self->architecture == NULL)
        {
          _gantry_pipeline_set_error (error, self->origin != NULL ? self->origin : "pipeline",
                                      "there is no [%s%s] section: game/%s needs an architecture for that network",
                                      g_str_equal (names[i], "generator") || g_str_equal (names[i], "discriminator") ? "" : "network ", names[i],
                                      gantry_component_get_name (game));
          return FALSE;
        }
      if (!resolve_component (self, need_section (self, "network", names[i]), error))
        return FALSE;
    }
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, GANTRY_AVERAGE_KIND) && !resolve_average (self, section, host, names, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * gantry_pipeline_resolve:
 * @self: a pipeline whose files and options were all given
 * @error: return location for an error
 *
 * Opens every plugin that the pipeline names and sets its properties; nothing is read of any data.  The game
 * defaults to "adversarial".  To resolve again does nothing.
 *
 * Returns: whether everything is as it should be; the error says `FILE:LINE` or the option, what was expected, and the
 *   nearest name otherwise
 */
gboolean
gantry_pipeline_resolve (GantryPipeline *self, GError **error)
{
  g_return_val_if_fail (GANTRY_IS_PIPELINE (self), FALSE);
  if (self->is_resolved)
    return TRUE;
  if (!resolve_settings (self, error))
    return FALSE;
  if (!check_instances (self, error))
    return FALSE;
  if (_gantry_pipeline_find_section (self, "game", NULL) == NULL)
    {
      gboolean has_game = FALSE;

      for (guint i = 0; i < self->sections->len; i++)
        has_game |= g_str_equal (((GantrySection *) self->sections->pdata[i])->kind, "game");
      if (!has_game)
        need_section (self, "game", NULL);
    }
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (!g_str_equal (section->kind, "pipeline") && !g_str_equal (section->kind, "network") && !g_str_equal (section->kind, GANTRY_AVERAGE_KIND)
          && !resolve_component (self, section, error))
        return FALSE;
    }
  if (!resolve_networks (self, error))
    return FALSE;
  self->is_resolved = TRUE;
  return TRUE;
}

/* The text of a property: its schedule, where it follows one. */
gchar *
_gantry_section_get_text (GantrySection *self, const gchar *key)
{
  for (guint i = 0; i < self->schedules->len; i++)
    if (g_str_equal (_gantry_schedule_get_key (self->schedules->pdata[i]), key))
      return g_strdup (_gantry_schedule_get_text (self->schedules->pdata[i]));
  return gantry_component_get_text (_gantry_section_get_owner (self, key), key, NULL);
}

/* A regularizer is part of every so many steps, 1 by default. */
gint64
_gantry_pipeline_get_interval (GantryPipeline *self, GantryComponent *regularizer, gboolean *is_fused)
{
  GantrySection *section = _gantry_pipeline_find_component (self, regularizer);

  *is_fused = g_str_equal (gantry_component_get_enum (section->host, "step"), "fused");
  return gantry_component_get_int (section->host, "interval");
}

/* Gives every scheduled property its value at so many images. */
void
_gantry_pipeline_follow_schedules (GantryPipeline *self, guint64 images)
{
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      for (guint k = 0; k < section->schedules->len; k++)
        {
          const GantrySchedule *schedule = section->schedules->pdata[k];
          const gchar *key = _gantry_schedule_get_key (schedule);

          g_object_set (_gantry_section_get_owner (section, key), key, _gantry_schedule_at (schedule, images), NULL);
        }
    }
}

/* The role of a network, where its section names one. */
const gchar *
_gantry_pipeline_get_role (GantryPipeline *self, const gchar *network)
{
  GantrySection *section = _gantry_pipeline_find_section (self, "network", network);
  GantrySetting *role = section != NULL ? _gantry_section_find (section, "role") : NULL;

  return role != NULL ? role->text : NULL;
}
