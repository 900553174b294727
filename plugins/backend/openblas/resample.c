/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resample, a sparse linear map along an axis, and max-pool-index. */
#include "config.h"

#include <string.h>

#include "openblas-private.h"

#define LONG_ROW 16 /* elements from which on a row is worth a call of a vector loop */

/* [outer, columns, inner] to [outer, rows, inner]; row i is the sum over its taps t of weights[t] times the input's row places[t]. */
typedef struct {
  const Loops *loops;
  gsize outer, rows, columns, inner;
  const gint64 *starts, *places;
  const gdouble *weights;
} Resampling;

static void
resample_rows (const Resampling *self, const guint8 *x, guint8 *y, gsize i)
{
  const gsize row = self->inner * self->loops->size;
  gint64 t = self->starts[i], end = self->starts[i + 1];
  const guint8 *first = t < end ? x + (gsize) self->places[t] * row : NULL;

  if (t == end)
    memset (y, 0, row);
  else if (self->weights[t] == 1)
    memcpy (y, first, row);
  else
    self->loops->ops[LOOP_SCALE] (y, first, first, first, self->weights[t], self->inner);
  for (t++; t < end; t++)
    self->loops->add_scaled (y, x + (gsize) self->places[t] * row, self->weights[t], self->inner);
}

static void
resample_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Resampling *self = data;
  const gsize row = self->inner * self->loops->size, work = self->outer * self->inner * (gsize) (self->starts[self->rows] + (gint64) self->rows);

#pragma omp parallel for collapse(2) schedule(static) if (work > PARALLEL_WORK)
  for (gsize o = 0; o < self->outer; o++)
    for (gsize i = 0; i < self->rows; i++)
      resample_rows (self, (const guint8 *) inputs[0] + o * self->columns * row, (guint8 *) output + (o * self->rows + i) * row, i);
}

#define RESAMPLE_ELEMENTS(name, Real) \
  static void \
  name (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch) \
  { \
    const Resampling *self = data; \
    const gsize inner = self->inner, work = self->outer * inner * (gsize) (self->starts[self->rows] + (gint64) self->rows); \
    _Pragma ("omp parallel for schedule(static) if (work > PARALLEL_WORK)") \
    for (gsize o = 0; o < self->outer; o++) \
      { \
        const Real *x = (const Real *) inputs[0] + o * self->columns * inner; \
        Real *y = (Real *) output + o * self->rows * inner; \
        for (gsize i = 0; i < self->rows; i++) \
          for (gsize k = 0; k < inner; k++) \
            { \
              Real sum = 0; \
              for (gint64 t = self->starts[i]; t < self->starts[i + 1]; t++) \
                sum += (Real) self->weights[t] * x[(gsize) self->places[t] * inner + k]; \
              *y++ = sum; \
            } \
      } \
  }

RESAMPLE_ELEMENTS (resample_float32, gfloat)
RESAMPLE_ELEMENTS (resample_float64, gdouble)

typedef struct {
  gsize outer;
  gint64 size[2], windows[2];
  const gint64 *kernel, *stride, *padding, *dilation;
} Windows;

/* The part of a window that is inside: from tap first to before end. */
static inline void
clip_window (const Windows *self, guint d, gint64 window, gint64 *first, gint64 *end, gint64 *start)
{
  gint64 dilation = self->dilation[d];

  *start = window * self->stride[d] - self->padding[d];
  *first = *start < 0 ? (-*start + dilation - 1) / dilation : 0;
  *end = MIN (self->kernel[d], (self->size[d] - *start + dilation - 1) / dilation);
}

/* The first of the largest, or the last NaN. */
#define MAX_POOL_INDEX(name, Real) \
  static void \
  name (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch) \
  { \
    const Windows *self = data; \
    const gsize work = self->outer * (gsize) (self->windows[0] * self->windows[1] * self->kernel[0] * self->kernel[1]); \
    _Pragma ("omp parallel for collapse(2) schedule(static) if (work > PARALLEL_WORK)") \
    for (gsize o = 0; o < self->outer; o++) \
      for (gint64 i = 0; i < self->windows[0]; i++) \
        { \
          const Real *x = (const Real *) inputs[0] + o * (gsize) (self->size[0] * self->size[1]); \
          gint64 *y = (gint64 *) output + ((gint64) o * self->windows[0] + i) * self->windows[1]; \
          gint64 top, p0, p1, left, q0, q1; \
          clip_window (self, 0, i, &p0, &p1, &top); \
          for (gint64 j = 0; j < self->windows[1]; j++) \
            { \
              clip_window (self, 1, j, &q0, &q1, &left); \
              gint64 best = (top + p0 * self->dilation[0]) * self->size[1] + left + q0 * self->dilation[1]; \
              for (gint64 p = p0; p < p1; p++) \
                for (gint64 q = q0; q < q1; q++) \
                  { \
                    gint64 at = (top + p * self->dilation[0]) * self->size[1] + left + q * self->dilation[1]; \
                    if (x[at] > x[best] || x[at] != x[at]) \
                      best = at; \
                  } \
              y[j] = best; \
            } \
        } \
  }

MAX_POOL_INDEX (max_pool_index_float32, gfloat)
MAX_POOL_INDEX (max_pool_index_float64, gdouble)

gboolean
openblas_claim_max_pool_index (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *x = gantry_tensor_get_input (claim->tensor, 0);
  const GantryShape *shape = gantry_tensor_get_shape (x);
  GantryDType dtype = gantry_tensor_get_dtype (x);
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (claim->tensor, &n_ints);
  Windows *self;

  if (numeric_for (backend, dtype) == NULL)
    return FALSE;
  self = g_new0 (Windows, 1);
  for (guint d = 0; d < 2; d++)
    {
      self->size[d] = shape->dims[shape->n_dims - 2 + d];
      self->windows[d] = ints[8 + d];
    }
  self->outer = gantry_tensor_get_size (x) / (gsize) (self->size[0] * self->size[1]);
  self->kernel = ints;
  self->stride = ints + 2;
  self->padding = ints + 4;
  self->dilation = ints + 6;
  openblas_fill_kernel (kernel, "max-pool-index", 0, dtype == GANTRY_FLOAT64 ? max_pool_index_float64 : max_pool_index_float32, self, g_free);
  return TRUE;
}

gboolean
openblas_claim_resample (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *y = claim->tensor;
  const GantryShape *shape = gantry_tensor_get_shape (gantry_tensor_get_input (y, 0));
  const Numeric *numeric = numeric_for (backend, gantry_tensor_get_dtype (y));
  guint n;
  const gint64 *ints = gantry_tensor_get_ints (y, &n);
  Resampling *self;

  if (numeric == NULL)
    return FALSE;
  self = g_new0 (Resampling, 1);
  self->loops = numeric->loops;
  self->outer = self->inner = 1;
  for (guint i = 0; i < shape->n_dims; i++)
    if (i < ints[0])
      self->outer *= shape->dims[i];
    else if (i > ints[0])
      self->inner *= shape->dims[i];
  self->rows = ints[1];
  self->columns = shape->dims[ints[0]];
  self->starts = ints + 2;
  self->places = self->starts + self->rows + 1;
  self->weights = gantry_tensor_get_reals (y, &n);
  openblas_fill_kernel (kernel, "resample", 0, self->inner >= LONG_ROW ? resample_run
                                               : gantry_tensor_get_dtype (y) == GANTRY_FLOAT64 ? resample_float64 : resample_float32, self, g_free);
  return TRUE;
}
