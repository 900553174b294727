/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Activations that are compositions of elementwise ops, which backends evaluate in one pass. */
#include "graph/graph-internal.h"
#include <math.h>

/* A number beside @x. */
static GantryTensor *
number (GantryTensor *x, gdouble value)
{
  return x->poisoned ? x : gantry_fill (x->graph, GANTRY_SCALAR, x->dtype, value);
}

static gboolean
is_real (const GantryTensor *x)
{
  return x->poisoned || gantry_dtype_is_float (x->dtype);
}

/**
 * gantry_clamp:
 * @x: a real tensor
 * @low: lower bound, -INFINITY for none
 * @high: upper bound, not below @low, INFINITY for none
 *
 * Returns: (transfer none): min(max(x, low), high); its derivative is 1 inside and at both bounds, 0 outside
 */
GantryTensor *
gantry_clamp (GantryTensor *x, gdouble low, gdouble high)
{
  GantryTensor *y = x;

  g_return_val_if_fail (x != NULL, NULL);
  if (!is_real (x))
    return _gantry_op_fail (x, "clamp", GANTRY_GRAPH_ERROR_DTYPE, "input 0 is %s, float32 or float64 is needed", gantry_dtype_name (x->dtype));
  if (!(low <= high))
    return _gantry_op_fail (x, "clamp", GANTRY_GRAPH_ERROR_ARGUMENT, "from %g to %g: the lower bound must not be above the upper one", low, high);
  /* Selections, not extrema: those share the gradient at the bounds. */
  if (high < INFINITY)
    y = gantry_select (gantry_greater (x, number (x, high)), number (x, high), y);
  if (low > -INFINITY)
    y = gantry_select (gantry_less (x, number (x, low)), number (x, low), y);
  return y;
}

/**
 * gantry_hardtanh:
 * @x: a real tensor
 *
 * Returns: (transfer none): x clamped to [-1, 1]; its derivative is 1 inside and at both bounds, 0 outside
 */
GantryTensor *
gantry_hardtanh (GantryTensor *x)
{
  return gantry_clamp (x, -1, 1);
}

/**
 * gantry_elu:
 * @x: a real tensor
 * @alpha: finite; minus the value towards -infinity
 *
 * Exponential linear unit (Clevert et al. 2016, eq. 15).
 *
 * Returns: (transfer none): x where it is positive, alpha (exp(x) - 1) elsewhere; its derivative at 0 is @alpha
 */
GantryTensor *
gantry_elu (GantryTensor *x, gdouble alpha)
{
  GantryTensor *positive, *zero;

  g_return_val_if_fail (x != NULL, NULL);
  zero = _gantry_zero (x);
  positive = gantry_greater (x, zero);
  /* The exponential never sees what is positive: its overflow would come back as NaN in the gradient. */
  return gantry_select (positive, x, gantry_scale (gantry_expm1 (gantry_select (positive, zero, x)), alpha));
}

/**
 * gantry_selu:
 * @x: a real tensor
 *
 * Scaled exponential linear unit (Klambauer et al. 2017, eq. 2): the two constants keep mean 0 and variance 1.
 *
 * Returns: (transfer none): 1.0507 times the elu of x with alpha = 1.6733
 */
GantryTensor *
gantry_selu (GantryTensor *x)
{
  return gantry_scale (gantry_elu (x, 1.6732632423543772848), 1.0507009873554804934);
}

/**
 * gantry_silu:
 * @x: a real tensor
 *
 * Sigmoid linear unit, also called swish (Elfwing et al. 2018; Ramachandran et al. 2017).
 *
 * Returns: (transfer none): x sigmoid(x)
 */
GantryTensor *
gantry_silu (GantryTensor *x)
{
  return gantry_mul (x, gantry_sigmoid (x));
}

/**
 * gantry_gelu:
 * @x: a real tensor
 *
 * Gaussian error linear unit (Hendrycks & Gimpel 2016, section 2).
 *
 * Returns: (transfer none): x Phi(x), Phi the distribution function of the standard normal distribution
 */
GantryTensor *
gantry_gelu (GantryTensor *x)
{
  return gantry_mul (gantry_scale (x, 0.5), gantry_offset (gantry_erf (gantry_scale (x, M_SQRT1_2)), 1));
}

/**
 * gantry_gelu_tanh:
 * @x: a real tensor
 *
 * The usual approximation of [func@Gantry.gelu] (Hendrycks & Gimpel 2016, section 2).
 *
 * Returns: (transfer none): 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
 */
GantryTensor *
gantry_gelu_tanh (GantryTensor *x)
{
  GantryTensor *cubic = gantry_scale (gantry_mul (x, gantry_square (x)), 0.044715);
  GantryTensor *inner = gantry_scale (gantry_add (x, cubic), M_SQRT1_2 * M_2_SQRTPI);

  return gantry_mul (gantry_scale (x, 0.5), gantry_offset (gantry_tanh (inner), 1));
}

/**
 * gantry_mish:
 * @x: a real tensor
 *
 * Mish (Misra 2019, eq. 3).
 *
 * Returns: (transfer none): x tanh(softplus(x))
 */
GantryTensor *
gantry_mish (GantryTensor *x)
{
  return gantry_mul (x, gantry_tanh (gantry_softplus (x)));
}

/**
 * gantry_log_sigmoid:
 * @x: a real tensor
 *
 * Returns: (transfer none): log(sigmoid(x)), without overflow for any x
 */
GantryTensor *
gantry_log_sigmoid (GantryTensor *x)
{
  return gantry_neg (gantry_softplus (gantry_neg (x)));
}
