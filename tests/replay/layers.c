/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of layers: from a case's JSON to the text of architecture/sequential, an item `LAYER [NAME] [KEY=VALUE ...]`. */
#include "replay/layers.h"

/* How the width of a layer is called, and which axis of its weight says it; the rest of a description is options. */
static const struct {
  const gchar *layer;
  const gchar *option;
  guint axis;
} widths[] = {
  { "linear", "features", 0 },
  { "conv2d", "channels", 0 },
  { "conv-transpose2d", "channels", 1 },
};

/* [2, 1] -> "2x1" */
static gchar *
join_dims (JsonArray *array)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "", json_array_get_int_element (array, i));
  return g_string_free (text, FALSE);
}

static gboolean
is_square (JsonArray *array)
{
  return json_array_get_length (array) == 2 && json_array_get_int_element (array, 0) == json_array_get_int_element (array, 1);
}

static gboolean
append_option (GString *text, const gchar *layer, const gchar *key, JsonNode *node, GError **error)
{
  g_autofree gchar *value = NULL;

  if (g_str_equal (layer, "reshape") && g_str_equal (key, "shape") && JSON_NODE_HOLDS_ARRAY (node))
    {
      value = join_dims (json_node_get_array (node));
      g_string_append_printf (text, " %s", value);
      return TRUE;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      if (g_str_equal (key, "kernel") && !is_square (json_node_get_array (node)))
        return settings_skip (error, "a layer with a kernel that is not square is not built");
      value = g_str_equal (key, "kernel") ? g_strdup_printf ("%" G_GINT64_FORMAT, json_array_get_int_element (json_node_get_array (node), 0))
                                          : join_dims (json_node_get_array (node));
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    {
      value = g_strdup (json_node_get_boolean (node) ? "yes" : "no");
    }
  else
    {
      value = settings_to_text (node);
    }
  if (value == NULL)
    return settings_fail (error, "the runner cannot give \"%s\" to a layer", key);
  g_string_append_printf (text, " %s=%s", key, value);
  return TRUE;
}

static gboolean
append_width (Replay *self, GString *text, const gchar *layer, const gchar *prefix, JsonObject *item, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      g_autofree gchar *weight = g_strdup_printf ("%s%s.weight", prefix, json_object_get_string_member_with_default (item, "name", ""));
      GantryArray *array = case_get_tensor (self->item, weight);
      gsize groups = json_object_get_int_member_with_default (item, "groups", 1);

      if (!g_str_equal (widths[i].layer, layer))
        continue;
      if (array == NULL)
        return settings_fail (error, "the case has no tensor %s", weight);
      g_string_append_printf (text, " %s=%" G_GSIZE_FORMAT, widths[i].option,
                              gantry_array_get_shape (array)->dims[widths[i].axis] * (widths[i].axis == 1 ? groups : 1));
    }
  return TRUE;
}

static gboolean
append_layer (Replay *self, GString *text, const gchar *prefix, JsonObject *item, GError **error)
{
  const gchar *layer = json_object_get_string_member_with_default (item, "layer", "");
  const gchar *name = json_object_get_string_member_with_default (item, "name", NULL);
  g_autoptr (GList) members = json_object_get_members (item);

  g_string_append_printf (text, "%s%s%s", layer, name != NULL ? " " : "", name != NULL ? name : "");
  if (!append_width (self, text, layer, prefix, item, error))
    return FALSE;
  for (GList *l = members; l != NULL; l = l->next)
    if (!g_str_equal (l->data, "layer") && !g_str_equal (l->data, "name")
        && !append_option (text, layer, l->data, json_object_get_member (item, l->data), error))
      return FALSE;
  return TRUE;
}

gchar *
layers_to_text (Replay *self, JsonNode *layers, const gchar *prefix, const gchar *separator, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (layers == NULL || !JSON_NODE_HOLDS_ARRAY (layers))
    {
      settings_fail (error, "the case lists no layers");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (layers)); i++)
    {
      g_string_append (text, i > 0 ? separator : "");
      if (!append_layer (self, text, prefix, json_array_get_object_element (json_node_get_array (layers), i), error))
        return NULL;
    }
  return g_strdup (text->str);
}

GantryNetwork *
layers_make_network (Replay *self, JsonNode *layers, const gchar *name, const gchar *role, const gchar *prefix, const gchar *sample,
                     GError **error)
{
  g_autoptr (GantryComponent) architecture = settings_create (self, "architecture", "sequential", TRUE, error);
  g_autofree gchar *text = architecture != NULL ? layers_to_text (self, layers, prefix, ";", error) : NULL;
  GantryArray *array = case_get_tensor (self->item, sample);
  GantryShape shape;

  if (text == NULL || !gantry_component_set (architecture, "layers", text, error))
    return NULL;
  if (array == NULL || gantry_array_get_shape (array)->n_dims < 1)
    {
      settings_fail (error, "the case has no tensor %s of samples", sample);
      return NULL;
    }
  shape = *gantry_array_get_shape (array);
  shape.n_dims--;
  memmove (shape.dims, shape.dims + 1, shape.n_dims * sizeof shape.dims[0]);
  return gantry_network_new (name, role, GANTRY_ARCHITECTURE (architecture), &shape, error);
}
