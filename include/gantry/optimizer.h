/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/context.h>

G_BEGIN_DECLS

#define GANTRY_OPTIMIZER_MAX_SLOTS 8

/**
 * GantryOptimizerInput:
 * @parameter: the parameter
 * @gradient: the objective's gradient, of its shape
 * @slots: the optimizer's memory of this parameter, in the order that `slots` names it; zeros at first
 * @rate: learning rate, a scalar of the graph's dtype
 * @step: number of this step, from 1, a float64 scalar
 * @share: part of a whole step that this is, already in @rate: decays are raised to it, as gantry_optimizer_get_decay() does
 */
typedef struct {
  GantryContext context;
  gsize size;
  GantryTensor *parameter;
  GantryTensor *gradient;
  GantryTensor *slots[GANTRY_OPTIMIZER_MAX_SLOTS];
  GantryTensor *rate;
  GantryTensor *step;
  gdouble share;
} GantryOptimizerInput;

/**
 * GantryOptimizerOutput:
 * @parameter: the parameter after the step
 * @slots: the slots after the step
 */
typedef struct {
  gsize size;
  GantryTensor *parameter;
  GantryTensor *slots[GANTRY_OPTIMIZER_MAX_SLOTS];
} GantryOptimizerOutput;

#define GANTRY_TYPE_OPTIMIZER (gantry_optimizer_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryOptimizer, gantry_optimizer, GANTRY, OPTIMIZER, GantryComponent)

/**
 * GantryOptimizerInterface:
 * @slots: names of what it remembers of each parameter, each of the parameter's shape, %NULL-terminated
 * @step: pure and symbolic: (parameter, gradient, slots, rate) -> (parameter', slots')
 *
 * An optimizer has a schedulable property `learning-rate`.
 */
struct _GantryOptimizerInterface {
  GTypeInterface parent_iface;
  const gchar *const *(*slots) (GantryOptimizer *self);
  void (*step) (GantryOptimizer *self, const GantryOptimizerInput *in, GantryOptimizerOutput *out);
  gpointer reserved[8];
};

GANTRY_API const gchar *const *gantry_optimizer_slots (GantryOptimizer *self);
GANTRY_API void gantry_optimizer_step (GantryOptimizer *self, const GantryOptimizerInput *in, GantryOptimizerOutput *out);

/* One step of every given variable in the graph: reads and assigns `optimizer.PLAYER.SLOT.VARIABLE` and `optimizer.PLAYER.step`. */
GANTRY_API gdouble gantry_optimizer_get_decay (const GantryOptimizerInput *in, const gchar *key);
GANTRY_API void gantry_optimizer_apply_share (GantryOptimizer *self, GantryGraph *graph, const gchar *player, GPtrArray *variables,
                                              GPtrArray *gradients, gdouble share);
GANTRY_API void gantry_optimizer_apply (GantryOptimizer *self, GantryGraph *graph, const gchar *player, GPtrArray *variables, GPtrArray *gradients);

/* Scales gradients so that their common Euclidean norm is at most @max_norm. */
GANTRY_API GantryTensor *gantry_clip_gradients (GantryTensor **gradients, guint n, gdouble max_norm, gdouble eps);

G_END_DECLS
