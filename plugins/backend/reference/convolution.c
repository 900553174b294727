/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolution in two dimensions and its adjoints, by their definitions; sums are made in double. */
#include "reference.h"

typedef struct {
  gsize batch, in_channels, in_height, in_width, out_channels, out_height, out_width;
  gsize kernel_height, kernel_width;
  gsize group_in, group_out; /* channels of a group */
  gssize stride[2], padding[2], dilation[2];
} Convolution;

#define INPUT(i) gantry_tensor_get_input (call->tensor, i)

/* All three ops relate an x, a w and a y; each computes one of them from the other two. */
static Convolution
describe (GantryTensor *tensor, GantryTensor *x, GantryTensor *w, GantryTensor *y)
{
  const gsize *in = reference_shape (x)->dims, *kernel = reference_shape (w)->dims, *out = reference_shape (y)->dims;
  const gint64 *ints = reference_ints (tensor);

  return (Convolution) {
    .batch = in[0], .in_channels = in[1], .in_height = in[2], .in_width = in[3],
    .out_channels = out[1], .out_height = out[2], .out_width = out[3],
    .kernel_height = kernel[2], .kernel_width = kernel[3],
    .group_in = in[1] / ints[6], .group_out = out[1] / ints[6],
    .stride = { ints[0], ints[1] }, .padding = { ints[2], ints[3] }, .dilation = { ints[4], ints[5] }
  };
}

static inline gsize
at_x (const Convolution *g, gsize n, gsize c, gsize row, gsize column)
{
  return ((n * g->in_channels + c) * g->in_height + row) * g->in_width + column;
}

static inline gsize
at_y (const Convolution *g, gsize n, gsize o, gsize i, gsize j)
{
  return ((n * g->out_channels + o) * g->out_height + i) * g->out_width + j;
}

static inline gsize
at_w (const Convolution *g, gsize o, gsize c, gsize p, gsize q)
{
  return ((o * g->group_in + c) * g->kernel_height + p) * g->kernel_width + q;
}

/* Where output row @i looks with kernel row @p. */
static inline gssize
row_of (const Convolution *g, gsize i, gsize p)
{
  return (gssize) i * g->stride[0] + (gssize) p * g->dilation[0] - g->padding[0];
}

static inline gssize
column_of (const Convolution *g, gsize j, gsize q)
{
  return (gssize) j * g->stride[1] + (gssize) q * g->dilation[1] - g->padding[1];
}

static inline gboolean
inside (const Convolution *g, gssize row, gssize column)
{
  return row >= 0 && row < (gssize) g->in_height && column >= 0 && column < (gssize) g->in_width;
}

/* The output index that looks at @position through kernel index @k, if there is one. */
static inline gboolean
output_of (gsize position, gsize k, gssize stride, gssize padding, gssize dilation, gsize size, gsize *index)
{
  gssize distance = (gssize) position + padding - (gssize) k * dilation;

  if (distance < 0 || distance % stride != 0 || distance / stride >= (gssize) size)
    return FALSE;
  *index = distance / stride;
  return TRUE;
}

static inline gboolean
output_row_of (const Convolution *g, gsize row, gsize p, gsize *i)
{
  return output_of (row, p, g->stride[0], g->padding[0], g->dilation[0], g->out_height, i);
}

static inline gboolean
output_column_of (const Convolution *g, gsize column, gsize q, gsize *j)
{
  return output_of (column, q, g->stride[1], g->padding[1], g->dilation[1], g->out_width, j);
}

#define T gfloat
#define LOOP(name) name##_float32
#include "convolution-loops.h"
#undef T
#undef LOOP
#define T gdouble
#define LOOP(name) name##_float64
#include "convolution-loops.h"
#undef T
#undef LOOP

ReferenceLoop
reference_find_convolution (GantryTensor *tensor)
{
#define FLOATS(op, name) { op, name##_float32, name##_float64, NULL, NULL }
  static const ReferenceEntry entries[] = {
    FLOATS ("conv2d", conv2d), FLOATS ("conv2d-input", conv2d_input), FLOATS ("conv2d-weight", conv2d_weight)
  };

  return reference_find (entries, G_N_ELEMENTS (entries), gantry_tensor_get_op_name (tensor), gantry_tensor_get_dtype (tensor));
}
