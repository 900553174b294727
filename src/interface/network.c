/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/network.h>

#include "interface/call-private.h"

struct _GantryNetwork {
  GObject parent_instance;
  gchar *name;
  gchar *role;
  GantryArchitecture *architecture;
  gchar *label;
  GantryShape latent_shape;
  GantryShape sample_shape;
  gsize classes;
};

G_DEFINE_FINAL_TYPE (GantryNetwork, gantry_network, G_TYPE_OBJECT)

static void
gantry_network_finalize (GObject *object)
{
  GantryNetwork *self = GANTRY_NETWORK (object);

  g_free (self->name);
  g_free (self->role);
  g_free (self->label);
  g_clear_object (&self->architecture);
  G_OBJECT_CLASS (gantry_network_parent_class)->finalize (object);
}

static void
gantry_network_class_init (GantryNetworkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_network_finalize;
}

static void
gantry_network_init (GantryNetwork *self)
{
}

/* "architecture/dcgan": the instance is the network's name, which the label says anyway. */
static gchar *
make_label (const gchar *name, GantryArchitecture *architecture)
{
  const gchar *plugin = gantry_component_get_name (GANTRY_COMPONENT (architecture));

  if (plugin == NULL)
    return g_strdup_printf ("%s (%s)", name, G_OBJECT_TYPE_NAME (architecture));
  return g_strdup_printf ("%s (architecture/%s)", name, plugin);
}

/**
 * gantry_network_new:
 * @name: name of the network, what its variables' names start with
 * @role: role that the architecture plays: `generator`, `discriminator`
 * @architecture: the architecture
 * @sample_shape: shape of one sample of the data, such as [channels, height, width]
 * @error: return location for an error
 *
 * Makes a network.  Its variables come to be when it is applied in a graph.
 *
 * Returns: (transfer full): the network, or %NULL with an error where the architecture cannot play the role for
 *   such samples
 */
GantryNetwork *
gantry_network_new (const gchar *name, const gchar *role, GantryArchitecture *architecture, const GantryShape *sample_shape, GError **error)
{
  g_autoptr (GantryNetwork) self = g_object_new (GANTRY_TYPE_NETWORK, NULL);
  const GantryArchitectureDeclareInput in = { sizeof in, role, *sample_shape };
  GantryArchitectureDeclaration declaration;

  self->name = g_strdup (name);
  self->role = g_strdup (role);
  self->architecture = g_object_ref (architecture);
  self->label = make_label (name, architecture);
  self->sample_shape = *sample_shape;
  if (!gantry_architecture_declare (architecture, &in, &declaration, error))
    {
      g_prefix_error (error, "%s: ", self->label);
      return NULL;
    }
  self->latent_shape = declaration.latent_shape;
  self->classes = declaration.classes;
  return g_steal_pointer (&self);
}

/**
 * gantry_network_get_name:
 * @self: a network
 *
 * Returns: (transfer none): its name
 */
const gchar *
gantry_network_get_name (GantryNetwork *self)
{
  return self->name;
}

/**
 * gantry_network_get_role:
 * @self: a network
 *
 * Returns: (transfer none): the role that it plays
 */
const gchar *
gantry_network_get_role (GantryNetwork *self)
{
  return self->role;
}

/**
 * gantry_network_get_architecture:
 * @self: a network
 *
 * Returns: (transfer none): its architecture
 */
GantryArchitecture *
gantry_network_get_architecture (GantryNetwork *self)
{
  return self->architecture;
}

/**
 * gantry_network_get_latent_shape:
 * @self: a network
 *
 * Returns: (transfer none): shape of one latent, without the batch axis; no axes where it takes none
 */
const GantryShape *
gantry_network_get_latent_shape (GantryNetwork *self)
{
  return &self->latent_shape;
}

/**
 * gantry_network_get_sample_shape:
 * @self: a network
 *
 * Returns: (transfer none): shape of one sample, without the batch axis
 */
const GantryShape *
gantry_network_get_sample_shape (GantryNetwork *self)
{
  return &self->sample_shape;
}

/**
 * gantry_network_get_classes:
 * @self: a network
 *
 * Returns: how many classes its input `label` tells apart; 0 where it takes no labels
 */
gsize
gantry_network_get_classes (GantryNetwork *self)
{
  return self->classes;
}

/* The shape of a batch of named inputs, where the name says it. */
static gboolean
get_input_shape (GantryNetwork *self, const gchar *name, gsize batch, GantryShape *shape)
{
  static const GantryShape label = { 0 };
  const GantryShape *one;

  if (g_str_equal (name, "latent"))
    one = &self->latent_shape;
  else if (g_str_equal (name, "label"))
    one = &label;
  else if (g_str_equal (name, "image") || g_str_equal (name, "point"))
    one = &self->sample_shape;
  else
    return FALSE;
  shape->n_dims = one->n_dims + 1;
  shape->dims[0] = batch;
  memcpy (shape->dims + 1, one->dims, one->n_dims * sizeof one->dims[0]);
  return TRUE;
}

/* The inputs, with a poisoned tensor of the right shape for what does not fit: the architecture then describes on. */
static GantryTensors *
check_inputs (GantryNetwork *self, GantryGraph *graph, GantryTensors *inputs)
{
  GantryTensors *checked = gantry_tensors_new ();

  for (guint i = 0; i < gantry_tensors_get_n (inputs); i++)
    {
      const gchar *name = gantry_tensors_get_name (inputs, i);
      GantryTensor *tensor = gantry_tensors_get (inputs, name);
      const GantryShape *found = gantry_tensor_get_shape (tensor);
      GantryShape due;

      if (get_input_shape (self, name, gantry_tensor_get_dim (tensor, 0), &due) && !gantry_shape_equal (found, &due))
        {
          g_autofree gchar *found_text = gantry_shape_to_string (found);
          g_autofree gchar *due_text = gantry_shape_to_string (&due);

          if (!gantry_tensor_is_poisoned (tensor))
            gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "input `%s` is %s, expected %s", name, found_text, due_text);
          tensor = gantry_graph_poison (graph, &due, gantry_tensor_get_dtype (tensor));
        }
      gantry_tensors_set (checked, name, tensor);
    }
  return checked;
}

static void
check_outputs (GantryNetwork *self, GantryGraph *graph, GantryTensors *outputs, const GantryShape *batch)
{
  const gchar *name = gantry_sample_name (&self->sample_shape);
  GantryTensor *image = gantry_tensors_get (outputs, name);
  GantryShape due;

  if (gantry_tensors_get_n (outputs) == 0)
    gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "the plugin gave no outputs in role `%s`", self->role);
  if (image == NULL || batch == NULL || batch->n_dims == 0 || gantry_tensor_is_poisoned (image))
    return;
  get_input_shape (self, name, batch->dims[0], &due);
  if (!gantry_shape_equal (gantry_tensor_get_shape (image), &due))
    {
      g_autofree gchar *found_text = gantry_shape_to_string (gantry_tensor_get_shape (image));
      g_autofree gchar *due_text = gantry_shape_to_string (&due);

      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "output `%s` is %s, but a batch of samples is %s", name, found_text,
                         due_text);
    }
}

/**
 * gantry_network_apply:
 * @self: a network
 * @graph: the graph
 * @inputs: named inputs, each [batch, ...]: `latent`, `image`, ...
 * @mode: whether batch statistics are used, and state written
 *
 * Applies the network; as often as wanted, the variables are the same.  Inputs of the wrong shape and whatever
 * goes wrong inside are errors of the graph, which name the network.
 *
 * Returns: (transfer full): named outputs: `image`, `logits`, ...
 */
GantryTensors *
gantry_network_apply (GantryNetwork *self, GantryGraph *graph, GantryTensors *inputs, GantryMode mode)
{
  GantryContextHost host = { .term = self->name };
  GantryArchitectureInput in = { { graph, GANTRY_COMPONENT (self->architecture), &host }, sizeof in, self->role, self->sample_shape, NULL };
  GantryTensors *outputs = gantry_tensors_new ();
  GantryArchitectureOutput out = { sizeof out, outputs };
  g_autoptr (GantryTensors) checked = NULL;
  const GantryShape *batch = NULL;

  _gantry_push_prefix (graph, self->name);
  gantry_graph_push_label (graph, "%s", self->label);
  gantry_graph_push_mode (graph, mode);
  in.inputs = checked = check_inputs (self, graph, inputs);
  if (gantry_tensors_get_n (checked) == 0)
    gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "applied to no inputs");
  else
    batch = gantry_tensor_get_shape (gantry_tensors_get (checked, gantry_tensors_get_name (checked, 0)));
  gantry_architecture_build (self->architecture, &in, &out);
  check_outputs (self, graph, outputs, batch);
  gantry_graph_pop_mode (graph);
  gantry_graph_pop (graph);
  gantry_graph_pop (graph);
  return outputs;
}

/* Binds each variable, or frees it where @is_end. */
static void
bind_all (GantryNetwork *self, GantryGraph *graph, GantryTensors *bindings, gboolean is_end)
{
  for (guint i = 0; i < gantry_tensors_get_n (bindings); i++)
    {
      const gchar *name = gantry_tensors_get_name (bindings, i);
      g_autofree gchar *full = g_strdup_printf ("%s.%s", self->name, name);
      GantryVariable *variable = gantry_graph_find_variable (graph, full);

      if (variable != NULL)
        gantry_graph_bind (graph, variable, is_end ? NULL : gantry_tensors_get (bindings, name));
      else if (!is_end)
        gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME,
                           "%s: binding: the graph has no variable `%s`: apply the network once before variables of it are bound", self->label, full);
    }
}

/**
 * gantry_network_apply_with:
 * @self: a network that was applied in @graph before, so that its variables are there
 * @graph: the graph
 * @bindings: names of variables within the network, such as `main.0.weight`, and the tensors that replace them
 * @inputs: named inputs, [batch, ...]
 * @mode: whether batch statistics are used, and state written
 *
 * As [method@Gantry.Network.apply], with tensors in the place of variables: what is read of a bound variable is the tensor, what is assigned
 * to it is discarded.  A discriminator that looks ahead is a loop over the optimizer's pure step and this: Metz et al. 2017, eq. 7.
 *
 * Returns: (transfer full): named outputs
 */
GantryTensors *
gantry_network_apply_with (GantryNetwork *self, GantryGraph *graph, GantryTensors *bindings, GantryTensors *inputs, GantryMode mode)
{
  GantryTensors *outputs;

  bind_all (self, graph, bindings, FALSE);
  outputs = gantry_network_apply (self, graph, inputs, mode);
  bind_all (self, graph, bindings, TRUE);
  return outputs;
}

/* The error for an output that a network does not give, and a tensor to go on with. */
static GantryTensor *
miss_output (GantryNetwork *self, GantryGraph *graph, GantryTensors *outputs, const gchar *name, gsize batch)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const gchar *nearest;
  GantryShape shape = { 1, { batch } };

  for (guint i = 0; i < gantry_tensors_get_n (outputs); i++)
    g_ptr_array_add (names, (gpointer) gantry_tensors_get_name (outputs, i));
  g_ptr_array_add (names, NULL);
  nearest = gantry_nearest_name (name, (const gchar *const *) names->pdata);
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "%s: gives no output `%s` in role `%s`%s%s%s", self->label, name, self->role,
                     nearest != NULL ? "; nearest is `" : "", nearest != NULL ? nearest : "", nearest != NULL ? "`" : "");
  if (g_str_equal (name, gantry_sample_name (&self->sample_shape)))
    get_input_shape (self, name, batch, &shape);
  return gantry_graph_poison (graph, &shape, gantry_graph_get_dtype (graph));
}

/**
 * gantry_network_apply_named:
 * @self: a network
 * @graph: the graph
 * @inputs: named inputs, as for [method@Gantry.Network.apply]
 * @output_name: name of the output that is wanted, such as `image`
 * @mode: whether batch statistics are used, and state written
 *
 * Applies the network and takes one output.  An output that the network does not give is an error of the graph.
 *
 * Returns: (transfer none): the output
 */
GantryTensor *
gantry_network_apply_named (GantryNetwork *self, GantryGraph *graph, GantryTensors *inputs, const gchar *output_name, GantryMode mode)
{
  g_autoptr (GantryTensors) outputs = gantry_network_apply (self, graph, inputs, mode);
  GantryTensor *output = gantry_tensors_get (outputs, output_name);
  GantryTensor *first;

  if (output != NULL)
    return output;
  first = gantry_tensors_get_n (inputs) > 0 ? gantry_tensors_get (inputs, gantry_tensors_get_name (inputs, 0)) : NULL;
  return miss_output (self, graph, outputs, output_name, first != NULL ? gantry_tensor_get_dim (first, 0) : 1);
}

/**
 * gantry_network_apply_one:
 * @self: a network
 * @input: the input, [batch, ...]
 * @input_name: its name, such as `latent`
 * @output_name: name of the output that is wanted, such as `image`
 * @mode: whether batch statistics are used, and state written
 *
 * Applies the network to one input and takes one output.  An output that the network does not give is an error
 * of the graph.
 *
 * Returns: (transfer none): the output
 */
GantryTensor *
gantry_network_apply_one (GantryNetwork *self, GantryTensor *input, const gchar *input_name, const gchar *output_name, GantryMode mode)
{
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, input_name, input);
  return gantry_network_apply_named (self, gantry_tensor_get_graph (input), inputs, output_name, mode);
}
