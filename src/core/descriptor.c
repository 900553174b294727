/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a plugin's constant descriptor; used by the host and by its scan helper, and runs no code of the plugin. */
#include "core/descriptor-private.h"

#include <string.h>

/* What every descriptor of this ABI major has: version 1.0 ended with get_type. */
#define SMALLEST (G_STRUCT_OFFSET (GantryPluginDescriptor, get_type) + sizeof (GType (*) (void)))

gboolean
_gantry_is_kebab (const gchar *text)
{
  if (!g_ascii_islower (text[0]))
    return FALSE;
  for (gsize i = 1; text[i] != '\0'; i++)
    {
      if (!g_ascii_islower (text[i]) && !g_ascii_isdigit (text[i]) && (text[i] != '-' || text[i - 1] == '-'))
        return FALSE;
    }
  return text[strlen (text) - 1] != '-';
}

static gchar *
string_problem (const GantryPluginDescriptor *descriptor)
{
  const struct {
    const gchar *member;
    const gchar *value;
  } strings[] = {
    { "kind", descriptor->kind }, { "name", descriptor->name }, { "version", descriptor->version },
    { "licence", descriptor->licence }, { "summary", descriptor->summary }, { "origin", descriptor->origin },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      if (strings[i].value == NULL)
        return g_strdup_printf ("its descriptor has no %s", strings[i].member);
      if (!g_utf8_validate (strings[i].value, -1, NULL))
        return g_strdup_printf ("its descriptor's %s is not UTF-8", strings[i].member);
    }
  if (!_gantry_is_kebab (descriptor->name))
    return g_strdup_printf ("its name '%s' is not kebab-case: lower-case letters and digits, words joined by '-'", descriptor->name);
  if (descriptor->get_type == NULL)
    return g_strdup ("its descriptor has no get-type function");
  return NULL;
}

gchar *
_gantry_descriptor_problem (const GantryPluginDescriptor *descriptor, gsize available)
{
  if (available != 0 && available < G_STRUCT_OFFSET (GantryPluginDescriptor, kind))
    return g_strdup_printf ("'" GANTRY_PLUGIN_SYMBOL "' has %" G_GSIZE_FORMAT " bytes, too few for a descriptor", available);
  if (memcmp (descriptor->magic, GANTRY_PLUGIN_MAGIC, sizeof descriptor->magic) != 0)
    return g_strdup ("wrong magic: its descriptor does not start with '" GANTRY_PLUGIN_MAGIC "'");
  if (descriptor->abi_major != GANTRY_ABI_MAJOR)
    return g_strdup_printf ("built for plugin ABI %u.%u; this host has %d.%d, and the majors must be equal", descriptor->abi_major,
                            descriptor->abi_minor, GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR);
  if (descriptor->abi_minor > GANTRY_ABI_MINOR)
    return g_strdup_printf ("built for plugin ABI %u.%u, newer than this host's %d.%d", descriptor->abi_major, descriptor->abi_minor,
                            GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR);
  if (descriptor->size < SMALLEST || descriptor->size > sizeof *descriptor || (available != 0 && descriptor->size > available) ||
      (descriptor->abi_minor == GANTRY_ABI_MINOR && descriptor->size != sizeof *descriptor))
    return g_strdup_printf ("its descriptor says it has %" G_GSIZE_FORMAT " bytes; those of plugin ABI %u.%u have %" G_GSIZE_FORMAT,
                            descriptor->size, descriptor->abi_major, descriptor->abi_minor, sizeof *descriptor);
  return string_problem (descriptor);
}
