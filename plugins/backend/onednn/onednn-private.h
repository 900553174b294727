/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>

#include <oneapi/dnnl/dnnl.h>

/**
 * Onednn: the open backend.
 */
typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  gboolean has_bfloat16; /* as instructions of the processor */
} Onednn;

/* What the claimed tensor shall be computed with, as far as the processor can. */
GantryPrecision onednn_get_precision (const Onednn *self, const GantryClaim *claim);

void onednn_describe (dnnl_memory_desc_t *desc, const GantryShape *shape, dnnl_data_type_t type, dnnl_format_tag_t tag);

/*
 * A kernel made of primitives: two tensors in, one out, each brought from the layout it has in the program to the one that a
 * primitive wants and back, in scratch memory.
 */
typedef struct _Operation Operation;

typedef struct {
  gint argument;          /* DNNL_ARG_... */
  dnnl_query_t query;     /* what the primitive wants it like */
  gboolean is_divided;    /* each piece has a part of its own; a result that is not is the sum of what the pieces give */
  gsize offset;           /* of the piece's part, in bytes */
  dnnl_memory_desc_t own; /* how it, or the part, lies in the program */
} Operand;

#define N_OPERANDS 3 /* the first input, the second, the result */
#define RESULT (N_OPERANDS - 1)

dnnl_primitive_attr_t onednn_attributes_new (void); /* scratchpads are the user's */
Operation *onednn_operation_new (const Onednn *backend, guint n_pieces);
/* Takes @desc, which may be NULL; FALSE where oneDNN refuses something, which is said in the log. */
gboolean onednn_operation_add (Operation *self, dnnl_primitive_desc_t desc, const Operand operands[N_OPERANDS]);
void onednn_operation_free (gpointer operation);
/* Takes @self; the kernel's inputs are the claimed tensor's. */
void onednn_operation_fill_kernel (Operation *self, GantryKernel *kernel, const gchar *name);

gboolean onednn_claim_convolution (const Onednn *self, const GantryClaim *claim, GantryKernel *kernel);
gboolean onednn_choose_layouts (const Onednn *self, const GantryClaim *claim, GantryLayouts *layouts); /* of a convolution */
gboolean onednn_claim_matmul (const Onednn *self, const GantryClaim *claim, GantryKernel *kernel);
