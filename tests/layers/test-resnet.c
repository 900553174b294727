/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and shapes of the residual networks' variables at every resolution, their properties, and what is refused. */
#include "layers/model.h"

static GantryNetwork *
make (const gchar *role, gpointer architecture, gsize size)
{
  g_autoptr (GError) error = NULL;
  GantryNetwork *network = gantry_network_new (role, role, architecture, GANTRY_SHAPE (3, size, size), &error);

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  return network;
}

/* Batches of two. */
static GantryTensor *
generate (GantryGraph *graph, GantryNetwork *network)
{
  const gsize latent = gantry_network_get_latent_shape (network)->dims[0];

  ck_assert_uint_eq (gantry_network_get_latent_shape (network)->n_dims, 1);
  return gantry_network_apply_one (network, gantry_graph_feed (graph, "z", GANTRY_SHAPE (2, latent), gantry_graph_get_dtype (graph)), "latent",
                                   "image", GANTRY_MODE_TRAIN);
}

static GantryTensor *
discriminate (GantryGraph *graph, GantryNetwork *network, gsize size)
{
  return gantry_network_apply_one (network, gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3, size, size), gantry_graph_get_dtype (graph)), "image",
                                   "logits", GANTRY_MODE_TRAIN);
}

/* "block2.c1.weight 256 256 3 3": names below the network's, and shapes. */
static void
assert_variable (GantryGraph *graph, const gchar *network, const gchar *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autofree gchar *name = g_strconcat (network, ".", words[0], NULL);
  GantryVariable *variable = gantry_graph_find_variable (graph, name);
  g_autofree gchar *found = variable != NULL ? gantry_shape_to_string (&variable->shape) : g_strdup ("nothing");
  g_autofree gchar *joined = g_strjoinv (", ", words + 1);
  g_autofree gchar *expected = g_strdup_printf ("[%s]", joined);

  ck_assert_msg (g_str_equal (found, expected), "%s is %s, not %s", name, found, expected);
}

typedef struct {
  gsize size;
  const gchar *generator[6];
  const gchar *discriminator[8];
  guint n_parameters[2];
} Published;

static const Published published[] = {
  { 32,
    { "l1.weight 4096 128", "block2.c1.weight 256 256 3 3", "block4.c_sc.weight 256 256 1 1", "b5.weight 256", "c5.weight 3 256 3 3", NULL },
    { "block1.c1.weight_orig 128 3 3 3", "block1.c_sc.weight_orig 128 3 1 1", "block2.c_sc.weight_orig 128 128 1 1", "block4.c2.weight_u 128",
      "block4.c2.weight_v 1152", "l5.weight_orig 1 128", "l5.bias 1", NULL },
    { 4276739, 1053825 } },
  { 48,
    { "l1.weight 18432 128", "block2.c1.weight 256 512 3 3", "block4.c2.weight 64 64 3 3", "b5.weight 64", "c5.weight 3 64 3 3", NULL },
    { "block1.c1.weight_orig 64 3 3 3", "block2.c1.weight_orig 64 64 3 3", "block2.c2.weight_orig 128 64 3 3", "block5.c_sc.weight_orig 1024 512 1 1",
      "l5.weight_orig 1 1024", NULL } },
  { 64,
    { "l1.weight 16384 128", "block2.c1.weight 512 1024 3 3", "block5.c_sc.weight 64 128 1 1", "b6.bias 64", "c6.weight 3 64 3 3", NULL },
    { "block1.c2.weight_orig 64 64 3 3", "block5.c2.weight_orig 1024 512 3 3", "l6.weight_orig 1 1024", NULL } },
  { 128,
    { "l1.weight 16384 128", "block2.c1.weight 1024 1024 3 3", "block3.c1.weight 512 1024 3 3", "block6.c2.weight 64 64 3 3", "b7.bias 64", NULL },
    { "block1.c2.weight_orig 64 64 3 3", "block5.c1.weight_orig 512 512 3 3", "block6.c1.weight_orig 1024 1024 3 3", "l7.weight_orig 1 1024",
      NULL } },
};

static guint
count_parameters (GantryGraph *graph)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (graph);
  guint n = 0;

  for (guint i = 0; i < variables->len; i++)
    if (((GantryVariable *) variables->pdata[i])->trainable)
      n += (guint) gantry_shape_size (&((GantryVariable *) variables->pdata[i])->shape);
  return n;
}

START_TEST (published_networks)
{
  const Published *net = &published[_i];
  g_autoptr (GantryArchitecture) resnet = model_create ("architecture", "resnet", NULL);
  g_autoptr (GantryNetwork) generator = make ("generator", resnet, net->size), discriminator = make ("discriminator", resnet, net->size);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *image = generate (graph, generator), *logits = discriminate (other, discriminator, net->size);

  ck_assert_ptr_null (model_finish (graph));
  ck_assert_ptr_null (model_finish (other));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (image), GANTRY_SHAPE (2, 3, net->size, net->size)));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (logits), GANTRY_SHAPE (2)));
  for (guint i = 0; net->generator[i] != NULL; i++)
    assert_variable (graph, "generator", net->generator[i]);
  for (guint i = 0; net->discriminator[i] != NULL; i++)
    assert_variable (other, "discriminator", net->discriminator[i]);
  if (net->n_parameters[0] == 0)
    return;
  ck_assert_uint_eq (count_parameters (graph), net->n_parameters[0]);
  ck_assert_uint_eq (count_parameters (other), net->n_parameters[1]);
  ck_assert_ptr_null (gantry_graph_find_variable (other, "discriminator.block3.c_sc.weight_orig"));
  ck_assert_int_eq (gantry_graph_find_variable (graph, "generator.block2.c1.weight")->initializer.kind, GANTRY_INITIALIZER_XAVIER_UNIFORM);
  ck_assert_double_eq_tol (gantry_graph_find_variable (graph, "generator.block2.c1.weight")->initializer.a, 1.41421356, 1e-8);
  ck_assert_double_eq (gantry_graph_find_variable (graph, "generator.block2.c_sc.weight")->initializer.a, 1);
}
END_TEST

START_TEST (properties)
{
  g_autoptr (GantryArchitecture) none = model_create ("architecture", "resnet", "width", "2", "normalization", "none", NULL);
  g_autoptr (GantryArchitecture) spectral = model_create ("architecture", "resnet", "width", "2", "latent", "3", "normalization", "spectral",
                                                          "conditional", "concatenate", "classes", "5", NULL);
  g_autoptr (GantryNetwork) discriminator = make ("discriminator", none, 32), generator = make ("generator", spectral, 32);
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);

  discriminate (graph, discriminator, 32);
  gantry_tensors_set (inputs, "latent", gantry_graph_feed (graph, "z", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32));
  gantry_tensors_set (inputs, "label", gantry_graph_feed (graph, "y", GANTRY_SHAPE (2), GANTRY_INT64));
  gantry_network_apply_named (generator, graph, inputs, "image", GANTRY_MODE_TRAIN);
  ck_assert_ptr_null (model_finish (graph));
  assert_variable (graph, "discriminator", "block1.c1.weight 2 3 3 3");
  assert_variable (graph, "generator", "l1.weight_orig 32 8");
  assert_variable (graph, "generator", "c5.weight_orig 3 2 3 3");
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "generator.b5.weight"));
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "discriminator.l5.weight_u"));
}
END_TEST

/* The logits of a discriminator with one changed property, from weights that are the same. */
static gdouble
logit (const gchar *property, const gchar *value)
{
  g_autoptr (GantryArchitecture) resnet = model_create ("architecture", "resnet", "width", "3", "normalization", "none", property, value, NULL);
  g_autoptr (GantryNetwork) network = make ("discriminator", resnet, 32);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (7);
  g_autoptr (GantryProgram) program = NULL;
  g_autofree gdouble *pixels = g_new (gdouble, 2 * 3 * 32 * 32);

  for (guint i = 0; i < 2 * 3 * 32 * 32; i++)
    pixels[i] = (i * 37 % 101) / 50.0 - 1;
  gantry_graph_output (graph, "y", discriminate (graph, network, 32));
  program = model_compile (graph, state);
  model_set (state, "discriminator.l5.bias", (const gdouble[]) { 0 });
  model_bind (program, "x", pixels);
  model_run (program);
  return model_output (program, "y", 0);
}

START_TEST (pooling_and_shortcuts)
{
  const gdouble sum = logit ("pooling", "sum"), mean = logit ("pooling", "mean"), plain = logit ("shortcut", "plain");

  assert_near (sum, 64 * mean, 1e-12);
  ck_assert_double_gt (ABS (sum), 1e-6);
  ck_assert_double_gt (ABS (sum - plain), 1e-6);
}
END_TEST

typedef struct {
  const gchar *role;
  gsize size;
  const gchar *property, *value;
  const gchar *message;
} Refusal;

static const Refusal refusals[] = {
  { "generator", 28, "width", "8", "[3, 28, 28], expected [channels, size, size] with a size of 32, 48, 64 or 128" },
  { "generatr", 32, "width", "8", "no role `generatr`: expected generator or discriminator; nearest is `generator`" },
  { "generator", 64, "width", "24", "width=24 at 64 pixels: expected a multiple of 16" },
  { "generator", 48, "width", "12", "width=12 at 48 pixels: expected a multiple of 8" },
  { "discriminator", 32, "latent", "5", "latent=5: a discriminator has no use for it: the generator's section is the place for it" },
  { "discriminator", 32, "upsampling", "nearest", "upsampling=nearest: a discriminator has no use for it" },
  { "generator", 32, "pooling", "mean", "pooling=mean: a generator has no use for it: the discriminator's section is the place for it" },
  { "generator", 32, "shortcut", "plain", "shortcut=plain: a generator has no use for it" },
  { "discriminator", 32, "normalization", "batch", "normalization=batch: a discriminator has none here" },
  { "generator", 32, "classes", "5", "classes=5 with conditional=none" },
};

START_TEST (refused)
{
  const Refusal *row = &refusals[_i];
  g_autoptr (GantryArchitecture) resnet = model_create ("architecture", "resnet", row->property, row->value, NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_network_new ("faces", row->role, resnet, GANTRY_SHAPE (3, row->size, row->size), &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_msg (strstr (error->message, row->message) != NULL, "`%s` has no `%s`", error->message, row->message);
}
END_TEST

/* What no residual block can do is an error of the graph. */
START_TEST (bad_blocks)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  const GantryResidualOptions down = { .resampling = GANTRY_RESAMPLING_DOWN };
  g_autofree gchar *message = NULL;

  gantry_layer_residual (gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32), "block", 4, &down);
  message = model_finish (graph);
  ck_assert_ptr_nonnull (message);
  ck_assert_msg (strstr (message, "[2, 3], expected [batch, channels, height, width]") != NULL, "%s", message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("resnet");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, published_networks, 0, G_N_ELEMENTS (published));
  tcase_add_test (tests, properties);
  tcase_add_test (tests, pooling_and_shortcuts);
  tcase_add_loop_test (tests, refused, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tests, bad_blocks);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
