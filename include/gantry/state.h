/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>
#include <gantry/graph.h>

G_BEGIN_DECLS

#define GANTRY_TYPE_STATE (gantry_state_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryState, gantry_state, GANTRY, STATE, GObject)

GANTRY_API GantryState *gantry_state_new (guint64 seed);
GANTRY_API guint64 gantry_state_get_seed (GantryState *self);
GANTRY_API void gantry_state_set_seed (GantryState *self, guint64 seed);
GANTRY_API gboolean gantry_state_declare (GantryState *self, const GantryVariable *variable, GError **error);
GANTRY_API GantryArray *gantry_state_get (GantryState *self, const gchar *name); /* (transfer none), NULL if absent */
GANTRY_API gboolean gantry_state_set (GantryState *self, const gchar *name, GantryArray *values, GError **error); /* copies, converts */
GANTRY_API gboolean gantry_state_is_trainable (GantryState *self, const gchar *name);
GANTRY_API gchar **gantry_state_list (GantryState *self); /* in order of declaration */

G_END_DECLS
