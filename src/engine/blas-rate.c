/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How fast matrices are multiplied here and now: what other times are compared with. */
#include <gantry/array.h>
#include <gantry/blas.h>

#include "program-private.h"

#define SIDE 1536
#define N_PRODUCTS 5

static void
fill (GantryArray *array)
{
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, (gdouble) (i * 7919 % 1021) / 1021 - 0.5);
}

/* Each thread makes rows of its own, as the kernels of backends do. */
static void
multiply (const GantryBlas *blas, GantryDType dtype, guint n_threads, gconstpointer a, gconstpointer b, gpointer c)
{
#pragma omp parallel for num_threads(n_threads) schedule(static, 1)
  for (guint t = 0; t < n_threads; t++)
    {
      const gsize first = (gsize) SIDE * t / n_threads;
      const int rows = (int) ((gsize) SIDE * (t + 1) / n_threads - first);

      if (dtype == GANTRY_FLOAT64)
        blas->dgemm (GANTRY_BLAS_ROW_MAJOR, GANTRY_BLAS_NO_TRANSPOSE, GANTRY_BLAS_NO_TRANSPOSE, rows, SIDE, SIDE, 1,
                     (const gdouble *) a + first * SIDE, SIDE, b, SIDE, 0, (gdouble *) c + first * SIDE, SIDE);
      else
        blas->sgemm (GANTRY_BLAS_ROW_MAJOR, GANTRY_BLAS_NO_TRANSPOSE, GANTRY_BLAS_NO_TRANSPOSE, rows, SIDE, SIDE, 1,
                     (const gfloat *) a + first * SIDE, SIDE, b, SIDE, 0, (gfloat *) c + first * SIDE, SIDE);
    }
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gdouble left = *(const gdouble *) a, right = *(const gdouble *) b;

  return (left > right) - (left < right);
}

/**
 * gantry_blas_measure:
 * @dtype: %GANTRY_FLOAT32 or %GANTRY_FLOAT64
 * @n_threads: how many threads multiply, at least 1
 * @error: return location for an error
 *
 * Multiplies square matrices of 1536 rows with OpenBLAS, each thread a share of the rows; one warm-up and five timed products, a fraction of
 * a second.
 *
 * Returns: FLOP/s, of the median product; a multiplication and an addition count one each; 0 with %GANTRY_ENGINE_ERROR_BACKEND where there is
 *   no OpenBLAS, %GANTRY_ENGINE_ERROR_MEMORY where memory is lacking
 */
gdouble
gantry_blas_measure (GantryDType dtype, guint n_threads, GError **error)
{
  const GantryBlas *blas = gantry_blas_open (error);
  g_autoptr (GantryArray) a = NULL;
  g_autoptr (GantryArray) b = NULL;
  g_autoptr (GantryArray) c = NULL;
  gdouble seconds[N_PRODUCTS];

  g_return_val_if_fail (gantry_dtype_is_float (dtype) && n_threads > 0, 0);
  if (blas == NULL)
    return 0;
  a = gantry_array_try_new (dtype, GANTRY_SHAPE (SIDE, SIDE), error);
  b = a != NULL ? gantry_array_try_new (dtype, GANTRY_SHAPE (SIDE, SIDE), error) : NULL;
  c = b != NULL ? gantry_array_try_new (dtype, GANTRY_SHAPE (SIDE, SIDE), error) : NULL;
  if (c == NULL)
    return 0;
  fill (a);
  fill (b);
  for (gint i = -1; i < N_PRODUCTS; i++)
    {
      const gint64 start = _gantry_profile_now ();

      multiply (blas, dtype, n_threads, gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_data (c));
      if (i >= 0)
        seconds[i] = 1e-9 * (gdouble) (_gantry_profile_now () - start);
    }
  qsort (seconds, N_PRODUCTS, sizeof seconds[0], compare);
  return 2.0 * SIDE * SIDE * SIDE / seconds[N_PRODUCTS / 2];
}
