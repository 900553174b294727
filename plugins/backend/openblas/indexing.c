/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather, index-select and their adjoints.  Sums are made in the order of the index whatever the number of threads: each
 * thread goes through the whole index and adds what falls into its own part of the result.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "openblas-private.h"

#define SHORT_ROW 16 /* elements up to which a loop in place beats a call */

/* The side that is indexed is [outer, size, inner], the other one [outer, n, inner]. */
typedef struct {
  const Loops *loops;
  gsize outer, size, n, inner;
  guint parts; /* of `size`, in a sum */
} Indexing;

static inline gboolean
is_within (gint64 index, gsize size)
{
  return index >= 0 && (guint64) index < size;
}

#define GATHER(name, Real) \
  static void \
  name (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch) \
  { \
    const Indexing *self = data; \
    const gsize piece = self->n * self->inner; \
    _Pragma ("omp parallel for schedule(static) if (self->outer * piece > PARALLEL_WORK)") \
    for (gsize i = 0; i < self->outer; i++) \
      { \
        const gint64 *index = (const gint64 *) inputs[1] + i * piece; \
        const Real *x = (const Real *) inputs[0] + i * self->size * self->inner; \
        Real *y = (Real *) output + i * piece; \
        for (gsize j = 0; j < self->n; j++) \
          for (gsize k = 0; k < self->inner; k++, index++) \
            *y++ = is_within (*index, self->size) ? x[(gsize) *index * self->inner + k] : (Real) NAN; \
      } \
  }

#define SCATTER_ADD(name, Real) \
  static void \
  name (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch) \
  { \
    const Indexing *self = data; \
    const gsize piece = self->n * self->inner; \
    _Pragma ("omp parallel for schedule(static) if (self->outer * piece > PARALLEL_WORK)") \
    for (gsize i = 0; i < self->outer; i++) \
      { \
        const gint64 *index = (const gint64 *) inputs[1] + i * piece; \
        const Real *x = (const Real *) inputs[0] + i * piece; \
        Real *y = (Real *) output + i * self->size * self->inner; \
        memset (y, 0, self->size * self->inner * sizeof (Real)); \
        for (gsize j = 0; j < self->n; j++) \
          for (gsize k = 0; k < self->inner; k++, index++, x++) \
            if (is_within (*index, self->size)) \
              y[(gsize) *index * self->inner + k] += *x; \
      } \
  }

GATHER (gather_float32, gfloat)
GATHER (gather_float64, gdouble)
SCATTER_ADD (scatter_add_float32, gfloat)
SCATTER_ADD (scatter_add_float64, gdouble)

#define INDEX_SELECT(name, Real) \
  static void \
  name (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch) \
  { \
    const Indexing *self = data; \
    const gint64 *index = inputs[1]; \
    const gsize inner = self->inner; \
    _Pragma ("omp parallel for collapse(2) schedule(static) if (self->outer * self->n * inner > PARALLEL_WORK)") \
    for (gsize i = 0; i < self->outer; i++) \
      for (gsize j = 0; j < self->n; j++) \
        { \
          const gboolean within = is_within (index[j], self->size); \
          const Real *x = (const Real *) inputs[0] + (i * self->size + (within ? (gsize) index[j] : 0)) * inner; \
          Real *y = (Real *) output + (i * self->n + j) * inner; \
          if (!within) \
            self->loops->fill (y, NAN, inner); \
          else if (inner > SHORT_ROW) \
            memcpy (y, x, inner * sizeof (Real)); \
          else \
            for (gsize k = 0; k < inner; k++) \
              y[k] = x[k]; \
        } \
  }

#define INDEX_ADD(name, Real) \
  static void \
  name (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch) \
  { \
    const Indexing *self = data; \
    const gint64 *index = inputs[1]; \
    const gsize inner = self->inner; \
    _Pragma ("omp parallel for collapse(2) schedule(static) if (self->outer * (self->n + self->size) * inner > PARALLEL_WORK)") \
    for (gsize i = 0; i < self->outer; i++) \
      for (guint part = 0; part < self->parts; part++) \
        { \
          const gsize from = self->size * part / self->parts, to = self->size * (part + 1) / self->parts; \
          const Real *x = (const Real *) inputs[0] + i * self->n * inner; \
          Real *y = (Real *) output + i * self->size * inner; \
          memset (y + from * inner, 0, (to - from) * inner * sizeof (Real)); \
          for (gsize j = 0; j < self->n; j++, x += inner) \
            if (index[j] >= (gint64) from && index[j] < (gint64) to) \
              { \
                Real *row = y + (gsize) index[j] * inner; \
                if (inner > SHORT_ROW) \
                  self->loops->add (row, x, inner); \
                else \
                  for (gsize k = 0; k < inner; k++) \
                    row[k] += x[k]; \
              } \
        } \
  }

INDEX_SELECT (index_select_float32, gfloat)
INDEX_SELECT (index_select_float64, gdouble)
INDEX_ADD (index_add_float32, gfloat)
INDEX_ADD (index_add_float64, gdouble)

static gsize
product (const GantryShape *shape, guint from, guint to)
{
  gsize result = 1;

  for (guint i = from; i < to; i++)
    result *= shape->dims[i];
  return result;
}

static const struct {
  const gchar *name;
  gboolean selects; /* slices: the index has the axes of one */
  gboolean adds;
  void (*run[2]) (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch);
} kinds[] = {
  { "gather", FALSE, FALSE, { gather_float32, gather_float64 } },
  { "scatter-add", FALSE, TRUE, { scatter_add_float32, scatter_add_float64 } },
  { "index-select", TRUE, FALSE, { index_select_float32, index_select_float64 } },
  { "index-add", TRUE, TRUE, { index_add_float32, index_add_float64 } }
};

gboolean
openblas_claim_indexing (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *y = claim->tensor, *index = gantry_tensor_get_input (y, 1);
  GantryDType dtype = gantry_tensor_get_dtype (y);
  const Numeric *numeric = numeric_for (backend, dtype);
  const GantryShape *indexed;
  Indexing *self;
  guint kind = 0, n_ints, axis;

  while (!g_str_equal (kinds[kind].name, gantry_tensor_get_op_name (y)))
    kind++;
  if (numeric == NULL)
    return FALSE;
  indexed = gantry_tensor_get_shape (kinds[kind].adds ? y : gantry_tensor_get_input (y, 0));
  axis = gantry_tensor_get_ints (y, &n_ints)[0];
  self = g_new0 (Indexing, 1);
  self->loops = numeric->loops;
  self->outer = product (indexed, 0, axis);
  self->size = indexed->dims[axis];
  self->inner = product (indexed, axis + 1, indexed->n_dims);
  self->n = kinds[kind].selects ? gantry_tensor_get_size (index) : gantry_tensor_get_dim (index, axis);
  self->parts = MIN (self->size, openblas_count_threads ());
  openblas_fill_kernel (kernel, kinds[kind].name, 0, kinds[kind].run[dtype == GANTRY_FLOAT64], self, g_free);
  return TRUE;
}
