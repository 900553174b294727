/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d, conv2d-input, conv2d-weight as oneDNN's forward convolution and its two backward ones. */
#include "config.h"

#include "onednn-private.h"

typedef enum {
  FORWARD,        /* conv2d of x and weight */
  BACKWARD_DATA,  /* conv2d-input of dy and weight */
  BACKWARD_WEIGHT /* conv2d-weight of x and dy */
} Direction;

/* The tensors of a convolution y = x * w, whichever of them is the result. */
typedef enum { X, W, Y } Role;

typedef struct {
  Direction direction;
  const GantryShape *shapes[3]; /* by role */
  gsize n, c, h, w, o, oh, ow, kh, kw;
  dnnl_dims_t strides, dilations, before, after;
} Geometry;

/* Role of the first input, the second and the result */
static const Role roles[][N_OPERANDS] = {
  [FORWARD] = { X, W, Y },
  [BACKWARD_DATA] = { Y, W, X },
  [BACKWARD_WEIGHT] = { X, Y, W },
};

static gboolean
get_geometry (GantryTensor *result, Geometry *g)
{
  const gchar *op = gantry_tensor_get_op_name (result);
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (result, &n_ints);

  *g = (Geometry) { .direction = g_str_equal (op, "conv2d") ? FORWARD : g_str_equal (op, "conv2d-input") ? BACKWARD_DATA : BACKWARD_WEIGHT };
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      GantryTensor *tensor = i < 2 ? gantry_tensor_get_input (result, i) : result;

      g->shapes[roles[g->direction][i]] = gantry_tensor_get_shape (tensor);
      if (gantry_tensor_get_n_dims (tensor) != 4 || gantry_tensor_get_size (tensor) == 0)
        return FALSE;
    }
  if (n_ints < 7 || ints[6] != 1)
    return FALSE;
  g->n = g->shapes[X]->dims[0];
  g->c = g->shapes[X]->dims[1];
  g->o = g->shapes[W]->dims[0];
  g->h = g->shapes[X]->dims[2];
  g->w = g->shapes[X]->dims[3];
  g->oh = g->shapes[Y]->dims[2];
  g->ow = g->shapes[Y]->dims[3];
  g->kh = g->shapes[W]->dims[2];
  g->kw = g->shapes[W]->dims[3];
  for (guint i = 0; i < 2; i++)
    {
      g->strides[i] = ints[i];
      g->before[i] = ints[2 + i];
      g->dilations[i] = ints[4 + i] - 1;
      /* what the last window needs: negative where some pixels at the end meet no window */
      g->after[i] = ((gssize) g->shapes[Y]->dims[2 + i] - 1) * ints[i] + ((gssize) g->shapes[W]->dims[2 + i] - 1) * ints[4 + i] + 1
                    - (gssize) g->shapes[X]->dims[2 + i] - ints[2 + i];
    }
  return TRUE;
}

/* `openblas` keeps batches of so many images blocked from one convolution to the next, where oneDNN reorders around each: with it,
 * a DCGAN's turn at 64x64 took 1.25 times as long. */
#define BLOCKED_BATCH 16

/*
 * What the loops of `openblas` do faster, measured with batches of 64 on Zen 5 (GFLOP/s on one thread, theirs first): gradients of
 * images of few channels (4x4 strided, 3 channels: 40, 34), and narrow results of a strided convolution (256 to 512 channels at 8x8: 231, 163).
 * What covers the image is a product of matrices, with nothing to reorder.
 */
static gboolean
is_for_others (const Geometry *g)
{
  gboolean covers = g->oh == 1 && g->ow == 1 && g->before[0] == 0 && g->before[1] == 0 && g->kh == g->h && g->kw == g->w;

  return covers || g->n % BLOCKED_BATCH == 0 || (g->direction == BACKWARD_DATA && g->c < 16) || (g->direction == FORWARD && g->c < 16)
         || (g->direction == FORWARD && g->strides[1] > 1 && g->ow < 8);
}

static dnnl_primitive_desc_t
forward_new (const Onednn *backend, const Geometry *g, const dnnl_memory_desc_t descs[3], dnnl_primitive_attr_t attributes)
{
  dnnl_primitive_desc_t result = NULL;
  dnnl_convolution_desc_t desc;

  if (dnnl_dilated_convolution_forward_desc_init (&desc, dnnl_forward_training, dnnl_convolution_direct, &descs[X], &descs[W], NULL, &descs[Y],
                                                  g->strides, g->dilations, g->before, g->after) != dnnl_success ||
      dnnl_primitive_desc_create (&result, &desc, attributes, backend->engine, NULL) != dnnl_success)
    return NULL;
  return result;
}

/* Backward ones want to know the forward one that they belong to. */
static dnnl_primitive_desc_t
backward_new (const Onednn *backend, const Geometry *g, const dnnl_memory_desc_t descs[3], dnnl_primitive_attr_t attributes)
{
  dnnl_primitive_desc_t result = NULL, forward = forward_new (backend, g, descs, NULL);
  dnnl_convolution_desc_t desc;
  dnnl_status_t status;

  if (forward == NULL)
    return NULL;
  if (g->direction == BACKWARD_DATA)
    status = dnnl_dilated_convolution_backward_data_desc_init (&desc, dnnl_convolution_direct, &descs[X], &descs[W], &descs[Y], g->strides,
                                                               g->dilations, g->before, g->after);
  else
    status = dnnl_dilated_convolution_backward_weights_desc_init (&desc, dnnl_convolution_direct, &descs[X], &descs[W], NULL, &descs[Y],
                                                                  g->strides, g->dilations, g->before, g->after);
  if (status != dnnl_success || dnnl_primitive_desc_create (&result, &desc, attributes, backend->engine, forward) != dnnl_success)
    result = NULL;
  dnnl_primitive_desc_destroy (forward);
  return result;
}

static Operation *
operation_new (const Onednn *backend, const Geometry *g)
{
  static const gint arguments[][3] = {
    [FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    [BACKWARD_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
    [BACKWARD_WEIGHT] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
  };
  static const dnnl_query_t queries[][3] = {
    [FORWARD] = { dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md },
    [BACKWARD_DATA] = { dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md },
    [BACKWARD_WEIGHT] = { dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md },
  };
  dnnl_primitive_attr_t attributes = onednn_attributes_new ();
  dnnl_memory_desc_t descs[3];
  dnnl_primitive_desc_t desc;
  Operand operands[N_OPERANDS];

  if (attributes == NULL)
    return NULL;
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      Role role = roles[g->direction][i];

      onednn_describe (&descs[role], 4, g->shapes[role]->dims, dnnl_f32, dnnl_format_tag_any);
      operands[i] = (Operand) { arguments[g->direction][role], queries[g->direction][role] };
      onednn_describe (&operands[i].own, 4, g->shapes[role]->dims, dnnl_f32, dnnl_abcd);
    }
  desc = (g->direction == FORWARD ? forward_new : backward_new) (backend, g, descs, attributes);
  dnnl_primitive_attr_destroy (attributes);
  return desc != NULL ? onednn_operation_new (backend, desc, operands) : NULL;
}

gboolean
onednn_claim_convolution (const Onednn *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  static const gchar *const names[] = { "onednn-conv2d", "onednn-conv2d-input", "onednn-conv2d-weight" };
  Operation *operation;
  Geometry g;

  if (gantry_tensor_get_dtype (claim->tensor) != GANTRY_FLOAT32 || !get_geometry (claim->tensor, &g) || is_for_others (&g))
    return FALSE;
  operation = operation_new (backend, &g);
  if (operation == NULL)
    return FALSE;
  kernel->name = names[g.direction];
  kernel->scratch = onednn_operation_get_scratch (operation);
  kernel->run = onednn_operation_run;
  kernel->data = operation;
  kernel->free = onednn_operation_free;
  return TRUE;
}
