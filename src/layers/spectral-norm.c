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

/* u and v as rows, [1, n]; when training after the iterations, which are written. */
static void
iterate (GantryGraph *graph, GantryTensor *matrix, guint iterations, gdouble eps, GantryTensor **u, GantryTensor **v)
{
  const gsize rows = gantry_tensor_get_dim (matrix, 0);
  const gsize columns = gantry_tensor_get_dim (matrix, 1);
  const GantryDType dtype = gantry_graph_get_dtype (graph);
  GantryVariable *u_variable = gantry_graph_variable (graph, "weight_u", GANTRY_SHAPE (rows), dtype, GANTRY_UNIT_VECTOR, FALSE);
  GantryVariable *v_variable = gantry_graph_variable (graph, "weight_v", GANTRY_SHAPE (columns), dtype, GANTRY_UNIT_VECTOR, FALSE);
  GantryTensor *constant = gantry_detach (matrix);

  *u = gantry_reshape (gantry_graph_read (graph, u_variable), GANTRY_SHAPE (1, rows));
  *v = gantry_reshape (gantry_graph_read (graph, v_variable), GANTRY_SHAPE (1, columns));
  if (gantry_graph_get_mode (graph) != GANTRY_MODE_TRAIN)
    return;
  for (guint i = 0; i < iterations; i++)
    {
      *v = normalise (gantry_matmul (*u, constant), eps);
      *u = normalise (gantry_matmul_full (*v, FALSE, constant, TRUE), eps);
    }
  gantry_graph_assign (graph, u_variable, to_vector (*u));
  gantry_graph_assign (graph, v_variable, to_vector (*v));
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
  static const GantrySpectralNormOptions defaults = { 0 };
  GantryGraph *graph = gantry_tensor_get_graph (weight);
  GantryTensor *matrix, *u, *v, *value;

  options = options != NULL ? options : &defaults;
  if (gantry_tensor_get_n_dims (weight) < 2 || options->dim >= gantry_tensor_get_n_dims (weight))
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (weight));

      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                         "spectral-norm: %s with outputs on axis %u, expected at least two axes and one of them", found, options->dim);
      if (sigma != NULL)
        *sigma = gantry_graph_poison (graph, GANTRY_SCALAR, gantry_tensor_get_dtype (weight));
      return gantry_graph_poison (graph, gantry_tensor_get_shape (weight), gantry_tensor_get_dtype (weight));
    }
  matrix = to_matrix (weight, options->dim);
  iterate (graph, matrix, MAX (options->power_iterations, 1), options->eps > 0 ? options->eps : 1e-12, &u, &v);
  value = gantry_sum (gantry_mul (gantry_matmul (u, matrix), v));
  if (sigma != NULL)
    *sigma = value;
  return gantry_div (weight, value);
}
