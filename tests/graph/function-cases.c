/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows like those of op-cases.c, for functions that are compositions of ops. */
#include "graph/op-cases.h"

#define S(...) { sizeof ((gsize[]) { __VA_ARGS__ }) / sizeof (gsize), { __VA_ARGS__ } }

#define BUILD(name, expression) \
  static GantryTensor * \
  build_##name (GantryTensor *const *x, const OpVariant *variant) \
  { \
    return expression; \
  }

#define AXES ((guint) variant->ints[0])
#define KEEP ((gboolean) variant->ints[1])

/* A label for each row: classes over and over. */
static GantryTensor *
labels (GantryTensor *logits)
{
  gint64 values[64];
  GantryShape shape = *gantry_tensor_get_shape (logits);

  for (guint i = 1; i + 1 < shape.n_dims; i++)
    shape.dims[i] = shape.dims[i + 1];
  shape.n_dims--;
  for (gsize i = 0; i < gantry_shape_size (&shape); i++)
    values[i] = (gint64) ((2 * i + 1) % gantry_tensor_get_dim (logits, 1));
  return gantry_constant_integers (gantry_tensor_get_graph (logits), &shape, values);
}

BUILD (tan, gantry_tan (x[0]))
BUILD (cube, gantry_power (x[0], 3))
BUILD (root, gantry_power (x[0], 0.5))
BUILD (clamp, gantry_clamp (x[0], -0.7, 1.1))
BUILD (hardtanh, gantry_hardtanh (x[0]))
BUILD (elu, gantry_elu (x[0], 0.8))
BUILD (selu, gantry_selu (x[0]))
BUILD (silu, gantry_silu (x[0]))
BUILD (gelu, gantry_gelu (x[0]))
BUILD (gelu_tanh, gantry_gelu_tanh (x[0]))
BUILD (mish, gantry_mish (x[0]))
BUILD (log_sigmoid, gantry_log_sigmoid (x[0]))
BUILD (min, gantry_min_axes (x[0], AXES, KEEP))
BUILD (variance, gantry_variance (x[0], AXES, 1, KEEP))
BUILD (deviation, gantry_standard_deviation (x[0], AXES, 0, KEEP))
BUILD (norm, gantry_norm_axes (x[0], AXES, KEEP))
BUILD (norm_all, gantry_norm (x[0]))
BUILD (normalize, gantry_normalize (x[0], AXES, 1e-3))
BUILD (normalize_short, gantry_normalize (x[0], AXES, 50))
BUILD (logsumexp, gantry_logsumexp (x[0], AXES, KEEP))
BUILD (softmax, gantry_softmax (x[0], AXES))
BUILD (log_softmax, gantry_log_softmax (x[0], AXES))
BUILD (max_along, gantry_max_along (x[0], AXES, KEEP))
BUILD (min_along, gantry_min_along (x[0], AXES, KEEP))
BUILD (sort, gantry_sort (x[0], AXES, KEEP))
BUILD (cross_entropy, gantry_cross_entropy (x[0], labels (x[0]), variant->ints[0] * 0.1))
BUILD (binary, gantry_binary_cross_entropy (x[0], gantry_sigmoid (x[1])))

#define ONE { { { S (7) } }, { { S (2, 3, 4) } } }
#define TWO { { { S (2, 3), S (2, 3) } }, { { S (2, 3), S (3) } }, { { S (4, 1, 3), S (2, 1) } } }
#define OVER { { { S (5) }, { 1, 0 } }, { { S (2, 3, 4) }, { 5, 1 } }, { { S (2, 3, 4) }, { 2, 0 } }, { { S (2, 3, 4) }, { 7, 0 } } }
#define ALONG { { { S (5) }, { 0, 0 } }, { { S (2, 3, 4) }, { 0, 1 } }, { { S (2, 3, 4) }, { 1, 0 } }, { { S (2, 3, 4) }, { 2, 1 } } }

const OpCase function_cases[] = {
  { "tan", 1, build_tan, -1.2, 1.2, .tolerance = 1e-6, .variants = ONE },
  { "power 3", 1, build_cube, -2, 2, .variants = ONE },
  { "power 0.5", 1, build_root, 0.4, 3, .variants = ONE },
  { "clamp", 1, build_clamp, -2, 2, .variants = ONE },
  { "hardtanh", 1, build_hardtanh, -2, 2, .variants = ONE },
  { "elu", 1, build_elu, -2, 2, .variants = ONE },
  { "selu", 1, build_selu, -2, 2, .variants = ONE },
  { "silu", 1, build_silu, -4, 4, .variants = ONE },
  { "gelu", 1, build_gelu, -3, 3, .variants = ONE },
  { "gelu-tanh", 1, build_gelu_tanh, -3, 3, .variants = ONE },
  { "mish", 1, build_mish, -4, 4, .variants = ONE },
  { "log-sigmoid", 1, build_log_sigmoid, -4, 4, .variants = ONE },
  { "min-axes", 1, build_min, -2, 2, .variants = OVER },
  { "variance", 1, build_variance, -2, 2, .variants = OVER },
  { "standard-deviation", 1, build_deviation, -2, 2, .variants = OVER },
  { "norm-axes", 1, build_norm, -2, 2, .variants = OVER },
  { "norm", 1, build_norm_all, -2, 2, .variants = ONE },
  { "normalize", 1, build_normalize, -2, 2, .variants = OVER },
  { "normalize by eps", 1, build_normalize_short, -2, 2, .variants = OVER },
  { "logsumexp", 1, build_logsumexp, -3, 3, .variants = OVER },
  { "softmax", 1, build_softmax, -3, 3, .variants = ALONG },
  { "log-softmax", 1, build_log_softmax, -3, 3, .variants = ALONG },
  { "max-along", 1, build_max_along, -2, 2, .variants = ALONG },
  { "min-along", 1, build_min_along, -2, 2, .variants = ALONG },
  { "sort", 1, build_sort, -2, 2, .variants = ALONG },
  { "cross-entropy", 1, build_cross_entropy, -3, 3, .variants = { { { S (4, 3) }, { 0 } }, { { S (4, 3) }, { 1 } }, { { S (2, 5, 3) }, { 2 } } } },
  { "binary-cross-entropy", 2, build_binary, -3, 3, .variants = TWO }
};

const guint n_function_cases = G_N_ELEMENTS (function_cases);
