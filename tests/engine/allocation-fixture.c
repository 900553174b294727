/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/allocation-fixture.h"

#include <errno.h>
#include <stdlib.h>

static volatile gint n_allocations;

#ifdef __SANITIZE_ADDRESS__
int __sanitizer_install_malloc_and_free_hooks (void (*malloc_hook) (const volatile void *, size_t), void (*free_hook) (const volatile void *));

static void
count_malloc (const volatile void *block, size_t size)
{
  g_atomic_int_inc (&n_allocations);
}

static void
ignore_free (const volatile void *block)
{
}

gboolean
allocation_start (void)
{
  return __sanitizer_install_malloc_and_free_hooks (count_malloc, ignore_free) != 0;
}
#else
/* In front of the C library's, whose own names these are.  memalign() is not among them: OpenMP's runtime takes a small block with it where a
   parallel region has another number of threads than the one before. */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *block, size_t size);
extern void *__libc_memalign (size_t alignment, size_t size);

void *
malloc (size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_calloc (n, size);
}

void *
realloc (void *block, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_realloc (block, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_memalign (alignment, size);
}

int
posix_memalign (void **block, size_t alignment, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  *block = __libc_memalign (alignment, size);
  return *block == NULL ? ENOMEM : 0;
}

gboolean
allocation_start (void)
{
  return TRUE;
}
#endif

gint
allocation_count (void)
{
  return g_atomic_int_get (&n_allocations);
}
