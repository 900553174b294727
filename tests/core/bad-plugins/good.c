/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the others are measured by: nothing is wrong with it. */
#include <gantry/plugin.h>

GANTRY_DECLARE_COMPONENT (Good, good, g_type_from_name ("GantryTestThing"))

static const GantryProperty good_properties[] = {
  GANTRY_INT ("width", 1, 10, 3, 0, "channels", "a number"),
  GANTRY_END
};

static void
good_interface (gpointer iface G_GNUC_UNUSED)
{
}

GANTRY_PLUGIN (Good, good, thing, "good", "1.2", "Nothing is wrong")
