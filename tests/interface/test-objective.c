/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A player's objective and its named terms, and losses that give what they must not. */
#include <gantry/gantry.h>

#include <check.h>

GANTRY_DECLARE_COMPONENT (OddLoss, odd_loss, GANTRY_TYPE_LOSS)

static const GantryProperty odd_loss_properties[] = {
  GANTRY_ENUM ("does", "right|nothing|vector|foreign|integers|shapes|twice", "right", 0, "what it gives"),
  GANTRY_END
};

static GantryTensor *
odd_loss_discriminator (GantryLoss *self, const GantryLossInput *in)
{
  const gchar *does = gantry_component_get_enum (self, "does");
  GantryTensor *mean = gantry_mean (in->real_logits);

  if (g_str_equal (does, "nothing"))
    return NULL;
  if (g_str_equal (does, "vector"))
    return in->fake_logits;
  if (g_str_equal (does, "foreign"))
    return gantry_component_get_data (self);
  if (g_str_equal (does, "integers"))
    return gantry_cast (mean, GANTRY_INT64);
  if (g_str_equal (does, "shapes"))
    return gantry_mean (gantry_sub (in->real_logits, gantry_constant_array (in->context.graph, GANTRY_SHAPE (3), (const gdouble[]) { 1, 2, 3 })));
  gantry_publish (in, "real", mean);
  if (g_str_equal (does, "twice"))
    gantry_publish (in, "real", mean);
  return mean;
}

static GantryTensor *
odd_loss_generator (GantryLoss *self, const GantryLossInput *in)
{
  ck_assert_ptr_null (in->real);
  ck_assert_ptr_null (in->real_logits);
  return gantry_mean (in->fake_logits);
}

static void
odd_loss_interface (GantryLossInterface *iface)
{
  iface->discriminator = odd_loss_discriminator;
  iface->generator = odd_loss_generator;
}

GANTRY_PLUGIN (OddLoss, odd_loss, loss, "odd", "1.0", "Gives what it is told")

/* A regularizer for one side. */
static GantryTensor *
size_penalty (GantryRegularizer *self, const GantryRegularizerInput *in)
{
  GantryTensor *size;

  if (in->side == GANTRY_SIDE_GENERATOR)
    return NULL;
  size = gantry_mean (gantry_square (in->real_logits));
  gantry_publish (in, "size", size);
  return gantry_scale (size, 0.1);
}

/* Halves weights, leaves biases alone, and gives what it must not of anything else. */
static GantryTensor *
size_constrain (GantryRegularizer *self, const GantryConstraintInput *in)
{
  if (g_str_has_suffix (in->name, ".bias"))
    return NULL;
  return g_str_has_suffix (in->name, ".weight") ? gantry_scale (in->parameter, 0.5) : gantry_mean (in->parameter);
}

static void
size_interface (gpointer iface, gpointer data G_GNUC_UNUSED)
{
  ((GantryRegularizerInterface *) iface)->penalty = size_penalty;
  ((GantryRegularizerInterface *) iface)->constrain = size_constrain;
}

static void
size_class (gpointer klass G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static GType size_get_type (void);

static const GantryPluginDescriptor size_info = { "GANTRY-1",    GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, sizeof size_info, "regularizer", "size", "1.0",
                                                  "CC0-1.0", "Size of logits", "tests",          size_get_type };

static GType
size_get_type (void)
{
  return gantry_plugin_register_type (&size_info, GANTRY_TYPE_REGULARIZER, sizeof (OddLoss), size_class, size_interface);
}

typedef struct {
  GantryGraph *graph;
  GPtrArray *losses;
  GPtrArray *regularizers;
  GPtrArray *matches;
  GantryTensors *terms;
  GantryTensors *real_outputs;
  GantryTensors *fake_outputs;
  GantryMatch match;
} Fixture;

static gpointer
make_component (GType type, const gchar *kind, const gchar *name, const gchar *instance)
{
  GantryComponent *component = g_object_new (type, NULL);

  gantry_component_set_identity (component, kind, name, instance);
  return component;
}

static GantryTensor *
feed (Fixture *f, const gchar *name)
{
  return gantry_graph_feed (f->graph, name, GANTRY_SHAPE (4, 1), GANTRY_FLOAT32);
}

static void
fixture_init (Fixture *f)
{
  f->graph = gantry_graph_new (GANTRY_FLOAT32);
  f->losses = g_ptr_array_new_with_free_func (g_object_unref);
  f->regularizers = g_ptr_array_new_with_free_func (g_object_unref);
  f->matches = g_ptr_array_new ();
  f->terms = gantry_tensors_new ();
  f->real_outputs = gantry_tensors_new ();
  f->fake_outputs = gantry_tensors_new ();
  gantry_tensors_set (f->real_outputs, "logits", feed (f, "real-logits"));
  gantry_tensors_set (f->fake_outputs, "logits", feed (f, "fake-logits"));
  f->match = (GantryMatch) { sizeof f->match, "main", NULL, feed (f, "real"), feed (f, "fake"), f->real_outputs, f->fake_outputs };
  g_ptr_array_add (f->matches, &f->match);
  g_ptr_array_add (f->losses, make_component (gantry_plugin_info.get_type (), "loss", "odd", NULL));
}

static void
fixture_clear (Fixture *f)
{
  g_ptr_array_unref (f->losses);
  g_ptr_array_unref (f->regularizers);
  g_ptr_array_unref (f->matches);
  gantry_tensors_unref (f->terms);
  gantry_tensors_unref (f->real_outputs);
  gantry_tensors_unref (f->fake_outputs);
  g_object_unref (f->graph);
}

static GantryTensor *
build (Fixture *f, GantrySide side)
{
  return gantry_objective_build (f->graph, side, f->losses, f->regularizers, f->matches, f->terms);
}

static void
assert_terms (Fixture *f, const gchar *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < gantry_tensors_get_n (f->terms); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", gantry_tensors_get_name (f->terms, i));
  ck_assert_str_eq (names->str, expected);
}

static void
assert_error (Fixture *f, const gchar *expected)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_graph_finish (f->graph, &error));
  ck_assert_str_eq (error->message, expected);
}

START_TEST (terms)
{
  Fixture f;
  GantryTensor *objective;

  fixture_init (&f);
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", NULL));
  objective = build (&f, GANTRY_SIDE_DISCRIMINATOR);
  ck_assert (gantry_graph_finish (f.graph, NULL));
  ck_assert_uint_eq (gantry_tensor_get_n_dims (objective), 0);
  assert_terms (&f, "loss.real loss size.size size");
  ck_assert (gantry_tensor_depends_on (objective, gantry_tensors_get (f.terms, "size")));
  ck_assert (gantry_tensor_depends_on (objective, gantry_tensors_get (f.terms, "loss")));
  fixture_clear (&f);
}
END_TEST

/* One after the other, on what was assigned before. */
START_TEST (constraints)
{
  Fixture f;
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  GantryVariable *weight, *bias;
  GantryTensor *stepped, *constrained;

  fixture_init (&f);
  for (guint i = 0; i < 2; i++)
    g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", i == 0 ? "a" : "b"));
  weight = gantry_graph_variable (f.graph, "d.weight", GANTRY_SHAPE (3), GANTRY_FLOAT32, NULL, TRUE);
  bias = gantry_graph_variable (f.graph, "d.bias", GANTRY_SHAPE (3), GANTRY_FLOAT32, NULL, TRUE);
  g_ptr_array_add (variables, weight);
  g_ptr_array_add (variables, bias);
  stepped = gantry_offset (gantry_graph_read (f.graph, weight), 1);
  gantry_graph_assign (f.graph, weight, stepped);
  gantry_regularizers_constrain (f.regularizers, f.graph, GANTRY_SIDE_DISCRIMINATOR, variables);
  constrained = gantry_graph_get_assigned (f.graph, weight);
  ck_assert_str_eq (gantry_tensor_get_op_name (constrained), "scale");
  ck_assert_ptr_eq (gantry_tensor_get_input (gantry_tensor_get_input (constrained, 0), 0), stepped);
  ck_assert_ptr_null (gantry_graph_get_assigned (f.graph, bias));
  ck_assert (gantry_graph_finish (f.graph, NULL));
  fixture_clear (&f);
}
END_TEST

START_TEST (wrong_constraint)
{
  Fixture f;
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();

  fixture_init (&f);
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", NULL));
  g_ptr_array_add (variables, gantry_graph_variable (f.graph, "d.factor", GANTRY_SHAPE (3), GANTRY_FLOAT32, NULL, TRUE));
  gantry_regularizers_constrain (f.regularizers, f.graph, GANTRY_SIDE_DISCRIMINATOR, variables);
  assert_error (&f, "regularizer/size: constrain: d.factor: the plugin gave [], expected [3]");
  fixture_clear (&f);
}
END_TEST

START_TEST (generators_side)
{
  Fixture f;
  GantryTensor *objective;

  fixture_init (&f);
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", NULL));
  objective = build (&f, GANTRY_SIDE_GENERATOR);
  ck_assert (gantry_graph_finish (f.graph, NULL));
  assert_terms (&f, "loss");
  ck_assert_ptr_eq (objective, gantry_tensors_get (f.terms, "loss"));
  ck_assert (!gantry_tensor_depends_on (objective, gantry_tensors_get (f.real_outputs, "logits")));
  fixture_clear (&f);
}
END_TEST

START_TEST (several_losses)
{
  Fixture f;

  fixture_init (&f);
  g_ptr_array_add (f.losses, make_component (gantry_plugin_info.get_type (), "loss", "odd", "second"));
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", "a"));
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", "b"));
  build (&f, GANTRY_SIDE_DISCRIMINATOR);
  ck_assert (gantry_graph_finish (f.graph, NULL));
  assert_terms (&f, "loss.odd.real loss.odd loss.second.real loss.second loss a.size a b.size b");
  fixture_clear (&f);
}
END_TEST

START_TEST (several_matches)
{
  Fixture f;
  GantryMatch second;

  fixture_init (&f);
  second = f.match;
  f.match.name = "there";
  second.name = "back";
  g_ptr_array_add (f.matches, &second);
  build (&f, GANTRY_SIDE_DISCRIMINATOR);
  ck_assert (gantry_graph_finish (f.graph, NULL));
  assert_terms (&f, "loss.there.real loss.there loss.back.real loss.back loss");
  fixture_clear (&f);
}
END_TEST

START_TEST (same_name)
{
  Fixture f;

  fixture_init (&f);
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", "loss"));
  build (&f, GANTRY_SIDE_DISCRIMINATOR);
  assert_error (&f, "two terms of the objective are called `loss`: name one of the components otherwise");
  fixture_clear (&f);
}
END_TEST

START_TEST (nothing_to_minimise)
{
  Fixture f;

  fixture_init (&f);
  g_ptr_array_set_size (f.losses, 0);
  g_ptr_array_add (f.regularizers, make_component (size_get_type (), "regularizer", "size", NULL));
  ck_assert (gantry_tensor_is_poisoned (build (&f, GANTRY_SIDE_GENERATOR)));
  assert_error (&f, "no loss and no regularizer gives the generator's side anything to minimise");
  fixture_clear (&f);
}
END_TEST

static const struct {
  const gchar *does;
  const gchar *message;
} faults[] = {
  { "nothing", "loss/odd: discriminator: loss: the plugin gave no tensor, expected one of shape []" },
  { "vector", "loss/odd: discriminator: loss: the plugin gave [4, 1], expected [], a scalar such as a mean" },
  { "foreign", "loss/odd: discriminator: loss: the plugin gave a tensor of another graph" },
  { "integers", "loss/odd: discriminator: loss: the plugin gave int64, expected float32" },
  { "twice", "loss/odd: discriminator: publish `real`: `loss.real` is there already" },
};

START_TEST (fault)
{
  g_autoptr (GantryGraph) other = gantry_graph_new (GANTRY_FLOAT32);
  Fixture f;

  fixture_init (&f);
  ck_assert (gantry_component_set (f.losses->pdata[0], "does", faults[_i].does, NULL));
  gantry_component_set_data (f.losses->pdata[0], gantry_constant (other, 1), NULL);
  build (&f, GANTRY_SIDE_DISCRIMINATOR);
  assert_error (&f, faults[_i].message);
  fixture_clear (&f);
}
END_TEST

START_TEST (impossible_shapes)
{
  g_autoptr (GError) error = NULL;
  Fixture f;

  fixture_init (&f);
  gantry_tensors_set (f.real_outputs, "logits", gantry_graph_feed (f.graph, "four", GANTRY_SHAPE (4), GANTRY_FLOAT32));
  ck_assert (gantry_component_set (f.losses->pdata[0], "does", "shapes", NULL));
  build (&f, GANTRY_SIDE_DISCRIMINATOR);
  ck_assert (!gantry_graph_finish (f.graph, &error));
  ck_assert_msg (g_str_has_prefix (error->message, "loss/odd: discriminator: sub: [4] and [3]"), "%s", error->message);
  fixture_clear (&f);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("objective");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, terms);
  tcase_add_test (tests, constraints);
  tcase_add_test (tests, wrong_constraint);
  tcase_add_test (tests, generators_side);
  tcase_add_test (tests, several_losses);
  tcase_add_test (tests, several_matches);
  tcase_add_test (tests, same_name);
  tcase_add_test (tests, nothing_to_minimise);
  tcase_add_loop_test (tests, fault, 0, G_N_ELEMENTS (faults));
  tcase_add_test (tests, impossible_shapes);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
