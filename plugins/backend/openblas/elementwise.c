/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elementwise ops and broadcasts, fused. */
#include "config.h"

#include "program.h"

#define N_STRETCHES 32 /* taking the next one waits until all that was written is in the caches */

typedef struct {
  Program *program;
  guint n_threads;
  gsize n_blocks;
  gsize stretch; /* blocks that a thread takes at a time */
} Elementwise;

static void
elementwise_free (gpointer data)
{
  Elementwise *self = data;

  g_free (self->program);
  g_free (self);
}

static void
elementwise_run_several (gpointer data, gconstpointer const *inputs, gpointer const *outputs, gpointer scratch)
{
  const Elementwise *self = data;
  const Program *program = self->program;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ())) \
  if (program->size * (program->n_steps + 1) > PARALLEL_WORK)
  {
    ProgramState state;

    openblas_program_begin (program, &state, inputs, (guint8 *) scratch + openblas_thread_number () * openblas_program_get_scratch (program));
#pragma omp for schedule(dynamic, self->stretch) nowait
    for (gsize block = 0; block < self->n_blocks; block++)
      {
        gsize start = block * program->block;

        openblas_program_evaluate (&state, start, MIN (program->block, program->size - start), outputs, NULL);
      }
  }
}

static void
elementwise_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  elementwise_run_several (data, inputs, &output, scratch);
}

gboolean
openblas_claim_elementwise (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  const ProgramRoot root = { claim->tensor, TRUE };
  Program *program = openblas_program_new (backend, claim, &root, 1);

  if (program == NULL)
    return FALSE;
  openblas_fill_elementwise (program, kernel);
  return TRUE;
}

void
openblas_fill_elementwise (Program *program, GantryKernel *kernel)
{
  Elementwise *self = g_new0 (Elementwise, 1);

  self->program = program;
  self->n_threads = openblas_count_threads ();
  self->n_blocks = (program->size + program->block - 1) / program->block;
  self->stretch = MAX (1, self->n_blocks / N_STRETCHES);
  openblas_program_fill_kernel (program, kernel);
  openblas_fill_kernel (kernel, program->n_results > 1 ? "fused-outputs" : program->n_steps > 1 ? "fused" : "elementwise",
                        self->n_threads * openblas_program_get_scratch (program), elementwise_run, self, elementwise_free);
  kernel->run_several = elementwise_run_several;
}
