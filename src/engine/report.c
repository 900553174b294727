/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the compiler made of a graph. */
#include <string.h>

#include "program-private.h"

gboolean
_gantry_graph_count_flops (GantryGraph *graph, GantryCompileFlags flags, gdouble *flops, GError **error)
{
  g_autoptr (GantryLowering) lowering = _gantry_lowering_new (graph, flags, error);

  *flops = 0;
  for (guint id = 0; lowering != NULL && id < gantry_graph_get_n_tensors (lowering->graph); id++)
    if (lowering->uses[id] > 0)
      *flops += gantry_tensor_get_flops (gantry_graph_get_tensor (lowering->graph, id));
  return lowering != NULL;
}

static gsize
count_arrays (GantryProgram *self)
{
  gsize bytes = 0;

  for (guint i = 0; i < self->inputs->len; i++)
    {
      GantryArray *array = g_array_index (self->inputs, GantryInput, i).array;

      bytes += array != NULL ? gantry_array_get_bytes (array) : 0;
    }
  for (guint i = 0; i < self->outputs->len; i++)
    bytes += gantry_array_get_bytes (g_array_index (self->outputs, GantryOutput, i).array);
  for (guint i = 0; i < self->arrays->len; i++)
    bytes += gantry_array_get_bytes (self->arrays->pdata[i]);
  return bytes - self->variable_bytes;
}

/**
 * gantry_program_get_report:
 * @self: a program
 * @report: (out caller-allocates): filled as far as its `size` says
 *
 * Sizes and counts of a compiled program.
 */
void
gantry_program_get_report (GantryProgram *self, GantryProgramReport *report)
{
  GantryLowering *lowering = self->lowering;
  GantryProgramReport full = { .size = report->size };

  full.n_tensors = gantry_graph_get_n_tensors (lowering->source);
  full.n_kernels = self->steps->len;
  full.workspace = self->workspace_bytes;
  full.variables = self->variable_bytes;
  full.arrays = count_arrays (self);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const GantryStep *step = &g_array_index (self->steps, GantryStep, i);
      GantryKernelReport kernel = { sizeof kernel };

      gantry_program_get_kernel_report (self, i, &kernel);
      full.flops += step->is_repeated ? 0 : kernel.flops;
      full.n_fall_throughs += step->backend > 0;
      full.n_repeated += step->is_repeated;
      full.n_blocked += g_str_has_prefix (gantry_tensor_get_op_name (_gantry_step_get_tensor (step)), "blocked-");
      full.n_reorders += g_hash_table_contains (lowering->reorders, _gantry_step_get_tensor (step));
    }
  memcpy (report, &full, MIN (report->size, sizeof full));
}

/**
 * gantry_program_get_n_kernels:
 * @self: a program
 *
 * Returns: how many kernels a run calls
 */
guint
gantry_program_get_n_kernels (GantryProgram *self)
{
  return self->steps->len;
}

static const gchar *
backend_name (GantryBackend *backend)
{
  const gchar *name = GANTRY_IS_COMPONENT (backend) ? gantry_component_get_name ((GantryComponent *) backend) : NULL;

  return name != NULL ? name : G_OBJECT_TYPE_NAME (backend);
}

/**
 * gantry_program_get_kernel:
 * @self: a program
 * @i: index in the order of execution, below [method@Gantry.Program.get_n_kernels]
 * @kernel: (out) (optional) (transfer none): what the backend calls it
 * @backend: (out) (optional) (transfer none): name of the backend
 *
 * A kernel of the program, and the tensor that it computes, the last one where it computes several: of the simplified graph, alive as long as the
 * program.
 *
 * Returns: (transfer none) (nullable): the tensor, or %NULL where there are fewer kernels
 */
GantryTensor *
gantry_program_get_kernel (GantryProgram *self, guint i, const gchar **kernel, const gchar **backend)
{
  const GantryStep *step;

  g_return_val_if_fail (i < self->steps->len, NULL);
  step = &g_array_index (self->steps, GantryStep, i);
  if (kernel != NULL)
    *kernel = step->kernel.name;
  if (backend != NULL)
    *backend = backend_name (g_ptr_array_index (self->backends, step->backend));
  return _gantry_step_get_tensor (step);
}
