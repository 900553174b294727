/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

#define GANTRY_MAX_DIMS 8

/**
 * GantryDType:
 *
 * What the elements of a tensor or an array are.
 */
typedef enum {
  GANTRY_FLOAT32,
  GANTRY_FLOAT64,
  GANTRY_INT64,
  GANTRY_BOOL8 /* one byte, 0 or 1 */
} GantryDType;

/**
 * GantryShape:
 * @n_dims: number of axes, 0 for a scalar
 * @dims: their sizes, the last varies fastest
 *
 * A value: copied freely, owns nothing.
 */
typedef struct {
  guint n_dims;
  gsize dims[GANTRY_MAX_DIMS];
} GantryShape;

/**
 * GantryBlocking:
 * @axis: the axis that is cut into blocks
 * @block: elements of a block, or 0: the tensor is plain
 *
 * A blocked shape has what is left of the axis in its place and the block as one more axis, the last: with axis 0 in blocks
 * of 16, [64, 3, 32, 32] becomes [4, 3, 32, 32, 16].
 */
typedef struct {
  guint axis;
  gsize block;
} GantryBlocking;

/* GANTRY_SHAPE (64, 3, 32, 32): address of a shape that lives as long as the enclosing block. */
#define GANTRY_SHAPE(...) \
  (&(const GantryShape) { sizeof ((gsize[]) { __VA_ARGS__ }) / sizeof (gsize), { __VA_ARGS__ } })
#define GANTRY_SCALAR (&(const GantryShape) { 0, { 0 } })

/* A set of axes: GANTRY_AXIS (0) | GANTRY_AXIS (2). */
#define GANTRY_AXIS(axis) (1u << (axis))

GANTRY_API gsize gantry_dtype_size (GantryDType dtype);
GANTRY_API const gchar *gantry_dtype_name (GantryDType dtype);
GANTRY_API gboolean gantry_dtype_is_float (GantryDType dtype);

GANTRY_API gboolean gantry_shape_count (const GantryShape *shape, gsize *count); /* FALSE on overflow */
GANTRY_API gsize gantry_shape_size (const GantryShape *shape);                  /* of a valid shape */
GANTRY_API gboolean gantry_shape_equal (const GantryShape *a, const GantryShape *b);
GANTRY_API gboolean gantry_shape_broadcast (const GantryShape *a, const GantryShape *b, GantryShape *result);
GANTRY_API gboolean gantry_shape_block (const GantryShape *shape, const GantryBlocking *blocking, GantryShape *result);
GANTRY_API gboolean gantry_shape_unblock (const GantryShape *shape, const GantryBlocking *blocking, GantryShape *result);
GANTRY_API gchar *gantry_shape_to_string (const GantryShape *shape); /* "[64, 3, 32, 32]" */

G_END_DECLS
