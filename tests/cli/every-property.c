/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One property of each type, to be looked at by `gantry inspect`; never part of a training. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (EveryProperty, every_property, FIXTURE_INTERFACE)

static const GantryProperty every_property_properties[] = {
  GANTRY_BOOL ("bias", TRUE, 0, "whether there is a bias"),
  GANTRY_INT ("width", 1, 4096, 64, 0, "channels", "channels of the widest layer"),
  GANTRY_INT ("images", 0, G_MAXINT64, 600000, 0, "images", "length"),
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
every_property_interface (gpointer iface G_GNUC_UNUSED)
{
}

/* The kind comes from the command line: one more step expands it before it becomes a string. */
#define FIXTURE(kind, name) GANTRY_PLUGIN (EveryProperty, every_property, kind, name, "2.5", "One property of each type")
FIXTURE (FIXTURE_KIND, FIXTURE_NAME)
