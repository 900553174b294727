/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sum and max over a set of axes, of a fused program or of a tensor in memory.
 *
 * Neighbouring axes of one kind are taken as one, so that kept and reduced axes alternate; the first reduced and the first kept
 * one are cut into a fixed number of pieces.  Each pair of pieces is a task with double accumulators of its own, and what the
 * pieces of the reduced axis gave is combined in a fixed tree.  A mean, the scaled sum, is rounded once.
 */
#include "config.h"

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

static gboolean
claim_scaled (const Openblas *backend, const GantryClaim *claim, GantryTensor *reduction, gdouble factor, GantryKernel *kernel)
{
  GantryTensor *x = gantry_tensor_get_input (reduction, 0);
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (reduction, &n_ints);
  Program *program;
  Reduction *self;

  if (n_ints < 1 || numeric_for (backend, gantry_tensor_get_dtype (x)) == NULL)
    return FALSE;
  program = openblas_program_new (backend, claim, x, FALSE);
  if (program == NULL)
    return FALSE;
  self = g_new0 (Reduction, 1);
  self->program = program;
  self->is_max = g_str_equal (gantry_tensor_get_op_name (reduction), "max");
  self->factor = factor;
  self->n_threads = openblas_count_threads ();
  set_axes (self, &program->shape, ints[0]);
  cut (self);
  kernel->n_inputs = program->n_inputs;
  for (guint i = 0; i < program->n_inputs; i++)
    kernel->inputs[i] = program->tensors[i];
  openblas_fill_kernel (kernel, program->n_steps > 0 ? "fused-reduction" : "reduction",
                        openblas_reduction_get_scratch (self), openblas_reduction_run, self, reduction_free);
  return TRUE;
}

gboolean
openblas_claim_reduction (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  return claim_scaled (backend, claim, claim->tensor, 1, kernel);
}

gboolean
openblas_claim_scale (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *x = gantry_tensor_get_input (claim->tensor, 0);
  guint n_reals;
  const gdouble *reals = gantry_tensor_get_reals (claim->tensor, &n_reals);

  if (n_reals > 0 && g_str_equal (gantry_tensor_get_op_name (x), "sum") && gantry_claim_count_uses (claim, x) == 1
      && claim_scaled (backend, claim, x, reals[0], kernel))
    return TRUE;
  return openblas_claim_elementwise (backend, claim, kernel);
}
