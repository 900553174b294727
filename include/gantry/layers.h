/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/ops.h>

G_BEGIN_DECLS

/**
 * GantryLayerOptions:
 * @bias: whether a bias is added
 * @spectral: whether the weight is divided by its largest singular value (Miyato et al. 2018)
 * @weight_initializer: %NULL for PyTorch's default, U(-1/sqrt(fan_in), 1/sqrt(fan_in))
 * @bias_initializer: %NULL for PyTorch's default, likewise
 *
 * Variables are named as in a PyTorch state dict: `weight`, `bias`; with spectral normalization `weight_orig`,
 * `weight_u`, `weight_v`.
 */
typedef struct {
  gboolean bias;
  gboolean spectral;
  const GantryInitializer *weight_initializer;
  const GantryInitializer *bias_initializer;
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

/* The normalization itself, on given tensors; statistics and weights may be NULL. */
GANTRY_API GantryTensor *gantry_batch_norm (GantryTensor *x, GantryTensor *mean, GantryTensor *variance, GantryTensor *weight, GantryTensor *bias,
                                            gdouble eps);
GANTRY_API void gantry_batch_moments (GantryTensor *x, GantryTensor **mean, GantryTensor **variance); /* per channel (axis 1), biased */
GANTRY_API GantryTensor *gantry_standardize (GantryTensor *x, guint axes, gdouble eps); /* (x - mean) / sqrt (variance + eps) */
GANTRY_API GantryTensor *gantry_dropout (GantryTensor *x, GantryTensor *draws, gdouble p);

G_END_DECLS
