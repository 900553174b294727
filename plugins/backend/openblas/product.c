/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One product of matrices: tiles of the result over threads, and chunks of the inner axis where tiles are few. */
#include "config.h"

#include <string.h>

#include "openblas-private.h"

#define ENOUGH_TILES 8
#define MAX_CHUNKS 16
#define VECTOR_BLOCK 1024

struct _Product {
  const Numeric *numeric;
  gboolean transpose_a;
  gboolean transpose_b;
  gsize m;
  gsize n;
  gsize k;
  gsize tile_m;
  gsize tile_n;
  gsize chunk_k;
  guint n_chunks;
};

void
openblas_gemm (const Numeric *numeric, gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k, gconstpointer a, gsize lda,
               gconstpointer b, gsize ldb, gdouble beta, gpointer c, gsize ldc)
{
  int ta = transpose_a ? GANTRY_BLAS_TRANSPOSE : GANTRY_BLAS_NO_TRANSPOSE;
  int tb = transpose_b ? GANTRY_BLAS_TRANSPOSE : GANTRY_BLAS_NO_TRANSPOSE;

  if (numeric->loops->size == sizeof (gfloat))
    numeric->blas->sgemm (GANTRY_BLAS_ROW_MAJOR, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
  else
    numeric->blas->dgemm (GANTRY_BLAS_ROW_MAJOR, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

void
openblas_combine (const Numeric *numeric, gpointer parts, guint n_parts, gsize stride, gsize n, gpointer output)
{
  const Loops *loops = numeric->loops;

#pragma omp parallel for schedule(static) if (n * n_parts > PARALLEL_WORK)
  for (gsize start = 0; start < n; start += VECTOR_BLOCK)
    {
      gsize length = MIN (VECTOR_BLOCK, n - start);

      for (guint step = 1; step < n_parts; step *= 2)
        for (guint i = 0; i + step < n_parts; i += 2 * step)
          loops->add (element (numeric, parts, i * stride + start), element (numeric, parts, (i + step) * stride + start), length);
      memcpy (element (numeric, output, start), element (numeric, parts, start), length * loops->size);
    }
}

Product *
openblas_product_new (const Numeric *numeric, gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k)
{
  Product *product;
  gsize tiles;

  if (m > G_MAXINT || n > G_MAXINT || k > G_MAXINT || m == 0 || n == 0 || k == 0)
    return NULL;
  product = g_new0 (Product, 1);
  *product = (Product) { numeric, transpose_a, transpose_b, m, n, k, MIN (m, 256), MIN (n, 512), k, 1 };
  for (;;)
    {
      tiles = ((m + product->tile_m - 1) / product->tile_m) * ((n + product->tile_n - 1) / product->tile_n);
      if (tiles >= ENOUGH_TILES || MAX (product->tile_m, product->tile_n) <= 64)
        break;
      if (product->tile_m > product->tile_n)
        product->tile_m = (product->tile_m / 2 + 15) & ~(gsize) 15;
      else
        product->tile_n = (product->tile_n / 2 + 15) & ~(gsize) 15;
    }
  if (tiles < ENOUGH_TILES && k >= 1024 && m > 1 && n > 1)
    {
      product->n_chunks = MIN (MAX_CHUNKS, k / 512);
      product->chunk_k = (k + product->n_chunks - 1) / product->n_chunks;
      product->n_chunks = (k + product->chunk_k - 1) / product->chunk_k;
    }
  return product;
}

void
openblas_product_free (Product *product)
{
  g_free (product);
}

gsize
openblas_product_get_scratch (const Product *product)
{
  return product->n_chunks > 1 ? product->n_chunks * product->m * product->n * product->numeric->loops->size : 0;
}

/* y = M x or M^T x, where M has `rows` rows in memory */
static void
multiply_vector (const Numeric *numeric, gconstpointer matrix, gsize rows, gsize columns, gboolean transpose, gconstpointer x, gpointer y)
{
  const Loops *loops = numeric->loops;

  if (!transpose)
    {
#pragma omp parallel for schedule(static) if (rows * columns > PARALLEL_WORK)
      for (gsize i = 0; i < rows; i++)
        loops->fill (element (numeric, y, i), loops->dot (element (numeric, matrix, i * columns), x, columns), 1);
      return;
    }
#pragma omp parallel for schedule(static) if (rows * columns > PARALLEL_WORK)
  for (gsize start = 0; start < columns; start += 64)
    {
      gsize length = MIN (64, columns - start);

      loops->fill (element (numeric, y, start), 0, length);
      for (gsize i = 0; i < rows; i++)
        {
          gconstpointer factor = element (numeric, x, i);

          loops->add_scaled (element (numeric, y, start), element (numeric, matrix, i * columns + start),
                             loops->size == sizeof (gfloat) ? *(const gfloat *) factor : *(const gdouble *) factor, length);
        }
    }
}

void
openblas_product_run (const Product *self, gconstpointer a, gconstpointer b, gpointer c, gpointer scratch)
{
  const Numeric *numeric = self->numeric;
  gsize m = self->m, n = self->n, k = self->k;
  gsize lda = self->transpose_a ? m : k, ldb = self->transpose_b ? k : n;
  gsize tiles_m = (m + self->tile_m - 1) / self->tile_m, tiles_n = (n + self->tile_n - 1) / self->tile_n;
  gpointer parts = self->n_chunks > 1 ? scratch : c;

  if (n == 1)
    {
      multiply_vector (numeric, a, self->transpose_a ? k : m, self->transpose_a ? m : k, self->transpose_a, b, c);
      return;
    }
  if (m == 1)
    {
      multiply_vector (numeric, b, self->transpose_b ? n : k, self->transpose_b ? k : n, !self->transpose_b, a, c);
      return;
    }
#pragma omp parallel for schedule(dynamic) collapse(3) if (m * n * k > PARALLEL_WORK * 4)
  for (guint chunk = 0; chunk < self->n_chunks; chunk++)
    for (gsize i = 0; i < tiles_m; i++)
      for (gsize j = 0; j < tiles_n; j++)
        {
          gsize row = i * self->tile_m, column = j * self->tile_n, inner = chunk * self->chunk_k;

          openblas_gemm (numeric, self->transpose_a, self->transpose_b, MIN (self->tile_m, m - row), MIN (self->tile_n, n - column),
                         MIN (self->chunk_k, k - inner), element (numeric, a, self->transpose_a ? inner * lda + row : row * lda + inner), lda,
                         element (numeric, b, self->transpose_b ? column * ldb + inner : inner * ldb + column), ldb, 0,
                         element (numeric, parts, chunk * m * n + row * n + column), n);
        }
  if (self->n_chunks > 1)
    openblas_combine (numeric, parts, self->n_chunks, m * n, m * n, c);
}
