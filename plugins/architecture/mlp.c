/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fully connected layers, for images (flattened) and for points.  The networks of Goodfellow et al. 2014 are such.  Names are those of a
 * PyTorch Sequential, main.0, main.1, ..., which counts every layer: linear, batch norm where there is one, activation.  The last linear
 * layer of a generator ends in tanh for images, in nothing for points; that of a discriminator in one logit.
 */
#include "condition.h"

#define LATENT 64 /* numbers */

GANTRY_DECLARE_COMPONENT (MlpArchitecture, mlp_architecture, GANTRY_TYPE_ARCHITECTURE)

static const GantryProperty mlp_architecture_properties[] = {
  GANTRY_INT ("layers", 0, 1000, 3, 0, "layers", "hidden layers; 0 leaves one linear function"),
  GANTRY_INT ("width", 1, 65536, 256, 0, "features", "size of each hidden layer"),
  GANTRY_ENUM ("activation", "leaky-relu|relu|tanh|sigmoid|softplus", "leaky-relu", 0, "function after each hidden layer"),
  GANTRY_DOUBLE ("slope", 0, 1, 0.2, 0, "", "slope of leaky-relu below 0"),
  GANTRY_ENUM ("normalization", "none|batch|spectral", "none", 0,
               "batch norm of each hidden layer but a discriminator's first, in place of its bias; or spectral norm of every weight"),
  GANTRY_INT ("latent", 1, 65536, LATENT, 0, "numbers", "size of the generator's latent vector"),
  GANTRY_INT ("powers", 1, 16, 1, 0, "", "a discriminator's input: 2 shows it x and x^2, 3 x, x^2 and x^3, ..."),
  CONDITION_PROPERTIES,
  GANTRY_END
};

static gboolean
refuse (gpointer self, const gchar *key, const gchar *role, const gchar *other, GError **error)
{
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "%s=%" G_GINT64_FORMAT ": a %s has no use for it: the %s's section is the place",
               key, gantry_component_get_int (self, key), role, other);
  return FALSE;
}

static gboolean
mlp_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out, GError **error)
{
  static const gchar *const roles[] = { "generator", "discriminator", NULL };
  const gint64 latent = gantry_component_get_int (self, "latent");

  if (!g_strv_contains (roles, in->role))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no role `%s`: expected generator or discriminator; nearest is `%s`",
                   in->role, gantry_nearest_name (in->role, roles));
      return FALSE;
    }
  if (g_str_equal (in->role, "discriminator") && latent != LATENT)
    return refuse (self, "latent", "discriminator", "generator", error);
  if (g_str_equal (in->role, "generator") && gantry_component_get_int (self, "powers") != 1)
    return refuse (self, "powers", "generator", "discriminator", error);
  if (g_str_equal (in->role, "generator"))
    out->latent_shape = *GANTRY_SHAPE ((gsize) latent);
  return condition_declare (self, out, error);
}

static GantryTensor *
activate (gpointer self, GantryTensor *x)
{
  const gchar *activation = gantry_component_get_enum (self, "activation");

  if (g_str_equal (activation, "relu"))
    return gantry_relu (x);
  if (g_str_equal (activation, "tanh"))
    return gantry_tanh (x);
  if (g_str_equal (activation, "sigmoid"))
    return gantry_sigmoid (x);
  if (g_str_equal (activation, "softplus"))
    return gantry_softplus (x);
  return gantry_leaky_relu (x, gantry_component_get_double (self, "slope"));
}

static GantryTensor *
add_linear (gpointer self, GantryTensor *x, guint *index, gsize features, gboolean bias)
{
  const gboolean spectral = g_str_equal (gantry_component_get_enum (self, "normalization"), "spectral");
  const GantryLayerOptions options = { .bias = bias, .normalization = spectral ? GANTRY_WEIGHT_SPECTRAL : GANTRY_WEIGHT_PLAIN };
  g_autofree gchar *name = g_strdup_printf ("%u", (*index)++);

  return gantry_layer_linear (x, name, features, &options);
}

static GantryTensor *
apply_layers (gpointer self, GantryTensor *x, gsize features, gboolean is_generator)
{
  const gboolean batch = g_str_equal (gantry_component_get_enum (self, "normalization"), "batch");
  const gint64 layers = gantry_component_get_int (self, "layers");
  guint index = 0;

  for (gint64 layer = 0; layer < layers; layer++)
    {
      const gboolean normalised = batch && (is_generator || layer > 0);

      x = add_linear (self, x, &index, (gsize) gantry_component_get_int (self, "width"), !normalised);
      if (normalised)
        {
          g_autofree gchar *name = g_strdup_printf ("%u", index++);

          x = gantry_layer_batch_norm (x, name, NULL);
        }
      x = activate (self, x);
      index++;
    }
  return add_linear (self, x, &index, features, TRUE);
}

/* x, x^2, ... side by side. */
static GantryTensor *
stack_powers (gpointer self, GantryTensor *x)
{
  const guint n = (guint) gantry_component_get_int (self, "powers");
  GantryTensor *powers[16] = { x };

  for (guint i = 1; i < n; i++)
    powers[i] = gantry_mul (powers[i - 1], x);
  return n > 1 ? gantry_concat (powers, n, 1) : x;
}

static void
mlp_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  const gboolean is_generator = g_str_equal (in->role, "generator");
  const gchar *sample = gantry_sample_name (&in->sample_shape);
  GantryTensor *x = gantry_architecture_get_input (in, is_generator ? "latent" : sample);
  GantryShape shape = { in->sample_shape.n_dims + 1, { gantry_tensor_get_dim (x, 0) } };

  x = gantry_flatten (x);
  if (!is_generator)
    x = stack_powers (self, x);
  x = condition_append (self, in, x);
  gantry_graph_push_scope (in->context.graph, "main");
  x = apply_layers (self, x, is_generator ? gantry_shape_size (&in->sample_shape) : 1, is_generator);
  gantry_graph_pop (in->context.graph);
  if (!is_generator)
    {
      gantry_tensors_set (out->outputs, "logits", gantry_reshape (x, GANTRY_SHAPE (shape.dims[0])));
      return;
    }
  memcpy (shape.dims + 1, in->sample_shape.dims, in->sample_shape.n_dims * sizeof shape.dims[0]);
  x = gantry_reshape (x, &shape);
  gantry_tensors_set (out->outputs, sample, g_str_equal (sample, "image") ? gantry_tanh (x) : x);
}

static void
mlp_architecture_interface (GantryArchitectureInterface *iface)
{
  iface->declare = mlp_architecture_declare;
  iface->build = mlp_architecture_build;
}

GANTRY_PLUGIN (MlpArchitecture, mlp_architecture, architecture, "mlp", "1.0", "Fully connected layers, for images and points")
