/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subjects that work element by element. */
#include "replay/subjects.h"

#define UNARY(subject) \
  static gboolean \
  build_##subject (Replay *self, GError **error) \
  { \
    replay_set_only_output (self, gantry_##subject (replay_value (self, "x.input"))); \
    return TRUE; \
  }

UNARY (abs)
UNARY (exp)
UNARY (log)
UNARY (sqrt)
UNARY (rsqrt)
UNARY (reciprocal)
UNARY (square)
UNARY (tanh)
UNARY (sigmoid)
UNARY (relu)
UNARY (log_sigmoid)
UNARY (silu)
UNARY (mish)
UNARY (selu)

static gboolean
build_leaky_relu (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_leaky_relu (replay_value (self, "x.input"), settings_get_double (self, "negative_slope")));
  return TRUE;
}

static gboolean
build_softplus (Replay *self, GError **error)
{
  gdouble beta = settings_get_double (self, "beta");

  settings_get (self, "threshold"); /* where PyTorch turns to the identity, an approximation that differs by 2e-9 */
  replay_set_only_output (self, gantry_scale (gantry_softplus (gantry_scale (replay_value (self, "x.input"), beta)), 1 / beta));
  return TRUE;
}

static gboolean
build_elu (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_elu (replay_value (self, "x.input"), settings_get_double (self, "alpha")));
  return TRUE;
}

static gboolean
build_gelu (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  const gchar *approximate = settings_get_string (self, "approximate");

  if (!g_str_equal (approximate, "none") && !g_str_equal (approximate, "tanh"))
    return settings_fail (error, "no gelu with the approximation %s is known", approximate);
  replay_set_only_output (self, g_str_equal (approximate, "none") ? gantry_gelu (x) : gantry_gelu_tanh (x));
  return TRUE;
}

static gboolean
build_clamp (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");

  replay_set_only_output (self, gantry_clamp (x, settings_get_double (self, "min"), settings_get_double (self, "max")));
  return TRUE;
}

static gboolean
build_hinge (Replay *self, GError **error)
{
  GantryTensor *margin = gantry_constant (self->graph, settings_get_double (self, "margin"));

  replay_set_only_output (self, gantry_relu (gantry_sub (margin, replay_value (self, "x.input"))));
  return TRUE;
}

static gboolean
build_maximum (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_maximum (replay_value (self, "x.input"), replay_value (self, "x.other")));
  return TRUE;
}

static gboolean
build_minimum (Replay *self, GError **error)
{
  replay_set_only_output (self, gantry_minimum (replay_value (self, "x.input"), replay_value (self, "x.other")));
  return TRUE;
}

static gboolean
build_where (Replay *self, GError **error)
{
  GantryTensor *mask = replay_value (self, "x.mask");
  GantryTensor *zero = gantry_fill (self->graph, GANTRY_SCALAR, gantry_tensor_get_dtype (mask), 0);

  replay_set_only_output (self, gantry_select (gantry_greater (mask, zero), replay_value (self, "x.a"), replay_value (self, "x.b")));
  return TRUE;
}

static gboolean
build_dropout (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  gdouble p = settings_get_double (self, "p");

  if (settings_get_bool (self, "training"))
    x = gantry_scale (gantry_mul (x, replay_value (self, "x.mask")), 1 / (1 - p));
  replay_set_only_output (self, x);
  return TRUE;
}

static gboolean
build_broadcast_arith (Replay *self, GError **error)
{
  GantryTensor *a = replay_value (self, "x.a");
  GantryTensor *b = replay_value (self, "x.b");
  GantryTensor *c = replay_value (self, "x.c");
  GantryTensor *d = replay_value (self, "x.d");

  replay_set_output (self, "add_mul", gantry_mul (gantry_add (a, b), c));
  replay_set_output (self, "sub_div", gantry_div (gantry_sub (a, b), gantry_mul (c, d)));
  replay_set_output (self, "pow", gantry_pow (c, d));
  replay_set_output (self, "max", gantry_maximum (a, b));
  replay_set_output (self, "min", gantry_minimum (a, b));
  return TRUE;
}

static gboolean
build_bce_with_logits (Replay *self, GError **error)
{
  GantryTensor *terms = gantry_binary_cross_entropy (replay_value (self, "x.input"), replay_value (self, "x.target"));
  gboolean mean = g_str_equal (settings_get_string (self, "reduction"), "mean");

  replay_set_only_output (self, mean ? gantry_mean (terms) : gantry_sum (terms));
  return TRUE;
}

const OpSubject op_subjects_elementwise[] = {
  { "abs", build_abs },
  { "exp", build_exp },
  { "log", build_log },
  { "sqrt", build_sqrt },
  { "rsqrt", build_rsqrt },
  { "reciprocal", build_reciprocal },
  { "square", build_square },
  { "tanh", build_tanh },
  { "sigmoid", build_sigmoid },
  { "relu", build_relu },
  { "leaky_relu", build_leaky_relu },
  { "softplus", build_softplus },
  { "logsigmoid", build_log_sigmoid },
  { "silu", build_silu },
  { "mish", build_mish },
  { "elu", build_elu },
  { "selu", build_selu },
  { "gelu", build_gelu },
  { "clamp", build_clamp },
  { "hinge", build_hinge },
  { "maximum", build_maximum },
  { "minimum", build_minimum },
  { "where", build_where },
  { "dropout", build_dropout },
  { "broadcast_arith", build_broadcast_arith },
  { "bce_with_logits", build_bce_with_logits },
  { NULL, NULL }
};
