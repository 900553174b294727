/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reductions: an entry of the configuration's `outputs` describes one output. */
#include "replay/subjects.h"

static guint
get_axes (Replay *self, JsonObject *entry, GantryTensor *x)
{
  JsonNode *dim = json_object_get_member (entry, "dim");
  guint axes = 0;

  if (dim == NULL || !JSON_NODE_HOLDS_ARRAY (dim))
    return (1u << gantry_tensor_get_n_dims (x)) - 1;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (dim)); i++)
    axes |= GANTRY_AXIS (subject_axis (self, x, json_array_get_int_element (json_node_get_array (dim), i)));
  return axes;
}

/* The one axis of a set. */
static guint
find_axis (Replay *self, guint axes)
{
  if (axes == 0 || (axes & (axes - 1)) != 0)
    gantry_graph_fail (self->graph, REPLAY_ERROR, REPLAY_ERROR_CASE, "a maximum with positions is along one axis, not along the set %x", axes);
  return g_bit_nth_lsf (axes, -1) < 0 ? 0 : (guint) g_bit_nth_lsf (axes, -1);
}

static GantryTensor *
reduce (Replay *self, GantryTensor *x, const gchar *op, guint axes, gboolean keep, gint64 correction)
{
  if (g_str_equal (op, "sum"))
    return gantry_sum_axes (x, axes, keep);
  if (g_str_equal (op, "mean"))
    return gantry_mean_axes (x, axes, keep);
  if (g_str_equal (op, "var"))
    return gantry_variance (x, axes, (guint) correction, keep);
  if (g_str_equal (op, "std"))
    return gantry_standard_deviation (x, axes, (guint) correction, keep);
  if (g_str_equal (op, "amax"))
    return gantry_max_axes (x, axes, keep);
  if (g_str_equal (op, "amin"))
    return gantry_min_axes (x, axes, keep);
  if (g_str_equal (op, "max"))
    return gantry_max_along (x, find_axis (self, axes), keep);
  if (g_str_equal (op, "l2norm"))
    return gantry_norm_axes (x, axes, keep);
  if (g_str_equal (op, "l1norm"))
    return gantry_sum_axes (gantry_abs (x), axes, keep);
  if (g_str_equal (op, "sumsq"))
    return gantry_sum_axes (gantry_square (x), axes, keep);
  return NULL;
}

static gboolean
build_reduce (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  JsonNode *node = settings_get (self, "outputs");
  g_autoptr (GList) names = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return settings_fail (error, "the configuration's \"outputs\" is no object");
  names = json_object_get_members (json_node_get_object (node));
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *entry = json_object_get_object_member (json_node_get_object (node), l->data);
      const gchar *op = json_object_get_string_member (entry, "op");
      GantryTensor *y = reduce (self, x, op, get_axes (self, entry, x), json_object_get_boolean_member_with_default (entry, "keepdim", FALSE),
                                json_object_get_int_member_with_default (entry, "correction", 0));

      if (y == NULL)
        return settings_skip (error, "no reduction %s is built", op);
      replay_set_output (self, l->data, y);
    }
  return TRUE;
}

const OpSubject op_subjects_reduce[] = {
  { "reduce", build_reduce },
  { NULL, NULL }
};
