/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the engine share: the reference backend, and short ways to make, run and compare. */
#pragma once

#include <gantry/gantry.h>

#include <check.h>

/* The plugin, opened once. */
GantryBackend *fixture_reference (void);

/* Compiles on the reference backend; a failure fails the test. */
GantryProgram *fixture_compile (GantryGraph *graph, GantryState *state);
GantryProgram *fixture_compile_full (GantryGraph *graph, GantryState *state, GantryCompileFlags flags);
void fixture_run (GantryProgram *program, guint64 step, guint64 sample);

/* Binds the numbers 0, 1, 2, ... times @factor plus @start. */
void fixture_bind_ramp (GantryProgram *program, const gchar *name, gdouble start, gdouble factor);
void fixture_bind (GantryProgram *program, const gchar *name, const gdouble *values);
/* Binds numbers from -1 to 1 to all inputs of the graph, always the same. */
void fixture_fill (GantryProgram *program, GantryGraph *graph);
/* Rounds the inputs x, w and dy, in float32, to the nearest of 8 significant bits, the even one of two, and runs. */
void fixture_round_factors (GantryProgram *program);
gdouble fixture_output (GantryProgram *program, const gchar *name, gsize i);
guint fixture_count_kernels (GantryProgram *program, const gchar *op_name);

/* Sets all elements of a variable. */
void fixture_set (GantryState *state, const gchar *name, gdouble value);
gdouble fixture_get (GantryState *state, const gchar *name, gsize i);

int fixture_main (Suite *suite);

#define assert_error(error, error_domain, error_code, part) \
  do \
    { \
      ck_assert_ptr_nonnull (error); \
      ck_assert_msg ((error)->domain == (error_domain) && (error)->code == (gint) (error_code), "%s", (error)->message); \
      ck_assert_msg (strstr ((error)->message, part) != NULL, "'%s' does not contain '%s'", (error)->message, part); \
    } \
  while (0)
