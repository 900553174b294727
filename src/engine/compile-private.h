/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/program.h>

/* A result: of an output's name, or of a variable's that is assigned. */
typedef struct {
  const gchar *name;
  GantryTensor *tensor;
} GantryResult;

/* A graph on its way to a program: what is computed, and for what. */
typedef struct {
  GantryGraph *source; /* what was given to the compiler */
  GantryGraph *graph;  /* the simplified one */
  gchar **output_names;
  GArray *outputs;     /* GantryResult, in order */
  GArray *assignments; /* GantryResult, in order */
  GHashTable *reorders; /* set of the tensors of @graph that only move elements into another layout */
  GantryPrecision precision;
  guint *uses;         /* of each tensor by id, by live tensors, outputs and assignments; 0: dead */
} GantryLowering;

GantryLowering *_gantry_lowering_new (GantryGraph *graph, GantryCompileFlags flags, GError **error);
/* In the place of what was there (transfer full); results are tensors of it already. */
void _gantry_lowering_replace_graph (GantryLowering *self, GantryGraph *graph);
void _gantry_lowering_recount (GantryLowering *self); /* uses, where @graph has grown */
/* Blocks what the backends want blocked. */
gboolean _gantry_lowering_choose_layouts (GantryLowering *self, GantryBackend *const *backends, guint n_backends, GError **error);
void _gantry_lowering_free (GantryLowering *self);
guint _gantry_lowering_count_uses (GantryLowering *self, GantryTensor *tensor);
gboolean _gantry_tensor_is_view (GantryTensor *tensor);
GantryTensor *_gantry_tensor_get_root (GantryTensor *tensor); /* the tensor whose memory a view looks at */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryLowering, _gantry_lowering_free)

/* One kernel of the schedule, and what it computes. */
typedef struct {
  GantryTensor *tensors[GANTRY_KERNEL_MAX_OUTPUTS]; /* in the order of construction */
  guint n_tensors;
  GantryKernel kernel;
  guint backend; /* index in the list of backends */
  gsize extent;  /* elements of the largest tensor that it touches */
  gconstpointer inputs[GANTRY_KERNEL_MAX_INPUTS];
  gpointer outputs[GANTRY_KERNEL_MAX_OUTPUTS];
  gpointer scratch;
  gboolean is_repeated; /* another one has computed the same, and owns what the kernel has prepared */
} GantryStep;

void _gantry_step_clear (gpointer step); /* frees what belongs to its kernel */
static inline GantryTensor *
_gantry_step_get_tensor (const GantryStep *step)
{
  return step->tensors[step->n_tensors - 1];
}

gboolean _gantry_claim_check_inputs (GantryTensor *tensor, const GantryKernel *kernel);
/* Steps over the same elements become one where their backend has a kernel for both. */
gboolean _gantry_claim_join_steps (GantryLowering *lowering, GantryBackend *const *backends, GArray *steps, GError **error);
GArray *_gantry_claim_steps (GantryLowering *lowering, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, GError **error);
