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
};

const guint n_layer_cases = G_N_ELEMENTS (layer_cases);
