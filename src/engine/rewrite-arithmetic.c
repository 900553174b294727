/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exact algebra of elementwise ops.  Products with 0 stay: 0 times NaN or infinity is NaN, and training wants to see it.
 */
#include <math.h>

#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

static gdouble
real (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_reals (tensor, &n)[0];
}

static GantryTensor *
rewrite_neg (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (_gantry_tensor_is (x, "neg"))
    return INPUT (x, 0);
  if (_gantry_tensor_is (x, "scale"))
    return _gantry_reduce (simplifier, gantry_scale (INPUT (x, 0), -real (x)));
  if (_gantry_tensor_is (x, "sub"))
    return _gantry_reduce (simplifier, gantry_sub (INPUT (x, 1), INPUT (x, 0)));
  return NULL;
}

/* Far from what float32 cannot hold. */
static gboolean
is_moderate (gdouble factor)
{
  return fabs (factor) > 1e-30 && fabs (factor) < 1e30;
}

static GantryTensor *
rewrite_scale (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (real (y) == 1)
    return x;
  if (real (y) == -1)
    return _gantry_reduce (simplifier, gantry_neg (x));
  if (_gantry_tensor_is (x, "neg"))
    return _gantry_reduce (simplifier, gantry_scale (INPUT (x, 0), -real (y)));
  if (_gantry_tensor_is (x, "scale") && is_moderate (real (x)) && is_moderate (real (y)) && is_moderate (real (x) * real (y)))
    return _gantry_reduce (simplifier, gantry_scale (INPUT (x, 0), real (y) * real (x)));
  return NULL;
}

static GantryTensor *
rewrite_cast (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (gantry_tensor_get_dtype (x) == gantry_tensor_get_dtype (y))
    return x;
  if (!_gantry_tensor_is (x, "cast"))
    return NULL;
  /* Where the first of two casts loses nothing, the second alone gives the same. */
  if (gantry_tensor_get_dtype (INPUT (x, 0)) == GANTRY_BOOL8
      || (gantry_tensor_get_dtype (INPUT (x, 0)) == GANTRY_FLOAT32 && gantry_tensor_get_dtype (x) == GANTRY_FLOAT64))
    return _gantry_reduce (simplifier, gantry_cast (INPUT (x, 0), gantry_tensor_get_dtype (y)));
  return NULL;
}

/* a + b, where b is known. */
static GantryTensor *
add_known (GantrySimplifier *simplifier, GantryTensor *y, GantryTensor *a, gdouble b)
{
  if (!_gantry_tensor_same_type (a, y))
    return NULL;
  if (b == 0)
    return a;
  return gantry_dtype_is_float (gantry_tensor_get_dtype (y)) ? _gantry_reduce (simplifier, gantry_offset (a, b)) : NULL;
}

static GantryTensor *
rewrite_add (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *a = INPUT (y, 0), *b = INPUT (y, 1), *result = NULL;
  gdouble value;

  if (_gantry_tensor_is_fill (b, &value))
    result = add_known (simplifier, y, a, value);
  else if (_gantry_tensor_is_fill (a, &value))
    result = add_known (simplifier, y, b, value);
  else if (_gantry_tensor_is (b, "neg"))
    result = _gantry_reduce (simplifier, gantry_sub (a, INPUT (b, 0)));
  else if (_gantry_tensor_is (a, "neg"))
    result = _gantry_reduce (simplifier, gantry_sub (b, INPUT (a, 0)));
  else if (a == b && gantry_dtype_is_float (gantry_tensor_get_dtype (y)))
    result = _gantry_reduce (simplifier, gantry_scale (a, 2));
  return result;
}

static GantryTensor *
rewrite_sub (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *a = INPUT (y, 0), *b = INPUT (y, 1), *result = NULL;
  gdouble value;

  if (_gantry_tensor_is_fill (b, &value))
    result = add_known (simplifier, y, a, -value);
  else if (_gantry_tensor_is_fill (a, &value) && value == 0 && _gantry_tensor_same_type (b, y)
           && gantry_dtype_is_float (gantry_tensor_get_dtype (y)))
    result = _gantry_reduce (simplifier, gantry_neg (b));
  else if (_gantry_tensor_is (b, "neg"))
    result = _gantry_reduce (simplifier, gantry_add (a, INPUT (b, 0)));
  return result;
}

static GantryTensor *
mul_known (GantrySimplifier *simplifier, GantryTensor *y, GantryTensor *a, gdouble b)
{
  if (!_gantry_tensor_same_type (a, y))
    return NULL;
  if (b == 1)
    return a;
  return gantry_dtype_is_float (gantry_tensor_get_dtype (y)) ? _gantry_reduce (simplifier, gantry_scale (a, b)) : NULL;
}

static GantryTensor *
rewrite_mul (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *a = INPUT (y, 0), *b = INPUT (y, 1), *result = NULL;
  gdouble value;

  if (_gantry_tensor_is_fill (b, &value))
    result = mul_known (simplifier, y, a, value);
  else if (_gantry_tensor_is_fill (a, &value))
    result = mul_known (simplifier, y, b, value);
  else if (a == b && gantry_dtype_is_float (gantry_tensor_get_dtype (y)))
    result = _gantry_reduce (simplifier, gantry_square (a));
  else if (_gantry_tensor_is (a, "neg") && _gantry_tensor_is (b, "neg"))
    result = _gantry_reduce (simplifier, gantry_mul (INPUT (a, 0), INPUT (b, 0)));
  return result;
}

/* A power of 2, whose reciprocal is exact, and not at the end of what there is. */
static gboolean
is_power_of_2 (gdouble value)
{
  gint exponent;

  return is_moderate (value) && fabs (frexp (value, &exponent)) == 0.5;
}

static GantryTensor *
rewrite_div (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *a = INPUT (y, 0), *b = INPUT (y, 1);
  gdouble value;

  if (_gantry_tensor_is_fill (b, &value) && is_power_of_2 (value) && _gantry_tensor_same_type (a, y))
    return _gantry_reduce (simplifier, gantry_scale (a, 1 / value));
  if (_gantry_tensor_is_fill (a, &value) && value == 1 && _gantry_tensor_same_type (b, y))
    return _gantry_reduce (simplifier, gantry_reciprocal (b));
  if (_gantry_tensor_is (a, "neg") && _gantry_tensor_is (b, "neg"))
    return _gantry_reduce (simplifier, gantry_div (INPUT (a, 0), INPUT (b, 0)));
  return NULL;
}

/* An even function does not see a sign. */
static GantryTensor *
rewrite_even (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  if (!_gantry_tensor_is (x, "neg") && !_gantry_tensor_is (x, "abs"))
    return NULL;
  return _gantry_reduce (simplifier, _gantry_tensor_is (y, "abs") ? gantry_abs (INPUT (x, 0)) : gantry_square (INPUT (x, 0)));
}

/* A function that changes nothing the second time. */
static GantryTensor *
rewrite_idempotent (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  return gantry_tensor_get_op (x) == gantry_tensor_get_op (y) ? x : NULL;
}

static GantryTensor *
rewrite_reciprocal (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0);

  return _gantry_tensor_is (x, "sqrt") ? _gantry_reduce (simplifier, gantry_rsqrt (INPUT (x, 0))) : NULL;
}

/* Powers that have an op of their own. */
static GantryTensor *
rewrite_pow (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = INPUT (y, 0), *result = NULL;
  gdouble exponent;

  if (!_gantry_tensor_is_fill (INPUT (y, 1), &exponent) || !_gantry_tensor_same_type (x, y))
    return NULL;
  if (exponent == 1)
    return x;
  if (exponent == 0)
    result = gantry_ones_like (x);
  else if (exponent == 2)
    result = gantry_square (x);
  else if (exponent == 0.5)
    result = gantry_sqrt (x);
  else if (exponent == -0.5)
    result = gantry_rsqrt (x);
  else if (exponent == -1)
    result = gantry_reciprocal (x);
  return result != NULL ? _gantry_reduce (simplifier, result) : NULL;
}

static GantryTensor *
rewrite_not (GantrySimplifier *simplifier, GantryTensor *y)
{
  return _gantry_tensor_is (INPUT (y, 0), "logical-not") ? INPUT (INPUT (y, 0), 0) : NULL;
}

static GantryTensor *
rewrite_select (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *chosen = INPUT (y, 1);
  gdouble value;

  if (_gantry_tensor_is_fill (INPUT (y, 0), &value))
    chosen = value != 0 ? INPUT (y, 1) : INPUT (y, 2);
  else if (INPUT (y, 1) != INPUT (y, 2))
    return NULL;
  return _gantry_reduce (simplifier, gantry_broadcast_to (chosen, gantry_tensor_get_shape (y)));
}

/* max(a, a) = min(a, a) = (a and a) = (a or a) = a. */
static GantryTensor *
rewrite_extremum (GantrySimplifier *simplifier, GantryTensor *y)
{
  return INPUT (y, 0) == INPUT (y, 1) ? INPUT (y, 0) : NULL;
}

static GantryTensor *
rewrite_offset (GantrySimplifier *simplifier, GantryTensor *y)
{
  return real (y) == 0 ? INPUT (y, 0) : NULL;
}

static GantryTensor *
rewrite_detach (GantrySimplifier *simplifier, GantryTensor *y)
{
  return INPUT (y, 0);
}

GantryTensor *
_gantry_rewrite_arithmetic (GantrySimplifier *simplifier, GantryTensor *y)
{
  static const struct {
    const gchar *name;
    GantryTensor *(*rewrite) (GantrySimplifier *simplifier, GantryTensor *y);
  } rules[] = {
    { "neg", rewrite_neg }, { "scale", rewrite_scale }, { "offset", rewrite_offset }, { "cast", rewrite_cast }, { "detach", rewrite_detach },
    { "add", rewrite_add }, { "sub", rewrite_sub }, { "mul", rewrite_mul }, { "div", rewrite_div }, { "select", rewrite_select },
    { "maximum", rewrite_extremum }, { "minimum", rewrite_extremum }, { "abs", rewrite_even }, { "square", rewrite_even },
    { "relu", rewrite_idempotent }, { "sign", rewrite_idempotent }, { "reciprocal", rewrite_reciprocal }, { "pow", rewrite_pow },
    { "floor", rewrite_idempotent }, { "ceil", rewrite_idempotent }, { "round", rewrite_idempotent },
    { "logical-and", rewrite_extremum }, { "logical-or", rewrite_extremum }, { "logical-not", rewrite_not }
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (_gantry_tensor_is (y, rules[i].name))
      return rules[i].rewrite (simplifier, y);
  return NULL;
}
