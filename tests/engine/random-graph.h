/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphs drawn from a seed: ops of all kinds on each other, constants, draws, variables read and assigned, gradients of both orders. */
#pragma once

#include <gantry/gantry.h>

/* Outputs "output0", ..., "loss", "slope0", ..., "again"; in float64. */
GantryGraph *random_graph_new (guint32 seed);
