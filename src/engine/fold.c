/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Constant folding: ops of tensors whose elements all have one known value. */
#include <math.h>
#include <string.h>

#include "simplify-private.h"

/* Integers above this are not all doubles. */
#define EXACT 0x1p53

typedef gdouble (*Unary) (gdouble x);
typedef gdouble (*Binary) (gdouble a, gdouble b);

#define UNARY(name, expression) static gdouble name (gdouble x) { return expression; }
#define BINARY(name, expression) static gdouble name (gdouble a, gdouble b) { return expression; }

UNARY (fold_neg, -x)
UNARY (fold_sign, (x > 0) - (x < 0))
UNARY (fold_rsqrt, 1 / sqrt (x))
UNARY (fold_reciprocal, 1 / x)
UNARY (fold_square, x * x)
UNARY (fold_relu, x < 0 ? 0 : x)
UNARY (fold_identity, x)
UNARY (fold_not, x == 0)
BINARY (fold_add, a + b)
BINARY (fold_sub, a - b)
BINARY (fold_mul, a * b)
BINARY (fold_div, a / b)
BINARY (fold_maximum, a > b || a != a ? a : b)
BINARY (fold_minimum, a < b || a != a ? a : b)
BINARY (fold_less, a < b)
BINARY (fold_greater, a > b)
BINARY (fold_equal, a == b)
BINARY (fold_less_equal, a <= b)
BINARY (fold_greater_equal, a >= b)
BINARY (fold_not_equal, a != b)
BINARY (fold_and, a != 0 && b != 0)
BINARY (fold_or, a != 0 || b != 0)

static const struct {
  const gchar *name;
  Unary unary;
  Binary binary;
} functions[] = {
  { "neg", fold_neg, NULL }, { "abs", fabs, NULL }, { "sign", fold_sign, NULL }, { "exp", exp, NULL }, { "log", log, NULL },
  { "sqrt", sqrt, NULL }, { "rsqrt", fold_rsqrt, NULL }, { "reciprocal", fold_reciprocal, NULL }, { "square", fold_square, NULL },
  { "relu", fold_relu, NULL }, { "cast", fold_identity, NULL }, { "reshape", fold_identity, NULL }, { "permute", fold_identity, NULL },
  { "broadcast-to", fold_identity, NULL }, { "slice", fold_identity, NULL }, { "max", fold_identity, NULL },
  { "add", NULL, fold_add }, { "sub", NULL, fold_sub }, { "mul", NULL, fold_mul }, { "div", NULL, fold_div },
  { "maximum", NULL, fold_maximum }, { "minimum", NULL, fold_minimum }, { "less", NULL, fold_less }, { "greater", NULL, fold_greater },
  { "equal", NULL, fold_equal }, { "less-equal", NULL, fold_less_equal }, { "greater-equal", NULL, fold_greater_equal },
  { "not-equal", NULL, fold_not_equal }, { "logical-and", NULL, fold_and }, { "logical-or", NULL, fold_or },
  { "logical-not", fold_not, NULL }, { "pow", NULL, pow }, { "floor", floor, NULL }, { "ceil", ceil, NULL }, { "round", nearbyint, NULL },
  { "scale", NULL, fold_mul }, { "offset", NULL, fold_add }
};

static GantryTensor *
fill_like (GantrySimplifier *simplifier, GantryTensor *y, gdouble value)
{
  GantryDType dtype = gantry_tensor_get_dtype (y);

  if (dtype == GANTRY_FLOAT32)
    value = (gfloat) value;
  else if (dtype == GANTRY_BOOL8)
    value = value != 0;
  else if (dtype == GANTRY_INT64 && !(fabs (value) <= EXACT))
    return NULL;
  else if (dtype == GANTRY_INT64)
    value = trunc (value);
  return _gantry_reduce (simplifier, gantry_fill (gantry_tensor_get_graph (y), gantry_tensor_get_shape (y), dtype, value));
}

static gboolean
evaluate (GantryTensor *y, gdouble *value)
{
  guint n_reals, n_inputs = gantry_tensor_get_n_inputs (y);
  const gdouble *reals = gantry_tensor_get_reals (y, &n_reals);
  gdouble operands[2] = { 0, n_reals > 0 ? reals[0] : 0 };

  for (guint i = 0; i < n_inputs; i++)
    if (i >= 2 || !_gantry_tensor_is_fill (gantry_tensor_get_input (y, i), &operands[i]))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (_gantry_tensor_is (y, functions[i].name))
      {
        *value = functions[i].unary != NULL ? functions[i].unary (operands[0]) : functions[i].binary (operands[0], operands[1]);
        return TRUE;
      }
  return FALSE;
}

static GantryTensor *
fold_sum (GantrySimplifier *simplifier, GantryTensor *y)
{
  GantryTensor *x = gantry_tensor_get_input (y, 0);
  gdouble value;

  if (!_gantry_tensor_is_fill (x, &value))
    return NULL;
  return fill_like (simplifier, y, value * ((gdouble) gantry_tensor_get_size (x) / (gdouble) gantry_tensor_get_size (y)));
}

static GantryTensor *
fold_pad (GantrySimplifier *simplifier, GantryTensor *y)
{
  gdouble value;

  if (!_gantry_tensor_is_fill (gantry_tensor_get_input (y, 0), &value) || value != 0)
    return NULL;
  return fill_like (simplifier, y, 0);
}

static GantryTensor *
fold_concat (GantrySimplifier *simplifier, GantryTensor *y)
{
  gdouble first, value;

  for (guint i = 0; i < gantry_tensor_get_n_inputs (y); i++)
    if (!_gantry_tensor_is_fill (gantry_tensor_get_input (y, i), i == 0 ? &first : &value) || (i > 0 && value != first))
      return NULL;
  return fill_like (simplifier, y, first);
}

/* A constant that is one number is a fill like any other. */
static GantryTensor *
fold_constant (GantrySimplifier *simplifier, GantryTensor *y)
{
  gdouble value;

  return _gantry_tensor_is_fill (y, &value) ? fill_like (simplifier, y, value) : NULL;
}

GantryTensor *
_gantry_fold (GantrySimplifier *simplifier, GantryTensor *y)
{
  gdouble value;

  if (_gantry_tensor_is (y, "constant"))
    return fold_constant (simplifier, y);
  if (gantry_tensor_get_n_inputs (y) == 0)
    return NULL;
  if (_gantry_tensor_is (y, "sum"))
    return fold_sum (simplifier, y);
  if (_gantry_tensor_is (y, "pad"))
    return fold_pad (simplifier, y);
  if (_gantry_tensor_is (y, "concat"))
    return fold_concat (simplifier, y);
  return evaluate (y, &value) ? fill_like (simplifier, y, value) : NULL;
}
