/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A generator against two critics: one sees its samples as they are (`near`), the other their negatives (`far`). */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (TwoMatchesGame, two_matches_game, GANTRY_TYPE_GAME)

static const GantryProperty two_matches_game_properties[] = { GANTRY_END };

static void
two_matches_game_declare (GantryGame *self, GantryGameDeclaration *out)
{
  gantry_game_declare_network (out, "generator", "generator");
  gantry_game_declare_network (out, "near-critic", "discriminator");
  gantry_game_declare_network (out, "far-critic", "discriminator");
  gantry_game_declare_player (out, "near-critic", GANTRY_SIDE_DISCRIMINATOR, "near-critic");
  gantry_game_declare_player (out, "far-critic", GANTRY_SIDE_DISCRIMINATOR, "far-critic");
  gantry_game_declare_player (out, "generator", GANTRY_SIDE_GENERATOR, "generator");
  gantry_game_declare_phase (out, "critics", "near-critic");
  gantry_game_declare_phase (out, "critics", "far-critic");
  gantry_game_declare_phase (out, "generator", "generator");
  gantry_game_declare_sampler (out, "generator");
}

static GantryTensors *
judge (const GantryGameInput *in, GantryNetwork *critic, GantryTensor *points)
{
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, "point", points);
  return gantry_network_apply (critic, in->context.graph, inputs, GANTRY_MODE_TRAIN);
}

static void
add_match (const GantryGameInput *in, GantryGameOutput *out, const gchar *name, const gchar *critic, GantryTensor *real, GantryTensor *fake)
{
  GantryMatch match = { .size = sizeof match, .name = name, .critic = gantry_game_get_network (in, critic), .real = real, .fake = fake };
  g_autoptr (GantryTensors) of_fake = judge (in, match.critic, fake);
  g_autoptr (GantryTensors) of_real = real != NULL ? judge (in, match.critic, real) : NULL;

  match.fake_outputs = of_fake;
  match.real_outputs = of_real;
  gantry_game_add_match (out, &match);
}

static void
two_matches_game_play (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out)
{
  GantryNetwork *generator = gantry_game_get_network (in, "generator");
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  const gboolean is_critics = g_str_equal (in->phase, "critics");
  GantryTensor *real = is_critics ? gantry_game_get_real (in, "point") : NULL;
  GantryTensor *fake;

  gantry_tensors_set (inputs, "latent", gantry_game_get_latent (in, "latent", generator, TRUE));
  fake = gantry_network_apply_named (generator, in->context.graph, inputs, "point", GANTRY_MODE_TRAIN);
  add_match (in, out, "near", "near-critic", real, fake);
  add_match (in, out, "far", "far-critic", real != NULL ? gantry_neg (real) : NULL, gantry_neg (fake));
}

static void
two_matches_game_interface (GantryGameInterface *iface)
{
  iface->declare = two_matches_game_declare;
  iface->play = two_matches_game_play;
}

GANTRY_PLUGIN (TwoMatchesGame, two_matches_game, game, "two-matches", "1.0", "A generator against two critics")
