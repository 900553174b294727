/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/property.h>

G_BEGIN_DECLS

#define GANTRY_TYPE_COMPONENT (gantry_component_get_type ())
GANTRY_API G_DECLARE_DERIVABLE_TYPE (GantryComponent, gantry_component, GANTRY, COMPONENT, GObject)

/**
 * GantryComponentClass:
 *
 * The class of everything that a pipeline names.  A subclass instance holds the parent and nothing else:
 * what a component keeps goes into its variables or its private data.
 */
struct _GantryComponentClass {
  GObjectClass parent_class;
  gpointer reserved[8];
};

GANTRY_API void gantry_component_class_install (GantryComponentClass *klass, const GantryProperty *properties, gsize stride);

GANTRY_API const gchar *gantry_component_get_kind (GantryComponent *self);
GANTRY_API const gchar *gantry_component_get_name (GantryComponent *self);
GANTRY_API const gchar *gantry_component_get_instance (GantryComponent *self);
GANTRY_API void gantry_component_set_identity (GantryComponent *self, const gchar *kind, const gchar *name, const gchar *instance);

GANTRY_API gboolean gantry_component_set (GantryComponent *self, const gchar *key, const gchar *text, GError **error);
GANTRY_API gchar *gantry_component_get_text (GantryComponent *self, const gchar *key, GError **error);
GANTRY_API GParamSpec **gantry_component_list_properties (GantryComponent *self, guint *n_properties);
GANTRY_API gboolean gantry_component_is_set (GantryComponent *self, const gchar *key);
GANTRY_API void gantry_component_freeze (GantryComponent *self);
GANTRY_API gboolean gantry_component_is_frozen (GantryComponent *self);

/* For the component's own code, which knows its keys: an unknown key is a programming error. */
GANTRY_API gboolean gantry_component_get_bool (gpointer self, const gchar *key);
GANTRY_API gint64 gantry_component_get_int (gpointer self, const gchar *key);
GANTRY_API gdouble gantry_component_get_double (gpointer self, const gchar *key);
GANTRY_API guint64 gantry_component_get_size (gpointer self, const gchar *key);
GANTRY_API gchar *gantry_component_get_string (gpointer self, const gchar *key);
GANTRY_API const gchar *gantry_component_get_enum (gpointer self, const gchar *key);
GANTRY_API gchar **gantry_component_get_list (gpointer self, const gchar *key);

/* Private data of a plugin: the host frees it with the component. */
GANTRY_API void gantry_component_set_data (gpointer self, gpointer data, GDestroyNotify destroy);
GANTRY_API gpointer gantry_component_get_data (gpointer self);

G_END_DECLS
