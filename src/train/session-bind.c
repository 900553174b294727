/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is bound to a phase: inputs of its programs; and variables, which have other numbers while it runs. */
#include "train/pipeline-private.h"
#include "train/session-private.h"

#include <gantry/error.h>
#include <string.h>

typedef struct {
  GantryArray *variable; /* the state's */
  GantryArray *values;   /* while the phase runs */
  GantryArray *own;      /* what the state has meanwhile */
} Binding;

static void
binding_free (gpointer data)
{
  Binding *self = data;

  g_clear_pointer (&self->variable, gantry_array_unref);
  g_clear_pointer (&self->values, gantry_array_unref);
  g_clear_pointer (&self->own, gantry_array_unref);
  g_free (self);
}

static void
copy (GantryArray *to, GantryArray *from)
{
  memcpy (gantry_array_get_data (to), gantry_array_get_data (from), gantry_array_get_bytes (to));
}

void
_gantry_session_put_bound (GantrySession *self, const gchar *phase)
{
  GHashTable *bindings = g_hash_table_lookup (self->bindings, phase);
  GHashTableIter iter;
  Binding *binding;

  if (bindings == NULL)
    return;
  g_hash_table_iter_init (&iter, bindings);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &binding))
    {
      copy (binding->own, binding->variable);
      copy (binding->variable, binding->values);
    }
}

void
_gantry_session_put_back (GantrySession *self, const gchar *phase)
{
  GHashTable *bindings = g_hash_table_lookup (self->bindings, phase);
  GHashTableIter iter;
  Binding *binding;

  if (bindings == NULL)
    return;
  g_hash_table_iter_init (&iter, bindings);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &binding))
    copy (binding->variable, binding->own);
}

/* Whether a variant has an input like that of the phase: it may have fewer regularizers, or be for a last batch that is smaller. */
static gboolean
has_input (GantryPhase *variant, GantryPhase *phase, const gchar *name)
{
  GantryTensor *input = gantry_graph_find_input (variant->graph, name), *same = gantry_graph_find_input (phase->graph, name);

  return input != NULL && gantry_shape_equal (gantry_tensor_get_shape (input), gantry_tensor_get_shape (same));
}

/* A turn feeds its batch whatever is bound. */
static void
note_bound (GantryPhase *phase, const gchar *name, gboolean is_bound)
{
  if (gantry_tensor_get_input_kind (gantry_graph_find_input (phase->graph, name)) == GANTRY_INPUT_FEED)
    return;
  if (phase->bound == NULL)
    phase->bound = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (is_bound)
    g_hash_table_add (phase->bound, g_strdup (name));
  else
    g_hash_table_remove (phase->bound, name);
}

gboolean
_gantry_session_is_bound (GantrySession *self, const GantryPhase *phase)
{
  GHashTable *variables = g_hash_table_lookup (self->bindings, phase->name);

  return (phase->bound != NULL && g_hash_table_size (phase->bound) > 0) || (variables != NULL && g_hash_table_size (variables) > 0);
}

static gboolean
bind_input (GantryPhase *phase, const gchar *name, GantryArray *values, GError **error)
{
  if (!gantry_program_bind (phase->program, name, values, error))
    return FALSE;
  note_bound (phase, name, values != NULL);
  for (guint i = 0; phase->variants != NULL && i < phase->variants->len; i++)
    {
      GantryPhase *variant = phase->variants->pdata[i];

      if (has_input (variant, phase, name) && !gantry_program_bind (variant->program, name, values, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_values (GantryPhase *phase, const gchar *name, GantryArray *variable, GantryArray *values, GError **error)
{
  const GantryDType due = gantry_array_get_dtype (variable), dtype = gantry_array_get_dtype (values);
  g_autofree gchar *shape = gantry_shape_to_string (gantry_array_get_shape (variable));
  g_autofree gchar *given = gantry_shape_to_string (gantry_array_get_shape (values));

  if (gantry_shape_equal (gantry_array_get_shape (variable), gantry_array_get_shape (values))
      && (due == dtype || (gantry_dtype_is_float (due) && gantry_dtype_is_float (dtype))))
    return TRUE;
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "phase %s: the variable %s is %s %s: %s %s cannot be bound to it", phase->name,
               name, gantry_dtype_name (due), shape, gantry_dtype_name (dtype), given);
  return FALSE;
}

static gboolean
bind_variable (GantrySession *self, GantryPhase *phase, const gchar *name, GantryArray *values, GError **error)
{
  GantryArray *variable = gantry_state_get (self->state, name);
  GHashTable *bindings = g_hash_table_lookup (self->bindings, phase->name);
  Binding *binding;

  if (values == NULL)
    {
      if (bindings != NULL)
        g_hash_table_remove (bindings, name);
      return TRUE;
    }
  if (!check_values (phase, name, variable, values, error))
    return FALSE;
  if (bindings == NULL)
    {
      bindings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, binding_free);
      g_hash_table_insert (self->bindings, g_strdup (phase->name), bindings);
    }
  binding = g_new0 (Binding, 1);
  binding->variable = gantry_array_ref (variable);
  binding->values = gantry_array_convert (values, gantry_array_get_dtype (variable));
  binding->own = gantry_array_copy (variable);
  if (binding->values == NULL || binding->own == NULL)
    {
      binding_free (binding);
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "phase %s: no memory to bind the variable %s", phase->name, name);
      return FALSE;
    }
  g_hash_table_insert (bindings, g_strdup (name), binding);
  return TRUE;
}

static gboolean
has_variable (GantryPhase *phase, const gchar *name)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (phase->graph);

  for (guint i = 0; i < variables->len; i++)
    if (g_str_equal (((GantryVariable *) variables->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

static gboolean
fail_unknown (GantryPhase *phase, const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (phase->graph);
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (phase->graph);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree gchar *hint = NULL;

  for (guint i = 0; i < inputs->len; i++)
    g_ptr_array_add (names, (gpointer) gantry_tensor_get_name (inputs->pdata[i]));
  for (guint i = 0; i < variables->len; i++)
    g_ptr_array_add (names, (gpointer) ((GantryVariable *) variables->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  hint = _gantry_did_you_mean (name, (const gchar *const *) names->pdata);
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "phase %s has no input and no variable '%s'%s", phase->name, name, hint);
  return FALSE;
}

/**
 * gantry_session_bind:
 * @self: a session
 * @phase: a phase
 * @name: an input: `real.image`, a random tensor such as `game.latent`, a schedulable property such as
 *   `optimizer.adam.learning-rate`; or a variable of the phase: `discriminator.main.0.weight`, `optimizer.generator.step`
 * @values: (nullable): its numbers, copied, in the input's or variable's shape; %NULL for what it had before
 * @error: return location for an error
 *
 * Binds numbers to an input or to a variable, for all runs of one phase until they are bound anew.  In a turn the phase then runs by itself,
 * where it would otherwise run together with others; a batch is bound for single phases alone, a turn takes the next one.
 *
 * A variable has the bound numbers at the beginning of each run of this phase, and its own again after it.  Within a run it is a variable
 * as ever: gradients are taken at the bound numbers, and what reads it after an assignment reads what was assigned; but what the phase
 * assigned to it is discarded when the run is over.  The state, checkpoints, averages, samples and other phases never see the bound
 * numbers.  To change what a variable is, use [method@Gantry.State.set] on the session's state instead.  Numbers of floating point are
 * converted to the variable's type; integers are bound to integers alone.
 *
 * Fails with %GANTRY_ENGINE_ERROR_INPUT where the phase has no such input and no such variable (the message has the nearest name) or the
 * numbers do not fit, with %GANTRY_TRAIN_ERROR_PIPELINE where there is no such phase; then everything is as it was.
 *
 * Returns: whether it is bound
 */
gboolean
gantry_session_bind (GantrySession *self, const gchar *phase, const gchar *name, GantryArray *values, GError **error)
{
  GantryPhase *found = _gantry_session_need_phase (self, phase, error);

  if (found == NULL)
    return FALSE;
  if (gantry_graph_find_input (found->graph, name) != NULL)
    return bind_input (found, name, values, error);
  return has_variable (found, name) ? bind_variable (self, found, name, values, error) : fail_unknown (found, name, error);
}
