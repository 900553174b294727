/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outputs of a phase that takes its batch in parts, as they are of the whole batch: sums add up, and samples are put beside each other. */
#include "train/session-phase-private.h"

#include <math.h>
#include <string.h>

struct _GantryGather {
  gchar *output;
  GantryArray *array;
  gsize batch;
  GantryBatchUse use;
  gsize outer; /* elements of the axes before that of the samples */
  gsize inner; /* and of those after it, times the group */
};

void
_gantry_gather_free (GantryGather *self)
{
  g_clear_pointer (&self->array, gantry_array_unref);
  g_free (self->output);
  g_free (self);
}

gboolean
_gantry_gather_can (GantryTensor *tensor, const GantryBatchUse *use)
{
  if (use->kind == GANTRY_BATCH_SAMPLE && use->degree == 0)
    return TRUE;
  return use->kind != GANTRY_BATCH_MIXED && gantry_dtype_is_float (gantry_tensor_get_dtype (tensor));
}

GantryGather *
_gantry_gather_new (const gchar *output, GantryTensor *tensor, const GantryBatchUse *use, gsize batch, GError **error)
{
  GantryArray *array = gantry_array_try_new (gantry_tensor_get_dtype (tensor), gantry_tensor_get_shape (tensor), error);
  GantryGather *self;

  if (array == NULL)
    return NULL;
  self = g_new0 (GantryGather, 1);
  self->output = g_strdup (output);
  self->array = array;
  self->batch = batch;
  self->use = *use;
  self->outer = 1;
  for (guint i = 0; use->kind == GANTRY_BATCH_SAMPLE && i < use->axis; i++)
    self->outer *= gantry_tensor_get_dim (tensor, i);
  if (use->kind == GANTRY_BATCH_SAMPLE && gantry_tensor_get_size (tensor) > 0)
    self->inner = gantry_tensor_get_size (tensor) / self->outer / use->pieces / batch;
  return self;
}

#define MOVE(type) \
  do \
    { \
      const type *source = (const type *) gantry_array_get_data (from) + at_source; \
      type *target = (type *) gantry_array_get_data (self->array) + at_target; \
 \
      for (gsize i = 0; i < n; i++) \
        target[i] = (type) ((is_first ? 0 : target[i]) + weight * source[i]); \
    } \
  while (0)

static void
move (GantryGather *self, GantryArray *from, gsize at_source, gsize at_target, gsize n, gdouble weight, gboolean is_first)
{
  const gsize size = gantry_dtype_size (gantry_array_get_dtype (from));

  if (is_first && weight == 1)
    memcpy ((guint8 *) gantry_array_get_data (self->array) + at_target * size, (guint8 *) gantry_array_get_data (from) + at_source * size, n * size);
  else if (gantry_array_get_dtype (from) == GANTRY_FLOAT64)
    MOVE (gdouble);
  else
    MOVE (gfloat);
}

/* @n samples, from the one with the number @at of the batch. */
void
_gantry_gather_add (GantryGather *self, GantryProgram *program, gsize at, gsize n)
{
  GantryArray *from = gantry_program_get_output (program, self->output);
  /* What is the same in every part counts as a mean does. */
  const gdouble degree = self->use.kind == GANTRY_BATCH_SHARED ? self->use.degree - 1 : self->use.degree;
  const gdouble weight = pow ((gdouble) n / (gdouble) self->batch, -degree);

  if (self->use.kind != GANTRY_BATCH_SAMPLE)
    {
      move (self, from, 0, 0, gantry_array_get_size (self->array), weight, at == 0);
      return;
    }
  for (gsize i = 0; i < self->outer * self->use.pieces; i++)
    move (self, from, i * n * self->inner, (i * self->batch + at) * self->inner, n * self->inner, weight, TRUE);
}

const gchar *
_gantry_gather_get_output (GantryGather *self)
{
  return self->output;
}

GantryArray *
_gantry_gather_get_array (GantryGather *self)
{
  return self->array;
}
