/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration of a case: reading it, and setting a component's properties from it.  Every key has to be read
   by somebody: one that nobody understands must not pass unnoticed. */
#include "replay/settings.h"

gboolean
settings_skip (GError **error, const gchar *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (REPLAY_ERROR, REPLAY_ERROR_NOT_BUILT, format, arguments);
  va_end (arguments);
  return FALSE;
}

gboolean
settings_fail (GError **error, const gchar *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (REPLAY_ERROR, REPLAY_ERROR_CASE, format, arguments);
  va_end (arguments);
  return FALSE;
}

JsonNode *
settings_get (Replay *self, const gchar *key)
{
  JsonNode *node = json_object_get_member (self->item->config, key);

  g_hash_table_add (self->seen, g_strdup (key));
  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
settings_has (Replay *self, const gchar *key)
{
  return settings_get (self, key) != NULL;
}

static JsonNode *
get_scalar (Replay *self, const gchar *key)
{
  JsonNode *node = settings_get (self, key);

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    return node;
  gantry_graph_fail (self->graph, REPLAY_ERROR, REPLAY_ERROR_CASE, "the case's configuration has no value \"%s\"", key);
  return NULL;
}

gdouble
settings_get_double (Replay *self, const gchar *key)
{
  JsonNode *node = get_scalar (self, key);

  return node != NULL ? json_node_get_double (node) : 0;
}

gint64
settings_get_int (Replay *self, const gchar *key)
{
  JsonNode *node = get_scalar (self, key);

  return node != NULL ? json_node_get_int (node) : 0;
}

gboolean
settings_get_bool (Replay *self, const gchar *key)
{
  JsonNode *node = get_scalar (self, key);

  return node != NULL && json_node_get_boolean (node);
}

const gchar *
settings_get_string (Replay *self, const gchar *key)
{
  JsonNode *node = get_scalar (self, key);

  return node != NULL && json_node_get_string (node) != NULL ? json_node_get_string (node) : "";
}

gsize
settings_get_ints (Replay *self, const gchar *key, gint64 *values, gsize n_max)
{
  JsonNode *node = settings_get (self, key);
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gsize n = array != NULL ? json_array_get_length (array) : 0;

  if (array == NULL || n > n_max)
    {
      gantry_graph_fail (self->graph, REPLAY_ERROR, REPLAY_ERROR_CASE, "\"%s\" of the case's configuration is no list of at most %" G_GSIZE_FORMAT,
                         key, n_max);
      return 0;
    }
  for (gsize i = 0; i < n; i++)
    values[i] = json_array_get_int_element (array, i);
  return n;
}

/* 0, 0.0 and false are one value: what a case writes depends on its author's language. */
static gboolean
same_value (JsonNode *a, JsonNode *b)
{
  if (a == NULL || b == NULL || JSON_NODE_HOLDS_NULL (a) || JSON_NODE_HOLDS_NULL (b))
    return (a == NULL || JSON_NODE_HOLDS_NULL (a)) && (b == NULL || JSON_NODE_HOLDS_NULL (b));
  if (JSON_NODE_HOLDS_VALUE (a) && JSON_NODE_HOLDS_VALUE (b) && json_node_get_value_type (a) != G_TYPE_STRING
      && json_node_get_value_type (b) != G_TYPE_STRING)
    return json_node_get_double (a) == json_node_get_double (b) && json_node_get_boolean (a) == json_node_get_boolean (b);
  return json_node_equal (a, b);
}

static gboolean
check_neutral (const gchar *key, JsonNode *node, const gchar *neutral, GError **error)
{
  g_autoptr (JsonNode) wanted = json_from_string (neutral, NULL);
  g_autofree gchar *found = NULL;

  if (same_value (node, wanted))
    return TRUE;
  found = json_to_string (node, FALSE);
  return settings_skip (error, "%s=%s is not built, only %s", key, found, neutral);
}

gboolean
settings_need (Replay *self, const gchar *key, const gchar *neutral, GError **error)
{
  JsonNode *node = settings_get (self, key);

  return node == NULL || check_neutral (key, node, neutral, error);
}

gchar *
settings_to_text (JsonNode *node)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_strdup (g_ascii_dtostr (digits, sizeof digits, json_node_get_double (node)));
}

static gboolean
has_property (GantryComponent *component, const gchar *name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (component), name) != NULL;
}

static gboolean
set_one (GantryComponent *component, const gchar *key, const gchar *property, JsonNode *node, const gchar *neutral, GError **error)
{
  g_autofree gchar *text = NULL;

  if (!has_property (component, property) && neutral != NULL)
    return check_neutral (key, node, neutral, error);
  text = settings_to_text (node);
  if (text == NULL)
    return settings_fail (error, "the runner cannot give \"%s\" to a property", key);
  return gantry_component_set (component, property, text, error);
}

static gboolean
set_key (GantryComponent *component, const gchar *key, JsonNode *node, const SettingsKey *entry, GError **error)
{
  g_autofree gchar *kebab = g_strdelimit (g_strdup (key), "_", '-');
  const gchar *neutral = entry != NULL ? entry->neutral : NULL;
  g_auto (GStrv) properties = g_strsplit (entry != NULL && entry->properties != NULL ? entry->properties : kebab, ",", -1);

  if (properties[1] == NULL)
    return set_one (component, key, properties[0], node, neutral, error);
  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) != g_strv_length (properties))
    return settings_fail (error, "\"%s\" is no list of %u", key, g_strv_length (properties));
  for (guint i = 0; properties[i] != NULL; i++)
    if (!set_one (component, key, properties[i], json_array_get_element (json_node_get_array (node), i), neutral, error))
      return FALSE;
  return TRUE;
}

gboolean
settings_apply (Replay *self, GantryComponent *const *components, guint n, const SettingsKey *keys, GError **error)
{
  g_autoptr (GList) members = json_object_get_members (self->item->config);

  for (GList *l = members; l != NULL; l = l->next)
    {
      const gchar *key = l->data;
      const SettingsKey *entry = NULL;
      JsonNode *node;

      if (g_hash_table_contains (self->seen, key))
        continue;
      for (const SettingsKey *k = keys; k != NULL && k->key != NULL && entry == NULL; k++)
        if (g_str_equal (k->key, key))
          entry = k;
      node = settings_get (self, key);
      for (guint i = 0; i < n && node != NULL; i++)
        if (!set_key (components[i], key, node, entry, error))
          return FALSE;
    }
  return TRUE;
}

gboolean
settings_check_all_seen (Replay *self, GError **error)
{
  g_autoptr (GList) members = json_object_get_members (self->item->config);

  for (GList *l = members; l != NULL; l = l->next)
    if (!g_hash_table_contains (self->seen, l->data))
      return settings_fail (error, "the runner does not know the key \"%s\" of %s/%s", (const gchar *) l->data, self->item->category,
                            self->item->subject);
  return TRUE;
}

GantryComponent *
settings_create (Replay *self, const gchar *kind, const gchar *name, gboolean built, GError **error)
{
  if (!built && gantry_registry_find (self->setup->registry, kind, name, NULL) == NULL)
    {
      settings_skip (error, "%s/%s is not built", kind, name);
      return NULL;
    }
  return gantry_registry_create (self->setup->registry, kind, name, NULL, error);
}
