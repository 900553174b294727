/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts every allocation of the process. */
#pragma once

#include <glib.h>

#ifdef __SANITIZE_ADDRESS__
#define ALLOCATION_N_BACKENDS 1 /* not openblas: the sanitizer's hooks count what OpenMP's runtime takes, too */
#else
#define ALLOCATION_N_BACKENDS 2
#endif

gboolean allocation_start (void); /* to be called first: whether they are counted */
gint allocation_count (void);
