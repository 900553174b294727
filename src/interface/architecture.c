/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/architecture.h>

#include "interface/call-private.h"

/**
 * GantryArchitecture:
 *
 * Describes a network: named input tensors to named output tensors, with the variables of the graph's present
 * scope.  [class@Gantry.Network] applies it.
 */
G_DEFINE_INTERFACE (GantryArchitecture, gantry_architecture, GANTRY_TYPE_COMPONENT)

static void
gantry_architecture_default_init (GantryArchitectureInterface *iface)
{
}

/**
 * gantry_architecture_declare:
 * @self: an architecture
 * @in: the role and the shape of a sample
 * @out: (out caller-allocates): what the architecture says of itself in that role
 * @error: return location for an error
 *
 * Asks whether the architecture can play a role for samples of a shape, and which latents it takes.
 *
 * Returns: %FALSE with an error where it cannot: an unknown role, a shape or a property that it has no layers for
 */
gboolean
gantry_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out, GError **error)
{
  GantryArchitectureInterface *iface = GANTRY_ARCHITECTURE_GET_IFACE (self);
  g_autofree gchar *label = _gantry_component_label (self);
  gsize count;

  *out = (GantryArchitectureDeclaration){ .size = sizeof *out };
  if (iface->declare == NULL || iface->build == NULL)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s: the plugin lacks the vfunc `%s`", label,
                   iface->declare == NULL ? "declare" : "build");
      return FALSE;
    }
  if (!iface->declare (self, in, out, error))
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "%s: declare failed without saying why", label);
      return FALSE;
    }
  if (out->latent_shape.n_dims > GANTRY_MAX_DIMS - 1 || !gantry_shape_count (&out->latent_shape, &count) || count == 0)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s: declares a latent shape of %u axes that cannot be", label,
                   out->latent_shape.n_dims);
      return FALSE;
    }
  return TRUE;
}

/**
 * gantry_architecture_build:
 * @self: an architecture
 * @in: role, shapes and inputs; the graph's prefix is that of the variables
 * @out: where the named outputs go
 *
 * Describes one application of the architecture.  Programs call [method@Gantry.Network.apply] instead, which
 * sets scope and mode and checks inputs and outputs.  Errors stick to the graph.
 */
void
gantry_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  GANTRY_ARCHITECTURE_GET_IFACE (self)->build (self, in, out);
}

/**
 * gantry_sample_name:
 * @sample_shape: shape of one sample of the data
 *
 * What samples are called among the inputs and outputs of networks, and in a reader's records.
 *
 * Returns: (transfer none): `image` where they are [channels, height, width], else `point`
 */
const gchar *
gantry_sample_name (const GantryShape *sample_shape)
{
  return sample_shape->n_dims == 3 ? "image" : "point";
}

/**
 * gantry_architecture_get_input:
 * @in: input of `build`
 * @name: name of an input, such as `latent`
 *
 * Returns: (transfer none): the input, [batch, ...]; one that was not given is an error of the graph, and a
 *   poisoned tensor comes back
 */
GantryTensor *
gantry_architecture_get_input (const GantryArchitectureInput *in, const gchar *name)
{
  GantryGraph *graph = in->context.graph;
  GantryTensor *input = gantry_tensors_get (in->inputs, name);

  if (input != NULL)
    return input;
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "applied without an input `%s`, which role `%s` needs", name, in->role);
  return gantry_graph_poison (graph, GANTRY_SHAPE (1, 1, 1, 1), gantry_graph_get_dtype (graph));
}
