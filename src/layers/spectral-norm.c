/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/layers.h>

/* The weight as a matrix [outputs, rest]. */
static GantryTensor *
to_matrix (GantryTensor *weight, guint dim)
{
  const gsize outputs = gantry_tensor_get_dim (weight, dim);
  guint axes[GANTRY_MAX_DIMS] = { dim };

  if (dim > 0)
    {
      for (guint i = 0, next = 1; i < gantry_tensor_get_n_dims (weight); i++)
        {
          if (i != dim)
            axes[next++] = i;
        }
      weight = gantry_permute (weight, axes);
    }
  return gantry_reshape (weight, GANTRY_SHAPE (outputs, gantry_tensor_get_size (weight) / outputs));
}

static GantryTensor *
normalise (GantryTensor *x, gdouble eps)
{
  return gantry_div (x, gantry_maximum (gantry_norm (x), gantry_constant (gantry_tensor_get_graph (x), eps)));
}

static GantryTensor *
to_vector (GantryTensor *row)
{
  return gantry_reshape (row, GANTRY_SHAPE (gantry_tensor_get_size (row)));
}

static void
iterate (GantryTensor *matrix, guint iterations, gdouble eps, GantryTensor **u, GantryTensor **v)
{
  GantryTensor *constant = gantry_detach (matrix);

  for (guint i = 0; i < iterations; i++)
    {
      *v = normalise (gantry_matmul (*u, constant), eps);
      *u = normalise (gantry_matmul_full (*v, FALSE, constant, TRUE), eps);
    }
}

/* u and v as rows, [1, n]; when training after the iterations, which are written. */
static void
read_vectors (GantryGraph *graph, GantryTensor *matrix, guint iterations, gdouble eps, GantryTensor **u, GantryTensor **v)
{
  const gsize rows = gantry_tensor_get_dim (matrix, 0);
  const gsize columns = gantry_tensor_get_dim (matrix, 1);
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  GantryVariable *u_variable = gantry_graph_variable (graph, "weight_u", GANTRY_SHAPE (rows), dtype, GANTRY_UNIT_VECTOR, FALSE);
  GantryVariable *v_variable = gantry_graph_variable (graph, "weight_v", GANTRY_SHAPE (columns), dtype, GANTRY_UNIT_VECTOR, FALSE);

  *u = gantry_reshape (gantry_graph_read (graph, u_variable), GANTRY_SHAPE (1, rows));
  *v = gantry_reshape (gantry_graph_read (graph, v_variable), GANTRY_SHAPE (1, columns));
  if (gantry_graph_get_mode (graph) != GANTRY_MODE_TRAIN)
    return;
  iterate (matrix, iterations, eps, u, v);
  gantry_graph_assign (graph, u_variable, to_vector (*u));
  gantry_graph_assign (graph, v_variable, to_vector (*v));
}

static gboolean
check (GantryTensor *weight, guint dim)
{
  g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (weight));

  if (gantry_tensor_get_n_dims (weight) >= 2 && dim < gantry_tensor_get_n_dims (weight))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (weight), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "spectral-norm: %s with outputs on axis %u, expected at least two axes and one of them", found, dim);
  return FALSE;
}

static GantryTensor *
poison (GantryTensor *weight, GantryTensor **sigma)
{
  GantryGraph *graph = gantry_tensor_get_graph (weight);

  if (sigma != NULL)
    *sigma = gantry_graph_poison (graph, GANTRY_SCALAR, gantry_tensor_get_dtype (weight));
  return gantry_graph_poison (graph, gantry_tensor_get_shape (weight), gantry_tensor_get_dtype (weight));
}

static const GantrySpectralNormOptions defaults = { 0 };

static gdouble
get_eps (const GantrySpectralNormOptions *options)
{
  return options->eps > 0 ? options->eps : 1e-12;
}

/* u W v^T, a scalar. */
static GantryTensor *
estimate (GantryTensor *u, GantryTensor *matrix, GantryTensor *v)
{
  return gantry_sum (gantry_mul (gantry_matmul (u, matrix), v));
}

/**
 * gantry_spectral_norm:
 * @weight: a weight of at least two axes
 * @options: (nullable): %NULL for axis 0, eps 1e-12 and one iteration
 * @sigma: (out) (optional): the estimate of the largest singular value, a scalar
 *
 * W / sigma with sigma = u^T W v, where u and v come from power iterations on the weight as a matrix of its
 * outputs, and are constants to the gradient.  Miyato et al. 2018, algorithm 1.
 *
 * Variables of the present scope: `weight_u` [outputs] and `weight_v` [rest].  Iterations happen, and are
 * written, when training; frozen and evaluating use the stored vectors.
 *
 * Returns: (transfer none): a tensor of the shape of @weight
 */
GantryTensor *
gantry_spectral_norm (GantryTensor *weight, const GantrySpectralNormOptions *options, GantryTensor **sigma)
{
  GantryGraph *graph = gantry_tensor_get_graph (weight);
  GantryTensor *matrix, *u, *v, *value;

  options = options != NULL ? options : &defaults;
  if (!check (weight, options->dim))
    return poison (weight, sigma);
  matrix = to_matrix (weight, options->dim);
  read_vectors (graph, matrix, MAX (options->power_iterations, 1), get_eps (options), &u, &v);
  value = estimate (u, matrix, v);
  if (sigma != NULL)
    *sigma = value;
  return gantry_div (weight, value);
}

/**
 * gantry_spectral_norm_biggan:
 * @weight: a weight of at least two axes
 * @options: (nullable): %NULL for axis 0, eps 1e-12 and one iteration
 * @sigma: (out) (optional): the estimate of the largest singular value, a scalar
 *
 * W / sigma as the PyTorch code of BigGAN has it (Brock et al. 2019, one singular value): only u is stored, and the power iterations run
 * in every mode, from the stored u; they and sigma are written when training.  u and v are constants to the gradient.
 *
 * Variables of the present scope: `u0` [1, outputs], `sv0` [1], the sigma of the last training application.
 *
 * Returns: (transfer none): a tensor of the shape of @weight
 */
GantryTensor *
gantry_spectral_norm_biggan (GantryTensor *weight, const GantrySpectralNormOptions *options, GantryTensor **sigma)
{
  GantryGraph *graph = gantry_tensor_get_graph (weight);
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  GantryVariable *u_variable, *sigma_variable;
  GantryTensor *matrix, *u, *v = NULL, *value;

  options = options != NULL ? options : &defaults;
  if (!check (weight, options->dim))
    return poison (weight, sigma);
  matrix = to_matrix (weight, options->dim);
  u_variable = gantry_graph_variable (graph, "u0", GANTRY_SHAPE (1, gantry_tensor_get_dim (matrix, 0)), dtype, GANTRY_NORMAL (0, 1), FALSE);
  sigma_variable = gantry_graph_variable (graph, "sv0", GANTRY_SHAPE (1), dtype, GANTRY_CONSTANT (1), FALSE);
  u = gantry_graph_read (graph, u_variable);
  iterate (matrix, MAX (options->power_iterations, 1), get_eps (options), &u, &v);
  value = estimate (u, matrix, v);
  if (gantry_graph_get_mode (graph) == GANTRY_MODE_TRAIN)
    {
      gantry_graph_assign (graph, u_variable, u);
      gantry_graph_assign (graph, sigma_variable, gantry_reshape (gantry_detach (value), GANTRY_SHAPE (1)));
    }
  if (sigma != NULL)
    *sigma = value;
  return gantry_div (weight, value);
}
