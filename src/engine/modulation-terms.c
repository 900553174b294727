/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a tensor [n, a, b, kh, kw] is made of: products of factors that depend on few of its axes. */
#include <string.h>

#include "modulation-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)
#define GROUPS 6

static const guint turn[MODULATION_AXES] = { 0, 2, 1, 3, 4 };

static gboolean expand (GantrySimplifier *simplifier, GantryTensor *tensor, gboolean turned, GantryModulationTerms *terms);

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

/* With axes of size 1 before, up to five. */
static gboolean
get_shape (GantryTensor *tensor, gboolean turned, GantryShape *shape)
{
  guint n = gantry_tensor_get_n_dims (tensor);
  GantryShape straight = { MODULATION_AXES, { 1, 1, 1, 1, 1 } };

  if (n > MODULATION_AXES)
    return FALSE;
  for (guint i = 0; i < n; i++)
    straight.dims[MODULATION_AXES - n + i] = gantry_tensor_get_dim (tensor, i);
  *shape = straight;
  for (guint i = 0; turned && i < MODULATION_AXES; i++)
    shape->dims[i] = straight.dims[turn[i]];
  return TRUE;
}

static GantryTensor *
get_factor (GantrySimplifier *simplifier, GantryTensor *tensor, gboolean turned)
{
  GantryShape straight;

  get_shape (tensor, FALSE, &straight);
  tensor = _gantry_reduce (simplifier, gantry_reshape (tensor, &straight));
  return turned ? _gantry_reduce (simplifier, gantry_permute (tensor, turn)) : tensor;
}

static GantryTensor *
multiply (GantrySimplifier *simplifier, GantryTensor *a, GantryTensor *b)
{
  return a == NULL ? b : b == NULL ? a : _gantry_reduce (simplifier, gantry_mul (a, b));
}

/* A gradient of kernels with a group a sample, seen as [n, a, b, kh, kw]. */
static gboolean
is_gradient (GantryTensor *tensor)
{
  GantryTensor *inner = INPUT (tensor, 0);

  return gantry_tensor_get_n_dims (tensor) == MODULATION_AXES && _gantry_tensor_is (inner, "conv2d-weight")
         && gantry_tensor_get_dim (INPUT (inner, 0), 0) == 1 && ints (inner)[GROUPS] == (gint64) gantry_tensor_get_dim (tensor, 0)
         && gantry_tensor_get_dim (inner, 0) == gantry_tensor_get_dim (tensor, 0) * gantry_tensor_get_dim (tensor, 1)
         && gantry_tensor_get_dim (inner, 1) == gantry_tensor_get_dim (tensor, 2);
}

static gboolean
expand_factor (GantrySimplifier *simplifier, GantryTensor *tensor, gboolean turned, const GantryShape *shape, GantryModulationTerm *term)
{
  const gsize *dims = shape->dims;
  GantryTensor **place = NULL;

  if (dims[0] == 1)
    place = &term->shared;
  else if (dims[2] == 1 && dims[3] == 1 && dims[4] == 1)
    place = &term->rows;
  else if (dims[1] == 1 && dims[3] == 1 && dims[4] == 1)
    place = &term->columns;
  if (place != NULL)
    *place = get_factor (simplifier, tensor, turned);
  else if (!_gantry_tensor_is (tensor, "reshape") || !is_gradient (tensor))
    return FALSE;
  else
    {
      term->gradient = INPUT (tensor, 0);
      term->turned = turned;
    }
  return TRUE;
}

static gboolean
multiply_terms (GantrySimplifier *simplifier, const GantryModulationTerms *a, const GantryModulationTerms *b, GantryModulationTerms *terms)
{
  terms->n = 0;
  if (a->n * b->n > MODULATION_MAX_TERMS)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    for (guint j = 0; j < b->n; j++)
      {
        const GantryModulationTerm *p = &a->terms[i], *q = &b->terms[j];

        if (p->gradient != NULL && q->gradient != NULL)
          return FALSE;
        terms->terms[terms->n++] = (GantryModulationTerm) {
          p->factor * q->factor, multiply (simplifier, p->shared, q->shared), multiply (simplifier, p->rows, q->rows),
          multiply (simplifier, p->columns, q->columns), p->gradient != NULL ? p->gradient : q->gradient, p->turned || q->turned
        };
      }
  return TRUE;
}

static gboolean
add_terms (const GantryModulationTerms *a, const GantryModulationTerms *b, gdouble sign, GantryModulationTerms *terms)
{
  if (a->n + b->n > MODULATION_MAX_TERMS)
    return FALSE;
  *terms = *a;
  for (guint i = 0; i < b->n; i++, terms->n++)
    {
      terms->terms[terms->n] = b->terms[i];
      terms->terms[terms->n].factor *= sign;
    }
  return TRUE;
}

static gboolean
expand_pair (GantrySimplifier *simplifier, GantryTensor *tensor, gboolean turned, GantryModulationTerms *terms)
{
  gboolean is_product = _gantry_tensor_is (tensor, "mul"), is_difference = _gantry_tensor_is (tensor, "sub");
  GantryModulationTerms a, b;

  /* An operand of a sum that is repeated would be several terms. */
  if (!is_product && (!_gantry_tensor_same_type (tensor, INPUT (tensor, 0)) || !_gantry_tensor_same_type (tensor, INPUT (tensor, 1))))
    return FALSE;
  if (!expand (simplifier, INPUT (tensor, 0), turned, &a) || !expand (simplifier, INPUT (tensor, 1), turned, &b))
    return FALSE;
  return is_product ? multiply_terms (simplifier, &a, &b, terms) : add_terms (&a, &b, is_difference ? -1 : 1, terms);
}

static gboolean
is_turn (GantryTensor *tensor)
{
  if (!_gantry_tensor_is (tensor, "permute") || gantry_tensor_get_n_dims (tensor) != MODULATION_AXES)
    return FALSE;
  for (guint i = 0; i < MODULATION_AXES; i++)
    if (ints (tensor)[i] != turn[i])
      return FALSE;
  return TRUE;
}

static gboolean
expand (GantrySimplifier *simplifier, GantryTensor *tensor, gboolean turned, GantryModulationTerms *terms)
{
  const gchar *op = gantry_tensor_get_op_name (tensor);
  gdouble factor = 1;
  guint n_reals;
  GantryModulationTerms root;
  GantryShape shape;

  *terms = (GantryModulationTerms) { { { .factor = 1 } }, 1 };
  if (!get_shape (tensor, turned, &shape))
    return FALSE;
  if (expand_factor (simplifier, tensor, turned, &shape, &terms->terms[0]))
    return TRUE;
  if (g_str_equal (op, "mul") || g_str_equal (op, "add") || g_str_equal (op, "sub"))
    return expand_pair (simplifier, tensor, turned, terms);
  if (g_str_equal (op, "square"))
    return expand (simplifier, INPUT (tensor, 0), turned, &root) && multiply_terms (simplifier, &root, &root, terms);
  if (is_turn (tensor))
    return expand (simplifier, INPUT (tensor, 0), !turned, terms);
  if (g_str_equal (op, "scale"))
    factor = gantry_tensor_get_reals (tensor, &n_reals)[0];
  else if (g_str_equal (op, "neg"))
    factor = -1;
  else if (!g_str_equal (op, "broadcast-to"))
    return FALSE;
  if (!expand (simplifier, INPUT (tensor, 0), turned, terms))
    return FALSE;
  for (guint i = 0; i < terms->n; i++)
    terms->terms[i].factor *= factor;
  return TRUE;
}

gboolean
_gantry_modulation_expand (GantrySimplifier *simplifier, GantryTensor *tensor, GantryModulationTerms *terms)
{
  return gantry_tensor_get_n_dims (tensor) == MODULATION_AXES && expand (simplifier, tensor, FALSE, terms);
}
