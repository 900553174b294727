/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/error.h>
#include <gantry/shape.h>

G_BEGIN_DECLS

/**
 * GantryBlas:
 * @file: the library's file
 * @config: its version and build options, as it says them
 * @core: the kernels that it chose
 * @reason: why those
 * @sgemm: C := alpha op(A) op(B) + beta C in float32; arguments as CBLAS has them
 * @dgemm: the same in float64
 *
 * OpenBLAS, opened at run time and working with one thread: callers divide the work.
 */
typedef struct {
  gsize size;
  const gchar *file;
  const gchar *config;
  const gchar *core;
  const gchar *reason;
  void (*sgemm) (int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
                 float beta, float *c, int ldc);
  void (*dgemm) (int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha, const double *a, int lda, const double *b,
                 int ldb, double beta, double *c, int ldc);
} GantryBlas;

#define GANTRY_BLAS_ROW_MAJOR 101
#define GANTRY_BLAS_NO_TRANSPOSE 111
#define GANTRY_BLAS_TRANSPOSE 112

GANTRY_API const GantryBlas *gantry_blas_open (GError **error);
GANTRY_API gdouble gantry_blas_measure (GantryDType dtype, guint n_threads, GError **error); /* FLOP/s of products of matrices */

G_END_DECLS
