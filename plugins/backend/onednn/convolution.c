/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conv2d, conv2d-input, conv2d-weight as oneDNN's forward convolution and its two backward ones. */
#include "config.h"

#include <omp.h>

#include "convolution.h"

#define MAX_PIECES 16
#define MAX_PARTS_SIZE (4 << 20) /* elements of weights of all pieces together */

static dnnl_primitive_desc_t
forward_new (const Onednn *backend, const Geometry *g, const dnnl_memory_desc_t descs[N_ROLES], dnnl_primitive_attr_t attributes)
{
  dnnl_primitive_desc_t result = NULL;
  dnnl_convolution_desc_t desc;

  if (dnnl_dilated_convolution_forward_desc_init (&desc, dnnl_forward_training, dnnl_convolution_direct, &descs[X], &descs[W], NULL, &descs[Y],
                                                  g->strides, g->dilations, g->before, g->after) != dnnl_success ||
      dnnl_primitive_desc_create (&result, &desc, attributes, backend->engine, NULL) != dnnl_success)
    return NULL;
  return result;
}

/* Backward ones want to know the forward one that they belong to, of tensors of one type. */
static dnnl_primitive_desc_t
backward_new (const Onednn *backend, const Geometry *g, const dnnl_memory_desc_t descs[N_ROLES], dnnl_primitive_attr_t attributes)
{
  dnnl_memory_desc_t same[N_ROLES] = { descs[X], descs[W], descs[Y] };
  dnnl_primitive_desc_t result = NULL, forward;
  dnnl_convolution_desc_t desc;
  dnnl_status_t status;

  for (Role role = X; role < N_ROLES; role++)
    same[role].data_type = descs[Y].data_type;
  forward = forward_new (backend, g, same, NULL);
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

/*
 * How the primitive shall have the images: blocked ones as they are, plain ones as it likes best.  In float32 the layout that it likes
 * best is so much faster for weights of strided convolutions that it pays for the way there and back (4x4, 128 to 256 channels: 217
 * against 200 GFLOP/s), and so it is in bfloat16 for narrow results of strides (256 to 512 channels: 542 against 367).
 */
static dnnl_format_tag_t
get_image_tag (const Geometry *g, GantryPrecision precision)
{
  gboolean is_strided = g->strides[1] > 1;
  gboolean is_worth_it = precision == GANTRY_PRECISION_BFLOAT16 ? is_strided && g->direction == FORWARD && g->ow < 8
                                                                : is_strided && g->direction == BACKWARD_WEIGHT;

  return g->is_blocked && !is_worth_it ? dnnl_acdb : dnnl_format_tag_any;
}

/* A primitive for @count images from @first on */
static gboolean
add_piece (Operation *operation, const Onednn *backend, const Geometry *g, GantryPrecision precision, gsize first, gsize count)
{
  static const gint arguments[][N_ROLES] = {
    [FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    [BACKWARD_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
    [BACKWARD_WEIGHT] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
  };
  static const dnnl_query_t queries[][N_ROLES] = {
    [FORWARD] = { dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md },
    [BACKWARD_DATA] = { dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md },
    [BACKWARD_WEIGHT] = { dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md },
  };
  dnnl_data_type_t factors = precision == GANTRY_PRECISION_BFLOAT16 ? dnnl_bf16 : dnnl_f32;
  dnnl_primitive_attr_t attributes = onednn_attributes_new ();
  dnnl_memory_desc_t descs[N_ROLES];
  dnnl_primitive_desc_t desc;
  Operand operands[N_OPERANDS];

  if (attributes == NULL)
    return FALSE;
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      Role role = onednn_roles[g->direction][i];
      GantryShape shape = g->shapes[role];
      gsize image = gantry_shape_size (&shape) / shape.dims[0] * sizeof (gfloat);

      if (role != W)
        shape.dims[0] = count;
      operands[i] = (Operand) { arguments[g->direction][role], queries[g->direction][role], role != W, role != W ? first * image : 0 };
      onednn_describe (&descs[role], &shape, i < RESULT ? factors : dnnl_f32, role == W ? dnnl_format_tag_any : get_image_tag (g, precision));
      onednn_describe (&operands[i].own, &shape, dnnl_f32, g->blockings[role].block > 0 ? dnnl_acdb : dnnl_abcd);
    }
  desc = (g->direction == FORWARD ? forward_new : backward_new) (backend, g, descs, attributes);
  dnnl_primitive_attr_destroy (attributes);
  return onednn_operation_add (operation, desc, operands);
}

/* Enough for many threads; weights are added up at the end, of which there may be too many for that. */
static guint
count_images_of_piece (const Geometry *g)
{
  gsize n = g->shapes[X].dims[0], pieces = MAX_PIECES;

  if (g->direction == BACKWARD_WEIGHT)
    pieces = CLAMP (MAX_PARTS_SIZE / gantry_shape_size (&g->shapes[W]), 4, MAX_PIECES);
  return (n + pieces - 1) / pieces;
}

static Operation *
operation_new (const Onednn *backend, const Geometry *g, GantryPrecision precision)
{
  gsize n = g->shapes[X].dims[0], size = count_images_of_piece (g);
  Operation *operation = onednn_operation_new (backend, (n + size - 1) / size);
  gint n_threads = omp_get_max_threads ();
  gboolean done = TRUE;

  omp_set_num_threads (1); /* that a primitive is made for */
  for (gsize first = 0; first < n && done; first += size)
    done = add_piece (operation, backend, g, precision, first, MIN (size, n - first));
  omp_set_num_threads (n_threads);
  if (done)
    return operation;
  onednn_operation_free (operation);
  return NULL;
}

gboolean
onednn_claim_convolution (const Onednn *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  static const gchar *const names[][2] = {
    [FORWARD] = { "conv2d", "conv2d-bf16" },
    [BACKWARD_DATA] = { "conv2d-input", "conv2d-input-bf16" },
    [BACKWARD_WEIGHT] = { "conv2d-weight", "conv2d-weight-bf16" },
  };
  GantryPrecision precision = onednn_get_precision (backend, claim);
  Operation *operation;
  Geometry g;

  if (!onednn_get_geometry (claim->tensor, &g) || onednn_is_for_others (&g, precision))
    return FALSE;
  operation = operation_new (backend, &g, precision);
  if (operation == NULL)
    return FALSE;
  onednn_operation_fill_kernel (operation, kernel, names[g.direction][precision == GANTRY_PRECISION_BFLOAT16]);
  return TRUE;
}

/* Images with all channels of a pixel side by side; those with few channels stay as they are, and are brought there on the way. */
gboolean
onednn_choose_layouts (const Onednn *backend, const GantryClaim *claim, GantryLayouts *layouts)
{
  GantryPrecision precision = onednn_get_precision (backend, claim);
  GantryBlocking *blockings[] = { &layouts->inputs[0], &layouts->inputs[1], &layouts->result };
  Operation *operation;
  Geometry g;

  if (!onednn_get_geometry (claim->tensor, &g))
    return FALSE;
  for (Role role = X; role < N_ROLES; role++)
    if (role != W && g.shapes[role].dims[1] % 16 == 0)
      {
        g.blockings[role] = (GantryBlocking) { 1, g.shapes[role].dims[1] };
        g.is_blocked = TRUE;
      }
  if (onednn_is_for_others (&g, precision))
    return FALSE;
  operation = operation_new (backend, &g, precision);
  if (operation == NULL)
    return FALSE;
  onednn_operation_free (operation);
  for (guint i = 0; i < N_OPERANDS; i++)
    *blockings[i] = g.blockings[onednn_roles[g.direction][i]];
  return TRUE;
}
