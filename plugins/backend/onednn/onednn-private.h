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
  GantryCpuLevel level;
} Onednn;

/* One of oneDNN's memory descriptors in Gantry's terms: float32, row-major. */
void onednn_describe (dnnl_memory_desc_t *desc, guint n_dims, const gsize *dims, dnnl_data_type_t type, dnnl_format_tag_t tag);

/*
 * A primitive with what goes around it: two tensors in, one out, each brought from the layout it has in the program to the one
 * that the primitive wants and back, in scratch memory.
 */
typedef struct _Operation Operation;

typedef struct {
  gint argument;          /* DNNL_ARG_... */
  dnnl_query_t query;     /* what the primitive wants it like */
  dnnl_memory_desc_t own; /* how it lies in the program */
} Operand;

#define N_OPERANDS 3 /* the first input, the second, the result */

dnnl_primitive_attr_t onednn_attributes_new (void);
/* Takes @desc; NULL where oneDNN refuses something, which is said in the log. */
Operation *onednn_operation_new (const Onednn *backend, dnnl_primitive_desc_t desc, const Operand operands[N_OPERANDS]);
void onednn_operation_free (gpointer operation);
gsize onednn_operation_get_scratch (const Operation *self);
void onednn_operation_run (gpointer operation, gconstpointer const *inputs, gpointer output, gpointer scratch);

gboolean onednn_claim_convolution (const Onednn *self, const GantryClaim *claim, GantryKernel *kernel);
