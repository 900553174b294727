/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the folders in which this process would look for plugins, one a line. */
#include <gantry/registry.h>

#include <stdio.h>

int
main (void)
{
  g_autoptr (GantryRegistry) registry = gantry_registry_new (NULL);
  const gchar *const *folders = gantry_registry_get_folders (registry);

  for (gsize i = 0; folders[i] != NULL; i++)
    puts (folders[i]);
  return 0;
}
