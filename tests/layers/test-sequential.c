/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Layers listed as text: what is understood, and what each mistake is told. */
#include "layers/model.h"

static GantryNetwork *
make (const gchar *role, const gchar *layers, const GantryShape *sample, GError **error)
{
  g_autoptr (GantryArchitecture) sequential = model_create ("architecture", "sequential", "layers", layers, "latent", "3x1x1", NULL);

  return gantry_network_new (role, role, sequential, sample, error);
}

START_TEST (generator)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryNetwork) network = make ("generator",
                                            "conv-transpose2d 0 kernel=4 stride=1 padding=0 channels=6 bias=no initial=normal(0,0.02)\n"
                                            "batch-norm 1 eps=1e-4 momentum=0.2; relu\n conv-transpose2d 3 channels=2 kernel=4 stride=2 padding=1;"
                                            "tanh",
                                            GANTRY_SHAPE (2, 8, 8), &error);
  GantryTensor *latent, *image;

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  latent = gantry_graph_feed (graph, "z", GANTRY_SHAPE (5, 3, 1, 1), GANTRY_FLOAT32);
  image = gantry_network_apply_one (network, latent, "latent", "image", GANTRY_MODE_TRAIN);
  ck_assert_ptr_null (model_finish (graph));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (image), GANTRY_SHAPE (5, 2, 8, 8)));
  ck_assert_double_eq (gantry_graph_find_variable (graph, "generator.0.weight")->initializer.b, 0.02);
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "generator.0.bias"));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "generator.1.running_mean"));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "generator.3.bias"));
}
END_TEST

START_TEST (discriminator)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryNetwork) network = make ("discriminator",
                                            "conv2d conv1 kernel=3 stride=2 padding=1 channels=4; leaky-relu slope=0.1; conv2d kernel=3 "
                                            "stride=2x1 padding=1x0 channels=5 spectral=yes; softplus; sigmoid; flatten; reshape 20x2; flatten;"
                                            "linear fc features=1",
                                            GANTRY_SHAPE (2, 8, 6), &error);
  GantryTensor *image, *logits;

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  image = gantry_graph_feed (graph, "x", GANTRY_SHAPE (7, 2, 8, 6), GANTRY_FLOAT32);
  logits = gantry_network_apply_one (network, image, "image", "logits", GANTRY_MODE_TRAIN);
  (void) logits;
  {
    g_autofree gchar *message = model_finish (graph);

    /* [7, 4, 4, 3] -> [7, 5, 2, 1] has 10 numbers a sample, not 40. */
    ck_assert_ptr_nonnull (message);
    ck_assert_msg (strstr (message, "discriminator (architecture/sequential): item 7 `reshape 20x2`") != NULL, "%s", message);
  }
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "discriminator.conv1.weight"));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "discriminator.2.weight_orig"));
}
END_TEST

/* Every layer once, with its options. */
START_TEST (all_layers)
{
  static const struct {
    const gchar *name;
    GantryShape shape;
  } expected[] = {
    { "discriminator.0.weight_v", { 4, { 8, 2, 3, 3 } } },
    { "discriminator.0.weight_g", { 4, { 8, 1, 1, 1 } } },
    { "discriminator.1.weight", { 1, { 8 } } },
    { "discriminator.norm.weight", { 1, { 8 } } },
    { "discriminator.4.gamma", { 0, { 0 } } },
    { "discriminator.4.theta.weight_orig", { 4, { 1, 8, 1, 1 } } },
    { "discriminator.5.query_conv.bias", { 1, { 1 } } },
    { "discriminator.7.weight", { 3, { 8, 5, 2 } } },
    { "discriminator.8.bias", { 1, { 8 } } },
    { "discriminator.13.weight", { 2, { 1, 8 } } },
  };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryNetwork) network =
    make ("discriminator",
          "conv2d channels=8 kernel=3 padding=1 weight-norm=yes initial=orthogonal(1); group-norm groups=2 eps=1e-3; instance-norm; "
          "instance-norm norm affine=yes; self-attention spectral=yes; self-attention kind=full initial=xavier-uniform(0.5); "
          "average-pool kernel=3x1 stride=2x1 padding=1x0 count-padding=no; layer-norm initial=constant(2); layer-norm per-channel=yes; "
          "dropout p=0.25; upsample factor=1x2 interpolation=bilinear; max-pool kernel=2; global-average-pool; "
          "linear features=1 standardized=yes initial=kaiming-normal(1.4142,fan-out); elu alpha=0.5; selu; silu; gelu",
          GANTRY_SHAPE (2, 9, 2), &error);
  GantryTensor *image, *logits;
  g_autofree gchar *message = NULL;

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  image = gantry_graph_feed (graph, "x", GANTRY_SHAPE (7, 2, 9, 2), GANTRY_FLOAT32);
  logits = gantry_network_apply_one (network, image, "image", "logits", GANTRY_MODE_TRAIN);
  message = model_finish (graph);
  ck_assert_msg (message == NULL, "%s", message);
  ck_assert_uint_eq (gantry_tensor_get_size (logits), 7);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      GantryVariable *variable = gantry_graph_find_variable (graph, expected[i].name);

      ck_assert_msg (variable != NULL, "%s", expected[i].name);
      ck_assert_msg (gantry_shape_equal (&variable->shape, &expected[i].shape), "%s", expected[i].name);
    }
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "discriminator.2.weight"));
  ck_assert_ptr_nonnull (gantry_graph_find_input (graph, "discriminator.9.mask"));
  ck_assert_int_eq (gantry_graph_find_variable (graph, "discriminator.0.weight_v")->initializer.kind, GANTRY_INITIALIZER_ORTHOGONAL);
  ck_assert_double_eq (gantry_graph_find_variable (graph, "discriminator.13.weight")->initializer.b, GANTRY_FAN_OUT);
  ck_assert_double_eq (gantry_graph_find_variable (graph, "discriminator.7.weight")->initializer.a, 2);
}
END_TEST

static const struct {
  const gchar *layers, *message;
} misfits[] = {
  { "relu; linear features=1", "item 2 `linear features=1`: linear: [5, 2, 4, 4], expected [batch, features]: put `flatten` before it" },
  { "flatten; global-average-pool", "item 2 `global-average-pool`: global-average-pool: [5, 32], expected [batch, channels, ...]" },
  { "group-norm groups=3", "item 1 `group-norm groups=3`: 0: group-norm: [5, 2, 4, 4] in 3 groups, expected a number that divides the channels" },
};

START_TEST (misfit)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryNetwork) network = make ("discriminator", misfits[_i].layers, GANTRY_SHAPE (2, 4, 4), NULL);
  GantryTensor *image = gantry_graph_feed (graph, "x", GANTRY_SHAPE (5, 2, 4, 4), GANTRY_FLOAT32);
  g_autofree gchar *message = NULL, *expected = g_strconcat ("discriminator (architecture/sequential): ", misfits[_i].message, NULL);

  gantry_network_apply_one (network, image, "image", "logits", GANTRY_MODE_TRAIN);
  message = model_finish (graph);
  ck_assert_str_eq (message, expected);
}
END_TEST

START_TEST (wrong_image)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryNetwork) network = make ("generator", "flatten; linear features=8; reshape 2x2x2", GANTRY_SHAPE (2, 4, 4), NULL);
  GantryTensor *latent = gantry_graph_feed (graph, "z", GANTRY_SHAPE (5, 3, 1, 1), GANTRY_FLOAT32);
  g_autofree gchar *message = NULL;

  gantry_network_apply_one (network, latent, "latent", "image", GANTRY_MODE_TRAIN);
  message = model_finish (graph);
  ck_assert_str_eq (message, "generator (architecture/sequential): output `image` is [5, 2, 2, 2], but a batch of samples is [5, 2, 4, 4]");
}
END_TEST

static const struct {
  const gchar *layers;
  const gchar *parts[3];
} mistakes[] = {
  { "relu; conv2 channels=1 kernel=3", { "item 2 `conv2 channels=1 kernel=3`", "no layer `conv2`", "`conv2d`" } },
  { "linear feature=1", { "item 1", "no option `feature` of linear", "`features`" } },
  { "linear", { "item 1 `linear`", "needs `features=`" } },
  { "conv2d channels=4", { "needs `kernel=`" } },
  { "conv2d channels=0 kernel=3", { "`channels=0`", "a whole number from 1" } },
  { "conv2d channels=4 kernel=3 stride=0", { "`stride=0`", "from 1" } },
  { "conv2d channels=4 kernel=3 stride=1x2x3", { "`stride=1x2x3`", "2x1" } },
  { "conv2d channels=4 kernel=3 padding=-1", { "`padding=-1`", "from 0" } },
  { "linear features=2 bias=maybe", { "`bias=maybe`", "yes or no" } },
  { "linear features=2 features=3", { "`features` is said twice" } },
  { "linear features=2 fc", { "`fc`", "expected KEY=VALUE" } },
  { "linear features=2 initial=gauss(0,1)", { "`initial=gauss(0,1)`", "normal(MEAN,DEVIATION)" } },
  { "linear features=2 initial=normal(0)", { "`initial=normal(0)`" } },
  { "linear features=2 initial=uniform(1,0)", { "`initial=uniform(1,0)`" } },
  { "leaky-relu slope=x", { "`slope=x`", "a number from 0" } },
  { "group-norm", { "needs `groups=`" } },
  { "dropout", { "needs `p=`" } },
  { "dropout p=1", { "`p=1`", "from 0 to below 1" } },
  { "max-pool", { "needs `kernel=`" } },
  { "max-pool kernel=0", { "`kernel=0`", "from 1" } },
  { "max-pool pool kernel=2", { "`pool`", "takes no name" } },
  { "upsample factor=2 interpolation=cubic", { "`interpolation=cubic`", "nearest, bilinear or bicubic" } },
  { "self-attention kind=half", { "`kind=half`", "pooled or full" } },
  { "instance-norm momentum=0.1", { "no option `momentum` of instance-norm" } },
  { "linear features=2 spectral=yes weight-norm=yes", { "one of spectral=, weight-norm= and standardized= at most" } },
  { "linear features=2 initial=kaiming-normal(1,fan)", { "`initial=kaiming-normal(1,fan)`", "fan-out" } },
  { "linear features=2 initial=truncated-normal(1,0)", { "`initial=truncated-normal(1,0)`" } },
  { "linear features=2 initial=orthogonal(-1)", { "`initial=orthogonal(-1)`" } },
  { "linear features=2 initial=normal(0,-1)", { "`initial=normal(0,-1)`" } },
  { "relu act", { "`act`", "takes no name" } },
  { "relu slope=1", { "no option `slope`", "relu takes none" } },
  { "reshape", { "needs dimensions", "128x4x4" } },
  { "reshape 4xx4", { "`4xx4`", "128x4x4" } },
  { "linear a.. features=1", { "`a..` is no name" } },
  { "linear a features=1; linear a features=2", { "item 2", "the name `a` is taken" } },
  { "linear 1 features=1; linear features=2", { "item 2", "the name `1` is taken" } },
};

START_TEST (mistake)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryNetwork) network = make ("discriminator", mistakes[_i].layers, GANTRY_SHAPE (2, 8, 8), &error);

  ck_assert_ptr_null (network);
  ck_assert (g_str_has_prefix (error->message, "discriminator (architecture/sequential): layers: item"));
  for (guint i = 0; i < G_N_ELEMENTS (mistakes[_i].parts) && mistakes[_i].parts[i] != NULL; i++)
    ck_assert_msg (strstr (error->message, mistakes[_i].parts[i]) != NULL, "`%s` has no `%s`", error->message, mistakes[_i].parts[i]);
}
END_TEST

START_TEST (nothing_listed)
{
  g_autoptr (GantryArchitecture) sequential = model_create ("architecture", "sequential", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_network_new ("d", "discriminator", sequential, GANTRY_SHAPE (1), &error));
  ck_assert_str_eq (error->message, "d (architecture/sequential): layers: no layers are listed");
}
END_TEST

START_TEST (wrong_latent_shape)
{
  g_autoptr (GantryArchitecture) sequential = model_create ("architecture", "sequential", "layers", "relu", "latent", "3y3", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_network_new ("g", "generator", sequential, GANTRY_SHAPE (1), &error));
  ck_assert_msg (strstr (error->message, "latent: `3y3`") != NULL, "%s", error->message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("sequential");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, generator);
  tcase_add_test (tests, discriminator);
  tcase_add_test (tests, all_layers);
  tcase_add_loop_test (tests, misfit, 0, G_N_ELEMENTS (misfits));
  tcase_add_test (tests, wrong_image);
  tcase_add_loop_test (tests, mistake, 0, G_N_ELEMENTS (mistakes));
  tcase_add_test (tests, nothing_listed);
  tcase_add_test (tests, wrong_latent_shape);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
