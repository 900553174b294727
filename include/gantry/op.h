/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/graph.h>

G_BEGIN_DECLS

typedef struct _GantryOp GantryOp;

/**
 * GantryOpCall:
 *
 * What an op is applied to, as its shape rule sees it.
 */
typedef struct {
  gsize size;
  const GantryOp *op;
  GantryTensor *const *inputs;
  guint n_inputs;
  const gint64 *ints;
  guint n_ints;
  const gdouble *reals;
  guint n_reals;
} GantryOpCall;

/**
 * GantryOpFlags:
 * @GANTRY_OP_ELEMENTWISE: output element i depends on element i of the (broadcast) inputs alone
 * @GANTRY_OP_VIEW: the output has its first input's elements in the same order (reshape): no kernel is needed
 * @GANTRY_OP_STOPS_GRADIENT: the output is a constant to the gradient (detach, sign): no gradient rule is needed
 */
typedef enum {
  GANTRY_OP_ELEMENTWISE = 1 << 0,
  GANTRY_OP_VIEW = 1 << 1,
  GANTRY_OP_STOPS_GRADIENT = 1 << 2
} GantryOpFlags;

/**
 * GantryKernelData:
 *
 * A call of a kernel: raw row-major data, one pointer an input.
 */
typedef struct {
  gsize size;
  GantryTensor *tensor; /* the output, with its inputs, shapes and attributes */
  gconstpointer const *inputs;
  gpointer output;
  gpointer scratch;
} GantryKernelData;

typedef void (*GantryKernelFunc) (const GantryKernelData *data);

/**
 * GantryOp:
 * @name: kebab-case name
 * @n_inputs: how many inputs; -1 for any number
 * @flags: #GantryOpFlags
 * @infer: shape rule: sets the output's shape and dtype, or fails with an error that says both shapes
 * @gradient: gradient rule, or %NULL where there is none (differentiating it is then an error): given the
 *   output @y and the gradient @dy with its shape, stores one tensor an input in @dx, of that input's shape,
 *   %NULL where the output does not depend on it differentiably
 * @flops: floating point operations of one evaluation; %NULL counts one an output element
 * @float32: naive kernel in float32, or %NULL where a backend has its own
 * @float64: naive kernel in float64, likewise
 *
 * The same descriptor serves built-in ops and ops of plugins.  Constant, never freed.
 */
struct _GantryOp {
  gsize size;
  const gchar *name;
  gint n_inputs;
  guint flags;
  gboolean (*infer) (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error);
  void (*gradient) (GantryTensor *y, GantryTensor *dy, GantryTensor **dx);
  gdouble (*flops) (const GantryTensor *y);
  GantryKernelFunc float32;
  GantryKernelFunc float64;
  gpointer reserved[4];
};

GANTRY_API GantryTensor *gantry_apply (const GantryOp *op, GantryTensor *const *inputs, guint n_inputs,
                                       const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals);
GANTRY_API const GantryOp *gantry_op_find (const gchar *name);    /* a built-in op, NULL if there is none of that name */
GANTRY_API const GantryOp *const *gantry_op_list (void); /* the built-in ops that take inputs, NULL-terminated */
GANTRY_API const GantryOp *gantry_tensor_get_op (const GantryTensor *tensor);
GANTRY_API gdouble gantry_tensor_get_flops (const GantryTensor *tensor);

G_END_DECLS
