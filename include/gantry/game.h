/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/match.h>

G_BEGIN_DECLS

typedef struct _GantryGameHost GantryGameHost;

/**
 * GantryGameDeclaration:
 *
 * Filled by a game with the functions below.
 */
typedef struct {
  gsize size;
  GantryGameHost *host;
} GantryGameDeclaration;

/**
 * GantryGameInput:
 * @phase: the phase that is being described
 * @batch: how many samples
 * @player: (nullable): the only player that steps, in a regularization step of its own; %NULL in the phase itself
 */
typedef struct {
  GantryContext context;
  gsize size;
  const gchar *phase;
  gsize batch;
  const gchar *player;
} GantryGameInput;

/**
 * GantryGameOutput:
 *
 * Filled with the matches and extra objective terms of a phase.
 */
typedef struct {
  gsize size;
  GantryGameHost *host;
} GantryGameOutput;

#define GANTRY_TYPE_GAME (gantry_game_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryGame, gantry_game, GANTRY, GAME, GantryComponent)

/**
 * GantryGameInterface:
 * @declare: says which networks, players and phases there are
 * @play: describes one phase: applies networks and yields matches
 */
struct _GantryGameInterface {
  GTypeInterface parent_iface;
  void (*declare) (GantryGame *self, GantryGameDeclaration *out);
  void (*play) (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out);
  gpointer reserved[8];
};

GANTRY_API void gantry_game_declare (GantryGame *self, GantryGameDeclaration *out);
GANTRY_API void gantry_game_play (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out);

/* For `declare`. A phase steps the players named in it, in the order of the calls; the sampler is what `gantry sample` runs. */
GANTRY_API void gantry_game_declare_network (GantryGameDeclaration *out, const gchar *name, const gchar *role);
GANTRY_API void gantry_game_declare_player (GantryGameDeclaration *out, const gchar *name, GantrySide side, const gchar *network);
GANTRY_API void gantry_game_declare_phase (GantryGameDeclaration *out, const gchar *name, const gchar *player);
GANTRY_API void gantry_game_declare_runs (GantryGameDeclaration *out, const gchar *phase, guint n); /* of a phase in a turn; 1 unless said */
GANTRY_API void gantry_game_declare_sampler (GantryGameDeclaration *out, const gchar *network);
GANTRY_API void gantry_game_refuse (GantryGameDeclaration *out, const gchar *format, ...) G_GNUC_PRINTF (2, 3); /* properties that clash */

/* For `play`. */
GANTRY_API GantryNetwork *gantry_game_get_network (const GantryGameInput *in, const gchar *name);
GANTRY_API GantryTensor *gantry_game_get_real (const GantryGameInput *in, const gchar *field); /* [batch, ...] from the reader */
GANTRY_API gboolean gantry_game_has_real (const GantryGameInput *in, const gchar *field);
GANTRY_API GantryTensor *gantry_game_get_latent (const GantryGameInput *in, const gchar *name, GantryNetwork *network, gboolean shared);
GANTRY_API void gantry_game_add_match (GantryGameOutput *out, const GantryMatch *match);
GANTRY_API void gantry_game_add_term (GantryGameOutput *out, const gchar *player, const gchar *name, GantryTensor *term);

G_END_DECLS
