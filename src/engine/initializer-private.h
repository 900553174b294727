/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/initializer.h>

/* Draw @i of the variable, of the kind that gantry_initializer_get_draws() says; asked for in ascending order. */
typedef gdouble (*GantryDrawFunc) (gpointer source, gsize i);

/* Fills @array; fails where memory is lacking, or the draws cannot be made orthogonal. */
gboolean _gantry_initializer_fill (const GantryInitializer *self, GantryDrawFunc draw, gpointer source, GantryArray *array, GError **error);

/*
 * Makes @n vectors of @length >= n numbers, stored one after the other, orthonormal: the Q of a QR decomposition with a
 * positive diagonal of R.  Returns FALSE where they are linearly dependent.
 */
gboolean _gantry_orthonormalise (gdouble *vectors, gsize n, gsize length);
