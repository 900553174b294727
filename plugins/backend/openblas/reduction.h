/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reduction-plan.c decides and reduction.c runs. */
#pragma once

#include "program.h"

typedef struct {
  gsize size;
  gsize stride; /* in the result; 0 where the axis is reduced */
} Axis;

typedef struct {
  Program *program;
  gboolean is_max;
  gdouble factor; /* of the results */
  guint n_axes;
  Axis axes[GANTRY_MAX_DIMS + 2]; /* first a reduced one, then a kept one, of size 1 if need be */
  gsize chunks;                   /* of axis 0 */
  gsize parts;                    /* of axis 1 */
  gsize kept;                     /* results for one element of axis 1 */
  gsize inside;                   /* elements of one element of axis 1 */
  gsize n_results;
  guint n_threads;
} Reduction;

gsize openblas_reduction_get_scratch (const Reduction *reduction);
void openblas_reduction_run (gpointer reduction, gconstpointer const *inputs, gpointer output, gpointer scratch);
