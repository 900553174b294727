/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the families of elementwise ops are written with. */
#pragma once

#include "graph/graph-internal.h"

/* Shape rules of ops with one operand, whose shape and dtype the result has: without an attribute, and with a finite one. */
gboolean _gantry_infer_real (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error);
gboolean _gantry_infer_numbers (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error);
gboolean _gantry_infer_real_attribute (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error);

/* Gradient rules: x is the operand, y the result, dy the gradient of y; `real` is the op's attribute. */
#define UNARY_RULE(name, expression) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx) \
  { \
    GantryTensor *x G_GNUC_UNUSED = y->inputs[0]; \
    gdouble real G_GNUC_UNUSED = y->n_reals > 0 ? y->reals[0] : 0; \
    dx[0] = expression; \
  }

#define UNARY_ENTRY(op_name, op_flags, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 1, .flags = GANTRY_OP_ELEMENTWISE | (op_flags), \
    .infer = shape_rule, .gradient = gradient_rule }

/* The same of what only moves or converts. */
#define FREE_ENTRY(op_name, op_flags, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 1, .flags = GANTRY_OP_ELEMENTWISE | (op_flags), \
    .infer = shape_rule, .gradient = gradient_rule, .flops = _gantry_flops_none }

/* Shape rules of ops with two operands, which broadcast against each other. */
gboolean _gantry_infer_pair (const GantryOpCall *call, guint takes, GantryShape *shape, GantryDType *dtype, GError **error);
gboolean _gantry_infer_number_pair (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error);
gboolean _gantry_infer_real_pair (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error);

/* Gradient rules: a and b are the operands, y the result, dy its gradient.  What was broadcast is summed. */
#define BINARY_RULE(name, for_a, for_b) \
  static void \
  name##_gradient (GantryTensor *y, GantryTensor *dy, GantryTensor **dx) \
  { \
    GantryTensor *a = y->inputs[0], *b = y->inputs[1]; \
    if (_gantry_gradient_wanted (y, 0)) \
      dx[0] = gantry_sum_to (for_a, &a->shape); \
    if (_gantry_gradient_wanted (y, 1)) \
      dx[1] = gantry_sum_to (for_b, &b->shape); \
  }

#define BINARY_ENTRY(op_name, shape_rule, gradient_rule) \
  { .size = sizeof (GantryOp), .name = op_name, .n_inputs = 2, .flags = GANTRY_OP_ELEMENTWISE, .infer = shape_rule, .gradient = gradient_rule }
