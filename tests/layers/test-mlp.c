/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fully connected networks: names, shapes, values, what they refuse; labels by concatenation, there and in DCGAN. */
#include "layers/model.h"

#include <math.h>

static GantryNetwork *
make (const gchar *role, gpointer architecture, const GantryShape *sample)
{
  g_autoptr (GError) error = NULL;
  GantryNetwork *network = gantry_network_new (role, role, architecture, sample, &error);

  ck_assert_msg (network != NULL, "%s", error != NULL ? error->message : "");
  return network;
}

static GantryTensor *
feed (GantryGraph *graph, const gchar *name, gsize batch, const GantryShape *one, GantryDType dtype)
{
  GantryShape shape = *one;

  memmove (shape.dims + 1, shape.dims, shape.n_dims * sizeof shape.dims[0]);
  shape.dims[0] = batch;
  shape.n_dims++;
  return gantry_graph_feed (graph, name, &shape, dtype);
}

static GantryTensor *
apply (GantryGraph *graph, GantryNetwork *network, gsize batch)
{
  const gboolean generator = g_str_equal (gantry_network_get_role (network), "generator");
  const gchar *sample = gantry_sample_name (gantry_network_get_sample_shape (network));
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  const GantryShape *one = generator ? gantry_network_get_latent_shape (network) : gantry_network_get_sample_shape (network);

  gantry_tensors_set (inputs, generator ? "latent" : sample, feed (graph, "x", batch, one, gantry_graph_get_dtype (graph)));
  if (gantry_network_get_classes (network) > 0)
    gantry_tensors_set (inputs, "label", feed (graph, "label", batch, GANTRY_SCALAR, GANTRY_INT64));
  return gantry_network_apply_named (network, graph, inputs, generator ? sample : "logits", GANTRY_MODE_TRAIN);
}

static const struct {
  const gchar *role;
  const gchar *normalization;
  const gchar *names;
} named[] = {
  { "generator", "none", "generator.main.0.weight [8, 5];generator.main.0.bias [8];generator.main.2.weight [8, 8];generator.main.2.bias [8];"
                         "generator.main.4.weight [12, 8];generator.main.4.bias [12];" },
  { "generator", "batch", "generator.main.0.weight [8, 5];generator.main.1.weight [8];generator.main.1.bias [8];generator.main.3.weight [8, 8];"
                          "generator.main.4.weight [8];generator.main.4.bias [8];generator.main.6.weight [12, 8];generator.main.6.bias [12];" },
  { "discriminator", "batch", "discriminator.main.0.weight [8, 12];discriminator.main.0.bias [8];discriminator.main.2.weight [8, 8];"
                              "discriminator.main.3.weight [8];discriminator.main.3.bias [8];discriminator.main.5.weight [1, 8];"
                              "discriminator.main.5.bias [1];" },
  { "discriminator", "spectral", "discriminator.main.0.weight_orig [8, 12];discriminator.main.0.bias [8];discriminator.main.2.weight_orig [8, 8];"
                                 "discriminator.main.2.bias [8];discriminator.main.4.weight_orig [1, 8];discriminator.main.4.bias [1];" },
};

START_TEST (names_and_shapes)
{
  const gboolean generator = g_str_equal (named[_i].role, "generator");
  g_autoptr (GantryArchitecture) architecture = model_create ("architecture", "mlp", "layers", "2", "width", "8", "normalization",
                                                              named[_i].normalization, "latent", generator ? "5" : "64", NULL);
  g_autoptr (GantryNetwork) network = make (named[_i].role, architecture, GANTRY_SHAPE (3, 2, 2));
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GPtrArray) variables = NULL;
  g_autoptr (GString) found = g_string_new (NULL);
  GantryTensor *y = apply (graph, network, 4);

  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (y), generator ? GANTRY_SHAPE (4, 3, 2, 2) : GANTRY_SHAPE (4)));
  variables = gantry_graph_list_variables (graph);
  for (guint i = 0; i < variables->len; i++)
    {
      const GantryVariable *variable = variables->pdata[i];
      g_autofree gchar *shape = gantry_shape_to_string (&variable->shape);

      if (variable->trainable)
        g_string_append_printf (found, "%s %s;", variable->name, shape);
    }
  ck_assert_str_eq (found->str, named[_i].names);
}
END_TEST

/* The one-dimensional game of textbooks: G(z) = w0 + w1 z, and a discriminator that is a quadratic function. */
START_TEST (polynomials)
{
  static const gdouble x[] = { -1, 0, 2 }, slope[] = { 3 }, offset[] = { 0.5 }, powers[] = { 2, -1 };
  g_autoptr (GantryArchitecture) line = model_create ("architecture", "mlp", "layers", "0", "latent", "1", NULL);
  g_autoptr (GantryArchitecture) square = model_create ("architecture", "mlp", "layers", "0", "powers", "2", NULL);
  g_autoptr (GantryNetwork) generator = make ("generator", line, GANTRY_SHAPE (1));
  g_autoptr (GantryNetwork) discriminator = make ("discriminator", square, GANTRY_SHAPE (1));

  for (guint n = 0; n < 2; n++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      g_autoptr (GantryState) state = gantry_state_new (1);
      g_autoptr (GantryProgram) program = NULL;

      gantry_graph_output (graph, "y", apply (graph, n == 0 ? generator : discriminator, 3));
      program = model_compile (graph, state);
      model_set (state, n == 0 ? "generator.main.0.weight" : "discriminator.main.0.weight", n == 0 ? slope : powers);
      model_set (state, n == 0 ? "generator.main.0.bias" : "discriminator.main.0.bias", offset);
      model_bind (program, "x", x);
      model_run (program);
      for (guint i = 0; i < 3; i++)
        assert_near (model_output (program, "y", i), n == 0 ? 0.5 + 3 * x[i] : 0.5 + 2 * x[i] - x[i] * x[i], 1e-14);
    }
}
END_TEST

static const struct {
  const gchar *activation;
  gdouble value; /* of -0.5 */
} activations[] = {
  { "leaky-relu", -0.5 * 0.3 }, { "relu", 0 },  { "tanh", -0.46211715726000975 }, { "sigmoid", 0.37754066879814541 },
  { "softplus", 0.47407698418010663 },
};

START_TEST (activation)
{
  static const gdouble x[] = { -0.5 }, one[] = { 1 }, zero[] = { 0 };
  g_autoptr (GantryArchitecture) architecture =
    model_create ("architecture", "mlp", "layers", "1", "width", "1", "slope", "0.3", "activation", activations[_i].activation, NULL);
  g_autoptr (GantryNetwork) network = make ("discriminator", architecture, GANTRY_SHAPE (1));
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", apply (graph, network, 1));
  program = model_compile (graph, state);
  model_set (state, "discriminator.main.0.weight", one);
  model_set (state, "discriminator.main.0.bias", zero);
  model_set (state, "discriminator.main.2.weight", one);
  model_set (state, "discriminator.main.2.bias", zero);
  model_bind (program, "x", x);
  model_run (program);
  assert_near (model_output (program, "y", 0), activations[_i].value, 1e-14);
}
END_TEST

static const struct {
  const gchar *architecture;
  const gchar *role;
  GantryShape sample;
  const gchar *variable; /* the first weight; its axis 1, or a transposed convolution's 0, is the input's */
  GantryShape shape;
} conditional[] = {
  { "mlp", "generator", { 1, { 2 } }, "generator.main.0.weight", { 2, { 4, 64 + 3 } } },
  { "mlp", "discriminator", { 3, { 1, 2, 2 } }, "discriminator.main.0.weight", { 2, { 4, 4 + 3 } } },
  { "dcgan", "generator", { 3, { 1, 8, 8 } }, "generator.main.0.weight", { 4, { 100 + 3, 4, 4, 4 } } },
  { "dcgan", "discriminator", { 3, { 1, 8, 8 } }, "discriminator.main.0.weight", { 4, { 4, 1 + 3, 4, 4 } } },
};

/* Equal inputs of different classes differ, and of equal classes do not. */
START_TEST (labels)
{
  g_autoptr (GantryArchitecture) architecture =
    model_create ("architecture", conditional[_i].architecture, "width", "4", "normalization", "none", "conditional", "concatenate", "classes", "3",
                  NULL);
  g_autoptr (GantryNetwork) network = make (conditional[_i].role, architecture, &conditional[_i].sample);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *y = apply (graph, network, 4);
  const gsize size = gantry_tensor_get_size (y) / 4;
  gint64 *classes;
  gdouble apart = 0;

  ck_assert_uint_eq (gantry_network_get_classes (network), 3);
  ck_assert (gantry_shape_equal (&gantry_graph_find_variable (graph, conditional[_i].variable)->shape, &conditional[_i].shape));
  gantry_graph_output (graph, "y", y);
  program = model_compile (graph, state);
  classes = gantry_array_get_data (gantry_program_get_input (program, "label"));
  memcpy (classes, ((const gint64[]) { 0, 2, 0, 1 }), 4 * sizeof *classes);
  for (gsize i = 0; i < gantry_array_get_size (gantry_program_get_input (program, "x")); i++)
    gantry_array_set_double (gantry_program_get_input (program, "x"), i, 0.1);
  model_run (program);
  for (gsize i = 0; i < size; i++)
    {
      assert_near (model_output (program, "y", i), model_output (program, "y", 2 * size + i), 1e-14);
      apart += fabs (model_output (program, "y", i) - model_output (program, "y", size + i));
    }
  ck_assert_double_gt (apart, 1e-6);
}
END_TEST

static const struct {
  const gchar *role;
  const gchar *properties[5];
  const gchar *message;
} faults[] = {
  { "critic", { NULL }, "critic (architecture/mlp): no role `critic`: expected generator or discriminator*" },
  { "discriminator", { "latent", "8" }, "*latent=8: a discriminator has no use for it: the generator's section is the place" },
  { "generator", { "powers", "2" }, "*powers=2: a generator has no use for it: the discriminator's section is the place" },
  { "generator", { "classes", "10" }, "*classes=10 with conditional=none: only conditional=concatenate has a use for classes" },
  { "generator", { "conditional", "concatenate" }, "*conditional=concatenate without classes=: how many the labels tell apart" },
};

START_TEST (refused)
{
  g_autoptr (GantryArchitecture) architecture = model_create ("architecture", "mlp", faults[_i].properties[0], faults[_i].properties[1], NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryNetwork) network = gantry_network_new (faults[_i].role, faults[_i].role, architecture, GANTRY_SHAPE (2), &error);

  ck_assert_ptr_null (network);
  ck_assert_msg (g_pattern_match_simple (faults[_i].message, error->message), "%s", error->message);
}
END_TEST

START_TEST (label_is_missing)
{
  g_autoptr (GantryArchitecture) architecture = model_create ("architecture", "mlp", "conditional", "concatenate", "classes", "3", NULL);
  g_autoptr (GantryNetwork) network = make ("discriminator", architecture, GANTRY_SHAPE (2));
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autofree gchar *message = NULL;

  gantry_network_apply_one (network, gantry_graph_feed (graph, "x", GANTRY_SHAPE (4, 2), GANTRY_FLOAT64), "point", "logits", GANTRY_MODE_TRAIN);
  message = model_finish (graph);
  ck_assert_ptr_nonnull (message);
  ck_assert_msg (strstr (message, "applied without an input `label`, which role `discriminator` needs") != NULL, "%s", message);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("mlp");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, names_and_shapes, 0, G_N_ELEMENTS (named));
  tcase_add_test (tests, polynomials);
  tcase_add_loop_test (tests, activation, 0, G_N_ELEMENTS (activations));
  tcase_add_loop_test (tests, labels, 0, G_N_ELEMENTS (conditional));
  tcase_add_loop_test (tests, refused, 0, G_N_ELEMENTS (faults));
  tcase_add_test (tests, label_is_missing);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
