/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several tensors over the same elements in one pass: stored ones, and reductions over the same axes. */
#include "config.h"

#include "reduction.h"

gboolean
openblas_claim_several (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  ProgramRoot roots[GANTRY_KERNEL_MAX_OUTPUTS] = { { NULL, FALSE } };
  Reduced reduced[GANTRY_KERNEL_MAX_OUTPUTS];
  guint n_reduced = 0, axes = 0, own;
  Program *program;

  for (guint k = 0; k < claim->n_tensors; k++)
    {
      GantryTensor *tensor = claim->tensors[k], *reduction = openblas_find_reduction (claim, tensor, &reduced[n_reduced], &own);

      roots[k] = (ProgramRoot) { reduction != NULL ? gantry_tensor_get_input (reduction, 0) : tensor, reduction == NULL };
      if (reduction == NULL)
        continue;
      if (n_reduced > 0 && own != axes)
        return FALSE;
      axes = own;
      n_reduced++;
    }
  program = openblas_program_new (backend, claim, roots, claim->n_tensors);
  if (program == NULL)
    return FALSE;
  if (n_reduced > 0)
    openblas_fill_reduction (program, reduced, n_reduced, axes, kernel);
  else
    openblas_fill_elementwise (program, kernel);
  return TRUE;
}
