/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gradient penalty: lambda E[(|grad D(y)| - target)^2] at y = e x + (1 - e) G(z), e uniform.  Gulrajani et al. 2017, eq. 3, with target 1;
 * one-sided it is WGAN-LP, Petzka et al. 2018, eq. 8; with target 0 that of Thanh-Tung et al. 2019, eq. 9; divided by the target's square
 * that of Karras et al. 2018.  The points are constants, and the critic's own state is left alone there.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (GradientPenaltyRegularizer, gradient_penalty_regularizer, GANTRY_TYPE_REGULARIZER)

static const GantryProperty gradient_penalty_regularizer_properties[] = {
  GANTRY_DOUBLE ("lambda", 0, 1e6, 10, GANTRY_SCHEDULABLE, "", "weight"),
  GANTRY_DOUBLE ("target", 0, 1e6, 1, GANTRY_SCHEDULABLE, "", "norm that the gradient is to have"),
  GANTRY_BOOL ("one-sided", FALSE, 0, "penalise only norms above the target"),
  GANTRY_ENUM ("weighs", "real|fake", "real", 0, "which sample the uniform number e multiplies; the other gets 1 - e"),
  GANTRY_ENUM ("reduction", "mean|max", "mean", 0, "mean over the samples, or the largest penalty of all: Adler & Lunz 2018 take that"),
  GANTRY_BOOL ("divide-by-target-squared", FALSE, 0, "divide by the square of the target, which must not be 0 then"),
  GANTRY_END
};

/* A point between each real and generated sample; `epsilon` is [batch, 1, ...]. */
static GantryTensor *
interpolate (GantryRegularizer *self, const GantryRegularizerInput *in)
{
  const gboolean weighs_real = g_str_equal (gantry_component_get_enum (self, "weighs"), "real");
  GantryTensor *first = weighs_real ? in->real : in->fake;
  GantryTensor *second = weighs_real ? in->fake : in->real;
  GantryShape shape = *gantry_tensor_get_shape (first);
  GantryTensor *epsilon;

  for (guint axis = 1; axis < shape.n_dims; axis++)
    shape.dims[axis] = 1;
  epsilon = gantry_graph_random (in->context.graph, GANTRY_INPUT_UNIFORM, "epsilon", &shape);
  return gantry_detach (gantry_add (gantry_mul (epsilon, first), gantry_mul (gantry_offset (gantry_neg (epsilon), 1), second)));
}

static GantryTensor *
gradient_penalty_regularizer_penalty (GantryRegularizer *self, const GantryRegularizerInput *in)
{
  const gboolean takes_max = g_str_equal (gantry_component_get_enum (self, "reduction"), "max");
  g_autoptr (GantryTensors) outputs = NULL;
  GantryTensor *point, *logits, *gradient, *norm, *excess, *penalty, *target;

  if (in->side != GANTRY_SIDE_DISCRIMINATOR)
    return NULL;
  if (gantry_component_get_bool (self, "divide-by-target-squared") && gantry_component_get_double (self, "target") == 0)
    gantry_graph_fail (in->context.graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT,
                       "divide-by-target-squared=yes with target=0: expected a target above 0");
  point = interpolate (self, in);
  outputs = gantry_regularizer_apply_critic (in, point, GANTRY_MODE_FROZEN);
  logits = gantry_tensors_get (outputs, "logits");
  if (logits == NULL)
    return NULL;
  gradient = gantry_flatten (gantry_gradient (gantry_sum (logits), point));
  norm = gantry_norm_axes (gradient, GANTRY_AXIS (1), FALSE);
  gantry_publish (in, "point", point);
  gantry_publish (in, "logits", logits);
  gantry_publish (in, "gradient-norm", norm);
  gantry_publish (in, "gradient-norm-squared", gantry_sum_per_sample (gantry_square (gradient)));
  target = gantry_scalar (in, "target");
  excess = gantry_sub (norm, target);
  if (gantry_component_get_bool (self, "one-sided"))
    excess = gantry_relu (excess);
  penalty = gantry_square (excess);
  penalty = takes_max ? gantry_max_axes (penalty, GANTRY_AXIS (0), FALSE) : gantry_mean (penalty);
  if (gantry_component_get_bool (self, "divide-by-target-squared"))
    penalty = gantry_div (penalty, gantry_square (target));
  return gantry_mul (gantry_scalar (in, "lambda"), penalty);
}

static void
gradient_penalty_regularizer_interface (GantryRegularizerInterface *iface)
{
  iface->penalty = gradient_penalty_regularizer_penalty;
}

GANTRY_PLUGIN (GradientPenaltyRegularizer, gradient_penalty_regularizer, regularizer, "gradient-penalty", "1.0",
               "Penalty on the critic's gradient between real and generated samples (WGAN-GP)")
