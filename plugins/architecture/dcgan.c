/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DCGAN.  Radford et al. 2016; layers, names and initialisers are those of the published PyTorch example at 64 pixels.  At 2^n pixels
 * the generator makes 4x4 images and doubles them n - 2 times; the discriminator mirrors it.  The layer at the widest resolution has
 * `width` channels, and they double towards 4x4.
 */
#include "condition.h"

#define LATENT 100 /* numbers, as published */

GANTRY_DECLARE_COMPONENT (DcganArchitecture, dcgan_architecture, GANTRY_TYPE_ARCHITECTURE)

static const GantryProperty dcgan_architecture_properties[] = {
  GANTRY_INT ("width", 1, 4096, 64, 0, "channels", "channels at the widest resolution; they double with every halving of it"),
  GANTRY_INT ("latent", 1, 65536, LATENT, 0, "numbers", "size of the generator's latent vector"),
  GANTRY_ENUM ("normalization", "batch|spectral|none", "batch", 0,
               "batch norm as published; spectral norm of every weight instead, or nothing, with biases where batch norm would have been"),
  CONDITION_PROPERTIES,
  GANTRY_END
};

#define MAX_LEVELS 16

/* 1x1 to 4x4 and back. */
static const GantryConvolution whole = { .stride = { 1, 1 }, .padding = { 0, 0 } };
/* One doubling or halving. */
static const GantryConvolution half = { .stride = { 2, 2 }, .padding = { 1, 1 } };

static const GantryInitializer weights = { GANTRY_INITIALIZER_NORMAL, 0, 0.02 };
static const GantryInitializer factors = { GANTRY_INITIALIZER_NORMAL, 1, 0.02 };
static const GantryInitializer zeros = { GANTRY_INITIALIZER_CONSTANT, 0, 0 };

typedef struct {
  gsize width;
  gboolean batch;
  gboolean spectral;
} Settings;

static Settings
get_settings (gpointer self)
{
  const gchar *normalization = gantry_component_get_enum (self, "normalization");

  return (Settings) { (gsize) gantry_component_get_int (self, "width"), g_str_equal (normalization, "batch"),
                      g_str_equal (normalization, "spectral") };
}

/* n where samples are [channels, 2^n, 2^n] with n of at least 3; else 0. */
static guint
count_levels (const GantryShape *sample)
{
  guint n = 0;

  if (sample->n_dims != 3 || sample->dims[1] != sample->dims[2])
    return 0;
  while (n < MAX_LEVELS && (gsize) 1 << n < sample->dims[1])
    n++;
  return n >= 3 && (gsize) 1 << n == sample->dims[1] ? n : 0;
}

static gboolean
dcgan_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out,
                            GError **error)
{
  static const gchar *const roles[] = { "generator", "discriminator", NULL };

  if (!g_strv_contains (roles, in->role))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no role `%s`: expected generator or discriminator; nearest is `%s`",
                   in->role, gantry_nearest_name (in->role, roles));
      return FALSE;
    }
  if (count_levels (&in->sample_shape) == 0)
    {
      g_autofree gchar *found = gantry_shape_to_string (&in->sample_shape);

      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                   "samples are %s, expected [channels, size, size] with a size of 8, 16, 32, 64, ...: the reader's `resolution` makes them so",
                   found);
      return FALSE;
    }
  if (g_str_equal (in->role, "discriminator") && gantry_component_get_int (self, "latent") != LATENT)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE,
                   "latent=%" G_GINT64_FORMAT ": a discriminator takes no latents: the generator's section is the place for it",
                   gantry_component_get_int (self, "latent"));
      return FALSE;
    }
  if (g_str_equal (in->role, "generator"))
    out->latent_shape = *GANTRY_SHAPE ((gsize) gantry_component_get_int (self, "latent"), 1, 1);
  return condition_declare (self, out, error);
}

static GantryLayerOptions
layer_options (const Settings *settings, gboolean normalised)
{
  return (GantryLayerOptions) { .bias = normalised && !settings->batch,
                                .normalization = settings->spectral ? GANTRY_WEIGHT_SPECTRAL : GANTRY_WEIGHT_PLAIN,
                                .weight_initializer = &weights,
                                .bias_initializer = &zeros };
}

static GantryTensor *
normalise (GantryTensor *x, guint index, const Settings *settings)
{
  const GantryNormOptions options = { .affine = TRUE, .weight_initializer = &factors };
  g_autofree gchar *name = g_strdup_printf ("%u", index);

  return settings->batch ? gantry_layer_batch_norm (x, name, &options) : x;
}

typedef GantryTensor *(*ConvolutionLayer) (GantryTensor *x, const gchar *name, gsize out_channels, gsize kernel,
                                           const GantryConvolution *geometry, const GantryLayerOptions *options);

static GantryTensor *
convolve (ConvolutionLayer layer, GantryTensor *x, guint index, gsize channels, const GantryConvolution *geometry, const Settings *settings,
          gboolean normalised)
{
  const GantryLayerOptions options = layer_options (settings, normalised);
  g_autofree gchar *name = g_strdup_printf ("%u", index);

  return layer (x, name, channels, 4, geometry, &options);
}

/* main.0 transposed convolution to 4x4; then batch norm, relu, transposed convolution; names count every layer. */
static GantryTensor *
generate (GantryTensor *x, guint levels, gsize channels, const Settings *settings)
{
  x = convolve (gantry_layer_conv_transpose2d, x, 0, settings->width << (levels - 3), &whole, settings, TRUE);
  for (guint level = 0; level < levels - 2; level++)
    {
      const gboolean last = level == levels - 3;
      const gsize wide = last ? channels : settings->width << (levels - 4 - level);

      x = gantry_relu (normalise (x, 3 * level + 1, settings));
      x = convolve (gantry_layer_conv_transpose2d, x, 3 * level + 3, wide, &half, settings, !last);
    }
  return gantry_tanh (x);
}

/* main.0 convolution, leaky relu; then convolution, batch norm, leaky relu down to 4x4; a convolution to one logit. */
static GantryTensor *
discriminate (GantryTensor *x, guint levels, const Settings *settings)
{
  x = gantry_leaky_relu (convolve (gantry_layer_conv2d, x, 0, settings->width, &half, settings, FALSE), 0.2);
  for (guint level = 0; level < levels - 3; level++)
    {
      x = convolve (gantry_layer_conv2d, x, 3 * level + 2, settings->width << (level + 1), &half, settings, TRUE);
      x = gantry_leaky_relu (normalise (x, 3 * level + 3, settings), 0.2);
    }
  x = convolve (gantry_layer_conv2d, x, 3 * (levels - 3) + 2, 1, &whole, settings, FALSE);
  return gantry_reshape (x, GANTRY_SHAPE (gantry_tensor_get_dim (x, 0)));
}

static void
dcgan_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  const gboolean is_generator = g_str_equal (in->role, "generator");
  const Settings settings = get_settings (self);
  const guint levels = count_levels (&in->sample_shape);
  GantryTensor *x = gantry_architecture_get_input (in, is_generator ? "latent" : "image");

  x = condition_append (self, in, x);
  gantry_graph_push_scope (in->context.graph, "main");
  if (is_generator)
    gantry_tensors_set (out->outputs, "image", generate (x, levels, in->sample_shape.dims[0], &settings));
  else
    gantry_tensors_set (out->outputs, "logits", discriminate (x, levels, &settings));
  gantry_graph_pop (in->context.graph);
}

static void
dcgan_architecture_interface (GantryArchitectureInterface *iface)
{
  iface->declare = dcgan_architecture_declare;
  iface->build = dcgan_architecture_build;
}

GANTRY_PLUGIN (DcganArchitecture, dcgan_architecture, architecture, "dcgan", "1.0", "Deep convolutional GAN at 8, 16, 32, 64, ... pixels")
