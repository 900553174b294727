/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pictures below a folder, in an order that depends on their names alone. */
#include "listing.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A folder that is being looked through, and those it is in: a link back to one of them is a loop. */
typedef struct Level {
  const struct Level *outer;
  const gchar *name; /* from the root on, "" for the root */
  dev_t device;
  ino_t inode;
} Level;

static void
listed_file_free (gpointer data)
{
  ListedFile *file = data;

  g_free (file->name);
  g_free (file);
}

void
listing_free (Listing *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->classes);
  g_free (self->first_other);
  g_free (self->root);
  g_free (self);
}

gchar *
listing_get_path (Listing *self, gsize index)
{
  const ListedFile *file = self->files->pdata[index];

  return g_build_filename (self->root, file->name, NULL);
}

void
listing_report (const gchar *path, const gchar *what, const gchar *consequence)
{
  g_autofree gchar *name = g_strdup (path);

  /* A message is one line, whatever a file is called. */
  for (gchar *p = name; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = '?';
  gantry_log_message ("folder", GANTRY_LOG_WARNING, "%s: %s; %s", name, what, consequence);
}

/* Something that cannot be used: a warning, or an error where nothing may be left out. */
static gboolean
leave_out (Listing *self, const gchar *path, const gchar *what, GError **error)
{
  if (self->is_strict)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: %s", path, what);
      return FALSE;
    }
  listing_report (path, what, "it is left out");
  return TRUE;
}

static gboolean
is_named_like_a_picture (const gchar *name)
{
  static const gchar *const endings[] = { ".jpg", ".jpeg", ".jpe", ".jfif", ".png" };
  g_autofree gchar *small = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (small, endings[i]))
      return TRUE;
  return FALSE;
}

static gboolean
add_file (Listing *self, const gchar *name, const gchar *path, guint64 size, GError **error)
{
  g_autoptr (GError) reason = NULL;
  guint8 first[FORMAT_BYTES];
  gsize n_first;
  FILE *file;

  file = picture_open (path, &reason);
  if (file == NULL)
    return leave_out (self, path, reason->message, error);
  n_first = fread (first, 1, sizeof first, file);
  fclose (file);
  if (picture_get_format (first, n_first) != FORMAT_OTHER)
    {
      ListedFile *listed = g_new (ListedFile, 1);

      *listed = (ListedFile) { g_strdup (name), size, -1 };
      g_ptr_array_add (self->files, listed);
      return TRUE;
    }
  if (is_named_like_a_picture (name))
    return leave_out (self, path, n_first == 0 ? "is empty" : "is neither JPEG nor PNG, whatever its name says", error);
  if (self->n_others++ == 0)
    self->first_other = g_strdup (name);
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}

/* What is in a folder, by name; NULL where it cannot be looked into. */
static GPtrArray *
list_names (const gchar *path, GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, error);
  GPtrArray *names;
  const gchar *name;

  if (folder == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (folder)) != NULL)
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
is_loop (const Level *level, const struct stat *status)
{
  for (; level != NULL; level = level->outer)
    if (level->device == status->st_dev && level->inode == status->st_ino)
      return TRUE;
  return FALSE;
}

static gboolean walk (Listing *self, const Level *level, GError **error);

static gboolean
add_entry (Listing *self, const Level *level, const gchar *name, GError **error)
{
  g_autofree gchar *below = *level->name != '\0' ? g_build_filename (level->name, name, NULL) : g_strdup (name);
  g_autofree gchar *path = g_build_filename (self->root, below, NULL);
  struct stat status;

  if (stat (path, &status) < 0)
    {
      const gint reason = errno;
      const gchar *verdict = reason == ENOENT ? "is a broken link, or gone" : "cannot be looked at";
      g_autofree gchar *what = g_strdup_printf ("%s: %s", verdict, g_strerror (reason));

      return leave_out (self, path, what, error);
    }
  if (S_ISREG (status.st_mode))
    return add_file (self, below, path, status.st_size, error);
  if (S_ISDIR (status.st_mode))
    {
      const Level inner = { level, below, status.st_dev, status.st_ino };

      if (!is_loop (level, &status))
        return walk (self, &inner, error);
      gantry_log_message ("folder", GANTRY_LOG_INFO, "%s: a link to a folder that it is in; it is not followed", path);
      return TRUE;
    }
  if (self->n_others++ == 0)
    self->first_other = g_strdup (below);
  return TRUE;
}

static gboolean
walk (Listing *self, const Level *level, GError **error)
{
  g_autofree gchar *path = g_build_filename (self->root, level->name, NULL);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GPtrArray) names = list_names (path, &reason);

  if (names == NULL && level->outer == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: %s", path, reason->message);
      return FALSE;
    }
  if (names == NULL)
    return leave_out (self, path, reason->message, error);
  for (guint i = 0; i < names->len; i++)
    if (!add_entry (self, level, names->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gint
compare_files (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const ListedFile *const *) a)->name, (*(const ListedFile *const *) b)->name);
}

/* The uppermost of a file's subfolders is its class. */
static void
set_labels (Listing *self)
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint pass = 0; pass < 2; pass++)
    {
      for (gsize i = 0; i < self->files->len; i++)
        {
          ListedFile *file = self->files->pdata[i];
          const gchar *slash = strchr (file->name, G_DIR_SEPARATOR);
          g_autofree gchar *name = slash != NULL ? g_strndup (file->name, slash - file->name) : NULL;

          if (pass == 1)
            file->label = name != NULL ? GPOINTER_TO_INT (g_hash_table_lookup (labels, name)) : -1;
          else if (name == NULL)
            self->n_beside++;
          else if (!g_hash_table_contains (labels, name))
            {
              g_ptr_array_add (self->classes, g_steal_pointer (&name));
              g_hash_table_add (labels, self->classes->pdata[self->classes->len - 1]);
            }
        }
      g_ptr_array_sort (self->classes, compare_names);
      for (guint i = 0; i < self->classes->len; i++)
        g_hash_table_insert (labels, self->classes->pdata[i], GINT_TO_POINTER (i));
    }
}

Listing *
listing_new (const gchar *root, gboolean is_strict, GError **error)
{
  g_autoptr (Listing) self = g_new0 (Listing, 1);
  struct stat status;
  Level level = { NULL, "", 0, 0 };

  self->root = g_strdup (root);
  self->is_strict = is_strict;
  self->files = g_ptr_array_new_with_free_func (listed_file_free);
  self->classes = g_ptr_array_new_with_free_func (g_free);
  if (stat (root, &status) < 0)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: %s", root, g_strerror (errno));
      return NULL;
    }
  level.device = status.st_dev;
  level.inode = status.st_ino;
  if (!walk (self, &level, error))
    return NULL;
  g_ptr_array_sort (self->files, compare_files);
  set_labels (self);
  return g_steal_pointer (&self);
}

gboolean
listing_has_labels (Listing *self)
{
  return self->classes->len > 1 && self->n_beside == 0;
}
