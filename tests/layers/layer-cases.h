/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A row a layer: its gradients are checked by finite differences, and on every backend. */
#pragma once

#include "layers/model.h"

#define LAYER_CASE_DRAWS 5 /* shapes that are tried */

typedef struct {
  const gchar *name;
  GantryMode mode;
  gboolean first_order; /* something is a constant to the gradient that moves with the inputs: no second derivative to compare */
  GantryTensor *(*build) (GantryGraph *graph, GRand *rand); /* feeds "x", ...; sizes are drawn */
} LayerCase;

extern const LayerCase layer_cases[];
extern const guint n_layer_cases;

/*
 * S = sum (y c) of the layer's result y and numbers c; g_k = dS/d_k for the feeds and trainable variables; P = sum over k of
 * sum (g_k v_k) with directions v_k; h_k = dP/d_k.  Outputs "S", "P", "g0", ..., "h0", ....
 */
typedef struct {
  GantryGraph *graph;
  guint n;       /* differentiated tensors */
  gchar **names; /* of the feed or variable each of them is */
} LayerProblem;

LayerProblem *layer_problem_new (const LayerCase *row, guint draw, GantryDType dtype);
void layer_problem_free (LayerProblem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LayerProblem, layer_problem_free)

/* Fills the inputs of a program of the problem, and the trainable variables. */
void layer_problem_fill (const LayerProblem *self, GantryProgram *program, GantryState *state);
/* The numbers that tensor k is differentiated by. */
GantryArray *layer_problem_get (const LayerProblem *self, GantryProgram *program, GantryState *state, guint k);
