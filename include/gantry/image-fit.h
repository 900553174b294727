/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/* The values of a reader's property `fit`, for GANTRY_ENUM. */
#define GANTRY_IMAGE_FITS "pad|resize|crop"

GANTRY_API gboolean gantry_image_fit (const guint8 *pixels, gsize channels, gsize height, gsize width, const gchar *fit, gsize resolution,
                                      guint8 *result, GError **error);

G_END_DECLS
