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
  guint n_repeated;        /* kernels that compute again what was not kept; not among @flops */
  gsize arrays;            /* bytes of its inputs, outputs and constants */
} GantryProgramReport;

/**
 * GantryKernelReport:
 *
 * One kernel of a program.  What it points at lives as long as the program.
 */
typedef struct {
  gsize size;
  GantryTensor *tensor;  /* what it computes, the last one where it is several: of the simplified graph */
  const gchar *name;     /* what the backend calls it */
  const gchar *backend;
  const gchar *op;       /* of what it computes, the op with the most FLOPs */
  gdouble flops;         /* of one call, with all that it absorbed */
  gdouble bytes;         /* of its inputs and its results, each once */
  gsize scratch;         /* bytes */
  gboolean fell_through; /* the first backend left it to a later one */
  gboolean is_repeated;  /* it computes again what another one has, and was not kept */
  guint n_tensors;       /* that it computes */
} GantryKernelReport;

/**
 * GantryProgramPart:
 * @GANTRY_PROGRAM_INPUTS: random inputs are drawn, scalars read
 * @GANTRY_PROGRAM_KERNEL: a kernel runs
 * @GANTRY_PROGRAM_RESULTS: outputs and variables that no kernel writes in their place are moved there
 *
 * A part of a run.
 */
typedef enum {
  GANTRY_PROGRAM_INPUTS,
  GANTRY_PROGRAM_KERNEL,
  GANTRY_PROGRAM_RESULTS
} GantryProgramPart;

/**
 * GantryProgramSpan:
 * @kernel: index of the kernel, in the order of execution; 0 for other parts
 * @start: nanoseconds of the monotonic clock
 * @end: likewise
 *
 * When a part of a run took place.
 */
typedef struct {
  gsize size;
  GantryProgramPart part;
  guint kernel;
  gint64 start;
  gint64 end;
} GantryProgramSpan;

/**
 * GantryProgramProfileFunc:
 * @program: the program that runs
 * @span: the part that ended
 * @user_data: what was given with the function
 *
 * Is told of the parts of a run, in order.
 */
typedef void (*GantryProgramProfileFunc) (GantryProgram *program, const GantryProgramSpan *span, gpointer user_data);

/**
 * GantryCompileFlags:
 * @GANTRY_COMPILE_DEFAULT: everything
 * @GANTRY_COMPILE_NO_SIMPLIFY: the graph is run as it was built, without what no output needs; tensors stay plain
 * @GANTRY_COMPILE_NO_REUSE: every intermediate tensor has memory of its own, and kernels run in the order of construction
 * @GANTRY_COMPILE_NO_LAYOUTS: every tensor stays plain
 * @GANTRY_COMPILE_BFLOAT16: %GANTRY_PRECISION_BFLOAT16
 * @GANTRY_COMPILE_IN_ORDER: kernels run in the order of construction, each of them once
 * @GANTRY_COMPILE_NO_JOIN: every kernel computes one tensor
 *
 * What the compiler leaves out, to find out whether a wrong number is its doing; and what it may round.
 */
typedef enum {
  GANTRY_COMPILE_DEFAULT = 0,
  GANTRY_COMPILE_NO_SIMPLIFY = 1 << 0,
  GANTRY_COMPILE_NO_REUSE = 1 << 1,
  GANTRY_COMPILE_NO_LAYOUTS = 1 << 2,
  GANTRY_COMPILE_BFLOAT16 = 1 << 3,
  GANTRY_COMPILE_NO_JOIN = 1 << 8,
  GANTRY_COMPILE_IN_ORDER = 1 << 9
} GantryCompileFlags;

GANTRY_API GantryProgram *gantry_program_compile_full (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                                                       GantryCompileFlags flags, GError **error);
GANTRY_API GantryProgram *gantry_program_compile_within (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                                                         GantryCompileFlags flags, gsize workspace, GError **error);
GANTRY_API GantryProgram *gantry_program_compile (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                                                  GError **error);
GANTRY_API GantryArray *gantry_program_get_input (GantryProgram *self, const gchar *name); /* (transfer none): fill it; marks it bound */
GANTRY_API gboolean gantry_program_bind (GantryProgram *self, const gchar *name, GantryArray *values, GError **error); /* copies; NULL unbinds */
GANTRY_API gboolean gantry_program_run (GantryProgram *self, const GantryRun *run, GError **error);
GANTRY_API GantryArray *gantry_program_get_output (GantryProgram *self, const gchar *name); /* (transfer none) */
GANTRY_API void gantry_program_get_report (GantryProgram *self, GantryProgramReport *report);
GANTRY_API guint gantry_program_get_n_kernels (GantryProgram *self);
GANTRY_API GantryTensor *gantry_program_get_kernel (GantryProgram *self, guint i, const gchar **kernel, const gchar **backend);
GANTRY_API void gantry_programs_share_workspace (GantryProgram *const *programs, guint n_programs);
GANTRY_API gboolean gantry_program_shares_workspace (GantryProgram *self, GantryProgram *other);
GANTRY_API void gantry_program_get_kernel_report (GantryProgram *self, guint i, GantryKernelReport *report);
GANTRY_API void gantry_program_set_profile_func (GantryProgram *self, GantryProgramProfileFunc func, gpointer user_data, GDestroyNotify notify);

G_END_DECLS
