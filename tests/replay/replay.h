/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "replay/case.h"

/* What all cases of a run share. */
typedef struct {
  GantryRegistry *registry;
  const gchar *backend; /* the one asked for */
  GPtrArray *backends;  /* of GantryBackend: that one, then the one that claims everything */
  GantryDType dtype;
} Setup;

/* One case being replayed: its tensors as inputs and variables of a graph, and what came of it. */
typedef struct {
  Case *item;
  const Setup *setup;
  GantryGraph *graph;
  GantryState *state;
  GHashTable *values;    /* name in the case -> GantryTensor */
  GHashTable *draws;     /* input of the graph -> name in the case of the numbers that are bound to it */
  GHashTable *variables; /* name in the case -> full name of the variable that holds it */
  GHashTable *outputs;   /* name in the case -> GantryTensor */
  GHashTable *after;     /* name in the case -> full name of the variable to read when the program has run */
  GHashTable *results;   /* name in the case -> GantryArray */
  GHashTable *seen;      /* keys of the configuration that somebody has read */
} Replay;

Replay *replay_new (Case *item, const Setup *setup);
void replay_free (Replay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Replay, replay_free)

/* Tensors of the case as inputs of the graph; a missing one is an error that sticks to the graph. */
gboolean replay_has (Replay *self, const gchar *name);
GantryTensor *replay_value (Replay *self, const gchar *name);
GantryTensor *replay_try_value (Replay *self, const gchar *name); /* NULL if absent */
/* Tensors of the case instead of what a component draws: x.NAME for the input PREFIX.NAME, where there is one. */
void replay_bind_draws (Replay *self, const gchar *prefix);

/* Tensors of the case as variables: their numbers replace what the initialiser made. */
void replay_hold (Replay *self, const gchar *name, const gchar *variable);
gboolean replay_hold_all (Replay *self, const gchar *network, GError **error); /* param.NAME, buffer.NAME -> NETWORK.NAME */
gboolean replay_fill_state (Replay *self, GError **error);
GantryArray *replay_convert (Replay *self, GantryArray *array); /* (transfer full): floats in the dtype of the run */

/* What the case expects. */
void replay_set_output (Replay *self, const gchar *name, GantryTensor *tensor); /* "y" is out.y */
void replay_set_only_output (Replay *self, GantryTensor *tensor);               /* whatever the one output is called */
void replay_set_after (Replay *self, const gchar *name, const gchar *variable);
void replay_set_result (Replay *self, const gchar *name, GantryArray *array);   /* copies */
const gchar *const *replay_list_outputs (Replay *self);                         /* all that are listed */

GantryTensor *replay_get_target (Replay *self, const gchar *name); /* what a gradient is with respect to */
gboolean replay_differentiate (Replay *self, GError **error); /* the gradients of order 1 or 2 of the outputs so far */
gboolean replay_evaluate (Replay *self, GError **error);      /* compile, run, collect */
GantryProgram *replay_compile (Replay *self, GError **error);
gboolean replay_compare (Replay *self, gdouble *worst, gchar **where); /* FALSE: something is missing or too far off */

/* Categories.  Each leaves results, or says why not. */
gboolean replay_op (Replay *self, GError **error);
gboolean replay_network (Replay *self, GError **error);
gboolean replay_loss (Replay *self, GError **error);
gboolean replay_regularizer (Replay *self, GError **error);
gboolean replay_constraint (Replay *self, GError **error);
gboolean replay_clipping (Replay *self, GError **error);
gboolean replay_optimizer (Replay *self, GError **error);
gboolean replay_training (Replay *self, GError **error);
