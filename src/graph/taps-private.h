/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sparse matrix of a resampling, made row by row. */
#pragma once

#include "graph/graph-internal.h"

/* Rows and taps of a matrix, so that attributes can be counted. */
#define GANTRY_MAX_TAPS ((gsize) 1 << 28)

typedef struct {
  GArray *starts;  /* of gint64: where each row begins among the taps, and where the last ends */
  GArray *places;  /* of gint64 */
  GArray *weights; /* of gdouble */
} GantryTapsBuilder;

GantryTapsBuilder *_gantry_taps_new (void);
void _gantry_taps_free (GantryTapsBuilder *self);
void _gantry_taps_add (GantryTapsBuilder *self, gsize place, gdouble weight); /* to the present row; places do not decrease in a row */
void _gantry_taps_end_row (GantryTapsBuilder *self);
GantryTensor *_gantry_taps_apply (const GantryTapsBuilder *self, GantryTensor *x, guint axis); /* x itself where the matrix is the identity */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryTapsBuilder, _gantry_taps_free)
