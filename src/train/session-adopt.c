/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables from a checkpoint of another pipeline: a warm start takes weights, a fork goes on with all that still has a place. */
#include "train/session-private.h"

#include "train/average-private.h"

#include <gantry/error.h>
#include <string.h>

#define MAX_NAMES 4

void
_gantry_adoption_clear (GantryAdoption *self)
{
  g_clear_pointer (&self->fresh, g_ptr_array_unref);
  g_clear_pointer (&self->leftover, g_ptr_array_unref);
}

static void
begin (GantryAdoption *self)
{
  *self = (GantryAdoption) { .fresh = g_ptr_array_new_with_free_func (g_free), .leftover = g_ptr_array_new_with_free_func (g_free) };
}

/* "a, b, c, d and 3 more" */
static gchar *
join_names (const GPtrArray *names, const gchar *separator)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (names->len, MAX_NAMES); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "", (const gchar *) names->pdata[i]);
  if (names->len > MAX_NAMES)
    g_string_append_printf (text, " and %u more", names->len - MAX_NAMES);
  return g_strdup (text->str);
}

gchar *
_gantry_adoption_describe (const GantryAdoption *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gchar *fresh = join_names (self->fresh, ", ");
  g_autofree gchar *leftover = join_names (self->leftover, ", ");

  g_string_printf (text, "%u %s taken", self->n_taken, self->n_taken == 1 ? "variable" : "variables");
  if (self->fresh->len > 0)
    g_string_append_printf (text, "; %u start%s fresh: %s", self->fresh->len, self->fresh->len == 1 ? "s" : "", fresh);
  if (self->leftover->len > 0)
    g_string_append_printf (text, "; %u of the checkpoint %s no place: %s", self->leftover->len, self->leftover->len == 1 ? "has" : "have", leftover);
  if (self->has_other_data)
    g_string_append (text, "; the data are others");
  return g_strdup (text->str);
}

static gboolean
is_of (const gchar *name, const gchar *owner)
{
  const gsize length = strlen (owner);

  return strncmp (name, owner, length) == 0 && name[length] == '.';
}

/* Of "generator-ema.main.0.weight", where that is an average of this session, "generator.main.0.weight"; otherwise NULL. */
static gchar *
get_averaged (GantrySession *self, const gchar *name)
{
  g_autoptr (GPtrArray) averages = gantry_pipeline_list (self->pipeline, GANTRY_AVERAGE_KIND);

  for (guint i = 0; i < averages->len; i++)
    {
      const gchar *network = gantry_component_get_instance (averages->pdata[i]);
      g_autofree gchar *owner = _gantry_average_name (network);

      if (is_of (name, owner))
        return g_strconcat (network, name + strlen (owner), NULL);
    }
  return NULL;
}

static gboolean
is_weight (GantrySession *self, const gchar *name)
{
  g_autofree gchar *averaged = get_averaged (self, name);

  for (guint i = 0; i < self->networks->len; i++)
    if (is_of (averaged != NULL ? averaged : name, gantry_network_get_name (self->networks->pdata[i])))
      return TRUE;
  return FALSE;
}

static gboolean
matches_any (const gchar *const *patterns, const gchar *name)
{
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    if (g_pattern_match_simple (patterns[i], name))
      return TRUE;
  return FALSE;
}

/* A pattern that names a variable means its average too. */
static gboolean
is_chosen (GantrySession *self, const gchar *name, const gchar *const *only, const gchar *const *without)
{
  g_autofree gchar *averaged = get_averaged (self, name);

  if (only != NULL && only[0] != NULL && !matches_any (only, name) && (averaged == NULL || !matches_any (only, averaged)))
    return FALSE;
  return !matches_any (without, name) && (averaged == NULL || !matches_any (without, averaged));
}

static gboolean
check_patterns (GantrySession *self, const gchar *const *patterns, gchar **names, GError **error)
{
  g_autoptr (GPtrArray) weights = g_ptr_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (is_weight (self, names[i]))
      g_ptr_array_add (weights, names[i]);
  g_ptr_array_add (weights, NULL);
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    {
      gboolean is_found = FALSE;

      for (guint k = 0; k + 1 < weights->len; k++)
        is_found |= g_pattern_match_simple (patterns[i], weights->pdata[k]);
      if (!is_found)
        {
          g_autofree gchar *hint = _gantry_did_you_mean (patterns[i], (const gchar *const *) weights->pdata);

          g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "'%s' is the name of no variable of a network%s", patterns[i], hint);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
fits (GantryArray *a, GantryArray *b)
{
  return gantry_array_get_dtype (a) == gantry_array_get_dtype (b) && gantry_shape_equal (gantry_array_get_shape (a), gantry_array_get_shape (b));
}

static gchar *
describe_array (GantryArray *array)
{
  g_autofree gchar *shape = gantry_shape_to_string (gantry_array_get_shape (array));

  return g_strdup_printf ("%s %s", gantry_dtype_name (gantry_array_get_dtype (array)), shape);
}

/* @misfits: names of what is taken and does not fit; averages of such are not named besides. */
static gboolean
refuse_misfits (GantrySession *self, GantryCheckpoint *checkpoint, const GPtrArray *misfits, gboolean is_warm, GError **error)
{
  const gchar *first = misfits->pdata[0];
  g_autofree gchar *stored = describe_array (gantry_checkpoint_get (checkpoint, first));
  g_autofree gchar *own = describe_array (gantry_state_get (self->state, first));
  g_autofree gchar *names = join_names (misfits, ";");
  g_autofree gchar *others = misfits->len > 1 ? g_strdup_printf (", and %u more do not fit", misfits->len - 1) : g_strdup ("");
  g_autofree gchar *advice = is_warm ? g_strdup_printf ("leave out what shall start fresh, by --from-without='%s'", names)
                                     : g_strdup ("a fork goes on with the same networks; for others, weights can be taken by a warm start: --from");

  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "its variable '%s' is %s, but the pipeline needs %s%s: %s", first, stored,
               own, others, advice);
  return FALSE;
}

/* An average that is not in the checkpoint starts where its network does. */
static gboolean
follow_weights (GantrySession *self, GHashTable *taken, GantryAdoption *adoption, gchar **names, GError **error)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree gchar *averaged = get_averaged (self, names[i]);

      if (averaged != NULL && !g_hash_table_contains (taken, names[i])
          && !gantry_state_set (self->state, names[i], gantry_state_get (self->state, averaged), error))
        return FALSE;
      if (averaged != NULL && g_hash_table_contains (taken, averaged))
        for (guint k = 0; k < adoption->fresh->len; k++)
          if (g_str_equal (adoption->fresh->pdata[k], names[i]))
            {
              g_ptr_array_remove_index (adoption->fresh, k);
              break;
            }
    }
  return TRUE;
}

typedef gboolean (*Wanted) (GantrySession *self, const gchar *name, gpointer data);

/* Takes what is wanted and there; nothing is changed unless all of that fits. */
static gboolean
take (GantrySession *self, GantryCheckpoint *checkpoint, gboolean is_warm, Wanted is_wanted, gpointer data, GantryAdoption *adoption, GError **error)
{
  g_auto (GStrv) names = gantry_state_list (self->state);
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) misfits = g_ptr_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      GantryArray *stored = gantry_checkpoint_get (checkpoint, names[i]);

      if (is_warm && !is_weight (self, names[i]))
        continue;
      if (stored == NULL || !is_wanted (self, names[i], data))
        g_ptr_array_add (adoption->fresh, g_strdup (names[i]));
      else if (fits (stored, gantry_state_get (self->state, names[i])))
        g_hash_table_add (taken, names[i]);
      else
        {
          g_autofree gchar *averaged = get_averaged (self, names[i]);

          if (averaged == NULL || !g_ptr_array_find_with_equal_func (misfits, averaged, g_str_equal, NULL))
            g_ptr_array_add (misfits, names[i]);
        }
    }
  if (misfits->len > 0)
    return refuse_misfits (self, checkpoint, misfits, is_warm, error);
  for (guint i = 0; names[i] != NULL; i++)
    if (g_hash_table_contains (taken, names[i]) && !gantry_state_set (self->state, names[i], gantry_checkpoint_get (checkpoint, names[i]), error))
      return FALSE;
  adoption->n_taken = g_hash_table_size (taken);
  return follow_weights (self, taken, adoption, names, error);
}

static void
list_leftovers (GantrySession *self, GantryCheckpoint *checkpoint, gboolean is_warm, GantryAdoption *adoption)
{
  g_auto (GStrv) stored = gantry_checkpoint_list (checkpoint);

  for (guint i = 0; stored[i] != NULL; i++)
    if (gantry_state_get (self->state, stored[i]) == NULL && !(is_warm && g_str_has_prefix (stored[i], "optimizer.")))
      g_ptr_array_add (adoption->leftover, g_strdup (stored[i]));
}

typedef struct {
  const gchar *const *only;
  const gchar *const *without;
} Patterns;

static gboolean
is_wanted_weight (GantrySession *self, const gchar *name, gpointer data)
{
  const Patterns *patterns = data;

  return is_chosen (self, name, patterns->only, patterns->without);
}

gboolean
_gantry_session_warm_start (GantrySession *self, GantryCheckpoint *checkpoint, const gchar *const *only, const gchar *const *without,
                            GantryAdoption *adoption, GError **error)
{
  g_auto (GStrv) names = gantry_state_list (self->state);
  Patterns patterns = { only, without };

  begin (adoption);
  if (!_gantry_session_check_format (checkpoint, error))
    return FALSE;
  if (!check_patterns (self, only, names, error))
    {
      g_prefix_error (error, "--from-only: ");
      return FALSE;
    }
  if (!check_patterns (self, without, names, error))
    {
      g_prefix_error (error, "--from-without: ");
      return FALSE;
    }
  if (!take (self, checkpoint, TRUE, is_wanted_weight, &patterns, adoption, error))
    return FALSE;
  list_leftovers (self, checkpoint, TRUE, adoption);
  if (adoption->n_taken > 0)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "none of its variables is one of the pipeline's networks%s",
               (only != NULL && only[0] != NULL) || (without != NULL && without[0] != NULL) ? " that --from-only and --from-without leave" : "");
  return FALSE;
}

/* The plugin that moves a player. */
static const gchar *
find_optimizer (GantrySession *self, GantryPipeline *pipeline, const gchar *player)
{
  g_autoptr (GPtrArray) optimizers = gantry_pipeline_list (pipeline, "optimizer");
  const gchar *general = NULL;

  for (guint i = 0; i < optimizers->len; i++)
    {
      const gchar *instance = gantry_component_get_instance (optimizers->pdata[i]);

      if (g_str_equal (instance, player))
        return gantry_component_get_name (optimizers->pdata[i]);
      if (_gantry_game_host_find_player (self->host, instance) == NULL)
        general = gantry_component_get_name (optimizers->pdata[i]);
    }
  return general;
}

/* Another optimizer's memory means something else, though it may be called the same. */
static gboolean
is_wanted_state (GantrySession *self, const gchar *name, gpointer data)
{
  for (guint i = 0; i < self->host->players->len; i++)
    {
      const GantryGamePlayer *player = self->host->players->pdata[i];
      g_autofree gchar *owner = g_strdup_printf ("optimizer.%s", player->name);

      if (is_of (name, owner))
        return g_strcmp0 (find_optimizer (self, self->pipeline, player->name), find_optimizer (self, data, player->name)) == 0;
    }
  return TRUE;
}

gboolean
_gantry_session_continue (GantrySession *self, GantryCheckpoint *checkpoint, GantryPipeline *then, GantryAdoption *adoption, GError **error)
{
  const gchar *data = gantry_checkpoint_get_metadata (checkpoint, "data");

  begin (adoption);
  if (!_gantry_session_check_format (checkpoint, error) || !take (self, checkpoint, FALSE, is_wanted_state, then, adoption, error)
      || !_gantry_session_take_counters (self, checkpoint, error))
    return FALSE;
  list_leftovers (self, checkpoint, FALSE, adoption);
  adoption->has_other_data = g_strcmp0 (data, self->fingerprint) != 0;
  return TRUE;
}
