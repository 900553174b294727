/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/component.h>

G_BEGIN_DECLS

/* What is wrong with the property table of a class: NULL if nothing. (transfer none) */
const gchar *_gantry_component_class_problem (GType type);

/* Remembers that a property was written. */
void _gantry_component_mark_set (GantryComponent *self, GParamSpec *pspec);

G_END_DECLS
