/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d and conv2d-input of images by lanes: tiles, phases, and where packed weights lie. */
#include "config.h"

#include "direct-taps.h"

#define CHUNK 128     /* channels and taps that are summed before the next pixel: they stay in the nearest cache */
#define TILE_ROWS 2   /* target pixels of each phase that share weights and source pixels */
#define TILE_COLUMNS 8
#define TASKS_PER_THREAD 2
#define LEAST_M 64    /* channels that are worth bringing source pixels together for */

gsize
openblas_direct_taps_count_tiles (const DirectTaps *self)
{
  return openblas_round_up (self->down.size, self->tile_rows) / self->tile_rows *
         (openblas_round_up (self->across.size, self->tile_columns) / self->tile_columns);
}

/* Sizes of tasks change no bit: each target pixel is summed in the same order. */
static void
set_tiles (DirectTaps *self)
{
  const Geometry *g = &self->geometry;

  self->tile_rows = TILE_ROWS * self->down.n_phases;
  self->tile_columns = TILE_COLUMNS * self->across.n_phases;
  self->tile_m = self->target_channels;
  for (;;)
    {
      self->n_tiles_m = (self->target_channels + self->tile_m - 1) / self->tile_m;
      if (openblas_direct_taps_count_tiles (self) * g->n_sets * g->groups * self->n_tiles_m >= TASKS_PER_THREAD * self->n_threads)
        return;
      if (self->tile_m >= 4 * LEAST_M)
        self->tile_m = openblas_round_up (self->tile_m / 2, self->weigh_rows);
      else if (self->tile_rows > self->down.n_phases)
        self->tile_rows = self->tile_rows / self->down.n_phases / 2 * self->down.n_phases;
      else
        return;
    }
}

static void
init_phase (DirectTaps *self, gsize i)
{
  const Geometry *g = &self->geometry;
  Phase *phase = &self->phases[i];
  gsize down = i / self->across.n_phases, across = i % self->across.n_phases;
  gsize n_down = self->down.n_positions[down], n_across = self->across.n_positions[across];

  phase->row = down;
  phase->column = across;
  phase->n_positions = n_down * n_across;
  phase->weights = self->n_weights;
  self->n_weights += g->groups * openblas_round_up (self->target_channels, self->weigh_rows) * self->units * phase->n_positions;
  for (gsize j = 0; j < n_down; j++)
    for (gsize k = 0; k < n_across; k++)
      {
        gsize position = self->down.positions[down * g->kh + j] * g->kw + self->across.positions[across * g->kw + k];

        self->places[2 * position] = i;
        self->places[2 * position + 1] = j * n_across + k;
      }
}

DirectTaps *
openblas_direct_taps_new (const Numeric *numeric, const Geometry *g, gboolean adjoint)
{
  DirectTaps *self = g_new0 (DirectTaps, 1);
  gsize most = 1;

  self->numeric = numeric;
  self->geometry = *g;
  self->adjoint = adjoint;
  self->n_threads = openblas_count_threads ();
  self->weigh_rows = numeric->products->weigh_rows (g->lanes);
  self->source_channels = (adjoint ? g->o : g->c) / g->groups;
  self->target_channels = (adjoint ? g->c : g->o) / g->groups;
  self->depth = numeric->products->depth;
  self->units = (self->source_channels + self->depth - 1) / self->depth;
  self->source_height = adjoint ? g->oh : g->h;
  self->source_width = adjoint ? g->ow : g->w;
  openblas_axis_taps_init (&self->down, adjoint, adjoint ? g->h : g->oh, self->source_height, g->kh, g->stride_h, g->pad_h, g->dilation_h);
  openblas_axis_taps_init (&self->across, adjoint, adjoint ? g->w : g->ow, self->source_width, g->kw, g->stride_w, g->pad_w, g->dilation_w);
  set_tiles (self);
  self->n_phases = self->down.n_phases * self->across.n_phases;
  self->phases = g_new0 (Phase, self->n_phases);
  self->places = g_new (gsize, 2 * g->kh * g->kw);
  for (gsize i = 0; i < g->kh * g->kw; i++)
    self->places[2 * i] = G_MAXSIZE;
  for (gsize i = 0; i < self->n_phases; i++)
    {
      init_phase (self, i);
      most = MAX (most, self->phases[i].n_positions);
    }
  self->step = MIN (self->units, MAX (1, CHUNK / most));
  self->panel = self->step * taps_panel_plane (self, openblas_axis_taps_find_largest_span (&self->down, self->tile_rows),
                                                  openblas_axis_taps_find_largest_span (&self->across, self->tile_columns));
  return self;
}

void
openblas_direct_taps_free (gpointer data)
{
  DirectTaps *self = data;

  openblas_axis_taps_clear (&self->down);
  openblas_axis_taps_clear (&self->across);
  g_free (self->phases);
  g_free (self->places);
  g_free (self);
}

gsize
openblas_direct_taps_packed_bytes (const DirectTaps *self)
{
  return ALIGNED (self->n_weights * self->numeric->loops->size);
}

/* Places of each tap in the panel and of its weights; or of each kernel position in the packed weights */
gsize
openblas_direct_taps_list_bytes (const DirectTaps *self)
{
  return ALIGNED (2 * self->geometry.kh * self->geometry.kw * sizeof (gint64));
}

gsize
openblas_direct_taps_thread_bytes (const DirectTaps *self)
{
  return openblas_direct_taps_list_bytes (self) + ALIGNED (self->panel * self->numeric->loops->size);
}

gsize
openblas_direct_taps_get_scratch (const DirectTaps *self)
{
  return openblas_direct_taps_packed_bytes (self) + self->n_threads * openblas_direct_taps_thread_bytes (self);
}
