/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>
#include <math.h>

/* Of an axis of a walk, the distance to the next element of each array, in elements. */
#define REFERENCE_MAX_OPERANDS 4

/* For loops of every type: nothing that is whole is not a number. */
#define REFERENCE_IS_NAN(x) _Generic ((x), gfloat: isnan ((gdouble) (x)), gdouble: isnan ((gdouble) (x)), default: 0)

typedef struct _ReferenceCall ReferenceCall;

typedef void (*ReferenceLoop) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output);

/* A kernel: a loop, and the tensor that it computes. */
struct _ReferenceCall {
  ReferenceLoop loop;
  GantryTensor *tensor;
  GantryKernelFunc custom; /* of an op's own descriptor */
};

/* A family's loop for a tensor, or NULL. */
ReferenceLoop reference_find_unary (GantryTensor *tensor);
ReferenceLoop reference_find_binary (GantryTensor *tensor);
ReferenceLoop reference_find_reduction (GantryTensor *tensor);
ReferenceLoop reference_find_sorting (GantryTensor *tensor);
ReferenceLoop reference_find_shape (GantryTensor *tensor);
ReferenceLoop reference_find_matmul (GantryTensor *tensor);
ReferenceLoop reference_find_convolution (GantryTensor *tensor);
ReferenceLoop reference_find_indexing (GantryTensor *tensor);
ReferenceLoop reference_find_resampling (GantryTensor *tensor);

/* An entry of a family's table; a loop that is NULL does not exist in that dtype. */
typedef struct {
  const gchar *name;
  ReferenceLoop float32;
  ReferenceLoop float64;
  ReferenceLoop int64;
  ReferenceLoop bool8;
} ReferenceEntry;

ReferenceLoop reference_find (const ReferenceEntry *entries, guint n_entries, const gchar *name, GantryDType dtype);

static inline const GantryShape *
reference_shape (GantryTensor *tensor)
{
  return gantry_tensor_get_shape (tensor);
}

static inline const gint64 *
reference_ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

static inline const gdouble *
reference_reals (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_reals (tensor, &n);
}

/* The first real attribute, or 0. */
static inline gdouble
reference_real (GantryTensor *tensor)
{
  guint n;
  const gdouble *reals = gantry_tensor_get_reals (tensor, &n);

  return n > 0 ? reals[0] : 0;
}
