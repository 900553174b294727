/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* matmul with factors rounded to bfloat16; in float32 the products of `openblas` are as fast, and need nothing reordered. */
#include "config.h"

#include "onednn-private.h"

/* A stack of matrices as it lies in memory, read transposed or not; a factor with fewer axes is repeated along the others. */
static void
describe_factor (dnnl_memory_desc_t *desc, GantryTensor *tensor, guint n_dims, gboolean transpose)
{
  const GantryShape *shape = gantry_tensor_get_shape (tensor);
  guint missing = n_dims - shape->n_dims, last = n_dims - 1;
  dnnl_dims_t dims, strides;
  dnnl_dim_t stride = 1;

  for (guint axis = n_dims; axis-- > 0; stride *= dims[axis])
    {
      dims[axis] = axis < missing ? 1 : (dnnl_dim_t) shape->dims[axis - missing];
      strides[axis] = stride;
    }
  if (transpose)
    {
      dnnl_dim_t dim = dims[last], step = strides[last];

      dims[last] = dims[last - 1];
      strides[last] = strides[last - 1];
      dims[last - 1] = dim;
      strides[last - 1] = step;
    }
  dnnl_memory_desc_init_by_strides (desc, n_dims, dims, dnnl_f32, strides);
}

/* The same tensor in bfloat16, as the primitive likes it. */
static void
describe_wanted (dnnl_memory_desc_t *desc, const dnnl_memory_desc_t *own, dnnl_data_type_t type)
{
  dnnl_memory_desc_init_by_tag (desc, own->ndims, own->dims, type, dnnl_format_tag_any);
}

gboolean
onednn_claim_matmul (const Onednn *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *a = gantry_tensor_get_input (claim->tensor, 0), *b = gantry_tensor_get_input (claim->tensor, 1);
  const GantryShape *shape = gantry_tensor_get_shape (claim->tensor);
  guint n_ints, n = shape->n_dims;
  const gint64 *ints = gantry_tensor_get_ints (claim->tensor, &n_ints);
  Operand operands[N_OPERANDS] = { { DNNL_ARG_SRC, dnnl_query_src_md }, { DNNL_ARG_WEIGHTS, dnnl_query_weights_md },
                                   { DNNL_ARG_DST, dnnl_query_dst_md } };
  dnnl_memory_desc_t wanted[N_OPERANDS];
  dnnl_primitive_attr_t attributes;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_matmul_desc_t product;
  Operation *operation;

  if (onednn_get_precision (backend, claim) != GANTRY_PRECISION_BFLOAT16 || gantry_tensor_get_dtype (claim->tensor) != GANTRY_FLOAT32 ||
      gantry_tensor_get_size (claim->tensor) == 0 || gantry_tensor_get_size (a) == 0 || n_ints < 2 || n < 2 || n > DNNL_MAX_NDIMS)
    return FALSE;
  /* with vectors nothing is won */
  if (shape->dims[n - 2] == 1 || shape->dims[n - 1] == 1)
    return FALSE;
  describe_factor (&operands[0].own, a, n, ints[0] != 0);
  describe_factor (&operands[1].own, b, n, ints[1] != 0);
  describe_factor (&operands[2].own, claim->tensor, n, FALSE);
  for (guint i = 0; i < N_OPERANDS; i++)
    describe_wanted (&wanted[i], &operands[i].own, i < 2 ? dnnl_bf16 : dnnl_f32);
  attributes = onednn_attributes_new ();
  if (attributes == NULL)
    return FALSE;
  if (dnnl_matmul_desc_init (&product, &wanted[0], &wanted[1], NULL, &wanted[2]) != dnnl_success ||
      dnnl_primitive_desc_create (&desc, &product, attributes, backend->engine, NULL) != dnnl_success)
    desc = NULL;
  dnnl_primitive_attr_destroy (attributes);
  operation = onednn_operation_new (backend, 1);
  for (guint i = 0; i < N_OPERANDS; i++)
    operands[i].is_divided = TRUE;
  if (!onednn_operation_add (operation, desc, operands))
    {
      onednn_operation_free (operation);
      return FALSE;
    }
  onednn_operation_fill_kernel (operation, kernel, "matmul-bf16");
  return TRUE;
}
