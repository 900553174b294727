/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/weight-private.h"

static const gdouble binomial[] = { 1, 3, 3, 1 };

static gboolean
check (GantryTensor *x, GantryTensor *weight)
{
  g_autofree gchar *x_text = gantry_shape_to_string (gantry_tensor_get_shape (x));
  g_autofree gchar *weight_text = gantry_shape_to_string (gantry_tensor_get_shape (weight));

  if (gantry_tensor_get_n_dims (x) == 4 && gantry_tensor_get_n_dims (weight) == 4
      && gantry_tensor_get_dim (x, 1) == gantry_tensor_get_dim (weight, 1))
    return TRUE;
  gantry_graph_fail (gantry_tensor_get_graph (x), GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE,
                     "conv2d-resample: images %s, kernels %s, expected [batch, channels, height, width], [outputs, channels, height, width]", x_text,
                     weight_text);
  return FALSE;
}

/* In each direction the taps over their sum, and the gain of the upsampling, which puts zeros between the pixels. */
static GantryFilter
make_filter (const GantryResampledConvolution *geometry)
{
  const gboolean given = geometry->taps != NULL;
  GantryFilter filter = { .taps = given ? geometry->taps : binomial, .n_taps = given ? geometry->n_taps : G_N_ELEMENTS (binomial),
                          .up = MAX (geometry->up, 1), .down = MAX (geometry->down, 1) };
  gdouble sum = 0;

  for (guint i = 0; i < filter.n_taps; i++)
    sum += filter.taps[i];
  filter.gain = filter.up / sum;
  return filter;
}

/* Over both axes of images; @before and @after are [vertical, horizontal]. */
static GantryTensor *
resample (GantryTensor *x, GantryFilter filter, const gssize *before, const gssize *after)
{
  for (guint d = 0; d < 2; d++)
    {
      filter.before = before[d];
      filter.after = after[d];
      x = gantry_upfirdn (x, 2 + d, &filter);
    }
  return x;
}

static GantryTensor *
turn (GantryTensor *weight)
{
  return gantry_flip (gantry_flip (weight, 2), 3);
}

/* Upsampling by zeros and a convolution with a kernel are one transposed convolution, which visits no zero; the filter, which is the same for each
   channel, comes after. */
static GantryTensor *
enlarge (GantryTensor *x, GantryTensor *weight, const GantryResampledConvolution *geometry, GantryFilter filter, const gssize *before,
         const gssize *after)
{
  const GantryConvolution stride = { .stride = { geometry->up, geometry->up } };
  gssize first[2], last[2];

  for (guint d = 0; d < 2; d++)
    {
      const gssize kernel = (gssize) gantry_tensor_get_dim (weight, 2 + d);

      first[d] = before[d] - (kernel - 1);
      last[d] = after[d] - (kernel - (gssize) geometry->up);
    }
  filter.up = 1;
  weight = gantry_permute (geometry->turned ? weight : turn (weight), (const guint[]) { 1, 0, 2, 3 });
  return resample (gantry_conv_transpose2d (x, weight, &stride), filter, first, last);
}

/* Half of what is left for padding, rounded down. */
static gssize
half (gssize n)
{
  return (n - (n & 1)) / 2;
}

static GantryTensor *
convolve (GantryTensor *x, GantryTensor *weight, const GantryResampledConvolution *geometry)
{
  GantryFilter filter = make_filter (geometry);
  const gssize taps = filter.n_taps, up = filter.up, down = filter.down;
  const gboolean is_point = gantry_tensor_get_dim (weight, 2) == 1 && gantry_tensor_get_dim (weight, 3) == 1;
  const GantryConvolution plain = { .padding = { geometry->padding[0], geometry->padding[1] } };
  const GantryConvolution strided = { .stride = { filter.down, filter.down } };
  gssize before[2], after[2];

  if (up == 1 && down == 1)
    return gantry_conv2d (x, geometry->turned ? turn (weight) : weight, &plain);
  for (guint d = 0; d < 2; d++)
    {
      before[d] = (gssize) geometry->padding[d] + (up > 1 ? half (taps + up - 1) : 0) + (down > 1 ? half (taps - down + 1) : 0);
      after[d] = (gssize) geometry->padding[d] + (up > 1 ? half (taps - up) : 0) + (down > 1 ? half (taps - down) : 0);
    }
  /* A kernel of one pixel goes where there are fewer of them. */
  if (is_point && up > down)
    return resample (gantry_conv2d (x, weight, NULL), filter, before, after);
  if (is_point)
    return gantry_conv2d (resample (x, filter, before, after), weight, NULL);
  if (down == 1)
    return enlarge (x, weight, geometry, filter, before, after);
  filter.down = 1;
  return gantry_conv2d (resample (x, filter, before, after), geometry->turned ? turn (weight) : weight, &strided);
}

GantryTensor *
_gantry_layer_poison_image (GantryTensor *x, GantryTensor *weight)
{
  GantryShape shape = { 4, { 1, 1, 1, 1 } };

  for (guint i = 0; i < MIN (gantry_tensor_get_n_dims (x), 4); i++)
    shape.dims[i] = gantry_tensor_get_dim (x, i);
  if (gantry_tensor_get_n_dims (weight) > 0)
    shape.dims[1] = gantry_tensor_get_dim (weight, 0);
  return gantry_graph_poison (gantry_tensor_get_graph (x), &shape, gantry_tensor_get_dtype (x));
}

/**
 * gantry_conv2d_resample:
 * @x: images [batch, channels, height, width]
 * @weight: kernels [outputs, channels, height, width]
 * @geometry: (nullable): %NULL for a plain convolution without padding
 *
 * A convolution after an upsampling and before a downsampling, with a filter against aliases (Zhang 2019, section 3.2; Karras et al. 2019,
 * section 2.1).  The values are those of conv2d_resample of StyleGAN2's code: the image is upsampled by zeros, padded, filtered with a gain of
 * up squared, and convolved with a stride of down.  Beside @padding, a filter of n taps pads an upsampled image by (n + up - 1) / 2 before and
 * (n - up) / 2 after it, and one that will be downsampled by (n - down + 1) / 2 and (n - down) / 2, all rounded down.  Without both there is no
 * filter.
 *
 * Returns: (transfer none): [batch, outputs, ...]; shapes that do not fit are an error of the graph
 */
GantryTensor *
gantry_conv2d_resample (GantryTensor *x, GantryTensor *weight, const GantryResampledConvolution *geometry)
{
  static const GantryResampledConvolution plain = { 0 };

  if (!check (x, weight))
    return _gantry_layer_poison_image (x, weight);
  return convolve (x, weight, geometry != NULL ? geometry : &plain);
}
