/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/error.h>

#include "interface/call-private.h"
#include "interface/game-private.h"

static void
free_network (gpointer data)
{
  GantryGameNetwork *network = data;

  g_free (network->name);
  g_free (network->role);
  g_free (network);
}

static void
free_player (gpointer data)
{
  GantryGamePlayer *player = data;

  g_free (player->name);
  g_free (player->network);
  g_free (player);
}

static void
free_phase (gpointer data)
{
  GantryGamePhase *phase = data;

  g_free (phase->name);
  g_ptr_array_unref (phase->players);
  g_free (phase);
}

GantryGameHost *
_gantry_game_host_new (void)
{
  GantryGameHost *self = g_new0 (GantryGameHost, 1);

  self->networks = g_ptr_array_new_with_free_func (free_network);
  self->players = g_ptr_array_new_with_free_func (free_player);
  self->phases = g_ptr_array_new_with_free_func (free_phase);
  self->instances = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
_gantry_game_host_free (GantryGameHost *self)
{
  g_clear_pointer (&self->matches, g_ptr_array_unref);
  g_clear_pointer (&self->terms, g_ptr_array_unref);
  g_ptr_array_unref (self->networks);
  g_ptr_array_unref (self->players);
  g_ptr_array_unref (self->phases);
  g_ptr_array_unref (self->instances);
  g_free (self->sampler);
  g_clear_error (&self->error);
  g_free (self);
}

/* All three kinds of struct start with their name. */
static gpointer
find_named (GPtrArray *named, const gchar *name)
{
  for (guint i = 0; i < named->len; i++)
    {
      if (g_str_equal (*(gchar **) named->pdata[i], name))
        return named->pdata[i];
    }
  return NULL;
}

GantryGameNetwork *
_gantry_game_host_find_network (GantryGameHost *self, const gchar *name)
{
  return find_named (self->networks, name);
}

GantryGamePlayer *
_gantry_game_host_find_player (GantryGameHost *self, const gchar *name)
{
  return find_named (self->players, name);
}

GantryGamePhase *
_gantry_game_host_find_phase (GantryGameHost *self, const gchar *name)
{
  return find_named (self->phases, name);
}

/* Only the first error of a declaration is kept. */
G_GNUC_PRINTF (2, 3)
static void
fail (GantryGameHost *self, const gchar *format, ...)
{
  va_list args;

  if (self->error != NULL)
    return;
  va_start (args, format);
  self->error = g_error_new_valist (GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, format, args);
  va_end (args);
}

/**
 * gantry_game_refuse:
 * @out: the declaration
 * @format: printf format of what is wrong, naming the properties and what they may be instead
 * @...: its arguments
 *
 * Says that the values of the game's properties do not go together: the pipeline is refused with %GANTRY_CORE_ERROR_VALUE.  The first
 * error of a declaration counts; it may go on as if there was none.
 */
void
gantry_game_refuse (GantryGameDeclaration *out, const gchar *format, ...)
{
  va_list args;

  if (out->host->error != NULL)
    return;
  va_start (args, format);
  out->host->error = g_error_new_valist (GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, format, args);
  va_end (args);
}

/**
 * gantry_game_declare_network:
 * @out: the declaration
 * @name: name of the network: a section of the pipeline, and what its variables' names start with
 * @role: role that its architecture plays
 *
 * Says that the game has a network.
 */
void
gantry_game_declare_network (GantryGameDeclaration *out, const gchar *name, const gchar *role)
{
  GantryGameNetwork *network;

  if (find_named (out->host->networks, name) != NULL)
    {
      fail (out->host, "network `%s` is declared twice", name);
      return;
    }
  network = g_new (GantryGameNetwork, 1);
  *network = (GantryGameNetwork){ g_strdup (name), g_strdup (role) };
  g_ptr_array_add (out->host->networks, network);
}

/**
 * gantry_game_declare_player:
 * @out: the declaration
 * @name: name of the player
 * @side: which side of a match it plays
 * @network: the network whose trainable variables it owns; declared before
 *
 * Says that the game has a player: a set of variables with one objective and one optimizer.
 */
void
gantry_game_declare_player (GantryGameDeclaration *out, const gchar *name, GantrySide side, const gchar *network)
{
  GantryGamePlayer *player;

  if (find_named (out->host->players, name) != NULL)
    {
      fail (out->host, "player `%s` is declared twice", name);
      return;
    }
  if (find_named (out->host->networks, network) == NULL)
    fail (out->host, "player `%s` plays network `%s`, which is not declared", name, network);
  player = g_new (GantryGamePlayer, 1);
  *player = (GantryGamePlayer){ g_strdup (name), side, g_strdup (network) };
  g_ptr_array_add (out->host->players, player);
}

/**
 * gantry_game_declare_phase:
 * @out: the declaration
 * @name: name of the phase
 * @player: a player that steps in it, declared before
 *
 * Says that a turn has a phase.  Phases run in the order in which they were first named; a phase named again
 * steps a further player.
 */
void
gantry_game_declare_phase (GantryGameDeclaration *out, const gchar *name, const gchar *player)
{
  GantryGameHost *host = out->host;
  GantryGamePlayer *stepped = find_named (host->players, player);
  GantryGamePhase *phase = find_named (host->phases, name);

  if (stepped == NULL)
    {
      fail (host, "phase `%s` steps player `%s`, which is not declared", name, player);
      return;
    }
  if (phase == NULL)
    {
      phase = g_new (GantryGamePhase, 1);
      *phase = (GantryGamePhase){ g_strdup (name), g_ptr_array_new (), 1 };
      g_ptr_array_add (host->phases, phase);
    }
  if (g_ptr_array_find (phase->players, stepped, NULL))
    fail (host, "phase `%s` steps player `%s` twice", name, player);
  else
    g_ptr_array_add (phase->players, stepped);
}

/**
 * gantry_game_declare_runs:
 * @out: the declaration
 * @phase: a phase, declared before
 * @n: how often it runs in a turn, at least 1
 *
 * Says that a phase runs several times in a turn, one run right after the other.  The first run of a turn and every
 * run of a phase but its first take the next batch of real data; the other phases see the batch that was taken last.
 */
void
gantry_game_declare_runs (GantryGameDeclaration *out, const gchar *phase, guint n)
{
  GantryGamePhase *found = find_named (out->host->phases, phase);

  if (found == NULL)
    fail (out->host, "phase `%s` is to run %u times, but it is not declared", phase, n);
  else if (n == 0)
    fail (out->host, "phase `%s` is to run 0 times in a turn: expected 1 or more", phase);
  else
    found->n_runs = n;
}

/**
 * gantry_game_declare_sampler:
 * @out: the declaration
 * @network: a network that makes samples, declared before
 *
 * Says which network `gantry sample` runs.
 */
void
gantry_game_declare_sampler (GantryGameDeclaration *out, const gchar *network)
{
  if (find_named (out->host->networks, network) == NULL)
    fail (out->host, "the sampler is network `%s`, which is not declared", network);
  else if (out->host->sampler != NULL)
    fail (out->host, "two samplers, `%s` and `%s`", out->host->sampler, network);
  else
    out->host->sampler = g_strdup (network);
}

/* See the header. */
gboolean
_gantry_game_host_declare (GantryGameHost *self, GantryGame *game, GError **error)
{
  GantryGameInterface *iface = GANTRY_GAME_GET_IFACE (game);
  GantryGameDeclaration out = { sizeof out, self };

  if (iface->declare == NULL || iface->play == NULL)
    fail (self, "the plugin lacks the vfunc `%s`", iface->declare == NULL ? "declare" : "play");
  else
    gantry_game_declare (game, &out);
  if (self->networks->len == 0)
    fail (self, "declares no network");
  if (self->phases->len == 0)
    fail (self, "declares no phase");
  if (self->sampler == NULL)
    fail (self, "declares no sampler");
  if (self->error != NULL)
    {
      g_autofree gchar *label = _gantry_component_label (game);

      g_propagate_prefixed_error (error, g_steal_pointer (&self->error), "%s: ", label);
      return FALSE;
    }
  return TRUE;
}

void
_gantry_game_host_set_networks (GantryGameHost *self, GPtrArray *networks)
{
  g_return_if_fail (networks->len == self->networks->len);
  g_ptr_array_set_size (self->instances, 0);
  for (guint i = 0; i < networks->len; i++)
    g_ptr_array_add (self->instances, g_object_ref (networks->pdata[i]));
}

void
_gantry_game_host_set_fields (GantryGameHost *self, const GantryField *fields, guint n_fields)
{
  self->fields = fields;
  self->n_fields = n_fields;
}
