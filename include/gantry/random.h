/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/graph.h>

G_BEGIN_DECLS

GANTRY_API void gantry_random_pair (GantryInputKind kind, guint64 seed, const gchar *name, guint64 index, guint64 pair, gdouble draws[2]);

G_END_DECLS
