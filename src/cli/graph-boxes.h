/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A phase as a picture: boxes in frames. */
#pragma once

#include "cli/graph.h"

typedef struct _GraphBox GraphBox;

/* A frame of a scope that has others inside, or a box of what is computed in one scope; beside it, of what differentiates it. */
struct _GraphBox {
  gchar *title;         /* the last part of the scope, or the name of an input */
  const gchar *scope;   /* whole */
  GraphBox *parent;
  GPtrArray *children;  /* of GraphBox; a frame has some */
  guint order;          /* of appearance */
  gboolean is_input;    /* a batch or a draw */
  GPtrArray *ops;       /* names, each once, in order */
  guint n_tensors, n_gradient, n_variables;
  gdouble flops, gradient_flops;
  guint64 n_parameters;
  GantryTensor *result; /* the last that others use, or else that is computed */
  gboolean is_used;
  /* Where it is drawn. */
  guint rank;
  gdouble x, y, width, height;
};

/* One arrow, however many tensors pass. */
typedef struct {
  GraphBox *from, *to;
  gboolean from_gradient, to_gradient;
  GantryTensor *tensor; /* the first of them */
} GraphEdge;

typedef struct {
  GraphBox *root;
  GPtrArray *edges; /* of GraphEdge */
} GraphPicture;

GraphPicture *cli_graph_picture_new (const GraphView *view);
void cli_graph_picture_free (GraphPicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GraphPicture, cli_graph_picture_free)

gboolean cli_graph_box_is_frame (const GraphBox *box);
/* The one thing inside a frame that has nothing else: it is drawn in its stead, with both names. */
GraphBox *cli_graph_box_get_core (const GraphBox *box);

/* Widths and heights of what is drawn. */
#define GRAPH_BOX_WIDTH 290.0
#define GRAPH_GRADIENT_WIDTH 190.0
#define GRAPH_TWIN_GAP 34.0
#define GRAPH_BOX_HEIGHT 74.0
#define GRAPH_INPUT_HEIGHT 42.0
#define GRAPH_ROW_GAP 34.0

/* Gives every box its place, the root at (0, 0). */
void cli_graph_picture_place (GraphPicture *self);
