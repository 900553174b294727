/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/graph.h>

G_BEGIN_DECLS

/* Averages of weights over a training. */
GANTRY_API gdouble gantry_average_get_decay (gdouble half_life, gdouble ramp_up, guint64 images, gsize batch);
GANTRY_API GantryTensor *gantry_average_move (GantryTensor *average, GantryTensor *value, GantryTensor *decay);

G_END_DECLS
