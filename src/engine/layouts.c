/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which tensors lie in memory in blocks.  Backends say how they want the images of each convolution; from there, layouts spread to what is
 * made of blocked tensors, as far as ops can be had of them.  A layout is nothing but a shape, [4, 3, 32, 32, 16] for [64, 3, 32, 32] say, so
 * the graph is built anew with other shapes, and tensors are reshaped and permuted where two layouts meet.
 */
#include "compile-private.h"
#include "graph/graph-private.h"
#include "layouts-private.h"

static gboolean
is_convolution (GantryTensor *tensor)
{
  return _gantry_tensor_is (tensor, "conv2d") || _gantry_tensor_is (tensor, "conv2d-input") || _gantry_tensor_is (tensor, "conv2d-weight");
}

/* What the first backend that takes it wants. */
static GantryLayouts
choose_layouts (GantryLowering *lowering, GantryTensor *tensor, GantryBackend *const *backends, guint n_backends)
{
  const GantryClaim claim = { sizeof claim, tensor, lowering, lowering->precision };
  GantryLayouts layouts = { .size = sizeof layouts };

  for (guint i = 0; i < n_backends; i++)
    {
      layouts = (GantryLayouts) { .size = sizeof layouts };
      if (gantry_backend_choose_layouts (backends[i], &claim, &layouts))
        break;
    }
  return layouts;
}

static gboolean
is_blocked (const GantryLayouts *layouts)
{
  return layouts->inputs[0].block > 0 || layouts->inputs[1].block > 0 || layouts->result.block > 0;
}

/* Whether elements stay where they are: everything behind the axis has size 1. */
static gboolean
is_free (const GantryShape *shape, const GantryBlocking *blocking)
{
  for (guint axis = blocking->axis + 1; axis < shape->n_dims; axis++)
    if (shape->dims[axis] != 1)
      return FALSE;
  return TRUE;
}

static GantryTensor *
permute (GantryRelayout *self, GantryTensor *x, const guint *axes)
{
  GantryTensor *result = _gantry_reduce (self->builder, gantry_permute (x, axes));

  if (_gantry_tensor_is (result, "permute"))
    g_hash_table_add (self->reorders, result);
  return result;
}

/* [.., n, ..] to [.., n / block, block, ..] to [.., n / block, .., block] */
static GantryTensor *
block (GantryRelayout *self, GantryTensor *x, const GantryBlocking *blocking)
{
  const GantryShape *plain = gantry_tensor_get_shape (x);
  GantryShape cut = { plain->n_dims + 1, { 0 } };
  guint axes[GANTRY_MAX_DIMS];

  for (guint axis = 0, to = 0; axis < plain->n_dims; axis++)
    {
      axes[axis] = to;
      cut.dims[to++] = axis == blocking->axis ? plain->dims[axis] / blocking->block : plain->dims[axis];
      if (axis == blocking->axis)
        {
          axes[plain->n_dims] = to;
          cut.dims[to++] = blocking->block;
        }
    }
  return permute (self, _gantry_reduce (self->builder, gantry_reshape (x, &cut)), axes);
}

static GantryTensor *
unblock (GantryRelayout *self, GantryTensor *x, const GantryBlocking *blocking)
{
  GantryShape plain;
  guint axes[GANTRY_MAX_DIMS], last = gantry_tensor_get_n_dims (x) - 1;

  gantry_shape_unblock (gantry_tensor_get_shape (x), blocking, &plain);
  for (guint axis = 0, to = 0; axis < last; axis++)
    {
      axes[to++] = axis;
      if (axis == blocking->axis)
        axes[to++] = last;
    }
  return _gantry_reduce (self->builder, gantry_reshape (permute (self, x, axes), &plain));
}

static gboolean
same_blocking (const GantryBlocking *a, const GantryBlocking *b)
{
  return a->axis == b->axis && a->block == b->block;
}

GantryTensor *
_gantry_relayout_get_plain (GantryRelayout *self, GantryTensor *tensor)
{
  GantryForms *forms = &self->forms[gantry_tensor_get_id (tensor)];

  if (forms->plain == NULL)
    forms->plain = unblock (self, forms->blocked, &forms->blocking);
  return forms->plain;
}

GantryTensor *
_gantry_relayout_get_blocked (GantryRelayout *self, GantryTensor *tensor, GantryBlocking blocking)
{
  GantryForms *forms = &self->forms[gantry_tensor_get_id (tensor)];
  GantryShape shape;

  if (blocking.block == 0)
    return _gantry_relayout_get_plain (self, tensor);
  if (forms->blocked != NULL && same_blocking (&forms->blocking, &blocking))
    return forms->blocked;
  if (!gantry_shape_block (gantry_tensor_get_shape (tensor), &blocking, &shape))
    return NULL;
  /* Again and again the same tensor: equal values are one. */
  return block (self, _gantry_relayout_get_plain (self, tensor), &blocking);
}

/* What moving a tensor to another layout would cost. */
static gsize
get_weight (GantryTensor *tensor)
{
  gdouble value;

  return _gantry_tensor_is_fill (tensor, &value) ? 0 : gantry_tensor_get_size (tensor) * gantry_dtype_size (gantry_tensor_get_dtype (tensor));
}

/* The largest input that is blocked, if more is blocked than is not; G_MAXUINT where there is none. */
static guint
find_leading_input (GantryRelayout *self, GantryTensor *y)
{
  guint leading = G_MAXUINT;
  gsize blocked = 0, plain = 0, most = 0;

  for (guint i = 0; i < gantry_tensor_get_n_inputs (y); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (y, i);
      const GantryForms *forms = &self->forms[gantry_tensor_get_id (input)];
      gsize weight = get_weight (input);

      if (forms->blocked == NULL || is_free (gantry_tensor_get_shape (input), &forms->blocking))
        {
          plain += weight;
          continue;
        }
      blocked += weight;
      if (weight > most)
        {
          most = weight;
          leading = i;
        }
    }
  return blocked >= plain ? leading : G_MAXUINT;
}

static GantryTensor *
rebuild_plain (GantryRelayout *self, GantryTensor *y)
{
  guint n_inputs = gantry_tensor_get_n_inputs (y), n_ints, n_reals;
  const gint64 *ints = gantry_tensor_get_ints (y, &n_ints);
  const gdouble *reals = gantry_tensor_get_reals (y, &n_reals);
  g_autofree GantryTensor **inputs = g_new (GantryTensor *, n_inputs + 1);

  for (guint i = 0; i < n_inputs; i++)
    inputs[i] = _gantry_relayout_get_plain (self, gantry_tensor_get_input (y, i));
  return _gantry_reduce (self->builder, gantry_apply (gantry_tensor_get_op (y), inputs, n_inputs, ints, n_ints, reals, n_reals));
}

static GantryTensor *
rebuild_convolution (GantryRelayout *self, GantryTensor *y, const GantryLayouts *layouts)
{
  const GantryBlocking blockings[] = { layouts->inputs[0], layouts->inputs[1], layouts->result };
  GantryTensor *inputs[2];

  for (guint i = 0; i < 2; i++)
    {
      inputs[i] = _gantry_relayout_get_blocked (self, gantry_tensor_get_input (y, i), blockings[i]);
      if (inputs[i] == NULL)
        return NULL;
    }
  return _gantry_reduce (self->builder, _gantry_blocked_convolution (y, inputs[0], inputs[1], blockings));
}

static void
rebuild (GantryRelayout *self, GantryTensor *y, const GantryLayouts *layouts)
{
  GantryForms *forms = &self->forms[gantry_tensor_get_id (y)];
  guint leading = layouts == NULL ? find_leading_input (self, y) : G_MAXUINT;
  GantryTensor *result = NULL;
  GantryBlocking blocking = { 0, 0 };

  if (layouts != NULL && is_blocked (layouts))
    {
      blocking = layouts->result;
      result = rebuild_convolution (self, y, layouts);
    }
  else if (leading != G_MAXUINT)
    {
      blocking = self->forms[gantry_tensor_get_id (gantry_tensor_get_input (y, leading))].blocking;
      result = _gantry_relayout_apply (self, y, leading, &blocking);
    }
  if (result == NULL || blocking.block == 0)
    {
      forms->plain = result != NULL ? result : rebuild_plain (self, y);
      return;
    }
  forms->blocked = result;
  forms->blocking = blocking;
}

static void
rebuild_all (GantryRelayout *self, GantryLowering *lowering, GantryLayouts *const *layouts)
{
  GantryGraph *to = _gantry_simplifier_get_graph (self->builder);
  GArray *results[] = { lowering->outputs, lowering->assignments };

  for (guint id = 0; id < gantry_graph_get_n_tensors (lowering->graph); id++)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (lowering->graph, id);
      const gchar *label;

      if (lowering->uses[id] == 0)
        continue;
      label = _gantry_graph_swap_label (to, gantry_tensor_get_scope (tensor));
      if (gantry_tensor_get_n_inputs (tensor) == 0)
        self->forms[id].plain = _gantry_reduce (self->builder, _gantry_graph_import (to, tensor));
      else
        rebuild (self, tensor, layouts[id]);
      _gantry_graph_swap_label (to, label);
    }
  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      {
        GantryResult *result = &g_array_index (results[k], GantryResult, i);

        result->tensor = _gantry_relayout_get_plain (self, result->tensor);
      }
}

gboolean
_gantry_lowering_choose_layouts (GantryLowering *self, GantryBackend *const *backends, guint n_backends, GError **error)
{
  guint n = gantry_graph_get_n_tensors (self->graph);
  g_autoptr (GPtrArray) layouts = g_ptr_array_new_full (n, g_free);
  g_autofree GantryForms *forms = NULL;
  GantryRelayout relayout = { NULL };
  gboolean any = FALSE;

  for (guint id = 0; id < n; id++)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (self->graph, id);
      GantryLayouts chosen;

      g_ptr_array_add (layouts, NULL);
      if (self->uses[id] == 0 || !is_convolution (tensor))
        continue;
      chosen = choose_layouts (self, tensor, backends, n_backends);
      layouts->pdata[id] = g_memdup2 (&chosen, sizeof chosen);
      any = any || is_blocked (&chosen);
    }
  if (!any)
    return TRUE;
  forms = g_new0 (GantryForms, n);
  relayout = (GantryRelayout) { _gantry_simplifier_new (self->graph, NULL), forms, self->reorders };
  rebuild_all (&relayout, self, (GantryLayouts *const *) layouts->pdata);
  _gantry_lowering_replace_graph (self, _gantry_simplifier_free (relayout.builder));
  return gantry_graph_finish (self->graph, error);
}
