/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/ops.h>
#include <gantry/op.h>

typedef struct _GantrySimplifier GantrySimplifier;

/* @uses: (nullable) (array): by id, how many things need a tensor of @graph, which is kept; without it, any may have several. */
GantrySimplifier *_gantry_simplifier_new (GantryGraph *graph, const guint *uses);
/* With everything that they are made from, in the order of construction; once. */
void _gantry_simplifier_import (GantrySimplifier *self, GantryTensor *const *tensors, guint n_tensors);
GantryTensor *_gantry_simplifier_get (GantrySimplifier *self, GantryTensor *tensor); /* what an imported tensor has become */
GantryGraph *_gantry_simplifier_get_graph (GantrySimplifier *self);   /* the new one, as far as it is built */
GantryGraph *_gantry_simplifier_free (GantrySimplifier *self); /* (transfer full): the new graph */

/* The simplest equal of a tensor of the new graph. */
GantryTensor *_gantry_reduce (GantrySimplifier *self, GantryTensor *tensor);

/* Whether a tensor of the new graph may be needed by more than what is made from it now: computing it otherwise would come on top. */
gboolean _gantry_simplifier_is_shared (GantrySimplifier *self, GantryTensor *tensor);

/* What a tensor of the new graph was made from, and how often each tensor of that graph is used; NULL where that is not known. */
GantryTensor *_gantry_simplifier_get_source (GantrySimplifier *self, GantryTensor *tensor, const guint **uses);

/* A rule looks at a tensor of the new graph, whose inputs are simple already, and gives an equal one or NULL. */
GantryTensor *_gantry_rewrite_arithmetic (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_broadcast (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_convolution (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_modulation (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_product (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_resample (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_shape (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_slicing (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_rewrite_sum (GantrySimplifier *self, GantryTensor *y);
GantryTensor *_gantry_fold (GantrySimplifier *self, GantryTensor *y);

/* Whether every element has one known value, rounded to the dtype. */
gboolean _gantry_tensor_is_fill (GantryTensor *tensor, gdouble *value);
gboolean _gantry_tensor_is (GantryTensor *tensor, const gchar *op_name);
gboolean _gantry_tensor_same_type (GantryTensor *a, GantryTensor *b); /* shape and dtype */
