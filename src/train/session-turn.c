/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Phases that follow each other in a turn and play on the same samples: described in one graph and compiled as one program, which computes once
 * what all of them compute.  A phase reads what those before it assigned, so it is as if they ran one after the other.
 */
#include "train/session-phase-private.h"

#include "engine/program-private.h"

#include <gantry/error.h>
#include <gantry/log.h>
#include <string.h>

/* Of the FLOPs of the phases: what is shared has to be kept until the last of them is through with it, which for less is not worth its memory. */
#define LEAST_SHARE 0.01

struct _GantryJoint {
  gchar *name;
  GantryGraph *graph;
  GantryProgram *program;
  GPtrArray *phases; /* GantryPhase */
  guint first, last; /* places among the phases of the session */
};

void
_gantry_joint_free (GantryJoint *self)
{
  g_clear_pointer (&self->phases, g_ptr_array_unref);
  g_clear_object (&self->program);
  g_clear_object (&self->graph);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryJoint, _gantry_joint_free)

const gchar *
_gantry_joint_get_name (GantryJoint *self)
{
  return self->name;
}

GantryGraph *
_gantry_joint_get_graph (GantryJoint *self)
{
  return self->graph;
}

GantryProgram *
_gantry_joint_get_program (GantryJoint *self)
{
  return self->program;
}

GPtrArray *
_gantry_joint_list (GantryJoint *self)
{
  return self->phases;
}

guint
_gantry_joint_get_last (GantryJoint *self)
{
  return self->last;
}

/* Phases whose inputs do not go together, such as one of two shapes, cannot be described in one graph: %NULL. */
static GantryJoint *
describe (GantrySession *session, GPtrArray *phases)
{
  g_autoptr (GantryJoint) self = g_new0 (GantryJoint, 1);
  g_autoptr (GString) name = g_string_new (NULL);

  self->graph = gantry_graph_new (session->dtype);
  self->phases = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_phase_free);
  for (guint i = 0; i < phases->len; i++)
    {
      const GantryPhase *phase = phases->pdata[i];
      const GantryDescription how = { GANTRY_DESCRIBE_STEP, phase->plan.batch, NULL, self->graph };
      g_autoptr (GError) error = NULL;
      GantryPhase *described = _gantry_phase_describe (session, &phase->plan, &how, &error);

      if (described == NULL)
        {
          gantry_debug ("session", "%s runs by itself: %s", phase->name, error->message);
          return NULL;
        }
      g_ptr_array_add (self->phases, described);
      g_string_append_printf (name, "%s%s", i > 0 ? "+" : "", phase->name);
    }
  self->name = g_strdup (name->str);
  return g_steal_pointer (&self);
}

static gboolean
compile (GantrySession *session, GantryJoint *self, GError **error)
{
  self->program = _gantry_session_compile (session, self->graph, session->state, error);
  if (self->program == NULL)
    {
      g_prefix_error (error, "phases %s: ", self->name);
      return FALSE;
    }
  for (guint i = 0; i < self->phases->len; i++)
    ((GantryPhase *) self->phases->pdata[i])->program = g_object_ref (self->program);
  return TRUE;
}

/* The longest row of phases from one on of which each shares something with those before it; *@joint is %NULL where that is the one alone. */
static gboolean
join_from (GantrySession *session, guint first, guint64 step, GantryJoint **joint, GError **error)
{
  g_autoptr (GantryJoint) best = NULL;
  g_autoptr (GPtrArray) phases = g_ptr_array_new ();
  gdouble flops = 0, alone, together;

  *joint = NULL;
  for (guint i = first; i < session->phases->len; i++)
    {
      GantryPhase *phase = session->phases->pdata[i];
      g_autoptr (GantryJoint) longer = NULL;

      if (phase->plan.player != NULL)
        continue;
      phase = _gantry_phase_for (phase, session, step, session->batch, error);
      if (phase == NULL)
        return FALSE;
      if (phase->parts != NULL || (i > first && phase->n_runs > 1))
        break;
      g_ptr_array_add (phases, phase);
      if (!_gantry_graph_count_flops (phase->graph, session->compile_flags, &alone, error))
        return FALSE;
      flops += alone;
      if (i == first)
        continue;
      longer = describe (session, phases);
      if (longer == NULL)
        break;
      if (!_gantry_graph_count_flops (longer->graph, session->compile_flags, &together, error))
        return FALSE;
      if (together > (1 - LEAST_SHARE) * flops)
        break;
      longer->first = first;
      longer->last = i;
      flops = together;
      g_clear_pointer (&best, _gantry_joint_free);
      best = g_steal_pointer (&longer);
    }
  if (best != NULL && !compile (session, best, error))
    return FALSE;
  *joint = g_steal_pointer (&best);
  return TRUE;
}

gboolean
_gantry_session_join_phases (GantrySession *self, guint64 period, GError **error)
{
  g_autoptr (GHashTable) tried = g_hash_table_new (NULL, NULL); /* set of variants, of which many steps have the same */

  if (!self->shares_activations)
    return TRUE;
  for (guint64 step = 0; step < period; step++)
    for (guint i = 0; i < self->phases->len; i++)
      {
        GantryPhase *phase = self->phases->pdata[i];

        if (phase->plan.player != NULL)
          continue;
        phase = _gantry_phase_for (phase, self, step, self->batch, error);
        if (phase == NULL || (g_hash_table_add (tried, phase) && !join_from (self, i, step, &phase->joint, error)))
          return FALSE;
        if (phase->joint != NULL)
          i = phase->joint->last;
      }
  return TRUE;
}

/* What is bound is bound to one phase, and a regularization step of its own comes between the phases when it is due. */
GantryJoint *
_gantry_joint_for (GantrySession *self, const GantryPhase *first)
{
  GantryJoint *joint = first->joint;

  if (joint == NULL)
    return NULL;
  for (guint i = joint->first; i <= joint->last; i++)
    {
      const GantryPhase *phase = self->phases->pdata[i];

      if ((phase->plan.player != NULL && self->steps % phase->interval == 0) || _gantry_session_is_bound (self, phase))
        return NULL;
    }
  return joint;
}

GantryJoint *
_gantry_session_find_joint (GantrySession *self, const gchar *name)
{
  for (guint i = 0; i < self->phases->len && strchr (name, '+') != NULL; i++)
    {
      GantryPhase *phase = self->phases->pdata[i];

      phase = phase->plan.player == NULL ? _gantry_phase_for (phase, self, self->steps, self->batch, NULL) : NULL;
      if (phase != NULL && phase->joint != NULL && g_str_equal (phase->joint->name, name))
        return phase->joint;
    }
  return NULL;
}

/**
 * gantry_session_get_run:
 * @self: a session
 * @i: place among what a turn runs, from 0
 * @n_runs: (out) (optional): how often in a turn that it is part of
 * @interval: (out) (optional): it is part of every so many turns
 *
 * What a turn runs, one after the other: phases, and phases that run together as one program because they share samples
 * (`share-activations`), such as "discriminator+generator".  Where a discriminator takes three steps a turn that is "discriminator", twice, and
 * the two together.  [method@Gantry.Session.run_phase] and [method@Gantry.Session.get_program] take these names as they take those of
 * [method@Gantry.Session.get_phases].  In a turn with a regularization step of its own, in one whose batch is smaller, and where
 * something is bound to one of the phases, they run one by one.
 *
 * Returns: (transfer none) (nullable): its name; %NULL past the last
 */
const gchar *
gantry_session_get_run (GantrySession *self, guint i, guint *n_runs, guint *interval)
{
  guint at = 0, joined = 0; /* phases up to @joined are part of what was counted */

  for (guint k = 0; k < self->phases->len; k++)
    {
      const GantryPhase *phase = self->phases->pdata[k];
      const GantryJoint *joint = phase->joint;
      const guint alone = joint != NULL ? phase->n_runs - 1 : phase->n_runs;

      if (k < joined && phase->plan.player == NULL)
        continue;
      if (interval != NULL)
        *interval = phase->interval;
      if (n_runs != NULL)
        *n_runs = alone;
      if (alone > 0 && at++ == i)
        return phase->name;
      if (n_runs != NULL)
        *n_runs = 1;
      if (joint != NULL && at++ == i)
        return joint->name;
      if (joint != NULL)
        joined = joint->last + 1;
    }
  return NULL;
}
