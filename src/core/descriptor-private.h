/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/plugin.h>

G_BEGIN_DECLS

#define GANTRY_PLUGIN_SYMBOL "gantry_plugin_info"

/* Whether text is lower-case words of letters and digits joined by '-', as kinds and names are. */
gboolean _gantry_is_kebab (const gchar *text);

/* What is wrong with a descriptor of which `available` bytes can be read (0: not known): NULL if nothing. (transfer full) */
gchar *_gantry_descriptor_problem (const GantryPluginDescriptor *descriptor, gsize available);

G_END_DECLS
