/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/layers.h>

/* All axes but that of the channels, 1. */
static guint
list_axes (GantryTensor *x)
{
  return ((1u << gantry_tensor_get_n_dims (x)) - 1) & ~GANTRY_AXIS (1);
}

/* A vector [channels] for arithmetic with x. */
static GantryTensor *
spread (GantryTensor *vector, GantryTensor *x)
{
  GantryShape shape = { gantry_tensor_get_n_dims (x), { 0 } };

  if (gantry_tensor_get_n_dims (vector) != 1)
    return vector;
  for (guint i = 0; i < shape.n_dims; i++)
    shape.dims[i] = i == 1 ? gantry_tensor_get_dim (vector, 0) : 1;
  return gantry_reshape (vector, &shape);
}

static GantryTensor *
squeeze (GantryTensor *x)
{
  return gantry_reshape (x, GANTRY_SHAPE (gantry_tensor_get_dim (x, 1)));
}

static gsize
count_per_channel (GantryTensor *x)
{
  return gantry_tensor_get_size (x) / MAX (gantry_tensor_get_dim (x, 1), 1);
}

static gboolean
check (GantryTensor *x)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

  if (gantry_tensor_get_n_dims (x) >= 2)
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "batch-norm: %s, expected [batch, channels, ...]",
                     found);
  return FALSE;
}

/*
 * A division, where gantry_mean_axes() multiplies by 1 / n: the mean of equal numbers is then that number, and a constant channel
 * centred is 0, not a rounding error that 1 / sqrt(eps) makes large.
 */
static GantryTensor *
mean_of (GantryTensor *x, guint axes, gsize n)
{
  GantryTensor *count = gantry_fill (gantry_tensor_get_graph (x), GANTRY_SCALAR, gantry_tensor_get_dtype (x), (gdouble) n);

  return gantry_div (gantry_sum_axes (x, axes, TRUE), count);
}

/* In two passes: the variance of large numbers that lie close together would drown in E[x^2] - E[x]^2. */
static void
make_moments (GantryTensor *x, GantryTensor **mean, GantryTensor **centred, GantryTensor **variance)
{
  const guint axes = list_axes (x);
  const gsize n = count_per_channel (x);

  *mean = mean_of (x, axes, n);
  *centred = gantry_sub (x, *mean);
  *variance = mean_of (gantry_square (*centred), axes, n);
}

/* One multiplication and one addition an element: the weight goes into the factor of its channel. */
static GantryTensor *
normalise (GantryTensor *centred, GantryTensor *variance, GantryTensor *weight, GantryTensor *bias, gdouble eps)
{
  GantryTensor *factor = gantry_rsqrt (gantry_offset (spread (variance, centred), eps));
  GantryTensor *y;

  if (weight != NULL)
    factor = gantry_mul (factor, spread (weight, centred));
  y = gantry_mul (centred, factor);
  return bias != NULL ? gantry_add (y, spread (bias, centred)) : y;
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

  if (!check (x))
    {
      *mean = *variance = gantry_graph_poison (gantry_tensor_get_graph (x), GANTRY_SHAPE (1), gantry_tensor_get_dtype (x));
      return;
    }
  make_moments (x, mean, &centred, variance);
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
  if (!check (x))
    return gantry_graph_poison (gantry_tensor_get_graph (x), gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  return normalise (gantry_sub (x, spread (mean, x)), variance, weight, bias, eps);
}

typedef struct {
  GantryVariable *mean;
  GantryVariable *variance;
  GantryVariable *count;
  GantryTensor *weight;
  GantryTensor *bias;
} Variables;

static void
declare_variables (GantryTensor *x, const GantryNormOptions *options, Variables *variables)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const GantryShape *channels = GANTRY_SHAPE (gantry_tensor_get_dim (x, 1));
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  const GantryInitializer *initializer = options->weight_initializer != NULL ? options->weight_initializer : GANTRY_CONSTANT (1);

  *variables = (Variables){ NULL };
  if (options->affine)
    {
      variables->weight = gantry_graph_read (graph, gantry_graph_variable (graph, "weight", channels, dtype, initializer, TRUE));
      variables->bias = gantry_graph_read (graph, gantry_graph_variable (graph, "bias", channels, dtype, GANTRY_CONSTANT (0), TRUE));
    }
  variables->mean = gantry_graph_variable (graph, "running_mean", channels, dtype, GANTRY_CONSTANT (0), FALSE);
  variables->variance = gantry_graph_variable (graph, "running_var", channels, dtype, GANTRY_CONSTANT (1), FALSE);
  variables->count = gantry_graph_variable (graph, "num_batches_tracked", GANTRY_SCALAR, GANTRY_INT64, GANTRY_CONSTANT (0), FALSE);
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
update_statistics (GantryGraph *graph, const Variables *variables, GantryTensor *mean, GantryTensor *variance, gsize n, gdouble momentum)
{
  GantryTensor *count = gantry_graph_read (graph, variables->count);

  move_average (graph, variables->mean, mean, momentum);
  move_average (graph, variables->variance, gantry_scale (variance, (gdouble) n / (gdouble) (n - 1)), momentum);
  gantry_graph_assign (graph, variables->count, gantry_add (count, gantry_fill (graph, GANTRY_SCALAR, GANTRY_INT64, 1)));
}

static GantryTensor *
apply (GantryTensor *x, const GantryNormOptions *options)
{
  GantryGraph *graph = gantry_tensor_get_graph (x);
  const GantryMode mode = gantry_graph_get_mode (graph);
  const gdouble eps = options->eps > 0 ? options->eps : 1e-5;
  const gsize n = count_per_channel (x);
  GantryTensor *mean, *centred, *variance;
  Variables variables;

  declare_variables (x, options, &variables);
  if (mode == GANTRY_MODE_EVALUATE)
    return gantry_batch_norm (x, gantry_graph_read (graph, variables.mean), gantry_graph_read (graph, variables.variance), variables.weight,
                              variables.bias, eps);
  if (n < 2)
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (x));

      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "batch-norm: %s has one value a channel: statistics need two", found);
      return gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
    }
  make_moments (x, &mean, &centred, &variance);
  if (mode == GANTRY_MODE_TRAIN)
    update_statistics (graph, &variables, mean, variance, n, options->momentum > 0 ? options->momentum : 0.1);
  return normalise (centred, variance, variables.weight, variables.bias, eps);
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
  if (check (x))
    y = apply (x, options != NULL ? options : &defaults);
  else
    y = gantry_graph_poison (graph, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
  gantry_graph_pop (graph);
  return y;
}
