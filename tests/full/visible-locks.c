/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into a program that is built with the thread sanitizer: tells it of GLib's locks, conditions and once-only initialisations, which GLib
 * builds on futexes and atomics of its own.  Without the sanitizer's functions (in a shell, say) it does nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib.h>

#define WEAK __attribute__ ((weak))

/* Of sanitizer/tsan_interface.h, which not every compiler brings. */
WEAK void __tsan_mutex_create (void *, unsigned);
WEAK void __tsan_mutex_destroy (void *, unsigned);
WEAK void __tsan_mutex_pre_lock (void *, unsigned);
WEAK void __tsan_mutex_post_lock (void *, unsigned, int);
WEAK int __tsan_mutex_pre_unlock (void *, unsigned);
WEAK void __tsan_mutex_post_unlock (void *, unsigned);
WEAK void __tsan_acquire (void *);
WEAK void __tsan_release (void *);

#define TRY_LOCK (1u << 4)
#define TRY_LOCK_FAILED (1u << 5)

/* GLib's own function. */
#define NEXT(type, name) type next = (type) dlsym (RTLD_NEXT, #name)

typedef void (*MutexFunc) (GMutex *);
typedef gboolean (*TryFunc) (GMutex *);
typedef void (*WaitFunc) (GCond *, GMutex *);
typedef gboolean (*WaitUntilFunc) (GCond *, GMutex *, gint64);
typedef gpointer (*OnceFunc) (GOnce *, GThreadFunc, gpointer);
typedef gboolean (*EnterFunc) (volatile void *);
typedef void (*LeaveFunc) (volatile void *, gsize);

static void
tell_unlocked (GMutex *mutex)
{
  if (__tsan_mutex_pre_unlock != NULL)
    {
      __tsan_mutex_pre_unlock (mutex, 0);
      __tsan_mutex_post_unlock (mutex, 0);
    }
}

static void
tell_locked (GMutex *mutex, unsigned flags)
{
  if (__tsan_mutex_pre_lock != NULL)
    {
      __tsan_mutex_pre_lock (mutex, flags & ~TRY_LOCK_FAILED);
      __tsan_mutex_post_lock (mutex, flags, 0);
    }
}

void
g_mutex_init (GMutex *mutex)
{
  NEXT (MutexFunc, g_mutex_init);

  next (mutex);
  if (__tsan_mutex_create != NULL)
    __tsan_mutex_create (mutex, 0);
}

void
g_mutex_clear (GMutex *mutex)
{
  NEXT (MutexFunc, g_mutex_clear);

  if (__tsan_mutex_destroy != NULL)
    __tsan_mutex_destroy (mutex, 0);
  next (mutex);
}

void
g_mutex_lock (GMutex *mutex)
{
  NEXT (MutexFunc, g_mutex_lock);

  next (mutex);
  tell_locked (mutex, 0);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  NEXT (TryFunc, g_mutex_trylock);
  const gboolean locked = next (mutex);

  tell_locked (mutex, locked ? TRY_LOCK : TRY_LOCK | TRY_LOCK_FAILED);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  NEXT (MutexFunc, g_mutex_unlock);

  tell_unlocked (mutex);
  next (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  NEXT (WaitFunc, g_cond_wait);

  tell_unlocked (mutex);
  next (cond, mutex);
  tell_locked (mutex, 0);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  NEXT (WaitUntilFunc, g_cond_wait_until);
  gboolean signalled;

  tell_unlocked (mutex);
  signalled = next (cond, mutex, end_time);
  tell_locked (mutex, 0);
  return signalled;
}

typedef struct {
  GOnce *once;
  GThreadFunc func;
  gpointer data;
} Once;

/* Tells before another thread can see that it is done. */
static gpointer
run_once (gpointer data)
{
  Once *self = data;
  gpointer result = self->func (self->data);

  if (__tsan_release != NULL)
    __tsan_release (self->once);
  return result;
}

/* GLib's header has macros of these names. */
#undef g_once_init_enter
#undef g_once_init_leave

gpointer
g_once_impl (GOnce *once, GThreadFunc func, gpointer data)
{
  NEXT (OnceFunc, g_once_impl);
  Once self = { once, func, data };
  const gpointer result = next (once, run_once, &self);

  if (__tsan_acquire != NULL)
    __tsan_acquire (once);
  return result;
}

gboolean
(g_once_init_enter) (volatile void *location)
{
  NEXT (EnterFunc, g_once_init_enter);
  const gboolean first = next (location);

  if (__tsan_acquire != NULL)
    __tsan_acquire ((void *) location);
  return first;
}

void
(g_once_init_leave) (volatile void *location, gsize result)
{
  NEXT (LeaveFunc, g_once_init_leave);

  if (__tsan_release != NULL)
    __tsan_release ((void *) location);
  next (location, result);
}
