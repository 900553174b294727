/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

static gboolean
check (GantryTensor *index, gsize n_embeddings, gsize n_features, const GantryLayerOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (index);

  if (gantry_tensor_get_dtype (index) != GANTRY_INT64)
    {
      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_DTYPE, "embedding: indices of %s, expected int64",
                         gantry_dtype_name (gantry_tensor_get_dtype (index)));
      return FALSE;
    }
  if (n_embeddings > 0 && n_features > 0 && !options->bias && gantry_tensor_get_n_dims (index) < GANTRY_MAX_DIMS)
    return TRUE;
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT,
                     "embedding: %" G_GSIZE_FORMAT " vectors of %" G_GSIZE_FORMAT " features%s: expected at least 1 of each, and no bias",
                     n_embeddings, n_features, options->bias ? " with a bias" : "");
  return FALSE;
}

/**
 * gantry_layer_embedding:
 * @index: int64 of any shape, each from 0 to below @n_embeddings
 * @name: scope of the variables, such as `shared`
 * @n_embeddings: how many vectors there are, at least 1
 * @n_features: their length, at least 1
 * @options: (nullable): %NULL for N(0, 1) as PyTorch; a bias is an error
 *
 * The vector of each index; repeated indices add up in the gradient.  Variables: `weight` [n_embeddings, n_features].
 *
 * Returns: (transfer none): the shape of @index with n_features after it; other dtypes of @index are an error of the graph
 */
GantryTensor *
gantry_layer_embedding (GantryTensor *index, const gchar *name, gsize n_embeddings, gsize n_features, const GantryLayerOptions *options)
{
  static const GantryLayerOptions defaults = { .bias = FALSE };
  static const GantryInitializer standard_normal = { GANTRY_INITIALIZER_NORMAL, 0, 1 };
  GantryGraph *graph = gantry_tensor_get_graph (index);
  GantryLayerOptions filled = options != NULL ? *options : defaults;
  GantryShape shape = *gantry_tensor_get_shape (index);
  GantryTensor *weight, *y;

  if (filled.weight_initializer == NULL)
    filled.weight_initializer = &standard_normal;
  if (shape.n_dims < GANTRY_MAX_DIMS)
    shape.dims[shape.n_dims++] = MAX (n_features, 1);
  gantry_graph_push_scope (graph, name);
  if (check (index, n_embeddings, n_features, &filled))
    {
      weight = _gantry_layer_weight (graph, GANTRY_SHAPE (n_embeddings, n_features), n_features, 0, &filled);
      y = gantry_index_select (weight, 0, index);
    }
  else
    {
      y = gantry_graph_poison (graph, &shape, gantry_graph_get_dtype (graph));
    }
  gantry_graph_pop (graph);
  return y;
}
