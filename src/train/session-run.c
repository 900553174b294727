/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns and single phases of a session, and the terms that they leave. */
#include "train/session-private.h"

#include "train/average-private.h"
#include "train/pipeline-private.h"
#include "train/session-phase-private.h"

#include <gantry/error.h>
#include <math.h>
#include <string.h>

static void
set_value (GantrySession *self, const gchar *name, gdouble value)
{
  gdouble *stored = g_hash_table_lookup (self->values, name);

  if (stored == NULL)
    {
      stored = g_new (gdouble, 1);
      g_hash_table_insert (self->values, g_strdup (name), stored);
    }
  *stored = value;
}

/* A regularizer that is due now and then has a value in between: a checkpoint keeps it, so that a resumed run logs the same. */
gchar *
_gantry_session_terms_to_text (GantrySession *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->value_names->len; i++)
    {
      const gchar *name = self->value_names->pdata[i];
      gchar number[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_dtostr (number, sizeof number, *(gdouble *) g_hash_table_lookup (self->values, name));
      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "", name, number);
    }
  return g_strdup (text->str);
}

gboolean
_gantry_session_terms_from_text (GantrySession *self, const gchar *text)
{
  g_auto (GStrv) words = text != NULL && *text != '\0' ? g_strsplit (text, " ", -1) : g_new0 (gchar *, 1);

  g_hash_table_remove_all (self->values);
  g_hash_table_remove_all (self->outputs);
  g_ptr_array_set_size (self->value_names, 0);
  for (guint i = 0; words[i] != NULL; i++)
    {
      gchar *equals = strchr (words[i], '=');
      gchar *end = equals;

      if (equals == NULL)
        return FALSE;
      *equals = '\0';
      if (g_hash_table_lookup (self->values, words[i]) == NULL)
        g_ptr_array_add (self->value_names, g_strdup (words[i]));
      set_value (self, words[i], g_ascii_strtod (equals + 1, &end));
      if (end == equals + 1 || *end != '\0')
        return FALSE;
    }
  return TRUE;
}

/* Reads the terms of a phase; the first that is no finite number is an error. */
static gboolean
read_terms (GantrySession *self, GantryPhase *phase, GError **error)
{
  const GantryPhaseTerm *broken = NULL;

  for (guint i = 0; i < phase->terms->len; i++)
    {
      const GantryPhaseTerm *term = phase->terms->pdata[i];
      GantryArray *output = gantry_program_get_output (phase->program, term->output);
      gdouble value;

      if (output != NULL && gantry_array_get_size (output) == 1)
        value = gantry_array_get_double (output, 0);
      else if (phase->parts == NULL || !_gantry_parts_get_term (phase->parts, term->output, &value))
        continue;
      if (g_hash_table_lookup (self->values, term->name) == NULL)
        g_ptr_array_add (self->value_names, g_strdup (term->name));
      set_value (self, term->name, value);
      set_value (self, term->alias, value);
      if (!isfinite (value) && broken == NULL)
        broken = term;
    }
  if (broken == NULL)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DIVERGED,
               "phase %s of step %" G_GUINT64_FORMAT " (%" G_GUINT64_FORMAT " images): %s is %g: the training has diverged", phase->name,
               self->steps + 1, self->images, broken->name, *(gdouble *) g_hash_table_lookup (self->values, broken->name));
  return FALSE;
}

/* @sample is the number of the first image of the batch. */
static gboolean
run_phase (GantrySession *self, GantryPhase *phase, guint64 sample, GError **error)
{
  const GantryRun run = { sizeof run, self->steps, sample };
  const guint64 seed = gantry_state_get_seed (self->state);
  gboolean has_run;

  _gantry_pipeline_follow_schedules (self->pipeline, self->images);
  gantry_state_set_seed (self->state, _gantry_session_get_draw_seed (self));
  _gantry_session_put_bound (self, phase->name);
  has_run = phase->parts != NULL ? _gantry_parts_run (phase, &run, error) : gantry_program_run (phase->program, &run, error);
  _gantry_session_put_back (self, phase->name);
  gantry_state_set_seed (self->state, seed);
  if (!has_run)
    {
      g_prefix_error (error, "phase %s of step %" G_GUINT64_FORMAT ": ", phase->name, self->steps + 1);
      return FALSE;
    }
  _gantry_session_keep_outputs (self, phase);
  return read_terms (self, phase, error);
}

/* Phases that are one program: their terms in their order, as if they had run so. */
static gboolean
run_joint (GantrySession *self, GantryJoint *joint, guint64 sample, GError **error)
{
  const GantryRun run = { sizeof run, self->steps, sample };
  const GPtrArray *phases = _gantry_joint_list (joint);
  const guint64 seed = gantry_state_get_seed (self->state);
  gboolean has_run;

  _gantry_pipeline_follow_schedules (self->pipeline, self->images);
  gantry_state_set_seed (self->state, _gantry_session_get_draw_seed (self));
  has_run = gantry_program_run (_gantry_joint_get_program (joint), &run, error);
  gantry_state_set_seed (self->state, seed);
  if (!has_run)
    {
      g_prefix_error (error, "phases %s of step %" G_GUINT64_FORMAT ": ", _gantry_joint_get_name (joint), self->steps + 1);
      return FALSE;
    }
  for (guint i = 0; i < phases->len; i++)
    {
      _gantry_session_keep_outputs (self, phases->pdata[i]);
      if (!read_terms (self, phases->pdata[i], error))
        return FALSE;
    }
  return TRUE;
}

/**
 * gantry_session_run_phase:
 * @self: a session
 * @phase: a phase, or phases that run together ([method@Gantry.Session.get_run])
 * @error: return location for an error
 *
 * Runs one phase on what is bound; phases that run together on what was loaded.  Counters stay as they are.
 *
 * Returns: whether it ran; %GANTRY_TRAIN_ERROR_DIVERGED where a term is no finite number
 */
gboolean
gantry_session_run_phase (GantrySession *self, const gchar *phase, GError **error)
{
  GantryJoint *joint = _gantry_session_find_joint (self, phase);
  GantryPhase *found = joint == NULL ? _gantry_session_need_phase (self, phase, error) : NULL;

  if (joint != NULL)
    return run_joint (self, joint, self->images, error);
  if (found != NULL)
    found = _gantry_phase_for (found, self, self->steps, self->batch, error);
  return found != NULL && run_phase (self, found, self->images, error);
}

/**
 * gantry_session_move_averages:
 * @self: a session
 * @error: return location for an error
 *
 * Moves the averages of weights towards the present weights, once: the end of a turn for those who run its phases one by one.
 *
 * Returns: whether it went well
 */
gboolean
gantry_session_move_averages (GantrySession *self, GError **error)
{
  _gantry_pipeline_follow_schedules (self->pipeline, self->images);
  for (guint i = 0; i < self->averages->len; i++)
    if (!_gantry_average_run (self->averages->pdata[i], self, error))
      return FALSE;
  return TRUE;
}

/* Copies the first records of a batch into the inputs of a phase. */
gboolean
_gantry_session_feed (GantrySession *self, GantryPhase *phase, GantryArray *const *arrays, GError **error)
{
  for (guint i = 0; i < self->host->n_fields; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("real.%s", self->host->fields[i].name);
      GantryArray *input = gantry_graph_find_input (phase->graph, name) != NULL ? gantry_program_get_input (phase->program, name) : NULL;

      if (input != NULL && g_str_equal (self->host->fields[i].name, "label") && !_gantry_session_check_label_values (self, arrays[i], error))
        {
          g_prefix_error (error, "reader/%s: ", gantry_component_get_name (GANTRY_COMPONENT (self->reader)));
          return FALSE;
        }
      if (input != NULL && phase->plan.batch < self->batch)
        {
          _gantry_session_copy_rows (arrays[i], 0, input, 0, phase->plan.batch);
        }
      else if (input != NULL && !gantry_array_assign (input, arrays[i], error))
        {
          g_prefix_error (error, "%s: ", name);
          return FALSE;
        }
    }
  return TRUE;
}

static guint64
get_whole_turn (GantrySession *self)
{
  guint64 n_batches = 1;

  for (guint i = 0; i < self->phases->len; i++)
    n_batches += ((GantryPhase *) self->phases->pdata[i])->n_runs - 1;
  return n_batches * self->batch;
}

/* Images that are left; what goes on beyond the end of the training has as many as it wants. */
static guint64
get_rest (GantrySession *self)
{
  return self->images < self->total ? self->total - self->images : G_MAXUINT64;
}

gboolean
_gantry_session_is_short_turn (GantrySession *self)
{
  return get_rest (self) < get_whole_turn (self);
}

gboolean
_gantry_session_was_short_turn (GantrySession *self)
{
  return self->shown > 0 && self->shown < get_whole_turn (self);
}

guint64
_gantry_session_get_turn_images (GantrySession *self)
{
  return self->shown > 0 ? self->shown : get_whole_turn (self);
}

/* By itself, or with the phases after it, up to @place among those of the session. */
static gboolean
run_fed (GantrySession *self, GantryPhase *phase, gboolean is_last, GantryArray *const *arrays, guint64 sample, guint *place, GError **error)
{
  GantryJoint *joint = is_last ? _gantry_joint_for (self, phase) : NULL;

  if (joint == NULL)
    return _gantry_session_feed (self, phase, arrays, error) && run_phase (self, phase, sample, error);
  *place = _gantry_joint_get_last (joint);
  return _gantry_session_feed (self, _gantry_joint_list (joint)->pdata[0], arrays, error) && run_joint (self, joint, sample, error);
}

/* The runs of one phase in a turn, from the present batch on; one that would have no images left is left out. */
static gboolean
run_in_turn (GantrySession *self, guint *place, GantryArray *const **arrays, guint64 *shown, gsize *n, GError **error)
{
  const guint64 rest = get_rest (self);
  GantryPhase *phase = self->phases->pdata[*place], *variant;

  for (guint k = 0; k < phase->n_runs && (k == 0 || *shown < rest); k++)
    {
      if (k > 0)
        {
          *arrays = _gantry_loader_next (self->loader, error);
          *n = MIN (self->batch, rest - *shown);
          *shown += *n;
        }
      variant = *arrays != NULL ? _gantry_phase_for (phase, self, self->steps, *n, error) : NULL;
      if (variant == NULL
          || !run_fed (self, variant, k + 1 == phase->n_runs || *shown >= rest, *arrays, self->images + *shown - *n, place, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * gantry_session_turn:
 * @self: a session
 * @error: return location for an error
 *
 * One turn: every phase of the game, in its order, on the next batch; a phase that runs several times in a turn takes
 * a batch of its own from its second run on.  Regularization steps of their own follow their phase, on its last batch, in every
 * so many turns.
 *
 * Where fewer images of the training are left than a turn shows, the last batch is as small as they are, and runs that would have none are
 * left out.
 *
 * Returns: whether it went well; %GANTRY_TRAIN_ERROR_DIVERGED where a term is no finite number: the variables are
 *   then of no use any more
 */
gboolean
gantry_session_turn (GantrySession *self, GError **error)
{
  GantryArray *const *arrays;
  gsize n = MIN (self->batch, get_rest (self));
  guint64 shown = n;

  g_return_val_if_fail (self->loader != NULL, FALSE);
  arrays = _gantry_loader_next (self->loader, error);
  for (guint i = 0; i < self->phases->len; i++)
    {
      GantryPhase *phase = self->phases->pdata[i];

      if (self->steps % phase->interval == 0 && !run_in_turn (self, &i, &arrays, &shown, &n, error))
        return FALSE;
    }
  self->shown = shown;
  if (!gantry_session_move_averages (self, error))
    return FALSE;
  self->steps++;
  self->images += shown;
  return TRUE;
}

/**
 * gantry_session_get_term:
 * @self: a session
 * @name: a term: `PLAYER.TERM`, such as `discriminator.loss.real`; without the player, that of the phase that ran last
 * @value: (out): its value
 *
 * Returns: whether a phase that ran has it
 */
gboolean
gantry_session_get_term (GantrySession *self, const gchar *name, gdouble *value)
{
  const gdouble *found = g_hash_table_lookup (self->values, name);

  if (found != NULL)
    *value = *found;
  return found != NULL;
}

/**
 * gantry_session_list_terms:
 * @self: a session
 *
 * Returns: (transfer full) (array zero-terminated=1): full names of the terms of all phases that ran
 */
gchar **
gantry_session_list_terms (GantrySession *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->value_names->len; i++)
    g_strv_builder_add (names, self->value_names->pdata[i]);
  return g_strv_builder_end (names);
}

/**
 * gantry_session_get_images:
 * @self: a session
 *
 * Returns: real images shown so far
 */
guint64
gantry_session_get_images (GantrySession *self)
{
  return self->images;
}

/**
 * gantry_session_get_steps:
 * @self: a session
 *
 * Returns: turns done so far
 */
guint64
gantry_session_get_steps (GantrySession *self)
{
  return self->steps;
}
