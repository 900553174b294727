/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rebuilds a graph as a simpler one: only what is asked for, every value once, after the rules of rewrite-*.c and fold.c. */
#include <string.h>

#include "graph/graph-private.h"
#include "simplify-private.h"

struct _GantrySimplifier {
  GantryGraph *from;
  GantryGraph *to;
  GantryTensor **map;  /* from a tensor's id in @from to its equal in @to */
  GHashTable *values;  /* set of the tensors of @to, equal where their values are */
  const guint *uses;   /* of tensors of @from; NULL: not known */
  GHashTable *shared;  /* set of tensors of @to that stand for several uses */
};

static gboolean
commutes (GantryTensor *tensor)
{
  static const gchar *const names[] = { "add", "mul", "maximum", "minimum", "equal", "not-equal", "logical-and", "logical-or" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (_gantry_tensor_is (tensor, names[i]))
      return TRUE;
  return FALSE;
}

static guint
mix (guint hash, gconstpointer data, gsize bytes)
{
  const guchar *c = data;

  for (gsize i = 0; i < bytes; i++)
    hash = (hash ^ c[i]) * 16777619u;
  return hash;
}

static guint
value_hash (gconstpointer key)
{
  GantryTensor *tensor = (GantryTensor *) key;
  const GantryOp *op = gantry_tensor_get_op (tensor);
  const gchar *name = gantry_tensor_get_name (tensor);
  guint n_ints, n_reals, inputs = 0;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);
  const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);
  guint hash = mix (2166136261u, &op, sizeof op);

  /* A sum, so that the order does not matter: it matters in value_equal(). */
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    inputs += gantry_tensor_get_id (gantry_tensor_get_input (tensor, i)) * 2654435761u;
  hash = mix (hash, &inputs, sizeof inputs);
  hash = mix (hash, ints, n_ints * sizeof *ints);
  hash = mix (hash, reals, n_reals * sizeof *reals);
  return name == NULL ? hash : mix (hash, name, strlen (name));
}

static gboolean
value_equal (gconstpointer key_a, gconstpointer key_b)
{
  GantryTensor *a = (GantryTensor *) key_a, *b = (GantryTensor *) key_b;
  guint n_inputs = gantry_tensor_get_n_inputs (a);
  guint n_ints_a, n_ints_b, n_reals_a, n_reals_b;
  const gint64 *ints_a = gantry_tensor_get_ints (a, &n_ints_a), *ints_b = gantry_tensor_get_ints (b, &n_ints_b);
  const gdouble *reals_a = gantry_tensor_get_reals (a, &n_reals_a), *reals_b = gantry_tensor_get_reals (b, &n_reals_b);
  gboolean straight = TRUE;

  if (gantry_tensor_get_op (a) != gantry_tensor_get_op (b) || !_gantry_tensor_is (a, gantry_tensor_get_op_name (b))
      || !_gantry_tensor_same_type (a, b) || g_strcmp0 (gantry_tensor_get_name (a), gantry_tensor_get_name (b)) != 0
      || n_inputs != gantry_tensor_get_n_inputs (b) || n_ints_a != n_ints_b || n_reals_a != n_reals_b)
    return FALSE;
  /* Bits, not numbers: NaN equals itself and 0 is not -0. */
  if ((n_ints_a > 0 && memcmp (ints_a, ints_b, n_ints_a * sizeof *ints_a) != 0)
      || (n_reals_a > 0 && memcmp (reals_a, reals_b, n_reals_a * sizeof *reals_a) != 0))
    return FALSE;
  for (guint i = 0; i < n_inputs; i++)
    straight = straight && gantry_tensor_get_input (a, i) == gantry_tensor_get_input (b, i);
  return straight || (n_inputs == 2 && commutes (a) && gantry_tensor_get_input (a, 0) == gantry_tensor_get_input (b, 1)
                      && gantry_tensor_get_input (a, 1) == gantry_tensor_get_input (b, 0));
}

GantrySimplifier *
_gantry_simplifier_new (GantryGraph *graph, const guint *uses)
{
  GantrySimplifier *self = g_new0 (GantrySimplifier, 1);

  self->from = graph;
  self->to = gantry_graph_new (gantry_graph_get_dtype (graph));
  self->map = g_new0 (GantryTensor *, gantry_graph_get_n_tensors (graph) + 1);
  self->values = g_hash_table_new (value_hash, value_equal);
  self->uses = uses;
  self->shared = g_hash_table_new (NULL, NULL);
  return self;
}

GantryGraph *
_gantry_simplifier_get_graph (GantrySimplifier *self)
{
  return self->to;
}

GantryGraph *
_gantry_simplifier_free (GantrySimplifier *self)
{
  GantryGraph *graph = self->to;

  g_hash_table_unref (self->values);
  g_hash_table_unref (self->shared);
  g_free (self->map);
  g_free (self);
  return graph;
}

GantryTensor *
_gantry_reduce (GantrySimplifier *self, GantryTensor *tensor)
{
  static GantryTensor *(*const rules[]) (GantrySimplifier *, GantryTensor *) = {
    _gantry_fold, _gantry_rewrite_arithmetic, _gantry_rewrite_shape, _gantry_rewrite_slicing, _gantry_rewrite_product, _gantry_rewrite_modulation,
    _gantry_rewrite_sum, _gantry_rewrite_broadcast, _gantry_rewrite_resample, _gantry_rewrite_convolution
  };
  GantryTensor *equal = g_hash_table_lookup (self->values, tensor);

  if (equal != NULL)
    return equal;
  for (guint i = 0; i < G_N_ELEMENTS (rules) && equal == NULL; i++)
    equal = rules[i] (self, tensor);
  if (equal != NULL)
    return equal;
  g_hash_table_add (self->values, tensor);
  return tensor;
}

static GantryTensor *
rebuild (GantrySimplifier *self, GantryTensor *tensor)
{
  guint n_inputs = gantry_tensor_get_n_inputs (tensor), n_ints, n_reals;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);
  const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);
  g_autofree GantryTensor **inputs = g_new (GantryTensor *, n_inputs + 1);
  GantryTensor *result;
  const gchar *label;

  if (n_inputs == 0)
    return _gantry_reduce (self, _gantry_graph_import (self->to, tensor));
  for (guint i = 0; i < n_inputs; i++)
    inputs[i] = self->map[gantry_tensor_get_id (gantry_tensor_get_input (tensor, i))];
  label = _gantry_graph_swap_label (self->to, gantry_tensor_get_scope (tensor));
  result = _gantry_reduce (self, gantry_apply (gantry_tensor_get_op (tensor), inputs, n_inputs, ints, n_ints, reals, n_reals));
  _gantry_graph_swap_label (self->to, label);
  return result;
}

void
_gantry_simplifier_import (GantrySimplifier *self, GantryTensor *const *tensors, guint n_tensors)
{
  const guint n = gantry_graph_get_n_tensors (self->from);
  g_autofree gboolean *needed = g_new0 (gboolean, n + 1);

  for (guint i = 0; i < n_tensors; i++)
    needed[gantry_tensor_get_id (tensors[i])] = TRUE;
  /* Ids are the construction order: inputs come before what they make. */
  for (guint id = n; id-- > 0;)
    if (needed[id])
      for (guint i = 0; i < gantry_tensor_get_n_inputs (gantry_graph_get_tensor (self->from, id)); i++)
        needed[gantry_tensor_get_id (gantry_tensor_get_input (gantry_graph_get_tensor (self->from, id), i))] = TRUE;
  for (guint id = 0; id < n; id++)
    if (needed[id])
      {
        self->map[id] = rebuild (self, gantry_graph_get_tensor (self->from, id));
        if (self->uses != NULL && self->uses[id] > 1)
          g_hash_table_add (self->shared, self->map[id]);
      }
}

GantryTensor *
_gantry_simplifier_get (GantrySimplifier *self, GantryTensor *tensor)
{
  return self->map[gantry_tensor_get_id (tensor)];
}

gboolean
_gantry_simplifier_is_shared (GantrySimplifier *self, GantryTensor *tensor)
{
  return self->uses == NULL || g_hash_table_contains (self->shared, tensor);
}

GantryTensor *
_gantry_simplifier_get_source (GantrySimplifier *self, GantryTensor *tensor, const guint **uses)
{
  *uses = self->uses;
  for (guint id = 0; self->uses != NULL && id < gantry_graph_get_n_tensors (self->from); id++)
    if (self->map[id] == tensor)
      return gantry_graph_get_tensor (self->from, id);
  return NULL;
}

gboolean
_gantry_tensor_is (GantryTensor *tensor, const gchar *op_name)
{
  return strcmp (gantry_tensor_get_op_name (tensor), op_name) == 0;
}

gboolean
_gantry_tensor_same_type (GantryTensor *a, GantryTensor *b)
{
  return gantry_tensor_get_dtype (a) == gantry_tensor_get_dtype (b)
         && gantry_shape_equal (gantry_tensor_get_shape (a), gantry_tensor_get_shape (b));
}

gboolean
_gantry_tensor_is_fill (GantryTensor *tensor, gdouble *value)
{
  guint n_reals;
  const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);

  if (n_reals == 0 || !(_gantry_tensor_is (tensor, "fill") || (n_reals == 1 && _gantry_tensor_is (tensor, "constant"))))
    return FALSE;
  *value = gantry_tensor_get_dtype (tensor) == GANTRY_FLOAT32 ? (gfloat) reals[0] : reals[0];
  return TRUE;
}
