/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/optimizer.h>

#include "interface/call-private.h"

#include <math.h>

/**
 * GantryOptimizer:
 *
 * A rule that moves parameters along their gradients: pure and symbolic, so that a game can also unroll it.
 */
G_DEFINE_INTERFACE (GantryOptimizer, gantry_optimizer, GANTRY_TYPE_COMPONENT)

static void
gantry_optimizer_default_init (GantryOptimizerInterface *iface)
{
}

/**
 * gantry_optimizer_slots:
 * @self: an optimizer
 *
 * What the optimizer remembers of each parameter.
 *
 * Returns: (transfer none) (array zero-terminated=1): names in the order of the slots; empty where it remembers nothing
 */
const gchar *const *
gantry_optimizer_slots (GantryOptimizer *self)
{
  static const gchar *const none[] = { NULL };
  GantryOptimizerInterface *iface = GANTRY_OPTIMIZER_GET_IFACE (self);

  return iface->slots != NULL ? iface->slots (self) : none;
}

/**
 * gantry_optimizer_step:
 * @self: an optimizer
 * @in: parameter, gradient, slots, rate and the number of the step
 * @out: (out caller-allocates): parameter and slots after the step, of the same shapes
 *
 * One step of one parameter.  Nothing is assigned: the result is tensors.  Wrong results of the plugin are
 * errors of the graph that name it.
 */
void
gantry_optimizer_step (GantryOptimizer *self, const GantryOptimizerInput *in, GantryOptimizerOutput *out)
{
  GantryOptimizerInterface *iface = GANTRY_OPTIMIZER_GET_IFACE (self);
  const gchar *const *slots = gantry_optimizer_slots (self);
  const GantryShape *shape = gantry_tensor_get_shape (in->parameter);

  *out = (GantryOptimizerOutput){ .size = sizeof *out };
  _gantry_context_begin (&in->context, "step");
  if (iface->step == NULL)
    _gantry_context_fail (&in->context, GANTRY_GRAPH_ERROR_ARGUMENT, "the plugin lacks this vfunc");
  else
    iface->step (self, in, out);
  out->parameter = _gantry_context_check (&in->context, "parameter", out->parameter, shape);
  for (guint i = 0; slots[i] != NULL && i < GANTRY_OPTIMIZER_MAX_SLOTS; i++)
    out->slots[i] = _gantry_context_check (&in->context, slots[i], out->slots[i], shape);
  _gantry_context_end (&in->context);
}

/* The number of this step, from 1, as float64; counted in a variable of the player. */
static GantryTensor *
count_step (GantryGraph *graph)
{
  GantryVariable *variable = gantry_graph_variable (graph, "step", GANTRY_SCALAR, GANTRY_INT64, GANTRY_CONSTANT (0), FALSE);
  GantryTensor *step = gantry_add (gantry_graph_read (graph, variable), gantry_fill (graph, GANTRY_SCALAR, GANTRY_INT64, 1));

  gantry_graph_assign (graph, variable, step);
  return gantry_cast (step, GANTRY_FLOAT64);
}

static void
step_variable (GantryOptimizer *self, GantryOptimizerInput *in, GantryVariable *variable, GantryTensor *gradient)
{
  GantryGraph *graph = in->context.graph;
  const gchar *const *slots = gantry_optimizer_slots (self);
  GantryVariable *memory[GANTRY_OPTIMIZER_MAX_SLOTS];
  GantryOptimizerOutput out;

  if (!gantry_shape_equal (gantry_tensor_get_shape (gradient), &variable->shape))
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (gradient));
      g_autofree gchar *due = gantry_shape_to_string (&variable->shape);

      _gantry_context_fail (&in->context, GANTRY_GRAPH_ERROR_SHAPE, "gradient is %s, expected %s", found, due);
      return;
    }
  in->parameter = gantry_graph_read (graph, variable);
  in->gradient = gradient;
  for (guint i = 0; slots[i] != NULL; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("%s.%s", slots[i], variable->name);

      memory[i] = gantry_graph_variable (graph, name, &variable->shape, variable->dtype, GANTRY_CONSTANT (0), FALSE);
      in->slots[i] = gantry_graph_read (graph, memory[i]);
    }
  gantry_optimizer_step (self, in, &out);
  gantry_graph_assign (graph, variable, out.parameter);
  for (guint i = 0; slots[i] != NULL; i++)
    gantry_graph_assign (graph, memory[i], out.slots[i]);
}

/**
 * gantry_optimizer_get_decay:
 * @in: input of `step`
 * @key: a property of the optimizer that decays what it remembers, such as `beta1`
 *
 * Returns: the property's value for this step: raised to the share of a whole step that it is
 */
gdouble
gantry_optimizer_get_decay (const GantryOptimizerInput *in, const gchar *key)
{
  const gdouble decay = gantry_component_get_double (in->context.component, key);

  return in->share > 0 && in->share != 1 ? pow (decay, in->share) : decay;
}

/**
 * gantry_optimizer_apply:
 * @self: an optimizer; its property `learning-rate` is the rate
 * @graph: the graph
 * @player: name of the player that owns the variables
 * @variables: (element-type GantryVariable): the variables to move
 * @gradients: (element-type GantryTensor): the objective's gradients, one a variable, of its shape
 *
 * One step of every given variable: reads and assigns the variables, `optimizer.PLAYER.SLOT.VARIABLE` and
 * the int64 scalar `optimizer.PLAYER.step`.  Errors stick to the graph.
 */
void
gantry_optimizer_apply (GantryOptimizer *self, GantryGraph *graph, const gchar *player, GPtrArray *variables, GPtrArray *gradients)
{
  gantry_optimizer_apply_share (self, graph, player, variables, gradients, 1);
}

/**
 * gantry_optimizer_apply_share:
 * @self: an optimizer
 * @graph: the graph
 * @player: name of the player that owns the variables
 * @variables: (element-type GantryVariable): the variables to move
 * @gradients: (element-type GantryTensor): the objective's gradients, one a variable, of its shape
 * @share: above 0, at most 1: multiplies the rate, and decays are raised to it
 *
 * As [method@Gantry.Optimizer.apply], for a player whose objective is stepped in parts: with a penalty in every k-th step as a step of its
 * own there are k + 1 steps where there were k, each for k / (k + 1) of one.  Karras et al. 2020 (StyleGAN2), appendix B.
 */
void
gantry_optimizer_apply_share (GantryOptimizer *self, GantryGraph *graph, const gchar *player, GPtrArray *variables, GPtrArray *gradients,
                              gdouble share)
{
  g_autofree gchar *owner = g_strdup_printf ("optimizer.%s", player);
  GantryContextHost host = { .term = owner };
  GantryOptimizerInput in = { { graph, GANTRY_COMPONENT (self), &host }, sizeof in };
  const guint n_slots = g_strv_length ((gchar **) gantry_optimizer_slots (self));

  _gantry_push_prefix (graph, owner);
  if (n_slots > GANTRY_OPTIMIZER_MAX_SLOTS)
    {
      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%u slots, at most %d are possible", n_slots,
                         GANTRY_OPTIMIZER_MAX_SLOTS);
    }
  else if (variables->len != gradients->len)
    {
      gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "%u variables and %u gradients", variables->len, gradients->len);
    }
  else
    {
      in.rate = gantry_graph_scalar (graph, GANTRY_COMPONENT (self), "learning-rate");
      if (share != 1)
        in.rate = gantry_scale (in.rate, share);
      in.share = share;
      in.step = count_step (graph);
      for (guint i = 0; i < variables->len; i++)
        {
          GantryVariable *variable = variables->pdata[i];

          gantry_graph_push_label (graph, "%s", variable->name);
          step_variable (self, &in, variable, gradients->pdata[i]);
          gantry_graph_pop (graph);
        }
    }
  gantry_graph_pop (graph);
}
