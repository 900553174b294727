/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sum and max over a set of axes, of the results of a fused program or of a tensor in memory.
 *
 * Neighbouring axes of one kind are taken as one, so that kept and reduced axes alternate; the first reduced and the first kept
 * one are cut into a fixed number of pieces.  Each pair of pieces is a task with double accumulators of its own, and what the
 * pieces of the reduced axis gave is combined in a fixed tree.  A mean, the scaled sum, is rounded once.
 */
#include "config.h"

#include <string.h>

#include "reduction.h"

#define ENOUGH_TASKS 16
#define SMALL 65536 /* elements that one task reduces before another thread is awake */

static void
reduction_free (gpointer data)
{
  Reduction *self = data;

  g_free (self->program);
  g_free (self);
}

static void
set_axes (Reduction *self, const GantryShape *shape, guint reduced)
{
  gsize stride = 1;

  /* alternating, from a reduced one on */
  self->axes[self->n_axes++] = (Axis) { 1, 0 };
  for (guint axis = 0; axis < shape->n_dims; axis++)
    {
      gboolean is_kept = (reduced >> axis & 1) == 0;

      if (shape->dims[axis] == 1)
        continue;
      if (is_kept == (self->n_axes % 2 == 0))
        self->axes[self->n_axes - 1].size *= shape->dims[axis];
      else
        self->axes[self->n_axes++] = (Axis) { shape->dims[axis], 0 };
    }
  if (self->n_axes == 1)
    self->axes[self->n_axes++] = (Axis) { 1, 0 };
  for (guint axis = self->n_axes; axis-- > 1;)
    if (axis % 2 == 1)
      {
        self->axes[axis].stride = stride;
        stride *= self->axes[axis].size;
      }
  self->n_results = stride;
  self->kept = self->axes[1].stride;
  self->inside = 1;
  for (guint axis = 2; axis < self->n_axes; axis++)
    self->inside *= self->axes[axis].size;
}

static void
cut (Reduction *self)
{
  self->chunks = self->parts = 1;
  if (self->program->size <= SMALL)
    return;
  /* pieces of the kept axis need no combining, but short stretches of memory are slow */
  if (self->axes[0].size == 1)
    self->parts = MIN (self->axes[1].size, ENOUGH_TASKS);
  else
    self->parts = CLAMP (self->axes[1].size * self->inside / 4096, 1, MIN (self->axes[1].size, ENOUGH_TASKS));
  self->chunks = MIN (self->axes[0].size, ENOUGH_TASKS / self->parts);
}

GantryTensor *
openblas_find_reduction (const GantryClaim *claim, GantryTensor *tensor, Reduced *reduced, guint *axes)
{
  guint n_reals = 0, n_ints;
  const gdouble *reals = gantry_tensor_get_reals (tensor, &n_reals);
  const gint64 *ints;

  *reduced = (Reduced) { FALSE, 1 };
  if (g_str_equal (gantry_tensor_get_op_name (tensor), "scale") && n_reals > 0)
    {
      tensor = gantry_tensor_get_input (tensor, 0);
      reduced->factor = reals[0];
      if (!g_str_equal (gantry_tensor_get_op_name (tensor), "sum") || gantry_claim_count_uses (claim, tensor) != 1)
        return NULL;
    }
  reduced->is_max = g_str_equal (gantry_tensor_get_op_name (tensor), "max");
  if (!reduced->is_max && !g_str_equal (gantry_tensor_get_op_name (tensor), "sum"))
    return NULL;
  ints = gantry_tensor_get_ints (tensor, &n_ints);
  *axes = n_ints > 0 ? ints[0] : 0;
  return n_ints > 0 ? tensor : NULL;
}

void
openblas_fill_reduction (Program *program, const Reduced *reduced, guint n_reduced, guint axes, GantryKernel *kernel)
{
  Reduction *self = g_new0 (Reduction, 1);

  self->program = program;
  self->n_reduced = n_reduced;
  memcpy (self->reduced, reduced, n_reduced * sizeof *reduced);
  self->n_threads = openblas_count_threads ();
  set_axes (self, &program->shape, axes);
  cut (self);
  openblas_program_fill_kernel (program, kernel);
  openblas_fill_kernel (kernel, program->n_results > 1 ? "fused-reductions" : program->n_steps > 0 ? "fused-reduction" : "reduction",
                        openblas_reduction_get_scratch (self), openblas_reduction_run, self, reduction_free);
  kernel->run_several = openblas_reduction_run_several;
}

gboolean
openblas_claim_reduction (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  Reduced reduced;
  guint axes;
  GantryTensor *reduction = openblas_find_reduction (claim, claim->tensor, &reduced, &axes);
  Program *program = NULL;

  if (reduction != NULL && numeric_for (backend, gantry_tensor_get_dtype (gantry_tensor_get_input (reduction, 0))) != NULL)
    program = openblas_program_new (backend, claim, &(ProgramRoot) { gantry_tensor_get_input (reduction, 0), FALSE }, 1);
  if (program != NULL)
    openblas_fill_reduction (program, &reduced, 1, axes, kernel);
  return program != NULL;
}

gboolean
openblas_claim_scale (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  return openblas_claim_reduction (backend, claim, kernel) || openblas_claim_elementwise (backend, claim, kernel);
}
