/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the floors above need of a graph beyond its public face. */
#pragma once

#include <gantry/op.h>
#include <gantry/ops.h>

/* gantry_apply() for an op without inputs ("fill", "constant"), which cannot tell its graph. */
GantryTensor *_gantry_graph_apply (GantryGraph *graph, const GantryOp *op, GantryTensor *const *inputs, guint n_inputs,
                                   const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals);

/* A leaf of one graph made again in another: same name, shape, kind, attributes and scope; the same leaf each time. */
GantryTensor *_gantry_graph_import (GantryGraph *to, GantryTensor *leaf);

/* The convolution @like, of a graph that may be another, with blocked images.  @blockings: of both inputs and of the result. */
GantryTensor *_gantry_blocked_convolution (GantryTensor *like, GantryTensor *a, GantryTensor *b, const GantryBlocking blockings[3]);

/* A tensor once more in its graph, of the same inputs or of others like them; nothing is simplified. */
GantryTensor *_gantry_tensor_repeat (GantryTensor *tensor, GantryTensor *const *inputs);

/* Replaces the label that new tensors carry and returns the former one, to be put back. */
const gchar *_gantry_graph_swap_label (GantryGraph *graph, const gchar *label);

/* Variables with an assigned value, in order of their first assignment (transfer container). */
GPtrArray *_gantry_graph_list_assigned (GantryGraph *graph);
void _gantry_graph_discard_assigned (GantryGraph *graph); /* a run will commit nothing */

/*
 * Another step begins, which is described behind those before it and runs after them: what they assigned it reads as constants, and its inputs
 * are named as if it were alone in the graph.  Of one name and shape they are the same tensors as theirs.
 */
void _gantry_graph_begin_stage (GantryGraph *graph);
GPtrArray *_gantry_graph_list_stage_variables (GantryGraph *graph); /* declared since then, in that order (transfer container) */
const gchar *_gantry_tensor_get_draw (const GantryTensor *tensor);    /* the name that a random tensor is drawn by */

GantryComponent *_gantry_tensor_get_component (const GantryTensor *tensor); /* of a "scalar", else NULL */
const gchar *_gantry_tensor_get_key (const GantryTensor *tensor);           /* of a "scalar", else NULL */
GantryVariable *_gantry_tensor_get_variable (const GantryTensor *tensor);   /* of a "variable", else NULL */

/* Whether an initializer can fill such a variable. */
gboolean _gantry_initializer_check (const GantryInitializer *initializer, const GantryShape *shape, GantryDType dtype, GError **error);
