/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Primitives as kernels.  The batch is cut into pieces, whose number does not depend on that of the threads; each is a primitive for one
 * thread, and threads take them as they come.  oneDNN's own way, one primitive for all threads, has them wait for each other by
 * spinning, which beside other work on the same processors costs more than it computes.  Where the pieces give parts of one result, these
 * are added up in a fixed tree.
 */
#include "config.h"

#include <omp.h>
#include <string.h>

#include "operation.h"

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
init_call (Operation *self, Call *call, const_dnnl_primitive_desc_t desc)
{
  const dnnl_memory_desc_t *scratchpad = dnnl_primitive_desc_query_md (desc, dnnl_query_scratchpad_md, 0);
  gsize bytes = scratchpad != NULL ? dnnl_memory_desc_get_size (scratchpad) : 0;

  if (dnnl_primitive_create (&call->primitive, desc) != dnnl_success)
    return FALSE;
  if (bytes == 0)
    return TRUE;
  self->scratchpad = MAX (self->scratchpad, ALIGNED (bytes));
  call->arguments[call->n_arguments].arg = DNNL_ARG_SCRATCHPAD;
  return dnnl_memory_create (&call->scratchpad, scratchpad, self->engine, DNNL_MEMORY_NONE) == dnnl_success
         && (call->arguments[call->n_arguments++].memory = call->scratchpad) != NULL;
}

/* A memory at @offset of one of the program's tensors or of scratch */
static gboolean
init_place (Operation *self, Place *place, Base base, gsize offset, const dnnl_memory_desc_t *desc)
{
  place->base = base;
  place->offset = offset;
  return dnnl_memory_create (&place->memory, desc, self->engine, DNNL_MEMORY_NONE) == dnnl_success;
}

static gboolean
init_reorder (Operation *self, Call *call, const Place *from, const Place *to)
{
  const dnnl_memory_desc_t *source, *target;
  dnnl_primitive_attr_t attributes = onednn_attributes_new ();
  dnnl_primitive_desc_t desc = NULL;
  gboolean done = FALSE;

  if (attributes != NULL && dnnl_memory_get_memory_desc (from->memory, &source) == dnnl_success &&
      dnnl_memory_get_memory_desc (to->memory, &target) == dnnl_success &&
      dnnl_reorder_primitive_desc_create (&desc, source, self->engine, target, self->engine, attributes) == dnnl_success)
    {
      done = init_call (self, call, desc);
      call->arguments[call->n_arguments++] = (dnnl_exec_arg_t) { DNNL_ARG_FROM, from->memory };
      call->arguments[call->n_arguments++] = (dnnl_exec_arg_t) { DNNL_ARG_TO, to->memory };
    }
  dnnl_primitive_desc_destroy (desc);
  dnnl_primitive_attr_destroy (attributes);
  return done;
}

/* oneDNN's plain loops take everything, slowly. */
static gboolean
is_fast (const_dnnl_primitive_desc_t desc)
{
  const gchar *name = NULL;

  return dnnl_primitive_desc_query (desc, dnnl_query_impl_info_str, 0, &name) == dnnl_success && name != NULL &&
         strstr (name, "ref") == NULL;
}

Operation *
onednn_operation_new (const Onednn *backend, guint n_pieces)
{
  Operation *self = g_new0 (Operation, 1);

  self->engine = backend->engine;
  self->stream = backend->stream;
  self->pieces = g_new0 (Piece, n_pieces);
  self->n_threads = omp_get_max_threads ();
  return self;
}

/* A part of the batch: its own place in the program's tensor, and one in scratch where the primitive wants it another way. */
static gboolean
add_divided (Operation *self, Piece *piece, guint i, const Operand *operand, const dnnl_memory_desc_t *wanted)
{
  gboolean is_result = i == RESULT;
  Place *own = &piece->own[i], *inner = &piece->inner[i];

  if (!init_place (self, own, (Base) i, operand->offset, &operand->own))
    return FALSE;
  if (dnnl_memory_desc_equal (wanted, &operand->own))
    return TRUE;
  return init_place (self, inner, IN_SCRATCH, reserve (self, dnnl_memory_desc_get_size (wanted)), wanted) &&
         init_reorder (self, &piece->reorders[i], is_result ? inner : own, is_result ? own : inner);
}

/* What all pieces read: brought once to where the first of them wants it. */
static gboolean
share_input (Operation *self, guint i, const Operand *operand, const dnnl_memory_desc_t *wanted)
{
  const dnnl_memory_desc_t *present;

  if (self->shared[i].memory != NULL)
    return dnnl_memory_get_memory_desc (self->shared[i].memory, &present) == dnnl_success && dnnl_memory_desc_equal (wanted, present);
  if (dnnl_memory_desc_equal (wanted, &operand->own))
    return init_place (self, &self->shared[i], (Base) i, 0, wanted);
  return init_place (self, &self->whole[i], (Base) i, 0, &operand->own) &&
         init_place (self, &self->shared[i], IN_SCRATCH, reserve (self, dnnl_memory_desc_get_size (wanted)), wanted) &&
         init_reorder (self, &self->reorders[i], &self->whole[i], &self->shared[i]);
}

/* A part of the sum: the first one is where the sum will be. */
static gboolean
add_part (Operation *self, Piece *piece, const Operand *operand, const dnnl_memory_desc_t *wanted)
{
  gsize bytes = dnnl_memory_desc_get_size (wanted);
  gboolean is_first = self->n_pieces == 0, is_plain = dnnl_memory_desc_equal (wanted, &operand->own);
  const dnnl_memory_desc_t *present;

  if (!is_first && (dnnl_memory_get_memory_desc (self->pieces[0].inner[RESULT].memory, &present) != dnnl_success ||
                    !dnnl_memory_desc_equal (wanted, present)))
    return FALSE;
  self->part_size = bytes / sizeof (gfloat);
  if (is_first && is_plain)
    return init_place (self, &piece->inner[RESULT], RESULT, 0, wanted);
  if (!init_place (self, &piece->inner[RESULT], IN_SCRATCH, reserve (self, bytes), wanted))
    return FALSE;
  return !is_first || (init_place (self, &self->whole[RESULT], RESULT, 0, &operand->own) &&
                       init_reorder (self, &self->reorders[RESULT], &piece->inner[RESULT], &self->whole[RESULT]));
}

static gboolean
add (Operation *self, Piece *piece, const_dnnl_primitive_desc_t desc, const Operand operands[N_OPERANDS])
{
  if (!is_fast (desc) || !init_call (self, &piece->main, desc))
    return FALSE;
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      const dnnl_memory_desc_t *wanted = dnnl_primitive_desc_query_md (desc, operands[i].query, 0);
      const Place *place;

      if (wanted == NULL)
        return FALSE;
      if (operands[i].is_divided ? !add_divided (self, piece, i, &operands[i], wanted)
                                 : i == RESULT ? !add_part (self, piece, &operands[i], wanted) : !share_input (self, i, &operands[i], wanted))
        return FALSE;
      place = piece->inner[i].memory != NULL ? &piece->inner[i] : operands[i].is_divided ? &piece->own[i] : &self->shared[i];
      piece->main.arguments[piece->main.n_arguments++] = (dnnl_exec_arg_t) { operands[i].argument, place->memory };
    }
  return TRUE;
}

gboolean
onednn_operation_add (Operation *self, dnnl_primitive_desc_t desc, const Operand operands[N_OPERANDS])
{
  gboolean done = desc != NULL && add (self, &self->pieces[self->n_pieces], desc, operands);
  const gchar *name = NULL;

  self->n_pieces++;
  if (!done && desc != NULL && dnnl_primitive_desc_query (desc, dnnl_query_impl_info_str, 0, &name) == dnnl_success)
    gantry_debug ("onednn", "%s is left out: it is slow, or it or a reordering for it cannot be made", name);
  dnnl_primitive_desc_destroy (desc);
  return done;
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

  for (guint p = 0; p < self->n_pieces; p++)
    {
      clear_call (&self->pieces[p].main);
      for (guint i = 0; i < N_OPERANDS; i++)
        {
          clear_call (&self->pieces[p].reorders[i]);
          dnnl_memory_destroy (self->pieces[p].own[i].memory);
          dnnl_memory_destroy (self->pieces[p].inner[i].memory);
        }
    }
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      clear_call (&self->reorders[i]);
      dnnl_memory_destroy (self->whole[i].memory);
      dnnl_memory_destroy (self->shared[i].memory);
    }
  g_free (self->pieces);
  g_free (self);
}
