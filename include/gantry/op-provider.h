/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/op.h>
#include <gantry/registry.h>

G_BEGIN_DECLS

#define GANTRY_TYPE_OP_PROVIDER (gantry_op_provider_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryOpProvider, gantry_op_provider, GANTRY, OP_PROVIDER, GantryComponent)

/**
 * GantryOpProviderInterface:
 * @op: the op: constant, never freed, of the plugin's name, with kernels in float32 and float64
 *
 * Kind `op`: a plugin that brings an op.
 */
struct _GantryOpProviderInterface {
  GTypeInterface parent_iface;
  const GantryOp *op;
  gpointer reserved[8];
};

GANTRY_API const GantryOp *gantry_op_provider_get_op (GantryOpProvider *self, GError **error);

/* A built-in op or, failing that, the one of plugin `op/NAME`, which is opened. */
GANTRY_API const GantryOp *gantry_registry_find_op (GantryRegistry *registry, const gchar *name, GError **error);

/* The same from the process's registry, applied: for graphs. */
GANTRY_API GantryTensor *gantry_apply_op (const gchar *name, GantryTensor *const *inputs, guint n_inputs,
                                          const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals);

G_END_DECLS
