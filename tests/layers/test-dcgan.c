/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and shapes of DCGAN's variables, other resolutions, and what it refuses. */
#include "layers/model.h"

typedef struct {
  const gchar *name;
  GantryShape shape;
} Expected;

static GantryNetwork *
make (const gchar *role, gpointer architecture, const GantryShape *sample)
{
  g_autoptr (GError) error = NULL;
  GantryNetwork *network = gantry_network_new (role, role, architecture, sample, &error);

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  return network;
}

static GantryTensor *
apply (GantryGraph *graph, GantryNetwork *network, gsize batch)
{
  const gboolean generator = g_str_equal (gantry_network_get_role (network), "generator");
  GantryShape shape = generator ? *gantry_network_get_latent_shape (network) : *gantry_network_get_sample_shape (network);
  GantryTensor *x;

  memmove (shape.dims + 1, shape.dims, shape.n_dims * sizeof shape.dims[0]);
  shape.dims[0] = batch;
  shape.n_dims++;
  x = gantry_graph_feed (graph, "x", &shape, gantry_graph_get_dtype (graph));
  return gantry_network_apply_one (network, x, generator ? "latent" : "image", generator ? "image" : "logits", GANTRY_MODE_TRAIN);
}

static void
check_variables (GantryGraph *graph, const Expected *expected, gsize n)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (graph);
  gsize found = 0;

  for (guint i = 0; i < variables->len; i++)
    {
      const GantryVariable *variable = variables->pdata[i];

      if (strstr (variable->name, "running") != NULL || strstr (variable->name, "num_batches") != NULL)
        {
          ck_assert (!variable->trainable);
          continue;
        }
      ck_assert_uint_lt (found, n);
      ck_assert_str_eq (variable->name, expected[found].name);
      ck_assert_msg (gantry_shape_equal (&variable->shape, &expected[found].shape), "%s", variable->name);
      ck_assert (variable->trainable);
      found++;
    }
  ck_assert_uint_eq (found, n);
}

#define C(name, ...) { name, { 4, { __VA_ARGS__ } } }
#define N(prefix, n) { prefix ".weight", { 1, { n } } }, { prefix ".bias", { 1, { n } } }

START_TEST (published_generator)
{
  static const Expected expected[] = {
    C ("generator.main.0.weight", 100, 512, 4, 4), N ("generator.main.1", 512),
    C ("generator.main.3.weight", 512, 256, 4, 4), N ("generator.main.4", 256),
    C ("generator.main.6.weight", 256, 128, 4, 4), N ("generator.main.7", 128),
    C ("generator.main.9.weight", 128, 64, 4, 4),  N ("generator.main.10", 64),
    C ("generator.main.12.weight", 64, 3, 4, 4),
  };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", NULL);
  g_autoptr (GantryNetwork) network = make ("generator", dcgan, GANTRY_SHAPE (3, 64, 64));
  GantryTensor *image = apply (graph, network, 2);

  ck_assert_ptr_null (model_finish (graph));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (image), GANTRY_SHAPE (2, 3, 64, 64)));
  check_variables (graph, expected, G_N_ELEMENTS (expected));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "generator.main.10.running_var"));
  ck_assert_int_eq (gantry_graph_find_variable (graph, "generator.main.1.num_batches_tracked")->dtype, GANTRY_INT64);
  ck_assert_double_eq (gantry_graph_find_variable (graph, "generator.main.0.weight")->initializer.b, 0.02);
  ck_assert_double_eq (gantry_graph_find_variable (graph, "generator.main.1.weight")->initializer.a, 1);
  ck_assert_double_eq (gantry_graph_find_variable (graph, "generator.main.1.weight")->initializer.b, 0.02);
}
END_TEST

START_TEST (published_discriminator)
{
  static const Expected expected[] = {
    C ("discriminator.main.0.weight", 64, 3, 4, 4),
    C ("discriminator.main.2.weight", 128, 64, 4, 4),  N ("discriminator.main.3", 128),
    C ("discriminator.main.5.weight", 256, 128, 4, 4), N ("discriminator.main.6", 256),
    C ("discriminator.main.8.weight", 512, 256, 4, 4), N ("discriminator.main.9", 512),
    C ("discriminator.main.11.weight", 1, 512, 4, 4),
  };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", NULL);
  g_autoptr (GantryNetwork) network = make ("discriminator", dcgan, GANTRY_SHAPE (3, 64, 64));
  GantryTensor *logits = apply (graph, network, 2);

  ck_assert_ptr_null (model_finish (graph));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (logits), GANTRY_SHAPE (2)));
  check_variables (graph, expected, G_N_ELEMENTS (expected));
}
END_TEST

START_TEST (resolutions)
{
  static const gsize sizes[] = { 8, 16, 32, 128 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
      g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", "width", "2", "latent", "5", NULL);
      g_autoptr (GantryArchitecture) mirror = model_create ("architecture", "dcgan", "width", "2", NULL);
      g_autoptr (GantryNetwork) generator = make ("generator", dcgan, GANTRY_SHAPE (1, sizes[i], sizes[i]));
      g_autoptr (GantryNetwork) discriminator = make ("discriminator", mirror, GANTRY_SHAPE (1, sizes[i], sizes[i]));
      GantryTensor *image = apply (graph, generator, 3);
      GantryTensor *logits = gantry_network_apply_one (discriminator, image, "image", "logits", GANTRY_MODE_TRAIN);

      ck_assert_ptr_null (model_finish (graph));
      ck_assert (gantry_shape_equal (gantry_tensor_get_shape (image), GANTRY_SHAPE (3, 1, sizes[i], sizes[i])));
      ck_assert (gantry_shape_equal (gantry_tensor_get_shape (logits), GANTRY_SHAPE (3)));
      ck_assert_uint_eq (gantry_graph_find_variable (graph, "generator.main.0.weight")->shape.dims[1], sizes[i] / 8 * 2);
      ck_assert_uint_eq (gantry_graph_find_variable (graph, "generator.main.0.weight")->shape.dims[0], 5);
    }
}
END_TEST

START_TEST (spectral)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", "normalization", "spectral", "width", "4", NULL);
  g_autoptr (GantryNetwork) network = make ("discriminator", dcgan, GANTRY_SHAPE (1, 32, 32));

  apply (graph, network, 2);
  ck_assert_ptr_null (model_finish (graph));
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "discriminator.main.0.weight_orig"));
  ck_assert_uint_eq (gantry_graph_find_variable (graph, "discriminator.main.2.weight_u")->shape.dims[0], 8);
  ck_assert_uint_eq (gantry_graph_find_variable (graph, "discriminator.main.2.weight_v")->shape.dims[0], 4 * 16);
  ck_assert_ptr_nonnull (gantry_graph_find_variable (graph, "discriminator.main.2.bias"));
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "discriminator.main.3.weight"));
  ck_assert_ptr_null (gantry_graph_find_variable (graph, "discriminator.main.2.weight"));
}
END_TEST

START_TEST (latent_of_a_discriminator)
{
  g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", "latent", "5", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_network_new ("critic", "discriminator", dcgan, GANTRY_SHAPE (1, 32, 32), &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_ptr_nonnull (strstr (error->message, "latent=5: a discriminator takes no latents"));
}
END_TEST

static void
assert_refused (const gchar *role, const GantryShape *sample, const gchar *const *parts)
{
  g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_network_new ("faces", role, dcgan, sample, &error));
  ck_assert_ptr_nonnull (error);
  for (guint i = 0; parts[i] != NULL; i++)
    ck_assert_msg (strstr (error->message, parts[i]) != NULL, "`%s` has no `%s`", error->message, parts[i]);
}

START_TEST (refusals)
{
  static const gchar *const shape[] = { "faces (architecture/dcgan)", "[1, 28, 28]", "8, 16, 32, 64", NULL };
  static const gchar *const oblong[] = { "[1, 32, 64]", NULL };
  static const gchar *const point[] = { "[2]", NULL };
  static const gchar *const role[] = { "`generatr`", "nearest is `generator`", NULL };

  assert_refused ("generator", GANTRY_SHAPE (1, 28, 28), shape);
  assert_refused ("discriminator", GANTRY_SHAPE (1, 32, 64), oblong);
  assert_refused ("discriminator", GANTRY_SHAPE (1, 4, 4), (const gchar *const[]) { "[1, 4, 4]", NULL });
  assert_refused ("generator", GANTRY_SHAPE (2), point);
  assert_refused ("generatr", GANTRY_SHAPE (1, 32, 32), role);
}
END_TEST

START_TEST (wrong_latent)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryArchitecture) dcgan = model_create ("architecture", "dcgan", NULL);
  g_autoptr (GantryNetwork) network = make ("generator", dcgan, GANTRY_SHAPE (1, 32, 32));
  GantryTensor *latent = gantry_graph_feed (graph, "z", GANTRY_SHAPE (4, 128), GANTRY_FLOAT32);
  GantryTensor *image = gantry_network_apply_one (network, latent, "latent", "image", GANTRY_MODE_TRAIN);
  g_autofree gchar *message = model_finish (graph);

  ck_assert_str_eq (message, "generator (architecture/dcgan): input `latent` is [4, 128], expected [4, 100, 1, 1]");
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (image), GANTRY_SHAPE (4, 1, 32, 32)));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("dcgan");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, published_generator);
  tcase_add_test (tests, published_discriminator);
  tcase_add_test (tests, resolutions);
  tcase_add_test (tests, spectral);
  tcase_add_test (tests, latent_of_a_discriminator);
  tcase_add_test (tests, refusals);
  tcase_add_test (tests, wrong_latent);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
