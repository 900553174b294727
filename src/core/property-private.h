/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/property.h>

G_BEGIN_DECLS

/* What one line of a property table becomes; floating.  Fails if the line contradicts itself. */
GParamSpec *_gantry_property_to_param (const GantryProperty *property, GType owner, GError **error);

/* The items of a list's text, blanks trimmed, empty ones left out. (transfer full) */
gchar **_gantry_list_split (const gchar *text);

/* The value that a component made from the table starts with. */
void _gantry_param_set_default (GParamSpec *pspec, GValue *value);

G_END_DECLS
