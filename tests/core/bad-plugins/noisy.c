/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fine but for its manners: writes what looks like a record where the host may listen. */
#include <gantry/plugin.h>

#include <stdio.h>
#include <unistd.h>

static void __attribute__ ((constructor))
speak (void)
{
  for (int fd = 0; fd < 3; fd++)
    {
      if (write (fd, "broken\tnoise\n", 13) < 0)
        continue;
    }
}

GANTRY_DECLARE_COMPONENT (Noisy, noisy, g_type_from_name ("GantryTestThing"))

static const GantryProperty noisy_properties[] = { GANTRY_END };

static void
noisy_interface (gpointer iface G_GNUC_UNUSED)
{
}

GANTRY_PLUGIN (Noisy, noisy, thing, "noisy", "1.0", "Writes to everything")
