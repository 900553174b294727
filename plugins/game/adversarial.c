/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two players, one match: a discriminator tells real images from those of a generator.  Goodfellow et al. 2014, algorithm 1, with the
 * conventions of DCGAN: real and generated images go through the discriminator one after the other, each with statistics of its own
 * batch, and the generator's turn is played on the latents of the discriminator's.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (AdversarialGame, adversarial_game, GANTRY_TYPE_GAME)

static const GantryProperty adversarial_game_properties[] = {
  GANTRY_END
};

static void
adversarial_game_declare (GantryGame *self, GantryGameDeclaration *out)
{
  gantry_game_declare_network (out, "generator", "generator");
  gantry_game_declare_network (out, "discriminator", "discriminator");
  gantry_game_declare_player (out, "discriminator", GANTRY_SIDE_DISCRIMINATOR, "discriminator");
  gantry_game_declare_player (out, "generator", GANTRY_SIDE_GENERATOR, "generator");
  gantry_game_declare_phase (out, "discriminator", "discriminator");
  gantry_game_declare_phase (out, "generator", "generator");
  gantry_game_declare_sampler (out, "generator");
}

static GantryTensors *
judge (GantryNetwork *discriminator, GantryTensor *image)
{
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, "image", image);
  return gantry_network_apply (discriminator, gantry_tensor_get_graph (image), inputs, GANTRY_MODE_TRAIN);
}

static void
adversarial_game_play (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out)
{
  const gboolean generators_turn = g_str_equal (in->phase, "generator");
  GantryNetwork *generator = gantry_game_get_network (in, "generator");
  GantryNetwork *discriminator = gantry_game_get_network (in, "discriminator");
  GantryTensor *latent = gantry_game_get_latent (in, "latent", generator, TRUE);
  /* The generator's statistics move once a turn, in its own phase. */
  const GantryMode mode = generators_turn ? GANTRY_MODE_TRAIN : GANTRY_MODE_FROZEN;
  GantryTensor *fake = gantry_network_apply_one (generator, latent, "latent", "image", mode);
  GantryMatch match = { .size = sizeof match, .name = "main", .critic = discriminator };
  g_autoptr (GantryTensors) real_outputs = NULL;
  g_autoptr (GantryTensors) fake_outputs = NULL;

  if (!generators_turn)
    {
      match.real = gantry_game_get_real (in, "image");
      match.real_outputs = real_outputs = judge (discriminator, match.real);
      fake = gantry_detach (fake);
    }
  match.fake = fake;
  match.fake_outputs = fake_outputs = judge (discriminator, fake);
  gantry_game_add_match (out, &match);
}

static void
adversarial_game_interface (GantryGameInterface *iface)
{
  iface->declare = adversarial_game_declare;
  iface->play = adversarial_game_play;
}

GANTRY_PLUGIN (AdversarialGame, adversarial_game, game, "adversarial", "1.0", "A discriminator against a generator")
