/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows as of op-cases.c for what is made of ops and has conventions of its own. */
#include "graph/op-cases.h"

#define S(...) { sizeof ((gsize[]) { __VA_ARGS__ }) / sizeof (gsize), { __VA_ARGS__ } }
#define INTS variant->ints

#define BUILD(name, expression) \
  static GantryTensor * \
  build_##name (GantryTensor *const *x, const OpVariant *variant) \
  { \
    return expression; \
  }

/* Window, stride, padding, ceil, whether padding counts. */
static GantryTensor *
avg_pool (GantryTensor *x, const gint64 *ints)
{
  const GantryPooling pooling = { { ints[0], ints[1] }, { ints[2], ints[3] }, { ints[4], ints[5] }, { 1, 1 }, ints[6] != 0 };

  return gantry_avg_pool2d (x, &pooling, ints[7] != 0);
}

/* Interpolation, coordinates, antialias, size; or, where that is 0, fixed factors. */
static GantryTensor *
resize (GantryTensor *x, const gint64 *ints)
{
  const GantryResize how = { (GantryInterpolation) ints[0], (GantryCoordinates) ints[1], ints[2] != 0, { ints[3], ints[4] }, { 1.3, 0.7 } };

  return gantry_resize (x, &how);
}

/* Axis, up, down, before, after, whether correlated. */
static GantryTensor *
upfirdn (GantryTensor *x, const gint64 *ints)
{
  static const gdouble taps[] = { 0.5, -1, 2 };
  const GantryFilter filter = { taps, G_N_ELEMENTS (taps), ints[1], ints[2], ints[3], ints[4], 0.7, ints[5] != 0 };

  return gantry_upfirdn (x, ints[0], &filter);
}

static GantryTensor *
grid_sample (GantryTensor *const *x, const gint64 *ints)
{
  const GantryGridSample how = { ints[0] != 0 ? GANTRY_PADDING_REPLICATE : GANTRY_PADDING_CONSTANT, ints[1] != 0 };

  return gantry_grid_sample (x[0], x[1], &how);
}

BUILD (avg_pool, avg_pool (x[0], INTS))
BUILD (adaptive_avg_pool, gantry_adaptive_avg_pool2d (x[0], INTS[0], INTS[1]))
BUILD (resize, resize (x[0], INTS))
BUILD (upfirdn, upfirdn (x[0], INTS))
BUILD (pad_mode, gantry_pad_mode (x[0], INTS[0], INTS[1], INTS[2], (GantryPadding) INTS[3], 0.5))
BUILD (flip, gantry_flip (x[0], INTS[0]))
BUILD (slice_step, gantry_slice_step (x[0], INTS[0], INTS[1], INTS[2], INTS[3]))
BUILD (roll, gantry_roll (x[0], INTS[0], INTS[1]))
BUILD (repeat, gantry_repeat (x[0], INTS[0], INTS[1]))
BUILD (stack, gantry_stack (x, 3, INTS[0]))
BUILD (pixel_shuffle, gantry_pixel_shuffle (x[0], INTS[0]))
BUILD (pixel_unshuffle, gantry_pixel_unshuffle (x[0], INTS[0]))
BUILD (affine_grid, gantry_affine_grid (x[0], INTS[0], INTS[1], INTS[2] != 0))
BUILD (grid_sample, grid_sample (x, INTS))

const OpCase op_compositions[] = {
  { "avg-pool2d", 1, build_avg_pool, -2, 2,
    .variants = { { { S (4, 6) }, { 2, 2, 2, 2, 0, 0, 0, 1 } }, { { S (2, 2, 5, 4) }, { 3, 2, 2, 1, 1, 1, 0, 0 } },
                  { { S (2, 5, 7) }, { 2, 3, 2, 2, 0, 1, 1, 1 } }, { { S (1, 7, 5) }, { 3, 3, 2, 2, 1, 1, 1, 0 } } } },
  { "adaptive-avg-pool2d", 1, build_adaptive_avg_pool, -2, 2,
    .variants = { { { S (5, 6) }, { 2, 3 } }, { { S (2, 2, 7, 5) }, { 3, 2 } }, { { S (2, 2, 3) }, { 4, 5 } }, { { S (2, 3, 3) }, { 1, 1 } } } },
  { "resize", 1, build_resize, -2, 2,
    .variants = { { { S (3, 4) }, { GANTRY_INTERPOLATION_NEAREST, 0, 0, 5, 3 } },
                  { { S (2, 4, 5) }, { GANTRY_INTERPOLATION_NEAREST_EXACT, 0, 0, 3, 7 } },
                  { { S (4, 5) }, { GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_HALF_PIXELS, 0, 7, 3 } },
                  { { S (4, 5) }, { GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_CORNERS, 0, 7, 1 } },
                  { { S (5, 7) }, { GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_ASYMMETRIC, 0, 0, 0 } },
                  { { S (5, 4) }, { GANTRY_INTERPOLATION_CUBIC, GANTRY_COORDINATES_HALF_PIXELS, 0, 3, 9 } },
                  { { S (9, 7) }, { GANTRY_INTERPOLATION_CUBIC, GANTRY_COORDINATES_HALF_PIXELS, 1, 4, 8 } },
                  { { S (9, 7) }, { GANTRY_INTERPOLATION_LINEAR, GANTRY_COORDINATES_HALF_PIXELS, 1, 2, 3 } } } },
  { "upfirdn", 1, build_upfirdn, -2, 2,
    .variants = { { { S (5) }, { 0, 1, 1, 0, 0, 0 } }, { { S (2, 4) }, { 1, 2, 1, 2, 1, 1 } }, { { S (7, 3) }, { 0, 1, 2, 1, 1, 0 } },
                  { { S (2, 5, 2) }, { 1, 3, 2, -1, -2, 1 } } } },
  { "pad-mode", 1, build_pad_mode, -2, 2,
    .variants = { { { S (2, 4) }, { 1, 2, 1, GANTRY_PADDING_CONSTANT } }, { { S (5, 2) }, { 0, -2, 3, GANTRY_PADDING_CONSTANT } },
                  { { S (2, 4) }, { 1, 3, 2, GANTRY_PADDING_REFLECT } }, { { S (3, 2) }, { 0, -1, 2, GANTRY_PADDING_REFLECT } },
                  { { S (2, 3) }, { 1, 5, 1, GANTRY_PADDING_REPLICATE } }, { { S (2, 3) }, { 1, 2, 4, GANTRY_PADDING_CIRCULAR } } } },
  { "flip", 1, build_flip, -2, 2, .variants = { { { S (5) }, { 0 } }, { { S (2, 3, 4) }, { 1 } }, { { S (2, 3, 4) }, { 2 } } } },
  { "slice-step", 1, build_slice_step, -2, 2,
    .variants = { { { S (7) }, { 0, 1, 3, 2 } }, { { S (2, 5, 3) }, { 1, 0, 2, 4 } }, { { S (2, 6) }, { 1, 2, 2, 3 } } } },
  { "roll", 1, build_roll, -2, 2, .variants = { { { S (5) }, { 0, 2 } }, { { S (2, 3, 4) }, { 1, -1 } }, { { S (2, 4) }, { 1, 9 } } } },
  { "repeat", 1, build_repeat, -2, 2, .variants = { { { S (3) }, { 0, 2 } }, { { S (2, 3, 2) }, { 1, 3 } }, { { S (2, 2) }, { 1, 2 } } } },
  { "stack", 3, build_stack, -2, 2,
    .variants = { { { S (2, 3), S (2, 3), S (2, 3) }, { 0 } }, { { S (2, 3), S (2, 3), S (2, 3) }, { 1 } }, { { S (3), S (3), S (3) }, { 1 } } } },
  { "pixel-shuffle", 1, build_pixel_shuffle, -2, 2, .variants = { { { S (1, 8, 2, 1) }, { 2 } }, { { S (2, 9, 1, 2) }, { 3 } } } },
  { "pixel-unshuffle", 1, build_pixel_unshuffle, -2, 2, .variants = { { { S (1, 2, 4, 2) }, { 2 } }, { { S (2, 1, 3, 6) }, { 3 } } } },
  { "affine-grid", 1, build_affine_grid, -2, 2, .variants = { { { S (2, 2, 3) }, { 3, 4, 0 } }, { { S (1, 2, 3) }, { 2, 1, 1 } } } },
  /* Places on both sides of the edge. */
  { "grid-sample", 2, build_grid_sample, -1.3, 1.3,
    .variants = { { { S (1, 2, 3, 4), S (1, 2, 3, 2) }, { 0, 0 } }, { { S (2, 1, 3, 3), S (2, 2, 2, 2) }, { 0, 1 } },
                  { { S (1, 2, 4, 3), S (1, 3, 2, 2) }, { 1, 0 } }, { { S (2, 2, 2, 1), S (2, 2, 2, 2) }, { 1, 1 } } } }
};

const guint n_op_compositions = G_N_ELEMENTS (op_compositions);

guint
op_case_count (void)
{
  return n_op_cases + n_op_compositions + n_function_cases;
}

const OpCase *
op_case_at (guint i)
{
  if (i < n_op_cases)
    return &op_cases[i];
  return i - n_op_cases < n_op_compositions ? &op_compositions[i - n_op_cases] : &function_cases[i - n_op_cases - n_op_compositions];
}
