/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Residual networks at 32, 48, 64 and 128 pixels.  Gulrajani et al. 2017 (WGAN-GP), appendix C; Miyato et al. 2018 (SNGAN), appendix B.4.
 * Layers, names, widths and initialisers are those of the PyTorch code of Lee & Town 2020 (mimicry): the generator normalises by batch and
 * enlarges bilinearly, the discriminator has spectral norm, and its shortcuts begin after the activation, which that code does in place.
 */
#include "../condition.h"

#define LATENT 128 /* numbers, as published */
#define MAX_BLOCKS 6

GANTRY_DECLARE_COMPONENT (ResnetArchitecture, resnet_architecture, GANTRY_TYPE_ARCHITECTURE)

static const GantryProperty resnet_architecture_properties[] = {
  GANTRY_INT ("width", 0, 16384, 0, 0, "channels",
              "channels of the widest block; 0 is what was published for the resolution: 256, 512, 1024 or 1024 in the generator, 128 or 1024 in the "
              "discriminator"),
  GANTRY_INT ("latent", 1, 65536, LATENT, 0, "numbers", "size of the generator's latent vector"),
  GANTRY_ENUM ("normalization", "published|batch|spectral|none", "published", 0,
               "published is batch norm in the generator and spectral norm of every weight in the discriminator, which cannot have batch norm"),
  GANTRY_ENUM ("upsampling", "bilinear|nearest", "bilinear", 0, "how the generator enlarges"),
  GANTRY_ENUM ("shortcut", "activated|plain", "activated", 0, "whether the discriminator's shortcuts begin after the activation or before"),
  GANTRY_ENUM ("pooling", "sum|mean", "sum", 0, "over the discriminator's last pixels: the sum as in SNGAN, the mean as in WGAN-GP"),
  CONDITION_PROPERTIES,
  GANTRY_END
};

/* What was published for a resolution.  Channels are width >> shift. */
typedef struct {
  gsize resolution;
  gsize bottom; /* size that the generator begins with */
  gsize width[2];
  guint n_blocks[2];
  guint n_halvings;
  guint last; /* number of the discriminator's linear layer */
  guint shifts[2][MAX_BLOCKS + 1];
} Published;

enum { GENERATOR, DISCRIMINATOR };

static const Published published[] = {
  { 32, 4, { 256, 128 }, { 3, 4 }, 2, 5, { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
  { 48, 6, { 512, 1024 }, { 3, 5 }, 4, 5, { { 0, 1, 2, 3 }, { 4, 3, 2, 1, 0 } } },
  { 64, 4, { 1024, 1024 }, { 4, 5 }, 5, 6, { { 0, 1, 2, 3, 4 }, { 4, 3, 2, 1, 0 } } },
  { 128, 4, { 1024, 1024 }, { 5, 6 }, 5, 7, { { 0, 0, 1, 2, 3, 4 }, { 4, 3, 2, 1, 0, 0 } } },
};

static const Published *
find_published (const GantryShape *sample)
{
  for (guint i = 0; i < G_N_ELEMENTS (published); i++)
    if (sample->n_dims == 3 && sample->dims[1] == published[i].resolution && sample->dims[2] == published[i].resolution)
      return &published[i];
  return NULL;
}

static guint
get_side (const gchar *role)
{
  return g_str_equal (role, "generator") ? GENERATOR : DISCRIMINATOR;
}

static gsize
get_width (gpointer self, const Published *net, guint side)
{
  const gint64 width = gantry_component_get_int (self, "width");

  return width > 0 ? (gsize) width : net->width[side];
}

/* Properties of the other side, at other values than their defaults, are slips. */
static gboolean
check_side (gpointer self, const gchar *role, GError **error)
{
  static const struct {
    const gchar *property;
    const gchar *role; /* that it belongs to */
    const gchar *value;
  } owners[] = { { "latent", "generator", G_STRINGIFY (LATENT) },
                 { "upsampling", "generator", "bilinear" },
                 { "shortcut", "discriminator", "activated" },
                 { "pooling", "discriminator", "sum" } };

  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    {
      g_autofree gchar *text = gantry_component_get_text (self, owners[i].property, NULL);

      if (g_str_equal (owners[i].role, role) || g_str_equal (text, owners[i].value))
        continue;
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "%s=%s: a %s has no use for it: the %s's section is the place for it",
                   owners[i].property, text, role, owners[i].role);
      return FALSE;
    }
  if (!g_str_equal (role, "discriminator") || !g_str_equal (gantry_component_get_enum (self, "normalization"), "batch"))
    return TRUE;
  g_set_error_literal (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE,
                       "normalization=batch: a discriminator has none here: published, spectral or none");
  return FALSE;
}

static gboolean
check_shape (gpointer self, const GantryArchitectureDeclareInput *in, GError **error)
{
  const Published *net = find_published (&in->sample_shape);
  g_autofree gchar *found = gantry_shape_to_string (&in->sample_shape);
  const guint side = get_side (in->role);
  guint most = 0;

  if (net == NULL)
    {
      g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                   "samples are %s, expected [channels, size, size] with a size of 32, 48, 64 or 128: the reader's `resolution` makes them so",
                   found);
      return FALSE;
    }
  for (guint i = 0; i <= MAX_BLOCKS; i++)
    most = MAX (most, net->shifts[side][i]);
  if (get_width (self, net, side) % ((gsize) 1 << most) == 0)
    return TRUE;
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE,
               "width=%" G_GSIZE_FORMAT " at %" G_GSIZE_FORMAT " pixels: expected a multiple of %u",
               get_width (self, net, side), net->resolution, 1u << most);
  return FALSE;
}

static gboolean
resnet_architecture_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out, GError **error)
{
  static const gchar *const roles[] = { "generator", "discriminator", NULL };

  if (!g_strv_contains (roles, in->role))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no role `%s`: expected generator or discriminator; nearest is `%s`",
                   in->role, gantry_nearest_name (in->role, roles));
      return FALSE;
    }
  if (!check_shape (self, in, error) || !check_side (self, in->role, error))
    return FALSE;
  if (get_side (in->role) == GENERATOR)
    out->latent_shape = *GANTRY_SHAPE ((gsize) gantry_component_get_int (self, "latent"));
  return condition_declare (self, out, error);
}

static GantryWeightNormalization
get_weight_normalization (gpointer self, guint side)
{
  const gchar *normalization = gantry_component_get_enum (self, "normalization");
  const gboolean is_published = g_str_equal (normalization, "published");

  return g_str_equal (normalization, "spectral") || (is_published && side == DISCRIMINATOR) ? GANTRY_WEIGHT_SPECTRAL : GANTRY_WEIGHT_PLAIN;
}

static gchar *
name_layer (const gchar *prefix, guint number, gchar *buffer)
{
  g_snprintf (buffer, 16, "%s%u", prefix, number);
  return buffer;
}

/* l1; block2, block3, ...; then the last norm and convolution, whose number comes next. */
static GantryTensor *
generate (gpointer self, GantryTensor *x, const Published *net, gsize channels)
{
  const gsize width = get_width (self, net, GENERATOR);
  const gchar *normalization = gantry_component_get_enum (self, "normalization");
  const gboolean is_nearest = g_str_equal (gantry_component_get_enum (self, "upsampling"), "nearest");
  const GantryResidualOptions block = { .resampling = GANTRY_RESAMPLING_UP,
                                        .interpolation = is_nearest ? GANTRY_INTERPOLATION_NEAREST : GANTRY_INTERPOLATION_LINEAR,
                                        .batch_norm = g_str_equal (normalization, "published") || g_str_equal (normalization, "batch"),
                                        .normalization = get_weight_normalization (self, GENERATOR) };
  const GantryLayerOptions plain = { .bias = TRUE, .normalization = block.normalization, .weight_initializer = GANTRY_XAVIER_UNIFORM (1) };
  const GantryNormOptions affine = { .affine = TRUE };
  const GantryConvolution same = { .padding = { 1, 1 } };
  const gsize batch = gantry_tensor_get_dim (x, 0);
  const guint n = net->n_blocks[GENERATOR];
  gchar name[16];

  x = gantry_layer_linear (x, "l1", net->bottom * net->bottom * width, &plain);
  x = gantry_reshape (x, GANTRY_SHAPE (batch, width, net->bottom, net->bottom));
  for (guint i = 0; i < n; i++)
    x = gantry_layer_residual (x, name_layer ("block", i + 2, name), width >> net->shifts[GENERATOR][i + 1], &block);
  if (block.batch_norm)
    x = gantry_layer_batch_norm (x, name_layer ("b", n + 2, name), &affine);
  return gantry_tanh (gantry_layer_conv2d (gantry_relu (x), name_layer ("c", n + 2, name), channels, 3, &same, &plain));
}

/* block1, block2, ...; pooled to a vector; a linear layer to one logit. */
static GantryTensor *
discriminate (gpointer self, GantryTensor *x, const Published *net)
{
  const gsize width = get_width (self, net, DISCRIMINATOR);
  const gboolean is_mean = g_str_equal (gantry_component_get_enum (self, "pooling"), "mean");
  GantryResidualOptions block = { .activated_shortcut = g_str_equal (gantry_component_get_enum (self, "shortcut"), "activated"),
                                  .normalization = get_weight_normalization (self, DISCRIMINATOR) };
  const GantryLayerOptions plain = { .bias = TRUE, .normalization = block.normalization, .weight_initializer = GANTRY_XAVIER_UNIFORM (1) };
  const guint pixels = GANTRY_AXIS (2) | GANTRY_AXIS (3);
  gchar name[16];

  for (guint i = 0; i < net->n_blocks[DISCRIMINATOR]; i++)
    {
      block.is_first = i == 0;
      block.resampling = i < net->n_halvings ? GANTRY_RESAMPLING_DOWN : GANTRY_RESAMPLING_NONE;
      block.hidden_channels = i == 0 ? 0 : gantry_tensor_get_dim (x, 1);
      x = gantry_layer_residual (x, name_layer ("block", i + 1, name), width >> net->shifts[DISCRIMINATOR][i], &block);
    }
  x = gantry_relu (x);
  x = is_mean ? gantry_mean_axes (x, pixels, FALSE) : gantry_sum_axes (x, pixels, FALSE);
  x = gantry_layer_linear (x, name_layer ("l", net->last, name), 1, &plain);
  return gantry_reshape (x, GANTRY_SHAPE (gantry_tensor_get_dim (x, 0)));
}

static void
resnet_architecture_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  const gboolean is_generator = get_side (in->role) == GENERATOR;
  const Published *net = find_published (&in->sample_shape);
  GantryTensor *x = condition_append (self, in, gantry_architecture_get_input (in, is_generator ? "latent" : "image"));

  if (is_generator)
    gantry_tensors_set (out->outputs, "image", generate (self, x, net, in->sample_shape.dims[0]));
  else
    gantry_tensors_set (out->outputs, "logits", discriminate (self, x, net));
}

static void
resnet_architecture_interface (GantryArchitectureInterface *iface)
{
  iface->declare = resnet_architecture_declare;
  iface->build = resnet_architecture_build;
}

GANTRY_PLUGIN (ResnetArchitecture, resnet_architecture, architecture, "resnet", "1.0", "Residual networks of SNGAN and WGAN-GP")
