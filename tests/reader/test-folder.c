/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of a folder becomes records, and what is said of the rest. */
#include "reader/picture-fixture.h"

#include <png.h>
#include <unistd.h>

static gchar *folder;

static void
setup (void)
{
  folder = fixture_folder ();
  watch_log ();
}

static void
teardown (void)
{
  gantry_log_set_handler (NULL, NULL);
  fixture_remove (folder);
  g_free (folder);
}

static gchar *
path_of (const gchar *name)
{
  gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *parent = g_path_get_dirname (path);

  ck_assert_int_eq (g_mkdir_with_parents (parent, 0777), 0);
  return path;
}

/* One pixel of a grey. */
static void
put (const gchar *name, guint8 grey)
{
  g_autofree gchar *path = path_of (name);

  write_png (path, &(PngSpec) { 1, 1, PNG_COLOR_TYPE_GRAY, 8 }, &grey);
}

static void
put_text (const gchar *name, const gchar *text)
{
  g_autofree gchar *path = path_of (name);

  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

static void
put_link (const gchar *name, const gchar *target)
{
  g_autofree gchar *path = path_of (name);

  ck_assert_int_eq (symlink (target, path), 0);
}

static void
assert_records (GantryReader *reader, const gchar *greys)
{
  g_auto (GStrv) words = g_strsplit (greys, " ", -1);

  ck_assert_uint_eq (gantry_reader_count (reader), g_strv_length (words));
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree guint8 *bytes = must_read (reader, i);

      ck_assert_msg (bytes[0] == atoi (words[i]), "record %u is %u, expected %s", i, bytes[0], words[i]);
    }
}

START_TEST (order)
{
  g_autoptr (GantryReader) reader = NULL;
  g_autofree gchar *words = NULL;

  put ("b.png", 20);
  put ("a/z.png", 12);
  put ("a-b/y.png", 11);
  put ("a/inner/deep.png", 5);
  put ("Z.png", 1);
  put (".hidden.png", 99);
  put (".hidden/x.png", 99);
  put_text ("README", "words");
  put_text ("notes.txt", "words");
  put_link ("link.png", "b.png");
  put_link ("again", "a");
  put_link ("a/loop", "..");
  put_link ("a/inner/loop", "../inner");
  reader = must_open_folder (folder, "1", "resize");
  /* By bytes: Z, a-b/, a/inner/, a/z, again/inner/, again/z, b, link. */
  assert_records (reader, "1 11 5 12 5 12 20 20");
  ck_assert_uint_eq (count_messages (""), 0);
  words = gantry_reader_describe (reader);
  ck_assert_str_eq (words, "8 images; no classes, because 3 of them are in no subfolder; 2 other files left out (README and so on)");
}
END_TEST

START_TEST (classes)
{
  g_autoptr (GantryReader) reader = NULL;
  g_autofree gchar *words = NULL;
  guint n_fields = 0;

  put ("cat/1.png", 1);
  put ("cat/2.png", 2);
  put ("cat-and-dog/3.png", 3);
  put ("dog/wild/4.png", 4);
  put_text ("empty/LICENSE", "words");
  reader = must_open_folder (folder, "1", "resize");
  gantry_reader_fields (reader, &n_fields);
  ck_assert_uint_eq (n_fields, 2);
  assert_records (reader, "3 1 2 4");
  ck_assert_int_eq (must_read_label (reader, 0), 1);
  ck_assert_int_eq (must_read_label (reader, 1), 0);
  ck_assert_int_eq (must_read_label (reader, 2), 0);
  ck_assert_int_eq (must_read_label (reader, 3), 2);
  words = gantry_reader_describe (reader);
  ck_assert_str_eq (words, "4 images of 3 classes (0 cat, 1 cat-and-dog, 2 dog); 1 other file left out (empty/LICENSE)");
}
END_TEST

START_TEST (one_class)
{
  g_autoptr (GantryReader) reader = NULL;
  guint n_fields = 0;

  put ("cat/1.png", 1);
  reader = must_open_folder (folder, "1", "resize");
  gantry_reader_fields (reader, &n_fields);
  ck_assert_uint_eq (n_fields, 1);
}
END_TEST

START_TEST (mirrored)
{
  static const guint8 pixels[] = { 10, 20, 30, 40, 50, 60, 70, 80, 90 };
  g_autofree gchar *path = path_of ("a.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = NULL;
  g_autofree guint8 *plain = NULL;
  g_autofree guint8 *mirrored = NULL;

  write_png (path, &(PngSpec) { 3, 3, PNG_COLOR_TYPE_GRAY, 8 }, pixels);
  reader = open_folder (folder, &error, "resolution", "3", "channels", "1", "mirror", "yes", NULL);
  ck_assert_ptr_nonnull (reader);
  ck_assert_uint_eq (gantry_reader_count (reader), 2);
  plain = must_read (reader, 0);
  mirrored = must_read (reader, 1);
  ck_assert_mem_eq (plain, pixels, 9);
  ck_assert_mem_eq (mirrored, ((guint8[]) { 30, 20, 10, 60, 50, 40, 90, 80, 70 }), 9);
}
END_TEST

/* Whatever cannot be told to be a picture is left out at once, with its name and a reason. */
START_TEST (left_out)
{
  g_autoptr (GantryReader) reader = NULL;
  g_autofree gchar *secret = path_of ("c.png");
  guint expected = 4;

  put ("a.png", 1);
  put ("b.png", 2);
  put ("c.png", 3);
  put_text ("empty.jpg", "");
  put_text ("page.JPEG", "<html>");
  put_link ("broken.png", "nowhere");
  put_link ("circle.png", "circle.png");
  ck_assert_int_eq (g_chmod (secret, 0), 0);
  reader = must_open_folder (folder, "1", "resize");
  if (geteuid () == 0)
    assert_records (reader, "1 2 3");
  else
    {
      assert_records (reader, "1 2");
      ck_assert_uint_eq (count_messages ("/c.png: cannot be opened: Permission denied; it is left out"), 1);
      expected++;
    }
  ck_assert_uint_eq (count_messages ("/empty.jpg: is empty; it is left out"), 1);
  ck_assert_uint_eq (count_messages ("/page.JPEG: is neither JPEG nor PNG, whatever its name says; it is left out"), 1);
  ck_assert_uint_eq (count_messages ("/broken.png: is a broken link, or gone: "), 1);
  ck_assert_uint_eq (count_messages ("/circle.png: cannot be looked at: "), 1);
  ck_assert_uint_eq (count_messages (""), expected);
}
END_TEST

static void
cut_short (const gchar *name, gsize by)
{
  g_autofree gchar *path = path_of (name);
  g_autofree gchar *bytes = NULL;
  gsize size;

  ck_assert (g_file_get_contents (path, &bytes, &size, NULL));
  ck_assert (g_file_set_contents (path, bytes, size - by, NULL));
}

/* The next good picture stands in, in whichever order records are read, and each bad one is said once. */
START_TEST (stand_ins)
{
  static const guint8 grey[64] = { 0 };
  g_autofree gchar *jpeg = path_of ("c.jpg");
  g_autofree gchar *gone = path_of ("e.png");
  g_autoptr (GantryReader) reader = NULL;

  put ("a.png", 1);
  put ("b.png", 2);
  cut_short ("b.png", 9);
  write_jpeg (jpeg, &(JpegSpec) { 8, 8, 1 }, grey);
  cut_short ("c.jpg", 2);
  put ("d.png", 4);
  put ("e.png", 5);
  reader = must_open_folder (folder, "1", "resize");
  g_unlink (gone);
  for (guint pass = 0; pass < 2; pass++)
    {
      g_autofree guint8 *bytes = must_read (reader, 4 - 2 * pass);

      ck_assert_uint_eq (bytes[0], pass == 0 ? 1 : 4);
      assert_records (reader, "1 4 4 4 1");
    }
  ck_assert_uint_eq (count_messages ("/b.png: is a damaged or unusual PNG file: "), 1);
  ck_assert_uint_eq (count_messages ("/c.jpg: is a damaged or unusual JPEG file: Premature end of JPEG file; another image stands in for it"), 1);
  ck_assert_uint_eq (count_messages ("/e.png: cannot be opened: No such file or directory; another image stands in for it"), 1);
  ck_assert_uint_eq (count_messages (""), 3);
}
END_TEST

START_TEST (too_small)
{
  static const guint8 pixels[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  g_autofree gchar *large = path_of ("b.png");
  g_autoptr (GantryReader) reader = NULL;
  g_autofree guint8 *bytes = NULL;

  put ("a.png", 99);
  write_png (large, &(PngSpec) { 2, 2, PNG_COLOR_TYPE_GRAY, 8 }, pixels);
  reader = must_open_folder (folder, "2", "crop");
  bytes = must_read (reader, 0);
  ck_assert_uint_eq (bytes[0], 1);
  ck_assert_uint_eq (count_messages ("/a.png: an image of 1x1 pixels is too small to crop 2 pixels: fit=pad and fit=resize take it; another"), 1);
}
END_TEST

START_TEST (strict)
{
  static const gchar *const names[] = { "broken.png", "empty.png", "b.png" };
  gfloat image[3];
  gpointer const record[] = { image };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = NULL;

  put ("a.png", 1);
  if (_i == 0)
    put_link ("broken.png", "nowhere");
  else if (_i == 1)
    put_text ("empty.png", "");
  else
    {
      put ("b.png", 2);
      cut_short ("b.png", 9);
    }
  reader = open_folder (folder, &error, "resolution", "1", "strict", "yes", NULL);
  ck_assert_int_eq (reader != NULL, _i == 2);
  if (reader != NULL)
    {
      ck_assert (gantry_reader_read (reader, 0, record, &error));
      ck_assert (!gantry_reader_read (reader, 1, record, &error));
    }
  ck_assert_int_eq (error->code, GANTRY_TRAIN_ERROR_DATA);
  ck_assert_msg (strstr (error->message, names[_i]) != NULL, "%s", error->message);
  ck_assert_uint_eq (count_messages (""), 0);
}
END_TEST

START_TEST (all_bad)
{
  gfloat image[3];
  gpointer const record[] = { image };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryReader) reader = NULL;

  put ("a.png", 1);
  put ("b.png", 2);
  cut_short ("a.png", 9);
  cut_short ("b.png", 9);
  reader = must_open_folder (folder, "1", "resize");
  ck_assert (!gantry_reader_read (reader, 1, record, &error));
  ck_assert_msg (strstr (error->message, ": none of its 2 images can be read") != NULL, "%s", error->message);
  ck_assert_uint_eq (count_messages (""), 2);
}
END_TEST

START_TEST (nothing_there)
{
  g_autoptr (GError) empty = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) colour = NULL;
  g_autofree gchar *nowhere = g_build_filename (folder, "nowhere", NULL);

  put_text ("notes.txt", "words");
  ck_assert_ptr_null (open_folder (folder, &empty, "resolution", "1", NULL));
  ck_assert_msg (strstr (empty->message, ": there is no JPEG or PNG file in it (1 other files)") != NULL, "%s", empty->message);
  ck_assert_ptr_null (open_folder (nowhere, &missing, "resolution", "1", NULL));
  ck_assert_msg (strstr (missing->message, "/nowhere: No such file or directory") != NULL, "%s", missing->message);
  put ("a.png", 1);
  ck_assert_ptr_null (open_folder (folder, &colour, "resolution", "1", "background", "#12345g", NULL));
  ck_assert_str_eq (colour->message, "background=#12345g: expected #rrggbb, such as #ffffff");
}
END_TEST

/* A checkpoint notices files that came, went, grew, or are called otherwise. */
START_TEST (digests)
{
  g_autoptr (GPtrArray) digests = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *from = path_of ("a.png");
  g_autofree gchar *to = path_of ("c.png");

  for (guint k = 0; k < 5; k++)
    {
      g_autoptr (GantryReader) reader = NULL;
      gchar *digest;

      if (k == 0)
        put ("a.png", 1);
      else if (k == 2)
        put ("b.png", 1);
      else if (k == 3)
        g_rename (from, to);
      else if (k == 4)
        put_text ("b.png", "\x89PNG\r\n\x1a\n and more");
      reader = must_open_folder (folder, "1", "resize");
      digest = gantry_reader_digest (reader);
      if (k == 1)
        ck_assert_str_eq (digest, digests->pdata[0]);
      for (guint i = 0; k != 1 && i < digests->len; i++)
        ck_assert_str_ne (digest, digests->pdata[i]);
      g_ptr_array_add (digests, digest);
    }
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("folder");

  gantry_init ();
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, order);
  tcase_add_test (tests, classes);
  tcase_add_test (tests, one_class);
  tcase_add_test (tests, mirrored);
  tcase_add_test (tests, left_out);
  tcase_add_test (tests, stand_ins);
  tcase_add_test (tests, too_small);
  tcase_add_loop_test (tests, strict, 0, 3);
  tcase_add_test (tests, all_bad);
  tcase_add_test (tests, nothing_there);
  tcase_add_test (tests, digests);
  return fixture_run (tests);
}
