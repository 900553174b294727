/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Primitives as kernels: made when they are claimed, with all the memory that they need in the program's workspace. */
#include "config.h"

#include "onednn-private.h"

#define ALIGNED(bytes) (((bytes) + 63) & ~(gsize) 63)

/* A primitive, and which memory it works on. */
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_memory_t scratchpad;
  gsize scratchpad_offset;
  gint n_arguments;
  dnnl_exec_arg_t arguments[N_OPERANDS + 1];
} Call;

struct _Operation {
  dnnl_stream_t stream;
  Call main;
  Call reorders[N_OPERANDS];        /* no primitive where the program's layout is the primitive's */
  dnnl_memory_t own[N_OPERANDS];    /* at the program's addresses */
  dnnl_memory_t inner[N_OPERANDS];  /* in scratch; NULL where nothing is reordered */
  gsize inner_offsets[N_OPERANDS];
  gsize scratch;
};

void
onednn_describe (dnnl_memory_desc_t *desc, guint n_dims, const gsize *dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
  dnnl_dims_t own = { 0 };

  for (guint i = 0; i < n_dims; i++)
    own[i] = (dnnl_dim_t) dims[i];
  dnnl_memory_desc_init_by_tag (desc, n_dims, own, type, tag);
}

/* (transfer full): scratchpads are the user's */
dnnl_primitive_attr_t
onednn_attributes_new (void)
{
  dnnl_primitive_attr_t attributes = NULL;

  if (dnnl_primitive_attr_create (&attributes) != dnnl_success)
    return NULL;
  dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user);
  return attributes;
}

/* Bytes of scratch at the end of what is planned so far. */
static gsize
reserve (Operation *self, gsize bytes)
{
  gsize offset = self->scratch;

  self->scratch += ALIGNED (bytes);
  return offset;
}

static gboolean
init_call (Operation *self, Call *call, dnnl_engine_t engine, const_dnnl_primitive_desc_t desc)
{
  const dnnl_memory_desc_t *scratchpad = dnnl_primitive_desc_query_md (desc, dnnl_query_scratchpad_md, 0);

  if (dnnl_primitive_create (&call->primitive, desc) != dnnl_success)
    return FALSE;
  if (scratchpad == NULL || dnnl_memory_desc_get_size (scratchpad) == 0)
    return TRUE;
  if (dnnl_memory_create (&call->scratchpad, scratchpad, engine, DNNL_MEMORY_NONE) != dnnl_success)
    return FALSE;
  call->scratchpad_offset = reserve (self, dnnl_memory_desc_get_size (scratchpad));
  call->arguments[call->n_arguments++] = (dnnl_exec_arg_t) { DNNL_ARG_SCRATCHPAD, call->scratchpad };
  return TRUE;
}

static gboolean
init_reorder (Operation *self, guint i, dnnl_engine_t engine, const dnnl_memory_desc_t *own, const dnnl_memory_desc_t *wanted)
{
  gboolean is_result = i == N_OPERANDS - 1;
  const dnnl_memory_desc_t *from = is_result ? wanted : own, *to = is_result ? own : wanted;
  dnnl_primitive_attr_t attributes = onednn_attributes_new ();
  dnnl_primitive_desc_t desc = NULL;
  Call *call = &self->reorders[i];
  gboolean done;

  if (attributes == NULL || dnnl_memory_create (&self->inner[i], wanted, engine, DNNL_MEMORY_NONE) != dnnl_success ||
      dnnl_reorder_primitive_desc_create (&desc, from, engine, to, engine, attributes) != dnnl_success)
    {
      dnnl_primitive_attr_destroy (attributes);
      return FALSE;
    }
  self->inner_offsets[i] = reserve (self, dnnl_memory_desc_get_size (wanted));
  done = init_call (self, call, engine, desc);
  call->arguments[call->n_arguments++] = (dnnl_exec_arg_t) { DNNL_ARG_FROM, is_result ? self->inner[i] : self->own[i] };
  call->arguments[call->n_arguments++] = (dnnl_exec_arg_t) { DNNL_ARG_TO, is_result ? self->own[i] : self->inner[i] };
  dnnl_primitive_desc_destroy (desc);
  dnnl_primitive_attr_destroy (attributes);
  return done;
}

static gboolean
init (Operation *self, const Onednn *backend, const_dnnl_primitive_desc_t desc, const Operand operands[N_OPERANDS])
{
  self->stream = backend->stream;
  if (!init_call (self, &self->main, backend->engine, desc))
    return FALSE;
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md (desc, operands[i].query, 0);

      if (wanted == NULL || dnnl_memory_create (&self->own[i], &operands[i].own, backend->engine, DNNL_MEMORY_NONE) != dnnl_success)
        return FALSE;
      if (!dnnl_memory_desc_equal (wanted, &operands[i].own) && !init_reorder (self, i, backend->engine, &operands[i].own, wanted))
        return FALSE;
      self->main.arguments[self->main.n_arguments++] =
        (dnnl_exec_arg_t) { operands[i].argument, self->inner[i] != NULL ? self->inner[i] : self->own[i] };
    }
  return TRUE;
}

Operation *
onednn_operation_new (const Onednn *backend, dnnl_primitive_desc_t desc, const Operand operands[N_OPERANDS])
{
  Operation *self = g_new0 (Operation, 1);
  gboolean done = init (self, backend, desc, operands);

  if (!done)
    {
      const gchar *implementation = NULL;

      dnnl_primitive_desc_query (desc, dnnl_query_impl_info_str, 0, &implementation);
      gantry_debug ("onednn", "%s is left out: it or a reordering for it cannot be made", implementation);
      g_clear_pointer (&self, onednn_operation_free);
    }
  dnnl_primitive_desc_destroy (desc);
  return self;
}

static void
clear_call (Call *call)
{
  dnnl_primitive_destroy (call->primitive);
  dnnl_memory_destroy (call->scratchpad);
}

void
onednn_operation_free (gpointer operation)
{
  Operation *self = operation;

  clear_call (&self->main);
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      clear_call (&self->reorders[i]);
      dnnl_memory_destroy (self->own[i]);
      dnnl_memory_destroy (self->inner[i]);
    }
  g_free (self);
}

gsize
onednn_operation_get_scratch (const Operation *self)
{
  return self->scratch;
}

/* A program's addresses stay: oneDNN is told only once. */
static void
set_address (dnnl_memory_t memory, gconstpointer address)
{
  gpointer present = NULL;

  if (memory == NULL || (dnnl_memory_get_data_handle (memory, &present) == dnnl_success && present == address))
    return;
  dnnl_memory_set_data_handle (memory, (gpointer) address);
}

static void
run_call (const Operation *self, const Call *call)
{
  if (call->primitive != NULL)
    dnnl_primitive_execute (call->primitive, self->stream, call->n_arguments, call->arguments);
}

void
onednn_operation_run (gpointer operation, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  Operation *self = operation;
  gconstpointer own[N_OPERANDS] = { inputs[0], inputs[1], output };
  guint8 *base = scratch;

  set_address (self->main.scratchpad, base + self->main.scratchpad_offset);
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      set_address (self->own[i], own[i]);
      set_address (self->inner[i], base + self->inner_offsets[i]);
      set_address (self->reorders[i].scratchpad, base + self->reorders[i].scratchpad_offset);
    }
  run_call (self, &self->reorders[0]);
  run_call (self, &self->reorders[1]);
  run_call (self, &self->main);
  run_call (self, &self->reorders[2]);
}
