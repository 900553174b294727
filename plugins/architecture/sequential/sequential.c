/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A network from a list of layers in the pipeline, for those who do not write C:
 *
 *   [discriminator]
 *   plugin=sequential
 *   layers=conv2d channels=64 kernel=4 stride=2 padding=1; leaky-relu slope=0.2; flatten; linear features=1
 *
 * An item is LAYER [NAME] [KEY=VALUE ...]; items are separated by `;` or newlines.
 *
 *   linear [NAME] features=N                     bias= bias-initial= initial= and one of spectral= weight-norm= standardized=
 *   conv2d [NAME] channels=N kernel=N            stride= padding= dilation= groups= and those of linear
 *   conv-transpose2d [NAME] channels=N kernel=N  the same and output-padding=
 *   self-attention [NAME]                        kind=pooled|full initial= spectral= weight-norm= standardized=
 *   batch-norm [NAME]                            eps= affine= initial= momentum=
 *   instance-norm [NAME]                         eps= affine= initial=
 *   group-norm [NAME] groups=N                   eps= affine= initial=
 *   layer-norm [NAME]                            eps= affine= initial= per-channel=
 *   dropout [NAME] p=PROBABILITY
 *   average-pool kernel=N                        stride= padding= count-padding=
 *   max-pool kernel=N                            stride= padding=
 *   upsample factor=N                            interpolation=nearest|bilinear|bicubic
 *   leaky-relu                                   slope=
 *   elu                                          alpha=
 *   relu, tanh, sigmoid, softplus, selu, silu, gelu, global-average-pool, flatten
 *   reshape DIMS                                 dimensions without the batch, such as 128x4x4
 *
 * NAME starts the names of the layer's variables and draws, and is by default the number of the item, from 0.  stride, padding, dilation,
 * output-padding, factor and the kernel of a pool are one number or two, vertical and horizontal, such as 2x1.  A pool's stride is by
 * default its kernel.  bias, spectral, weight-norm, standardized, affine, per-channel and count-padding are yes or no; initialisers are
 * normal(MEAN,DEVIATION), uniform(LOW,HIGH), constant(VALUE), truncated-normal(DEVIATION,BOUND), xavier-uniform(GAIN), xavier-normal(GAIN),
 * kaiming-uniform(GAIN), kaiming-normal(GAIN), orthogonal(GAIN).  Without them there is a bias, an affine transformation (but of an
 * instance-norm), a slope of 0.2, alpha 1, eps 1e-5, momentum 0.1, padding that counts in averages, and PyTorch's initialisers.
 */
#include "item.h"

GANTRY_DECLARE_COMPONENT (SequentialArchitecture, sequential_architecture, GANTRY_TYPE_ARCHITECTURE)

static const GantryProperty sequential_architecture_properties[] = {
  GANTRY_LIST ("layers", "", GANTRY_REQUIRED,
               "layers, each `LAYER [NAME] [KEY=VALUE ...]`: linear features=, conv2d and conv-transpose2d channels= kernel= stride= padding=, "
               "self-attention, batch-norm, instance-norm, group-norm groups=, layer-norm, dropout p=, average-pool and max-pool kernel=, "
               "global-average-pool, upsample factor=, leaky-relu slope=, elu alpha=, relu, tanh, sigmoid, softplus, selu, silu, gelu, "
               "flatten, reshape 128x4x4; with bias=, spectral=, initial="),
  GANTRY_STRING ("latent", "100", 0, "shape of the generator's latents, such as 100 or 100x1x1"),
  GANTRY_END
};

static GPtrArray *
get_items (gpointer self, GError **error)
{
  g_auto (GStrv) texts = gantry_component_get_list (self, "layers");

  return parse_items ((const gchar *const *) texts, error);
}

static gboolean
sequential_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out,
                                 GError **error)
{
  static const gchar *const roles[] = { "generator", "discriminator", NULL };
  g_autofree gchar *latent = gantry_component_get_string (self, "latent");
  g_autoptr (GPtrArray) items = get_items (self, error);

  if (items == NULL)
    return FALSE;
  if (!g_strv_contains (roles, in->role))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no role `%s`: expected generator or discriminator; nearest is `%s`",
                   in->role, gantry_nearest_name (in->role, roles));
      return FALSE;
    }
  if (!g_str_equal (in->role, "generator"))
    return TRUE;
  if (!parse_dims (latent, &out->latent_shape))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "latent: `%s`: expected dimensions without the batch, such as 100x1x1",
                   latent);
      return FALSE;
    }
  return TRUE;
}

static void
sequential_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  GantryGraph *graph = in->context.graph;
  const gboolean is_generator = g_str_equal (in->role, "generator");
  const gchar *sample = gantry_sample_name (&in->sample_shape);
  GantryTensor *x = gantry_architecture_get_input (in, is_generator ? "latent" : sample);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = get_items (self, &error);

  if (items == NULL)
    {
      gantry_graph_fail (graph, error->domain, error->code, "%s", error->message);
      return;
    }
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = items->pdata[i];

      gantry_graph_push_label (graph, "item %u `%s`", i + 1, item->text);
      x = item->layer->apply (x, item);
      gantry_graph_pop (graph);
    }
  gantry_tensors_set (out->outputs, is_generator ? sample : "logits", x);
}

static void
sequential_architecture_interface (GantryArchitectureInterface *iface)
{
  iface->declare = sequential_architecture_declare;
  iface->build = sequential_architecture_build;
}

GANTRY_PLUGIN (SequentialArchitecture, sequential_architecture, architecture, "sequential", "1.0", "Layers listed in the pipeline")
