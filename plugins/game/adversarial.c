/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two players, one match: a discriminator tells real samples from those of a generator.  Goodfellow et al. 2014, algorithm 1.  Where
 * published programs differ there is a property; the defaults are those of DCGAN, Radford et al. 2016: the discriminator moves first and
 * once, it sees real and generated samples one after the other, and the generator's turn is played on the same latents.  Where the data
 * have labels both networks get them, and generated samples are asked for the labels of the real ones: Mirza & Osindero 2014.
 * Players that step at once, from the same point and on the same samples, are simultaneous gradient descent: Mescheder et al. 2017, algorithm 1.
 */
#include <gantry/gantry.h>

GANTRY_DECLARE_COMPONENT (AdversarialGame, adversarial_game, GANTRY_TYPE_GAME)

static const GantryProperty adversarial_game_properties[] = {
  GANTRY_INT ("discriminator-steps", 1, 1000, 1, 0, "steps", "steps of the discriminator in a turn, each on real samples of its own"),
  GANTRY_ENUM ("fakes", "shared|fresh", "shared", 0,
               "whether the generator's turn is played on the latents of the discriminator's last; fresh, each application is a training "
               "one and moves the generator's statistics"),
  GANTRY_ENUM ("critic-batch", "separate|joint", "separate", 0,
               "whether real and generated samples go through the discriminator apart, each with statistics of its own, or as one batch"),
  GANTRY_ENUM ("first", "discriminator|generator", "discriminator", 0, "who moves first in a turn"),
  GANTRY_ENUM ("updates", "alternating|simultaneous", "alternating", 0,
               "whether the second to move sees what the first has become, or both step at once from where they are, on the same samples"),
  GANTRY_END
};

static gboolean
is (gpointer self, const gchar *key, const gchar *value)
{
  return g_str_equal (gantry_component_get_enum (self, key), value);
}

#define BOTH "both"

/* One phase, in which both players step: what says how their steps follow each other has no meaning. */
static void
declare_both (GantryGame *self, GantryGameDeclaration *out)
{
  if (gantry_component_get_int (self, "discriminator-steps") > 1)
    gantry_game_refuse (out, "updates=simultaneous: both players take one step a turn: discriminator-steps must be 1");
  if (is (self, "fakes", "fresh"))
    gantry_game_refuse (out, "updates=simultaneous: both players step on the same samples: fakes must be shared");
  if (is (self, "first", "generator"))
    gantry_game_refuse (out, "updates=simultaneous: nobody moves first: leave out first=generator");
  gantry_game_declare_phase (out, BOTH, "discriminator");
  gantry_game_declare_phase (out, BOTH, "generator");
}

static void
declare_turns (GantryGame *self, GantryGameDeclaration *out)
{
  const gboolean generator_first = is (self, "first", "generator");

  if (generator_first)
    gantry_game_declare_phase (out, "generator", "generator");
  gantry_game_declare_phase (out, "discriminator", "discriminator");
  gantry_game_declare_runs (out, "discriminator", (guint) gantry_component_get_int (self, "discriminator-steps"));
  if (!generator_first)
    gantry_game_declare_phase (out, "generator", "generator");
}

static void
adversarial_game_declare (GantryGame *self, GantryGameDeclaration *out)
{
  gantry_game_declare_network (out, "generator", "generator");
  gantry_game_declare_network (out, "discriminator", "discriminator");
  gantry_game_declare_player (out, "discriminator", GANTRY_SIDE_DISCRIMINATOR, "discriminator");
  gantry_game_declare_player (out, "generator", GANTRY_SIDE_GENERATOR, "generator");
  if (is (self, "updates", "simultaneous"))
    declare_both (self, out);
  else
    declare_turns (self, out);
  gantry_game_declare_sampler (out, "generator");
}

/* A network's input, and the labels that go with it. */
static GantryTensors *
make_inputs (const gchar *name, GantryTensor *tensor, GantryTensor *label)
{
  GantryTensors *inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, name, tensor);
  if (label != NULL)
    gantry_tensors_set (inputs, "label", label);
  return inputs;
}

static GantryTensors *
join (GantryTensors *first, GantryTensors *second)
{
  GantryTensors *joint = gantry_tensors_new ();

  for (guint i = 0; i < gantry_tensors_get_n (first); i++)
    {
      const gchar *name = gantry_tensors_get_name (first, i);
      GantryTensor *const parts[] = { gantry_tensors_get (first, name), gantry_tensors_get (second, name) };

      gantry_tensors_set (joint, name, gantry_concat (parts, 2, 0));
    }
  return joint;
}

/* Samples @start ... of all outputs. */
static GantryTensors *
part (GantryTensors *joint, gsize start, gsize length)
{
  GantryTensors *outputs = gantry_tensors_new ();

  for (guint i = 0; i < gantry_tensors_get_n (joint); i++)
    {
      const gchar *name = gantry_tensors_get_name (joint, i);

      gantry_tensors_set (outputs, name, gantry_slice (gantry_tensors_get (joint, name), 0, start, length));
    }
  return outputs;
}

/* Applies the critic to whatever the match has inputs for. */
static void
judge (const GantryGameInput *in, GantryMatch *match)
{
  GantryGraph *graph = in->context.graph;

  if (match->real_inputs != NULL && is (in->context.component, "critic-batch", "joint"))
    {
      g_autoptr (GantryTensors) inputs = join (match->fake_inputs, match->real_inputs);
      g_autoptr (GantryTensors) outputs = gantry_network_apply (match->critic, graph, inputs, GANTRY_MODE_TRAIN);

      match->fake_outputs = part (outputs, 0, in->batch);
      match->real_outputs = part (outputs, in->batch, in->batch);
      return;
    }
  if (match->real_inputs != NULL)
    match->real_outputs = gantry_network_apply (match->critic, graph, match->real_inputs, GANTRY_MODE_TRAIN);
  match->fake_outputs = gantry_network_apply (match->critic, graph, match->fake_inputs, GANTRY_MODE_TRAIN);
}

static GantryTensor *
generate (const GantryGameInput *in, GantryNetwork *generator, GantryTensor *label, const gchar *sample)
{
  const gboolean shared = is (in->context.component, "fakes", "shared");
  g_autoptr (GantryTensors) inputs = make_inputs ("latent", gantry_game_get_latent (in, "latent", generator, shared), label);
  /* Samples that both players share move the generator's statistics once, in its own step. */
  const gboolean is_other = g_str_equal (in->phase, "discriminator") || g_strcmp0 (in->player, "discriminator") == 0;
  const GantryMode mode = shared && is_other ? GANTRY_MODE_FROZEN : GANTRY_MODE_TRAIN;

  return gantry_network_apply_named (generator, in->context.graph, inputs, sample, mode);
}

static void
adversarial_game_play (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out)
{
  GantryNetwork *generator = gantry_game_get_network (in, "generator");
  GantryMatch match = { .size = sizeof match, .name = "main", .critic = gantry_game_get_network (in, "discriminator") };
  const gchar *sample = gantry_sample_name (gantry_network_get_sample_shape (generator));
  GantryTensor *label = gantry_game_has_real (in, "label") ? gantry_game_get_real (in, "label") : NULL;

  match.fake = generate (in, generator, label, sample);
  if (g_str_equal (in->phase, "discriminator"))
    match.fake = gantry_detach (match.fake);
  /* Where both step each objective is differentiated by its own player's variables alone: no detaching there. */
  if (!g_str_equal (in->phase, "generator"))
    {
      match.real = gantry_game_get_real (in, sample);
      match.real_inputs = make_inputs (sample, match.real, label);
    }
  match.fake_inputs = make_inputs (sample, match.fake, label);
  judge (in, &match);
  gantry_game_add_match (out, &match);
  g_clear_pointer (&match.real_inputs, gantry_tensors_unref);
  g_clear_pointer (&match.fake_inputs, gantry_tensors_unref);
  g_clear_pointer (&match.real_outputs, gantry_tensors_unref);
  g_clear_pointer (&match.fake_outputs, gantry_tensors_unref);
}

static void
adversarial_game_interface (GantryGameInterface *iface)
{
  iface->declare = adversarial_game_declare;
  iface->play = adversarial_game_play;
}

GANTRY_PLUGIN (AdversarialGame, adversarial_game, game, "adversarial", "1.0", "A discriminator against a generator")
