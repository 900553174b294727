/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/game.h>

#include "interface/call-private.h"
#include "interface/game-private.h"

/**
 * GantryGame:
 *
 * Which networks play, who owns them, and which matches they play in each phase of a turn.
 */
G_DEFINE_INTERFACE (GantryGame, gantry_game, GANTRY_TYPE_COMPONENT)

static void
gantry_game_default_init (GantryGameInterface *iface)
{
}

/**
 * gantry_game_declare:
 * @self: a game
 * @out: what it declares is put here
 *
 * Asks the game for its networks, players, phases and sampler.  Called by the session.
 */
void
gantry_game_declare (GantryGame *self, GantryGameDeclaration *out)
{
  GANTRY_GAME_GET_IFACE (self)->declare (self, out);
}

/**
 * gantry_game_play:
 * @self: a game
 * @in: the phase and the size of the batch
 * @out: matches and terms are put here
 *
 * Describes one phase: applies networks and yields matches.  Called by the session; errors stick to the graph.
 */
void
gantry_game_play (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out)
{
  _gantry_context_begin (&in->context, in->phase);
  GANTRY_GAME_GET_IFACE (self)->play (self, in, out);
  _gantry_context_end (&in->context);
}

static GantryGameHost *
get_host (const GantryGameInput *in)
{
  return in->context.host->game;
}

/* Error for a name that is not among those of a list of structs that start with their name. */
static void
fail_unknown (GantryGraph *graph, const gchar *what, const gchar *name, GPtrArray *named)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const gchar *nearest;

  for (guint i = 0; i < named->len; i++)
    g_ptr_array_add (names, *(gchar **) named->pdata[i]);
  g_ptr_array_add (names, NULL);
  nearest = gantry_nearest_name (name, (const gchar *const *) names->pdata);
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "the game declared no %s `%s`%s%s%s", what, name,
                     nearest != NULL ? "; nearest is `" : "", nearest != NULL ? nearest : "", nearest != NULL ? "`" : "");
}

/**
 * gantry_game_get_network:
 * @in: input of `play`
 * @name: name of a network that the game declared
 *
 * Returns: (transfer none): the network; a name that was not declared is an error of the graph, and the first
 *   network comes back
 */
GantryNetwork *
gantry_game_get_network (const GantryGameInput *in, const gchar *name)
{
  GantryGameHost *host = get_host (in);

  for (guint i = 0; i < host->networks->len; i++)
    {
      const GantryGameNetwork *network = host->networks->pdata[i];

      if (g_str_equal (network->name, name))
        return host->instances->pdata[i];
    }
  fail_unknown (in->context.graph, "network", name, host->networks);
  return host->instances->pdata[0];
}

static void
prepend_batch (GantryShape *shape, gsize batch)
{
  memmove (shape->dims + 1, shape->dims, shape->n_dims * sizeof shape->dims[0]);
  shape->dims[0] = batch;
  shape->n_dims++;
}

/**
 * gantry_game_has_real:
 * @in: input of `play`
 * @field: a field, such as `label`
 *
 * Returns: whether the reader's records have that field
 */
gboolean
gantry_game_has_real (const GantryGameInput *in, const gchar *field)
{
  const GantryGameHost *host = get_host (in);

  for (guint i = 0; i < host->n_fields; i++)
    if (g_str_equal (host->fields[i].name, field))
      return TRUE;
  return FALSE;
}

/**
 * gantry_game_get_real:
 * @in: input of `play`
 * @field: a field of the reader's records, such as `image`
 *
 * A batch of real data: the input `real.FIELD` of the program.
 *
 * Returns: (transfer none): [batch, ...]; numbers in the graph's dtype, labels in int64; a field that the reader
 *   does not have is an error of the graph
 */
GantryTensor *
gantry_game_get_real (const GantryGameInput *in, const gchar *field)
{
  GantryGameHost *host = get_host (in);
  GantryGraph *graph = in->context.graph;
  GantryShape shape = { 1, { in->batch } };

  for (guint i = 0; i < host->n_fields; i++)
    {
      if (g_str_equal (host->fields[i].name, field))
        {
          g_autofree gchar *name = g_strdup_printf ("real.%s", field);
          const GantryDType dtype = host->fields[i].dtype;

          shape = host->fields[i].shape;
          prepend_batch (&shape, in->batch);
          return gantry_graph_feed (graph, name, &shape, gantry_dtype_is_float (dtype) ? gantry_graph_get_dtype (graph) : dtype);
        }
    }
  gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "the reader's records have no field `%s`", field);
  return gantry_graph_poison (graph, &shape, gantry_graph_get_dtype (graph));
}

/**
 * gantry_game_get_latent:
 * @in: input of `play`
 * @name: name of the draw, such as `latent`
 * @network: the network that it is for
 * @shared: whether the other phases of a turn get the same numbers
 *
 * A batch of latents, standard normal: the random tensor `game.NAME` where it is shared between phases,
 * `game.PHASE.NAME` where it is not.  A regularization step of its own draws its own.
 *
 * Returns: (transfer none): [batch, ...], of the network's latent shape
 */
GantryTensor *
gantry_game_get_latent (const GantryGameInput *in, const gchar *name, GantryNetwork *network, gboolean shared)
{
  GantryGraph *graph = in->context.graph;
  GantryShape shape = *gantry_network_get_latent_shape (network);
  g_autofree gchar *owner = shared ? g_strdup ("game") : g_strdup_printf ("game.%s", in->phase);
  const GantryGameHost *host = get_host (in);
  GantryTensor *latent;

  if (host->part != NULL)
    {
      g_free (owner);
      owner = g_strdup_printf ("game.%s", host->part);
    }
  if (shape.n_dims == 0)
    gantry_graph_fail (graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "network `%s` takes no latents in role `%s`",
                       gantry_network_get_name (network), gantry_network_get_role (network));
  prepend_batch (&shape, in->batch);
  _gantry_push_prefix (graph, owner);
  latent = gantry_graph_random (graph, GANTRY_INPUT_NORMAL, name, &shape);
  gantry_graph_pop (graph);
  return latent;
}

static void
free_match (gpointer data)
{
  GantryMatch *match = data;

  g_free ((gchar *) match->name);
  g_clear_object (&match->critic);
  g_clear_pointer (&match->real_outputs, gantry_tensors_unref);
  g_clear_pointer (&match->fake_outputs, gantry_tensors_unref);
  g_clear_pointer (&match->real_inputs, gantry_tensors_unref);
  g_clear_pointer (&match->fake_inputs, gantry_tensors_unref);
  g_free (match);
}

static void
free_term (gpointer data)
{
  GantryGameTerm *term = data;

  g_free (term->name);
  g_free (term);
}

/**
 * gantry_game_add_match:
 * @out: output of `play`
 * @match: the match; copied, with references on its critic, outputs and inputs
 *
 * Yields a match of this phase.  In the generator's turn what is real is %NULL.  A match without critic, fake
 * samples or their outputs, or of a name that was taken in this phase, is an error of the graph.
 */
void
gantry_game_add_match (GantryGameOutput *out, const GantryMatch *match)
{
  GantryGameHost *host = out->host;
  GantryMatch *copy;
  const gchar *missing = match->name == NULL           ? "name"
                         : match->critic == NULL       ? "critic"
                         : match->fake == NULL         ? "fake"
                         : match->fake_outputs == NULL ? "fake_outputs"
                                                       : NULL;

  if (missing == NULL && (match->real == NULL) != (match->real_outputs == NULL))
    missing = match->real == NULL ? "real" : "real_outputs";
  if (missing != NULL)
    {
      gantry_graph_fail (host->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "match `%s` has no `%s`",
                         match->name != NULL ? match->name : "", missing);
      return;
    }
  for (guint i = 0; i < host->matches->len; i++)
    {
      const GantryMatch *other = host->matches->pdata[i];

      if (g_str_equal (other->name, match->name))
        {
          gantry_graph_fail (host->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "two matches `%s` in one phase", match->name);
          return;
        }
    }
  copy = g_new0 (GantryMatch, 1);
  memcpy (copy, match, MIN (match->size, sizeof *copy));
  copy->size = sizeof *copy;
  copy->name = g_strdup (match->name);
  g_object_ref (copy->critic);
  gantry_tensors_ref (copy->fake_outputs);
  if (copy->real_outputs != NULL)
    gantry_tensors_ref (copy->real_outputs);
  if (copy->real_inputs != NULL)
    gantry_tensors_ref (copy->real_inputs);
  if (copy->fake_inputs != NULL)
    gantry_tensors_ref (copy->fake_inputs);
  g_ptr_array_add (host->matches, copy);
}

/**
 * gantry_game_add_term:
 * @out: output of `play`
 * @player: a player of this game
 * @name: name of the term, unique in the phase
 * @term: a scalar tensor
 *
 * Adds a term to a player's objective that is no match: a reconstruction, a code's likelihood.  A player that
 * was not declared and a term that is no scalar are errors of the graph.
 */
void
gantry_game_add_term (GantryGameOutput *out, const gchar *player, const gchar *name, GantryTensor *term)
{
  GantryGameHost *host = out->host;
  GantryGamePlayer *owner = _gantry_game_host_find_player (host, player);
  GantryGameTerm *copy;

  if (owner == NULL)
    {
      fail_unknown (host->graph, "player", player, host->players);
      return;
    }
  if (gantry_tensor_get_n_dims (term) != 0)
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_tensor_get_shape (term));

      gantry_graph_fail (host->graph, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_SHAPE, "term `%s` is %s, expected a scalar []", name, found);
      return;
    }
  copy = g_new (GantryGameTerm, 1);
  *copy = (GantryGameTerm){ owner, g_strdup (name), term };
  g_ptr_array_add (host->terms, copy);
}

/* Describes a phase; see the header. */
void
_gantry_game_host_play (GantryGameHost *self, GantryGame *game, GantryGraph *graph, const gchar *phase, gsize batch)
{
  GantryContextHost host = { .term = "game", .game = self };
  const GantryGameInput in = { { graph, GANTRY_COMPONENT (game), &host }, sizeof in, phase, batch, self->part_player };
  GantryGameOutput out = { sizeof out, self };

  g_clear_pointer (&self->matches, g_ptr_array_unref);
  g_clear_pointer (&self->terms, g_ptr_array_unref);
  self->matches = g_ptr_array_new_with_free_func (free_match);
  self->terms = g_ptr_array_new_with_free_func (free_term);
  self->graph = graph;
  gantry_game_play (game, &in, &out);
  self->graph = NULL;
}

/* See the header. */
GPtrArray *
_gantry_game_host_list_matches (GantryGameHost *self, const GantryGamePlayer *player)
{
  GPtrArray *matches = g_ptr_array_new ();

  for (guint i = 0; i < self->matches->len; i++)
    {
      GantryMatch *match = self->matches->pdata[i];

      if (player->side == GANTRY_SIDE_GENERATOR || g_str_equal (gantry_network_get_name (match->critic), player->network))
        g_ptr_array_add (matches, match);
    }
  return matches;
}
