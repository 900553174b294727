/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "component-fixture.h"

#include <gantry/error.h>
#include <gantry/log.h>

#include <check.h>
#include <stdlib.h>

START_TEST (defaults)
{
  g_autoptr (GantryComponent) c = fixture_new ();
  g_autofree gchar *label = gantry_component_get_string (c, "label");
  g_autofree gchar *file = gantry_component_get_string (c, "file");
  g_auto (GStrv) layers = gantry_component_get_list (c, "layers");

  ck_assert_str_eq (G_OBJECT_TYPE_NAME (c), "gantry+fixture+fixture");
  ck_assert (gantry_component_get_bool (c, "bias"));
  ck_assert_int_eq (gantry_component_get_int (c, "width"), 64);
  ck_assert_double_eq (gantry_component_get_double (c, "margin"), 1);
  ck_assert_uint_eq (gantry_component_get_size (c, "workspace"), 1 << 20);
  ck_assert_ptr_null (label);
  ck_assert_str_eq (gantry_component_get_enum (c, "normalization"), "batch");
  ck_assert_uint_eq (g_strv_length (layers), 2);
  ck_assert_str_eq (layers[1], "relu");
  ck_assert_str_eq (file, "data.gz");
  ck_assert (!gantry_component_is_set (c, "width"));
}
END_TEST

START_TEST (set_and_text)
{
  static const gchar *const cases[][3] = {
    { "bias", "off", "false" },
    { "width", "2k", "2000" },
    { "images", "600k", "600000" },
    { "margin", "5e-1", "0.5" },
    { "slope", "-0.1", "-0.1" },
    { "workspace", "1.5G", "1610612736" },
    { "label", "two words", "two words" },
    { "normalization", "spectral", "spectral" },
    { "layers", "conv 8 k3;\n  relu ;; linear 1\n", "conv 8 k3; relu; linear 1" },
    { "file", "other", "other" },
  };
  g_autoptr (GantryComponent) c = fixture_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree gchar *text = NULL;
      g_autofree gchar *again = NULL;

      ck_assert_msg (gantry_component_set (c, cases[i][0], cases[i][1], &error), "%s", error != NULL ? error->message : "");
      text = gantry_component_get_text (c, cases[i][0], NULL);
      ck_assert_str_eq (text, cases[i][2]);
      ck_assert (gantry_component_set (c, cases[i][0], text, NULL));
      again = gantry_component_get_text (c, cases[i][0], NULL);
      ck_assert_str_eq (again, text);
      ck_assert (gantry_component_is_set (c, cases[i][0]));
    }
}
END_TEST

START_TEST (two_instances)
{
  g_autoptr (GantryComponent) a = fixture_new ();
  g_autoptr (GantryComponent) b = fixture_new ();

  ck_assert (gantry_component_set (a, "width", "8", NULL));
  ck_assert_int_eq (gantry_component_get_int (a, "width"), 8);
  ck_assert_int_eq (gantry_component_get_int (b, "width"), 64);
}
END_TEST

static void
assert_error (GantryComponent *c, const gchar *key, const gchar *text, GantryCoreError code, const gchar *message)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_component_set (c, key, text, &error));
  ck_assert_msg (g_error_matches (error, GANTRY_CORE_ERROR, code), "%s", error->message);
  ck_assert_str_eq (error->message, message);
}

START_TEST (errors)
{
  g_autoptr (GantryComponent) c = fixture_new ();

  assert_error (c, "widht", "3", GANTRY_CORE_ERROR_UNKNOWN, "fixture/fixture: it has no property 'widht' (did you mean 'width'?)");
  assert_error (c, "width", "0", GANTRY_CORE_ERROR_VALUE, "fixture/fixture: width: 0 is out of range: expected 1 to 4096 channels");
  assert_error (c, "width", "wide", GANTRY_CORE_ERROR_VALUE,
                "fixture/fixture: width: 'wide' is not a whole number (digits; k, M = 10^3, 10^6), 1 to 4096");
  assert_error (c, "normalization", "batsh", GANTRY_CORE_ERROR_VALUE,
                "fixture/fixture: normalization: 'batsh' is not one of none|batch|spectral (did you mean 'batch'?)");
  assert_error (c, "margin", "nan", GANTRY_CORE_ERROR_VALUE, "fixture/fixture: margin: 'nan' is not a number, 0 to 100");
  ck_assert_int_eq (gantry_component_get_int (c, "width"), 64);
  ck_assert (!gantry_component_is_set (c, "width"));
}
END_TEST

static void
remember (const gchar *category, GantryLogLevel level, const gchar *message, gpointer user_data)
{
  g_string_append_printf (user_data, "%s:%d:%s;", category, level, message);
}

START_TEST (frozen)
{
  g_autoptr (GantryComponent) c = fixture_new ();
  GString *log = g_string_new (NULL);

  ck_assert (!gantry_component_is_frozen (c));
  gantry_component_freeze (c);
  ck_assert (gantry_component_is_frozen (c));
  assert_error (c, "width", "8", GANTRY_CORE_ERROR_FROZEN,
                "fixture/fixture: width: it cannot be written any more: the graph is compiled");
  assert_error (c, "margin", "8", GANTRY_CORE_ERROR_FROZEN,
                "fixture/fixture: margin: it cannot be written any more: the graph is compiled");

  g_object_set (c, "margin", 8.0, NULL);
  ck_assert_double_eq (gantry_component_get_double (c, "margin"), 8);
  ck_assert (!gantry_component_is_set (c, "margin"));

  gantry_log_set_handler (remember, log);
  g_object_set (c, "width", G_GINT64_CONSTANT (8), NULL);
  gantry_log_set_handler (NULL, NULL);
  ck_assert_int_eq (gantry_component_get_int (c, "width"), 64);
  ck_assert_str_eq (log->str, "component:1:fixture/fixture: width cannot change any more: the graph is compiled;");
  g_string_free (log, TRUE);
}
END_TEST

START_TEST (list_of_properties)
{
  g_autoptr (GantryComponent) c = fixture_new ();
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (c, &n);

  ck_assert_uint_eq (n, G_N_ELEMENTS (fixture_properties) - 1);
  for (guint i = 0; i < n; i++)
    {
      ck_assert_str_eq (pspecs[i]->name, fixture_properties[i].name);
      ck_assert_str_eq (g_param_spec_get_blurb (pspecs[i]), fixture_properties[i].blurb);
      ck_assert_str_eq (gantry_param_get_unit (pspecs[i]), fixture_properties[i].unit);
      ck_assert_uint_eq (pspecs[i]->flags & (GANTRY_SCHEDULABLE | GANTRY_REQUIRED), fixture_properties[i].flags);
      ck_assert_int_eq (gantry_param_is_path (pspecs[i]), fixture_properties[i].type == GANTRY_PROPERTY_PATH);
    }
}
END_TEST

static void
count (gpointer data)
{
  ++*(gint *) data;
}

START_TEST (private_data)
{
  GantryComponent *c = fixture_new ();
  gint first = 0;
  gint second = 0;

  ck_assert_ptr_null (gantry_component_get_data (c));
  gantry_component_set_data (c, &first, count);
  ck_assert_ptr_eq (gantry_component_get_data (c), &first);
  gantry_component_set_data (c, &second, count);
  ck_assert_int_eq (first, 1);
  ck_assert_int_eq (second, 0);
  g_object_unref (c);
  ck_assert_int_eq (first, 1);
  ck_assert_int_eq (second, 1);
}
END_TEST

/* A component that was not made by the macros: what Vala and Python write. */
typedef struct { GantryComponent parent_instance; gint depth; gfloat rate; } Plain;
typedef struct { GantryComponentClass parent_class; } PlainClass;
GType plain_get_type (void);
G_DEFINE_TYPE (Plain, plain, GANTRY_TYPE_COMPONENT)

static void
plain_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == 1)
    ((Plain *) object)->depth = g_value_get_int (value);
  else
    ((Plain *) object)->rate = g_value_get_float (value);
}

static void
plain_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == 1)
    g_value_set_int (value, ((Plain *) object)->depth);
  else
    g_value_set_float (value, ((Plain *) object)->rate);
}

static void
plain_class_init (PlainClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = plain_set_property;
  object_class->get_property = plain_get_property;
  g_object_class_install_property (object_class, 1, g_param_spec_int ("depth", NULL, NULL, 1, 9, 3, G_PARAM_READWRITE | G_PARAM_CONSTRUCT));
  g_object_class_install_property (object_class, 2, g_param_spec_float ("rate", NULL, NULL, 0, 1, 0.1f, G_PARAM_READWRITE));
}

static void
plain_init (Plain *self)
{
}

START_TEST (without_macros)
{
  g_autoptr (GantryComponent) c = g_object_new (plain_get_type (), NULL);
  g_autofree gchar *rate = NULL;

  gantry_component_set_identity (c, "fixture", "plain", "second");
  ck_assert_str_eq (gantry_component_get_instance (c), "second");
  ck_assert_int_eq (gantry_component_get_int (c, "depth"), 3);
  ck_assert (gantry_component_set (c, "depth", "9", NULL));
  ck_assert_int_eq (((Plain *) c)->depth, 9);
  ck_assert (gantry_component_is_set (c, "depth"));
  assert_error (c, "depth", "10", GANTRY_CORE_ERROR_VALUE, "fixture/plain: depth: 10 is out of range: expected 1 to 9");
  ck_assert (gantry_component_set (c, "rate", "0.1", NULL));
  rate = gantry_component_get_text (c, "rate", NULL);
  ck_assert_str_eq (rate, "0.1");
  gantry_component_freeze (c);
  assert_error (c, "depth", "4", GANTRY_CORE_ERROR_FROZEN, "fixture/plain: depth: it cannot be written any more: the graph is compiled");
}
END_TEST

/* A table whose lines are longer than the host's, as a plugin built with later headers would have. */
START_TEST (strides)
{
  struct {
    GantryProperty property;
    gpointer newer;
  } table[2] = { { GANTRY_INT ("later", 0, 9, 5, 0, "", "with a member that this host does not know"), NULL }, { GANTRY_END, NULL } };
  GTypeQuery query;
  GTypeInfo info = { 0 };
  GType type;
  g_autoptr (GTypeClass) klass = NULL;

  g_type_query (GANTRY_TYPE_COMPONENT, &query);
  info.class_size = query.class_size;
  info.instance_size = query.instance_size;
  type = g_type_register_static (GANTRY_TYPE_COMPONENT, "Strides", &info, 0);
  klass = g_type_class_ref (type);
  gantry_component_class_install ((GantryComponentClass *) klass, &table[0].property, sizeof table[0]);
  ck_assert_ptr_nonnull (g_object_class_find_property ((GObjectClass *) klass, "later"));
}
END_TEST

gint
main (void)
{
  Suite *suite = suite_create ("component");
  TCase *tests = tcase_create ("component");
  SRunner *runner;
  gint failed;

  tcase_add_test (tests, defaults);
  tcase_add_test (tests, set_and_text);
  tcase_add_test (tests, two_instances);
  tcase_add_test (tests, errors);
  tcase_add_test (tests, frozen);
  tcase_add_test (tests, list_of_properties);
  tcase_add_test (tests, private_data);
  tcase_add_test (tests, without_macros);
  tcase_add_test (tests, strides);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
