/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/layers.h>

/* What the normalizations by mean and variance share. */

/* Mean over the axes, which are kept with size 1: of equal numbers exactly that number. */
GantryTensor *_gantry_exact_mean (GantryTensor *x, guint axes);
/* Mean, x - mean and biased variance over the axes, which are kept. */
void _gantry_moments (GantryTensor *x, guint axes, GantryTensor **mean, GantryTensor **centred, GantryTensor **variance);
/* centred / sqrt (variance + eps) * weight + bias, all of which broadcast; weight and bias may be NULL. */
GantryTensor *_gantry_standardise (GantryTensor *centred, GantryTensor *variance, GantryTensor *weight, GantryTensor *bias, gdouble eps);
/* A vector [channels] for arithmetic with x along axis 1; NULL stays NULL. */
GantryTensor *_gantry_along_channels (GantryTensor *vector, GantryTensor *x);
/* How many elements there are over the axes. */
gsize _gantry_count_over (GantryTensor *x, guint axes);

/* Variables `weight` and `bias` of the present scope, where `affine`; NULL else. */
void _gantry_norm_variables (GantryGraph *graph, const GantryShape *shape, const GantryNormOptions *options, GantryTensor **weight,
                             GantryTensor **bias);
/* Whether there are enough values over the axes for statistics; an error of the graph where not. */
gboolean _gantry_norm_check_count (GantryTensor *x, const gchar *op, guint axes, const gchar *unit);
gdouble _gantry_norm_eps (const GantryNormOptions *options);
