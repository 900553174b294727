/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Its property table contradicts itself. */
#include <gantry/plugin.h>

GANTRY_DECLARE_COMPONENT (BadTable, bad_table, g_type_from_name ("GantryTestThing"))

static const GantryProperty bad_table_properties[] = {
  GANTRY_DOUBLE ("rate", 0, 1, 2, 0, "", "its default is out of its range"),
  GANTRY_END
};

static void
bad_table_interface (gpointer iface G_GNUC_UNUSED)
{
}

GANTRY_PLUGIN (BadTable, bad_table, thing, "bad-table", "1.0", "A default out of its range")
