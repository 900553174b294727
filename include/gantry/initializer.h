/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>
#include <gantry/graph.h>

G_BEGIN_DECLS

GANTRY_API GantryInputKind gantry_initializer_get_draws (const GantryInitializer *self); /* normal or uniform ones */
GANTRY_API gboolean gantry_initializer_fill (const GantryInitializer *self, const GantryArray *draws, GantryArray *array, GError **error);

G_END_DECLS
