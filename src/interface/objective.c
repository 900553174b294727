/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interface/objective-private.h"

#include "interface/call-private.h"

typedef struct {
  GantryGraph *graph;
  GantrySide side;
  GantryTensors *terms;
  GantryTensor *total;
} Objective;

static GantryTensor *
add (GantryTensor *sum, GantryTensor *term)
{
  return sum == NULL ? term : gantry_add (sum, term);
}

static void
set_term (Objective *self, const gchar *name, GantryTensor *term)
{
  if (gantry_tensors_get (self->terms, name) != NULL)
    gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME,
                       "two terms of the objective are called `%s`: name one of the components otherwise", name);
  else
    gantry_tensors_set (self->terms, name, term);
}

static GantryTensor *
get_logits (Objective *self, const GantryMatch *match, GantryTensors *outputs)
{
  GantryTensor *logits = gantry_tensors_get (outputs, "logits");

  if (logits != NULL)
    return logits;
  gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "match `%s`: the critic `%s` gives no output `logits`", match->name,
                     gantry_network_get_name (match->critic));
  return gantry_graph_poison (self->graph, &(const GantryShape){ 1, { gantry_tensor_get_dim (match->fake, 0) } },
                              gantry_graph_get_dtype (self->graph));
}

/* "BASE.MATCH", or BASE alone where the game has one match, "main". */
static gchar *
name_match (const gchar *base, const GantryMatch *match, guint n_matches)
{
  return n_matches == 1 && g_str_equal (match->name, "main") ? g_strdup (base) : g_strdup_printf ("%s.%s", base, match->name);
}

static GantryTensor *
apply_loss (Objective *self, GantryLoss *loss, const GantryMatch *match, const gchar *term)
{
  GantryContextHost host = { .terms = self->terms, .term = term };
  GantryLossInput in = { { self->graph, GANTRY_COMPONENT (loss), &host }, sizeof in };

  in.fake = match->fake;
  in.fake_outputs = match->fake_outputs;
  in.fake_logits = get_logits (self, match, match->fake_outputs);
  if (self->side == GANTRY_SIDE_GENERATOR)
    return gantry_loss_generator (loss, &in);
  if (match->real == NULL || match->real_outputs == NULL)
    {
      gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "match `%s` has no real samples, which a discriminator needs",
                         match->name);
      return gantry_graph_poison (self->graph, GANTRY_SCALAR, gantry_graph_get_dtype (self->graph));
    }
  in.real = match->real;
  in.real_outputs = match->real_outputs;
  in.real_logits = get_logits (self, match, match->real_outputs);
  return gantry_loss_discriminator (loss, &in);
}

static GantryTensor *
apply_regularizer (Objective *self, GantryRegularizer *regularizer, const GantryMatch *match, const gchar *term)
{
  GantryContextHost host = { .terms = self->terms, .term = term };
  GantryRegularizerInput in = { { self->graph, GANTRY_COMPONENT (regularizer), &host }, sizeof in, self->side, match->critic };

  in.fake = match->fake;
  in.fake_logits = get_logits (self, match, match->fake_outputs);
  if (self->side == GANTRY_SIDE_DISCRIMINATOR && match->real != NULL && match->real_outputs != NULL)
    {
      in.real = match->real;
      in.real_logits = get_logits (self, match, match->real_outputs);
    }
  else if (self->side == GANTRY_SIDE_DISCRIMINATOR)
    {
      return NULL;
    }
  in.critic_inputs = in.real != NULL ? match->real_inputs : match->fake_inputs;
  return gantry_regularizer_penalty (regularizer, &in);
}

/* The prefix of what a component keeps or draws: "loss.hinge", "regularizer.gradient-penalty"; with the match where there are several. */
static void
push_owner (Objective *self, const gchar *kind, gpointer component, const GantryMatch *match, guint n_matches)
{
  const gchar *instance = gantry_component_get_instance (component);
  g_autofree gchar *base = g_strdup_printf ("%s.%s", kind, instance != NULL ? instance : G_OBJECT_TYPE_NAME (component));
  g_autofree gchar *owner = name_match (base, match, n_matches);

  _gantry_push_prefix (self->graph, owner);
}

static GantryTensor *
weigh (Objective *self, const GantryObjectiveShare *share, GantryTensor *term)
{
  return share == NULL || share->weight == NULL ? term : gantry_mul (gantry_graph_scalar (self->graph, share->weight, "weight"), term);
}

/* One component's terms over its matches; their sum is the term `base`. */
static GantryTensor *
sum_component (Objective *self, gpointer component, gboolean is_loss, const GantryObjectiveShare *share, GPtrArray *matches, const gchar *base)
{
  GantryTensor *sum = NULL;

  for (guint i = 0; i < matches->len; i++)
    {
      const GantryMatch *match = matches->pdata[i];
      g_autofree gchar *name = name_match (base, match, matches->len);
      GantryTensor *term;

      if (share != NULL && share->matches != NULL && !g_strv_contains ((const gchar *const *) share->matches, match->name))
        continue;
      push_owner (self, is_loss ? "loss" : "regularizer", component, match, matches->len);
      term = is_loss ? apply_loss (self, component, match, name) : apply_regularizer (self, component, match, name);
      gantry_graph_pop (self->graph);
      if (term == NULL)
        continue;
      term = weigh (self, share, term);
      if (!g_str_equal (name, base))
        set_term (self, name, term);
      sum = add (sum, term);
    }
  return sum;
}

static void
add_losses (Objective *self, GPtrArray *losses, const GantryObjectiveShare *shares, GPtrArray *matches)
{
  GantryTensor *sum = NULL;

  for (guint i = 0; i < losses->len; i++)
    {
      const gchar *instance = gantry_component_get_instance (losses->pdata[i]);
      g_autofree gchar *base = losses->len == 1 || instance == NULL ? g_strdup ("loss") : g_strdup_printf ("loss.%s", instance);
      GantryTensor *term = sum_component (self, losses->pdata[i], TRUE, shares != NULL ? &shares[i] : NULL, matches, base);

      if (losses->len > 1 && term != NULL)
        set_term (self, base, term);
      if (term != NULL)
        sum = add (sum, term);
    }
  if (sum != NULL)
    {
      set_term (self, "loss", sum);
      self->total = add (self->total, sum);
    }
}

static void
add_regularizers (Objective *self, GPtrArray *regularizers, const GantryObjectiveShare *shares, GPtrArray *matches)
{
  for (guint i = 0; i < regularizers->len; i++)
    {
      const gchar *instance = gantry_component_get_instance (regularizers->pdata[i]);
      const gchar *base = instance != NULL ? instance : G_OBJECT_TYPE_NAME (regularizers->pdata[i]);
      GantryTensor *term = sum_component (self, regularizers->pdata[i], FALSE, shares != NULL ? &shares[i] : NULL, matches, base);

      if (term != NULL)
        {
          set_term (self, base, term);
          if (shares != NULL && shares[i].factor != 1)
            term = gantry_scale (term, shares[i].factor);
          self->total = add (self->total, term);
        }
    }
}

GantryTensor *
_gantry_objective_build_weighted (GantryGraph *graph, GantrySide side, GPtrArray *losses, const GantryObjectiveShare *loss_shares,
                                  GPtrArray *regularizers, const GantryObjectiveShare *shares, GPtrArray *matches, GantryTensors *terms)
{
  Objective self = { graph, side, terms, NULL };

  if (losses != NULL)
    add_losses (&self, losses, loss_shares, matches);
  if (regularizers != NULL)
    add_regularizers (&self, regularizers, shares, matches);
  return self.total;
}

/**
 * gantry_objective_build:
 * @graph: the graph
 * @side: whose objective it is
 * @losses: (element-type GantryLoss) (nullable): the losses, which are summed
 * @regularizers: (element-type GantryRegularizer) (nullable): the regularizers
 * @matches: (element-type GantryMatch): the matches of the phase that concern the player
 * @terms: gets the named terms
 *
 * A player's objective: the sum of all losses and regularizers over all matches.
 *
 * Terms are named `loss` (the sum of the losses), `loss.NAME` for what a loss publishes, a regularizer's
 * instance such as `r1` for its sum and `r1.NAME` for what it publishes.  With several losses each has
 * `loss.INSTANCE`, and `loss.INSTANCE.NAME` for what it publishes.  With matches other than one called `main`,
 * the match's name follows the component's: `r1.MATCH`, `loss.MATCH.NAME`.  What a component keeps in variables
 * or draws has the prefix `loss.INSTANCE` or `regularizer.INSTANCE`.
 *
 * Returns: (transfer none): a scalar tensor, what the player minimises; that nothing concerns the side is an
 *   error of the graph
 */
GantryTensor *
gantry_objective_build (GantryGraph *graph, GantrySide side, GPtrArray *losses, GPtrArray *regularizers, GPtrArray *matches, GantryTensors *terms)
{
  GantryTensor *total = _gantry_objective_build_weighted (graph, side, losses, NULL, regularizers, NULL, matches, terms);

  if (total != NULL)
    return total;
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "no loss and no regularizer gives the %s's side anything to minimise",
                     side == GANTRY_SIDE_GENERATOR ? "generator" : "discriminator");
  return gantry_graph_poison (graph, GANTRY_SCALAR, gantry_graph_get_dtype (graph));
}
