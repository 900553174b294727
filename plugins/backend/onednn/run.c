/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <omp.h>
#include <string.h>

#include "operation.h"

#define BLOCK 4096

/* oneDNN is told only what has changed. */
static void
set_address (dnnl_memory_t memory, gpointer address)
{
  gpointer present = NULL;

  if (memory == NULL || (dnnl_memory_get_data_handle (memory, &present) == dnnl_success && present == address))
    return;
  dnnl_memory_set_data_handle (memory, address);
}

static void
set_place (const Place *place, guint8 *const *bases)
{
  if (place->memory != NULL)
    set_address (place->memory, bases[place->base] + place->offset);
}

static void
run_call (const Operation *self, const Call *call, gpointer scratchpad)
{
  if (call->primitive == NULL)
    return;
  set_address (call->scratchpad, scratchpad);
  dnnl_primitive_execute (call->primitive, self->stream, call->n_arguments, call->arguments);
}

static void
run_piece (const Operation *self, const Piece *piece, guint8 *const *bases, gpointer scratchpad)
{
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      set_place (&piece->own[i], bases);
      set_place (&piece->inner[i], bases);
    }
  run_call (self, &piece->reorders[0], scratchpad);
  run_call (self, &piece->reorders[1], scratchpad);
  run_call (self, &piece->main, scratchpad);
  run_call (self, &piece->reorders[RESULT], scratchpad);
}

static void
add_parts (const Operation *self, guint8 *const *bases)
{
  const Piece *pieces = self->pieces;

#pragma omp parallel for schedule(static)
  for (gsize start = 0; start < self->part_size; start += BLOCK)
    {
      gsize n = MIN (BLOCK, self->part_size - start);

      for (guint step = 1; step < self->n_pieces; step *= 2)
        for (guint p = 0; p + step < self->n_pieces; p += 2 * step)
          {
            gfloat *to = (gfloat *) (bases[pieces[p].inner[RESULT].base] + pieces[p].inner[RESULT].offset) + start;
            const gfloat *from = (const gfloat *) (bases[IN_SCRATCH] + pieces[p + step].inner[RESULT].offset) + start;

#pragma omp simd
            for (gsize i = 0; i < n; i++)
              to[i] += from[i];
          }
    }
}

static void
run (gpointer operation, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Operation *self = operation;
  guint8 *const bases[N_BASES] = { (guint8 *) inputs[0], (guint8 *) inputs[1], output, scratch };
  guint8 *scratchpads = (guint8 *) scratch + self->scratch;

  for (guint i = 0; i < N_OPERANDS; i++)
    {
      set_place (&self->whole[i], bases);
      set_place (&self->shared[i], bases);
    }
  set_place (&self->pieces[0].inner[RESULT], bases);
  run_call (self, &self->reorders[0], scratchpads);
  run_call (self, &self->reorders[1], scratchpads);
#pragma omp parallel for schedule(dynamic) num_threads (MIN (self->n_threads, (guint) omp_get_max_threads ())) if (self->n_pieces > 1)
  for (guint p = 0; p < self->n_pieces; p++)
    run_piece (self, &self->pieces[p], bases, scratchpads + omp_get_thread_num () * self->scratchpad);
  if (self->part_size > 0 && self->n_pieces > 1)
    add_parts (self, bases);
  run_call (self, &self->reorders[RESULT], scratchpads);
}

void
onednn_operation_fill_kernel (Operation *self, GantryKernel *kernel, const gchar *name)
{
  kernel->name = name;
  kernel->scratch = self->scratch + self->n_threads * self->scratchpad;
  kernel->run = run;
  kernel->data = self;
  kernel->free = onednn_operation_free;
}
