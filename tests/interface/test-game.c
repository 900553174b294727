/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's side of games: what a declaration must hold together, and what a phase yields. */
#include "interface/game-private.h"

#include <gantry/gantry.h>

#include <check.h>

/* A network that scales its input. */
static gboolean
scale_declare (GantryArchitecture *self, const GantryArchitectureDeclareInput *in, GantryArchitectureDeclaration *out, GError **error)
{
  if (g_str_equal (in->role, "generator"))
    out->latent_shape = in->sample_shape;
  return TRUE;
}

static void
scale_build (GantryArchitecture *self, const GantryArchitectureInput *in, GantryArchitectureOutput *out)
{
  const gboolean generator = g_str_equal (in->role, "generator");
  GantryTensor *x = gantry_architecture_get_input (in, generator ? "latent" : "image");
  GantryVariable *factor = gantry_graph_variable (in->context.graph, "factor", GANTRY_SCALAR, GANTRY_FLOAT32, NULL, TRUE);

  gantry_tensors_set (out->outputs, generator ? "image" : "logits", gantry_mul (x, gantry_graph_read (in->context.graph, factor)));
}

static void
scale_interface (gpointer iface, gpointer data G_GNUC_UNUSED)
{
  ((GantryArchitectureInterface *) iface)->declare = scale_declare;
  ((GantryArchitectureInterface *) iface)->build = scale_build;
}

static void
game_declare (GantryGame *self, GantryGameDeclaration *out)
{
  const gchar *does = gantry_component_get_data (self);

  if (g_str_equal (does, "nothing"))
    return;
  gantry_game_declare_network (out, "g", "generator");
  gantry_game_declare_network (out, g_str_equal (does, "two-networks") ? "g" : "d", "discriminator");
  gantry_game_declare_player (out, "critic", GANTRY_SIDE_DISCRIMINATOR, g_str_equal (does, "no-network") ? "e" : "d");
  gantry_game_declare_player (out, g_str_equal (does, "two-players") ? "critic" : "maker", GANTRY_SIDE_GENERATOR, "g");
  gantry_game_declare_phase (out, "both", g_str_equal (does, "no-player") ? "crtic" : "critic");
  gantry_game_declare_phase (out, "both", g_str_equal (does, "stepped-twice") ? "critic" : "maker");
  if (g_str_has_prefix (does, "runs"))
    gantry_game_declare_runs (out, g_str_equal (does, "runs-nowhere") ? "third" : "both", g_str_equal (does, "runs-never") ? 0 : 3);
  if (!g_str_equal (does, "no-sampler"))
    gantry_game_declare_sampler (out, g_str_equal (does, "wrong-sampler") ? "h" : "g");
}

static void
game_play (GantryGame *self, const GantryGameInput *in, GantryGameOutput *out)
{
  const gchar *does = gantry_component_get_data (self);
  GantryNetwork *g = gantry_game_get_network (in, g_str_equal (does, "play-network") ? "gg" : "g");
  GantryNetwork *d = gantry_game_get_network (in, "d");
  GantryTensor *real = gantry_game_get_real (in, g_str_equal (does, "play-field") ? "text" : "image");
  GantryTensor *shared = gantry_game_get_latent (in, "z", g_str_equal (does, "play-latent") ? d : g, TRUE);
  GantryTensor *fresh = gantry_game_get_latent (in, "z", g, FALSE);
  GantryTensor *fake = gantry_network_apply_one (g, gantry_add (shared, fresh), "latent", "image", GANTRY_MODE_TRAIN);
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  g_autoptr (GantryTensors) outputs = NULL;
  GantryMatch match = { sizeof match, "main", d, real, fake, NULL, NULL };

  gantry_tensors_set (inputs, "image", fake);
  match.fake_outputs = match.real_outputs = outputs = gantry_network_apply (d, in->context.graph, inputs, GANTRY_MODE_TRAIN);
  if (g_str_equal (does, "play-real"))
    match.real = NULL;
  if (g_str_equal (does, "play-output"))
    gantry_network_apply_one (d, fake, "image", "logit", GANTRY_MODE_TRAIN);
  gantry_game_add_match (out, &match);
  if (g_str_equal (does, "play-twice"))
    gantry_game_add_match (out, &match);
  gantry_game_add_term (out, g_str_equal (does, "play-player") ? "makr" : "maker", "size",
                        g_str_equal (does, "play-term") ? fake : gantry_mean (fake));
}

static void
game_interface (gpointer iface, gpointer data G_GNUC_UNUSED)
{
  ((GantryGameInterface *) iface)->declare = game_declare;
  ((GantryGameInterface *) iface)->play = game_play;
}

static void
no_class (gpointer klass G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static GType scale_type (void);
static GType game_type (void);

static const GantryPluginDescriptor scale_info = {
  "GANTRY-1", GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, sizeof scale_info, "architecture", "scale", "1.0", "CC0-1.0", "A factor", "tests", scale_type
};
static const GantryPluginDescriptor game_info = {
  "GANTRY-1", GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, sizeof game_info, "game", "odd", "1.0", "CC0-1.0", "A game", "tests", game_type
};

typedef struct {
  GantryComponent parent_instance;
} Instance;

static GType
scale_type (void)
{
  return gantry_plugin_register_type (&scale_info, GANTRY_TYPE_ARCHITECTURE, sizeof (Instance), no_class, scale_interface);
}

static GType
game_type (void)
{
  return gantry_plugin_register_type (&game_info, GANTRY_TYPE_GAME, sizeof (Instance), no_class, game_interface);
}

static gpointer
make_game (const gchar *does)
{
  gpointer game = g_object_new (game_type (), NULL);

  gantry_component_set_identity (game, "game", "odd", NULL);
  gantry_component_set_data (game, g_strdup (does), g_free);
  return game;
}

START_TEST (declared)
{
  g_autoptr (GantryGame) game = make_game ("right");
  g_autoptr (GantryGameHost) host = _gantry_game_host_new ();
  g_autoptr (GError) error = NULL;
  const GantryGamePhase *phase;

  ck_assert_msg (_gantry_game_host_declare (host, game, &error), "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (host->networks->len, 2);
  ck_assert_str_eq (_gantry_game_host_find_network (host, "d")->role, "discriminator");
  ck_assert_int_eq (_gantry_game_host_find_player (host, "maker")->side, GANTRY_SIDE_GENERATOR);
  phase = _gantry_game_host_find_phase (host, "both");
  ck_assert_uint_eq (phase->players->len, 2);
  ck_assert_ptr_eq (phase->players->pdata[0], _gantry_game_host_find_player (host, "critic"));
  ck_assert_str_eq (host->sampler, "g");
}
END_TEST

START_TEST (runs)
{
  static const gchar *const does[] = { "right", "runs" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GantryGame) game = make_game (does[i]);
      g_autoptr (GantryGameHost) host = _gantry_game_host_new ();

      ck_assert (_gantry_game_host_declare (host, game, NULL));
      ck_assert_uint_eq (_gantry_game_host_find_phase (host, "both")->n_runs, i == 0 ? 1 : 3);
    }
}
END_TEST

static const struct {
  const gchar *does;
  const gchar *message;
} faults[] = {
  { "nothing", "game/odd: declares no network" },
  { "two-networks", "game/odd: network `g` is declared twice" },
  { "two-players", "game/odd: player `critic` is declared twice" },
  { "no-network", "game/odd: player `critic` plays network `e`, which is not declared" },
  { "no-player", "game/odd: phase `both` steps player `crtic`, which is not declared" },
  { "stepped-twice", "game/odd: phase `both` steps player `critic` twice" },
  { "runs-nowhere", "game/odd: phase `third` is to run 3 times, but it is not declared" },
  { "runs-never", "game/odd: phase `both` is to run 0 times in a turn: expected 1 or more" },
  { "no-sampler", "game/odd: declares no sampler" },
  { "wrong-sampler", "game/odd: the sampler is network `h`, which is not declared" },
};

START_TEST (fault)
{
  g_autoptr (GantryGame) game = make_game (faults[_i].does);
  g_autoptr (GantryGameHost) host = _gantry_game_host_new ();
  g_autoptr (GError) error = NULL;

  ck_assert (!_gantry_game_host_declare (host, game, &error));
  ck_assert_str_eq (error->message, faults[_i].message);
}
END_TEST

/* Describes the phase of a game that declares well and plays as told; gives the error's message. */
static gchar *
play (GantryGameHost *host, GantryGraph *graph, const gchar *does)
{
  static const GantryField fields[] = { { "image", { 1, { 3 } }, GANTRY_FLOAT32 } };
  g_autoptr (GantryGame) game = make_game (does);
  g_autoptr (GPtrArray) networks = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  ck_assert (_gantry_game_host_declare (host, game, NULL));
  for (guint i = 0; i < host->networks->len; i++)
    {
      const GantryGameNetwork *network = host->networks->pdata[i];
      g_autoptr (GantryArchitecture) scale = g_object_new (scale_type (), NULL);

      g_ptr_array_add (networks, gantry_network_new (network->name, network->role, scale, GANTRY_SHAPE (3), NULL));
    }
  _gantry_game_host_set_networks (host, networks);
  _gantry_game_host_set_fields (host, fields, 1);
  _gantry_game_host_play (host, game, graph, "both", 4);
  return gantry_graph_finish (graph, &error) ? NULL : g_strdup (error->message);
}

START_TEST (played)
{
  g_autoptr (GantryGameHost) host = _gantry_game_host_new ();
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autofree gchar *message = play (host, graph, "right");
  g_autoptr (GPtrArray) matches = NULL;
  const GantryGameTerm *term;

  ck_assert_msg (message == NULL, "%s", message);
  ck_assert_ptr_nonnull (gantry_graph_find_input (graph, "real.image"));
  ck_assert_ptr_nonnull (gantry_graph_find_input (graph, "game.z"));
  ck_assert_ptr_nonnull (gantry_graph_find_input (graph, "game.both.z"));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (gantry_graph_find_input (graph, "game.z")), GANTRY_SHAPE (4, 3)));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "g.factor"));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "d.factor"));
  ck_assert_uint_eq (host->matches->len, 1);
  ck_assert_uint_eq (host->terms->len, 1);
  term = host->terms->pdata[0];
  ck_assert_str_eq (term->player->name, "maker");
  matches = _gantry_game_host_list_matches (host, _gantry_game_host_find_player (host, "critic"));
  ck_assert_uint_eq (matches->len, 1);
}
END_TEST

static const struct {
  const gchar *does;
  const gchar *message;
} mistakes[] = {
  { "play-network", "game/odd: both: the game declared no network `gg`; nearest is `g`" },
  { "play-field", "game/odd: both: the reader's records have no field `text`" },
  { "play-latent", "game/odd: both: network `d` takes no latents in role `discriminator`" },
  { "play-real", "game/odd: both: match `main` has no `real`" },
  { "play-twice", "game/odd: both: two matches `main` in one phase" },
  { "play-player", "game/odd: both: the game declared no player `makr`; nearest is `maker`" },
  { "play-term", "game/odd: both: term `size` is [4, 3], expected a scalar []" },
  { "play-output", "game/odd: both: d (gantry+architecture+scale): gives no output `logit` in role `discriminator`; nearest is `logits`" },
};

START_TEST (mistake)
{
  g_autoptr (GantryGameHost) host = _gantry_game_host_new ();
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autofree gchar *message = play (host, graph, mistakes[_i].does);

  ck_assert_str_eq (message, mistakes[_i].message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("game");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, declared);
  tcase_add_test (tests, runs);
  tcase_add_loop_test (tests, fault, 0, G_N_ELEMENTS (faults));
  tcase_add_test (tests, played);
  tcase_add_loop_test (tests, mistake, 0, G_N_ELEMENTS (mistakes));
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
