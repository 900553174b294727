/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tensors [n, a, b, kh, kw], such as kernels of each sample's own, as sums of products. */
#pragma once

#include "simplify-private.h"

#define MODULATION_AXES 5
#define MODULATION_MAX_TERMS 4

/* factor times shared, rows, columns and gradient, broadcast; a missing one is 1. */
typedef struct {
  gdouble factor;
  GantryTensor *shared;   /* the same for all samples */
  GantryTensor *rows;     /* [n, a or 1, 1, 1, 1] */
  GantryTensor *columns;  /* [n, 1, b or 1, 1, 1] */
  GantryTensor *gradient; /* conv2d-weight of one image with a group a sample */
  gboolean turned;        /* axes 1 and 2 are columns and rows of the gradient */
} GantryModulationTerm;

typedef struct {
  GantryModulationTerm terms[MODULATION_MAX_TERMS];
  guint n;
} GantryModulationTerms;

/* FALSE where it is no sum of a few such terms. */
gboolean _gantry_modulation_expand (GantrySimplifier *simplifier, GantryTensor *tensor, GantryModulationTerms *terms);

/* A sum over samples, or over all axes but samples and one of channels; NULL where it cannot be had without the product. */
GantryTensor *_gantry_modulation_sum (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape, guint axes);

/* conv2d or one of its adjoints, as op says, without groups: with the geometry of another, whose result has size [h, w] where it matters. */
GantryTensor *_gantry_modulation_convolve (GantrySimplifier *simplifier, const gchar *op, GantryTensor *like, GantryTensor *a, GantryTensor *b,
                                           gsize height, gsize width);
/* One image of all samples' channels as an image a sample */
GantryTensor *_gantry_modulation_images (GantrySimplifier *simplifier, GantryTensor *image, gsize n);
/* Each channel of each image by its factor, [n, channels or 1, 1, 1, 1] or [n, 1, channels or 1, 1, 1]; NULL for 1 */
GantryTensor *_gantry_modulation_multiply (GantrySimplifier *simplifier, GantryTensor *images, GantryTensor *factors);
/* The shared factor with all its axes but the first */
GantryTensor *_gantry_modulation_kernels (GantrySimplifier *simplifier, const GantryModulationTerm *term, const GantryShape *shape);
