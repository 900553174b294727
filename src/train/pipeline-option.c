/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command-line options as changes of a pipeline: --KIND=, --add-KIND=, --no-KIND=, --KIND.INSTANCE.key=. */
#include "train/pipeline-private.h"

#include <string.h>

typedef struct {
  GantryPipeline *pipeline;
  const gchar *origin; /* "--loss.margin" */
  const gchar *value;  /* NULL where none was given */
} Option;

static gboolean
need_value (const Option *option, GError **error)
{
  if (option->value != NULL)
    return TRUE;
  _gantry_pipeline_set_error (error, option->origin, "needs a value: %s=VALUE", option->origin);
  return FALSE;
}

static void
put (const Option *option, GantrySection *section, const gchar *key)
{
  g_autofree gchar *folder = g_get_current_dir ();

  _gantry_section_put (section, _gantry_setting_new (key, option->value, option->origin, folder));
}

static GantrySection *
add_section (const Option *option, const gchar *kind, const gchar *instance)
{
  GantrySection *section = _gantry_section_new (kind, instance, option->origin);

  g_ptr_array_add (option->pipeline->sections, section);
  return section;
}

static gboolean
is_component_kind (const gchar *kind)
{
  return g_strv_contains (_gantry_pipeline_section_kinds (), kind) && !g_str_equal (kind, "pipeline") && !g_str_equal (kind, "network");
}

static gboolean
is_network (const Option *option, const gchar *name)
{
  return g_str_equal (name, "generator") || g_str_equal (name, "discriminator")
         || _gantry_pipeline_find_section (option->pipeline, "network", name) != NULL;
}

static guint
remove_sections (GantryPipeline *self, const gchar *kind, const gchar *instance)
{
  guint n_removed = 0;

  for (guint i = self->sections->len; i-- > 0;)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, kind) && (instance == NULL || g_str_equal (_gantry_section_get_instance (section), instance)))
        {
          g_ptr_array_remove_index (self->sections, i);
          n_removed++;
        }
    }
  return n_removed;
}

static gchar *
list_instances (GantryPipeline *self, const gchar *kind)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, kind))
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", _gantry_section_get_instance (section));
    }
  return g_strdup (list->len > 0 ? list->str : "none");
}

/* --KIND=name: what the file says of that kind is gone. */
static gboolean
replace_kind (const Option *option, const gchar *kind, GError **error)
{
  GantrySection *section;

  if (!need_value (option, error))
    return FALSE;
  remove_sections (option->pipeline, kind, NULL);
  if (g_str_equal (kind, GANTRY_AVERAGE_KIND))
    {
      add_section (option, kind, option->value);
      return TRUE;
    }
  section = add_section (option, kind, NULL);
  put (option, section, "plugin");
  return TRUE;
}

static gboolean
add_kind (const Option *option, const gchar *kind, GError **error)
{
  if (!need_value (option, error))
    return FALSE;
  if (!_gantry_pipeline_is_identifier (option->value))
    {
      _gantry_pipeline_set_error (error, option->origin, "'%s' is no name: expected small letters, digits and dashes", option->value);
      return FALSE;
    }
  for (guint i = 0; i < option->pipeline->sections->len; i++)
    {
      GantrySection *section = option->pipeline->sections->pdata[i];

      if (g_str_equal (section->kind, kind) && g_str_equal (_gantry_section_get_instance (section), option->value))
        {
          _gantry_pipeline_set_error (error, option->origin, "%s '%s' is there already, at %s", kind, option->value, section->origin);
          return FALSE;
        }
    }
  add_section (option, kind, option->value);
  return TRUE;
}

static gboolean
remove_kind (const Option *option, const gchar *kind, GError **error)
{
  if (remove_sections (option->pipeline, kind, option->value) == 0)
    {
      g_autofree gchar *instances = list_instances (option->pipeline, kind);

      g_autofree gchar *name = option->value != NULL ? g_strdup_printf (" '%s'", option->value) : g_strdup ("");

      _gantry_pipeline_set_error (error, option->origin, "there is no %s%s to remove; there are: %s", kind, name, instances);
      return FALSE;
    }
  return TRUE;
}

static gboolean
set_network_plugin (const Option *option, const gchar *network, GError **error)
{
  GantrySection *section = _gantry_pipeline_find_section (option->pipeline, "network", network);

  if (!need_value (option, error))
    return FALSE;
  put (option, section != NULL ? section : add_section (option, "network", network), "plugin");
  return TRUE;
}

static gboolean
set_architecture (const Option *option, GError **error)
{
  GantryPipeline *self = option->pipeline;

  if (!need_value (option, error))
    return FALSE;
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, "network"))
        put (option, section, "plugin");
    }
  g_clear_pointer (&self->architecture, _gantry_setting_free);
  self->architecture = _gantry_setting_new ("plugin", option->value, option->origin, NULL);
  return TRUE;
}

static gboolean
set_pipeline_key (const Option *option, const gchar *key, GError **error)
{
  GantrySection *section = _gantry_pipeline_find_section (option->pipeline, "pipeline", NULL);

  if (!need_value (option, error))
    return FALSE;
  put (option, section != NULL ? section : add_section (option, "pipeline", NULL), key);
  return TRUE;
}

static gboolean
set_network_key (const Option *option, const gchar *network, const gchar *key, GError **error)
{
  GantrySection *section = _gantry_pipeline_find_section (option->pipeline, "network", network);

  if (!need_value (option, error))
    return FALSE;
  put (option, section != NULL ? section : add_section (option, "network", network), key);
  return TRUE;
}

/* --KIND.key=, or --KIND.INSTANCE.key= where @instance is given. */
static gboolean
set_component_key (const Option *option, const gchar *kind, const gchar *instance, const gchar *key, GError **error)
{
  GantrySection *found = NULL;
  guint n_found = 0;

  if (!need_value (option, error))
    return FALSE;
  for (guint i = 0; i < option->pipeline->sections->len; i++)
    {
      GantrySection *section = option->pipeline->sections->pdata[i];

      if (g_str_equal (section->kind, kind) && (instance == NULL || g_str_equal (_gantry_section_get_instance (section), instance)))
        {
          found = section;
          n_found++;
        }
    }
  if (n_found != 1)
    {
      g_autofree gchar *instances = list_instances (option->pipeline, kind);

      if (n_found == 0 && (g_str_equal (kind, "game") || g_str_equal (kind, GANTRY_AVERAGE_KIND)) && instance == NULL)
        found = add_section (option, kind, NULL);
      else if (n_found > 1)
        {
          _gantry_pipeline_set_error (error, option->origin, "which %s? There are %s: write --%s.%s.%s=", kind, instances, kind, "NAME", key);
          return FALSE;
        }
      else if (instance != NULL)
        {
          _gantry_pipeline_set_error (error, option->origin, "there is no %s '%s'; there are: %s", kind, instance, instances);
          return FALSE;
        }
      else
        {
          _gantry_pipeline_set_error (error, option->origin, "there is no %s whose %s could be set: --%s=PLUGIN or --add-%s=PLUGIN first", kind, key,
                                      kind, kind);
          return FALSE;
        }
    }
  put (option, found, key);
  return TRUE;
}

static void
set_unknown (const Option *option, const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_auto (GStrv) keys = _gantry_settings_list_keys ();
  const gchar *const *kinds = _gantry_pipeline_section_kinds ();
  const gchar *nearest;

  for (guint i = 0; kinds[i] != NULL; i++)
    g_ptr_array_add (names, (gpointer) kinds[i]);
  for (guint i = 0; keys[i] != NULL; i++)
    g_ptr_array_add (names, keys[i]);
  g_ptr_array_add (names, (gpointer) "architecture");
  g_ptr_array_add (names, (gpointer) "generator");
  g_ptr_array_add (names, (gpointer) "discriminator");
  g_ptr_array_add (names, NULL);
  nearest = gantry_nearest_name (name, (const gchar *const *) names->pdata);
  if (nearest != NULL)
    _gantry_pipeline_set_error (error, option->origin, "unknown option (did you mean '--%s'?)", nearest);
  else
    _gantry_pipeline_set_error (error, option->origin, "unknown option");
}

static gboolean
apply_dotted (const Option *option, gchar **parts, GError **error)
{
  guint n_parts = g_strv_length (parts);
  const gchar *key = parts[n_parts - 1];

  if (n_parts > 3 || !_gantry_pipeline_is_identifier (key))
    {
      _gantry_pipeline_set_error (error, option->origin, "expected --KIND.key=VALUE or --KIND.INSTANCE.key=VALUE");
      return FALSE;
    }
  if (g_str_equal (key, "include"))
    {
      _gantry_pipeline_set_error (error, option->origin, "include= has no option");
      return FALSE;
    }
  if (g_str_equal (parts[0], "pipeline") && n_parts == 2)
    return set_pipeline_key (option, key, error);
  if (g_str_equal (parts[0], "network") && n_parts == 3 && _gantry_pipeline_is_identifier (parts[1]))
    return set_network_key (option, parts[1], key, error);
  if (is_component_kind (parts[0]))
    return set_component_key (option, parts[0], n_parts == 3 ? parts[1] : NULL, key, error);
  if (is_network (option, parts[0]) && n_parts == 2)
    return set_network_key (option, parts[0], key, error);
  set_unknown (option, parts[0], error);
  return FALSE;
}

/* Applies one option.  @name is without its leading dashes. */
static gboolean
apply (const Option *option, const gchar *name, GError **error)
{
  g_auto (GStrv) keys = NULL;

  if (strchr (name, '.') != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (name, ".", -1);

      return apply_dotted (option, parts, error);
    }
  if (g_str_has_prefix (name, "add-") && is_component_kind (name + 4))
    return add_kind (option, name + 4, error);
  if (g_str_has_prefix (name, "no-") && is_component_kind (name + 3))
    return remove_kind (option, name + 3, error);
  if (g_str_equal (name, "architecture"))
    return set_architecture (option, error);
  if (is_component_kind (name))
    return replace_kind (option, name, error);
  if (is_network (option, name))
    return set_network_plugin (option, name, error);
  keys = _gantry_settings_list_keys ();
  if (g_strv_contains ((const gchar *const *) keys, name))
    return set_pipeline_key (option, name, error);
  set_unknown (option, name, error);
  return FALSE;
}

/**
 * gantry_pipeline_apply_option:
 * @self: a pipeline that is not resolved yet
 * @option: the option without its value: `--loss`, `--add-regularizer`, `--generator.width`; the dashes may be missing
 * @value: (nullable): its value
 * @error: return location for an error
 *
 * Changes the pipeline as a command-line option says:
 *
 * - `--KIND=name` replaces all components of a kind, `--add-KIND=name` adds one, `--no-KIND=name` takes one away
 *   (`--no-KIND` all of them);
 * - `--KIND.INSTANCE.key=value` sets a key, `--KIND.key=value` where there is one component of that kind;
 * - `--architecture=name` sets the plugin of every network, `--NETWORK=name` of one, `--NETWORK.key=value` a key;
 * - `--key=value` sets a key of the `[pipeline]` section.
 *
 * Relative paths in an option start from the current folder.  Options count in the order in which they come.
 *
 * Returns: whether it could be applied; %GANTRY_TRAIN_ERROR_PIPELINE names the option otherwise
 */
gboolean
gantry_pipeline_apply_option (GantryPipeline *self, const gchar *option, const gchar *value, GError **error)
{
  const gchar *name = option;
  g_autofree gchar *origin = NULL;
  Option applied;

  g_return_val_if_fail (GANTRY_IS_PIPELINE (self), FALSE);
  g_return_val_if_fail (!self->is_resolved, FALSE);
  while (*name == '-')
    name++;
  origin = g_strconcat ("--", name, NULL);
  applied = (Option) { self, origin, value };
  return apply (&applied, name, error);
}
