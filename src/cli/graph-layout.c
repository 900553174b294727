/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Places boxes in layers: what is computed from something stands below it.  A frame is laid out first, and is then a box of the frame
   around it, so that frames never overlap. */
#include "cli/graph-boxes.h"

#define PADDING 14.0
#define TITLE_HEIGHT 24.0
#define COLUMN_GAP 30.0

/* The ancestor of a box, or itself, that is a child of the frame; NULL where it is not inside. */
static GraphBox *
lift (GraphBox *box, const GraphBox *frame)
{
  while (box != NULL && box->parent != frame)
    box = box->parent;
  return box;
}

static gint
compare_order (gconstpointer a, gconstpointer b)
{
  const GraphBox *x = *(GraphBox *const *) a, *y = *(GraphBox *const *) b;

  return (x->order > y->order) - (x->order < y->order);
}

/* Nothing in the frame is above it. */
static gboolean
is_source (const GraphPicture *picture, const GraphBox *frame, const GraphBox *box)
{
  for (guint k = 0; k < picture->edges->len; k++)
    {
      const GraphEdge *edge = picture->edges->pdata[k];
      const GraphBox *from = lift (edge->to, frame) == box ? lift (edge->from, frame) : NULL;

      if (from != NULL && from != box)
        return FALSE;
    }
  return !cli_graph_box_is_frame (box);
}

/* What starts by itself stands just above what uses it first. */
static void
pull_sources (const GraphPicture *picture, const GraphBox *frame)
{
  for (guint i = 0; i < frame->children->len; i++)
    {
      GraphBox *source = frame->children->pdata[i];
      guint lowest = G_MAXUINT;

      for (guint k = 0; k < picture->edges->len && is_source (picture, frame, source); k++)
        {
          const GraphEdge *edge = picture->edges->pdata[k];
          const GraphBox *user = edge->from == source ? lift (edge->to, frame) : NULL;

          if (user != NULL && user != source)
            lowest = MIN (lowest, user->rank);
        }
      if (lowest != G_MAXUINT && lowest > 0)
        source->rank = lowest - 1;
    }
}

/* What is above what in a frame: n x n truth values by index of the children, closed under going on. */
typedef struct {
  guint n;
  guint8 *above;
} Order;

/* One more pair, unless it would make a circle, as state that is carried from one turn to the next does. */
static void
put_above (Order *order, guint upper, guint lower)
{
  if (upper == lower || order->above[lower * order->n + upper])
    return;
  for (guint i = 0; i < order->n; i++)
    for (guint k = 0; k < order->n; k++)
      if ((i == upper || order->above[i * order->n + upper]) && (k == lower || order->above[lower * order->n + k]))
        order->above[i * order->n + k] = TRUE;
}

static guint
get_index (const GraphBox *frame, const GraphBox *child)
{
  guint i;

  return g_ptr_array_find (frame->children, child, &i) ? i : G_MAXUINT;
}

/* What takes gradients comes after all that they are the gradients of. */
static void
order_children (const GraphPicture *picture, const GraphBox *frame, Order *order)
{
  for (guint k = 0; k < picture->edges->len; k++)
    {
      const GraphEdge *edge = picture->edges->pdata[k];
      guint from = get_index (frame, lift (edge->from, frame)), to = get_index (frame, lift (edge->to, frame));

      if (from != G_MAXUINT && to != G_MAXUINT && !edge->to_gradient && !edge->from_gradient)
        put_above (order, from, to);
    }
  for (guint k = 0; k < picture->edges->len; k++)
    {
      const GraphEdge *edge = picture->edges->pdata[k];
      guint to = get_index (frame, lift (edge->to, frame));

      if (to == G_MAXUINT || edge->to_gradient || !edge->from_gradient || lift (edge->from, frame) == lift (edge->to, frame))
        continue;
      for (guint i = 0; i < to; i++)
        put_above (order, i, to);
    }
}

/* The longest way from above. */
static guint
find_ranks (const GraphPicture *picture, GraphBox *frame)
{
  guint n = frame->children->len, n_ranks = 0;
  g_autofree guint8 *above = g_new0 (guint8, n * n);
  Order order = { n, above };
  gboolean changed = TRUE;

  for (guint i = 0; i < n; i++)
    ((GraphBox *) frame->children->pdata[i])->rank = 0;
  order_children (picture, frame, &order);
  while (changed)
    {
      changed = FALSE;
      for (guint i = 0; i < n * n; i++)
        {
          const GraphBox *upper = frame->children->pdata[i / n];
          GraphBox *lower = frame->children->pdata[i % n];

          if (!above[i] || lower->rank > upper->rank)
            continue;
          lower->rank = upper->rank + 1;
          changed = TRUE;
        }
    }
  pull_sources (picture, frame);
  for (guint i = 0; i < n; i++)
    n_ranks = MAX (n_ranks, ((GraphBox *) frame->children->pdata[i])->rank + 1);
  return n_ranks;
}

static void
set_size (GraphBox *box)
{
  box->width = GRAPH_BOX_WIDTH + (box->n_gradient > 0 ? GRAPH_TWIN_GAP + GRAPH_GRADIENT_WIDTH : 0);
  box->height = box->is_input ? GRAPH_INPUT_HEIGHT : GRAPH_BOX_HEIGHT;
}

static gdouble
place_row (GraphBox *frame, guint rank, gdouble y)
{
  gdouble x = PADDING, height = 0;

  for (guint i = 0; i < frame->children->len; i++)
    {
      const GraphBox *child = frame->children->pdata[i];

      if (child->rank == rank)
        height = MAX (height, child->height);
    }
  /* Inputs at the right of the rest, low, where what uses them is near. */
  for (gboolean inputs = FALSE; inputs <= TRUE; inputs++)
    for (guint i = 0; i < frame->children->len; i++)
      {
        GraphBox *child = frame->children->pdata[i];

        if (child->rank != rank || child->is_input != inputs)
          continue;
        child->x = x;
        child->y = child->is_input ? y + height - child->height : y;
        x += child->width + COLUMN_GAP;
        frame->width = MAX (frame->width, child->x + child->width + PADDING);
      }
  return height > 0 ? y + height + GRAPH_ROW_GAP : y;
}

static void
place (const GraphPicture *picture, GraphBox *box)
{
  GraphBox *core = cli_graph_box_get_core (box);
  gdouble y = PADDING + (box->parent != NULL ? TITLE_HEIGHT : 0);
  guint n_ranks;

  if (!cli_graph_box_is_frame (box))
    {
      set_size (box);
      return;
    }
  for (guint i = 0; i < box->children->len; i++)
    place (picture, box->children->pdata[i]);
  if (core != NULL)
    {
      box->width = core->width;
      box->height = core->height;
      return;
    }
  g_ptr_array_sort (box->children, compare_order);
  n_ranks = find_ranks (picture, box);
  box->width = 40 + 8 * (gdouble) strlen (box->title);
  for (guint rank = 0; rank < n_ranks; rank++)
    y = place_row (box, rank, y);
  box->height = y - GRAPH_ROW_GAP + PADDING;
}

/* From places within the frame to places in the picture. */
static void
shift (GraphBox *box)
{
  for (guint i = 0; i < box->children->len; i++)
    {
      GraphBox *child = box->children->pdata[i];

      child->x += box->x;
      child->y += box->y;
      shift (child);
    }
}

void
cli_graph_picture_place (GraphPicture *self)
{
  place (self, self->root);
  shift (self->root);
}
