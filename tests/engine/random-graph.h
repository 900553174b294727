/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphs drawn from a seed: ops of all kinds on each other, constants, draws, variables read and assigned, gradients of both orders. */
#pragma once

#include <gantry/gantry.h>

/* Outputs "output0", ..., "loss", "slope0", ..., "again"; in float64. */
GantryGraph *random_graph_new (guint32 seed);
/* The same with convolutions of images, in either dtype. */
GantryGraph *random_graph_new_with_images (guint32 seed, GantryDType dtype);

/* Everything that a program delivered: outputs of two runs, and the variables in the end.  @ends (nullable) gets, for each of these arrays, the
 * number of numbers up to its end. */
GArray *random_graph_run (GantryGraph *graph, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, GArray *ends,
                          gsize *workspace);
/* The same in a program whose workspace is no larger than wanted, as far as that can be. */
GArray *random_graph_run_within (GantryGraph *graph, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, gsize wanted,
                                 GArray *ends, gsize *workspace);

/* 0, 1, ..., or what the environment asks for, which is printed. */
guint32 *random_graph_choose_seeds (guint n_fixed, guint *n_seeds);
