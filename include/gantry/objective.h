/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/loss.h>
#include <gantry/match.h>
#include <gantry/regularizer.h>

G_BEGIN_DECLS

GANTRY_API GantryTensor *gantry_objective_build (GantryGraph *graph, GantrySide side, GPtrArray *losses, GPtrArray *regularizers,
                                                 GPtrArray *matches, GantryTensors *terms);

G_END_DECLS
