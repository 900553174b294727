/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which convolutions are worth taking. */
#include "config.h"

#include "convolution.h"

#define FEW_CHANNELS 16
#define NARROW 8
#define MANY_IMAGES 8
#define FULL_VECTOR 16

const Role onednn_roles[][N_OPERANDS] = {
  [FORWARD] = { X, W, Y },
  [BACKWARD_DATA] = { Y, W, X },
  [BACKWARD_WEIGHT] = { X, Y, W },
};

static Direction
get_direction (GantryTensor *result)
{
  const gchar *op = gantry_tensor_get_op_name (result);

  if (g_str_has_suffix (op, "-input"))
    return BACKWARD_DATA;
  return g_str_has_suffix (op, "-weight") ? BACKWARD_WEIGHT : FORWARD;
}

/* Images with all channels of a pixel side by side are the one blocked layout that is taken; weights are plain. */
static gboolean
is_known (Role role, const GantryShape *shape, const GantryBlocking *blocking)
{
  return blocking->block == 0 || (role != W && blocking->axis == 1 && blocking->block == shape->dims[1]);
}

static gboolean
get_shapes (GantryTensor *result, const gint64 *blockings, Geometry *g)
{
  for (guint i = 0; i < N_OPERANDS; i++)
    {
      GantryTensor *tensor = i < 2 ? gantry_tensor_get_input (result, i) : result;
      Role role = onednn_roles[g->direction][i];

      if (gantry_tensor_get_dtype (tensor) != GANTRY_FLOAT32 || gantry_tensor_get_size (tensor) == 0)
        return FALSE;
      if (blockings != NULL)
        g->blockings[role] = (GantryBlocking) { (guint) blockings[2 * i], (gsize) blockings[2 * i + 1] };
      if (!gantry_shape_unblock (gantry_tensor_get_shape (tensor), &g->blockings[role], &g->shapes[role]) || g->shapes[role].n_dims != 4 ||
          !is_known (role, &g->shapes[role], &g->blockings[role]))
        return FALSE;
    }
  return TRUE;
}

gboolean
onednn_get_geometry (GantryTensor *result, Geometry *g)
{
  guint n_ints;
  const gint64 *ints = gantry_tensor_get_ints (result, &n_ints);

  *g = (Geometry) { .direction = get_direction (result), .is_blocked = g_str_has_prefix (gantry_tensor_get_op_name (result), "blocked-") };
  if (n_ints < 7 || ints[6] != 1 || !get_shapes (result, g->is_blocked ? ints + n_ints - 2 * N_OPERANDS : NULL, g))
    return FALSE;
  g->c = g->shapes[X].dims[1];
  g->o = g->shapes[W].dims[0];
  g->h = g->shapes[X].dims[2];
  g->w = g->shapes[X].dims[3];
  g->oh = g->shapes[Y].dims[2];
  g->ow = g->shapes[Y].dims[3];
  g->kh = g->shapes[W].dims[2];
  g->kw = g->shapes[W].dims[3];
  for (guint i = 0; i < 2; i++)
    {
      g->strides[i] = ints[i];
      g->before[i] = ints[2 + i];
      g->dilations[i] = ints[4 + i] - 1;
      /* what the last window needs: negative where some pixels at the end meet no window */
      g->after[i] = ((gssize) g->shapes[Y].dims[2 + i] - 1) * ints[i] + ((gssize) g->shapes[W].dims[2 + i] - 1) * ints[4 + i] + 1
                    - (gssize) g->shapes[X].dims[2 + i] - ints[2 + i];
    }
  return TRUE;
}

/*
 * What the loops of `openblas` do faster, measured on Zen 5 with one thread: in float32 everything that fills their vectors with images (a
 * turn of DCGAN at 64x64 takes 0.75 s with them, 0.9 s here; of a residual network at 32x32 0.39 and 0.47 s; with batches
 * of 4 it is 1.4 and 1.3 s), and of small batches what has few channels or narrow results of strides.  With bfloat16 it is all of batches that
 * fill their vectors to the last lane (the convolutions of DCGAN's discriminator, all three ways: 91 ms with them, 121 ms here), and nothing of
 * others (8 images of 256 channels: 14 and 7 ms; 24: 30 and 20 ms).  What covers the image is a product of matrices, with nothing to reorder.
 */
gboolean
onednn_is_for_others (const Geometry *g, GantryPrecision precision)
{
  gboolean has_few = g->direction != BACKWARD_WEIGHT && g->c < FEW_CHANNELS;
  gboolean is_narrow = g->direction == FORWARD && g->strides[1] > 1 && g->ow < NARROW;

  if (g->oh == 1 && g->ow == 1 && g->before[0] == 0 && g->before[1] == 0 && g->kh == g->h && g->kw == g->w)
    return TRUE;
  if (precision == GANTRY_PRECISION_BFLOAT16)
    return g->shapes[X].dims[0] % FULL_VECTOR == 0;
  return g->shapes[X].dims[0] >= MANY_IMAGES || (has_few && !g->is_blocked) || is_narrow;
}
