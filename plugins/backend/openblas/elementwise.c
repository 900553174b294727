/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops and broadcasts, fused. */
#include "config.h"

#include "program.h"

typedef struct {
  Program *program;
  guint n_threads;
  gsize n_blocks;
} Elementwise;

static void
elementwise_free (gpointer data)
{
  Elementwise *self = data;

  g_free (self->program);
  g_free (self);
}

static void
elementwise_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Elementwise *self = data;
  const Program *program = self->program;
  gsize size = program->gives_bool ? 1 : program->numeric->loops->size;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ())) \
  if (program->size * (program->n_steps + 1) > PARALLEL_WORK)
  {
    ProgramState state;

    openblas_program_begin (program, &state, inputs, (guint8 *) scratch + openblas_thread_number () * openblas_program_get_scratch (program));
#pragma omp for schedule(dynamic, 4) nowait
    for (gsize block = 0; block < self->n_blocks; block++)
      {
        gsize start = block * program->block;

        openblas_program_evaluate (&state, start, MIN (program->block, program->size - start), (guint8 *) output + start * size);
      }
  }
}

gboolean
openblas_claim_elementwise (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  Program *program = openblas_program_new (backend, claim, claim->tensor, TRUE);
  Elementwise *self;

  if (program == NULL)
    return FALSE;
  self = g_new0 (Elementwise, 1);
  self->program = program;
  self->n_threads = openblas_count_threads ();
  self->n_blocks = (program->size + program->block - 1) / program->block;
  kernel->n_inputs = program->n_inputs;
  for (guint i = 0; i < program->n_inputs; i++)
    {
      kernel->inputs[i] = program->tensors[i];
      /* a block's inputs are read before its output is written */
      if (program->inputs[i].kind == OPERAND_FULL && program->inputs[i].is_bool == program->gives_bool)
        kernel->in_place |= 1u << i;
    }
  openblas_fill_kernel (kernel, program->n_steps > 1 ? "fused" : "elementwise", self->n_threads * openblas_program_get_scratch (program),
                        elementwise_run, self, elementwise_free);
  return TRUE;
}
