/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions of plain images, half a set of lanes or more: brought side by side in memory first, and apart again afterwards. */
#include "config.h"

#include "convolution.h"

typedef struct {
  const Numeric *numeric;
  Geometry geometry;
  ConvolutionKind kind;
  GantryKernel direct; /* of images by lanes */
} Lanes;

static Stack
get_stack (const Geometry *g, gboolean is_y)
{
  return is_y ? (Stack) { g->o, g->oh, g->ow, 0, 0, g->oh, g->ow } : (Stack) { g->c, g->h, g->w, 0, 0, g->h, g->w };
}

/* Of the images that are read first, read second, and written; FALSE where that is a weight. */
static gboolean
find_stack (const Lanes *self, guint i, Stack *stack)
{
  static const gint is_y[N_CONVOLUTIONS][3] = {
    [CONVOLUTION] = { 0, -1, 1 }, [CONVOLUTION_INPUT] = { 1, -1, 0 }, [CONVOLUTION_WEIGHT] = { 0, 1, -1 }
  };

  if (is_y[self->kind][i] >= 0)
    *stack = get_stack (&self->geometry, is_y[self->kind][i]);
  return is_y[self->kind][i] >= 0;
}

static gsize
stack_bytes (const Lanes *self, guint i)
{
  Stack stack;

  return find_stack (self, i, &stack) ? openblas_stack_bytes (self->numeric, &stack, &self->geometry) : 0;
}

static void
lanes_free (gpointer data)
{
  Lanes *self = data;

  self->direct.free (self->direct.data);
  g_free (self);
}

static void
lanes_run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Lanes *self = data;
  gconstpointer ordered[] = { inputs[0], inputs[1] };
  guint8 *next = scratch;
  gpointer target = output;
  Stack stack;

  for (guint i = 0; i < 3; i++)
    {
      if (!find_stack (self, i, &stack))
        continue;
      if (i < 2)
        {
#pragma omp parallel
          openblas_stack_fill (self->numeric, &stack, &self->geometry, inputs[i], next);
          ordered[i] = next;
        }
      else
        target = next;
      next += stack_bytes (self, i);
    }
  self->direct.run (self->direct.data, ordered, target, next);
  if (find_stack (self, 2, &stack))
    {
#pragma omp parallel
      openblas_stack_empty (self->numeric, &stack, &self->geometry, target, output);
    }
}

void
openblas_claim_lanes (const Numeric *numeric, const Geometry *geometry, ConvolutionKind kind, GantryKernel *kernel)
{
  static const gchar *const names[N_CONVOLUTIONS][2] = {
    [CONVOLUTION] = { "direct-conv2d", "direct-conv2d-bf16" },
    [CONVOLUTION_INPUT] = { "direct-conv2d-input", "direct-conv2d-input-bf16" },
    [CONVOLUTION_WEIGHT] = { "direct-conv2d-weight", "direct-conv2d-weight-bf16" },
  };
  Lanes *self = g_new0 (Lanes, 1);
  gsize scratch;

  self->numeric = numeric;
  self->geometry = *geometry;
  self->kind = kind;
  openblas_claim_direct (numeric, geometry, kind, &self->direct);
  scratch = self->direct.scratch;
  for (guint i = 0; i < 3; i++)
    scratch += stack_bytes (self, i);
  /* tiles say what they are, and what they compute */
  openblas_fill_kernel (kernel, self->direct.flops > 0 ? self->direct.name : names[kind][openblas_is_rounding (numeric)], scratch, lanes_run, self,
                        lanes_free);
  kernel->flops = self->direct.flops;
}
