/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idx reader: plain and gzipped files, fits, labels, and every kind of broken file. */
#include "train/training-fixture.h"

#include <zlib.h>

static gchar *folder;

static void
setup (void)
{
  folder = fixture_folder ();
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_clear_pointer (&folder, g_free);
}

static GByteArray *
make_idx (guint8 type, guint n_dims, const guint32 *dims, gsize n_data)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint8 magic[4] = { 0, 0, type, n_dims };

  g_byte_array_append (bytes, magic, 4);
  for (guint i = 0; i < n_dims; i++)
    {
      const guint32 dim = GUINT32_TO_BE (dims[i]);

      g_byte_array_append (bytes, (const guint8 *) &dim, 4);
    }
  for (gsize i = 0; i < n_data; i++)
    {
      const guint8 value = i * 7;

      g_byte_array_append (bytes, &value, 1);
    }
  return bytes;
}

static gchar *
write_bytes (const gchar *name, GByteArray *bytes, gboolean is_gzipped)
{
  gchar *path = g_build_filename (folder, name, NULL);
  gzFile file;

  if (!is_gzipped)
    {
      ck_assert (g_file_set_contents (path, (const gchar *) bytes->data, bytes->len, NULL));
      return path;
    }
  file = gzopen (path, "wb");
  ck_assert_int_eq (gzwrite (file, bytes->data, bytes->len), bytes->len);
  ck_assert_int_eq (gzclose (file), Z_OK);
  return path;
}

static GantryReader *
open_reader (const gchar *images, const gchar *labels, gint resolution, const gchar *fit, GError **error)
{
  g_autoptr (GantryReader) reader = GANTRY_READER (gantry_registry_create (fixture_registry (), "reader", "idx", "idx", NULL));
  g_autofree gchar *size = g_strdup_printf ("%d", resolution);

  ck_assert (gantry_component_set ((GantryComponent *) reader, "images", images, NULL));
  ck_assert (labels == NULL || gantry_component_set ((GantryComponent *) reader, "labels", labels, NULL));
  ck_assert (gantry_component_set ((GantryComponent *) reader, "resolution", size, NULL));
  ck_assert (gantry_component_set ((GantryComponent *) reader, "fit", fit, NULL));
  return gantry_reader_open (reader, error) ? g_steal_pointer (&reader) : NULL;
}

START_TEST (good)
{
  const guint32 dims[] = { 5, 2, 3 }, label_dims[] = { 5 };
  g_autoptr (GByteArray) image_bytes = make_idx (8, 3, dims, 30);
  g_autoptr (GByteArray) label_bytes = make_idx (8, 1, label_dims, 5);
  g_autofree gchar *images = write_bytes ("images", image_bytes, _i & 1);
  g_autofree gchar *labels = write_bytes ("labels", label_bytes, _i & 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = open_reader (images, labels, 0, "pad", &error);
  const GantryField *fields;
  guint n_fields;
  gfloat image[6];
  gint64 label;
  gpointer record[] = { image, &label };

  ck_assert_msg (reader != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (gantry_reader_probe (reader, images));
  ck_assert (!gantry_reader_probe (reader, labels));
  ck_assert_uint_eq (gantry_reader_count (reader), 5);
  fields = gantry_reader_fields (reader, &n_fields);
  ck_assert_uint_eq (n_fields, 2);
  ck_assert_str_eq (fields[0].name, "image");
  ck_assert_str_eq (fields[1].name, "label");
  ck_assert (gantry_shape_equal (&fields[0].shape, GANTRY_SHAPE (1, 2, 3)));
  ck_assert (gantry_reader_read (reader, 3, record, &error));
  for (guint i = 0; i < 6; i++)
    ck_assert_float_eq (image[i], (guint8) ((18 + i) * 7) / 127.5f - 1);
  ck_assert_int_eq (label, 21);
}
END_TEST

/* A 2x2 image padded to 4x4: the background is the most frequent border value, the least of equals. */
START_TEST (padded)
{
  const guint32 dims[] = { 1, 2, 2 };
  g_autoptr (GByteArray) bytes = make_idx (8, 3, dims, 4);
  g_autofree gchar *images = write_bytes ("images", bytes, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = open_reader (images, NULL, 4, "pad", &error);
  static const guint8 expected[] = { 0, 0, 0, 0, 0, 0, 7, 0, 0, 14, 21, 0, 0, 0, 0, 0 };
  gfloat image[16];
  gpointer record[] = { image };
  guint n_fields;

  ck_assert_msg (reader != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (gantry_shape_equal (&gantry_reader_fields (reader, &n_fields)->shape, GANTRY_SHAPE (1, 4, 4)));
  ck_assert_uint_eq (n_fields, 1);
  ck_assert (gantry_reader_read (reader, 0, record, &error));
  for (guint i = 0; i < 16; i++)
    ck_assert_float_eq (image[i], expected[i] / 127.5f - 1);
}
END_TEST

static const struct {
  guint8 type;
  guint n_dims;
  guint32 dims[4];
  gsize n_data;
  const gchar *message;
} broken[] = {
  { 0x0d, 3, { 2, 2, 2 }, 32, "holds 32-bit floats: expected unsigned bytes" },
  { 0x09, 3, { 2, 2, 2 }, 8, "holds signed bytes: expected unsigned bytes" },
  { 0x07, 3, { 2, 2, 2 }, 8, "is no idx file: it begins with 00 00 07 03, expected 00 00 08 03" },
  { 8, 1, { 8 }, 8, "has 1 dimensions: expected 3, as images have; these look like labels" },
  { 8, 4, { 2, 2, 2, 1 }, 8, "has 4 dimensions: expected 3, as images have" },
  { 8, 3, { 2, 0, 2 }, 0, "has a dimension of size 0" },
  { 8, 3, { 2, 2, 2 }, 7, "is cut short: its header says 8 bytes of data" },
  { 8, 3, { 2, 2, 2 }, 9, "has more data than the 8 bytes that its header says" },
  { 8, 3, { 0xffffffff, 0xffffffff, 0xffffffff }, 8, "has dimensions too large for any file" },
  { 8, 3, { 0xffffffff, 0xffff, 0xff }, 8, "is cut short: its header says" },
};

/* Twice each: plain and gzipped. */
START_TEST (bad)
{
  const guint i = _i / 2;
  g_autoptr (GByteArray) bytes = make_idx (broken[i].type, broken[i].n_dims, broken[i].dims, broken[i].n_data);
  g_autofree gchar *images = write_bytes ("images", bytes, _i % 2);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (open_reader (images, NULL, 0, "pad", &error));
  ck_assert_msg (g_str_has_prefix (error->message, images), "the file is not named: %s", error->message);
  ck_assert_msg (strstr (error->message, broken[i].message) != NULL, "'%s' does not say '%s'", error->message, broken[i].message);
}
END_TEST

/* Cut anywhere, in plain and in gzipped form. */
START_TEST (cut_short)
{
  const guint32 dims[] = { 3, 2, 3 };
  g_autoptr (GByteArray) bytes = make_idx (8, 3, dims, 18);
  g_autofree gchar *whole = write_bytes ("whole", bytes, _i);
  g_autofree gchar *text = NULL;
  gsize size;

  ck_assert (g_file_get_contents (whole, &text, &size, NULL));
  for (gsize length = 0; length < size; length++)
    {
      g_autofree gchar *cut = fixture_write (folder, "cut", text, length);
      g_autoptr (GError) error = NULL;

      ck_assert_msg (open_reader (cut, NULL, 0, "pad", &error) == NULL, "accepted after %zu of %zu bytes", length, size);
      ck_assert_msg (g_str_has_prefix (error->message, cut), "%s", error->message);
    }
}
END_TEST

START_TEST (corrupt)
{
  const guint32 dims[] = { 30, 20, 30 };
  g_autoptr (GByteArray) bytes = make_idx (8, 3, dims, 18000);
  g_autofree gchar *images = write_bytes ("images", bytes, TRUE);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  ck_assert (g_file_get_contents (images, &text, &size, NULL));
  text[size - 6] ^= 1; /* its checksum */
  ck_assert (g_file_set_contents (images, text, size, NULL));
  ck_assert_ptr_null (open_reader (images, NULL, 0, "pad", &error));
  ck_assert_msg (g_str_has_prefix (error->message, images) && strstr (error->message, "cannot be read after") != NULL, "%s", error->message);
}
END_TEST

START_TEST (counts_differ)
{
  const guint32 dims[] = { 5, 2, 3 }, label_dims[] = { 4 };
  g_autoptr (GByteArray) image_bytes = make_idx (8, 3, dims, 30);
  g_autoptr (GByteArray) label_bytes = make_idx (8, 1, label_dims, 4);
  g_autofree gchar *images = write_bytes ("images", image_bytes, FALSE);
  g_autofree gchar *labels = write_bytes ("labels", label_bytes, FALSE);
  g_autofree gchar *expected = g_strdup_printf ("%s: holds 4 labels for the 5 images of %s", labels, images);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (open_reader (images, labels, 0, "pad", &error));
  ck_assert_str_eq (error->message, expected);
  g_clear_error (&error);
  ck_assert_ptr_null (open_reader (images, images, 0, "pad", &error));
  ck_assert_msg (strstr (error->message, "has 3 dimensions: expected 1, as labels have; these look like images") != NULL, "%s", error->message);
}
END_TEST

START_TEST (not_there)
{
  g_autofree gchar *path = g_build_filename (folder, "nothing", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (open_reader (path, NULL, 0, "pad", &error));
  ck_assert_msg (strstr (error->message, "nothing: cannot be read: No such file") != NULL, "%s", error->message);
  g_clear_error (&error);
  ck_assert_ptr_null (open_reader (folder, NULL, 0, "pad", &error));
  ck_assert_msg (strstr (error->message, "is no regular file") != NULL, "%s", error->message);
}
END_TEST

START_TEST (shipped)
{
  g_autofree gchar *images = g_build_filename (g_getenv ("GANTRY_TEST_SOURCE"), "data", "digits", "t10k-images-idx3-ubyte.gz", NULL);
  g_autofree gchar *labels = g_build_filename (g_getenv ("GANTRY_TEST_SOURCE"), "data", "digits", "t10k-labels-idx1-ubyte.gz", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = open_reader (images, labels, 32, "pad", &error);
  static const gint64 first[] = { 7, 2, 1, 0, 4, 1, 4, 9, 5, 9 };
  g_autofree gfloat *image = g_new (gfloat, 32 * 32);
  gint64 label;
  gpointer record[] = { image, &label };

  ck_assert_msg (reader != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_reader_count (reader), 10000);
  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    {
      ck_assert (gantry_reader_read (reader, i, record, &error));
      ck_assert_int_eq (label, first[i]);
      ck_assert_float_eq (image[0], -1);
    }
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("idx");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_loop_test (tests, good, 0, 4);
  tcase_add_test (tests, padded);
  tcase_add_loop_test (tests, bad, 0, 2 * G_N_ELEMENTS (broken));
  tcase_add_loop_test (tests, cut_short, 0, 2);
  tcase_add_test (tests, corrupt);
  tcase_add_test (tests, counts_differ);
  tcase_add_test (tests, not_there);
  tcase_add_test (tests, shipped);
  return fixture_run (tests);
}
