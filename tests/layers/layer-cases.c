/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/layer-cases.h"

static gsize
pick (GRand *rand, gint low, gint high)
{
  return (gsize) g_rand_int_range (rand, low, high + 1);
}

static GantryTensor *
feed (GantryGraph *graph, const gchar *name, const GantryShape *shape)
{
  return gantry_graph_feed (graph, name, shape, gantry_graph_get_dtype (graph));
}

/* A few images, [2 to 3, channels, 2 to 4, 2 to 4]. */
static GantryTensor *
images (GantryGraph *graph, GRand *rand, gsize channels)
{
  return feed (graph, "x", GANTRY_SHAPE (pick (rand, 2, 3), channels, pick (rand, 2, 4), pick (rand, 2, 4)));
}

static GantryTensor *
build_batch_norm (GantryGraph *graph, GRand *rand)
{
  return gantry_layer_batch_norm (images (graph, rand, pick (rand, 1, 4)), "norm", NULL);
}

static GantryTensor *
build_instance_norm (GantryGraph *graph, GRand *rand)
{
  const GantryNormOptions options = { .affine = g_rand_boolean (rand), .eps = 1e-3 };

  return gantry_layer_instance_norm (images (graph, rand, pick (rand, 1, 4)), "norm", &options);
}

static GantryTensor *
build_group_norm (GantryGraph *graph, GRand *rand)
{
  const gsize groups = pick (rand, 1, 3);

  return gantry_layer_group_norm (images (graph, rand, groups * pick (rand, 1, 3)), "norm", groups, NULL);
}

static GantryTensor *
build_layer_norm (GantryGraph *graph, GRand *rand)
{
  return gantry_layer_layer_norm (images (graph, rand, pick (rand, 1, 4)), "norm", (guint) pick (rand, 0, 3), NULL);
}

static GantryTensor *
build_layer_norm_per_channel (GantryGraph *graph, GRand *rand)
{
  return gantry_layer_layer_norm_per_channel (images (graph, rand, pick (rand, 1, 4)), "norm", NULL);
}

static GantryTensor *
build_dropout (GantryGraph *graph, GRand *rand)
{
  GantryTensor *x = images (graph, rand, pick (rand, 1, 4));

  /* Squared: dropout itself is linear. */
  return gantry_layer_dropout (gantry_square (x), "drop", g_rand_double_range (rand, 0.1, 0.8));
}

static GantryTensor *
build_linear (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions options = { .bias = g_rand_boolean (rand) };
  GantryShape shape = { (guint) pick (rand, 2, 4), { 0 } };

  for (guint i = 0; i < shape.n_dims; i++)
    shape.dims[i] = pick (rand, 1, 4);
  return gantry_layer_linear (feed (graph, "x", &shape), "linear", pick (rand, 1, 5), &options);
}

static GantryTensor *
labels (GantryGraph *graph, const GantryShape *shape)
{
  return gantry_graph_feed (graph, "labels", shape, GANTRY_INT64);
}

static GantryTensor *
build_conditional_on_labels (GantryGraph *graph, GRand *rand)
{
  const GantryConditionalNormOptions options = { .n_classes = pick (rand, 2, 4) };
  GantryTensor *x = images (graph, rand, pick (rand, 1, 4));

  return gantry_layer_conditional_batch_norm (x, labels (graph, GANTRY_SHAPE (gantry_tensor_get_dim (x, 0))), "norm", &options);
}

static GantryTensor *
build_conditional_on_vectors (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions biased = { .bias = TRUE };
  const GantryConditionalNormOptions options = { .parameters = g_rand_boolean (rand) ? &biased : NULL };
  GantryTensor *x = images (graph, rand, pick (rand, 1, 4));
  GantryTensor *vectors = feed (graph, "y", GANTRY_SHAPE (gantry_tensor_get_dim (x, 0), pick (rand, 1, 5)));

  return gantry_layer_conditional_batch_norm (x, vectors, "norm", &options);
}

static GantryTensor *
build_embedding (GantryGraph *graph, GRand *rand)
{
  GantryShape shape = { (guint) pick (rand, 0, 3), { 0 } };

  for (guint i = 0; i < shape.n_dims; i++)
    shape.dims[i] = pick (rand, 1, 3);
  /* Bent: an embedding itself is linear. */
  return gantry_tanh (gantry_layer_embedding (labels (graph, &shape), "embedding", pick (rand, 2, 4), pick (rand, 1, 4), NULL));
}

static GantryTensor *
build_attention (GantryGraph *graph, GRand *rand)
{
  const gsize batch = pick (rand, 1, 3), n = pick (rand, 1, 4), m = pick (rand, 2, 4), d = pick (rand, 1, 4), e = pick (rand, 1, 3);

  return gantry_attention (feed (graph, "q", GANTRY_SHAPE (batch, n, d)), feed (graph, "k", GANTRY_SHAPE (batch, m, d)),
                           feed (graph, "v", GANTRY_SHAPE (batch, m, e)), g_rand_boolean (rand) ? 0.7 : 0, NULL);
}

static GantryTensor *
build_self_attention_pooled (GantryGraph *graph, GRand *rand)
{
  return gantry_layer_self_attention (images (graph, rand, pick (rand, 8, 17)), "attention", GANTRY_SELF_ATTENTION_POOLED, NULL, NULL);
}

static GantryTensor *
build_self_attention_full (GantryGraph *graph, GRand *rand)
{
  return gantry_layer_self_attention (images (graph, rand, pick (rand, 8, 17)), "attention", GANTRY_SELF_ATTENTION_FULL, NULL, NULL);
}

/* A convolution or its transposition with a normalised weight. */
static GantryTensor *
convolution (GantryGraph *graph, GRand *rand, const GantryLayerOptions *options)
{
  GantryTensor *x = images (graph, rand, pick (rand, 1, 3));
  const gsize channels = pick (rand, 1, 4);

  return g_rand_boolean (rand) ? gantry_layer_conv2d (x, "conv", channels, 2, NULL, options)
                               : gantry_layer_conv_transpose2d (x, "conv", channels, 2, NULL, options);
}

static GantryTensor *
build_spectral (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_SPECTRAL };

  return convolution (graph, rand, &options);
}

/* Iterated until u and v are those of the weight: the derivative of the largest singular value is then u v^T. */
static GantryTensor *
build_spectral_biggan (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_SPECTRAL_BIGGAN, .power_iterations = 100 };

  return gantry_layer_linear (feed (graph, "x", GANTRY_SHAPE (2, 3)), "linear", pick (rand, 1, 4), &options);
}

static GantryTensor *
build_weight_norm (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_NORM, .bias = TRUE };

  return convolution (graph, rand, &options);
}

static GantryTensor *
build_weight_standardized (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions options = { .normalization = GANTRY_WEIGHT_STANDARDIZED, .normalization_eps = 0.01 };

  return convolution (graph, rand, &options);
}

static GantryTensor *
build_equalised (GantryGraph *graph, GRand *rand)
{
  const GantryLayerOptions options = { .bias = TRUE, .weight_factor = 1.5, .bias_factor = 0.25 };

  return convolution (graph, rand, &options);
}

/* Images of an even size; shifted off the corners of relu by batch norm or not at all. */
static GantryTensor *
residual (GantryGraph *graph, GRand *rand, const GantryResidualOptions *options)
{
  GantryTensor *x = feed (graph, "x", GANTRY_SHAPE (2, pick (rand, 1, 3), 4, 2));

  return gantry_layer_residual (x, "block", pick (rand, 1, 3), options);
}

static GantryTensor *
build_residual_up (GantryGraph *graph, GRand *rand)
{
  const GantryResidualOptions options = { .resampling = GANTRY_RESAMPLING_UP, .batch_norm = TRUE,
                                          .interpolation = g_rand_boolean (rand) ? GANTRY_INTERPOLATION_LINEAR : GANTRY_INTERPOLATION_NEAREST };

  return residual (graph, rand, &options);
}

static GantryTensor *
build_residual_down (GantryGraph *graph, GRand *rand)
{
  const GantryResidualOptions options = { .resampling = GANTRY_RESAMPLING_DOWN, .is_first = g_rand_boolean (rand),
                                          .hidden_channels = pick (rand, 0, 3), .activated_shortcut = g_rand_boolean (rand),
                                          .normalization = GANTRY_WEIGHT_SPECTRAL };

  return residual (graph, rand, &options);
}

static GantryTensor *
build_modulated (GantryGraph *graph, GRand *rand)
{
  const GantryResampledConvolution geometry = { .up = pick (rand, 1, 2), .down = pick (rand, 1, 2), .padding = { 1, 1 } };
  const GantryModulation options = { .demodulate = g_rand_boolean (rand), .geometry = &geometry };
  const gsize batch = pick (rand, 1, 3), channels = pick (rand, 1, 3), kernel = pick (rand, 1, 3);
  GantryTensor *x = feed (graph, "x", GANTRY_SHAPE (batch, channels, pick (rand, 2, 4), pick (rand, 2, 4)));

  return gantry_modulated_conv2d (x, feed (graph, "w", GANTRY_SHAPE (pick (rand, 1, 3), channels, kernel, kernel)),
                                  feed (graph, "s", GANTRY_SHAPE (batch, channels)), &options);
}

const LayerCase layer_cases[] = {
  { "batch-norm", GANTRY_MODE_TRAIN, FALSE, build_batch_norm },
  { "batch-norm, frozen", GANTRY_MODE_FROZEN, FALSE, build_batch_norm },
  { "batch-norm, evaluating", GANTRY_MODE_EVALUATE, FALSE, build_batch_norm },
  { "instance-norm", GANTRY_MODE_TRAIN, FALSE, build_instance_norm },
  { "group-norm", GANTRY_MODE_TRAIN, FALSE, build_group_norm },
  { "layer-norm", GANTRY_MODE_TRAIN, FALSE, build_layer_norm },
  { "layer-norm per channel", GANTRY_MODE_TRAIN, FALSE, build_layer_norm_per_channel },
  { "dropout", GANTRY_MODE_TRAIN, FALSE, build_dropout },
  { "linear", GANTRY_MODE_TRAIN, FALSE, build_linear },
  { "conditional-batch-norm on labels", GANTRY_MODE_TRAIN, FALSE, build_conditional_on_labels },
  { "conditional-batch-norm on vectors", GANTRY_MODE_TRAIN, FALSE, build_conditional_on_vectors },
  { "conditional-batch-norm, evaluating", GANTRY_MODE_EVALUATE, FALSE, build_conditional_on_vectors },
  { "embedding", GANTRY_MODE_TRAIN, FALSE, build_embedding },
  { "attention", GANTRY_MODE_TRAIN, FALSE, build_attention },
  { "self-attention, pooled", GANTRY_MODE_TRAIN, FALSE, build_self_attention_pooled },
  { "self-attention, full", GANTRY_MODE_TRAIN, FALSE, build_self_attention_full },
  { "spectral norm, frozen", GANTRY_MODE_FROZEN, FALSE, build_spectral },
  { "spectral norm of BigGAN", GANTRY_MODE_FROZEN, TRUE, build_spectral_biggan },
  { "weight norm", GANTRY_MODE_TRAIN, FALSE, build_weight_norm },
  { "weight standardization", GANTRY_MODE_TRAIN, FALSE, build_weight_standardized },
  { "residual, enlarging", GANTRY_MODE_TRAIN, FALSE, build_residual_up },
  { "residual, reducing", GANTRY_MODE_FROZEN, FALSE, build_residual_down },
  { "modulated convolution", GANTRY_MODE_TRAIN, FALSE, build_modulated },
  { "equalised learning rate", GANTRY_MODE_TRAIN, FALSE, build_equalised },
};

const guint n_layer_cases = G_N_ELEMENTS (layer_cases);
