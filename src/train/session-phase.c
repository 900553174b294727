/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a game's description of a phase to a program: objectives, gradients, optimizer steps. */
#include "train/session-private.h"

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
  g_free (self->output);
  g_free (self);
}

void
_gantry_phase_free (GantryPhase *self)
{
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

  for (guint i = 0; i < optimizers->len; i++) {
    const gchar *instance = gantry_component_get_instance (optimizers->pdata[i]);

    if (g_str_equal (instance, player))
      return GANTRY_OPTIMIZER (optimizers->pdata[i]);
    if (_gantry_game_host_find_player (session->host, instance) == NULL) {
      general = optimizers->pdata[i];
      n_general++;
    }
  }
  if (n_general == 1)
    return GANTRY_OPTIMIZER (general);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE,
               n_general == 0 ? "player %s has no optimizer: write [optimizer] with plugin=adam, or [optimizer %s]"
                              : "player %s has more than one optimizer: write [optimizer %s] for its own", player, player);
  return NULL;
}

static void
add_output (GantryPhase *self, const gchar *player, const gchar *term, gboolean alone, GantryTensor *tensor)
{
  GantryPhaseTerm *added = g_new0 (GantryPhaseTerm, 1);

  added->name = g_strdup_printf ("%s.%s", player, term);
  added->output = alone ? g_strdup (term) : g_strdup (added->name);
  gantry_graph_output (self->graph, added->output, tensor);
  g_ptr_array_add (self->terms, added);
}

static GPtrArray *
list_variables (GantryPhase *self, const GantryGamePlayer *player)
{
  g_autoptr (GPtrArray) all = gantry_graph_list_variables (self->graph);
  g_autofree gchar *prefix = g_strdup_printf ("%s.", player->network);
  GPtrArray *variables = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++) {
    GantryVariable *variable = all->pdata[i];

    if (variable->trainable && g_str_has_prefix (variable->name, prefix))
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

/* The objective and its gradient; nothing moves yet, so that all players of a phase see the same variables. */
static Step *
describe_step (GantrySession *session, GantryPhase *self, const GantryGamePlayer *player, gboolean alone)
{
  g_autoptr (GPtrArray) losses = gantry_pipeline_list (session->pipeline, "loss");
  g_autoptr (GPtrArray) regularizers = gantry_pipeline_list (session->pipeline, "regularizer");
  g_autoptr (GPtrArray) matches = _gantry_game_host_list_matches (session->host, player);
  g_autoptr (GPtrArray) reads = g_ptr_array_new ();
  g_autoptr (GantryTensors) terms = gantry_tensors_new ();
  Step *step = g_new0 (Step, 1);

  step->player = player;
  step->objective = gantry_objective_build (self->graph, player->side, losses, regularizers, matches, terms);
  for (guint i = 0; i < session->host->terms->len; i++) {
    const GantryGameTerm *term = session->host->terms->pdata[i];

    if (term->player == player) {
      gantry_tensors_set (terms, term->name, term->tensor);
      step->objective = gantry_add (step->objective, term->tensor);
    }
  }
  for (guint i = 0; i < gantry_tensors_get_n (terms); i++) {
    const gchar *name = gantry_tensors_get_name (terms, i);

    add_output (self, player->name, name, alone, gantry_tensors_get (terms, name));
  }
  step->variables = list_variables (self, player);
  step->gradients = g_ptr_array_new ();
  g_ptr_array_set_size (step->gradients, step->variables->len);
  for (guint i = 0; i < step->variables->len; i++) {
    GantryVariable *variable = step->variables->pdata[i];
    GantryTensor *read = gantry_graph_read (self->graph, variable);

    if (!gantry_tensor_is_poisoned (step->objective) && !gantry_tensor_depends_on (step->objective, read))
      gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT,
                         "player %s: the trainable variable %s gets no gradient: the objective does not depend on it", player->name,
                         variable->name);
    g_ptr_array_add (reads, read);
  }
  if (step->variables->len == 0)
    gantry_graph_fail (self->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_GRADIENT, "player %s: its network %s has no trainable variable",
                       player->name, player->network);
  else {
    gantry_gradients (step->objective, (GantryTensor *const *) reads->pdata, reads->len, (GantryTensor **) step->gradients->pdata);
    clip_gradients (session, self, step, alone);
  }
  return step;
}

static gboolean
describe (GantrySession *session, GantryPhase *self, const GantryGamePhase *declared, GError **error)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (step_free);
  g_autoptr (GPtrArray) regularizers = gantry_pipeline_list (session->pipeline, "regularizer");
  GantryGame *game = GANTRY_GAME (gantry_pipeline_get (session->pipeline, "game"));

  self->graph = gantry_graph_new (session->dtype);
  gantry_graph_push_label (self->graph, "phase %s", declared->name);
  _gantry_game_host_play (session->host, game, self->graph, declared->name, session->batch);
  for (guint i = 0; i < declared->players->len; i++)
    g_ptr_array_add (steps, describe_step (session, self, declared->players->pdata[i], declared->players->len == 1));
  for (guint i = 0; i < steps->len; i++) {
    const Step *step = steps->pdata[i];
    GantryOptimizer *optimizer = find_optimizer (session, step->player->name, error);

    if (optimizer == NULL)
      return FALSE;
    gantry_optimizer_apply (optimizer, self->graph, step->player->name, step->variables, step->gradients);
    gantry_regularizers_constrain (regularizers, self->graph, step->player->side, step->variables);
  }
  gantry_graph_pop (self->graph);
  return gantry_graph_finish (self->graph, error);
}

GantryPhase *
_gantry_phase_new (GantrySession *session, const GantryGamePhase *declared, GError **error)
{
  GantryPhase *self = g_new0 (GantryPhase, 1);

  self->name = g_strdup (declared->name);
  self->n_runs = declared->n_runs;
  self->terms = g_ptr_array_new_with_free_func (term_free);
  if (describe (session, self, declared, error)) {
    self->program = gantry_program_compile (self->graph, session->state, (GantryBackend *const *) session->backends->pdata,
                                            session->backends->len, error);
    if (self->program != NULL)
      return self;
    g_prefix_error (error, "phase %s: ", self->name);
  }
  _gantry_phase_free (self);
  return NULL;
}
