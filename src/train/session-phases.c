/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The phases of a session: those of the game, and regularization steps of their own.  A penalty of interval k is part of every k-th step, times
 * k.  As a step of its own the player takes k + 1 steps where it took k, each for a share of k / (k + 1).  Karras et al. 2020 (StyleGAN2),
 * appendix B.
 */
#include "train/session-phase-private.h"

#include <gantry/error.h>
#include <string.h>

#define MAX_PERIOD (1 << 20)

/* Which of the fused regularizers are part of a step. */
static guint64
list_due (GantrySession *session, guint64 step)
{
  g_autoptr (GPtrArray) all = gantry_pipeline_list (session->pipeline, "regularizer");
  guint64 due = 0;

  for (guint i = 0; i < all->len; i++)
    {
      gboolean is_fused;
      const gint64 interval = _gantry_pipeline_get_interval (session->pipeline, all->pdata[i], &is_fused);

      if (interval > 1 && is_fused && step % interval == 0)
        due |= G_GUINT64_CONSTANT (1) << i;
    }
  return due;
}

/* Of a phase that is one whole step: a regularization step has all that it has. */
static GantryPhase *
find_variant (GantryPhase *self, guint64 due, gsize n)
{
  if (self->plan.due == due && self->plan.batch == n)
    return self;
  for (guint i = 0; self->variants != NULL && i < self->variants->len; i++)
    {
      GantryPhase *variant = self->variants->pdata[i];

      if (variant->plan.due == due && variant->plan.batch == n)
        return variant;
    }
  return NULL;
}

GantryPhase *
_gantry_phase_for (GantryPhase *self, GantrySession *session, guint64 step, gsize n, GError **error)
{
  GantryPlan plan = self->plan;
  GantryPhase *found;

  plan.due = plan.player == NULL ? list_due (session, step) : 0;
  plan.batch = n;
  found = find_variant (self, plan.due, n);
  if (found != NULL)
    return found;
  if (!_gantry_phase_new (session, &plan, &found, error))
    return NULL;
  if (self->variants == NULL)
    self->variants = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_phase_free);
  g_ptr_array_add (self->variants, found);
  _gantry_session_adopt_programs (session);
  return found;
}

/* Steps after which it begins anew which fused regularizers are due. */
static gboolean
find_period (GantrySession *session, guint64 *period, GError **error)
{
  g_autoptr (GPtrArray) all = gantry_pipeline_list (session->pipeline, "regularizer");

  *period = 1;
  for (guint i = 0; i < all->len; i++)
    {
      gboolean is_fused;
      const gint64 interval = _gantry_pipeline_get_interval (session->pipeline, all->pdata[i], &is_fused);
      guint64 common = *period;

      if (!is_fused)
        continue;
      while (common % interval != 0 && common <= MAX_PERIOD)
        common += *period;
      *period = common;
    }
  if (*period <= MAX_PERIOD && all->len <= GANTRY_MAX_REGULARIZERS)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE,
               all->len > GANTRY_MAX_REGULARIZERS ? "more than %d regularizers" : "the intervals of regularizers have no common multiple up to %d",
               all->len > GANTRY_MAX_REGULARIZERS ? GANTRY_MAX_REGULARIZERS : MAX_PERIOD);
  return FALSE;
}

static gboolean
add_own_step (GantrySession *session, GPtrArray *own, const GantryGamePhase *declared, GantryGamePlayer *player, gint64 interval, gdouble *shares,
              GError **error)
{
  const GantryPlan plan = { declared, player, interval, 0, shares, session->batch };
  GantryPhase *phase;
  guint place = 0;
  gdouble before;

  g_ptr_array_find (session->host->players, player, &place);
  before = shares[place];
  shares[place] = (gdouble) interval / (interval + 1);
  if (!_gantry_phase_new (session, &plan, &phase, error))
    return FALSE;
  if (phase == NULL)
    {
      shares[place] = before;
      return TRUE;
    }
  g_ptr_array_add (own, phase);
  if (before == 1)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE,
               "player %s has regularization steps of different intervals: give its regularizers one interval, or step=fused", player->name);
  return FALSE;
}

static gboolean
add_own_steps (GantrySession *session, GPtrArray *own, const GantryGamePhase *declared, gdouble *shares, GError **error)
{
  g_autoptr (GPtrArray) all = gantry_pipeline_list (session->pipeline, "regularizer");
  g_autoptr (GArray) intervals = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < all->len; i++)
    {
      gboolean is_fused, is_new = TRUE;
      const gint64 interval = _gantry_pipeline_get_interval (session->pipeline, all->pdata[i], &is_fused);

      for (guint k = 0; k < intervals->len; k++)
        is_new &= g_array_index (intervals, gint64, k) != interval;
      if (interval > 1 && !is_fused && is_new)
        g_array_append_val (intervals, interval);
    }
  for (guint p = 0; p < declared->players->len; p++)
    for (guint k = 0; k < intervals->len; k++)
      if (!add_own_step (session, own, declared, declared->players->pdata[p], g_array_index (intervals, gint64, k), shares, error))
        return FALSE;
  return TRUE;
}

/* All regularizers are due in step 0: that variant is the phase, the others belong to it. */
static gboolean
add_phase (GantrySession *session, const GantryGamePhase *declared, guint64 period, GError **error)
{
  const GantryPlan plan = { declared, NULL, 1, list_due (session, 0), session->shares, session->batch };
  GantryPhase *phase;

  if (!_gantry_phase_new (session, &plan, &phase, error))
    return FALSE;
  g_ptr_array_add (session->phases, phase);
  for (guint64 step = 1; step < period; step++)
    if (_gantry_phase_for (phase, session, step, session->batch, error) == NULL)
      return FALSE;
  return TRUE;
}

/* A pattern that nothing matches is a slip of the pen. */
static gboolean
check_pattern (GantrySession *self, GantrySection *section, const gchar *pattern, GError **error)
{
  g_auto (GStrv) names = gantry_state_list (self->state);
  g_autofree gchar *prefix = g_strdup_printf ("%s.", section->instance);
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  g_autofree gchar *hint = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], prefix) && gantry_state_is_trainable (self->state, names[i]))
      {
        g_ptr_array_add (candidates, names[i] + strlen (prefix));
        if (g_pattern_match_simple (pattern, names[i] + strlen (prefix)))
          return TRUE;
      }
  g_ptr_array_add (candidates, NULL);
  hint = _gantry_did_you_mean (pattern, (const gchar *const *) candidates->pdata);
  _gantry_pipeline_set_error (error, _gantry_section_find (section, "freeze")->origin,
                              "network %s: freeze: '%s' is the name of no variable that is "
                              "trained%s",
                              section->instance, pattern, hint);
  return FALSE;
}

static gboolean
check_frozen (GantrySession *self, GError **error)
{
  for (guint i = 0; i < self->pipeline->sections->len; i++)
    {
      GantrySection *section = self->pipeline->sections->pdata[i];
      g_auto (GStrv) patterns = _gantry_section_list_frozen (section);

      for (guint k = 0; g_str_equal (section->kind, "network") && patterns[k] != NULL; k++)
        if (!check_pattern (self, section, patterns[k], error))
          return FALSE;
    }
  return TRUE;
}

/* Names of the matches of all phases, which the game says by playing. */
static GPtrArray *
collect_matches (GantrySession *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->host->phases->len; i++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (self->dtype);

      _gantry_game_host_play (self->host, GANTRY_GAME (gantry_pipeline_get (self->pipeline, "game")), graph,
                              ((GantryGamePhase *) self->host->phases->pdata[i])->name, self->batch);
      for (guint k = 0; k < self->host->matches->len; k++)
        {
          const gchar *name = ((GantryMatch *) self->host->matches->pdata[k])->name;

          if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
            g_ptr_array_add (names, g_strdup (name));
        }
    }
  g_ptr_array_add (names, NULL);
  return names;
}

/* What match= names must be there. */
static gboolean
check_matches (GantrySession *self, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  for (guint i = 0; i < self->pipeline->sections->len; i++)
    {
      GantrySection *section = self->pipeline->sections->pdata[i];
      g_auto (GStrv) wanted = _gantry_section_list_matches (section);

      for (guint k = 0; wanted != NULL && wanted[k] != NULL; k++)
        {
          g_autofree gchar *hint = NULL;
          g_autofree gchar *known = NULL;

          if (names == NULL)
            names = collect_matches (self);
          if (g_strv_contains ((const gchar *const *) names->pdata, wanted[k]))
            continue;
          hint = _gantry_did_you_mean (wanted[k], (const gchar *const *) names->pdata);
          known = g_strjoinv (", ", (gchar **) names->pdata);
          _gantry_pipeline_set_error (error, _gantry_section_find (section, "match")->origin,
                                      "%s/%s: match: the game has no match '%s'%s; it has: %s", section->kind,
                                      gantry_component_get_name (section->component), wanted[k], hint, known);
          return FALSE;
        }
    }
  return TRUE;
}

/* A last batch that is smaller is compiled when it is due; whether it can be is known before time is spent. */
static gboolean
check_last_batch (GantrySession *self, GError **error)
{
  const GantryDescription how = { GANTRY_DESCRIBE_TERMS, self->total % self->batch, NULL };

  for (guint i = 0; how.batch > 0 && i < self->phases->len; i++)
    {
      const GantryPhase *phase = self->phases->pdata[i];
      g_autoptr (GantryPhase) last = _gantry_phase_describe (self, &phase->plan, &how, error);

      if (last == NULL)
        {
          g_prefix_error (error,
                          "images=%" G_GUINT64_FORMAT " with batch=%" G_GSIZE_FORMAT " leaves %" G_GSIZE_FORMAT
                          " for the last batch, which is no batch for this pipeline: ",
                          self->total, self->batch, how.batch);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
_gantry_session_make_phases (GantrySession *self, GError **error)
{
  const GPtrArray *declared = self->host->phases;
  gdouble *shares = self->shares = g_new (gdouble, self->host->players->len);
  g_autoptr (GPtrArray) own = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint64 period;

  for (guint i = 0; i < self->host->players->len; i++)
    shares[i] = 1;
  if (!check_matches (self, error) || !find_period (self, &period, error))
    return FALSE;
  /* A player's share must be known before its ordinary step is described. */
  for (guint i = 0; i < declared->len; i++)
    {
      g_ptr_array_add (own, g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_phase_free));
      if (!add_own_steps (self, own->pdata[i], declared->pdata[i], shares, error))
        return FALSE;
    }
  for (guint i = 0; i < declared->len; i++)
    {
      GPtrArray *steps = own->pdata[i];

      if (!add_phase (self, declared->pdata[i], period, error))
        return FALSE;
      while (steps->len > 0)
        g_ptr_array_add (self->phases, g_ptr_array_steal_index (steps, 0));
    }
  for (guint i = 0; i < self->phases->len; i++)
    g_strv_builder_add (names, ((GantryPhase *) self->phases->pdata[i])->name);
  self->phase_names = g_strv_builder_end (names);
  return check_frozen (self, error) && check_last_batch (self, error) && _gantry_session_join_phases (self, period, error);
}
