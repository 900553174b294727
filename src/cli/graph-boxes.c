/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the tensors of a phase to boxes and arrows. */
#include "cli/graph-boxes.h"

typedef struct {
  const GraphSummary *summary;
  GraphPicture *picture;
  GHashTable *by_scope;  /* name of a scope, or of what is around one -> GraphBox */
  GHashTable *of_tensor; /* tensor -> GraphBox */
  guint n_boxes;
} Builder;

static void
box_free (gpointer data)
{
  GraphBox *box = data;

  g_free (box->title);
  g_ptr_array_unref (box->children);
  g_ptr_array_unref (box->ops);
  g_free (box);
}

static GraphBox *
box_new (Builder *builder, GraphBox *parent, const gchar *title, const gchar *scope)
{
  GraphBox *box = g_new0 (GraphBox, 1);

  box->title = g_strdup (title);
  box->scope = g_intern_string (scope);
  box->parent = parent;
  box->children = g_ptr_array_new_with_free_func (box_free);
  box->ops = g_ptr_array_new ();
  box->order = builder->n_boxes++;
  if (parent != NULL)
    g_ptr_array_add (parent->children, box);
  return box;
}

gboolean
cli_graph_box_is_frame (const GraphBox *box)
{
  return box->children->len > 0;
}

GraphBox *
cli_graph_box_get_core (const GraphBox *box)
{
  GraphBox *only = box->children->len == 1 && box->parent != NULL ? box->children->pdata[0] : NULL;

  return only != NULL && !only->is_input ? only : NULL;
}

/* The frame or box of a scope; those around it are made where they are not there yet.  The first part of all is the phase, and of
   phases that run together each is a frame in that of all. */
static GraphBox *
get_box (Builder *builder, const gchar *scope)
{
  GraphBox *box = g_hash_table_lookup (builder->by_scope, scope);
  const gchar *last = g_strrstr (scope, ": ");

  if (box != NULL)
    return box;
  if (last == NULL && builder->picture->root != NULL && !g_str_equal (scope, builder->picture->root->scope))
    {
      box = box_new (builder, builder->picture->root, *scope != '\0' ? scope : "(no scope)", scope);
    }
  else if (last == NULL)
    {
      box = builder->picture->root != NULL ? builder->picture->root : box_new (builder, NULL, scope, scope);
      builder->picture->root = box;
    }
  else
    {
      g_autofree gchar *around = g_strndup (scope, last - scope);

      box = box_new (builder, get_box (builder, around), last + strlen (": "), scope);
    }
  g_hash_table_insert (builder->by_scope, (gpointer) box->scope, box);
  return box;
}

static gboolean
is_within (const GraphBox *box, const GraphBox *frame)
{
  while (box != NULL && box != frame)
    box = box->parent;
  return box != NULL;
}

static GraphBox *
find_last (GraphBox *box)
{
  GraphBox *last = cli_graph_box_is_frame (box) || box->is_input ? NULL : box;

  for (guint i = 0; i < box->children->len; i++)
    {
      GraphBox *found = find_last (box->children->pdata[i]);

      if (found != NULL && (last == NULL || found->order > last->order))
        last = found;
    }
  return last;
}

/* What is computed in a scope between those inside it goes with what it is computed from: an activation with its layer. */
static GraphBox *
find_neighbour (Builder *builder, GraphBox *frame, GantryTensor *tensor)
{
  gboolean is_gradient = cli_graph_is_gradient (tensor);
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();
  GraphBox *best = NULL;

  cli_graph_collect_sources (builder->summary, tensor, sources);
  for (guint i = 0; i < sources->len; i++)
    {
      GraphBox *box = g_hash_table_lookup (builder->of_tensor, sources->pdata[i]);

      if (box != NULL && !box->is_input && is_within (box, frame)
          && (best == NULL || (is_gradient ? box->order < best->order : box->order > best->order)))
        best = box;
    }
  /* What differentiates the end of a network starts from outside it. */
  return best == NULL && is_gradient ? find_last (frame) : best;
}

/* The box of the frame itself, for what goes with nothing inside it. */
static GraphBox *
get_own_box (Builder *builder, GraphBox *frame, const gchar *title)
{
  for (guint i = 0; i < frame->children->len; i++)
    {
      GraphBox *child = frame->children->pdata[i];

      if (child->scope == frame->scope && !child->is_input)
        return child;
    }
  return box_new (builder, frame, title, frame->scope);
}

static GraphBox *
find_box (Builder *builder, GantryTensor *tensor)
{
  const GraphScope *scope = g_hash_table_lookup (builder->summary->index, tensor);
  GraphBox *box = get_box (builder, scope->name), *neighbour;

  if (gantry_tensor_get_n_inputs (tensor) == 0)
    {
      GraphBox *frame = cli_graph_box_is_frame (box) || box->parent == NULL ? box : box->parent;

      box = box_new (builder, frame, gantry_tensor_get_name (tensor), scope->name);
      box->is_input = TRUE;
      return box;
    }
  if (!cli_graph_box_is_frame (box) && box->parent != NULL)
    return box;
  neighbour = find_neighbour (builder, box, tensor);
  return neighbour != NULL ? neighbour : get_own_box (builder, box, gantry_tensor_get_op_name (tensor));
}

static void
add_op (GraphBox *box, const gchar *name)
{
  if (!g_ptr_array_find_with_equal_func (box->ops, name, g_str_equal, NULL))
    g_ptr_array_add (box->ops, (gpointer) name);
}

static void
add_tensor (Builder *builder, GantryTensor *tensor)
{
  GraphBox *box = find_box (builder, tensor);

  g_hash_table_insert (builder->of_tensor, tensor, box);
  if (cli_graph_is_gradient (tensor))
    {
      box->n_gradient++;
      box->gradient_flops += gantry_tensor_get_flops (tensor);
      return;
    }
  box->n_tensors++;
  box->flops += gantry_tensor_get_flops (tensor);
  box->result = tensor;
  add_op (box, gantry_tensor_get_op_name (tensor));
}

static void
note_use (GraphBox *box, GantryTensor *tensor)
{
  if (box->is_used && gantry_tensor_get_id (tensor) < gantry_tensor_get_id (box->result))
    return;
  box->is_used = TRUE;
  box->result = tensor;
}

static void
add_edge (Builder *builder, GHashTable *seen, GantryTensor *from, GantryTensor *to)
{
  GraphEdge edge = { g_hash_table_lookup (builder->of_tensor, from), g_hash_table_lookup (builder->of_tensor, to),
                     cli_graph_is_gradient (from), cli_graph_is_gradient (to), from };
  gchar *key;

  /* That the gradient of a layer uses what the layers around it computed goes without saying. */
  if (edge.from == NULL || edge.to == NULL || edge.from == edge.to || (!edge.from_gradient && edge.to_gradient))
    return;
  if (!edge.from_gradient)
    note_use (edge.from, from);
  key = g_strdup_printf ("%u %d %u %d", edge.from->order, edge.from_gradient, edge.to->order, edge.to_gradient);
  if (g_hash_table_add (seen, key))
    g_ptr_array_add (builder->picture->edges, g_memdup2 (&edge, sizeof edge));
}

static void
add_edges (Builder *builder)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < builder->summary->tensors->len; i++)
    {
      GantryTensor *tensor = builder->summary->tensors->pdata[i];
      g_autoptr (GPtrArray) sources = g_ptr_array_new ();

      cli_graph_collect_sources (builder->summary, tensor, sources);
      for (guint k = 0; k < sources->len; k++)
        add_edge (builder, seen, sources->pdata[k], tensor);
    }
}

/* What something is computed from: a batch that nothing looks at, such as labels of an unconditional game, has no place in a picture. */
static GHashTable *
find_used (const GraphSummary *summary)
{
  GHashTable *used = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < summary->tensors->len; i++)
    {
      g_autoptr (GPtrArray) sources = g_ptr_array_new ();

      cli_graph_collect_sources (summary, summary->tensors->pdata[i], sources);
      for (guint k = 0; k < sources->len; k++)
        g_hash_table_add (used, sources->pdata[k]);
    }
  return used;
}

GraphPicture *
cli_graph_picture_new (const GraphView *view)
{
  g_autoptr (GraphSummary) summary = cli_graph_summary_new (view);
  g_autoptr (GHashTable) used = find_used (summary);
  g_autofree gchar *phase = g_strdup_printf ("phase %s", view->phase);
  Builder builder = { summary, g_new0 (GraphPicture, 1), g_hash_table_new (g_str_hash, g_str_equal), g_hash_table_new (NULL, NULL), 0 };

  builder.picture->edges = g_ptr_array_new_with_free_func (g_free);
  get_box (&builder, phase);
  for (guint i = 0; i < summary->scopes->len; i++)
    {
      const GraphScope *scope = summary->scopes->pdata[i];
      GraphBox *box = get_box (&builder, scope->name);

      box->n_parameters = scope->n_parameters;
      box->n_variables = g_hash_table_size (scope->variables);
    }
  for (guint i = 0; i < summary->tensors->len; i++)
    {
      GantryTensor *tensor = summary->tensors->pdata[i];

      if (gantry_tensor_get_n_inputs (tensor) > 0 || (cli_graph_is_data (tensor) && g_hash_table_contains (used, tensor)))
        add_tensor (&builder, tensor);
    }
  add_edges (&builder);
  g_hash_table_unref (builder.by_scope);
  g_hash_table_unref (builder.of_tensor);
  return builder.picture;
}

void
cli_graph_picture_free (GraphPicture *self)
{
  box_free (self->root);
  g_ptr_array_unref (self->edges);
  g_free (self);
}
