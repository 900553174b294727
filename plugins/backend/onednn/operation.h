/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What operation.c puts together and run.c runs. */
#pragma once

#include "onednn-private.h"

#define ALIGNED(bytes) (((bytes) + 63) & ~(gsize) 63)

/* Where memory lies: in one of the kernel's inputs, its result, or scratch */
typedef enum { IN_FIRST, IN_SECOND, IN_RESULT, IN_SCRATCH, N_BASES } Base;

typedef struct {
  dnnl_memory_t memory; /* NULL where there is none */
  Base base;
  gsize offset;
} Place;

typedef struct {
  dnnl_primitive_t primitive; /* NULL where nothing is to be done */
  dnnl_memory_t scratchpad;   /* in that of the thread */
  gint n_arguments;
  dnnl_exec_arg_t arguments[N_OPERANDS + 1];
} Call;

typedef struct {
  Call main;
  Call reorders[N_OPERANDS];
  Place own[N_OPERANDS];   /* of divided operands */
  Place inner[N_OPERANDS]; /* as the primitive wants them; of a result that is not divided: the part */
} Piece;

struct _Operation {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  guint n_pieces;
  Piece *pieces;
  Call reorders[N_OPERANDS]; /* of operands that are not divided */
  Place whole[N_OPERANDS];
  Place shared[N_OPERANDS];
  gsize part_size;           /* elements */
  guint n_threads;
  gsize scratchpad;          /* bytes of a thread, behind the rest */
  gsize scratch;
};
