/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/layers.h>

/* What linear and convolution layers share: weight and bias as variables of the present scope. */

/* Reads the weight, normalised as the options say; `fan_in` is what PyTorch's default initialiser divides by. */
GantryTensor *_gantry_layer_weight (GantryGraph *graph, const GantryShape *shape, gsize fan_in, guint output_axis,
                                    const GantryLayerOptions *options);
/* Reads `bias`, shaped to be added along axis 1 of an output of n_dims axes; NULL where there is none. */
GantryTensor *_gantry_layer_bias (GantryGraph *graph, gsize n, gsize fan_in, guint n_dims, const GantryLayerOptions *options);
/* The options, or PyTorch's defaults for NULL. */
const GantryLayerOptions *_gantry_layer_options (const GantryLayerOptions *options);
/* The mean square that an initializer gives the elements of a variable of that shape. */
gdouble _gantry_initializer_square (const GantryInitializer *initializer, const GantryShape *shape);
/* What comes back where images and kernels do not fit: the images' number and size, the kernels' outputs. */
GantryTensor *_gantry_layer_poison_image (GantryTensor *x, GantryTensor *weight);
