/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs one graph on the reference and on openblas, at an instruction set and with several numbers of threads. */
#pragma once

#include "engine/engine-fixture.h"

/* Makes outputs of feeds; the feeds are filled with numbers in [-1, 1). */
typedef void (*BuildFunc) (GantryGraph *graph, gconstpointer data);

/* Caps the instruction set: the first call in a process also decides BLAS's kernels. */
void openblas_set_level (guint level);
GantryBackend *openblas_open (void);

/* Every output agrees with the reference's to `tolerance` (2e-6, or 1e-12) of its largest element, every kernel is openblas's, and 1, 2 and 3
 * threads give the same bits. */
void openblas_check (BuildFunc build, gconstpointer data, GantryDType dtype);
void openblas_check_to (BuildFunc build, gconstpointer data, GantryDType dtype, gdouble tolerance);

/* Kernels of the program that openblas makes of it. */
guint openblas_count_kernels (BuildFunc build, gconstpointer data);
