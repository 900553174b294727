/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attention of every pixel of an image to all others. */
#include <gantry/layers.h>

static GantryTensor *
convolve (GantryTensor *x, const gchar *name, gsize channels, gboolean bias, const GantryLayerOptions *options)
{
  GantryLayerOptions own = options != NULL ? *options : (GantryLayerOptions) { 0 };

  own.bias = bias;
  return gantry_layer_conv2d (x, name, channels, 1, NULL, &own);
}

/* Pixels as a row: [batch, channels, height * width]. */
static GantryTensor *
to_rows (GantryTensor *x)
{
  return gantry_reshape (x, GANTRY_SHAPE (gantry_tensor_get_dim (x, 0), gantry_tensor_get_dim (x, 1),
                                          gantry_tensor_get_dim (x, 2) * gantry_tensor_get_dim (x, 3)));
}

/* The largest of each 2x2 pixels. */
static GantryTensor *
pool (GantryTensor *x)
{
  return gantry_max_pool2d (x, &(const GantryPooling) { .kernel = { 2, 2 } });
}

/* What each pixel takes of the values, [batch, value channels, height, width]. */
static GantryTensor *
attend (GantryTensor *x, GantryTensor *query, GantryTensor *key, GantryTensor *value, GantryTensor **attention)
{
  GantryTensor *weights = gantry_softmax (gantry_matmul_full (to_rows (query), TRUE, to_rows (key), FALSE), 2);
  GantryTensor *taken = gantry_matmul_full (to_rows (value), FALSE, weights, TRUE);

  if (attention != NULL)
    *attention = weights;
  return gantry_reshape (taken, GANTRY_SHAPE (gantry_tensor_get_dim (x, 0), gantry_tensor_get_dim (value, 1), gantry_tensor_get_dim (x, 2),
                                              gantry_tensor_get_dim (x, 3)));
}

static GantryTensor *
read_gamma (GantryGraph *graph, const GantryShape *shape)
{
  return gantry_graph_read (graph, gantry_graph_variable (graph, "gamma", shape, gantry_graph_get_dtype (graph), GANTRY_CONSTANT (0), TRUE));
}

static GantryTensor *
apply_pooled (GantryTensor *x, const GantryLayerOptions *options, GantryTensor **attention)
{
  const gsize channels = gantry_tensor_get_dim (x, 1);
  GantryTensor *theta = convolve (x, "theta", channels / 8, FALSE, options);
  GantryTensor *phi = pool (convolve (x, "phi", channels / 8, FALSE, options));
  GantryTensor *g = pool (convolve (x, "g", channels / 2, FALSE, options));
  GantryTensor *o = convolve (attend (x, theta, phi, g, attention), "o", channels, FALSE, options);

  return gantry_add (gantry_mul (o, read_gamma (gantry_tensor_get_graph (x), GANTRY_SCALAR)), x);
}

static GantryTensor *
apply_full (GantryTensor *x, const GantryLayerOptions *options, GantryTensor **attention)
{
  const gsize channels = gantry_tensor_get_dim (x, 1);
  GantryTensor *query = convolve (x, "query_conv", channels / 8, TRUE, options);
  GantryTensor *key = convolve (x, "key_conv", channels / 8, TRUE, options);
  GantryTensor *value = convolve (x, "value_conv", channels, TRUE, options);
  GantryTensor *taken = attend (x, query, key, value, attention);

  return gantry_add (gantry_mul (taken, read_gamma (gantry_tensor_get_graph (x), GANTRY_SHAPE (1))), x);
}

static gboolean
check (GantryTensor *x, GantrySelfAttention kind)
{
  const gsize least = kind == GANTRY_SELF_ATTENTION_POOLED ? 2 : 1;
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (gantry_tensor_get_n_dims (x) == 4 && gantry_tensor_get_dim (x, 1) >= 8 && gantry_tensor_get_dim (x, 2) >= least
      && gantry_tensor_get_dim (x, 3) >= least)
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "self-attention: %s, expected [batch, channels, height, width] of at least 8 channels and %" G_GSIZE_FORMAT
                     " pixels each way", found, least);
  return FALSE;
}

/**
 * gantry_layer_self_attention:
 * @x: [batch, channels, height, width] of at least 8 channels
 * @name: scope of the variables, such as `attention`
 * @kind: which of the two published blocks
 * @options: (nullable): of the 1x1 convolutions; whether they have biases is the kind's affair
 * @attention: (out) (optional): [batch, pixels, keys]: how much of each key's value each pixel takes
 *
 * x + gamma attention(x), with gamma 0 at first: queries and keys of channels / 8, softmax over the keys of their products, without a
 * scale.  Zhang et al. 2019 (SAGAN), eq. 1 to 3.
 *
 * Variables: those of the convolutions that #GantrySelfAttention names, and `gamma`.
 *
 * Returns: (transfer none): a tensor of the shape of @x; one that is too small is an error of the graph
 */
GantryTensor *
gantry_layer_self_attention (GantryTensor *x, const gchar *name, GantrySelfAttention kind, const GantryLayerOptions *options,
                             GantryTensor **attention)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  gantry_graph_push_scope (graph, name);
  if (check (x, kind))
    {
      y = kind == GANTRY_SELF_ATTENTION_POOLED ? apply_pooled (x, options, attention) : apply_full (x, options, attention);
    }
  else
    {
      y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
      if (attention != NULL)
        *attention = y;
    }
  gantry_graph_pop (graph);
  return y;
}
