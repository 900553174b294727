/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder of photos, JPEG and PNG. What cannot be read is said once, and the next photo stands in for it. */
#include "listing.h"

#include <string.h>

GANTRY_DECLARE_COMPONENT (FolderReader, folder_reader, GANTRY_TYPE_READER)

static const GantryProperty folder_reader_properties[] = {
  GANTRY_PATH ("path", NULL, GANTRY_REQUIRED, "folder of JPEG and PNG files; subfolders count, and are classes where there are several"),
  GANTRY_INT ("resolution", 1, 4096, 64, GANTRY_REQUIRED, "pixels", "height and width of the images"),
  GANTRY_ENUM ("channels", "3|1", "3", 0, "3 for colours, 1 for grey"),
  GANTRY_ENUM ("fit", GANTRY_IMAGE_FITS, "resize", 0, "how images are brought to the resolution"),
  GANTRY_BOOL ("mirror", FALSE, 0, "shows every image mirrored too, as records of their own"),
  GANTRY_STRING ("background", "#ffffff", 0, "colour below what is transparent, as #rrggbb"),
  GANTRY_SIZE ("memory", 1 << 20, 1e15, 1 << 28, 0, "bytes", "the most that may be held of one progressive or interlaced file"),
  GANTRY_BOOL ("strict", FALSE, 0, "stops at an image that cannot be read"),
  GANTRY_END
};

typedef struct {
  PictureSettings settings;
  Listing *listing;
  gint *is_bad; /* a file each, set once */
  gsize n_records;
  gboolean is_strict;
  GantryField fields[2];
  guint n_fields;
} Data;

static void
data_free (gpointer data)
{
  Data *self = data;

  listing_free (self->listing);
  g_free (self->is_bad);
  g_free (self->settings.fit);
  g_free (self);
}

static gboolean
parse_colour (const gchar *text, guint8 *colour, GError **error)
{
  gboolean is_colour = strlen (text) == 7 && text[0] == '#';

  for (guint i = 1; is_colour && i < 7; i++)
    is_colour = g_ascii_isxdigit (text[i]);
  if (!is_colour)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "background=%s: expected #rrggbb, such as #ffffff", text);
      return FALSE;
    }
  for (guint c = 0; c < 3; c++)
    colour[c] = (guint8) (g_ascii_xdigit_value (text[1 + 2 * c]) << 4 | g_ascii_xdigit_value (text[2 + 2 * c]));
  return TRUE;
}

static gboolean
folder_reader_open (GantryReader *reader, GError **error)
{
  FolderReader *self = (FolderReader *) reader;
  g_autofree gchar *path = gantry_component_get_string (self, "path");
  g_autofree gchar *background = gantry_component_get_string (self, "background");
  const gsize resolution = gantry_component_get_int (self, "resolution");
  Data *data = g_new0 (Data, 1);

  gantry_component_set_data (self, data, data_free);
  data->settings.fit = g_strdup (gantry_component_get_enum (self, "fit"));
  data->settings.resolution = resolution;
  data->settings.channels = g_str_equal (gantry_component_get_enum (self, "channels"), "1") ? 1 : 3;
  data->settings.memory = gantry_component_get_size (self, "memory");
  data->is_strict = gantry_component_get_bool (self, "strict");
  if (!parse_colour (background != NULL ? background : "", data->settings.background, error))
    return FALSE;
  data->listing = listing_new (path, data->is_strict, error);
  if (data->listing == NULL)
    return FALSE;
  if (data->listing->files->len == 0)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: there is no JPEG or PNG file in it (%" G_GSIZE_FORMAT " other files)",
                   path, data->listing->n_others);
      return FALSE;
    }
  data->is_bad = g_new0 (gint, data->listing->files->len);
  data->n_records = (gsize) data->listing->files->len * (gantry_component_get_bool (self, "mirror") ? 2 : 1);
  data->fields[0] = (GantryField) { "image", { 3, { data->settings.channels, resolution, resolution } }, GANTRY_FLOAT32 };
  data->fields[1] = (GantryField) { "label", { 0, { 0 } }, GANTRY_INT64 };
  data->n_fields = listing_has_labels (data->listing) ? 2 : 1;
  return TRUE;
}

static gboolean
folder_reader_probe (GantryReader *reader, const gchar *path)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

static gsize
folder_reader_count (GantryReader *reader)
{
  return ((Data *) gantry_component_get_data (reader))->n_records;
}

static const GantryField *
folder_reader_fields (GantryReader *reader, guint *n_fields)
{
  Data *data = gantry_component_get_data (reader);

  *n_fields = data->n_fields;
  return data->fields;
}

static gchar *
folder_reader_digest (GantryReader *reader)
{
  return listing_digest (((Data *) gantry_component_get_data (reader))->listing);
}

static gchar *
folder_reader_describe (GantryReader *reader)
{
  Data *data = gantry_component_get_data (reader);

  return listing_describe (data->listing, data->n_records);
}

static void
mirror (gfloat *image, gsize n_rows, gsize width)
{
  for (gsize y = 0; y < n_rows; y++)
    for (gsize x = 0; x < width / 2; x++)
      {
        gfloat *left = image + y * width + x, *right = image + y * width + width - 1 - x;
        const gfloat value = *left;

        *left = *right;
        *right = value;
      }
}

/* Whether the process ran out of something: that is not the file's fault. */
static gboolean
is_shortage (const GError *error)
{
  return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_MFILE) || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NFILE)
         || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM);
}

/* Which of the files are bad does not depend on what was read before, so neither does the one that is read instead. */
static gboolean
folder_reader_read (GantryReader *reader, gsize index, gpointer const *fields, GError **error)
{
  Data *data = gantry_component_get_data (reader);
  const gsize n_files = data->listing->files->len, resolution = data->settings.resolution;

  for (gsize k = 0; k < n_files; k++)
    {
      const gsize i = (index + k) % n_files;
      g_autofree gchar *path = NULL;
      g_autoptr (GError) reason = NULL;

      if (g_atomic_int_get (&data->is_bad[i]))
        continue;
      path = listing_get_path (data->listing, i);
      if (picture_read (path, &data->settings, fields[0], &reason))
        {
          if (index >= n_files)
            mirror (fields[0], data->settings.channels * resolution, resolution);
          if (data->n_fields == 2)
            *(gint64 *) fields[1] = ((const ListedFile *) data->listing->files->pdata[i])->label;
          return TRUE;
        }
      if (data->is_strict || is_shortage (reason))
        {
          g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: %s", path, reason->message);
          return FALSE;
        }
      if (g_atomic_int_compare_and_exchange (&data->is_bad[i], FALSE, TRUE))
        listing_report (path, reason->message, "another image stands in for it");
    }
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "%s: none of its %" G_GSIZE_FORMAT " images can be read",
               data->listing->root, n_files);
  return FALSE;
}

static void
folder_reader_interface (GantryReaderInterface *iface)
{
  iface->flags = GANTRY_READER_THREAD_SAFE | GANTRY_READER_UNTRUSTED;
  iface->probe = folder_reader_probe;
  iface->open = folder_reader_open;
  iface->count = folder_reader_count;
  iface->fields = folder_reader_fields;
  iface->read = folder_reader_read;
  iface->digest = folder_reader_digest;
  iface->describe = folder_reader_describe;
}

GANTRY_PLUGIN (FolderReader, folder_reader, reader, "folder", "1.0", "JPEG and PNG photos of a folder, subfolders as classes")
