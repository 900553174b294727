/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d-weight of images by lanes: each kernel position sums over the rectangle of pixels of y that it meets inside x.  A task owns a few
 * channels of x and goes through small units of pixels, brought together first, because planes a power of two apart would throw each other out
 * of the cache; those of y once for all tasks where they are rounded on the way.  Where there are few channels, the pixels are cut into a fixed
 * number of chunks as well, and what they gave is added in a fixed tree.
 */
#include "config.h"

#include <string.h>

#include "direct-correlation.h"

#define CACHE_LINE 64

/* A rectangle of @n channels, each [height, width], and of channels of zeros up to @n_padded.  Columns that lie @stride apart become neighbours. */
static void
fill_panel (const DirectCorrelation *self, gconstpointer from, gsize n, gsize n_padded, gsize height, gsize width, gsize row, gsize column,
            gsize rows, gsize columns, gsize stride, gpointer panel)
{
  const Numeric *numeric = self->numeric;
  gsize lanes = self->geometry.lanes, group = (columns + stride - 1) / stride, plane = correlation_panel_plane (self, rows, group * stride);

  for (gsize channel = 0; channel < n; channel++)
    for (gsize i = 0; i < rows; i++)
      {
        gconstpointer at = element (numeric, from, ((channel * height + row + i) * width + column) * lanes);
        gpointer to = openblas_factor (numeric, panel, channel * plane + i * group * stride * lanes);

        for (gsize k = 0; k < columns * lanes * numeric->loops->size; k += CACHE_LINE)
          __builtin_prefetch ((const guint8 *) at + width * lanes * numeric->loops->size + k); /* the next row */
        if (stride == 1)
          numeric->products->bring_pixels (to, at, columns * lanes);
        else
          for (gsize k = 0; k < columns; k++)
            numeric->products->bring_pixels (openblas_factor (numeric, to, (k % stride * group + k / stride) * lanes),
                                             element (numeric, at, k * lanes), lanes);
      }
  if (n < n_padded)
    memset (openblas_factor (numeric, panel, n * plane), 0, (n_padded - n) * plane * numeric->products->factor_size);
}

/* All kernel positions over one unit; @call says the rest. */
static void
run_unit (const DirectCorrelation *self, const Unit *unit, gconstpointer x, gconstpointer y, gpointer d, CorrelateCall *call)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gsize group = (unit->x_columns + g->stride_w - 1) / g->stride_w;

  for (gsize down = 0; down < g->kh; down++)
    for (gsize across = 0; across < g->kw; across++)
      {
        gsize row = MAX (unit->row, self->down[down].first), last_row = MIN (unit->row + unit->rows, self->down[down].last);
        gsize column = MAX (unit->column, self->across[across].first);
        gsize last_column = MIN (unit->column + unit->columns, self->across[across].last);
        gsize x_row = row * g->stride_h + down * g->dilation_h - g->pad_h - unit->x_row;
        gsize x_column = column * g->stride_w + across * g->dilation_w - g->pad_w - unit->x_column;

        if (row >= last_row || column >= last_column)
          continue;
        call->rows = last_row - row;
        call->columns = (last_column - column) * g->lanes;
        call->y = openblas_factor (numeric, y, ((row - unit->row) * unit->columns + column - unit->column) * g->lanes);
        call->x = openblas_factor (numeric, x,
                                   (x_row * group * g->stride_w + x_column % g->stride_w * group + x_column / g->stride_w) * g->lanes);
        call->d = element (numeric, d, (down * g->kw + across) * self->outputs_padded * self->block_padded);
        numeric->products->correlate (call, self->corner);
      }
}

/* To [output, channel, kernel position] */
static void
spread_sums (const DirectCorrelation *self, gconstpointer sums, gsize n, gpointer part)
{
  const Numeric *numeric = self->numeric;
  gsize positions = self->geometry.kh * self->geometry.kw, step = self->outputs_padded * self->block_padded;

  for (gsize output = 0; output < self->outputs; output++)
    for (gsize channel = 0; channel < n; channel += self->corner.n)
      {
        gsize row = output % self->corner.m, from = (output - row) * self->block_padded + channel * self->corner.m + row * self->corner.n;

        numeric->loops->from_lanes (element (numeric, part, (output * self->channels + channel) * positions), element (numeric, sums, from),
                                    positions, MIN (self->corner.n, n - channel), step, positions);
      }
}

/* @y: all images */
static void
fill_y_panel (const DirectCorrelation *self, const Unit *unit, gsize group, gsize output, gconstpointer y, gpointer panel)
{
  const Geometry *g = &self->geometry;
  gsize n = MIN (CORRELATION_TILE, self->outputs - output), plane = g->oh * g->ow * g->lanes;

  y = element (self->numeric, y, ((unit->set * g->groups + group) * self->outputs + output) * plane);
  fill_panel (self, y, n, openblas_round_up (n, self->corner.m), g->oh, g->ow, unit->row, unit->column, unit->rows, unit->columns, 1, panel);
}

static gpointer
find_y_panel (const DirectCorrelation *self, const Unit *unit, gsize group, gsize output, gconstpointer all_y)
{
  return openblas_factor (self->numeric, all_y, unit->y + (group * self->outputs_padded + output) *
                          correlation_panel_plane (self, unit->rows, unit->columns));
}

static void
run_task (const DirectCorrelation *self, gsize chunk, gsize group, gsize block, gconstpointer x, gconstpointer y, gconstpointer all_y,
          gpointer part, gpointer x_panel)
{
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gsize x_plane = g->h * g->w * g->lanes;
  gsize channel = block * CORRELATION_BLOCK, n = MIN (CORRELATION_BLOCK, self->channels - channel);
  gsize first = chunk * self->units_per_chunk, last = MIN (first + self->units_per_chunk, self->units->len);
  gpointer y_panel = (guint8 *) x_panel + openblas_correlation_x_panel_bytes (self);
  gpointer sums = (guint8 *) y_panel + openblas_correlation_y_panel_bytes (self);
  CorrelateCall call = { .n = self->block_padded };

  memset (sums, 0, openblas_correlation_sums_size (self) * numeric->loops->size);
  for (gsize i = first; i < last; i++)
    {
      const Unit *unit = &g_array_index (self->units, Unit, i);
      gsize from = ((unit->set * g->groups + group) * self->channels + channel) * x_plane;

      fill_panel (self, element (numeric, x, from), n, self->block_padded, g->h, g->w, unit->x_row,
                  unit->x_column, unit->x_rows, unit->x_columns, g->stride_w, x_panel);
      call.x_plane = correlation_panel_plane (self, unit->x_rows, openblas_round_up (unit->x_columns, g->stride_w));
      call.x_row = g->stride_h * openblas_round_up (unit->x_columns, g->stride_w) * g->lanes;
      call.y_plane = correlation_panel_plane (self, unit->rows, unit->columns);
      call.y_row = unit->columns * g->lanes;
      for (gsize output = 0; output < self->outputs; output += CORRELATION_TILE)
        {
          gpointer panel = self->all_y > 0 ? find_y_panel (self, unit, group, output, all_y) : y_panel;

          call.m = openblas_round_up (MIN (CORRELATION_TILE, self->outputs - output), self->corner.m);
          if (self->all_y == 0)
            fill_y_panel (self, unit, group, output, y, panel);
          run_unit (self, unit, x_panel, panel, element (numeric, sums, output * self->block_padded), &call);
        }
    }
  spread_sums (self, sums, n, element (numeric, part, (group * self->outputs * self->channels + channel) * g->kh * g->kw));
}

void
openblas_direct_correlation_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const DirectCorrelation *self = data;
  const Geometry *g = &self->geometry;
  gsize size = g->o * self->channels * g->kh * g->kw;
  guint8 *all_y = (guint8 *) scratch + openblas_correlation_parts_bytes (self), *threads = all_y + openblas_correlation_all_y_bytes (self);
  gsize n_prepared = self->all_y > 0 ? self->units->len : 0;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
#pragma omp for schedule(dynamic) collapse(3)
    for (gsize i = 0; i < n_prepared; i++)
      for (gsize group = 0; group < g->groups; group++)
        for (gsize output = 0; output < self->outputs; output += CORRELATION_TILE)
          {
            const Unit *unit = &g_array_index (self->units, Unit, i);

            fill_y_panel (self, unit, group, output, inputs[1], find_y_panel (self, unit, group, output, all_y));
          }
#pragma omp for schedule(dynamic) collapse(3) nowait
    for (gsize chunk = 0; chunk < self->n_chunks; chunk++)
      for (gsize group = 0; group < g->groups; group++)
        for (gsize block = 0; block < self->n_blocks; block++)
          run_task (self, chunk, group, block, inputs[0], inputs[1], all_y,
                    self->n_chunks > 1 ? element (self->numeric, scratch, chunk * size) : output,
                    threads + openblas_thread_number () * openblas_correlation_thread_bytes (self));
  }
  if (self->n_chunks > 1)
    openblas_combine (self->numeric, scratch, self->n_chunks, size, size, output);
}
