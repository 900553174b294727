/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Softsign, x / (1 + |x|).  Its derivative is 1 / (1 + |x|)^2.  Bergstra et al. 2009, eq. 3. */
#include <gantry/gantry.h>

#include <math.h>

GANTRY_DECLARE_COMPONENT (Softsign, softsign, GANTRY_TYPE_OP_PROVIDER)

static const GantryProperty softsign_properties[] = { GANTRY_END };

static gboolean
softsign_infer (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = *gantry_tensor_get_shape (call->inputs[0]);
  *dtype = gantry_tensor_get_dtype (call->inputs[0]);
  if (gantry_dtype_is_float (*dtype) && call->n_ints == 0 && call->n_reals == 0)
    return TRUE;
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%s with %u attributes, float32 or float64 and none are needed",
               gantry_dtype_name (*dtype), call->n_ints + call->n_reals);
  return FALSE;
}

static void
softsign_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_div (dy, gantry_square (gantry_offset (gantry_abs (gantry_tensor_get_input (y, 0)), 1)));
}

static gdouble
softsign_flops (const GantryTensor *y)
{
  return 3 * (gdouble) gantry_tensor_get_size (y);
}

#define KERNEL(dtype, T) \
  static void \
  softsign_##dtype (const GantryKernelData *data) \
  { \
    const T *x = data->inputs[0]; \
    T *y = data->output; \
    gsize size = gantry_tensor_get_size (data->tensor); \
 \
    for (gsize i = 0; i < size; i++) \
      y[i] = (T) (x[i] / (1 + fabs (x[i]))); \
  }

KERNEL (float32, gfloat)
KERNEL (float64, gdouble)

static const GantryOp softsign = {
  .size = sizeof (GantryOp),
  .name = "softsign",
  .n_inputs = 1,
  .flags = GANTRY_OP_ELEMENTWISE,
  .infer = softsign_infer,
  .gradient = softsign_gradient,
  .flops = softsign_flops,
  .float32 = softsign_float32,
  .float64 = softsign_float64
};

static void
softsign_interface (GantryOpProviderInterface *iface)
{
  iface->op = &softsign;
}

GANTRY_PLUGIN (Softsign, softsign, op, "softsign", "1.0", "x / (1 + |x|)")
