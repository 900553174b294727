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
count_short_rows (const Reduction *self, const Reduced *reduced, const gsize *index, gsize n)
{
  guint last = self->n_axes - 1;
  const Axis *outer = &self->axes[last - 1];

  if (reduced->is_max || last < 2 || self->axes[last].stride > 0 || self->axes[last].size > SHORT_ROW || outer->stride != 1 || index[last] > 0)
    return 0;
  return MIN (n / self->axes[last].size, last == 2 ? G_MAXSIZE : outer->size - index[last - 1]);
}

static void
take_max (gdouble *largest, gdouble value)
{
  if (value > *largest || value != value)
    *largest = value;
}

/* Adds a block, whose first element lies `position` elements after the first of an element of axis 1. */
static void
consume (const Reduction *self, const Reduced *reduced, gdouble *results, gsize position, gsize n, gconstpointer values)
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
      gsize rows = count_short_rows (self, reduced, index, n - done), length;
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
      if (inner->stride > 0 && reduced->is_max)
        loops->max_into (results + result, from, length);
      else if (inner->stride > 0)
        loops->add_into (results + result, from, length);
      else if (reduced->is_max)
        take_max (&results[result], loops->max (from, length));
      else
        results[result] += loops->sum (from, length);
      done += length;
      index[self->n_axes - 1] += length;
      result += length * inner->stride;
      carry (self, index, self->n_axes - 1, &result);
    }
}

/* Where the program has left the values of each reduction. */
static void
collect (const Reduction *self, gconstpointer const *all, gconstpointer *values)
{
  for (guint k = 0; k < self->program->n_results; k++)
    if (!self->program->results[k].is_stored)
      *values++ = all[k];
}

/* All of a block is one number of each reduction. */
static void
consume_whole (const Reduction *self, const Reduced *reduced, gdouble *result, gsize n, gconstpointer values)
{
  const Loops *loops = self->program->numeric->loops;

  if (reduced->is_max)
    take_max (result, loops->max (values, n));
  else
    *result += loops->sum (values, n);
}

/* Results are [reduction][result]. */
static void
run_task (const Reduction *self, ProgramState *state, gpointer const *outputs, gsize chunk, gsize part, gdouble *results)
{
  const Program *program = self->program;
  gsize row_size = self->axes[1].size * self->inside;
  gsize first = piece_start (self->axes[0].size, self->chunks, chunk), last = piece_start (self->axes[0].size, self->chunks, chunk + 1);
  gsize start = piece_start (self->axes[1].size, self->parts, part), end = piece_start (self->axes[1].size, self->parts, part + 1);
  gconstpointer all[GANTRY_KERNEL_MAX_OUTPUTS], values[GANTRY_KERNEL_MAX_OUTPUTS];

  for (guint r = 0; r < self->n_reduced; r++)
    for (gsize i = start * self->kept; i < end * self->kept; i++)
      results[r * self->n_results + i] = self->reduced[r].is_max ? -INFINITY : 0;
  /* one kept element a row: the rows of the chunk are one stretch of memory */
  if (self->n_axes == 2 && row_size == 1)
    {
      for (gsize i = first; i < last; i += program->block)
        {
          gsize n = MIN (program->block, last - i);

          openblas_program_evaluate (state, i, n, outputs, all);
          collect (self, all, values);
          for (guint r = 0; r < self->n_reduced; r++)
            consume_whole (self, &self->reduced[r], &results[r], n, values[r]);
        }
      return;
    }
  for (gsize row = first; row < last; row++)
    for (gsize i = start * self->inside; i < end * self->inside; i += program->block)
      {
        gsize n = MIN (program->block, end * self->inside - i);

        openblas_program_evaluate (state, row * row_size + i, n, outputs, all);
        collect (self, all, values);
        for (guint r = 0; r < self->n_reduced; r++)
          consume (self, &self->reduced[r], results + r * self->n_results, i, n, values[r]);
      }
}

/* In a fixed tree; parts lie `stride` apart. */
static void
combine_chunks (const Reduction *self, const Reduced *reduced, gdouble *results, gsize stride, gpointer output)
{
  for (gsize step = 1; step < self->chunks; step *= 2)
    for (gsize chunk = 0; chunk + step < self->chunks; chunk += 2 * step)
      {
        gdouble *a = results + chunk * stride, *b = a + step * stride;

        for (gsize i = 0; i < self->n_results; i++)
          if (reduced->is_max)
            take_max (&a[i], b[i]);
          else
            a[i] += b[i];
      }
  for (gsize i = 0; i < self->n_results && reduced->factor != 1; i++)
    results[i] *= reduced->factor;
  self->program->numeric->loops->from_double (output, results, self->n_results);
}

static gsize
results_bytes (const Reduction *self)
{
  return ALIGNED (self->chunks * self->n_reduced * self->n_results * sizeof (gdouble));
}

gsize
openblas_reduction_get_scratch (const Reduction *self)
{
  return results_bytes (self) + self->n_threads * openblas_program_get_scratch (self->program);
}

void
openblas_reduction_run_several (gpointer data, gconstpointer const *inputs, gpointer const *outputs, gpointer scratch)
{
  const Reduction *self = data;
  const gsize stride = self->n_reduced * self->n_results;
  gdouble *results = scratch;
  guint8 *threads = (guint8 *) scratch + results_bytes (self);
  guint r = 0;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ())) if (self->chunks * self->parts > 1)
  {
    ProgramState state;

    openblas_program_begin (self->program, &state, inputs, threads + openblas_thread_number () * openblas_program_get_scratch (self->program));
#pragma omp for schedule(dynamic) collapse(2) nowait
    for (gsize chunk = 0; chunk < self->chunks; chunk++)
      for (gsize part = 0; part < self->parts; part++)
        run_task (self, &state, outputs, chunk, part, results + chunk * stride);
  }
  for (guint k = 0; k < self->program->n_results; k++)
    if (!self->program->results[k].is_stored)
      {
        combine_chunks (self, &self->reduced[r], results + r * self->n_results, stride, outputs[k]);
        r++;
      }
}

void
openblas_reduction_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  openblas_reduction_run_several (data, inputs, &output, scratch);
}
