/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between fuse.c, which decides what becomes one fused program, and assemble.c, which writes it down. */
#pragma once

#include "program.h"

typedef struct {
  const gchar *name;
  LoopOp op;
  guint flags; /* ELEMENTWISE_... */
} ElementwiseOp;

typedef struct {
  const Openblas *backend;
  const GantryClaim *claim;
  GantryDType dtype;
  GantryShape shape;
  const ProgramRoot *roots;
  guint n_roots;
  GPtrArray *absorbed;
  GPtrArray *frontier;  /* read by the absorbed ones, and not yet decided */
  GPtrArray *inputs;    /* decided to be read */
  GHashTable *depths;   /* of tensors computed again though another kernel has them, too */
} Fusion;

const ElementwiseOp *openblas_find_elementwise (GantryTensor *tensor); /* NULL where it is none */
gboolean openblas_is_constant (GantryTensor *tensor);                  /* one value, known now */
Program *openblas_assemble (Fusion *fusion);                           /* NULL where it does not fit into a program */
