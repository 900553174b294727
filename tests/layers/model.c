/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/model.h"

static GantryRegistry *
get_registry (void)
{
  static GantryRegistry *registry;
  g_autoptr (GError) error = NULL;

  if (registry == NULL)
    {
      gantry_init ();
      registry = gantry_registry_get_default ();
      ck_assert_msg (gantry_registry_scan (registry, &error), "%s", error != NULL ? error->message : "");
    }
  return registry;
}

gpointer
model_create (const gchar *kind, const gchar *name, ...)
{
  g_autoptr (GError) error = NULL;
  GantryComponent *component = gantry_registry_create (get_registry (), kind, name, NULL, &error);
  const gchar *key;
  va_list args;

  ck_assert_msg (component != NULL, "%s", error != NULL ? error->message : "");
  va_start (args, name);
  while ((key = va_arg (args, const gchar *)) != NULL)
    {
      const gchar *text = va_arg (args, const gchar *);

      ck_assert_msg (gantry_component_set (component, key, text, &error), "%s", error != NULL ? error->message : "");
    }
  va_end (args);
  return component;
}

gchar *
model_finish (GantryGraph *graph)
{
  g_autoptr (GError) error = NULL;

  return gantry_graph_finish (graph, &error) ? NULL : g_strdup (error->message);
}
