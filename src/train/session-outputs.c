/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be read after a phase ran: its terms and what its components published, of any shape. */
#include "train/pipeline-private.h"
#include "train/session-phase-private.h"

#include <gantry/error.h>

static void
keep (GantrySession *self, const gchar *name, GantryArray *output)
{
  if (g_hash_table_lookup (self->outputs, name) != output)
    g_hash_table_insert (self->outputs, g_strdup (name), gantry_array_ref (output));
}

void
_gantry_session_keep_outputs (GantrySession *self, GantryPhase *phase)
{
  for (guint i = 0; i < phase->terms->len; i++)
    {
      const GantryPhaseTerm *term = phase->terms->pdata[i];
      GantryArray *output = gantry_program_get_output (phase->program, term->output);

      if (output == NULL && phase->parts != NULL)
        output = _gantry_parts_get_output (phase->parts, term->output);
      if (output == NULL)
        continue;
      keep (self, term->name, output);
      keep (self, term->alias, output);
    }
}

static const GantryPhaseTerm *
find_term (GantryPhase *phase, const gchar *name)
{
  for (guint i = 0; i < phase->terms->len; i++)
    {
      const GantryPhaseTerm *term = phase->terms->pdata[i];

      if (g_str_equal (term->name, name) || g_str_equal (term->alias, name))
        return term;
    }
  return NULL;
}

/* Whether it was made of a batch in parts, which do not tell it. */
static gboolean
is_untold (GantryPhase *phase, const gchar *output)
{
  return phase->parts != NULL && gantry_graph_find_output (phase->graph, output) == NULL && _gantry_parts_get_output (phase->parts, output) == NULL;
}

static void
set_missing (GantrySession *self, const gchar *name, GError **error)
{
  g_auto (GStrv) known = gantry_session_list_outputs (self);
  g_autofree gchar *hint = NULL;

  for (guint i = 0; i < self->phases->len; i++)
    {
      GantryPhase *phase = self->phases->pdata[i];
      const GantryPhaseTerm *term = find_term (phase, name);

      if (term != NULL && is_untold (phase, term->output))
        g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_OUTPUT,
                     "the output '%s' mixes samples in another way than by a sum or mean over the batch: with micro-batch it cannot be read", name);
      else if (term != NULL)
        g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_OUTPUT, "the output '%s' is there after a run of phase %s, which has not run yet",
                     name, phase->name);
      if (term != NULL)
        return;
    }
  hint = _gantry_did_you_mean (name, (const gchar *const *) known);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_OUTPUT, "no phase has an output '%s'%s", name, hint);
}

/**
 * gantry_session_get_output:
 * @self: a session
 * @name: a term of an objective, or a tensor that a component published, as `PLAYER.NAME`: `discriminator.loss`,
 *   `discriminator.r1.per-sample`; without the player, that of the phase that ran last of those that have it
 * @error: return location for an error
 *
 * The numbers of a term or of a published tensor of any shape, after the last run of a phase that computed it.  A regularizer that is
 * due now and then has those of the step that it was part of.  Where a phase runs on its batch in parts (`micro-batch`), sums and means
 * over the batch are those of the whole batch, and what is published sample by sample has the samples of all parts.
 *
 * Fails with %GANTRY_TRAIN_ERROR_OUTPUT where no phase has it (the message has the nearest name), where the phase has not run since the
 * session was made or restored, and where it cannot be told from parts of a batch.
 *
 * Returns: (transfer none) (nullable): an array that runs of the phase overwrite; copy it to keep it
 */
GantryArray *
gantry_session_get_output (GantrySession *self, const gchar *name, GError **error)
{
  GantryArray *found = g_hash_table_lookup (self->outputs, name);

  if (found == NULL)
    set_missing (self, name, error);
  return found;
}

/**
 * gantry_session_list_outputs:
 * @self: a session
 *
 * Returns: (transfer full) (array zero-terminated=1): full names of the terms and published tensors of all phases, in the order of the
 *   phases of a turn; those that have not run are among them
 */
gchar **
gantry_session_list_outputs (GantrySession *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->phases->len; i++)
    {
      const GantryPhase *phase = self->phases->pdata[i];

      for (guint k = 0; k < phase->terms->len; k++)
        g_strv_builder_add (names, ((GantryPhaseTerm *) phase->terms->pdata[k])->name);
    }
  return g_strv_builder_end (names);
}
