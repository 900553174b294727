/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The checkpoints of a run: IMAGES.safetensors, and beside those that are marked an empty file IMAGES.mark.  A mark is there before its checkpoint
 * is, so a kill at any moment cannot leave a checkpoint that should have one without; a mark alone means nothing.
 */
#include "train/run-folder-private.h"

#include "train/file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKPOINT_SUFFIX ".safetensors"
#define MARK_SUFFIX ".mark"
#define NAME_FORMAT "%012" G_GUINT64_FORMAT

static gchar *
checkpoints_folder (const gchar *run)
{
  return g_build_filename (run, "checkpoints", NULL);
}

static gchar *
make_path (const gchar *folder, guint64 images, const gchar *suffix)
{
  g_autofree gchar *name = g_strdup_printf (NAME_FORMAT "%s", images, suffix);

  return g_build_filename (folder, name, NULL);
}

static gboolean
parse_name (const gchar *name, const gchar *suffix, guint64 *images)
{
  const gsize digits = strspn (name, "0123456789");
  g_autofree gchar *number = g_strndup (name, digits);

  return digits >= 12 && g_str_equal (name + digits, suffix) && g_ascii_string_to_unsigned (number, 10, 0, G_MAXUINT64, images, NULL);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

/* Images of the files with a suffix, the fewest first. */
static GArray *
list_numbers (const gchar *folder, const gchar *suffix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  const gchar *name;
  guint64 images;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (parse_name (name, suffix, &images))
      g_array_append_val (numbers, images);
  g_array_sort (numbers, compare_numbers);
  return numbers;
}

static gboolean
has_mark (const gchar *folder, guint64 images)
{
  g_autofree gchar *path = make_path (folder, images, MARK_SUFFIX);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
put_mark (const gchar *folder, guint64 images, GError **error)
{
  g_autofree gchar *path = make_path (folder, images, MARK_SUFFIX);
  gint fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

  if (fd < 0)
    {
      _gantry_file_set_error (error, path, "cannot be made", errno);
      return FALSE;
    }
  close (fd);
  return _gantry_file_sync_folder (path, error);
}

/* So that no checkpoint is deleted while it is being marked: closes with the descriptor, of a process that was killed too. */
static gint
hold (const gchar *folder)
{
  gint fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0)
    flock (fd, LOCK_EX);
  return fd;
}

static void
let_go (gint fd)
{
  if (fd >= 0)
    close (fd);
}

/**
 * gantry_format_bytes:
 * @bytes: a size
 *
 * Returns: (transfer full): the size in powers of 1024, such as "512 bytes", "1.5 MiB" or "240 GiB"
 */
gchar *
gantry_format_bytes (guint64 bytes)
{
  static const gchar *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
  gdouble value = bytes;
  guint unit = 0;

  for (; value >= 1024 && unit + 1 < G_N_ELEMENTS (units); unit++)
    value /= 1024;
  return g_strdup_printf (unit > 0 && value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

gchar *
_gantry_run_folder_find_checkpoint (const gchar *path)
{
  g_autofree gchar *folder = checkpoints_folder (path);
  g_autoptr (GArray) numbers = list_numbers (folder, CHECKPOINT_SUFFIX);

  return numbers->len > 0 ? make_path (folder, g_array_index (numbers, guint64, numbers->len - 1), CHECKPOINT_SUFFIX) : NULL;
}

/* A link beside the checkpoints to the newest; a file system that has no links does without. */
static void
set_latest (const gchar *folder, const gchar *path)
{
  g_autofree gchar *name = g_path_get_basename (path);
  g_autofree gchar *latest = g_build_filename (folder, "latest", NULL);
  g_autofree gchar *temporary = g_build_filename (folder, ".gantry-latest", NULL);

  g_unlink (temporary);
  if (symlink (name, temporary) == 0 && g_rename (temporary, latest) < 0)
    g_unlink (temporary);
}

/* All but the newest @keep and those that are marked; none for 0. */
static void
delete_old (const gchar *folder, guint keep)
{
  g_autoptr (GArray) numbers = list_numbers (folder, CHECKPOINT_SUFFIX);
  const gint held = hold (folder);

  for (guint i = 0; keep > 0 && i + keep < numbers->len; i++)
    {
      const guint64 images = g_array_index (numbers, guint64, i);
      g_autofree gchar *path = make_path (folder, images, CHECKPOINT_SUFFIX);

      if (!has_mark (folder, images))
        g_unlink (path);
    }
  let_go (held);
}

gchar *
_gantry_run_folder_save (GantryRunFolder *self, GantryCheckpoint *checkpoint, guint64 images, guint keep, gboolean is_marked, GError **error)
{
  g_autofree gchar *folder = checkpoints_folder (self->path);
  g_autofree gchar *path = make_path (folder, images, CHECKPOINT_SUFFIX);

  if ((is_marked && !put_mark (folder, images, error)) || !gantry_checkpoint_save (checkpoint, path, error))
    return NULL;
  set_latest (folder, path);
  delete_old (folder, keep);
  return g_steal_pointer (&path);
}

/* Marks of checkpoints that were never written, or that somebody took away, go; then what a save does after it has written. */
void
_gantry_run_folder_tidy_checkpoints (GantryRunFolder *self, guint keep)
{
  g_autofree gchar *folder = checkpoints_folder (self->path);
  g_autofree gchar *newest = _gantry_run_folder_find_checkpoint (self->path);
  g_autoptr (GArray) numbers = list_numbers (folder, MARK_SUFFIX);

  for (guint i = 0; i < numbers->len; i++)
    {
      const guint64 images = g_array_index (numbers, guint64, i);
      g_autofree gchar *path = make_path (folder, images, CHECKPOINT_SUFFIX);
      g_autofree gchar *mark = make_path (folder, images, MARK_SUFFIX);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        g_unlink (mark);
    }
  if (newest != NULL)
    set_latest (folder, newest);
  delete_old (folder, keep);
}

static void
free_checkpoint (gpointer data)
{
  GantryRunCheckpoint *self = data;

  g_free (self->path);
  g_free (self);
}

static gboolean
check_run (const gchar *run, const gchar *folder, GError **error)
{
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_RUN, "%s: %s", run,
               g_file_test (run, G_FILE_TEST_EXISTS) ? "is no run folder: it has no folder checkpoints" : "there is no such run folder");
  return FALSE;
}

/**
 * gantry_run_list_checkpoints:
 * @run: a run folder; it may be in use
 * @error: return location for an error
 *
 * Returns: (transfer container) (element-type GantryRunCheckpoint) (nullable): its checkpoints, the oldest first; they are freed with the array
 */
GPtrArray *
gantry_run_list_checkpoints (const gchar *run, GError **error)
{
  g_autofree gchar *folder = checkpoints_folder (run);
  g_autoptr (GArray) numbers = NULL;
  GPtrArray *checkpoints;

  if (!check_run (run, folder, error))
    return NULL;
  numbers = list_numbers (folder, CHECKPOINT_SUFFIX);
  checkpoints = g_ptr_array_new_with_free_func (free_checkpoint);
  for (guint i = 0; i < numbers->len; i++)
    {
      const guint64 images = g_array_index (numbers, guint64, i);
      g_autofree gchar *path = make_path (folder, images, CHECKPOINT_SUFFIX);
      GantryRunCheckpoint *checkpoint;
      struct stat status;

      if (stat (path, &status) < 0)
        continue;
      checkpoint = g_new0 (GantryRunCheckpoint, 1);
      *checkpoint = (GantryRunCheckpoint) { sizeof *checkpoint, images, status.st_size, status.st_mtime, has_mark (folder, images), NULL };
      checkpoint->path = g_steal_pointer (&path);
      g_ptr_array_add (checkpoints, checkpoint);
    }
  return checkpoints;
}

static gboolean
set_mark (const gchar *folder, guint64 images, gboolean is_marked, GError **error)
{
  g_autofree gchar *path = make_path (folder, images, CHECKPOINT_SUFFIX);
  g_autofree gchar *mark = make_path (folder, images, MARK_SUFFIX);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "%s: there is no such checkpoint", path);
      return FALSE;
    }
  if (is_marked)
    return put_mark (folder, images, error);
  if (g_unlink (mark) == 0 || errno == ENOENT)
    return TRUE;
  _gantry_file_set_error (error, mark, "cannot be removed", errno);
  return FALSE;
}

/**
 * gantry_run_mark_checkpoint:
 * @run: a run folder; it may be in use
 * @images: which of its checkpoints: the images that were shown
 * @is_marked: whether it shall stay, however many newer ones there are
 * @error: return location for an error
 *
 * Marks a checkpoint, or takes the mark away.  What is not marked is deleted when a training has written `keep` newer ones.
 *
 * Returns: whether there is such a checkpoint and the mark could be written
 */
gboolean
gantry_run_mark_checkpoint (const gchar *run, guint64 images, gboolean is_marked, GError **error)
{
  g_autofree gchar *folder = checkpoints_folder (run);
  gboolean is_done;
  gint held;

  if (!check_run (run, folder, error))
    return FALSE;
  held = hold (folder);
  is_done = set_mark (folder, images, is_marked, error);
  let_go (held);
  return is_done;
}
