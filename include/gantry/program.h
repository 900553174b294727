/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/backend.h>
#include <gantry/state.h>

G_BEGIN_DECLS

#define GANTRY_TYPE_PROGRAM (gantry_program_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryProgram, gantry_program, GANTRY, PROGRAM, GObject)

/**
 * GantryRun:
 * @step: which step it is: part of the counter of random draws
 * @sample: global index of the batch's first sample, likewise
 */
typedef struct {
  gsize size;
  guint64 step;
  guint64 sample;
} GantryRun;

/**
 * GantryProgramReport:
 *
 * What the compiler made of a graph.
 */
typedef struct {
  gsize size;
  guint n_tensors;         /* of the graph, before anything was removed */
  guint n_kernels;
  gdouble flops;           /* of one run */
  gsize workspace;         /* bytes planned for intermediate tensors and scratch */
  gsize variables;         /* bytes of the variables it touches */
  guint n_fall_throughs;   /* kernels that the first backend left to a later one */
  guint n_blocked;         /* convolutions of blocked tensors */
  guint n_reorders;        /* kernels that bring a tensor from one layout into another */
} GantryProgramReport;

/**
 * GantryCompileFlags:
 * @GANTRY_COMPILE_DEFAULT: everything
 * @GANTRY_COMPILE_NO_SIMPLIFY: the graph is run as it was built, without what no output needs; tensors stay plain
 * @GANTRY_COMPILE_NO_REUSE: every intermediate tensor has memory of its own
 * @GANTRY_COMPILE_NO_LAYOUTS: every tensor stays plain
 *
 * What the compiler leaves out: to find out whether a wrong number is its doing.
 */
typedef enum {
  GANTRY_COMPILE_DEFAULT = 0,
  GANTRY_COMPILE_NO_SIMPLIFY = 1 << 0,
  GANTRY_COMPILE_NO_REUSE = 1 << 1,
  GANTRY_COMPILE_NO_LAYOUTS = 1 << 2
} GantryCompileFlags;

GANTRY_API GantryProgram *gantry_program_compile_full (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                                                       GantryCompileFlags flags, GError **error);
GANTRY_API GantryProgram *gantry_program_compile (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                                                  GError **error);
GANTRY_API GantryArray *gantry_program_get_input (GantryProgram *self, const gchar *name); /* (transfer none): fill it; marks it bound */
GANTRY_API gboolean gantry_program_bind (GantryProgram *self, const gchar *name, GantryArray *values, GError **error); /* copies; NULL unbinds */
GANTRY_API gboolean gantry_program_run (GantryProgram *self, const GantryRun *run, GError **error);
GANTRY_API GantryArray *gantry_program_get_output (GantryProgram *self, const gchar *name); /* (transfer none) */
GANTRY_API void gantry_program_get_report (GantryProgram *self, GantryProgramReport *report);
GANTRY_API guint gantry_program_get_n_kernels (GantryProgram *self);
GANTRY_API GantryTensor *gantry_program_get_kernel (GantryProgram *self, guint i, const gchar **kernel, const gchar **backend);

G_END_DECLS
