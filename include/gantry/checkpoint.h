/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>

G_BEGIN_DECLS

/**
 * GantryCheckpoint:
 *
 * A safetensors file in memory: named arrays and string metadata.
 */
#define GANTRY_TYPE_CHECKPOINT (gantry_checkpoint_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryCheckpoint, gantry_checkpoint, GANTRY, CHECKPOINT, GObject)

GANTRY_API GantryCheckpoint *gantry_checkpoint_new (void);
GANTRY_API GantryCheckpoint *gantry_checkpoint_load (const gchar *path, GError **error);
GANTRY_API gboolean gantry_checkpoint_save (GantryCheckpoint *self, const gchar *path, GError **error); /* temporary name, fsync, rename */
GANTRY_API GantryArray *gantry_checkpoint_get (GantryCheckpoint *self, const gchar *name); /* (transfer none), NULL if absent */
GANTRY_API void gantry_checkpoint_set (GantryCheckpoint *self, const gchar *name, GantryArray *array); /* takes a reference */
GANTRY_API gchar **gantry_checkpoint_list (GantryCheckpoint *self);
GANTRY_API const gchar *gantry_checkpoint_get_metadata (GantryCheckpoint *self, const gchar *key);
GANTRY_API gchar **gantry_checkpoint_list_metadata (GantryCheckpoint *self);
GANTRY_API void gantry_checkpoint_set_metadata (GantryCheckpoint *self, const gchar *key, const gchar *value);

G_END_DECLS
