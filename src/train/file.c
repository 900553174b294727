/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that are whole or not there: written under a temporary name, synced, renamed. */
#include "train/file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY_PREFIX ".gantry-"

void
_gantry_file_set_error (GError **error, const gchar *path, const gchar *what, gint reason)
{
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: %s: %s", path, what, g_strerror (reason));
}

gboolean
_gantry_file_is_temporary (const gchar *name)
{
  return g_str_has_prefix (name, TEMPORARY_PREFIX);
}

GantryFile *
_gantry_file_create (const gchar *path, GError **error)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  g_autofree gchar *base = g_path_get_basename (path);
  g_autofree gchar *name = g_strdup_printf (TEMPORARY_PREFIX "%s.XXXXXX", base);
  GantryFile *self = g_new0 (GantryFile, 1);

  self->path = g_strdup (path);
  self->temporary = g_build_filename (folder, name, NULL);
  self->fd = g_mkstemp_full (self->temporary, O_RDWR | O_CLOEXEC, 0666);
  if (self->fd < 0)
    {
      _gantry_file_set_error (error, path, "cannot be made", errno);
      g_clear_pointer (&self->temporary, g_free);
      _gantry_file_abandon (self);
      return NULL;
    }
  return self;
}

/*
 * A write past the limit on a file's size raises SIGXFSZ, which would end the process: held back here, and taken
 * off again, so that the write fails with EFBIG like any other.
 */
static gssize
write_without_signal (gint fd, gconstpointer data, gsize size)
{
  const struct timespec now = { 0, 0 };
  sigset_t limit, old;
  gssize written;
  gint reason;

  sigemptyset (&limit);
  sigaddset (&limit, SIGXFSZ);
  pthread_sigmask (SIG_BLOCK, &limit, &old);
  written = write (fd, data, size);
  reason = errno;
  if (written < 0 && reason == EFBIG && !sigismember (&old, SIGXFSZ))
    while (sigtimedwait (&limit, NULL, &now) < 0 && errno == EINTR)
      ;
  pthread_sigmask (SIG_SETMASK, &old, NULL);
  errno = reason;
  return written;
}

gboolean
_gantry_file_write (GantryFile *self, gconstpointer data, gsize size, GError **error)
{
  const guint8 *at = data;

  while (size > 0)
    {
      const gssize written = write_without_signal (self->fd, at, MIN (size, (gsize) 1 << 30));

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        {
          _gantry_file_set_error (error, self->path, "cannot be written", written < 0 ? errno : ENOSPC);
          return FALSE;
        }
      at += written;
      size -= written;
    }
  return TRUE;
}

void
_gantry_file_abandon (GantryFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}

gboolean
_gantry_file_sync_folder (const gchar *path, GError **error)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  gint fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gint reason = 0;

  if (fd < 0 || fsync (fd) < 0)
    reason = errno;
  if (fd >= 0)
    close (fd);
  /* Some file systems cannot sync a folder; their renames are as durable as they get. */
  if (reason == 0 || reason == EINVAL || reason == ENOTSUP || reason == EACCES)
    return TRUE;
  _gantry_file_set_error (error, folder, "cannot be synced", reason);
  return FALSE;
}

gboolean
_gantry_file_commit (GantryFile *self, GError **error)
{
  g_autoptr (GantryFile) file = self;
  gint fd = file->fd;

  if (fsync (fd) < 0)
    {
      _gantry_file_set_error (error, file->path, "cannot be synced", errno);
      return FALSE;
    }
  file->fd = -1;
  if (close (fd) < 0)
    {
      _gantry_file_set_error (error, file->path, "cannot be written", errno);
      return FALSE;
    }
  if (g_rename (file->temporary, file->path) < 0)
    {
      _gantry_file_set_error (error, file->path, "cannot be put in place", errno);
      return FALSE;
    }
  g_clear_pointer (&file->temporary, g_free);
  return _gantry_file_sync_folder (file->path, error);
}

gboolean
_gantry_file_replace (const gchar *path, gconstpointer data, gsize size, GError **error)
{
  g_autoptr (GantryFile) file = _gantry_file_create (path, error);

  if (file == NULL || !_gantry_file_write (file, data, size, error))
    return FALSE;
  return _gantry_file_commit (g_steal_pointer (&file), error);
}
