/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/shape.h>

G_BEGIN_DECLS

/**
 * GantryArray:
 *
 * Concrete numbers: row-major, aligned to 64 bytes, reference counted.
 */
typedef struct _GantryArray GantryArray;

#define GANTRY_TYPE_ARRAY (gantry_array_get_type ())
GANTRY_API GType gantry_array_get_type (void);

GANTRY_API GantryArray *gantry_array_new (GantryDType dtype, const GantryShape *shape); /* zeros; NULL: no memory */
GANTRY_API GantryArray *gantry_array_try_new (GantryDType dtype, const GantryShape *shape, GError **error);
GANTRY_API GantryArray *gantry_array_new_from_doubles (GantryDType dtype, const GantryShape *shape, const gdouble *values);
GANTRY_API GantryArray *gantry_array_ref (GantryArray *self);
GANTRY_API void gantry_array_unref (GantryArray *self);
GANTRY_API GantryArray *gantry_array_copy (GantryArray *self);
GANTRY_API GantryArray *gantry_array_convert (GantryArray *self, GantryDType dtype); /* a copy, rounded */
GANTRY_API GantryDType gantry_array_get_dtype (const GantryArray *self);
GANTRY_API const GantryShape *gantry_array_get_shape (const GantryArray *self);
GANTRY_API gsize gantry_array_get_size (const GantryArray *self);  /* elements */
GANTRY_API gsize gantry_array_get_bytes (const GantryArray *self);
GANTRY_API gpointer gantry_array_get_data (GantryArray *self);
GANTRY_API gdouble gantry_array_get_double (const GantryArray *self, gsize i);
GANTRY_API void gantry_array_set_double (GantryArray *self, gsize i, gdouble value);
GANTRY_API gboolean gantry_array_assign (GantryArray *self, GantryArray *values, GError **error); /* same shape; converts */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryArray, gantry_array_unref)

G_END_DECLS
