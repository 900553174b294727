/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/graph.h>

G_BEGIN_DECLS

/**
 * GantryTensors:
 *
 * Named tensors in the order they were set: what networks take and give.
 */
typedef struct _GantryTensors GantryTensors;

#define GANTRY_TYPE_TENSORS (gantry_tensors_get_type ())
GANTRY_API GType gantry_tensors_get_type (void);

GANTRY_API GantryTensors *gantry_tensors_new (void);
GANTRY_API GantryTensors *gantry_tensors_ref (GantryTensors *self);
GANTRY_API void gantry_tensors_unref (GantryTensors *self);
GANTRY_API void gantry_tensors_set (GantryTensors *self, const gchar *name, GantryTensor *tensor);
GANTRY_API GantryTensor *gantry_tensors_get (const GantryTensors *self, const gchar *name); /* NULL if absent */
GANTRY_API guint gantry_tensors_get_n (const GantryTensors *self);
GANTRY_API const gchar *gantry_tensors_get_name (const GantryTensors *self, guint i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryTensors, gantry_tensors_unref)

G_END_DECLS
