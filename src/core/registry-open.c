/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a name to a component: the only place where the host runs plugin code. */
#include "core/registry-private.h"

#include "core/component-private.h"
#include "core/descriptor-private.h"
#include "core/error-private.h"

#include <gmodule.h>

/* The unusable files that lie where the plugin would, with their reasons: "" if there are none. */
static gchar *
describe_broken (GantryRegistry *self, const gchar *kind, const gchar *name)
{
  g_autoptr (GPtrArray) unusable = gantry_registry_list_unusable (self);
  g_autofree gchar *place = g_strdup_printf ("%c%s%c%s.so", G_DIR_SEPARATOR, kind, G_DIR_SEPARATOR, name);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < unusable->len; i++)
    {
      const GantryPluginInfo *info = unusable->pdata[i];

      if (g_str_has_suffix (info->path, place))
        g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "; " : "", info->path, info->reason);
    }
  return g_string_free (text, FALSE);
}

static gchar *
suggest_plugin (GPtrArray *usable, const gchar *kind, const gchar *name)
{
  g_autofree const gchar **names = g_new0 (const gchar *, usable->len + 1);

  for (guint i = 0; i < usable->len; i++)
    names[i] = ((const GantryPluginInfo *) usable->pdata[i])->name;
  if (usable->len == 0)
    return g_strdup_printf (" (no %s plugin was found)", kind);
  return _gantry_suggest (name, names);
}

/**
 * gantry_registry_find:
 * @self: a registry
 * @kind: a kind, such as "loss"
 * @name: a name within it, such as "hinge"
 * @error: return location for an error
 *
 * Finds a plugin; does not open it.
 *
 * Returns: (transfer none) (nullable): what is known of it, valid as long as the registry; %NULL with
 *   %GANTRY_CORE_ERROR_UNKNOWN, whose message has the nearest name, or %GANTRY_CORE_ERROR_PLUGIN where it is there but broken
 */
const GantryPluginInfo *
gantry_registry_find (GantryRegistry *self, const gchar *kind, const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) usable = NULL;
  g_autofree gchar *broken = NULL;
  g_autofree gchar *suggestion = NULL;

  g_return_val_if_fail (GANTRY_IS_REGISTRY (self) && kind != NULL && name != NULL, NULL);
  if (gantry_kind_get_interface (kind) == G_TYPE_INVALID)
    {
      suggestion = _gantry_suggest (kind, gantry_kind_list ());
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no kind of component is called '%s'%s", kind, suggestion);
      return NULL;
    }
  if (!_gantry_registry_ensure_scanned (self, error))
    return NULL;
  usable = gantry_registry_list (self, kind);
  for (guint i = 0; i < usable->len; i++)
    {
      const GantryPluginInfo *info = usable->pdata[i];

      if (g_str_equal (info->name, name))
        return info;
    }
  broken = describe_broken (self, kind, name);
  if (broken[0] != '\0')
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s/%s cannot be used: %s", kind, name, broken);
      return NULL;
    }
  suggestion = suggest_plugin (usable, kind, name);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no %s is called '%s'%s", kind, name, suggestion);
  return NULL;
}

static const GantryPluginDescriptor *
open_descriptor (const GantryPluginInfo *info, GError **error)
{
  GModule *module = g_module_open (info->path, G_MODULE_BIND_LOCAL);
  gpointer symbol = NULL;
  g_autofree gchar *problem = NULL;

  if (module == NULL)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s/%s: it cannot be opened: %s", info->kind, info->name,
                   g_module_error ());
      return NULL;
    }
  /* Its types stay registered for ever, so its code has to stay as well. */
  g_module_make_resident (module);
  if (!g_module_symbol (module, GANTRY_PLUGIN_SYMBOL, &symbol))
    problem = g_strdup ("exports no symbol '" GANTRY_PLUGIN_SYMBOL "'");
  else
    problem = _gantry_descriptor_problem (symbol, 0);
  g_module_close (module);
  if (problem == NULL)
    return symbol;
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s/%s: %s %s", info->kind, info->name, info->path, problem);
  return NULL;
}

static gboolean
check_type (const GantryPluginInfo *info, GType type, GError **error)
{
  GType interface_type = gantry_kind_get_interface (info->kind);
  g_autoptr (GTypeClass) klass = NULL;
  const gchar *problem;

  if (type == G_TYPE_NONE || type == G_TYPE_INVALID)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN,
                   "%s/%s: %s cannot register its type: another file with this kind and name is open in this process", info->kind, info->name,
                   info->path);
      return FALSE;
    }
  if (!g_type_is_a (type, GANTRY_TYPE_COMPONENT) || !g_type_is_a (type, interface_type) || G_TYPE_IS_ABSTRACT (type))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_KIND, "%s/%s: its type %s is not a component that implements %s", info->kind,
                   info->name, g_type_name (type), g_type_name (interface_type));
      return FALSE;
    }
  klass = g_type_class_ref (type);
  problem = _gantry_component_class_problem (type);
  if (problem == NULL)
    return TRUE;
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s/%s: %s", info->kind, info->name, problem);
  return FALSE;
}

/**
 * gantry_registry_create:
 * @self: a registry
 * @kind: a kind, such as "loss"
 * @name: a name within it, such as "hinge"
 * @instance: (nullable): what its pipeline calls it; %NULL for @name
 * @error: return location for an error
 *
 * Makes a component.  Its plugin is opened the first time, all its symbols bound at once and kept to itself, and is
 * never closed.
 *
 * Returns: (transfer full) (nullable): the component with its defaults; %NULL with the errors of
 *   [method@Gantry.Registry.find], %GANTRY_CORE_ERROR_PLUGIN if the file cannot be opened, or %GANTRY_CORE_ERROR_KIND if
 *   its type does not implement the interface of its kind
 */
GantryComponent *
gantry_registry_create (GantryRegistry *self, const gchar *kind, const gchar *name, const gchar *instance, GError **error)
{
  const GantryPluginInfo *info = gantry_registry_find (self, kind, name, error);
  const GantryPluginDescriptor *descriptor = info != NULL ? open_descriptor (info, error) : NULL;
  GantryComponent *component;
  GType type;

  if (descriptor == NULL)
    return NULL;
  type = descriptor->get_type ();
  if (!check_type (info, type, error))
    return NULL;
  component = g_object_new (type, NULL);
  gantry_component_set_identity (component, kind, name, instance);
  return component;
}
