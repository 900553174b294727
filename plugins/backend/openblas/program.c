/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Evaluation of fused programs, a block at a time. */
#include "config.h"

#include <string.h>

#include "program.h"

static gdouble
read_element (const Program *program, guint input, gconstpointer base, gsize i)
{
  if (program->inputs[input].is_bool)
    return ((const guint8 *) base)[i] != 0;
  return program->numeric->loops->size == sizeof (gfloat) ? ((const gfloat *) base)[i] : ((const gdouble *) base)[i];
}

static gpointer
get_buffer (const ProgramState *state, guint value)
{
  return element (state->program->numeric, state->buffers, state->program->offsets[state->program->buffers[value]]);
}

/* Steps on n elements, at most a tile, each value where `values` says. */
static void
run_steps (const Program *program, guint first, guint last, gpointer const *values, gsize n)
{
  for (guint i = first; i < last; i++)
    {
      const LoopStep *step = &program->steps[i];

      program->numeric->loops->ops[step->op] (values[step->result], values[step->arguments[0]], values[step->arguments[1]],
                                              values[step->arguments[2]], step->value, n);
    }
}

void
openblas_program_begin (const Program *program, ProgramState *state, gconstpointer const *inputs, gpointer scratch)
{
  const Loops *loops = program->numeric->loops;

  state->program = program;
  state->inputs = inputs;
  state->buffers = scratch;
  for (guint i = 0; i < program->n_values; i++)
    state->values[i] = program->buffers[i] >= 0 ? get_buffer (state, i) : NULL;
  for (guint i = 0; i < program->n_inputs; i++)
    {
      state->held[i] = G_MAXSIZE;
      if (program->inputs[i].kind == OPERAND_UNIFORM)
        loops->fill (state->values[i], read_element (program, i, inputs[i], 0), LOOP_TILE);
    }
  for (guint i = 0; i < program->n_constants; i++)
    loops->fill (state->values[program->n_inputs + i], program->constants[i], LOOP_TILE);
  run_steps (program, 0, program->n_uniform_steps, state->values, LOOP_TILE);
}

/* An operand as (run, run, ...) of equal elements, or as its elements over and over. */
static void
load_periodic (ProgramState *state, guint input, gsize start, gsize n)
{
  const Program *program = state->program;
  const Numeric *numeric = program->numeric;
  const Operand *operand = &program->inputs[input];
  gconstpointer base = state->inputs[input];
  gsize i = start / operand->inner % operand->count, done = 0;

  if (operand->inner == 1)
    {
      if (i + n <= operand->count)
        {
          state->values[input] = element (numeric, base, i);
          return;
        }
      state->values[input] = get_buffer (state, input);
      for (gsize length; done < n; done += length, i = 0)
        {
          length = MIN (n - done, operand->count - i);
          memcpy (element (numeric, state->values[input], done), element (numeric, base, i), length * numeric->loops->size);
        }
      return;
    }
  done = MIN (n, operand->inner - start % operand->inner);
  if (done == n && state->held[input] == i)
    return;
  /* a block within one run fills the buffer: the next blocks of the run find it so */
  state->held[input] = done == n ? i : G_MAXSIZE;
  numeric->loops->fill (state->values[input], read_element (program, input, base, i), done == n ? program->block : done);
  while (done < n)
    {
      gsize runs;

      i = i + 1 == operand->count ? 0 : i + 1;
      runs = MIN ((n - done) / operand->inner, operand->count - i);
      if (runs > 0)
        {
          numeric->loops->expand (element (numeric, state->values[input], done), element (numeric, base, i), runs, operand->inner);
          done += runs * operand->inner;
          i += runs - 1;
        }
      else
        {
          numeric->loops->fill (element (numeric, state->values[input], done), read_element (program, input, base, i), n - done);
          done = n;
        }
    }
}

/* The last axes as one: elements in a row, or one element again and again.  Gives the first of them, and their size. */
static guint
find_run (const GantryShape *shape, const gsize *strides, gboolean *is_dense, gsize *run)
{
  guint first = shape->n_dims;

  *run = 1;
  while (first > 0)
    {
      gsize size = shape->dims[first - 1], stride = strides[first - 1];

      if (size > 1 && *run == 1)
        *is_dense = stride > 0;
      else if (size > 1 && stride != (*is_dense ? *run : 0))
        break;
      *run *= size;
      first--;
    }
  return first;
}

static void
load_strided (ProgramState *state, guint input, gsize start, gsize n)
{
  const Program *program = state->program;
  const Numeric *numeric = program->numeric;
  const GantryShape *shape = &program->shape;
  const Operand *operand = &program->inputs[input];
  gboolean is_dense = FALSE;
  gsize index[GANTRY_MAX_DIMS], run, at, rest, offset = 0;
  guint first = find_run (shape, operand->strides, &is_dense, &run);

  at = start % run;
  rest = start / run;
  for (guint axis = first; axis-- > 0; rest /= shape->dims[axis])
    {
      index[axis] = rest % shape->dims[axis];
      offset += index[axis] * operand->strides[axis];
    }
  for (gsize done = 0, length; done < n; done += length, at = 0)
    {
      gpointer to = element (numeric, state->values[input], done);

      length = MIN (run - at, n - done);
      if (!is_dense)
        numeric->loops->fill (to, read_element (program, input, state->inputs[input], offset), length);
      else if (operand->is_bool)
        numeric->loops->from_bool (to, (const guint8 *) state->inputs[input] + offset + at, length);
      else
        memcpy (to, element (numeric, state->inputs[input], offset + at), length * numeric->loops->size);
      for (guint axis = first; axis-- > 0;)
        {
          offset += operand->strides[axis];
          if (++index[axis] < shape->dims[axis])
            break;
          offset -= index[axis] * operand->strides[axis];
          index[axis] = 0;
        }
    }
}

static void
load_input (ProgramState *state, guint input, gsize start, gsize n)
{
  const Program *program = state->program;
  const Operand *operand = &program->inputs[input];

  switch (operand->kind)
    {
    case OPERAND_FULL:
      if (operand->is_bool)
        program->numeric->loops->from_bool (state->values[input], (const guint8 *) state->inputs[input] + start, n);
      else
        state->values[input] = element (program->numeric, state->inputs[input], start);
      break;
    case OPERAND_PERIODIC:
      if (operand->is_bool)
        load_strided (state, input, start, n);
      else
        load_periodic (state, input, start, n);
      break;
    case OPERAND_STRIDED:
      load_strided (state, input, start, n);
      break;
    case OPERAND_UNIFORM:
      break;
    }
}

void
openblas_program_evaluate (ProgramState *state, gsize start, gsize n, gpointer const *outputs, gconstpointer *values)
{
  const Program *program = state->program;
  const Loops *loops = program->numeric->loops;
  const guint first = program->n_uniform_steps;
  gpointer at[PROGRAM_MAX_VALUES];

  for (guint i = 0; i < program->n_inputs; i++)
    load_input (state, i, start, n);
  for (guint k = 0; k < program->n_results; k++)
    if (program->results[k].is_stored && !program->results[k].is_bool)
      state->values[program->results[k].value] = element (program->numeric, outputs[k], start);
  memcpy (at, state->values, program->n_values * sizeof *at);
  if (program->tile == LOOP_TILE)
    loops->run_tiles (program->steps + first, program->n_steps - first, at, program->moving, program->n_moving, n / program->tile);
  else
    loops->run_small_tiles (program->steps + first, program->n_steps - first, at, program->moving, program->n_moving, n / program->tile);
  if (n % program->tile > 0)
    run_steps (program, first, program->n_steps, at, n % program->tile);
  for (guint k = 0; k < program->n_results; k++)
    {
      const Result *result = &program->results[k];

      if (!result->is_stored)
        values[k] = state->values[result->value];
      else if (result->is_bool)
        loops->to_bool ((guint8 *) outputs[k] + start, state->values[result->value], n);
    }
}
