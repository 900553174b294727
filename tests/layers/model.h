/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Components of the build tree, and graphs that are run on backend `reference`. */
#pragma once

#include <gantry/gantry.h>

#include <check.h>

/* A component with the given properties: key, text, ..., NULL. */
gpointer model_create (const gchar *kind, const gchar *name, ...) G_GNUC_NULL_TERMINATED;

/* The message of the graph's error, NULL where there is none. */
gchar *model_finish (GantryGraph *graph);

/* Compiles for float64 or float32, as the graph says; fails the test on an error. */
GantryProgram *model_compile (GantryGraph *graph, GantryState *state);
/* The same on another backend, with `reference` for what it leaves. */
GantryProgram *model_compile_for (GantryGraph *graph, GantryState *state, const gchar *backend);
void model_bind (GantryProgram *program, const gchar *name, const gdouble *values);
void model_run (GantryProgram *program);
gdouble model_output (GantryProgram *program, const gchar *name, gsize i);
void model_set (GantryState *state, const gchar *name, const gdouble *values);
gdouble model_get (GantryState *state, const gchar *name, gsize i);

#define assert_near(a, b, tolerance) ck_assert_double_eq_tol (a, b, (tolerance) * (1 + ABS (b)))
