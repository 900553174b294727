/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/* The values of a reader's property `fit`, for GANTRY_ENUM. */
#define GANTRY_IMAGE_FITS "pad|resize|crop"

/**
 * GantryImageFitter:
 *
 * Makes a square image of rows that come one after the other: it holds the result and no more than a row of the image.
 */
typedef struct _GantryImageFitter GantryImageFitter;

GANTRY_API gboolean gantry_image_fit (const guint8 *pixels, gsize channels, gsize height, gsize width, const gchar *fit, gsize resolution,
                                      guint8 *result, GError **error);

GANTRY_API GantryImageFitter *gantry_image_fitter_new (gsize channels, gsize height, gsize width, guint orientation, const gchar *fit,
                                                       gsize resolution, GError **error);
GANTRY_API void gantry_image_fitter_free (GantryImageFitter *self);
GANTRY_API void gantry_image_fitter_add_row (GantryImageFitter *self, const guint8 *row, gsize pixel_stride, gsize channel_stride);
GANTRY_API gboolean gantry_image_fitter_finish (GantryImageFitter *self, guint8 *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryImageFitter, gantry_image_fitter_free)

G_END_DECLS
