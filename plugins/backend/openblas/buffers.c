/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the values of a fused program are kept while it runs, and which inputs its results may be stored on. */
#include "config.h"

#include "program.h"

#define NEAR_BYTES (40 * 1024) /* a block of everything, in the nearest cache */
#define FAR_BYTES (16 << 20)   /* where a pass touches more than that, it comes from memory */
#define FEW_STEPS 4            /* do not keep the processor busy while it does */

static gboolean
is_computed (const Program *program, guint value)
{
  for (guint i = program->n_uniform_steps; i < program->n_steps; i++)
    if (program->steps[i].result == value)
      return TRUE;
  return FALSE;
}

static gboolean
is_stored (const Program *program, guint value, guint n_results)
{
  for (guint k = 0; k < n_results; k++)
    if (program->results[k].value == value && program->results[k].is_stored && !program->results[k].is_bool)
      return TRUE;
  return FALSE;
}

/* A result is a value of its own that a step computes for every element, where it is stored; what is not gets a copy. */
static gboolean
copy_results (Program *program)
{
  for (guint k = 0; k < program->n_results; k++)
    {
      Result *result = &program->results[k];
      const gboolean stores = result->is_stored && !result->is_bool;
      const guint value = result->value;

      if (is_computed (program, value) && !(stores && is_stored (program, value, k)))
        continue;
      if (!stores && value < program->n_inputs && program->inputs[value].kind != OPERAND_UNIFORM)
        continue;
      if (program->n_steps == PROGRAM_MAX_STEPS)
        return FALSE;
      result->value = program->n_values++;
      program->steps[program->n_steps++] = (LoopStep) { LOOP_COPY, result->value, { value, value, value }, 0 };
    }
  return TRUE;
}

/* The last step that reads a value, or G_MAXUINT where it is looked at when all are done. */
static guint
find_last_read (const Program *program, guint value)
{
  guint last = 0;

  for (guint i = 0; i < program->n_steps; i++)
    for (guint k = 0; k < 3; k++)
      if (program->steps[i].arguments[k] == value)
        last = i;
  for (guint k = 0; k < program->n_results; k++)
    if (program->results[k].value == value && (program->results[k].is_bool || !program->results[k].is_stored))
      last = G_MAXUINT;
  return last;
}

/* Truth values are read before the first step of a block, and stored after the last. */
static gboolean
may_store_on (const Program *program, const Result *result, guint input)
{
  guint step = 0;

  if (!result->is_stored || program->inputs[input].kind != OPERAND_FULL || program->inputs[input].is_bool != result->is_bool)
    return FALSE;
  while (!result->is_bool && program->steps[step].result != result->value)
    step++;
  return result->is_bool || find_last_read (program, input) <= step;
}

static void
add_buffer (Program *program, guint value, gsize size)
{
  program->buffers[value] = program->n_buffers;
  program->offsets[program->n_buffers + 1] = program->offsets[program->n_buffers] + size;
  program->n_buffers++;
}

/* A tile of what is the same everywhere, and of what steps leave to later ones, which share tiles as soon as nobody reads them any more. */
static void
place_tiles (Program *program)
{
  gboolean is_free[PROGRAM_MAX_VALUES] = { FALSE }, is_shared[PROGRAM_MAX_VALUES] = { FALSE };

  for (guint i = 0; i < program->n_inputs + program->n_constants; i++)
    if (i >= program->n_inputs || program->inputs[i].kind == OPERAND_UNIFORM)
      add_buffer (program, i, LOOP_TILE);
  for (guint i = 0; i < program->n_uniform_steps; i++)
    add_buffer (program, program->steps[i].result, LOOP_TILE);
  for (guint i = program->n_uniform_steps; i < program->n_steps; i++)
    {
      const LoopStep *step = &program->steps[i];
      guint buffer = 0;

      /* a loop may write where it reads */
      for (guint k = 0; k < 3; k++)
        if (is_shared[step->arguments[k]] && find_last_read (program, step->arguments[k]) == i)
          is_free[program->buffers[step->arguments[k]]] = TRUE;
      if (find_last_read (program, step->result) == G_MAXUINT || is_stored (program, step->result, program->n_results))
        continue;
      while (buffer < program->n_buffers && !is_free[buffer])
        buffer++;
      if (buffer == program->n_buffers)
        add_buffer (program, step->result, program->tile);
      is_free[buffer] = FALSE;
      is_shared[step->result] = TRUE;
      program->buffers[step->result] = buffer;
    }
}

/* Inputs but those that are the same everywhere, and what is looked at when a block is done. */
static void
place_blocks (Program *program)
{
  for (guint i = 0; i < program->n_inputs; i++)
    if (program->inputs[i].kind != OPERAND_UNIFORM)
      {
        program->moving[program->n_moving++] = i;
        if (program->inputs[i].kind != OPERAND_FULL || program->inputs[i].is_bool)
          add_buffer (program, i, program->block);
      }
  for (guint i = program->n_uniform_steps; i < program->n_steps; i++)
    {
      const guint value = program->steps[i].result;

      if (program->buffers[value] >= 0)
        continue;
      program->moving[program->n_moving++] = value;
      if (!is_stored (program, value, program->n_results))
        add_buffer (program, value, program->block);
    }
}

/* Tensors that a block is read from or stored in, and buffers as large as a block. */
static guint
count_blocks (const Program *program)
{
  guint n = 0;

  for (guint i = 0; i < program->n_inputs; i++)
    n += program->inputs[i].kind != OPERAND_UNIFORM;
  return n + program->n_results;
}

gboolean
openblas_program_place (Program *program)
{
  gsize bytes;

  if (!copy_results (program))
    return FALSE;
  for (guint k = 0; k < program->n_results; k++)
    for (guint i = 0; i < program->n_inputs; i++)
      if (may_store_on (program, &program->results[k], i))
        program->results[k].in_place |= 1u << i;
  for (guint i = 0; i < program->n_values; i++)
    program->buffers[i] = -1;
  bytes = count_blocks (program) * program->numeric->loops->size;
  program->tile = bytes * program->size > FAR_BYTES && program->n_steps - program->n_uniform_steps > FEW_STEPS ? LOOP_SMALL_TILE : LOOP_TILE;
  program->block = CLAMP (NEAR_BYTES / bytes / LOOP_TILE * LOOP_TILE, LOOP_TILE, 2048);
  place_tiles (program);
  place_blocks (program);
  return TRUE;
}

gsize
openblas_program_get_scratch (const Program *program)
{
  return ALIGNED (program->offsets[program->n_buffers] * program->numeric->loops->size);
}

void
openblas_program_fill_kernel (const Program *program, GantryKernel *kernel)
{
  kernel->n_inputs = program->n_inputs;
  for (guint i = 0; i < program->n_inputs; i++)
    kernel->inputs[i] = program->tensors[i];
  kernel->in_place = program->results[0].in_place;
  for (guint k = 0; k < program->n_results; k++)
    kernel->in_place_of[k] = program->results[k].in_place;
}
