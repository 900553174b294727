/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fused program: elementwise ops over one shape, evaluated in blocks that stay in the nearest cache.  Operands are its
 * inputs, which may be broadcast, and earlier results.  It may have several results.
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

/* A result: stored, or left to whoever evaluates the program. */
typedef struct {
  GantryTensor *tensor;
  gboolean is_stored;
} ProgramRoot;

typedef struct {
  guint value;
  gboolean is_bool;
  gboolean is_stored;
  guint in_place;     /* inputs, as bits, that it may be stored on: nothing reads them later */
} Result;

typedef struct {
  const Numeric *numeric;
  GantryShape shape;
  gsize size;                       /* elements */
  gsize block;                      /* elements evaluated at a time */
  gsize tile;                       /* and of these, by all steps: LOOP_TILE or LOOP_SMALL_TILE */
  guint n_inputs;
  GantryTensor *tensors[PROGRAM_MAX_INPUTS];
  Operand inputs[PROGRAM_MAX_INPUTS];
  guint n_constants;
  gdouble constants[PROGRAM_MAX_CONSTANTS];
  guint n_steps;
  guint n_uniform_steps;            /* the first ones: evaluated once */
  LoopStep steps[PROGRAM_MAX_STEPS];
  guint n_values;                   /* inputs, constants, results of steps, in this order */
  guint n_results;
  Result results[GANTRY_KERNEL_MAX_OUTPUTS];
  gint buffers[PROGRAM_MAX_VALUES]; /* where a value is kept; -1: in the input or output itself */
  guint n_buffers;
  gsize offsets[PROGRAM_MAX_VALUES + 1]; /* of each buffer in the scratch, in elements; then their size */
  guint8 moving[PROGRAM_MAX_VALUES];     /* values of which there is a block; of others there is a tile, used again and again */
  guint n_moving;
} Program;

typedef struct {
  const Program *program;
  gconstpointer const *inputs;
  guint8 *buffers;
  gpointer values[PROGRAM_MAX_VALUES];
  gsize held[PROGRAM_MAX_INPUTS]; /* element that fills an input's buffer, or G_MAXSIZE */
} ProgramState;

/* fuse.c: a program of these results, with what can be fused into it; NULL where it is none. */
Program *openblas_program_new (const Openblas *backend, const GantryClaim *claim, const ProgramRoot *roots, guint n_roots);
/* assemble.c: what a kernel reads, and which of it each result may lie on */
void openblas_program_fill_kernel (const Program *program, GantryKernel *kernel);
/* buffers.c: where values are kept, once the steps are there; FALSE where there is no room for them */
gboolean openblas_program_place (Program *program);
/* elementwise.c: a kernel that stores all results (transfer full) */
void openblas_fill_elementwise (Program *program, GantryKernel *kernel);
/* bytes, for each thread */
gsize openblas_program_get_scratch (const Program *program);

/* program.c */
void openblas_program_begin (const Program *program, ProgramState *state, gconstpointer const *inputs, gpointer scratch);
/* Elements [start, start + n) with n <= block of all results: stored ones go to their outputs, others are then where `values` says. */
void openblas_program_evaluate (ProgramState *state, gsize start, gsize n, gpointer const *outputs, gconstpointer *values);
