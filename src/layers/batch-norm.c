/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/batch-norm-private.h"
#include "layers/moments-private.h"

/* All axes but that of the channels, 1. */
static guint
list_axes (GantryTensor *x)
{
  return ((1u << gantry_tensor_get_n_dims (x)) - 1) & ~GANTRY_AXIS (1);
}

static GantryTensor *
squeeze (GantryTensor *x)
{
  return gantry_reshape (x, GANTRY_SHAPE (gantry_tensor_get_dim (x, 1)));
}

static gboolean
check (GantryTensor *x, const gchar *op)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (gantry_tensor_get_n_dims (x) >= 2)
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "%s: %s, expected [batch, channels, ...]", op, found);
  return FALSE;
}

/**
 * gantry_batch_moments:
 * @x: [batch, channels, ...]
 * @mean: (out): mean of each channel, [channels]
 * @variance: (out): its biased variance, [channels]
 *
 * Moments over all axes but the channels', computed in two passes.
 */
void
gantry_batch_moments (GantryTensor *x, GantryTensor **mean, GantryTensor **variance)
{
  GantryTensor *centred;

  if (!check (x, "batch-norm"))
    {
      *mean = *variance = gantry_graph_poison (gantry_tensor_get_graph (x), GANTRY_SHAPE (1), gantry_tensor_get_dtype (x));
      return;
    }
  _gantry_moments (x, list_axes (x), mean, &centred, variance);
  *mean = squeeze (*mean);
  *variance = squeeze (*variance);
}

/**
 * gantry_batch_norm:
 * @x: [batch, channels, ...]
 * @mean: [channels]
 * @variance: [channels], biased
 * @weight: (nullable): [channels], 1 for %NULL
 * @bias: (nullable): [channels], 0 for %NULL
 * @eps: inside the square root
 *
 * (x - mean) / sqrt(variance + eps) * weight + bias, per channel.  Ioffe & Szegedy 2015, algorithm 1.
 *
 * Returns: (transfer none): a tensor of the shape of @x
 */
GantryTensor *
gantry_batch_norm (GantryTensor *x, GantryTensor *mean, GantryTensor *variance, GantryTensor *weight, GantryTensor *bias, gdouble eps)
{
  if (!check (x, "batch-norm"))
    return gantry_graph_poison (gantry_tensor_get_graph (x), gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  return _gantry_standardise (gantry_sub (x, _gantry_along_channels (mean, x)), _gantry_along_channels (variance, x),
                              _gantry_along_channels (weight, x), _gantry_along_channels (bias, x), eps);
}

/* running <- (1 - momentum) running + momentum * new */
static void
move_average (GantryGraph *graph, GantryVariable *variable, GantryTensor *value, gdouble momentum)
{
  GantryTensor *before = gantry_graph_read (graph, variable);

  gantry_graph_assign (graph, variable, gantry_add (gantry_scale (before, 1 - momentum), gantry_scale (gantry_detach (squeeze (value)), momentum)));
}

/* The running variance is unbiased: n / (n - 1) times that of the batch. */
static void
update_statistics (GantryGraph *graph, const GantryBatchStatistics *statistics, GantryTensor *mean, GantryTensor *variance, gsize n,
                   gdouble momentum)
{
  move_average (graph, statistics->mean, mean, momentum);
  move_average (graph, statistics->variance, gantry_scale (variance, (gdouble) n / (gdouble) (n - 1)), momentum);
  if (statistics->count != NULL)
    gantry_graph_assign (graph, statistics->count,
                         gantry_add (gantry_graph_read (graph, statistics->count), gantry_fill (graph, GANTRY_SCALAR, GANTRY_INT64, 1)));
}

GantryTensor *
_gantry_batch_norm_apply (GantryTensor *x, const gchar *op, const GantryBatchStatistics *statistics, GantryTensor *weight, GantryTensor *bias,
                          gdouble eps, gdouble momentum)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const GantryMode mode = gantry_graph_get_mode (graph);
  GantryTensor *mean, *centred, *variance;

  if (mode == GANTRY_MODE_EVALUATE)
    return gantry_batch_norm (x, gantry_graph_read (graph, statistics->mean), gantry_graph_read (graph, statistics->variance), weight, bias, eps);
  if (!_gantry_norm_check_count (x, op, list_axes (x), "channel"))
    return gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  _gantry_moments (x, list_axes (x), &mean, &centred, &variance);
  if (mode == GANTRY_MODE_TRAIN)
    update_statistics (graph, statistics, mean, variance, _gantry_count_over (x, list_axes (x)), momentum > 0 ? momentum : 0.1);
  return _gantry_standardise (centred, variance, weight, bias, eps);
}

static GantryTensor *
apply (GantryTensor *x, const GantryNormOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const GantryShape *channels = GANTRY_SHAPE (gantry_tensor_get_dim (x, 1));
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  GantryTensor *weight, *bias;
  GantryBatchStatistics statistics;

  _gantry_norm_variables (graph, channels, options, &weight, &bias);
  statistics.mean = gantry_graph_variable (graph, "running_mean", channels, dtype, GANTRY_CONSTANT (0), FALSE);
  statistics.variance = gantry_graph_variable (graph, "running_var", channels, dtype, GANTRY_CONSTANT (1), FALSE);
  statistics.count = gantry_graph_variable (graph, "num_batches_tracked", GANTRY_SCALAR, GANTRY_INT64, GANTRY_CONSTANT (0), FALSE);
  return _gantry_batch_norm_apply (x, "batch-norm", &statistics, _gantry_along_channels (weight, x), _gantry_along_channels (bias, x),
                                   _gantry_norm_eps (options), options->momentum);
}

/**
 * gantry_layer_batch_norm:
 * @x: [batch, channels, ...]
 * @name: scope of the variables, such as `main.1`
 * @options: (nullable): %NULL for eps 1e-5, momentum 0.1 and an affine transformation
 *
 * Batch normalization, Ioffe & Szegedy 2015.  When training, statistics of the batch (biased variance)
 * normalise, and the running ones move by the momentum (with the unbiased variance); frozen, statistics of the
 * batch normalise and nothing is written; evaluating, the running ones normalise.
 *
 * Variables: `weight`, `bias`, `running_mean`, `running_var`, all [channels], and the int64 scalar
 * `num_batches_tracked`.
 *
 * Returns: (transfer none): a tensor of the shape of @x; batch statistics of a single value a channel are an
 *   error of the graph
 */
GantryTensor *
gantry_layer_batch_norm (GantryTensor *x, const gchar *name, const GantryNormOptions *options)
{
  static const GantryNormOptions defaults = { .affine = TRUE };
  GantryGraph *graph = gantry_tensor_get_graph (x);
  GantryTensor *y;

  gantry_graph_push_scope (graph, name);
  if (check (x, "batch-norm"))
    y = apply (x, options != NULL ? options : &defaults);
  else
    y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  gantry_graph_pop (graph);
  return y;
}
