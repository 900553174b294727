/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/game.h>
#include <gantry/reader.h>

/*
 * The host's side of a game: what it declared, and what it yielded in the phase that was described last.
 */

typedef struct {
  gchar *name;
  gchar *role;
} GantryGameNetwork;

typedef struct {
  gchar *name;
  GantrySide side;
  gchar *network;
} GantryGamePlayer;

typedef struct {
  gchar *name;
  GPtrArray *players; /* GantryGamePlayer, owned by the host, in the order in which they step */
  guint n_runs;       /* in a turn */
} GantryGamePhase;

typedef struct {
  GantryGamePlayer *player;
  gchar *name;
  GantryTensor *tensor; /* a scalar that is added to the player's objective */
} GantryGameTerm;

struct _GantryGameHost {
  /* declared */
  GPtrArray *networks; /* GantryGameNetwork */
  GPtrArray *players;  /* GantryGamePlayer */
  GPtrArray *phases;   /* GantryGamePhase */
  gchar *sampler;      /* name of a network */
  GError *error;       /* the first of the declaration */

  /* set by the session */
  GPtrArray *instances; /* GantryNetwork, one for each of `networks`, in that order */
  const GantryField *fields;
  guint n_fields;

  const gchar *part;        /* of a turn beside its phases, which draws for itself; NULL in a phase */
  const gchar *part_player; /* who steps in it */

  /* yielded by the last play */
  GantryGraph *graph;
  GPtrArray *matches; /* GantryMatch */
  GPtrArray *terms;   /* GantryGameTerm */
};

GantryGameHost *_gantry_game_host_new (void);
void _gantry_game_host_free (GantryGameHost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryGameHost, _gantry_game_host_free)

/* Runs `declare` and checks that networks, players, phases and sampler fit together. */
gboolean _gantry_game_host_declare (GantryGameHost *self, GantryGame *game, GError **error);
GantryGameNetwork *_gantry_game_host_find_network (GantryGameHost *self, const gchar *name);
GantryGamePlayer *_gantry_game_host_find_player (GantryGameHost *self, const gchar *name);
GantryGamePhase *_gantry_game_host_find_phase (GantryGameHost *self, const gchar *name);

/* Takes references on the networks; the fields stay the reader's. */
void _gantry_game_host_set_networks (GantryGameHost *self, GPtrArray *networks);
void _gantry_game_host_set_fields (GantryGameHost *self, const GantryField *fields, guint n_fields);

/* Describes a phase in a graph: fills `matches` and `terms`, which live until the next call.  Errors stick to the graph. */
void _gantry_game_host_play (GantryGameHost *self, GantryGame *game, GantryGraph *graph, const gchar *phase, gsize batch);

/* The matches that concern a player: a discriminator's are those whose critic is its network, a generator's are all. */
GPtrArray *_gantry_game_host_list_matches (GantryGameHost *self, const GantryGamePlayer *player); /* (transfer container) */
