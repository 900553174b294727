/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/context.h>

G_BEGIN_DECLS

/**
 * GantryArchitectureDeclareInput:
 * @role: "generator", "discriminator", ...
 * @sample_shape: shape of one sample of the data, such as [channels, height, width]
 */
typedef struct {
  gsize size;
  const gchar *role;
  GantryShape sample_shape;
} GantryArchitectureDeclareInput;

/**
 * GantryArchitectureDeclaration:
 * @latent_shape: of one latent, without the batch axis; n_dims 0 where the role takes none
 * @classes: how many classes the input `label` tells apart; 0 where the role takes no labels
 */
typedef struct {
  gsize size;
  GantryShape latent_shape;
  gsize classes;
} GantryArchitectureDeclaration;

/**
 * GantryArchitectureInput:
 * @role: "generator", "discriminator", ...
 * @sample_shape: shape of one sample of the data
 * @inputs: named inputs: `latent` of a generator, `image` (or `point`) of a discriminator; `label` where the data have labels,
 *   int64 [batch]
 *
 * The graph's prefix is the network's name and its mode the mode of the application.
 */
typedef struct {
  GantryContext context;
  gsize size;
  const gchar *role;
  GantryShape sample_shape;
  GantryTensors *inputs;
} GantryArchitectureInput;

/**
 * GantryArchitectureOutput:
 * @outputs: filled with named outputs: `image` (or `point`) of a generator; `logits`, `features.N`, ... of a discriminator
 */
typedef struct {
  gsize size;
  GantryTensors *outputs;
} GantryArchitectureOutput;

#define GANTRY_TYPE_ARCHITECTURE (gantry_architecture_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryArchitecture, gantry_architecture, GANTRY, ARCHITECTURE, GantryComponent)

struct _GantryArchitectureInterface {
  GTypeInterface parent_iface;
  gboolean (*declare) (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out, GError **error);
  void (*build) (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out);
  gpointer reserved[8];
};

GANTRY_API gboolean gantry_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in,
                                                 GantryArchitectureDeclaration *out, GError **error);
GANTRY_API void gantry_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out);

/* What samples of a shape are called as inputs and outputs: "image" or "point". */
GANTRY_API const gchar *gantry_sample_name (const GantryShape *sample_shape);

/* For `build`. */
GANTRY_API GantryTensor *gantry_architecture_get_input (const GantryArchitectureInput *in, const gchar *name);

G_END_DECLS
