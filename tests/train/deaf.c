/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An architecture that does not use one of its trainable variables. */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (DeafArchitecture, deaf_architecture, GANTRY_TYPE_ARCHITECTURE)

static const GantryProperty deaf_architecture_properties[] = { GANTRY_END };

static gboolean
deaf_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out,
                           GError **error)
{
  return TRUE;
}

static void
deaf_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  const GantryLayerOptions options = { .bias = TRUE };
  GantryTensor *x = gantry_flatten (gantry_tensors_get (in->inputs, "image"));

  gantry_graph_variable (in->context.graph, "idle", GANTRY_SHAPE (3), GANTRY_FLOAT32, GANTRY_CONSTANT (0), TRUE);
  gantry_tensors_set (out->outputs, "logits", gantry_layer_linear (x, "0", 1, &options));
}

static void
deaf_architecture_interface (GantryArchitectureInterface *iface)
{
  iface->declare = deaf_architecture_declare;
  iface->build = deaf_architecture_build;
}

GANTRY_PLUGIN (DeafArchitecture, deaf_architecture, architecture, "deaf", "1.0", "Leaves a variable unused")
