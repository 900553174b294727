/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d and conv2d-input of images by lanes: pixel by pixel, each with its own taps, so that images need no margin. */
#include "config.h"

#include "direct.h"

#define CHUNK 128       /* channels and taps that are summed before the next pixel: they stay in the nearest cache */
#define TILE_PIXELS 8   /* that share the weights of a chunk */
#define ENOUGH_TASKS 16

/* Target pixels with the same kernel positions */
typedef struct {
  gsize row, column;     /* the first of them */
  gsize rows, columns;
  gsize n_tiles;
  gsize n_positions;
  gsize weights;         /* elements into the packed weights */
} Phase;

struct _DirectTaps {
  const Numeric *numeric;
  Geometry geometry;
  gboolean adjoint;
  AxisTaps down, across;
  gsize source_channels, target_channels; /* of a group */
  gsize source_height, source_width;
  gsize tile_pixels;
  gsize tile_m, n_tiles_m;
  gsize n_phases;
  Phase *phases;
  gsize n_weights;
  guint n_threads;
};

static void
set_tiles (DirectTaps *self)
{
  const Geometry *g = &self->geometry;
  gsize pixels = self->down.size * self->across.size, n_tasks;

  self->tile_pixels = TILE_PIXELS;
  while (self->tile_pixels > 1 && pixels / self->tile_pixels * g->n_sets * g->groups < ENOUGH_TASKS)
    self->tile_pixels /= 2;
  self->tile_m = self->target_channels;
  n_tasks = (pixels / self->tile_pixels + 1) * g->n_sets * g->groups;
  for (; n_tasks < ENOUGH_TASKS && self->tile_m >= 32; n_tasks *= 2)
    self->tile_m = (self->tile_m / 2 + 7) & ~(gsize) 7;
  self->n_tiles_m = (self->target_channels + self->tile_m - 1) / self->tile_m;
}

DirectTaps *
openblas_direct_taps_new (const Numeric *numeric, const Geometry *g, gboolean adjoint)
{
  DirectTaps *self = g_new0 (DirectTaps, 1);

  self->numeric = numeric;
  self->geometry = *g;
  self->adjoint = adjoint;
  self->n_threads = openblas_count_threads ();
  self->source_channels = (adjoint ? g->o : g->c) / g->groups;
  self->target_channels = (adjoint ? g->c : g->o) / g->groups;
  self->source_height = adjoint ? g->oh : g->h;
  self->source_width = adjoint ? g->ow : g->w;
  openblas_axis_taps_init (&self->down, adjoint, adjoint ? g->h : g->oh, self->source_height, g->kh, g->stride_h, g->pad_h, g->dilation_h);
  openblas_axis_taps_init (&self->across, adjoint, adjoint ? g->w : g->ow, self->source_width, g->kw, g->stride_w, g->pad_w, g->dilation_w);
  set_tiles (self);
  self->n_phases = self->down.n_phases * self->across.n_phases;
  self->phases = g_new0 (Phase, self->n_phases);
  for (gsize i = 0; i < self->n_phases; i++)
    {
      Phase *phase = &self->phases[i];

      phase->row = i / self->across.n_phases;
      phase->column = i % self->across.n_phases;
      phase->rows = (self->down.size - phase->row + self->down.n_phases - 1) / self->down.n_phases;
      phase->columns = (self->across.size - phase->column + self->across.n_phases - 1) / self->across.n_phases;
      phase->n_tiles = (phase->rows * phase->columns + self->tile_pixels - 1) / self->tile_pixels;
      phase->n_positions = self->down.n_positions[phase->row] * self->across.n_positions[phase->column];
      phase->weights = self->n_weights;
      self->n_weights += g->c * (g->o / g->groups) * phase->n_positions;
    }
  return self;
}

void
openblas_direct_taps_free (gpointer data)
{
  DirectTaps *self = data;

  openblas_axis_taps_clear (&self->down);
  openblas_axis_taps_clear (&self->across);
  g_free (self->phases);
  g_free (self);
}

static gsize
packed_bytes (const DirectTaps *self)
{
  return self->adjoint ? ALIGNED (self->n_weights * self->numeric->loops->size) : 0;
}

static gsize
taps_bytes (const DirectTaps *self)
{
  return ALIGNED (2 * self->geometry.kh * self->geometry.kw * sizeof (gint64));
}

gsize
openblas_direct_taps_get_scratch (const DirectTaps *self)
{
  return packed_bytes (self) + self->n_threads * taps_bytes (self);
}

#define PACK(Real) \
  for (gsize i = 0; i < o; i++) \
    { \
      const Real *from = (const Real *) weight + ((channel / channels * o + i) * channels + channel % channels) * g->kh * g->kw; \
      for (gsize down = 0; down < n_down; down++) \
        for (gsize across = 0; across < n_across; across++) \
          *((Real *) packed + to++) = from[rows[down] * g->kw + columns[across]]; \
    }

/* [o, c/groups, kh, kw] to [c, o/groups, positions of the phase] for each phase, so that the adjoint goes through weights as conv2d does. */
static void
pack_weights (const DirectTaps *self, gconstpointer weight, gpointer packed)
{
  const Geometry *g = &self->geometry;
  gsize o = g->o / g->groups, channels = g->c / g->groups;

#pragma omp for schedule(dynamic, 4) nowait
  for (gsize channel = 0; channel < g->c; channel++)
    for (gsize p = 0; p < self->n_phases; p++)
      {
        const Phase *phase = &self->phases[p];
        const gsize *rows = self->down.positions + phase->row * g->kh, *columns = self->across.positions + phase->column * g->kw;
        gsize n_down = self->down.n_positions[phase->row], n_across = self->across.n_positions[phase->column];
        gsize to = phase->weights + channel * o * phase->n_positions;

        if (self->numeric->loops->size == sizeof (gfloat))
          PACK (gfloat)
        else
          PACK (gdouble)
      }
}

/* Sources and kernel positions of a target pixel's taps */
static gsize
list_taps (const DirectTaps *self, const Phase *phase, gsize row, gsize column, gint64 *sources, gint64 *positions)
{
  const AxisTap *down = self->down.taps + row * self->down.kernel, *across = self->across.taps + column * self->across.kernel;
  gsize n_down = self->down.n_taps[row], n_across = self->across.n_taps[column], n = 0;
  gsize width = self->across.n_positions[phase->column];

  for (gsize i = 0; i < n_down; i++)
    for (gsize j = 0; j < n_across; j++, n++)
      {
        sources[n] = (gint64) ((down[i].source * self->source_width + across[j].source) * self->geometry.lanes);
        positions[n] = (gint64) (down[i].index * width + across[j].index);
      }
  return n;
}

/* @target, @source and @weights: of the task's first channel */
static void
run_tile (const DirectTaps *self, const Phase *phase, gsize tile, gsize m, gconstpointer weights, gconstpointer source, gpointer target,
          gint64 *taps)
{
  const Numeric *numeric = self->numeric;
  gsize lanes = self->geometry.lanes, first = tile * self->tile_pixels, last = MIN (first + self->tile_pixels, phase->rows * phase->columns);
  gsize step = MAX (1, CHUNK / MAX (1, phase->n_positions));
  gint64 *sources = taps, *positions = taps + self->geometry.kh * self->geometry.kw;
  WeighCall call = {
    .lanes = lanes, .m = m, .sources = sources, .positions = positions, .source_plane = self->source_height * self->source_width * lanes,
    .weight_row = self->source_channels * phase->n_positions, .weight_channel = phase->n_positions,
    .target_plane = self->down.size * self->across.size * lanes
  };

  for (gsize channel = 0; channel < self->source_channels; channel += step)
    for (gsize pixel = first; pixel < last; pixel++)
      {
        gsize row = phase->row + pixel / phase->columns * self->down.n_phases;
        gsize column = phase->column + pixel % phase->columns * self->across.n_phases;

        call.target = element (numeric, target, (row * self->across.size + column) * lanes);
        call.n_taps = list_taps (self, phase, row, column, sources, positions);
        call.channels = MIN (step, self->source_channels - channel);
        call.source = element (numeric, source, channel * call.source_plane);
        call.weights = element (numeric, weights, channel * call.weight_channel);
        call.add = channel > 0;
        numeric->loops->weigh (&call);
      }
}

void
openblas_direct_taps_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const DirectTaps *self = data;
  const Numeric *numeric = self->numeric;
  const Geometry *g = &self->geometry;
  gconstpointer weights = self->adjoint ? scratch : inputs[1];
  guint8 *threads = (guint8 *) scratch + packed_bytes (self);
  gsize source_size = self->source_channels * self->source_height * self->source_width * g->lanes;
  gsize target_plane = self->down.size * self->across.size * g->lanes, target_size = self->target_channels * target_plane;

#pragma omp parallel num_threads (MIN (self->n_threads, openblas_count_threads ()))
  {
    gint64 *taps = (gint64 *) (gpointer) (threads + openblas_thread_number () * taps_bytes (self));

    if (self->adjoint)
      {
        pack_weights (self, inputs[1], scratch);
#pragma omp barrier
      }
    for (gsize p = 0; p < self->n_phases; p++)
      {
        const Phase *phase = &self->phases[p];

#pragma omp for schedule(dynamic) collapse(4) nowait
        for (gsize set = 0; set < g->n_sets; set++)
          for (gsize group = 0; group < g->groups; group++)
            for (gsize tile = 0; tile < phase->n_tiles; tile++)
              for (gsize tile_m = 0; tile_m < self->n_tiles_m; tile_m++)
                {
                  gsize m = tile_m * self->tile_m, at = set * g->groups + group;
                  gsize first_weight = phase->weights + (group * self->target_channels + m) * self->source_channels * phase->n_positions;

                  run_tile (self, phase, tile, MIN (self->tile_m, self->target_channels - m), element (numeric, weights, first_weight),
                            element (numeric, inputs[0], at * source_size),
                            element (numeric, output, at * target_size + m * target_plane), taps);
                }
      }
  }
}
