/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "simplify-private.h"

/* What has become of a tensor of the plain graph.  Either form is made when it is first asked for. */
typedef struct {
  GantryTensor *plain;
  GantryTensor *blocked;
  GantryBlocking blocking; /* of @blocked */
} GantryForms;

typedef struct {
  GantrySimplifier *builder;
  GantryForms *forms;   /* by the tensor's id */
  GHashTable *reorders; /* set of the new graph's tensors that only move elements into another layout */
} GantryRelayout;

/* The new graph's equal of a tensor of the plain graph, in one form or the other; NULL where it cannot be blocked like that. */
GantryTensor *_gantry_relayout_get_plain (GantryRelayout *self, GantryTensor *tensor);
GantryTensor *_gantry_relayout_get_blocked (GantryRelayout *self, GantryTensor *tensor, GantryBlocking blocking);

/*
 * @y again, of blocked tensors: its input @input is blocked like @blocking, which becomes how the result is.  NULL where the op cannot
 * be had of blocked tensors.
 */
GantryTensor *_gantry_relayout_apply (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking);
