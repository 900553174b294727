/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The folder of a run: who may use it, what lies where. */
#include "train/run-folder-private.h"

#include "train/file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define fail(error, path, ...) gantry_set_file_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, path, __VA_ARGS__)

static gboolean
is_empty_folder (const gchar *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  return dir != NULL && g_dir_read_name (dir) == NULL;
}

/* The nearest folder above a path that exists. */
static gchar *
existing_parent (const gchar *path)
{
  gchar *parent = g_canonicalize_filename (path, NULL);

  while (!g_file_test (parent, G_FILE_TEST_EXISTS) && strcmp (parent, "/") != 0)
    {
      gchar *next = g_path_get_dirname (parent);

      g_free (parent);
      parent = next;
    }
  return parent;
}

gboolean
_gantry_run_folder_get_space (const gchar *path, guint64 *bytes)
{
  g_autofree gchar *parent = existing_parent (path);
  struct statvfs status;

  if (statvfs (parent, &status) < 0 || status.f_blocks == 0)
    return FALSE;
  *bytes = (guint64) status.f_bavail * status.f_frsize;
  return TRUE;
}

/* Whether what is at @path leaves room for a new run. */
static gboolean
check_free (const gchar *path, GError **error)
{
  g_autofree gchar *pipeline = g_build_filename (path, "pipeline.ini", NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return fail (error, path, "exists already, and is no folder: choose another --output than %s", path);
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !is_empty_folder (path) && !_gantry_run_folder_is_leftover (path))
    return fail (error, path,
                 g_file_test (pipeline, G_FILE_TEST_EXISTS) ? "exists already: choose another --output, or go on with it by --resume %s"
                                                            : "exists already, and is no run: choose another --output than %s",
                 path);
  return TRUE;
}

/* Whether a new run can be put at @path; nothing is made. */
gboolean
_gantry_run_folder_check_new (const gchar *path, GError **error)
{
  g_autofree gchar *parent = NULL;
  g_autofree gchar *holder = NULL;

  if (!check_free (path, error))
    return FALSE;
  holder = _gantry_run_folder_find_holder (path);
  if (holder != NULL)
    return fail (error, path, "is in use by process %s", holder);
  parent = existing_parent (path);
  if (!g_file_test (parent, G_FILE_TEST_IS_DIR))
    return fail (error, path, "cannot be made: %s is no folder", parent);
  if (g_access (parent, W_OK | X_OK) < 0)
    return fail (error, path, "cannot be made: %s: %s", parent, g_strerror (errno));
  return TRUE;
}

static gboolean
take_lock (GantryRunFolder *self, GError **error)
{
  g_autofree gchar *path = g_build_filename (self->path, "lock", NULL);
  g_autofree gchar *pid = g_strdup_printf ("%ld\n", (long) getpid ());

  self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (self->lock < 0)
    return fail (error, path, "cannot be made: %s", g_strerror (errno));
  if (flock (self->lock, LOCK_EX | LOCK_NB) < 0)
    {
      g_autofree gchar *holder = NULL;

      if (errno != EWOULDBLOCK)
        return fail (error, path, "cannot be locked: %s", g_strerror (errno));
      if (g_file_get_contents (path, &holder, NULL, NULL))
        g_strstrip (holder);
      return fail (error, self->path, "is in use by process %s", holder != NULL && *holder != '\0' ? holder : "of unknown number");
    }
  if (ftruncate (self->lock, 0) < 0 || pwrite (self->lock, pid, strlen (pid), 0) != (gssize) strlen (pid))
    return fail (error, path, "cannot be written: %s", g_strerror (errno));
  return TRUE;
}

/* Asks for the lock only where the process that it names lives, so as never to be in the way of one that starts. */
gchar *
_gantry_run_folder_find_holder (const gchar *path)
{
  g_autofree gchar *name = g_build_filename (path, "lock", NULL);
  g_autofree gchar *holder = NULL;
  gint64 number = 0;
  gboolean is_held;
  gint fd;

  if (!g_file_get_contents (name, &holder, NULL, NULL) || !g_ascii_string_to_signed (g_strstrip (holder), 10, 1, G_MAXINT32, &number, NULL)
      || (kill ((pid_t) number, 0) < 0 && errno != EPERM))
    return NULL;
  fd = open (name, O_RDONLY | O_CLOEXEC);
  is_held = fd >= 0 && flock (fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
  if (fd >= 0)
    close (fd);
  return is_held ? g_steal_pointer (&holder) : NULL;
}

static gboolean
make_folder (const gchar *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  return fail (error, path, "cannot be made: %s", g_strerror (errno));
}

static gboolean
make_inner_folders (GantryRunFolder *self, GError **error)
{
  g_autofree gchar *checkpoints = g_build_filename (self->path, "checkpoints", NULL);
  g_autofree gchar *samples = g_build_filename (self->path, "samples", NULL);

  return make_folder (checkpoints, error) && make_folder (samples, error);
}

GantryRunFolder *
_gantry_run_folder_create (const gchar *path, GError **error)
{
  g_autoptr (GantryRunFolder) self = g_new0 (GantryRunFolder, 1);

  self->lock = -1;
  self->path = g_strdup (path);
  if (!make_folder (path, error) || !take_lock (self, error))
    return NULL;
  /* Another process may have begun, and ended, since this one looked. */
  if (!check_free (path, error))
    return NULL;
  _gantry_run_folder_remove_leftover (path);
  if (!make_inner_folders (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

GantryRunFolder *
_gantry_run_folder_open (const gchar *path, GError **error)
{
  g_autoptr (GantryRunFolder) self = g_new0 (GantryRunFolder, 1);
  g_autofree gchar *pipeline = g_build_filename (path, "pipeline.ini", NULL);

  self->lock = -1;
  self->path = g_strdup (path);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      fail (error, path, "is a file, no run folder: --resume goes on with a run; from one of its checkpoints, in a new folder: --fork --output=NEW");
      return NULL;
    }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      fail (error, path, "there is no such run folder to resume");
      return NULL;
    }
  if (!g_file_test (pipeline, G_FILE_TEST_EXISTS))
    {
      fail (error, path, "is no run folder: it has no pipeline.ini");
      return NULL;
    }
  if (!take_lock (self, error) || !make_inner_folders (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
_gantry_run_folder_close (GantryRunFolder *self)
{
  if (self == NULL)
    return;
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->path);
  g_free (self);
}

gchar *
_gantry_run_folder_sample_path (GantryRunFolder *self, guint64 images)
{
  g_autofree gchar *name = g_strdup_printf ("%012" G_GUINT64_FORMAT ".png", images);

  return g_build_filename (self->path, "samples", name, NULL);
}

static void
remove_temporaries (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (_gantry_file_is_temporary (name))
      {
        g_autofree gchar *path = g_build_filename (folder, name, NULL);

        g_unlink (path);
      }
}

/* What a killed process left half written or half done. */
void
_gantry_run_folder_tidy (GantryRunFolder *self, guint keep)
{
  g_autofree gchar *checkpoints = g_build_filename (self->path, "checkpoints", NULL);
  g_autofree gchar *samples = g_build_filename (self->path, "samples", NULL);

  remove_temporaries (self->path);
  remove_temporaries (checkpoints);
  remove_temporaries (samples);
  _gantry_run_folder_tidy_checkpoints (self, keep);
}
