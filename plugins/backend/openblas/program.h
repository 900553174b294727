/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fused program: elementwise ops over one shape, evaluated in blocks that stay in the nearest cache.  Operands are its
 * inputs, which may be broadcast, and earlier results.
 */
#pragma once

#include "openblas-private.h"

#define PROGRAM_MAX_STEPS 64
#define PROGRAM_MAX_INPUTS 24
#define PROGRAM_MAX_CONSTANTS 16
#define PROGRAM_MAX_VALUES (PROGRAM_MAX_INPUTS + PROGRAM_MAX_CONSTANTS + PROGRAM_MAX_STEPS)

typedef enum {
  OPERAND_FULL,     /* one element an output element */
  OPERAND_UNIFORM,  /* one element in all */
  OPERAND_PERIODIC, /* element (i / inner) mod count */
  OPERAND_STRIDED   /* any other broadcast */
} OperandKind;

typedef struct {
  OperandKind kind;
  gboolean is_bool;
  gsize inner;
  gsize count;
  gsize strides[GANTRY_MAX_DIMS]; /* of each axis of the program's shape; 0 where broadcast */
} Operand;

typedef struct {
  LoopOp op;
  guint result;
  guint arguments[3];
  gdouble value;
} Step;

typedef struct {
  const Numeric *numeric;
  GantryShape shape;
  gsize size;                       /* elements */
  gsize block;                      /* elements evaluated at a time */
  gboolean gives_bool;
  guint n_inputs;
  GantryTensor *tensors[PROGRAM_MAX_INPUTS];
  Operand inputs[PROGRAM_MAX_INPUTS];
  guint n_constants;
  gdouble constants[PROGRAM_MAX_CONSTANTS];
  guint n_steps;
  guint n_uniform_steps;            /* the first ones: evaluated once */
  Step steps[PROGRAM_MAX_STEPS];
  guint n_values;                   /* inputs, constants, results, in this order */
  guint result;                     /* the value that is the program's */
  gint buffers[PROGRAM_MAX_VALUES]; /* where a value is kept; -1: in the input itself */
  guint n_buffers;
} Program;

typedef struct {
  const Program *program;
  gconstpointer const *inputs;
  guint8 *buffers;
  gpointer values[PROGRAM_MAX_VALUES];
  gsize held[PROGRAM_MAX_INPUTS]; /* element that fills an input's buffer, or G_MAXSIZE */
} ProgramState;

/* fuse.c: a program for `root`, with what can be fused into it; NULL where it is none.  An absorbed root is computed, too. */
Program *openblas_program_new (const Openblas *backend, const GantryClaim *claim, GantryTensor *root, gboolean absorb_root);
/* assemble.c: bytes, for each thread */
gsize openblas_program_get_scratch (const Program *program);

/* program.c */
void openblas_program_begin (const Program *program, ProgramState *state, gconstpointer const *inputs, gpointer scratch);
/* Values [start, start + n) with n <= block: where they are, which is `output` unless that is NULL. */
gconstpointer openblas_program_evaluate (ProgramState *state, gsize start, gsize n, gpointer output);
