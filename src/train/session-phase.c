/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a game's description of a phase to a program: objectives, gradients, optimizer steps. */
#include "train/session-phase-private.h"

#include "graph/graph-private.h"
#include "interface/objective-private.h"

#include <gantry/error.h>
#include <gantry/objective.h>
#include <gantry/optimizer.h>
#include <gantry/regularizer.h>
#include <string.h>

/* Added to the norm that clipped gradients are divided by: PyTorch's. */
#define CLIP_EPS 1e-6

/* What a phase does for one of its players. */
typedef struct {
  const GantryGamePlayer *player;
  GantryTensor *objective;
  GPtrArray *variables;
  GPtrArray *gradients;
} Step;

static void
step_free (gpointer data)
{
  Step *self = data;

  g_clear_pointer (&self->variables, g_ptr_array_unref);
  g_clear_pointer (&self->gradients, g_ptr_array_unref);
  g_free (self);
}

static void
term_free (gpointer data)
{
  GantryPhaseTerm *self = data;

  g_free (self->name);
  g_free (self->alias);
  g_free (self->output);
  g_free (self);
}

void
_gantry_phase_free (GantryPhase *self)
{
  g_clear_pointer (&self->variants, g_ptr_array_unref);
  g_clear_pointer (&self->parts, _gantry_parts_free);
  g_clear_pointer (&self->joint, _gantry_joint_free);
  g_clear_pointer (&self->bound, g_hash_table_unref);
  g_clear_pointer (&self->objectives, g_ptr_array_unref);
  g_clear_object (&self->program);
  g_clear_object (&self->graph);
  g_clear_pointer (&self->terms, g_ptr_array_unref);
  g_free (self->name);
  g_free (self);
}

/* An optimizer whose instance is the player's name is the player's own; one without is everybody else's. */
static GantryOptimizer *
find_optimizer (GantrySession *session, const gchar *player, GError **error)
{
  g_autoptr (GPtrArray) optimizers = gantry_pipeline_list (session->pipeline, "optimizer");
  GantryComponent *general = NULL;
  guint n_general = 0;

  for (guint i = 0; i < optimizers->len; i++)
    {
      const gchar *instance = gantry_component_get_instance (optimizers->pdata[i]);

      if (g_str_equal (instance, player))
        return GANTRY_OPTIMIZER (optimizers->pdata[i]);
      if (_gantry_game_host_find_player (session->host, instance) == NULL)
        {
          general = optimizers->pdata[i];
          n_general++;
        }
    }
  if (n_general == 1)
    return GANTRY_OPTIMIZER (general);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE,
               n_general == 0 ? "player %s has no optimizer: write [optimizer] with plugin=adam, or [optimizer %s]"
                              : "player %s has more than one optimizer: write [optimizer %s] for its own",
               player, player);
  return NULL;
}

static void
add_output (GantryPhase *self, const gchar *player, const gchar *term, gboolean alone, GantryTensor *tensor)
{
  GantryPhaseTerm *added = g_new0 (GantryPhaseTerm, 1);

  added->name = g_strdup_printf ("%s.%s", player, term);
  added->alias = g_strdup (alone ? term : added->name);
  added->output = self->is_joined ? g_strdup_printf ("%s/%s", self->name, added->alias) : g_strdup (added->alias);
  gantry_graph_output (self->graph, added->output, tensor);
  g_ptr_array_add (self->terms, added);
}

static gboolean
matches_any (gchar **patterns, const gchar *name)
{
  for (guint i = 0; patterns[i] != NULL; i++)
    if (g_pattern_match_simple (patterns[i], name))
      return TRUE;
  return FALSE;
}

/* What is frozen belongs to nobody. */
static GPtrArray *
list_variables (GantrySession *session, GantryPhase *self, const GantryGamePlayer *player)
{
  g_auto (GStrv) frozen = _gantry_section_list_frozen (_gantry_pipeline_find_section (session->pipeline, "network", player->network));
  g_autoptr (GPtrArray) all = _gantry_graph_list_stage_variables (self->graph);
  g_autofree gchar *prefix = g_strdup_printf ("%s.", player->network);
  GPtrArray *variables = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      GantryVariable *variable = all->pdata[i];

      if (variable->trainable && g_str_has_prefix (variable->name, prefix) && !matches_any (frozen, variable->name + strlen (prefix)))
        g_ptr_array_add (variables, variable);
    }
  return variables;
}

/* Clipped by their common norm where the pipeline asks for it; the norm is the term `gradient-norm`. */
static void
clip_gradients (GantrySession *session, GantryPhase *self, Step *step, gboolean alone)
{
  const gdouble limit = gantry_component_get_double (gantry_pipeline_get_settings (session->pipeline), "clip-gradients");

  if (limit > 0)
    add_output (self, step->player->name, "gradient-norm", alone,
                gantry_clip_gradients ((GantryTensor **) step->gradients->pdata, step->gradients->len, limit, CLIP_EPS));
}

static void
clear_share (gpointer share)
{
  g_strfreev (((GantryObjectiveShare *) share)->matches);
}

static GArray *
make_shares (void)
{
  GArray *shares = g_array_new (FALSE, FALSE, sizeof (GantryObjectiveShare));

  g_array_set_clear_func (shares, clear_share);
  return shares;
}

static void
add_share (GantrySession *session, GArray *shares, gpointer component, gdouble factor)
{
  GantrySection *section = _gantry_pipeline_find_component (session->pipeline, component);
  const GantryObjectiveShare share = { factor, _gantry_section_get_weight (section), _gantry_section_list_matches (section) };

  g_array_append_val (shares, share);
}

/* The regularizers that this program has, and what their penalties are multiplied by. */
static GPtrArray *
choose_regularizers (GantrySession *session, const GantryPlan *plan, GArray *shares)
{
  g_autoptr (GPtrArray) all = gantry_pipeline_list (session->pipeline, "regularizer");
  GPtrArray *chosen = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      gboolean is_fused;
      const gint64 interval = _gantry_pipeline_get_interval (session->pipeline, all->pdata[i], &is_fused);
      const gboolean is_separate = interval > 1 && !is_fused;

      if (is_separate != (plan->player != NULL) || (is_separate && interval != plan->interval)
          || (interval > 1 && is_fused && (plan->due & (G_GUINT64_CONSTANT (1) << i)) == 0))
        continue;
      add_share (session, shares, all->pdata[i], interval);
      g_ptr_array_add (chosen, all->pdata[i]);
    }
  return chosen;
}

static void
add_game_terms (GantrySession *session, Step *step, GantryTensors *terms)
{
  for (guint i = 0; i < session->host->terms->len; i++)
    {
      const GantryGameTerm *term = session->host->terms->pdata[i];

      if (term->player == step->player)
        {
          gantry_tensors_set (terms, term->name, term->tensor);
          step->objective = gantry_add (step->objective, term->tensor);
        }
    }
}

/* Terms of the whole batch are those of its parts: the step has none but its own. */
static void
add_terms (GantryPhase *self, const Step *step, const GantryDescription *how, GantryTensors *terms, gboolean alone)
{
  GantryPhaseObjective *objective = g_new (GantryPhaseObjective, 1);

  *objective = (GantryPhaseObjective) { step->player->name, step->objective };
  g_ptr_array_add (self->objectives, objective);
  for (guint i = 0; how->purpose != GANTRY_DESCRIBE_APPLY && i < gantry_tensors_get_n (terms); i++)
    {
      const gchar *name = gantry_tensors_get_name (terms, i);

      add_output (self, step->player->name, name, alone, gantry_tensors_get (terms, name));
    }
}

/* The objective; NULL where it is a regularization step that does not concern the player. */
static GantryTensor *
describe_objective (GantrySession *session, GantryPhase *self, const GantryDescription *how, Step *step, gboolean alone)
{
  const GantryPlan *plan = &self->plan;
  g_autoptr (GPtrArray) losses = gantry_pipeline_list (session->pipeline, "loss");
  g_autoptr (GPtrArray) matches = _gantry_game_host_list_matches (session->host, step->player);
  g_autoptr (GantryTensors) terms = gantry_tensors_new ();
  g_autoptr (GArray) loss_shares = make_shares ();
  g_autoptr (GArray) shares = make_shares ();
  g_autoptr (GPtrArray) regularizers = choose_regularizers (session, plan, shares);
  const GantrySide side = step->player->side;

  for (guint i = 0; i < losses->len; i++)
    add_share (session, loss_shares, losses->pdata[i], 1);
  step->objective = _gantry_objective_build_weighted (self->graph, side, plan->player == NULL ? losses : NULL,
                                                      (const GantryObjectiveShare *) loss_shares->data, regularizers,
                                                      (const GantryObjectiveShare *) shares->data, matches, terms);
  if (step->objective == NULL && plan->player != NULL)
    return NULL;
  if (step->objective == NULL)
    step->objective = gantry_objective_build (self->graph, side, NULL, NULL, matches, terms);
  if (plan->player == NULL)
    add_game_terms (session, step, terms);
  add_terms (self, step, how, terms, alone);
  return step->objective;
}

/* A penalty need not depend on every variable (R1 knows no last bias): what it leaves alone takes no part in its step. */
static void
drop_unconnected (Step *step, GPtrArray *reads)
{
  for (guint i = reads->len; i-- > 0;)
    if (!gantry_tensor_depends_on (step->objective, reads->pdata[i]))
      {
        g_ptr_array_remove_index (reads, i);
        g_ptr_array_remove_index (step->variables, i);
      }
}

static void
check_connected (GantryPhase *self, const Step *step, GPtrArray *reads)
{
  for (guint i = 0; i < reads->len; i++)
    if (!gantry_tensor_depends_on (step->objective, reads->pdata[i]))
      gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT,
                         "player %s: the trainable variable %s gets no gradient: the objective does not depend on it", step->player->name,
                         ((GantryVariable *) step->variables->pdata[i])->name);
}

gchar *
_gantry_part_gradient_name (const gchar *player, const gchar *variable)
{
  return g_strdup_printf ("gradient.%s.%s", player, variable);
}

gchar *
_gantry_part_state_name (const gchar *variable)
{
  return g_strdup_printf ("state.%s", variable);
}

/* Gradients, here or out of the parts' programs. */
static void
describe_gradients (GantrySession *session, GantryPhase *self, const GantryDescription *how, Step *step, GPtrArray *reads, gboolean alone)
{
  if (how->purpose != GANTRY_DESCRIBE_APPLY)
    gantry_gradients (step->objective, (GantryTensor *const *) reads->pdata, reads->len, (GantryTensor **) step->gradients->pdata);
  for (guint i = 0; how->purpose != GANTRY_DESCRIBE_STEP && i < step->variables->len; i++)
    {
      const GantryVariable *variable = step->variables->pdata[i];
      g_autofree gchar *name = _gantry_part_gradient_name (step->player->name, variable->name);

      if (how->purpose == GANTRY_DESCRIBE_PART)
        gantry_graph_output (self->graph, name, step->gradients->pdata[i]);
      else
        step->gradients->pdata[i] = gantry_graph_feed (self->graph, name, &variable->shape, variable->dtype);
    }
  if (how->purpose != GANTRY_DESCRIBE_PART)
    clip_gradients (session, self, step, alone);
}

/* The objective and its gradient; nothing moves yet, so that all players of a phase see the same variables. */
static Step *
describe_step (GantrySession *session, GantryPhase *self, const GantryDescription *how, const GantryGamePlayer *player, gboolean alone)
{
  const GantryPlan *plan = &self->plan;
  g_autoptr (GPtrArray) reads = g_ptr_array_new ();
  Step *step = g_new0 (Step, 1);

  step->player = player;
  if (describe_objective (session, self, how, step, alone) == NULL || how->purpose == GANTRY_DESCRIBE_TERMS)
    return step;
  step->variables = list_variables (session, self, player);
  for (guint i = 0; i < step->variables->len; i++)
    g_ptr_array_add (reads, gantry_graph_read (self->graph, step->variables->pdata[i]));
  if (plan->player != NULL && !gantry_tensor_is_poisoned (step->objective))
    drop_unconnected (step, reads);
  else if (!gantry_tensor_is_poisoned (step->objective))
    check_connected (self, step, reads);
  step->gradients = g_ptr_array_new ();
  g_ptr_array_set_size (step->gradients, step->variables->len);
  if (step->variables->len == 0)
    gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT, "player %s: its network %s has no trainable variable",
                       player->name, player->network);
  else
    describe_gradients (session, self, how, step, reads, alone);
  return step;
}

/* Those of all matches, and those of the player's. */
static GPtrArray *
list_constraints (GantrySession *session, const GantryGamePlayer *player)
{
  g_autoptr (GPtrArray) all = gantry_pipeline_list (session->pipeline, "regularizer");
  g_autoptr (GPtrArray) matches = _gantry_game_host_list_matches (session->host, player);
  GPtrArray *chosen = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      g_auto (GStrv) names = _gantry_section_list_matches (_gantry_pipeline_find_component (session->pipeline, all->pdata[i]));
      gboolean is_named = names == NULL;

      for (guint k = 0; k < matches->len && !is_named; k++)
        is_named = g_strv_contains ((const gchar *const *) names, ((GantryMatch *) matches->pdata[k])->name);
      if (is_named)
        g_ptr_array_add (chosen, all->pdata[i]);
    }
  return chosen;
}

static gboolean
move (GantrySession *session, GantryPhase *self, const Step *step, GError **error)
{
  g_autoptr (GPtrArray) regularizers = list_constraints (session, step->player);
  GantryOptimizer *optimizer = find_optimizer (session, step->player->name, error);
  guint place = 0;

  if (optimizer == NULL)
    return FALSE;
  g_ptr_array_find (session->host->players, step->player, &place);
  gantry_optimizer_apply_share (optimizer, self->graph, step->player->name, step->variables, step->gradients, self->plan.shares[place]);
  gantry_regularizers_constrain (regularizers, self->graph, step->player->side, step->variables);
  return TRUE;
}

/* State that layers and losses assign: a part writes none, and what is a mean over the samples comes out of the parts. */
static void
describe_state (GantryPhase *self, const GantryDescription *how)
{
  g_autoptr (GPtrArray) assigned = _gantry_graph_list_assigned (self->graph);

  for (guint i = 0; i < assigned->len; i++)
    {
      GantryVariable *variable = assigned->pdata[i];
      g_autofree gchar *name = _gantry_part_state_name (variable->name);

      if (how->averaged == NULL || !g_hash_table_contains (how->averaged, variable->name))
        continue;
      if (how->purpose == GANTRY_DESCRIBE_PART)
        gantry_graph_output (self->graph, name, gantry_graph_get_assigned (self->graph, variable));
      else
        gantry_graph_assign (self->graph, variable, gantry_graph_feed (self->graph, name, &variable->shape, variable->dtype));
    }
  if (how->purpose == GANTRY_DESCRIBE_PART)
    _gantry_graph_discard_assigned (self->graph);
}

static gboolean
describe (GantrySession *session, GantryPhase *self, const GantryDescription *how, GError **error)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (step_free);
  GantryGame *game = GANTRY_GAME (gantry_pipeline_get (session->pipeline, "game"));
  const GantryPlan *plan = &self->plan;
  const GPtrArray *players = plan->phase->players;
  const gboolean moves = how->purpose == GANTRY_DESCRIBE_STEP || how->purpose == GANTRY_DESCRIBE_APPLY;

  self->is_joined = how->graph != NULL;
  self->graph = self->is_joined ? g_object_ref (how->graph) : gantry_graph_new (session->dtype);
  gantry_graph_push_label (self->graph, "phase %s", self->name);
  if (self->is_joined)
    _gantry_graph_begin_stage (self->graph);
  session->host->part = plan->player != NULL ? self->name : NULL;
  session->host->part_player = plan->player != NULL ? plan->player->name : NULL;
  _gantry_game_host_play (session->host, game, self->graph, plan->phase->name, how->batch);
  session->host->part = session->host->part_player = NULL;
  for (guint i = 0; i < players->len; i++)
    if (plan->player == NULL || plan->player == players->pdata[i])
      g_ptr_array_add (steps, describe_step (session, self, how, players->pdata[i], players->len == 1));
  self->is_idle = plan->player != NULL && ((Step *) steps->pdata[0])->objective == NULL;
  describe_state (self, how);
  for (guint i = 0; i < steps->len && moves && !self->is_idle; i++)
    if (!move (session, self, steps->pdata[i], error))
      return FALSE;
  gantry_graph_pop (self->graph);
  return gantry_graph_finish (self->graph, error);
}

GantryPhase *
_gantry_phase_describe (GantrySession *session, const GantryPlan *plan, const GantryDescription *how, GError **error)
{
  g_autoptr (GantryPhase) self = g_new0 (GantryPhase, 1);

  self->plan = *plan;
  self->name = plan->player != NULL ? g_strdup_printf ("%s-regularization", plan->player->name) : g_strdup (plan->phase->name);
  self->n_runs = plan->player != NULL ? 1 : plan->phase->n_runs;
  self->interval = plan->interval;
  self->terms = g_ptr_array_new_with_free_func (term_free);
  self->objectives = g_ptr_array_new_with_free_func (g_free);
  return describe (session, self, how, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
_gantry_phase_compile (GantryPhase *self, GantrySession *session, GError **error)
{
  self->program = _gantry_session_compile (session, self->graph, session->state, error);
  if (self->program == NULL)
    g_prefix_error (error, "phase %s: ", self->name);
  return self->program != NULL;
}

GantryPhase *
_gantry_phase_get_shown (GantryPhase *self)
{
  return self->parts != NULL ? _gantry_parts_get_first (self->parts) : self;
}

gboolean
_gantry_phase_new (GantrySession *session, const GantryPlan *plan, GantryPhase **phase, GError **error)
{
  const GantryDescription how = { GANTRY_DESCRIBE_STEP, plan->batch, NULL };
  g_autoptr (GantryPhase) self = NULL;

  *phase = NULL;
  if (session->micro_batch > 0 && session->micro_batch < plan->batch)
    return _gantry_parts_new (session, plan, phase, error);
  self = _gantry_phase_describe (session, plan, &how, error);
  if (self == NULL || self->is_idle)
    return self != NULL;
  if (!_gantry_phase_compile (self, session, error))
    return FALSE;
  *phase = g_steal_pointer (&self);
  return TRUE;
}
