/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/objective.h>

G_BEGIN_DECLS

/* What the host does with what a loss or a regularizer gives. */
typedef struct {
  gdouble factor;          /* of one that is part of every so many steps, which the terms do not show */
  GantryComponent *weight; /* its property `weight` multiplies the terms; NULL: 1 */
  gchar **matches;         /* names of those that it applies to; NULL: all */
} GantryObjectiveShare;

/* As gantry_objective_build(), with a share for each loss and regularizer (NULL: whole); NULL where nothing concerns the side. */
GantryTensor *_gantry_objective_build_weighted (GantryGraph *graph, GantrySide side, GPtrArray *losses, const GantryObjectiveShare *loss_shares,
                                                GPtrArray *regularizers, const GantryObjectiveShare *shares, GPtrArray *matches,
                                                GantryTensors *terms);

G_END_DECLS
