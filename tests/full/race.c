/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two threads that add to one number, with a lock and without one: what the thread sanitizer must leave alone, and what it must find. */
#include <glib.h>
#include <string.h>

typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean is_locked;
  guint n_done;
  gint sum;
} Shared;

static gpointer
work (gpointer data)
{
  Shared *self = data;

  if (self->is_locked)
    g_mutex_lock (&self->mutex);
  self->sum++;
  self->n_done++;
  if (self->is_locked)
    {
      g_cond_broadcast (&self->cond);
      g_mutex_unlock (&self->mutex);
    }
  return NULL;
}

static gint
add_in_threads (gboolean is_locked)
{
  Shared self = { .is_locked = is_locked };
  GThread *threads[2];
  gint sum;

  g_mutex_init (&self.mutex);
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new (NULL, work, &self);
  if (is_locked)
    {
      g_mutex_lock (&self.mutex);
      while (self.n_done < 2)
        g_cond_wait (&self.cond, &self.mutex);
      sum = self.sum; /* read before the threads are joined: the lock alone makes that right */
      g_mutex_unlock (&self.mutex);
    }
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  sum = self.sum;
  g_mutex_clear (&self.mutex);
  return sum;
}

static gint
add_in_team (gboolean is_reduced)
{
  gint sum = 0;

  if (is_reduced)
    {
#pragma omp parallel num_threads (2) reduction (+ : sum)
      sum++;
    }
  else
    {
#pragma omp parallel num_threads (2)
      sum++;
    }
  return sum;
}

gint
main (gint argc, gchar **argv)
{
  const gchar *what = argc == 2 ? argv[1] : "";
  gint sum = 0;

  if (g_str_has_prefix (what, "threads"))
    sum = add_in_threads (strcmp (what, "threads") == 0);
  else if (g_str_has_prefix (what, "team"))
    sum = add_in_team (strcmp (what, "team") == 0);
  return sum > 0 ? 0 : 1;
}
