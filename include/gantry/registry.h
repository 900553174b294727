/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/plugin.h>

G_BEGIN_DECLS

/**
 * GantryPluginStatus:
 * @GANTRY_PLUGIN_USABLE: can be opened
 * @GANTRY_PLUGIN_SHADOWED: another file earlier in the search path has its kind and name
 * @GANTRY_PLUGIN_BROKEN: cannot be used; `reason` says why
 */
typedef enum {
  GANTRY_PLUGIN_USABLE,
  GANTRY_PLUGIN_SHADOWED,
  GANTRY_PLUGIN_BROKEN
} GantryPluginStatus;

/**
 * GantryPluginInfo:
 *
 * What the scan found in one file.  All strings belong to the registry and live as long as it does.
 */
typedef struct {
  GantryPluginStatus status;
  const gchar *path;
  const gchar *kind;    /* NULL for most broken files */
  const gchar *name;
  const gchar *version;
  const gchar *licence;
  const gchar *summary;
  const gchar *origin;
  guint abi_major;
  guint abi_minor;
  const gchar *reason;  /* of a broken or shadowed one: one line */
} GantryPluginInfo;

#define GANTRY_TYPE_REGISTRY (gantry_registry_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryRegistry, gantry_registry, GANTRY, REGISTRY, GObject)

GANTRY_API void gantry_kind_register (const gchar *kind, GType interface_type);
GANTRY_API GType gantry_kind_get_interface (const gchar *kind);
GANTRY_API const gchar *const *gantry_kind_list (void);

GANTRY_API GantryRegistry *gantry_registry_new (const gchar *const *folders);
GANTRY_API GantryRegistry *gantry_registry_get_default (void);
GANTRY_API void gantry_registry_prepend_folder (GantryRegistry *self, const gchar *folder);
GANTRY_API const gchar *const *gantry_registry_get_folders (GantryRegistry *self);
GANTRY_API void gantry_registry_set_use_cache (GantryRegistry *self, gboolean use_cache);
GANTRY_API void gantry_registry_set_scan_timeout (GantryRegistry *self, guint milliseconds);
GANTRY_API gboolean gantry_registry_scan (GantryRegistry *self, GError **error);
GANTRY_API GPtrArray *gantry_registry_list (GantryRegistry *self, const gchar *kind);
GANTRY_API GPtrArray *gantry_registry_list_unusable (GantryRegistry *self);
GANTRY_API const GantryPluginInfo *gantry_registry_find (GantryRegistry *self, const gchar *kind, const gchar *name, GError **error);
GANTRY_API GantryComponent *gantry_registry_create (GantryRegistry *self, const gchar *kind, const gchar *name, const gchar *instance,
                                                    GError **error);

G_END_DECLS
