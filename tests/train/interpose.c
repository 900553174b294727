/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into a program, stands between it and the file system:
 *   TEST_FREE=BYTES  so much is free on every file system
 *   TEST_ROOM=BYTES  after so much was written to files there is no space left
 *   TEST_DIE=N       killed as if by kill -9 at the Nth call that changes a folder or makes a file durable, before it, or in
 *                    the middle of what it appends to a log
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static long
get_number (const char *name, long otherwise)
{
  const char *text = getenv (name);

  return text != NULL ? atol (text) : otherwise;
}

/* Whether this is the call that it dies at. */
static int
is_last_call (void)
{
  static long n_calls;

  return ++n_calls == get_number ("TEST_DIE", -1);
}

static void
count_call (void)
{
  if (is_last_call ())
    raise (SIGKILL);
}

#pragma GCC visibility push(default)

int
rename (const char *from, const char *to)
{
  int (*next) (const char *, const char *) = (int (*) (const char *, const char *)) dlsym (RTLD_NEXT, "rename");

  count_call ();
  return next (from, to);
}

int
unlink (const char *path)
{
  int (*next) (const char *) = (int (*) (const char *)) dlsym (RTLD_NEXT, "unlink");

  count_call ();
  return next (path);
}

int
symlink (const char *target, const char *path)
{
  int (*next) (const char *, const char *) = (int (*) (const char *, const char *)) dlsym (RTLD_NEXT, "symlink");

  count_call ();
  return next (target, path);
}

int
fsync (int fd)
{
  int (*next) (int) = (int (*) (int)) dlsym (RTLD_NEXT, "fsync");

  count_call ();
  return next (fd);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  static long n_written;
  ssize_t (*next) (int, const void *, size_t) = (ssize_t (*) (int, const void *, size_t)) dlsym (RTLD_NEXT, "write");
  struct stat status;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    return next (fd, data, size);
  if ((fcntl (fd, F_GETFL) & O_APPEND) != 0 && is_last_call ())
    {
      next (fd, data, size / 2);
      raise (SIGKILL);
    }
  n_written += size;
  if (n_written > get_number ("TEST_ROOM", n_written))
    {
      errno = ENOSPC;
      return -1;
    }
  return next (fd, data, size);
}

static int
set_free (struct statvfs *status)
{
  const long bytes = get_number ("TEST_FREE", -1);

  if (bytes >= 0)
    {
      status->f_frsize = 1;
      status->f_blocks = status->f_bfree = status->f_bavail = bytes + 1;
      status->f_bavail = bytes;
    }
  return 0;
}

int
statvfs (const char *path, struct statvfs *status)
{
  int (*next) (const char *, struct statvfs *) = (int (*) (const char *, struct statvfs *)) dlsym (RTLD_NEXT, "statvfs");

  return next (path, status) == 0 ? set_free (status) : -1;
}

int
statvfs64 (const char *path, struct statvfs64 *status)
{
  int (*next) (const char *, struct statvfs64 *) = (int (*) (const char *, struct statvfs64 *)) dlsym (RTLD_NEXT, "statvfs64");

  return next (path, status) == 0 ? set_free ((struct statvfs *) status) : -1;
}

#pragma GCC visibility pop
