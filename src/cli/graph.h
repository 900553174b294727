/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include <gantry/gantry.h>

/* What `gantry graph` shows: the tensors of one phase, as described or as compiled. */
typedef struct {
  const gchar *phase;
  GantryGraph *graph;
  GantryProgram *program;
  gboolean full;          /* one line a tensor, not one a scope */
  gboolean after_compile; /* the kernels of the program, not the tensors of the graph */
} GraphView;

/* The tensors of one scope, and those that differentiating it made. */
typedef struct _GraphScope GraphScope;

struct _GraphScope {
  const gchar *name;     /* whole: "game/adversarial: discriminator: generator (architecture/dcgan): main: 0" */
  GraphScope *parent;    /* the nearest scope around it that has tensors, or NULL */
  GantryTensor *result;  /* the last of the forward direction that other scopes use, or else that is computed; or NULL */
  GHashTable *variables; /* what the same was done to, where the scope is one for each of several variables */
  guint n_tensors;
  gdouble flops;
  guint n_gradient;
  gdouble gradient_flops;
  guint64 n_parameters;
};

typedef struct {
  GPtrArray *tensors; /* of GantryTensor, in order of execution */
  GPtrArray *scopes;  /* of GraphScope, in order of appearance */
  GHashTable *index;  /* tensor -> GraphScope */
} GraphSummary;

GraphSummary *cli_graph_summary_new (const GraphView *view);
void cli_graph_summary_free (GraphSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GraphSummary, cli_graph_summary_free)

gboolean cli_graph_is_gradient (const GantryTensor *tensor);
gboolean cli_graph_is_data (const GantryTensor *tensor);
void cli_graph_collect_sources (const GraphSummary *summary, GantryTensor *tensor, GPtrArray *sources);
gchar *cli_graph_describe_tensor (const GantryTensor *tensor); /* "conv2d float32 [64, 3, 32, 32]" */
gchar *cli_graph_format_count (gdouble count);                 /* "1.23 G" */
gchar *cli_graph_format_bytes (gsize bytes);                   /* "1.23 MiB" */

void cli_graph_print_text (const GraphView *view, FILE *file);
void cli_graph_print_dot (const GraphView *view, FILE *file);
void cli_graph_print_svg (const GraphView *views, guint n_views, FILE *file);
