/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing and reading a component's properties by key. */
#include "core/component-private.h"

#include "core/error-private.h"

/**
 * gantry_component_list_properties:
 * @self: a component
 * @n_properties: (out): how many
 *
 * Returns: (array length=n_properties) (transfer container): the properties a pipeline can write, in the order they
 *   are declared
 */
GParamSpec **
gantry_component_list_properties (GantryComponent *self, guint *n_properties)
{
  GParamSpec **pspecs;
  guint n = 0;
  guint kept = 0;

  g_return_val_if_fail (GANTRY_IS_COMPONENT (self) && n_properties != NULL, NULL);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n);
  for (guint i = 0; i < n; i++)
    {
      if ((pspecs[i]->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE && !(pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY))
        pspecs[kept++] = pspecs[i];
    }
  *n_properties = kept;
  return pspecs;
}

static GParamSpec *
find_property (GantryComponent *self, const gchar *key, GError **error)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (self, &n);
  g_autofree const gchar **names = g_new0 (const gchar *, n + 1);
  g_autofree gchar *suggestion = NULL;

  for (guint i = 0; i < n; i++)
    {
      if (g_str_equal (pspecs[i]->name, key))
        return pspecs[i];
      names[i] = pspecs[i]->name;
    }
  suggestion = _gantry_suggest (key, names);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "%s/%s: it has no property '%s'%s", gantry_component_get_kind (self),
               gantry_component_get_name (self), key, suggestion);
  return NULL;
}

/**
 * gantry_component_set:
 * @self: a component
 * @key: the name of a property
 * @text: its value, as [func@Gantry.param_parse] reads it
 * @error: return location for an error
 *
 * Writes a property from text.
 *
 * Returns: %FALSE with %GANTRY_CORE_ERROR_UNKNOWN, %GANTRY_CORE_ERROR_VALUE or %GANTRY_CORE_ERROR_FROZEN; the message
 *   starts with `KIND/NAME: `
 */
gboolean
gantry_component_set (GantryComponent *self, const gchar *key, const gchar *text, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec;
  const gchar *kind, *name;

  g_return_val_if_fail (GANTRY_IS_COMPONENT (self) && key != NULL && text != NULL, FALSE);
  kind = gantry_component_get_kind (self);
  name = gantry_component_get_name (self);
  pspec = find_property (self, key, error);
  if (pspec == NULL)
    return FALSE;
  if (gantry_component_is_frozen (self))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_FROZEN, "%s/%s: %s: it cannot be written any more: the graph is compiled", kind,
                   name, key);
      return FALSE;
    }
  if (!gantry_param_parse (pspec, text, &value, error))
    {
      g_prefix_error (error, "%s/%s: %s: ", kind, name, key);
      return FALSE;
    }
  g_object_set_property (G_OBJECT (self), key, &value);
  _gantry_component_mark_set (self, pspec);
  return TRUE;
}

/**
 * gantry_component_get_text:
 * @self: a component
 * @key: the name of a property
 * @error: return location for an error
 *
 * Returns: (transfer full): its value as text that [method@Gantry.Component.set] reads back; %NULL with
 *   %GANTRY_CORE_ERROR_UNKNOWN
 */
gchar *
gantry_component_get_text (GantryComponent *self, const gchar *key, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec;

  g_return_val_if_fail (GANTRY_IS_COMPONENT (self) && key != NULL, NULL);
  pspec = find_property (self, key, error);
  if (pspec == NULL)
    return NULL;
  g_object_get_property (G_OBJECT (self), key, &value);
  return gantry_param_format (pspec, &value);
}

/* Reads a property as a type that its own can be turned into. */
static gboolean
read_as (gpointer self, const gchar *key, GType type, GValue *value)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self) && key != NULL, FALSE);
  g_return_val_if_fail (g_object_class_find_property (G_OBJECT_GET_CLASS (self), key) != NULL, FALSE);
  g_value_init (value, type);
  g_object_get_property (self, key, value);
  return TRUE;
}

/**
 * gantry_component_get_bool:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its bool properties
 *
 * Returns: its value
 */
gboolean
gantry_component_get_bool (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return read_as (self, key, G_TYPE_BOOLEAN, &value) ? g_value_get_boolean (&value) : FALSE;
}

/**
 * gantry_component_get_int:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its int properties
 *
 * Returns: its value
 */
gint64
gantry_component_get_int (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return read_as (self, key, G_TYPE_INT64, &value) ? g_value_get_int64 (&value) : 0;
}

/**
 * gantry_component_get_double:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its double properties
 *
 * Returns: its value
 */
gdouble
gantry_component_get_double (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return read_as (self, key, G_TYPE_DOUBLE, &value) ? g_value_get_double (&value) : 0;
}

/**
 * gantry_component_get_size:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its size properties
 *
 * Returns: its value, in bytes where it is about memory
 */
guint64
gantry_component_get_size (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return read_as (self, key, G_TYPE_UINT64, &value) ? g_value_get_uint64 (&value) : 0;
}

/**
 * gantry_component_get_string:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its string or path properties
 *
 * Returns: (transfer full) (nullable): its value
 */
gchar *
gantry_component_get_string (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;

  return read_as (self, key, G_TYPE_STRING, &value) ? g_value_dup_string (&value) : NULL;
}

/**
 * gantry_component_get_enum:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its enum properties
 *
 * Returns: (transfer none): the nick of its value; lives as long as the process
 */
const gchar *
gantry_component_get_enum (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec;
  GEnumValue *found;

  g_return_val_if_fail (GANTRY_IS_COMPONENT (self) && key != NULL, NULL);
  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), key);
  g_return_val_if_fail (pspec != NULL && G_IS_PARAM_SPEC_ENUM (pspec), NULL);
  if (!read_as (self, key, G_PARAM_SPEC_VALUE_TYPE (pspec), &value))
    return NULL;
  found = g_enum_get_value (G_PARAM_SPEC_ENUM (pspec)->enum_class, g_value_get_enum (&value));
  return found != NULL ? g_intern_string (found->value_nick) : NULL;
}

/**
 * gantry_component_get_list:
 * @self: (type GantryComponent): a component
 * @key: the name of one of its list properties
 *
 * Returns: (transfer full) (array zero-terminated=1): its items; never %NULL for a property that exists
 */
gchar **
gantry_component_get_list (gpointer self, const gchar *key)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (!read_as (self, key, G_TYPE_STRV, &value))
    return NULL;
  return g_value_get_boxed (&value) != NULL ? g_value_dup_boxed (&value) : g_new0 (gchar *, 1);
}
