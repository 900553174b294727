/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sum and max as planned. */
#include "config.h"

#include <math.h>

#include "reduction.h"

#define SHORT_ROW 128

static gsize
piece_start (gsize size, gsize n_pieces, gsize i)
{
  return size / n_pieces * i + MIN (i, size % n_pieces);
}

/* Moves an index that has reached the end of an axis on. */
static void
carry (const Reduction *self, gsize *index, guint axis, gsize *result)
{
  for (; axis > 1 && index[axis] == self->axes[axis].size; axis--)
    {
      *result += self->axes[axis - 1].stride - index[axis] * self->axes[axis].stride;
      index[axis] = 0;
      index[axis - 1]++;
    }
}

/* Whole reduced rows ahead whose results are neighbours, where rows are short. */
static gsize
count_short_rows (const Reduction *self, const gsize *index, gsize n)
{
  guint last = self->n_axes - 1;
  const Axis *outer = &self->axes[last - 1];

  if (self->is_max || last < 2 || self->axes[last].stride > 0 || self->axes[last].size > SHORT_ROW || outer->stride != 1 || index[last] > 0)
    return 0;
  return MIN (n / self->axes[last].size, last == 2 ? G_MAXSIZE : outer->size - index[last - 1]);
}

/* Adds a block, whose first element lies `position` elements after the first of an element of axis 1. */
static void
consume (const Reduction *self, gdouble *results, gsize position, gsize n, gconstpointer values)
{
  const Numeric *numeric = self->program->numeric;
  const Loops *loops = numeric->loops;
  const Axis *inner = &self->axes[self->n_axes - 1];
  gsize index[GANTRY_MAX_DIMS + 2], rest = position, result = 0;

  for (guint axis = self->n_axes; axis-- > 1; rest /= self->axes[axis].size)
    {
      index[axis] = axis == 1 ? rest : rest % self->axes[axis].size;
      result += index[axis] * self->axes[axis].stride;
    }
  for (gsize done = 0; done < n;)
    {
      gsize rows = count_short_rows (self, index, n - done), length;
      gconstpointer from;

      if (rows > 0)
        {
          guint axis = self->n_axes - 2;

          loops->sum_rows (results + result, element (numeric, values, done), rows, inner->size);
          done += rows * inner->size;
          index[axis] += rows;
          result += rows;
          carry (self, index, axis, &result);
          continue;
        }
      length = MIN (n - done, inner->size - index[self->n_axes - 1]);
      from = element (numeric, values, done);
      if (inner->stride > 0 && self->is_max)
        loops->max_into (results + result, from, length);
      else if (inner->stride > 0)
        loops->add_into (results + result, from, length);
      else if (self->is_max)
        {
          gdouble value = loops->max (from, length);

          if (value > results[result] || value != value)
            results[result] = value;
        }
      else
        results[result] += loops->sum (from, length);
      done += length;
      index[self->n_axes - 1] += length;
      result += length * inner->stride;
      carry (self, index, self->n_axes - 1, &result);
    }
}

static void
run_task (const Reduction *self, ProgramState *state, gsize chunk, gsize part, gdouble *results)
{
  const Program *program = self->program;
  gsize row_size = self->axes[1].size * self->inside;
  gsize first = piece_start (self->axes[0].size, self->chunks, chunk), last = piece_start (self->axes[0].size, self->chunks, chunk + 1);
  gsize start = piece_start (self->axes[1].size, self->parts, part), end = piece_start (self->axes[1].size, self->parts, part + 1);

  for (gsize i = start * self->kept; i < end * self->kept; i++)
    results[i] = self->is_max ? -INFINITY : 0;
  /* one kept element a row: the rows of the chunk are one stretch of memory */
  if (self->n_axes == 2 && row_size == 1)
    {
      for (gsize i = first; i < last; i += program->block)
        {
          gsize n = MIN (program->block, last - i);
          gconstpointer values = openblas_program_evaluate (state, i, n, NULL);

          if (self->is_max)
            {
              gdouble value = program->numeric->loops->max (values, n);

              results[0] = value > results[0] || value != value ? value : results[0];
            }
          else
            results[0] += program->numeric->loops->sum (values, n);
        }
      return;
    }
  for (gsize row = first; row < last; row++)
    for (gsize i = start * self->inside; i < end * self->inside; i += program->block)
      {
        gsize n = MIN (program->block, end * self->inside - i);

        consume (self, results, i, n, openblas_program_evaluate (state, row * row_size + i, n, NULL));
      }
}

static void
combine_chunks (const Reduction *self, gdouble *results, gpointer output)
{
  for (gsize step = 1; step < self->chunks; step *= 2)
    for (gsize chunk = 0; chunk + step < self->chunks; chunk += 2 * step)
      {
        gdouble *a = results + chunk * self->n_results, *b = a + step * self->n_results;

        for (gsize i = 0; i < self->n_results; i++)
          if (!self->is_max)
            a[i] += b[i];
          else if (b[i] > a[i] || b[i] != b[i])
            a[i] = b[i];
      }
  for (gsize i = 0; i < self->n_results && self->factor != 1; i++)
    results[i] *= self->factor;
  self->program->numeric->loops->from_double (output, results, self->n_results);
}

static gsize
results_bytes (const Reduction *self)
{
  return ALIGNED (self->chunks * self->n_results * sizeof (gdouble));
}

gsize
openblas_reduction_get_scratch (const Reduction *self)
{
  return results_bytes (self) + self->n_threads * openblas_program_get_scratch (self->program);
}

void
openblas_reduction_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Reduction *self = data;
  gdouble *results = scratch;
  guint8 *threads = (guint8 *) scratch + results_bytes (self);

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ())) if (self->chunks * self->parts > 1)
  {
    ProgramState state;

    openblas_program_begin (self->program, &state, inputs, threads + openblas_thread_number () * openblas_program_get_scratch (self->program));
#pragma omp for schedule(dynamic) collapse(2) nowait
    for (gsize chunk = 0; chunk < self->chunks; chunk++)
      for (gsize part = 0; part < self->parts; part++)
        run_task (self, &state, chunk, part, results + chunk * self->n_results);
  }
  combine_chunks (self, results, output);
}
