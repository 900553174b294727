/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/component.h>

G_BEGIN_DECLS

#define GANTRY_PLUGIN_MAGIC "GANTRY-1"

/**
 * GantryPluginDescriptor:
 * @magic: %GANTRY_PLUGIN_MAGIC
 * @abi_major: %GANTRY_ABI_MAJOR of the headers it was built with
 * @abi_minor: %GANTRY_ABI_MINOR of the headers it was built with
 * @size: size of this struct in those headers
 * @kind: kind of component, such as "loss"
 * @name: kebab-case name within its kind
 * @version: version of the plugin
 * @licence: SPDX licence expression
 * @summary: one line, without a full stop
 * @origin: who publishes it: package name
 * @get_type: gives the component's type; the only code of a plugin that the host calls by name
 *
 * The one symbol that a plugin exports (`gantry_plugin_info`): constant data, read without running plugin code.
 */
typedef struct {
  gchar magic[8];
  guint32 abi_major;
  guint32 abi_minor;
  gsize size;
  const gchar *kind;
  const gchar *name;
  const gchar *version;
  const gchar *licence;
  const gchar *summary;
  const gchar *origin;
  GType (*get_type) (void);
} GantryPluginDescriptor;

#ifndef GANTRY_PLUGIN_LICENCE
#define GANTRY_PLUGIN_LICENCE "LGPL-2.1-or-later"
#endif
#ifndef GANTRY_PLUGIN_ORIGIN
#define GANTRY_PLUGIN_ORIGIN "unknown"
#endif

GANTRY_API GType gantry_plugin_register_type (const GantryPluginDescriptor *descriptor, GType interface_type,
                                              gsize instance_size, GClassInitFunc class_init, GInterfaceInitFunc interface_init);

/**
 * GANTRY_DECLARE_COMPONENT:
 * @TypeName: the component's C type, CamelCase
 * @prefix: the same in lower case
 * @INTERFACE: the type of the interface it implements, such as %GANTRY_TYPE_LOSS
 *
 * First line of a plugin: declares the instance and class structs.  The plugin then defines
 * `static const GantryProperty PREFIX_properties[]`, the vfuncs, and `static void PREFIX_interface (iface)`,
 * and ends with [func@Gantry.PLUGIN].
 */
#define GANTRY_DECLARE_COMPONENT(TypeName, prefix, INTERFACE) \
  typedef struct { GantryComponent parent_instance; } TypeName; \
  static inline GType prefix##_interface_type (void) { return INTERFACE; }

/**
 * GANTRY_PLUGIN:
 * @TypeName: as in GANTRY_DECLARE_COMPONENT
 * @prefix: as in GANTRY_DECLARE_COMPONENT
 * @kind: the kind, unquoted
 * @name: the plugin's name, a string
 * @version: its version, a string
 * @summary: one line
 *
 * Last line of a plugin: defines the type `gantry+KIND+NAME` and exports the descriptor.
 */
#define GANTRY_PLUGIN(TypeName, prefix, kind, name, version, summary) \
  static void \
  prefix##_class_init (gpointer klass, gpointer data G_GNUC_UNUSED) \
  { \
    gantry_component_class_install (klass, prefix##_properties, sizeof prefix##_properties[0]); \
  } \
  static void \
  prefix##_interface_init (gpointer iface, gpointer data G_GNUC_UNUSED) \
  { \
    prefix##_interface (iface); \
  } \
  static GType prefix##_get_type (void); \
  static const GantryPluginDescriptor prefix##_descriptor = { \
    { 'G', 'A', 'N', 'T', 'R', 'Y', '-', '1' }, GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, sizeof (GantryPluginDescriptor), \
    #kind, name, version, GANTRY_PLUGIN_LICENCE, summary, GANTRY_PLUGIN_ORIGIN, prefix##_get_type \
  }; \
  /* Exported under the common name, but referred to by its own: a program that exports that name cannot take its place. */ \
  GANTRY_API extern const GantryPluginDescriptor gantry_plugin_info __attribute__ ((alias (#prefix "_descriptor"))); \
  static GType \
  prefix##_get_type (void) \
  { \
    static gsize type; \
    if (g_once_init_enter (&type)) \
      g_once_init_leave (&type, gantry_plugin_register_type (&prefix##_descriptor, prefix##_interface_type (), \
                                                             sizeof (TypeName), prefix##_class_init, prefix##_interface_init)); \
    return type; \
  }

G_END_DECLS
