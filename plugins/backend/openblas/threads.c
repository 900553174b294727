/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many threads there are, and how they wait for each other. */
#include "config.h"

#include <omp.h>

#include "openblas-private.h"

guint
openblas_count_threads (void)
{
  return omp_in_parallel () ? 1 : omp_get_max_threads ();
}

guint
openblas_thread_number (void)
{
  return omp_get_thread_num ();
}

typedef struct {
  GMutex mutex;
  GCond cond;
  gint n_threads;
  gboolean is_ready;
} Sleeper;

static gpointer
sleep_for_ever (gpointer data)
{
  Sleeper *sleeper = data;

#pragma omp parallel num_threads (2)
  g_atomic_int_inc (&sleeper->n_threads); /* or the compiler would find nothing to do */
  g_mutex_lock (&sleeper->mutex);
  sleeper->is_ready = TRUE;
  g_cond_broadcast (&sleeper->cond);
  for (;;)
    g_cond_wait (&sleeper->cond, &sleeper->mutex);
  return NULL;
}

/*
 * A thread that waits for others at the end of a loop spins first: in libgomp for milliseconds, which on a computer that has
 * other things to do keeps the very thread that it waits for from running, and slows training down ten times.  libgomp spins
 * for microseconds only when it manages more threads than there are processors.  A second team, asleep, makes that so.
 * Whoever has set a policy in the environment gets that.
 */
void
openblas_wait_briefly (void)
{
  static Sleeper sleeper;

  if (sleeper.is_ready || g_getenv ("OMP_WAIT_POLICY") != NULL || g_getenv ("GOMP_SPINCOUNT") != NULL)
    return;
  g_thread_unref (g_thread_new ("gantry-sleeper", sleep_for_ever, &sleeper));
  g_mutex_lock (&sleeper.mutex);
  while (!sleeper.is_ready)
    g_cond_wait (&sleeper.cond, &sleeper.mutex);
  g_mutex_unlock (&sleeper.mutex);
}
