/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/architecture.h>

G_BEGIN_DECLS

/**
 * GantryNetwork:
 *
 * An architecture instantiated in a role: a scope of variables and a function from named tensors to named
 * tensors, applied as often as wanted.
 */
#define GANTRY_TYPE_NETWORK (gantry_network_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryNetwork, gantry_network, GANTRY, NETWORK, GObject)

GANTRY_API GantryNetwork *gantry_network_new (const gchar *name, const gchar *role, GantryArchitecture *architecture,
                                              const GantryShape *sample_shape, GError **error);
GANTRY_API const gchar *gantry_network_get_name (GantryNetwork *self);
GANTRY_API const gchar *gantry_network_get_role (GantryNetwork *self);
GANTRY_API GantryArchitecture *gantry_network_get_architecture (GantryNetwork *self);
GANTRY_API const GantryShape *gantry_network_get_latent_shape (GantryNetwork *self);
GANTRY_API const GantryShape *gantry_network_get_sample_shape (GantryNetwork *self);
GANTRY_API gsize gantry_network_get_classes (GantryNetwork *self); /* of its input `label`; 0: it takes none */
GANTRY_API GantryTensors *gantry_network_apply (GantryNetwork *self, GantryGraph *graph, GantryTensors *inputs,
                                                GantryMode mode); /* (transfer full) */
GANTRY_API GantryTensor *gantry_network_apply_named (GantryNetwork *self, GantryGraph *graph, GantryTensors *inputs, const gchar *output_name,
                                                     GantryMode mode);
GANTRY_API GantryTensors *gantry_network_apply_with (GantryNetwork *self, GantryGraph *graph, GantryTensors *bindings, GantryTensors *inputs,
                                                     GantryMode mode); /* (transfer full) */
GANTRY_API GantryTensor *gantry_network_apply_one (GantryNetwork *self, GantryTensor *input, const gchar *input_name, const gchar *output_name,
                                                   GantryMode mode);

G_END_DECLS
