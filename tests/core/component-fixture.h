/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A component with one property of each type, as a plugin would declare it. */
#pragma once

#include <gantry/plugin.h>

typedef struct { GTypeInterface parent_iface; } FixtureInterface;

static inline GType
fixture_kind_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      GTypeInfo info = { .class_size = sizeof (FixtureInterface) };
      GType made = g_type_register_static (G_TYPE_INTERFACE, "FixtureInterface", &info, 0);

      g_type_interface_add_prerequisite (made, GANTRY_TYPE_COMPONENT);
      g_once_init_leave (&type, made);
    }
  return type;
}

GANTRY_DECLARE_COMPONENT (Fixture, fixture, fixture_kind_type ())

static const GantryProperty fixture_properties[] = {
  GANTRY_BOOL ("bias", TRUE, 0, "whether there is a bias"),
  GANTRY_INT ("width", 1, 4096, 64, 0, "channels", "channels of the widest layer"),
  GANTRY_INT ("images", 0, G_MAXINT64, 0, 0, "images", "length"),
  GANTRY_DOUBLE ("margin", 0, 100, 1, GANTRY_SCHEDULABLE, "logits", "distance from the boundary"),
  GANTRY_DOUBLE ("slope", -G_MAXDOUBLE, G_MAXDOUBLE, 0.2, 0, "", "slope of the left half"),
  GANTRY_SIZE ("workspace", 0, 1099511627776.0, 1048576, 0, "bytes", "memory"),
  GANTRY_STRING ("label", NULL, GANTRY_REQUIRED, "what it is called"),
  GANTRY_ENUM ("normalization", "none|batch|spectral", "batch", 0, "what follows a convolution"),
  GANTRY_LIST ("layers", "linear 10; relu", 0, "layers in order"),
  GANTRY_PATH ("file", "data.gz", 0, "where the data is"),
  GANTRY_END
};

static void
fixture_interface (gpointer iface G_GNUC_UNUSED)
{
}

GANTRY_PLUGIN (Fixture, fixture, fixture, "fixture", "1.0", "One property of each type")

static inline GantryComponent *
fixture_new (void)
{
  GantryComponent *component = g_object_new (gantry_plugin_info.get_type (), NULL);

  gantry_component_set_identity (component, "fixture", "fixture", NULL);
  return component;
}
