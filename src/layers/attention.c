/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/layers.h>

#include <math.h>

static gboolean
check (GantryTensor *q, GantryTensor *k, GantryTensor *v)
{
  const guint n = gantry_tensor_get_n_dims (q);
  g_autofree gchar *q_text = gantry_shape_to_string (gantry_tensor_get_shape (q));
  g_autofree gchar *k_text = gantry_shape_to_string (gantry_tensor_get_shape (k));
  g_autofree gchar *v_text = gantry_shape_to_string (gantry_tensor_get_shape (v));

  if (n >= 2 && gantry_tensor_get_n_dims (k) == n && gantry_tensor_get_n_dims (v) == n
      && gantry_tensor_get_dim (q, n - 1) == gantry_tensor_get_dim (k, n - 1) && gantry_tensor_get_dim (k, n - 2) == gantry_tensor_get_dim (v, n - 2))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (q), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "attention: queries %s, keys %s, values %s, expected [..., n, d], [..., m, d], [..., m, e]", q_text, k_text, v_text);
  return FALSE;
}

/**
 * gantry_attention:
 * @q: queries, [..., n, d]
 * @k: keys, [..., m, d]
 * @v: values, [..., m, e]
 * @scale: factor of the products of queries and keys; 0 means 1 / sqrt(d)
 * @weights: (out) (optional): [..., n, m]: how much of each value each query takes
 *
 * Scaled dot-product attention, softmax(scale q k^T) v.  Vaswani et al. 2017, eq. 1.
 *
 * Returns: (transfer none): [..., n, e]; shapes that do not fit are an error of the graph
 */
GantryTensor *
gantry_attention (GantryTensor *q, GantryTensor *k, GantryTensor *v, gdouble scale, GantryTensor **weights)
{
  GantryGraph *graph = gantry_tensor_get_graph (q);
  const guint last = MAX (gantry_tensor_get_n_dims (q), 1) - 1;
  GantryTensor *logits, *shares;

  if (!check (q, k, v))
    {
      if (weights != NULL)
        *weights = gantry_graph_poison (graph, gantry_tensor_get_shape (q), gantry_tensor_get_dtype (q));
      return gantry_graph_poison (graph, gantry_tensor_get_shape (q), gantry_tensor_get_dtype (q));
    }
  if (scale == 0)
    scale = 1 / sqrt ((gdouble) gantry_tensor_get_dim (q, last));
  /* The queries are what is scaled: they are fewer than the products. */
  logits = gantry_matmul_full (gantry_scale (q, scale), FALSE, k, TRUE);
  shares = gantry_softmax (logits, last);
  if (weights != NULL)
    *weights = shares;
  return gantry_matmul (shares, v);
}
