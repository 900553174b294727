/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reduction-plan.c decides and reduction.c runs. */
#pragma once

#include "program.h"

typedef struct {
  gsize size;
  gsize stride; /* in the result; 0 where the axis is reduced */
} Axis;

/* A sum or maximum, or the factor times it. */
typedef struct {
  gboolean is_max;
  gdouble factor;
} Reduced;

typedef struct {
  Program *program;
  Reduced reduced[GANTRY_KERNEL_MAX_OUTPUTS]; /* of those results of the program that are not stored */
  guint n_reduced;
  guint n_axes;
  Axis axes[GANTRY_MAX_DIMS + 2]; /* first a reduced one, then a kept one, of size 1 if need be */
  gsize chunks;                   /* of axis 0 */
  gsize parts;                    /* of axis 1 */
  gsize kept;                     /* results for one element of axis 1 */
  gsize inside;                   /* elements of one element of axis 1 */
  gsize n_results;                /* of each reduction */
  guint n_threads;
} Reduction;

gsize openblas_reduction_get_scratch (const Reduction *reduction);
void openblas_reduction_run (gpointer reduction, gconstpointer const *inputs, gpointer output, gpointer scratch);
void openblas_reduction_run_several (gpointer reduction, gconstpointer const *inputs, gpointer const *outputs, gpointer scratch);
/* reduction-plan.c: the reduction that a tensor is, or NULL */
GantryTensor *openblas_find_reduction (const GantryClaim *claim, GantryTensor *tensor, Reduced *reduced, guint *axes);
/* a kernel that reduces what the program does not store over the axes (transfer full) */
void openblas_fill_reduction (Program *program, const Reduced *reduced, guint n_reduced, guint axes, GantryKernel *kernel);
