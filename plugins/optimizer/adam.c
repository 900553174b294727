/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Adam.  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p -= rate / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 * Kingma & Ba 2015, algorithm 1; amsgrad divides by the largest v so far, Reddi et al. 2018.
 */
#include <gantry/gantry.h>
#include <math.h>

GANTRY_DECLARE_COMPONENT (AdamOptimizer, adam_optimizer, GANTRY_TYPE_OPTIMIZER)

static const GantryProperty adam_optimizer_properties[] = {
  GANTRY_DOUBLE ("learning-rate", 0, 10, 1e-3, GANTRY_SCHEDULABLE, "", "step size"),
  GANTRY_DOUBLE ("beta1", 0, 0.999999, 0.9, 0, "", "decay of the mean gradient"),
  GANTRY_DOUBLE ("beta2", 0, 0.9999999, 0.999, 0, "", "decay of the mean squared gradient"),
  GANTRY_DOUBLE ("eps", 0, 1, 1e-8, 0, "", "added to the root that is divided by"),
  GANTRY_DOUBLE ("weight-decay", 0, 1, 0, 0, "", "multiple of the parameter that is added to its gradient"),
  GANTRY_BOOL ("amsgrad", FALSE, 0, "divide by the root of the largest mean square so far"),
  GANTRY_END
};

static const gchar *const *
adam_optimizer_slots (GantryOptimizer *self)
{
  static const gchar *const plain[] = { "m", "v", NULL };
  static const gchar *const amsgrad[] = { "m", "v", "v_max", NULL };

  return gantry_component_get_bool (self, "amsgrad") ? amsgrad : plain;
}

/* 1 - beta^t in float64: in float32 it would lose its digits where beta is close to 1. */
static GantryTensor *
bias_correction (GantryTensor *step, gdouble beta)
{
  if (beta == 0)
    return gantry_ones_like (step);
  return gantry_offset (gantry_neg (gantry_exp (gantry_scale (step, log (beta)))), 1);
}

static GantryTensor *
decay (GantryTensor *mean, GantryTensor *value, gdouble beta)
{
  return gantry_add (gantry_scale (mean, beta), gantry_scale (value, 1 - beta));
}

static void
adam_optimizer_step (GantryOptimizer *self, const GantryOptimizerInput *in, GantryOptimizerOutput *out)
{
  const GantryDType dtype = gantry_tensor_get_dtype (in->parameter);
  const gdouble beta1 = gantry_optimizer_get_decay (in, "beta1");
  const gdouble beta2 = gantry_optimizer_get_decay (in, "beta2");
  const gdouble weight_decay = gantry_component_get_double (self, "weight-decay");
  GantryTensor *unbias1 = gantry_cast (gantry_reciprocal (bias_correction (in->step, beta1)), dtype);
  GantryTensor *unbias2 = gantry_cast (gantry_rsqrt (bias_correction (in->step, beta2)), dtype);
  GantryTensor *gradient = in->gradient;
  GantryTensor *m, *v, *root;

  if (weight_decay > 0)
    gradient = gantry_add (gradient, gantry_scale (in->parameter, weight_decay));
  m = decay (in->slots[0], gradient, beta1);
  v = decay (in->slots[1], gantry_square (gradient), beta2);
  out->slots[0] = m;
  out->slots[1] = v;
  if (gantry_component_get_bool (self, "amsgrad"))
    out->slots[2] = v = gantry_maximum (in->slots[2], v);
  root = gantry_offset (gantry_mul (gantry_sqrt (v), unbias2), gantry_component_get_double (self, "eps"));
  out->parameter = gantry_sub (in->parameter, gantry_mul (gantry_mul (in->rate, unbias1), gantry_div (m, root)));
}

static void
adam_optimizer_interface (GantryOptimizerInterface *iface)
{
  iface->slots = adam_optimizer_slots;
  iface->step = adam_optimizer_step;
}

GANTRY_PLUGIN (AdamOptimizer, adam_optimizer, optimizer, "adam", "1.0", "Adam, with AMSGrad and L2 weight decay")
