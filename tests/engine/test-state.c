/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables by name: declaring, filling, setting. */
#include <math.h>
#include <string.h>

#include "engine/engine-fixture.h"

static GantryVariable
variable (const gchar *name, const GantryShape *shape, GantryDType dtype, const GantryInitializer *initializer)
{
  return (GantryVariable) { name, *shape, dtype, *initializer, TRUE };
}

static void
declare (GantryState *state, const gchar *name, const GantryShape *shape, const GantryInitializer *initializer)
{
  GantryVariable declared = variable (name, shape, GANTRY_FLOAT64, initializer);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_state_declare (state, &declared, &error), "%s", error != NULL ? error->message : "");
}

START_TEST (test_initializers)
{
  g_autoptr (GantryState) state = gantry_state_new (3);
  gdouble mean = 0, variance = 0, squares = 0;
  const guint n = 10000;

  declare (state, "constant", GANTRY_SHAPE (3), GANTRY_CONSTANT (1.5));
  declare (state, "normal", GANTRY_SHAPE (n), GANTRY_NORMAL (2, 0.5));
  declare (state, "uniform", GANTRY_SHAPE (n), GANTRY_UNIFORM (-1, 3));
  declare (state, "vector", GANTRY_SHAPE (7), GANTRY_UNIT_VECTOR);
  ck_assert_double_eq (fixture_get (state, "constant", 2), 1.5);
  for (guint i = 0; i < n; i++)
    {
      gdouble draw = fixture_get (state, "uniform", i);

      mean += fixture_get (state, "normal", i) / n;
      variance += pow (fixture_get (state, "normal", i) - 2, 2) / n;
      ck_assert (draw >= -1 && draw < 3);
    }
  ck_assert_double_eq_tol (mean, 2, 4 * 0.5 / sqrt (n));
  ck_assert_double_eq_tol (variance, 0.25, 4 * 0.25 * sqrt (2. / n));
  for (guint i = 0; i < 7; i++)
    squares += pow (fixture_get (state, "vector", i), 2);
  ck_assert_double_eq_tol (squares, 1, 1e-12);
}
END_TEST

/* Values depend on the seed and the name, not on what was declared before or on the type. */
START_TEST (test_values_are_named)
{
  g_autoptr (GantryState) a = gantry_state_new (3), b = gantry_state_new (3), c = gantry_state_new (4);
  GantryVariable single = variable ("w", GANTRY_SHAPE (5), GANTRY_FLOAT32, GANTRY_NORMAL (0, 1));

  declare (a, "w", GANTRY_SHAPE (5), GANTRY_NORMAL (0, 1));
  declare (a, "v", GANTRY_SHAPE (5), GANTRY_NORMAL (0, 1));
  declare (c, "w", GANTRY_SHAPE (5), GANTRY_NORMAL (0, 1));
  declare (b, "v", GANTRY_SHAPE (5), GANTRY_NORMAL (0, 1));
  ck_assert (gantry_state_declare (b, &single, NULL));
  for (guint i = 0; i < 5; i++)
    {
      ck_assert_double_eq (fixture_get (b, "v", i), fixture_get (a, "v", i));
      ck_assert_double_eq (fixture_get (b, "w", i), (gfloat) fixture_get (a, "w", i));
      ck_assert_double_ne (fixture_get (a, "w", i), fixture_get (a, "v", i));
      ck_assert_double_ne (fixture_get (a, "w", i), fixture_get (c, "w", i));
    }
}
END_TEST

START_TEST (test_declared_twice)
{
  g_autoptr (GantryState) state = gantry_state_new (3);
  GantryVariable again = variable ("w", GANTRY_SHAPE (2), GANTRY_FLOAT64, GANTRY_CONSTANT (1));
  g_autoptr (GError) error = NULL;
  GantryArray *array;

  declare (state, "w", GANTRY_SHAPE (2), GANTRY_CONSTANT (0));
  array = gantry_state_get (state, "w");
  ck_assert (gantry_state_declare (state, &again, NULL));
  ck_assert_ptr_eq (gantry_state_get (state, "w"), array);
  ck_assert_double_eq (fixture_get (state, "w", 0), 0);
  again.shape.dims[0] = 3;
  ck_assert (!gantry_state_declare (state, &again, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "variable w: expected shape [3], found [2]");
  g_clear_error (&error);
  again.shape.dims[0] = 2;
  again.dtype = GANTRY_FLOAT32;
  ck_assert (!gantry_state_declare (state, &again, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "declared as float32, but it is float64");
}
END_TEST

/* A checkpoint may be read before the graphs are built. */
START_TEST (test_set_before_declared)
{
  const gdouble values[] = { 0.1, 2 };
  g_autoptr (GantryArray) array = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SHAPE (2), values);
  g_autoptr (GantryState) state = gantry_state_new (3);
  GantryVariable later = variable ("w", GANTRY_SHAPE (2), GANTRY_FLOAT32, GANTRY_CONSTANT (1));
  GantryVariable other = variable ("v", GANTRY_SHAPE (3), GANTRY_FLOAT32, GANTRY_CONSTANT (1));
  g_autoptr (GError) error = NULL;

  ck_assert (gantry_state_set (state, "w", array, NULL));
  ck_assert (gantry_state_set (state, "v", array, NULL));
  ck_assert (!gantry_state_is_trainable (state, "w"));
  ck_assert (gantry_state_declare (state, &later, NULL));
  ck_assert (gantry_state_is_trainable (state, "w"));
  ck_assert_int_eq (gantry_array_get_dtype (gantry_state_get (state, "w")), GANTRY_FLOAT32);
  ck_assert_double_eq (fixture_get (state, "w", 0), 0.1f);
  ck_assert (!gantry_state_declare (state, &other, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "variable v: expected shape [3], found [2]");
}
END_TEST

START_TEST (test_set)
{
  const gdouble values[] = { 1, 2, 3, 4 };
  g_autoptr (GantryArray) fits = gantry_array_new_from_doubles (GANTRY_FLOAT32, GANTRY_SHAPE (2, 2), values);
  g_autoptr (GantryArray) does_not = gantry_array_new_from_doubles (GANTRY_FLOAT32, GANTRY_SHAPE (4), values);
  g_autoptr (GantryState) state = gantry_state_new (3);
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  GantryArray *array;

  declare (state, "b", GANTRY_SHAPE (2, 2), GANTRY_CONSTANT (0));
  declare (state, "a", GANTRY_SHAPE (1), GANTRY_CONSTANT (0));
  array = gantry_state_get (state, "b");
  ck_assert (gantry_state_set (state, "b", fits, NULL));
  ck_assert_ptr_eq (gantry_state_get (state, "b"), array);
  ck_assert_double_eq (fixture_get (state, "b", 3), 4);
  ck_assert (!gantry_state_set (state, "b", does_not, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "variable b: expected shape [2, 2], found [4]");
  names = gantry_state_list (state);
  ck_assert_str_eq (names[0], "b");
  ck_assert_str_eq (names[1], "a");
  ck_assert_ptr_null (names[2]);
  ck_assert_ptr_null (gantry_state_get (state, "c"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("state");
  TCase *tcase = tcase_create ("state");

  tcase_add_test (tcase, test_initializers);
  tcase_add_test (tcase, test_values_are_named);
  tcase_add_test (tcase, test_declared_twice);
  tcase_add_test (tcase, test_set_before_declared);
  tcase_add_test (tcase, test_set);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
