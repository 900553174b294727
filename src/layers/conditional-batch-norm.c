/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/batch-norm-private.h"
#include "layers/moments-private.h"

static gboolean
check (GantryTensor *x, GantryTensor *condition, const GantryConditionalNormOptions *options)
{
  const gboolean labels = !gantry_dtype_is_float (gantry_tensor_get_dtype (condition));
  const guint n_dims = labels ? 1 : 2;
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));
  g_autofree gchar *found_condition = gantry_shape_to_string (gantry_tensor_get_shape (condition));

  if (gantry_tensor_get_n_dims (x) < 2 || gantry_tensor_get_n_dims (condition) != n_dims
      || gantry_tensor_get_dim (condition, 0) != gantry_tensor_get_dim (x, 0))
    {
      gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                         "conditional-batch-norm: %s on %s %s, expected [batch, channels, ...] on labels [batch] or vectors [batch, features]", found,
                         gantry_dtype_name (gantry_tensor_get_dtype (condition)), found_condition);
      return FALSE;
    }
  if (labels == (options->n_classes > 0))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT,
                     "conditional-batch-norm: %" G_GSIZE_FORMAT " classes for a condition of %s, expected %s", options->n_classes,
                     gantry_dtype_name (gantry_tensor_get_dtype (condition)), labels ? "at least 1" : "0");
  return FALSE;
}

/* One number a sample and channel, for arithmetic with x. */
static GantryTensor *
make_parameter (GantryTensor *x, GantryTensor *condition, const gchar *name, const GantryConditionalNormOptions *options)
{
  static const GantryLayerOptions defaults = { .bias = FALSE };
  const GantryLayerOptions *parameters = options->parameters != NULL ? options->parameters : &defaults;
  const gsize channels = gantry_tensor_get_dim (x, 1);
  GantryShape shape = { gantry_tensor_get_n_dims (x), { gantry_tensor_get_dim (x, 0), channels } };
  GantryTensor *parameter = options->n_classes > 0 ? gantry_layer_embedding (condition, name, options->n_classes, channels, parameters)
                                                   : gantry_layer_linear (condition, name, channels, parameters);

  for (guint i = 2; i < shape.n_dims; i++)
    shape.dims[i] = 1;
  return gantry_reshape (parameter, &shape);
}

static GantryTensor *
apply (GantryTensor *x, GantryTensor *condition, const GantryConditionalNormOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const GantryShape *channels = GANTRY_SHAPE (gantry_tensor_get_dim (x, 1));
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  GantryTensor *gain = gantry_offset (make_parameter (x, condition, "gain", options), 1);
  GantryTensor *bias = make_parameter (x, condition, "bias", options);
  const GantryBatchStatistics statistics = { gantry_graph_variable (graph, "stored_mean", channels, dtype, GANTRY_CONSTANT (0), FALSE),
                                             gantry_graph_variable (graph, "stored_var", channels, dtype, GANTRY_CONSTANT (1), FALSE), NULL };

  return _gantry_batch_norm_apply (x, "conditional-batch-norm", &statistics, gain, bias, options->eps > 0 ? options->eps : 1e-5, options->momentum);
}

/**
 * gantry_layer_conditional_batch_norm:
 * @x: [batch, channels, ...]
 * @condition: vectors [batch, features], or int64 labels [batch] of which `n_classes` says how many there are
 * @name: scope of the variables, such as `blocks.0.0.bn1`
 * @options: (nullable): %NULL for eps 1e-5, momentum 0.1, and layers of a condition that is a vector, without biases
 *
 * Batch normalization whose affine transformation each sample chooses: times 1 + gain(condition), plus bias(condition).  gain and bias
 * are linear layers of vectors, or embeddings of labels.  Dumoulin et al. 2017, eq. 5 (of instance norm); Brock et al. 2019, appendix B,
 * whose 1 + gain and whose names these are.  The three modes are those of gantry_layer_batch_norm().
 *
 * Variables: `gain.weight` and `bias.weight` ([channels, features] or [n_classes, channels]), with `parameters` that have biases
 * `gain.bias`, `bias.bias`; `stored_mean`, `stored_var`, [channels].
 *
 * Returns: (transfer none): a tensor of the shape of @x; a condition that does not fit is an error of the graph
 */
GantryTensor *
gantry_layer_conditional_batch_norm (GantryTensor *x, GantryTensor *condition, const gchar *name, const GantryConditionalNormOptions *options)
{
  static const GantryConditionalNormOptions defaults = { 0 };
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  options = options != NULL ? options : &defaults;
  gantry_graph_push_scope (graph, name);
  if (check (x, condition, options))
    y = apply (x, condition, options);
  else
    y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  gantry_graph_pop (graph);
  return y;
}
