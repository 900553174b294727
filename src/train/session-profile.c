/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The programs of a session, all of them: watched, in one workspace; and batches without training.  Benchmarks are made of it. */
#include "train/average-private.h"
#include "train/session-phase-private.h"

#define AVERAGE_PHASE "average"
#define CRITIC_PHASE "critic"

/* What one program tells on. */
typedef struct {
  GantrySession *session;
  gchar *phase;
} Watch;

static void
watch_free (gpointer data)
{
  g_free (((Watch *) data)->phase);
  g_free (data);
}

static void
tell (GantryProgram *program, const GantryProgramSpan *span, gpointer user_data)
{
  const Watch *watch = user_data;

  watch->session->profile (watch->session, watch->phase, program, span, watch->session->profile_data);
}

static void
watch_program (GantrySession *self, const gchar *phase, GantryProgram *program, gpointer user_data)
{
  Watch *watch;

  if (self->profile == NULL)
    {
      gantry_program_set_profile_func (program, NULL, NULL, NULL);
      return;
    }
  watch = g_new0 (Watch, 1);
  watch->session = self;
  watch->phase = g_strdup (phase);
  gantry_program_set_profile_func (program, tell, watch, watch_free);
}

typedef void (*ProgramFunc) (GantrySession *self, const gchar *phase, GantryProgram *program, gpointer user_data);

static void
visit_phase (GantrySession *self, const GantryPhase *phase, ProgramFunc func, gpointer user_data)
{
  GPtrArray *parts = phase->parts != NULL ? _gantry_parts_list (phase->parts) : NULL;

  if (phase->program != NULL)
    func (self, phase->name, phase->program, user_data);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    visit_phase (self, parts->pdata[i], func, user_data);
  if (phase->joint != NULL)
    func (self, _gantry_joint_get_name (phase->joint), _gantry_joint_get_program (phase->joint), user_data);
  for (guint i = 0; phase->variants != NULL && i < phase->variants->len; i++)
    visit_phase (self, phase->variants->pdata[i], func, user_data);
}

static void
visit_programs (GantrySession *self, ProgramFunc func, gpointer user_data)
{
  for (guint i = 0; i < self->phases->len; i++)
    visit_phase (self, self->phases->pdata[i], func, user_data);
  for (guint i = 0; i < self->averages->len; i++)
    func (self, AVERAGE_PHASE, _gantry_average_get_program (self->averages->pdata[i]), user_data);
  for (guint i = 0; i < self->samplers->len; i++)
    func (self, GANTRY_SAMPLE_PHASE, ((GantrySampler *) self->samplers->pdata[i])->program, user_data);
  if (self->critic_program != NULL)
    func (self, CRITIC_PHASE, self->critic_program, user_data);
}

static void
collect (GantrySession *self, const gchar *phase, GantryProgram *program, gpointer user_data)
{
  g_ptr_array_add (user_data, program);
}

GPtrArray *
_gantry_session_list_programs (GantrySession *self)
{
  GPtrArray *programs = g_ptr_array_new ();

  visit_programs (self, collect, programs);
  return programs;
}

/* They run one after the other, so one workspace serves all. */
void
_gantry_session_adopt_programs (GantrySession *self)
{
  g_autoptr (GPtrArray) programs = _gantry_session_list_programs (self);

  visit_programs (self, watch_program, NULL);
  gantry_programs_share_workspace ((GantryProgram *const *) programs->pdata, programs->len);
}

/**
 * gantry_session_set_profile_func:
 * @self: a session
 * @func: (nullable) (scope notified) (closure user_data) (destroy notify): is told of each part of each run of the session's programs;
 *   %NULL for nobody
 * @user_data: passed to @func
 * @notify: (nullable): frees @user_data when another function takes its place or the session is disposed of
 *
 * Has everything that the session runs timed: phases by their names, those that run together as "discriminator+generator", "average" for
 * averages of weights, "sample" for samples, "critic" for what judges points.
 */
void
gantry_session_set_profile_func (GantrySession *self, GantrySessionProfileFunc func, gpointer user_data, GDestroyNotify notify)
{
  if (self->profile_notify != NULL)
    self->profile_notify (self->profile_data);
  self->profile = func;
  self->profile_data = user_data;
  self->profile_notify = notify;
  visit_programs (self, watch_program, NULL);
}

/**
 * gantry_session_load:
 * @self: a session
 * @error: return location for an error
 *
 * Binds the next batch of the data to every phase, as the next turn would, and runs nothing: what phases are then stepped on one by one, again
 * and again if need be, and how fast the data can be had.  Counters stay as they are.
 *
 * Returns: whether it could be read
 */
gboolean
gantry_session_load (GantrySession *self, GError **error)
{
  GantryArray *const *arrays;

  g_return_val_if_fail (self->loader != NULL, FALSE);
  arrays = _gantry_loader_next (self->loader, error);
  for (guint i = 0; arrays != NULL && i < self->phases->len; i++)
    {
      GantryPhase *phase = self->phases->pdata[i], *variant = _gantry_phase_for (phase, self, self->steps, self->batch, error);

      if (variant == NULL || !_gantry_session_feed (self, variant, arrays, error)
          || (variant->joint != NULL && !_gantry_session_feed (self, _gantry_joint_list (variant->joint)->pdata[0], arrays, error)))
        return FALSE;
    }
  return arrays != NULL;
}

/**
 * gantry_session_get_turn:
 * @self: a session
 * @phase: a phase
 * @interval: (out) (optional): it is part of every so many turns
 *
 * Returns: how often the phase runs in a turn that it is part of; 0 where there is no such phase
 */
guint
gantry_session_get_turn (GantrySession *self, const gchar *phase, guint *interval)
{
  const GantryPhase *found = _gantry_session_find_phase (self, phase);

  if (interval != NULL)
    *interval = found != NULL ? found->interval : 1;
  return found != NULL ? found->n_runs : 0;
}
