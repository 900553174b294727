/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One row a built-in op: how it is applied to operands of several shapes, and the problem that is made of it. */
#pragma once

#include <gantry/gantry.h>

#define OP_CASE_MAX_OPERANDS 4
#define OP_CASE_MAX_VARIANTS 8

typedef struct {
  GantryShape shapes[OP_CASE_MAX_OPERANDS];
  gint64 ints[9];
} OpVariant;

typedef struct {
  const gchar *op;
  guint n_operands;
  GantryTensor *(*build) (GantryTensor *const *x, const OpVariant *variant);
  gdouble low, high;  /* operands are spread over this range, all different */
  guint fixed;        /* set of operands that are not differentiated by */
  gdouble step;       /* of finite differences; 0 for the usual one */
  gdouble tolerance;  /* 0 for the usual one */
  OpVariant variants[OP_CASE_MAX_VARIANTS];
} OpCase;

extern const OpCase op_cases[];
extern const guint n_op_cases;

/* Rows for constructors that make several ops: of the families of shapes, and of those of functions. */
extern const OpCase op_compositions[], function_cases[];
extern const guint n_op_compositions, n_function_cases;

/* All, one after the other. */
guint op_case_count (void);
const OpCase *op_case_at (guint i);

guint op_case_count_variants (const OpCase *row);

/*
 * S = sum (y c) of the op's result y and a cotangent c; g_k = dS/dx_k, and for the cotangent itself y;
 * P = sum over k of sum (g_k v_k) with directions v_k; h_k = dP/dx_k.
 *
 * Inputs "x0", ..., with the cotangent last, and "v0", ...; outputs "S", "P", "g0", ..., "h0", ....
 */
typedef struct {
  GantryGraph *graph;
  guint n; /* operands and the cotangent */
  gboolean fixed[OP_CASE_MAX_OPERANDS + 1];
} OpProblem;

OpProblem *op_problem_new (const OpCase *row, const OpVariant *variant, GantryDType dtype);
void op_problem_free (OpProblem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OpProblem, op_problem_free)

/* Fills the inputs of a program of the problem. */
void op_problem_fill (const OpProblem *self, const OpCase *row, GantryProgram *program);
