/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>

#include "loops.h"

/* Whether convolutions go by Winograd's tiles: where that is faster, or wherever it is possible. */
typedef enum {
  WINOGRAD_AUTO,
  WINOGRAD_NEVER,
  WINOGRAD_ALWAYS,
  N_WINOGRADS
} WinogradUse;

/**
 * Numeric: what the kernels of one dtype compute with.
 */
typedef struct {
  const Loops *loops;
  const Products *products; /* of convolutions: those of the loops, or of factors in bfloat16 */
  const GantryBlas *blas;
  WinogradUse winograd;
} Numeric;

/**
 * Openblas: the open backend; one Numeric for GANTRY_FLOAT32, one for GANTRY_FLOAT64, and one for GANTRY_FLOAT32 where factors of
 * convolutions may be rounded.
 */
typedef struct {
  GantryCpuLevel level;
  const GantryBlas *blas;
  Numeric numeric[2];
  Numeric bfloat16; /* its products are NULL where the processor has none, or may not use them */
} Openblas;

/* Work below so many operations is not worth waking other threads for. */
#define PARALLEL_WORK 250000

/* Bytes of scratch, kept aligned to the planned workspace's 64. */
#define ALIGNED(bytes) (((bytes) + 63) & ~(gsize) 63)

static inline gpointer
element (const Numeric *numeric, gconstpointer base, gsize i)
{
  return (guint8 *) base + i * numeric->loops->size;
}

/* NULL for dtypes that are left to other backends */
static inline const Numeric *
numeric_for (const Openblas *self, GantryDType dtype)
{
  return dtype == GANTRY_FLOAT32 || dtype == GANTRY_FLOAT64 ? &self->numeric[dtype == GANTRY_FLOAT64] : NULL;
}

/* openblas.c: a kernel's plan and the tensors that it reads, moved into the engine's struct */
void openblas_fill_kernel (GantryKernel *kernel, const gchar *name, gsize scratch,
                           void (*run) (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch), gpointer data,
                           GDestroyNotify free_data);

/* threads.c */
guint openblas_count_threads (void);  /* that a parallel region gets */
guint openblas_thread_number (void);  /* inside one */
void openblas_wait_briefly (void);    /* from now on, at the ends of parallel regions */

/* product.c: C := op(A) op(B) + beta C on the calling thread; m, n, k and strides fit in an int */
void openblas_gemm (const Numeric *numeric, gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k, gconstpointer a, gsize lda,
                    gconstpointer b, gsize ldb, gdouble beta, gpointer c, gsize ldc);
/* Sums n_parts arrays, `stride` elements apart, in a fixed tree; they are overwritten. */
void openblas_combine (const Numeric *numeric, gpointer parts, guint n_parts, gsize stride, gsize n, gpointer output);

/* One product of matrices, tiled over threads */
typedef struct _Product Product;
Product *openblas_product_new (const Numeric *numeric, gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k);
void openblas_product_free (Product *product);
gsize openblas_product_get_scratch (const Product *product);
void openblas_product_run (const Product *product, gconstpointer a, gconstpointer b, gpointer c, gpointer scratch);

gboolean openblas_claim_matmul (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_convolution (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_choose_layouts (const Openblas *self, const GantryClaim *claim, GantryLayouts *layouts);
gboolean openblas_claim_elementwise (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_reduction (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_scale (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel); /* the mean, or elementwise */
gboolean openblas_claim_several (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_indexing (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_resample (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_max_pool_index (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean openblas_claim_movement (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
