/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Memory that is wanted from step @first to step @last, both included. */
typedef struct {
  gsize bytes;
  guint first;
  guint last;
  gsize offset; /* result, a multiple of 64 */
} GantryBlock;

/* Gives every block a place where no block that lives at the same time lies; FALSE where the total does not fit in a gsize. */
gboolean _gantry_plan_blocks (GantryBlock *blocks, guint n_blocks, gsize *workspace);
