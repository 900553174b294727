/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idx format of the MNIST database, plain or gzipped: images [n, height, width] and labels [n] of unsigned bytes. */
#include <gantry/gantry.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <zlib.h>

#define TYPE_UINT8 0x08
#define MAX_GZIP_RATIO 1040 /* deflate makes at most 1032 bytes of one */
#define fail(error, path, ...) gantry_set_file_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, path, __VA_ARGS__)

GANTRY_DECLARE_COMPONENT (IdxReader, idx_reader, GANTRY_TYPE_READER)

static const GantryProperty idx_reader_properties[] = {
  GANTRY_PATH ("images", NULL, GANTRY_REQUIRED, "file of images, such as train-images-idx3-ubyte.gz"),
  GANTRY_PATH ("labels", NULL, 0, "file of labels, such as train-labels-idx1-ubyte.gz"),
  GANTRY_INT ("resolution", 0, 4096, 0, 0, "pixels", "height and width of the images; 0 leaves them as they are"),
  GANTRY_ENUM ("fit", GANTRY_IMAGE_FITS, "pad", 0, "how images are brought to the resolution"),
  GANTRY_END
};

typedef struct {
  guint n_dims;
  gsize dims[4];
  guint8 *data;
} Idx;

typedef struct {
  Idx images, labels;
  gchar *fit;
  gsize resolution; /* 0: none */
  GantryField fields[2];
  guint n_fields;
} Data;

static void
data_free (gpointer data)
{
  Data *self = data;

  g_free (self->images.data);
  g_free (self->labels.data);
  g_free (self->fit);
  g_free (self);
}

/* Reads exactly @size bytes; *got says how many there were where that is not so. */
static gboolean
read_bytes (gzFile file, gpointer data, gsize size, const gchar *path, gsize *got, GError **error)
{
  *got = 0;
  while (*got < size)
    {
      const gint n = gzread (file, (guint8 *) data + *got, MIN (size - *got, (gsize) 1 << 28));
      gint code;

      if (n < 0)
        {
          const gchar *message = gzerror (file, &code);

          return fail (error, path, "cannot be read after %" G_GSIZE_FORMAT " bytes: %s", *got, code == Z_ERRNO ? g_strerror (errno) : message);
        }
      if (n == 0)
        break;
      *got += n;
    }
  return TRUE;
}

static const gchar *
type_name (guint8 type)
{
  switch (type)
    {
    case 0x08: return "unsigned bytes";
    case 0x09: return "signed bytes";
    case 0x0b: return "16-bit integers";
    case 0x0c: return "32-bit integers";
    case 0x0d: return "32-bit floats";
    case 0x0e: return "64-bit floats";
    default: return NULL;
    }
}

static gboolean
read_header (gzFile file, Idx *idx, guint n_dims, const gchar *path, GError **error)
{
  guint8 magic[4], dim[4];
  gsize got;

  if (!read_bytes (file, magic, sizeof magic, path, &got, error))
    return FALSE;
  if (got < sizeof magic)
    return fail (error, path, "is no idx file: it holds %" G_GSIZE_FORMAT " bytes", got);
  if (magic[0] != 0 || magic[1] != 0 || type_name (magic[2]) == NULL)
    return fail (error, path, "is no idx file: it begins with %02x %02x %02x %02x, expected 00 00 08 %02x", magic[0], magic[1], magic[2], magic[3],
                 n_dims);
  if (magic[2] != TYPE_UINT8)
    return fail (error, path, "holds %s: expected unsigned bytes", type_name (magic[2]));
  if (magic[3] != n_dims)
    return fail (error, path, "has %u dimensions: expected %u, as %s have%s", magic[3], n_dims, n_dims == 3 ? "images" : "labels",
                 magic[3] == 1 && n_dims == 3   ? "; these look like labels"
                 : magic[3] == 3 && n_dims == 1 ? "; these look like images"
                                                : "");
  idx->n_dims = n_dims;
  for (guint i = 0; i < n_dims; i++)
    {
      if (!read_bytes (file, dim, sizeof dim, path, &got, error))
        return FALSE;
      if (got < sizeof dim)
        return fail (error, path, "ends within its header: it is cut short");
      idx->dims[i] = (gsize) dim[0] << 24 | dim[1] << 16 | dim[2] << 8 | dim[3];
      if (idx->dims[i] == 0)
        return fail (error, path, "has a dimension of size 0");
    }
  return TRUE;
}

static gboolean
read_data (gzFile file, Idx *idx, const gchar *path, GError **error)
{
  const gsize header = 4 + 4 * idx->n_dims;
  gsize size = 1, got, possible;
  GStatBuf status;
  guint8 extra;

  for (guint i = 0; i < idx->n_dims; i++)
    if (__builtin_mul_overflow (size, idx->dims[i], &size))
      return fail (error, path, "has dimensions too large for any file");
  if (g_stat (path, &status) < 0)
    return fail (error, path, "cannot be read: %s", g_strerror (errno));
  /* What the header claims is asked for only where the file could hold it. */
  possible = gzdirect (file) ? (gsize) MAX (status.st_size - (goffset) header, 0) : (gsize) status.st_size * MAX_GZIP_RATIO;
  if (size > possible)
    return fail (error, path, "is cut short: its header says %" G_GSIZE_FORMAT " bytes of data, there are at most %" G_GSIZE_FORMAT, size, possible);
  idx->data = g_try_malloc (size);
  if (idx->data == NULL)
    return fail (error, path, "does not fit in memory: %" G_GSIZE_FORMAT " bytes", size);
  if (!read_bytes (file, idx->data, size, path, &got, error))
    return FALSE;
  if (got < size)
    return fail (error, path, "is cut short: its header says %" G_GSIZE_FORMAT " bytes of data, there are %" G_GSIZE_FORMAT, size, got);
  if (!read_bytes (file, &extra, 1, path, &got, error))
    return FALSE;
  if (got > 0)
    return fail (error, path, "has more data than the %" G_GSIZE_FORMAT " bytes that its header says", size);
  return TRUE;
}

static gboolean
read_idx (const gchar *path, guint n_dims, Idx *idx, GError **error)
{
  gzFile file;
  gboolean is_read;

  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return fail (error, path, "is no regular file");
  errno = 0;
  file = gzopen (path, "rbe");
  if (file == NULL)
    return fail (error, path, "cannot be read: %s", g_strerror (errno != 0 ? errno : ENOMEM));
  gzbuffer (file, 1 << 17);
  is_read = read_header (file, idx, n_dims, path, error) && read_data (file, idx, path, error);
  /* A compressed file may lack its end though all of the data came out of it. */
  if (gzclose_r (file) != Z_OK && is_read)
    return fail (error, path, "is cut short: its compressed form lacks its end");
  return is_read;
}

static gboolean
set_fields (IdxReader *self, Data *data, const gchar *path, GError **error)
{
  const gsize height = data->images.dims[1], width = data->images.dims[2];
  g_autofree guint8 *fitted = NULL;

  data->resolution = gantry_component_get_int (self, "resolution");
  data->fit = g_strdup (gantry_component_get_enum (self, "fit"));
  data->fields[0] = (GantryField) { "image", { 3, { 1, height, width } }, GANTRY_FLOAT32 };
  data->fields[1] = (GantryField) { "label", { 0, { 0 } }, GANTRY_INT64 };
  if (data->resolution == 0)
    return TRUE;
  data->fields[0].shape.dims[1] = data->fields[0].shape.dims[2] = data->resolution;
  fitted = g_malloc (data->resolution * data->resolution);
  if (!gantry_image_fit (data->images.data, 1, height, width, data->fit, data->resolution, fitted, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
idx_reader_open (GantryReader *reader, GError **error)
{
  IdxReader *self = (IdxReader *) reader;
  g_autofree gchar *images = gantry_component_get_string (self, "images");
  g_autofree gchar *labels = gantry_component_get_string (self, "labels");
  Data *data = g_new0 (Data, 1);

  gantry_component_set_data (self, data, data_free);
  if (!read_idx (images, 3, &data->images, error))
    return FALSE;
  if (labels != NULL && *labels != '\0')
    {
      if (!read_idx (labels, 1, &data->labels, error))
        return FALSE;
      if (data->labels.dims[0] != data->images.dims[0])
        return fail (error, labels, "holds %" G_GSIZE_FORMAT " labels for the %" G_GSIZE_FORMAT " images of %s", data->labels.dims[0],
                     data->images.dims[0], images);
    }
  data->n_fields = data->labels.data != NULL ? 2 : 1;
  return set_fields (self, data, images, error);
}

static gboolean
idx_reader_probe (GantryReader *reader, const gchar *path)
{
  gzFile file = gzopen (path, "rbe");
  guint8 magic[4] = { 0 };
  const gint n = file != NULL ? gzread (file, magic, sizeof magic) : 0;

  gzclose_r (file);
  return n == 4 && magic[0] == 0 && magic[1] == 0 && magic[2] == TYPE_UINT8 && magic[3] == 3;
}

static gsize
idx_reader_count (GantryReader *reader)
{
  return ((Data *) gantry_component_get_data (reader))->images.dims[0];
}

static const GantryField *
idx_reader_fields (GantryReader *reader, guint *n_fields)
{
  Data *data = gantry_component_get_data (reader);

  *n_fields = data->n_fields;
  return data->fields;
}

static gboolean
idx_reader_read (GantryReader *reader, gsize index, gpointer const *fields, GError **error)
{
  Data *data = gantry_component_get_data (reader);
  const gsize height = data->images.dims[1], width = data->images.dims[2];
  const guint8 *pixels = data->images.data + index * height * width;
  gsize n_pixels = height * width;
  g_autofree guint8 *fitted = NULL;
  gfloat *image = fields[0];

  if (data->resolution > 0)
    {
      n_pixels = data->resolution * data->resolution;
      fitted = g_malloc (n_pixels);
      if (!gantry_image_fit (pixels, 1, height, width, data->fit, data->resolution, fitted, error))
        return FALSE;
      pixels = fitted;
    }
  for (gsize i = 0; i < n_pixels; i++)
    image[i] = pixels[i] / 127.5f - 1;
  if (data->n_fields == 2)
    *(gint64 *) fields[1] = data->labels.data[index];
  return TRUE;
}

static gsize
idx_reader_memory (GantryReader *reader)
{
  Data *data = gantry_component_get_data (reader);

  return data->images.dims[0] * (data->images.dims[1] * data->images.dims[2] + (data->n_fields == 2));
}

static void
idx_reader_interface (GantryReaderInterface *iface)
{
  iface->flags = GANTRY_READER_THREAD_SAFE | GANTRY_READER_UNTRUSTED;
  iface->probe = idx_reader_probe;
  iface->open = idx_reader_open;
  iface->count = idx_reader_count;
  iface->fields = idx_reader_fields;
  iface->read = idx_reader_read;
  iface->memory = idx_reader_memory;
}

GANTRY_PLUGIN (IdxReader, idx_reader, reader, "idx", "1.0", "Images and labels in the idx format of the MNIST database")
