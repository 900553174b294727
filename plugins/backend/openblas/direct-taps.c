/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d and conv2d-input of images by lanes.  A task computes some channels of a tile of target pixels, a few source channels at a time: those
 * of the pixels that the tile needs are brought together first, because planes a power of two apart would throw each other out of the cache.
 * Then each pixel has its own taps, so that images need no margin.
 */
#include "config.h"

#include "direct-taps.h"

/* Weights of target channels [m, m + weigh_rows) of a group, from source unit @unit on, the first of a step: where in the packed weights */
static gsize
find_weights (const DirectTaps *self, const Phase *phase, gsize group, gsize m, gsize unit)
{
  gsize m_padded = openblas_round_up (self->target_channels, self->weigh_rows), n = MIN (self->step, self->units - unit);

  return phase->weights + (group * self->units + unit) * phase->n_positions * m_padded + m * n * phase->n_positions;
}

/* [o, c/groups, kh, kw] to [step of source units][target channels / weigh_rows][position][source unit][weigh_rows] for each phase */
static void
pack_weights (const DirectTaps *self, gconstpointer weight, gpointer packed, gint64 *to)
{
  const Geometry *g = &self->geometry;
  gsize positions = g->kh * g->kw, blocks = openblas_round_up (self->target_channels, self->weigh_rows) / self->weigh_rows;
  gsize m_step = (self->adjoint ? 1 : self->source_channels) * positions, channel_step = (self->adjoint ? self->target_channels : 1) * positions;

#pragma omp for schedule(dynamic, 4) collapse(2) nowait
  for (gsize group = 0; group < g->groups; group++)
    for (gsize block = 0; block < blocks; block++)
      for (gsize unit = 0; unit < self->units; unit += self->step)
        {
          gsize m = block * self->weigh_rows, n = MIN (self->step, self->units - unit), channel = unit * self->depth;
          gsize from = group * self->source_channels * self->target_channels * positions + m * m_step + channel * channel_step;

          for (gsize p = 0; p < positions; p++)
            to[p] = self->places[2 * p] == G_MAXSIZE ? -1
                    : (gint64) (find_weights (self, &self->phases[self->places[2 * p]], group, m, unit) +
                                self->places[2 * p + 1] * n * self->weigh_rows);
          self->numeric->products->pack_weights (&(const PackCall) { packed, to, element (self->numeric, weight, from),
                                                                     MIN (n * self->depth, self->source_channels - channel), channel_step,
                                                                     m_step, MIN (self->weigh_rows, self->target_channels - m),
                                                                     self->weigh_rows, positions });
        }
}

typedef struct {
  gsize row, column, rows, columns; /* source pixels that a tile needs */
} Span;

/* Where a target pixel's taps lie in the panel, and which kernel positions they are */
static gsize
list_taps (const DirectTaps *self, const Phase *phase, const Span *span, gsize row, gsize column, gint64 *sources, gint64 *positions)
{
  const AxisTap *down = self->down.taps + row * self->down.kernel, *across = self->across.taps + column * self->across.kernel;
  gsize n_down = self->down.n_taps[row], n_across = self->across.n_taps[column], n = 0;
  gsize width = self->across.n_positions[phase->column];

  for (gsize i = 0; i < n_down; i++)
    for (gsize j = 0; j < n_across; j++, n++)
      {
        sources[n] = (gint64) (((down[i].source - span->row) * span->columns + across[j].source - span->column) * self->geometry.lanes);
        positions[n] = (gint64) (down[i].index * width + across[j].index);
      }
  return n;
}

/* @source: of the group */
static void
fill_panel (const DirectTaps *self, const Span *span, gconstpointer source, gsize first, gsize n, gpointer panel)
{
  const Numeric *numeric = self->numeric;
  gsize lanes = self->geometry.lanes, to = 0, to_plane = taps_panel_plane (self, span->rows, span->columns);
  gsize plane = self->source_height * self->source_width * lanes;

  for (gsize channel = first * self->depth; channel < (first + n) * self->depth; channel += self->depth, to += to_plane)
    for (gsize row = 0; row < span->rows; row++)
      numeric->products->bring_channels (element (numeric, panel, to + row * span->columns * lanes),
                                         element (numeric, source, channel * plane +
                                                  ((span->row + row) * self->source_width + span->column) * lanes),
                                         plane, MIN (self->depth, self->source_channels - channel), span->columns * lanes);
}

/* @source: of the group; @target: of the task's first channel */
static void
run_tile (const DirectTaps *self, gsize group, gsize tile, gsize m, gconstpointer weights, gconstpointer source, gpointer target, gint64 *list)
{
  const Numeric *numeric = self->numeric;
  gsize lanes = self->geometry.lanes, column_tiles = openblas_round_up (self->across.size, self->tile_columns) / self->tile_columns;
  gsize first_row = tile / column_tiles * self->tile_rows, first_column = tile % column_tiles * self->tile_columns;
  gsize last_row = MIN (first_row + self->tile_rows, self->down.size), last_column = MIN (first_column + self->tile_columns, self->across.size);
  gint64 *sources = list, *positions = list + self->geometry.kh * self->geometry.kw;
  gpointer panel = (guint8 *) list + openblas_direct_taps_list_bytes (self);
  Span span;
  WeighCall call = {
    .lanes = lanes, .m = MIN (self->tile_m, self->target_channels - m), .sources = sources, .positions = positions, .source = panel,
    .target_plane = self->down.size * self->across.size * lanes
  };

  openblas_axis_taps_find_span (&self->down, first_row, last_row, &span.row, &span.rows);
  openblas_axis_taps_find_span (&self->across, first_column, last_column, &span.column, &span.columns);
  call.source_plane = taps_panel_plane (self, span.rows, span.columns);
  for (gsize unit = 0; unit < self->units; unit += self->step)
    {
      call.channels = MIN (self->step, self->units - unit);
      call.add = unit > 0;
      fill_panel (self, &span, source, unit, call.channels, panel);
      for (gsize p = 0; p < self->n_phases; p++)
        {
          const Phase *phase = &self->phases[p];

          call.weights = element (numeric, weights, find_weights (self, phase, group, m, unit));
          call.n_positions = phase->n_positions;
          for (gsize row = first_row + phase->row; row < last_row; row += self->down.n_phases)
            for (gsize column = first_column + phase->column; column < last_column; column += self->across.n_phases)
              {
                call.target = element (numeric, target, (row * self->across.size + column) * lanes);
                call.n_taps = list_taps (self, phase, &span, row, column, sources, positions);
                numeric->products->weigh (&call);
              }
        }
    }
}

void
openblas_direct_taps_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const DirectTaps *self = data;
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  guint8 *threads = (guint8 *) scratch + openblas_direct_taps_packed_bytes (self);
  gsize source_size = self->source_channels * self->source_height * self->source_width * g->lanes, n_tiles = openblas_direct_taps_count_tiles (self);
  gsize target_plane = self->down.size * self->across.size * g->lanes, target_size = self->target_channels * target_plane;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    gint64 *list = (gint64 *) (gpointer) (threads + openblas_thread_number () * openblas_direct_taps_thread_bytes (self));

    pack_weights (self, inputs[1], scratch, list);
#pragma omp barrier
#pragma omp for schedule(dynamic) collapse(4) nowait
    for (gsize set = 0; set < g->n_sets; set++)
      for (gsize group = 0; group < g->groups; group++)
        for (gsize tile = 0; tile < n_tiles; tile++)
          for (gsize tile_m = 0; tile_m < self->n_tiles_m; tile_m++)
            {
              gsize m = tile_m * self->tile_m, at = set * g->groups + group;

              run_tile (self, group, tile, m, scratch, element (numeric, inputs[0], at * source_size),
                        element (numeric, output, at * target_size + m * target_plane), list);
            }
  }
}
