/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a reference case. */
#include "replay/case.h"

G_DEFINE_QUARK (replay-error-quark, replay_error)

static gchar **
get_names (JsonObject *object, const gchar *member)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonNode *node = json_object_get_member (object, member);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        g_ptr_array_add (names, g_strdup (json_array_get_string_element (array, i)));
    }
  g_ptr_array_add (names, NULL);
  return (gchar **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static JsonObject *
get_object (JsonObject *object, const gchar *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_ref (json_node_get_object (node)) : json_object_new ();
}

static gboolean
is_case (JsonNode *root)
{
  JsonObject *object;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  object = json_node_get_object (root);
  return json_object_has_member (object, "category") && json_object_has_member (object, "subject") && json_object_has_member (object, "outputs");
}

Case *
case_load (const gchar *path, GError **error)
{
  g_autoptr (Case) self = g_new0 (Case, 1);
  g_autoptr (JsonObject) tolerance = NULL;
  g_autofree gchar *base = g_path_get_basename (path);
  JsonObject *object;

  self->parser = json_parser_new_immutable ();
  if (!json_parser_load_from_file (self->parser, path, error))
    return NULL;
  if (!is_case (json_parser_get_root (self->parser)))
    return NULL;

  object = json_node_get_object (json_parser_get_root (self->parser));
  self->name = g_strndup (base, strlen (base) - strlen (".json"));
  self->category = g_strdup (json_object_get_string_member (object, "category"));
  self->subject = g_strdup (json_object_get_string_member (object, "subject"));
  self->round = g_strdup (json_object_get_string_member_with_default (object, "round", ""));
  self->order = json_object_get_int_member_with_default (object, "order", 1);
  self->config = get_object (object, "config");
  self->tensor_atol = get_object (object, "tensor_atol");
  tolerance = get_object (object, "tolerance");
  self->rtol = json_object_get_double_member_with_default (tolerance, "rtol", 0);
  self->inputs = get_names (object, "inputs");
  self->parameters = get_names (object, "parameters");
  self->buffers = get_names (object, "buffers");
  self->outputs = get_names (object, "outputs");
  self->gradients = get_names (object, "gradients");
  self->tensors_path = g_strdup_printf ("%.*s.safetensors", (int) (strlen (path) - strlen (".json")), path);
  return g_steal_pointer (&self);
}

gboolean
case_load_tensors (Case *self, GError **error)
{
  self->tensors = gantry_checkpoint_load (self->tensors_path, error);
  return self->tensors != NULL;
}

void
case_free (Case *self)
{
  g_free (self->name);
  g_free (self->category);
  g_free (self->subject);
  g_free (self->round);
  g_clear_pointer (&self->config, json_object_unref);
  g_clear_pointer (&self->tensor_atol, json_object_unref);
  g_strfreev (self->inputs);
  g_strfreev (self->parameters);
  g_strfreev (self->buffers);
  g_strfreev (self->outputs);
  g_strfreev (self->gradients);
  g_free (self->tensors_path);
  g_clear_object (&self->tensors);
  g_clear_object (&self->parser);
  g_free (self);
}

GantryArray *
case_get_tensor (const Case *self, const gchar *name)
{
  return gantry_checkpoint_get (self->tensors, name);
}

/* A tensor without a tolerance of its own, such as a counter, has to be met exactly. */
gdouble
case_get_atol (const Case *self, const gchar *name)
{
  return json_object_get_double_member_with_default (self->tensor_atol, name, 0);
}
