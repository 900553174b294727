/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/objective.h>

G_BEGIN_DECLS

/* As gantry_objective_build(), with a factor for each regularizer (NULL: 1), which the terms do not show; NULL where nothing concerns the side. */
GantryTensor *_gantry_objective_build_weighted (GantryGraph *graph, GantrySide side, GPtrArray *losses, GPtrArray *regularizers,
                                                const gdouble *factors, GPtrArray *matches, GantryTensors *terms);

G_END_DECLS
