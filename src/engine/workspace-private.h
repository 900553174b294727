/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Memory for intermediate tensors, counted by reference. */
typedef struct _GantryWorkspace GantryWorkspace;

GantryWorkspace *_gantry_workspace_new (gsize bytes); /* zeros, aligned to 64 bytes; NULL where it cannot be had */
GantryWorkspace *_gantry_workspace_ref (GantryWorkspace *self);
void _gantry_workspace_unref (GantryWorkspace *self);
gpointer _gantry_workspace_get_memory (GantryWorkspace *self);
