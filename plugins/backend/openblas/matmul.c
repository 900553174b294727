/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* matmul: products of stacks of matrices whose leading axes broadcast. */
#include "config.h"

#include "openblas-private.h"

typedef struct {
  const Numeric *numeric;
  Product *product; /* of one pair of matrices, or of the whole stack where it is one tall matrix */
  gsize n_products;
  gsize *a; /* first elements of each pair's matrices */
  gsize *b;
  gsize c_step;
} Matmul;

static void
matmul_free (gpointer data)
{
  Matmul *self = data;

  openblas_product_free (self->product);
  g_free (self->a);
  g_free (self->b);
  g_free (self);
}

static void
matmul_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Matmul *self = data;

  /* each product opens its own threads, unless these are all taken */
#pragma omp parallel for schedule(static) if (self->n_products >= 4 && openblas_product_get_scratch (self->product) == 0)
  for (gsize i = 0; i < self->n_products; i++)
    openblas_product_run (self->product, element (self->numeric, inputs[0], self->a[i]), element (self->numeric, inputs[1], self->b[i]),
                          element (self->numeric, output, i * self->c_step), scratch);
}

/* Elements from the start of `tensor` to its matrix number i of the broadcast stack `shape` */
static gsize
matrix_offset (GantryTensor *tensor, const GantryShape *shape, gsize i)
{
  const GantryShape *own = gantry_tensor_get_shape (tensor);
  gsize stride = own->dims[own->n_dims - 1] * own->dims[own->n_dims - 2], offset = 0;

  for (guint axis = 2; axis < shape->n_dims; axis++)
    {
      gsize index = i % shape->dims[shape->n_dims - 1 - axis];

      i /= shape->dims[shape->n_dims - 1 - axis];
      if (axis < own->n_dims)
        {
          gsize dim = own->dims[own->n_dims - 1 - axis];

          offset += (dim == 1 ? 0 : index) * stride;
          stride *= dim;
        }
    }
  return offset;
}

gboolean
openblas_claim_matmul (const Openblas *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *a = gantry_tensor_get_input (claim->tensor, 0), *b = gantry_tensor_get_input (claim->tensor, 1);
  const Numeric *numeric = numeric_for (backend, gantry_tensor_get_dtype (claim->tensor));
  const GantryShape *shape = gantry_tensor_get_shape (claim->tensor);
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (claim->tensor, &n_ints);
  gsize m, n, k, n_products = 1;
  Product *product;
  Matmul *self;

  if (numeric == NULL || n_ints < 2 || shape->n_dims < 2 || gantry_tensor_get_n_dims (a) < 2 || gantry_tensor_get_n_dims (b) < 2)
    return FALSE;
  m = shape->dims[shape->n_dims - 2];
  n = shape->dims[shape->n_dims - 1];
  k = gantry_tensor_get_dim (a, gantry_tensor_get_n_dims (a) - (ints[0] ? 2 : 1));
  for (guint i = 0; i + 2 < shape->n_dims; i++)
    n_products *= shape->dims[i];
  /* one matrix on the right: the stack on the left is one tall matrix */
  if (!ints[0] && gantry_tensor_get_size (b) == k * n)
    {
      m *= n_products;
      n_products = 1;
    }
  product = openblas_product_new (numeric, ints[0] != 0, ints[1] != 0, m, n, k);
  if (product == NULL)
    return FALSE;
  self = g_new0 (Matmul, 1);
  self->numeric = numeric;
  self->product = product;
  self->n_products = n_products;
  self->c_step = m * n;
  self->a = g_new0 (gsize, n_products);
  self->b = g_new0 (gsize, n_products);
  for (gsize i = 0; i < n_products && n_products > 1; i++)
    {
      self->a[i] = matrix_offset (a, shape, i);
      self->b[i] = matrix_offset (b, shape, i);
    }
  openblas_fill_kernel (kernel, "gemm", openblas_product_get_scratch (product), matmul_run, self, matmul_free);
  return TRUE;
}
