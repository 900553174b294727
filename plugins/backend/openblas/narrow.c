/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conv2d and conv2d-input of images by lanes to a few channels, such as the colours of an image.  There is little to do for each pixel that is
 * read, so that reading counts: a task goes through a tile one vector of lanes at a time, with as many source channels as stay in the nearest
 * cache, and takes neighbours of a row together.
 */
#include "config.h"

#include "direct.h"

#define MAX_TARGETS 4
#define LEAST_SOURCES 16 /* source channels from which on this is worth it */
#define TILE_ROWS 8      /* target pixels of each phase */
#define TILE_COLUMNS 32
#define PANEL_BYTES 100000
#define TASKS_PER_THREAD 2

typedef struct {
  const Numeric *numeric;
  Geometry geometry;
  gboolean adjoint;
  AxisTaps down, across;
  gsize source_channels, target_channels; /* of a group */
  gsize source_height, source_width;
  gsize tile_rows, tile_columns;          /* target pixels */
  gsize part;                             /* lanes at a time */
  gsize step;                             /* source channels at a time */
  gsize panel;                            /* elements of a vector of lanes */
  gsize column_step;                      /* source columns from a target column to the next one of its phase */
  gsize *runs;                            /* how many columns of its phase, from each column on, have the same taps a step apart */
  guint n_threads;
} Narrow;

static gsize
count_tiles (gsize size, gsize tile)
{
  return (size + tile - 1) / tile;
}

/* An odd number of vectors: channels that lie so far apart share the cache evenly. */
static gsize
panel_plane (const Narrow *self, gsize rows, gsize columns)
{
  return (rows * columns | 1) * self->part;
}

static gboolean
continues (const AxisTaps *axis, gsize at, gsize step)
{
  const AxisTap *taps = axis->taps + at * axis->kernel, *next = taps + axis->n_phases * axis->kernel;

  if (at + axis->n_phases >= axis->size || axis->n_taps[at] != axis->n_taps[at + axis->n_phases])
    return FALSE;
  for (gsize i = 0; i < axis->n_taps[at]; i++)
    if (next[i].index != taps[i].index || next[i].source != taps[i].source + step)
      return FALSE;
  return TRUE;
}

static Narrow *
narrow_new (const Numeric *numeric, const Geometry *g, gboolean adjoint)
{
  Narrow *self = g_new0 (Narrow, 1);
  gsize plane;

  self->numeric = numeric;
  self->geometry = *g;
  self->adjoint = adjoint;
  self->n_threads = openblas_count_threads ();
  self->part = numeric->loops->part;
  self->source_channels = (adjoint ? g->o : g->c) / g->groups;
  self->target_channels = (adjoint ? g->c : g->o) / g->groups;
  self->source_height = adjoint ? g->oh : g->h;
  self->source_width = adjoint ? g->ow : g->w;
  openblas_axis_taps_init (&self->down, adjoint, adjoint ? g->h : g->oh, self->source_height, g->kh, g->stride_h, g->pad_h, g->dilation_h);
  openblas_axis_taps_init (&self->across, adjoint, adjoint ? g->w : g->ow, self->source_width, g->kw, g->stride_w, g->pad_w, g->dilation_w);
  self->tile_rows = TILE_ROWS * self->down.n_phases;
  self->tile_columns = TILE_COLUMNS * self->across.n_phases;
  self->column_step = adjoint ? 1 : g->stride_w;
  self->runs = g_new (gsize, self->across.size);
  for (gsize column = self->across.size; column-- > 0;)
    self->runs[column] = continues (&self->across, column, self->column_step) ? self->runs[column + self->across.n_phases] + 1 : 1;
  plane = panel_plane (self, openblas_axis_taps_find_largest_span (&self->down, self->tile_rows),
                       openblas_axis_taps_find_largest_span (&self->across, self->tile_columns));
  self->step = CLAMP (PANEL_BYTES / (plane * numeric->loops->size), 1, self->source_channels);
  self->panel = self->step * plane;
  /* Smaller tasks change no bit: each target pixel is summed in the same order. */
  while (self->tile_rows > self->down.n_phases && count_tiles (self->down.size, self->tile_rows) * count_tiles (self->across.size, self->tile_columns)
                                                  * g->n_sets * g->groups < TASKS_PER_THREAD * self->n_threads)
    self->tile_rows = self->tile_rows / self->down.n_phases / 2 * self->down.n_phases;
  return self;
}

static void
narrow_free (gpointer data)
{
  Narrow *self = data;

  openblas_axis_taps_clear (&self->down);
  openblas_axis_taps_clear (&self->across);
  g_free (self->runs);
  g_free (self);
}

static gsize
weights_size (const Narrow *self)
{
  return self->geometry.kh * self->geometry.kw * self->source_channels * self->numeric->loops->narrow_rows;
}

static gsize
list_bytes (const Narrow *self)
{
  return ALIGNED (2 * self->geometry.kh * self->geometry.kw * sizeof (gint64));
}

static gsize
packed_bytes (const Narrow *self)
{
  return ALIGNED (self->geometry.groups * weights_size (self) * self->numeric->loops->size);
}

static gsize
thread_bytes (const Narrow *self)
{
  return list_bytes (self) + ALIGNED (self->panel * (self->geometry.lanes / self->part) * self->numeric->loops->size);
}

/* [o, c/groups, kh, kw] to [group][kernel position][source channel][narrow_rows]; all threads have them when it returns */
static void
pack_weights (const Narrow *self, gconstpointer weight, gpointer packed, gint64 *to)
{
  const Loops *loops = self->numeric->loops;
  gsize positions = self->geometry.kh * self->geometry.kw, size = self->source_channels * self->target_channels * positions;
  gsize m_step = (self->adjoint ? 1 : self->source_channels) * positions, channel_step = (self->adjoint ? self->target_channels : 1) * positions;

  for (gsize p = 0; p < positions; p++)
    to[p] = (gint64) (p * self->source_channels * loops->narrow_rows);
#pragma omp for
  for (gsize group = 0; group < self->geometry.groups; group++)
    self->numeric->products->pack_weights (&(const PackCall) { element (self->numeric, packed, group * weights_size (self)), to,
                                                               element (self->numeric, weight, group * size), self->source_channels,
                                                               channel_step, m_step, self->target_channels, loops->narrow_rows, positions });
}

typedef struct {
  gsize first_row, last_row, first_column, last_column; /* target pixels */
  gsize row, column, rows, columns;                     /* source pixels that they need */
} Tile;

static void
fill_panels (const Narrow *self, const Tile *tile, gconstpointer source, gsize n_channels, gpointer panels)
{
  const Numeric *numeric = self->numeric;
  gsize lanes = self->geometry.lanes, plane = panel_plane (self, tile->rows, tile->columns);
  gsize from_plane = self->source_height * self->source_width * lanes;

  for (gsize channel = 0; channel < n_channels; channel++)
    for (gsize row = 0; row < tile->rows; row++)
      numeric->loops->bring_parts (element (numeric, panels, channel * plane + row * tile->columns * self->part),
                                   element (numeric, source, channel * from_plane +
                                            ((tile->row + row) * self->source_width + tile->column) * lanes),
                                   tile->columns, lanes / self->part, self->panel);
}

/* Where a target pixel's taps lie in the panel, and where their weights */
static void
list_taps (const Narrow *self, const Tile *tile, gsize row, gsize column, gsize channel, NarrowCall *call, gint64 *sources, gint64 *places)
{
  const AxisTap *down = self->down.taps + row * self->down.kernel, *across = self->across.taps + column * self->across.kernel;
  const gsize *rows = self->down.positions + row % self->down.n_phases * self->down.kernel;
  const gsize *columns = self->across.positions + column % self->across.n_phases * self->across.kernel;
  gsize n = 0;

  for (gsize i = 0; i < self->down.n_taps[row]; i++)
    for (gsize j = 0; j < self->across.n_taps[column]; j++, n++)
      {
        gsize position = rows[down[i].index] * self->geometry.kw + columns[across[j].index];

        sources[n] = (gint64) (((down[i].source - tile->row) * tile->columns + across[j].source - tile->column) * self->part);
        places[n] = (gint64) ((position * self->source_channels + channel) * self->numeric->loops->narrow_rows);
      }
  call->n_taps = n;
}

/* All lanes of a run of a row's pixels, with the source channels in the panels */
static void
run_pixels (const Narrow *self, gsize row, gsize column, gconstpointer panels, gpointer target, NarrowCall *call)
{
  const Numeric *numeric = self->numeric;
  gsize lanes = self->geometry.lanes;

  for (gsize lane = 0; lane < lanes; lane += self->part)
    {
      call->source = element (numeric, panels, lane / self->part * self->panel);
      call->target = element (numeric, target, (row * self->across.size + column) * lanes + lane);
      numeric->loops->narrow (call);
    }
}

/* A tile's pixels, with the source channels from @channel on that are in the panels */
static void
run_channels (const Narrow *self, const Tile *tile, gsize channel, gconstpointer panels, gpointer target, NarrowCall *call, gint64 *list)
{
  gsize phases = self->across.n_phases;
  gint64 *sources = list, *places = list + self->geometry.kh * self->geometry.kw;

  call->sources = sources;
  call->places = places;
  for (gsize row = tile->first_row; row < tile->last_row; row++)
    for (gsize phase = 0; phase < phases; phase++)
      for (gsize column = tile->first_column + phase; column < tile->last_column; column += call->pixels * phases)
        {
          call->pixels = MIN (self->runs[column], (tile->last_column - column + phases - 1) / phases);
          list_taps (self, tile, row, column, channel, call, sources, places);
          run_pixels (self, row, column, panels, target, call);
        }
}

/* @source, @target: of the group */
static void
run_tile (const Narrow *self, gsize number, gconstpointer weights, gconstpointer source, gpointer target, gint64 *list)
{
  gsize lanes = self->geometry.lanes, across = count_tiles (self->across.size, self->tile_columns);
  gsize plane = self->source_height * self->source_width * lanes;
  gpointer panels = (guint8 *) list + list_bytes (self);
  Tile tile = { .first_row = number / across * self->tile_rows, .first_column = number % across * self->tile_columns };
  NarrowCall call = { .m = self->target_channels, .weights = weights, .target_plane = self->down.size * self->across.size * lanes,
                      .target_step = self->across.n_phases * lanes, .source_step = self->column_step * self->part };

  tile.last_row = MIN (tile.first_row + self->tile_rows, self->down.size);
  tile.last_column = MIN (tile.first_column + self->tile_columns, self->across.size);
  openblas_axis_taps_find_span (&self->down, tile.first_row, tile.last_row, &tile.row, &tile.rows);
  openblas_axis_taps_find_span (&self->across, tile.first_column, tile.last_column, &tile.column, &tile.columns);
  call.source_plane = panel_plane (self, tile.rows, tile.columns);
  for (gsize channel = 0; channel < self->source_channels; channel += self->step)
    {
      call.channels = MIN (self->step, self->source_channels - channel);
      call.add = channel > 0;
      fill_panels (self, &tile, element (self->numeric, source, channel * plane), call.channels, panels);
      run_channels (self, &tile, channel, panels, target, &call, list);
    }
}

static void
narrow_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Narrow *self = data;
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  guint8 *threads = (guint8 *) scratch + packed_bytes (self);
  gsize source_size = self->source_channels * self->source_height * self->source_width * g->lanes;
  gsize target_size = self->target_channels * self->down.size * self->across.size * g->lanes;
  gsize n_tiles = count_tiles (self->down.size, self->tile_rows) * count_tiles (self->across.size, self->tile_columns);

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    gint64 *list = (gint64 *) (gpointer) (threads + openblas_thread_number () * thread_bytes (self));

    pack_weights (self, inputs[1], scratch, list);
#pragma omp for schedule(dynamic) collapse(3) nowait
    for (gsize set = 0; set < g->n_sets; set++)
      for (gsize group = 0; group < g->groups; group++)
        for (gsize tile = 0; tile < n_tiles; tile++)
          run_tile (self, tile, element (numeric, scratch, group * weights_size (self)),
                    element (numeric, inputs[0], (set * g->groups + group) * source_size),
                    element (numeric, output, (set * g->groups + group) * target_size), list);
  }
}

gboolean
openblas_claim_narrow (const Numeric *numeric, const Geometry *g, ConvolutionKind kind, GantryKernel *kernel)
{
  gboolean adjoint = kind == CONVOLUTION_INPUT;
  Narrow *self;

  if (openblas_is_rounding (numeric) || (adjoint ? g->c : g->o) / g->groups > MAX_TARGETS || (adjoint ? g->o : g->c) / g->groups < LEAST_SOURCES
      || g->lanes % numeric->loops->part != 0)
    return FALSE;
  self = narrow_new (numeric, g, adjoint);
  openblas_fill_kernel (kernel, adjoint ? "narrow-conv2d-input" : "narrow-conv2d", packed_bytes (self) + self->n_threads * thread_bytes (self),
                        narrow_run, self, narrow_free);
  return TRUE;
}
