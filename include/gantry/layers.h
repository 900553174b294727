/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/ops.h>

G_BEGIN_DECLS

/**
 * GantryWeightNormalization:
 * @GANTRY_WEIGHT_PLAIN: the variable `weight`
 * @GANTRY_WEIGHT_SPECTRAL: divided by its largest singular value, gantry_spectral_norm(): `weight_orig`, `weight_u`, `weight_v`
 * @GANTRY_WEIGHT_SPECTRAL_BIGGAN: likewise as BigGAN's code does, gantry_spectral_norm_biggan(): `weight`, `u0`, `sv0`
 * @GANTRY_WEIGHT_NORM: direction and length apart, gantry_weight_norm(): `weight_g`, `weight_v`; the length starts as the root of the mean
 *   square length that the initialiser of the weight gives, so that at first the layer is about one without
 * @GANTRY_WEIGHT_STANDARDIZED: mean 0 and deviation 1 an output, gantry_weight_standardize(): `weight`
 *
 * What a layer does to its weight before it is used.
 */
typedef enum {
  GANTRY_WEIGHT_PLAIN,
  GANTRY_WEIGHT_SPECTRAL,
  GANTRY_WEIGHT_SPECTRAL_BIGGAN,
  GANTRY_WEIGHT_NORM,
  GANTRY_WEIGHT_STANDARDIZED
} GantryWeightNormalization;

/**
 * GantryLayerOptions:
 * @bias: whether a bias is added
 * @normalization: what is done to the weight
 * @weight_initializer: %NULL for PyTorch's default, U(-1/sqrt(fan_in), 1/sqrt(fan_in))
 * @bias_initializer: %NULL for PyTorch's default, likewise
 * @power_iterations: of a spectral normalization, in each training application; 0 means 1
 * @normalization_eps: of the normalization of the weight; 0 means the published one: 1e-12, of a standardization 1e-5
 * @weight_factor: constant that the variable is multiplied by when it is used; 0 means 1.  With sqrt(2 / fan_in) and N(0, 1) the
 *   equalised learning rate of Karras et al. 2018, section 4.1
 * @bias_factor: likewise of the bias
 *
 * Variables are named as in a PyTorch state dict: `weight`, `bias`; with a normalization as that says.
 */
typedef struct {
  gboolean bias;
  GantryWeightNormalization normalization;
  const GantryInitializer *weight_initializer;
  const GantryInitializer *bias_initializer;
  guint power_iterations;
  gdouble normalization_eps;
  gdouble weight_factor;
  gdouble bias_factor;
} GantryLayerOptions;

/**
 * GantryNormOptions:
 * @eps: inside the square root; 0 means 1e-5
 * @momentum: weight of the new value in the running statistics; 0 means 0.1
 * @affine: whether there are a weight and a bias per channel
 * @weight_initializer: %NULL for ones
 */
typedef struct {
  gdouble eps;
  gdouble momentum;
  gboolean affine;
  const GantryInitializer *weight_initializer;
} GantryNormOptions;

/**
 * GantryConditionalNormOptions:
 * @eps: inside the square root; 0 means 1e-5
 * @momentum: weight of the new value in the running statistics; 0 means 0.1
 * @n_classes: how many labels there are, where the condition is a label; 0 where it is a vector
 * @parameters: of the layers that make gain and bias of the condition; %NULL for no bias, and initialisers of their kind
 */
typedef struct {
  gdouble eps;
  gdouble momentum;
  gsize n_classes;
  const GantryLayerOptions *parameters;
} GantryConditionalNormOptions;

/**
 * GantrySelfAttention:
 * @GANTRY_SELF_ATTENTION_POOLED: keys and values at half the resolution, values of half the channels and a convolution after them;
 *   no biases: `theta`, `phi`, `g`, `o`, `gamma`
 * @GANTRY_SELF_ATTENTION_FULL: keys and values of every pixel, values of all channels; biases: `query_conv`, `key_conv`,
 *   `value_conv`, `gamma`
 *
 * The authors' (Zhang et al. 2019, also BigGAN's) and the widely used PyTorch port's block.
 */
typedef enum {
  GANTRY_SELF_ATTENTION_POOLED,
  GANTRY_SELF_ATTENTION_FULL
} GantrySelfAttention;

/**
 * GantryResampling:
 * @GANTRY_RESAMPLING_NONE: the size stays
 * @GANTRY_RESAMPLING_UP: it doubles
 * @GANTRY_RESAMPLING_DOWN: it halves
 */
typedef enum {
  GANTRY_RESAMPLING_NONE,
  GANTRY_RESAMPLING_UP,
  GANTRY_RESAMPLING_DOWN
} GantryResampling;

/**
 * GantryResidualOptions:
 * @interpolation: of an upsampling
 * @hidden_channels: between the two convolutions; 0 for those of the result
 * @batch_norm: before each activation
 * @is_first: the block sees images: nothing is activated before the first convolution, and the shortcut is downsampled before its
 *   convolution, which is the same and cheaper
 * @activated_shortcut: the shortcut begins after the first activation and not before, as where code activates in place
 * @normalization: of the convolutions' weights
 */
typedef struct {
  GantryResampling resampling;
  GantryInterpolation interpolation;
  gsize hidden_channels;
  gboolean batch_norm;
  gboolean is_first;
  gboolean activated_shortcut;
  GantryWeightNormalization normalization;
} GantryResidualOptions;

GANTRY_API GantryTensor *gantry_layer_linear (GantryTensor *x, const gchar *name, gsize out_features, const GantryLayerOptions *options);
GANTRY_API GantryTensor *gantry_layer_conv2d (GantryTensor *x, const gchar *name, gsize out_channels, gsize kernel,
                                              const GantryConvolution *geometry, const GantryLayerOptions *options);
GANTRY_API GantryTensor *gantry_layer_conv_transpose2d (GantryTensor *x, const gchar *name, gsize out_channels, gsize kernel,
                                                        const GantryConvolution *geometry, const GantryLayerOptions *options);
GANTRY_API GantryTensor *gantry_layer_batch_norm (GantryTensor *x, const gchar *name, const GantryNormOptions *options);
GANTRY_API GantryTensor *gantry_layer_instance_norm (GantryTensor *x, const gchar *name, const GantryNormOptions *options);
GANTRY_API GantryTensor *gantry_layer_group_norm (GantryTensor *x, const gchar *name, gsize groups, const GantryNormOptions *options);
GANTRY_API GantryTensor *gantry_layer_layer_norm (GantryTensor *x, const gchar *name, guint n_axes, const GantryNormOptions *options);
GANTRY_API GantryTensor *gantry_layer_layer_norm_per_channel (GantryTensor *x, const gchar *name, const GantryNormOptions *options);
GANTRY_API GantryTensor *gantry_layer_conditional_batch_norm (GantryTensor *x, GantryTensor *condition, const gchar *name,
                                                              const GantryConditionalNormOptions *options);
GANTRY_API GantryTensor *gantry_layer_embedding (GantryTensor *index, const gchar *name, gsize n_embeddings, gsize n_features,
                                                 const GantryLayerOptions *options);
GANTRY_API GantryTensor *gantry_layer_self_attention (GantryTensor *x, const gchar *name, GantrySelfAttention kind,
                                                      const GantryLayerOptions *options, GantryTensor **attention);
GANTRY_API GantryTensor *gantry_layer_residual (GantryTensor *x, const gchar *name, gsize out_channels, const GantryResidualOptions *options);
GANTRY_API GantryTensor *gantry_layer_dropout (GantryTensor *x, const gchar *name, gdouble p);

/**
 * GantrySpectralNormOptions:
 * @eps: lower bound of a norm that is divided by; 0 means 1e-12
 * @dim: axis of the weight that holds the outputs: 0, or 1 for transposed convolutions
 * @power_iterations: in a training application; 0 means 1
 */
typedef struct {
  gdouble eps;
  guint dim;
  guint power_iterations;
} GantrySpectralNormOptions;

/* W / sigma in the present scope, with the power iteration's vectors `weight_u` and `weight_v` as variables. */
GANTRY_API GantryTensor *gantry_spectral_norm (GantryTensor *weight, const GantrySpectralNormOptions *options, GantryTensor **sigma);

/* The same as BigGAN's code has it, with `u0` and `sv0` as variables: it iterates in every mode, and stores when training. */
GANTRY_API GantryTensor *gantry_spectral_norm_biggan (GantryTensor *weight, const GantrySpectralNormOptions *options, GantryTensor **sigma);
GANTRY_API GantryTensor *gantry_weight_norm (GantryTensor *direction, GantryTensor *length, guint dim); /* length * direction / |direction| */
GANTRY_API GantryTensor *gantry_weight_standardize (GantryTensor *weight, guint dim, gdouble eps);

/**
 * GantryResampledConvolution:
 * @up: how many times larger the image becomes before the convolution; 0 means 1
 * @down: how many times smaller after it; 0 means 1
 * @padding: of what was enlarged, [vertical, horizontal]
 * @taps: (array length=n_taps) (nullable): of the filter in each direction, which are divided by their sum; %NULL for 1, 3, 3, 1
 * @turned: the kernel is turned by 180 degrees: a convolution, and no cross-correlation
 */
typedef struct {
  guint up;
  guint down;
  guint padding[2];
  const gdouble *taps;
  guint n_taps;
  gboolean turned;
} GantryResampledConvolution;

/**
 * GantryModulation:
 * @demodulate: whether each output has the variance that it would have without styles, for inputs of variance 1
 * @eps: added to the squared length of a kernel; 0 means 1e-8
 * @geometry: (nullable): %NULL for no padding and no resampling
 */
typedef struct {
  gboolean demodulate;
  gdouble eps;
  const GantryResampledConvolution *geometry;
} GantryModulation;

/* StyleGAN2's convolutions. */
GANTRY_API GantryTensor *gantry_conv2d_resample (GantryTensor *x, GantryTensor *weight, const GantryResampledConvolution *geometry);
GANTRY_API GantryTensor *gantry_modulated_conv2d (GantryTensor *x, GantryTensor *weight, GantryTensor *styles, const GantryModulation *options);

/* softmax (scale q k^T) v; a scale of 0 means 1 / sqrt (d). */
GANTRY_API GantryTensor *gantry_attention (GantryTensor *q, GantryTensor *k, GantryTensor *v, gdouble scale, GantryTensor **weights);

/* The normalization itself, on given tensors; statistics and weights may be NULL. */
GANTRY_API GantryTensor *gantry_batch_norm (GantryTensor *x, GantryTensor *mean, GantryTensor *variance, GantryTensor *weight, GantryTensor *bias,
                                            gdouble eps);
GANTRY_API void gantry_batch_moments (GantryTensor *x, GantryTensor **mean, GantryTensor **variance); /* per channel (axis 1), biased */
GANTRY_API GantryTensor *gantry_standardize (GantryTensor *x, guint axes, gdouble eps); /* (x - mean) / sqrt (variance + eps) */
GANTRY_API GantryTensor *gantry_dropout (GantryTensor *x, GantryTensor *draws, gdouble p);

G_END_DECLS
