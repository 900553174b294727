/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What geometry.c finds out about a convolution and convolution.c makes of it. */
#pragma once

#include "onednn-private.h"

typedef enum {
  FORWARD,        /* conv2d of x and weight */
  BACKWARD_DATA,  /* conv2d-input of dy and weight */
  BACKWARD_WEIGHT /* conv2d-weight of x and dy */
} Direction;

/* The tensors of a convolution y = x * w, whichever of them is the result. */
typedef enum { X, W, Y, N_ROLES } Role;

typedef struct {
  Direction direction;
  gboolean is_blocked;
  GantryShape shapes[N_ROLES];       /* plain ones */
  GantryBlocking blockings[N_ROLES];
  gsize c, o, h, w, oh, ow, kh, kw;
  dnnl_dims_t strides, dilations, before, after;
} Geometry;

/* Role of the first input, the second and the result */
extern const Role onednn_roles[][N_OPERANDS];

/* FALSE for what is not float32, has groups, or lies in a way that is not oneDNN's. */
gboolean onednn_get_geometry (GantryTensor *result, Geometry *g);

/* Whether other backends do it faster. */
gboolean onednn_is_for_others (const Geometry *g, GantryPrecision precision);
