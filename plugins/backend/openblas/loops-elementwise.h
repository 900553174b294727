/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The elementwise ops: whoever adds one adds its line here. */
#pragma once

#define ELEMENTWISE_COSTLY (1 << 0)     /* too dear to be computed again for every reader */
#define ELEMENTWISE_GIVES_TRUTH (1 << 1)
#define ELEMENTWISE_TAKES_TRUTH (1 << 2)

/*
 * loop (NAME, op, flags, value at x, y and z with the op's attribute v): the loop is made of the expression, which loops.c
 * compiles for both dtypes; a truth value is 0 or 1.  own (NAME, op, flags): loop_NAME is written out in loops.c.
 */
#define ELEMENTWISE_OPS(loop, own) \
  loop (NEG, "neg", 0, -x) \
  loop (ABS, "abs", 0, FABS (x)) \
  loop (SIGN, "sign", 0, (Real) (x > 0) - (Real) (x < 0)) \
  loop (EXP, "exp", ELEMENTWISE_COSTLY, EXP (x)) \
  loop (EXPM1, "expm1", ELEMENTWISE_COSTLY, EXPM1 (x)) \
  loop (LOG, "log", ELEMENTWISE_COSTLY, LOG (x)) \
  loop (LOG1P, "log1p", ELEMENTWISE_COSTLY, LOG1P (x)) \
  loop (SQRT, "sqrt", ELEMENTWISE_COSTLY, SQRT (x)) \
  loop (RSQRT, "rsqrt", ELEMENTWISE_COSTLY, 1 / SQRT (x)) \
  loop (RECIPROCAL, "reciprocal", ELEMENTWISE_COSTLY, 1 / x) \
  loop (SQUARE, "square", 0, x * x) \
  own (SIN, "sin", ELEMENTWISE_COSTLY) \
  own (COS, "cos", ELEMENTWISE_COSTLY) \
  loop (TANH, "tanh", ELEMENTWISE_COSTLY, TANH (x)) \
  loop (ERF, "erf", ELEMENTWISE_COSTLY, ERF (x)) \
  loop (SIGMOID, "sigmoid", ELEMENTWISE_COSTLY, SIGMOID (x)) \
  loop (SOFTPLUS, "softplus", ELEMENTWISE_COSTLY, SOFTPLUS (x)) \
  loop (RELU, "relu", 0, x < 0 ? 0 : x) \
  loop (LEAKY_RELU, "leaky-relu", 0, x < 0 ? v * x : x) \
  loop (SCALE, "scale", 0, v * x) \
  loop (OFFSET, "offset", 0, x + v) \
  loop (FLOOR, "floor", 0, FLOOR (x)) \
  loop (CEIL, "ceil", 0, CEIL (x)) \
  loop (ROUND, "round", 0, ROUND (x)) \
  loop (ADD, "add", 0, x + y) \
  loop (SUB, "sub", 0, x - y) \
  loop (MUL, "mul", 0, x * y) \
  loop (DIV, "div", ELEMENTWISE_COSTLY, x / y) \
  loop (MAXIMUM, "maximum", 0, x < y || y != y ? y : x) \
  loop (MINIMUM, "minimum", 0, x > y || y != y ? y : x) \
  loop (POW, "pow", ELEMENTWISE_COSTLY, POW (x, y)) \
  loop (ATAN2, "atan2", ELEMENTWISE_COSTLY, ATAN2 (x, y)) \
  loop (LESS, "less", ELEMENTWISE_GIVES_TRUTH, (Real) (x < y)) \
  loop (GREATER, "greater", ELEMENTWISE_GIVES_TRUTH, (Real) (x > y)) \
  loop (EQUAL, "equal", ELEMENTWISE_GIVES_TRUTH, (Real) (x == y)) \
  loop (LESS_EQUAL, "less-equal", ELEMENTWISE_GIVES_TRUTH, (Real) (x <= y)) \
  loop (GREATER_EQUAL, "greater-equal", ELEMENTWISE_GIVES_TRUTH, (Real) (x >= y)) \
  loop (NOT_EQUAL, "not-equal", ELEMENTWISE_GIVES_TRUTH, (Real) (x != y)) \
  loop (LOGICAL_AND, "logical-and", ELEMENTWISE_TAKES_TRUTH | ELEMENTWISE_GIVES_TRUTH, x * y) \
  loop (LOGICAL_OR, "logical-or", ELEMENTWISE_TAKES_TRUTH | ELEMENTWISE_GIVES_TRUTH, x < y ? y : x) \
  loop (LOGICAL_NOT, "logical-not", ELEMENTWISE_TAKES_TRUTH | ELEMENTWISE_GIVES_TRUTH, 1 - x) \
  loop (SELECT, "select", 0, x != 0 ? y : z)
