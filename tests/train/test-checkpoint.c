/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checkpoints: round trip, what other writers write, and files that mean harm. */
#include "train/training-fixture.h"

#include <math.h>
#include <sys/resource.h>

static gchar *folder;

static void
setup (void)
{
  gantry_init ();
  folder = fixture_folder ();
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_clear_pointer (&folder, g_free);
}

/* A file of a header, its length (-1: the true one), and data. */
static gchar *
write_file (const gchar *header, gint64 length, gsize data_size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint64 said = GUINT64_TO_LE (length < 0 ? strlen (header) : (guint64) length);
  g_autofree guint8 *data = g_malloc0 (data_size + 1);

  g_byte_array_append (bytes, (const guint8 *) &said, 8);
  g_byte_array_append (bytes, (const guint8 *) header, strlen (header));
  for (gsize i = 0; i < data_size; i++)
    data[i] = i;
  g_byte_array_append (bytes, data, data_size);
  return fixture_write (folder, "file", (const gchar *) bytes->data, bytes->len);
}

START_TEST (round_trip)
{
  static const GantryDType dtypes[] = { GANTRY_BOOL8, GANTRY_FLOAT32, GANTRY_INT64, GANTRY_FLOAT64 };
  g_autoptr (GantryCheckpoint) saved = gantry_checkpoint_new ();
  g_autoptr (GantryCheckpoint) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = g_build_filename (folder, "a.safetensors", NULL);
  g_auto (GStrv) names = NULL;

  for (guint k = 0; k < G_N_ELEMENTS (dtypes); k++)
    {
      g_autofree gchar *name = g_strdup_printf ("a \"name\"\\\n%u", k);
      g_autoptr (GantryArray) array = gantry_array_new (dtypes[k], k == 2 ? GANTRY_SCALAR : GANTRY_SHAPE (3, 1, 5));

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        gantry_array_set_double (array, i, k == 0 ? i % 2 : i * 0.5 - 3);
      gantry_checkpoint_set (saved, name, array);
    }
  gantry_checkpoint_set_metadata (saved, "text", "line\n\"quoted\" \\ \x01 \xc3\xa9");
  gantry_checkpoint_set_metadata (saved, "gone", "x");
  gantry_checkpoint_set_metadata (saved, "gone", NULL);
  ck_assert_msg (gantry_checkpoint_save (saved, path, &error), "%s", error != NULL ? error->message : "");
  loaded = gantry_checkpoint_load (path, &error);
  ck_assert_msg (loaded != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (gantry_checkpoint_get_metadata (loaded, "text"), "line\n\"quoted\" \\ \x01 \xc3\xa9");
  ck_assert_ptr_null (gantry_checkpoint_get_metadata (loaded, "gone"));
  names = gantry_checkpoint_list (saved);
  ck_assert_uint_eq (g_strv_length (names), 4);
  for (guint k = 0; names[k] != NULL; k++)
    {
      GantryArray *a = gantry_checkpoint_get (saved, names[k]);
      GantryArray *b = gantry_checkpoint_get (loaded, names[k]);

      ck_assert_msg (b != NULL, "%s is missing", names[k]);
      ck_assert_int_eq (gantry_array_get_dtype (a), gantry_array_get_dtype (b));
      ck_assert (gantry_shape_equal (gantry_array_get_shape (a), gantry_array_get_shape (b)));
      ck_assert_mem_eq (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a));
    }
  ck_assert_ptr_null (gantry_checkpoint_get (loaded, "x"));
}
END_TEST

START_TEST (other_dtypes)
{
  static const gchar header[] = "{\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
                                "\"b\":{\"shape\":[2],\"dtype\":\"BF16\",\"data_offsets\":[8,12]},"
                                "\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[12,16]},"
                                "\"u\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[16,20]},"
                                "\"s\":{\"dtype\":\"I16\",\"shape\":[],\"data_offsets\":[20,22]},"
                                "\"c\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[22,22]}}";
  g_autofree gchar *path = write_file (header, -1, 22);
  g_autofree gchar *text = NULL;
  g_autoptr (GantryCheckpoint) loaded = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  /* 1, -2, the smallest subnormal 2^-24, infinity; 1, -0.5; -2; 1, 255, 0, 7; -3 */
  static const guint8 data[] = { 0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c, 0x80, 0x3f, 0x00,
                                 0xbf, 0xfe, 0xff, 0xff, 0xff, 0x01, 0xff, 0x00, 0x07, 0xfd, 0xff };

  ck_assert (g_file_get_contents (path, &text, &size, NULL));
  memcpy (text + size - sizeof data, data, sizeof data);
  ck_assert (g_file_set_contents (path, text, size, NULL));
  loaded = gantry_checkpoint_load (path, &error);
  ck_assert_msg (loaded != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_int_eq (gantry_array_get_dtype (gantry_checkpoint_get (loaded, "h")), GANTRY_FLOAT32);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "h"), 0), 1);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "h"), 1), -2);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "h"), 2), 0x1p-24);
  ck_assert (isinf (gantry_array_get_double (gantry_checkpoint_get (loaded, "h"), 3)));
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "b"), 0), 1);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "b"), 1), -0.5);
  ck_assert_int_eq (gantry_array_get_dtype (gantry_checkpoint_get (loaded, "i")), GANTRY_INT64);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "i"), 0), -2);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "u"), 1), 255);
  ck_assert_double_eq (gantry_array_get_double (gantry_checkpoint_get (loaded, "s"), 0), -3);
  ck_assert_uint_eq (gantry_array_get_size (gantry_checkpoint_get (loaded, "c")), 0);
}
END_TEST

#define F32(name, shape, begin, end) "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"

/* Header, said length (-1: true), bytes of data, and a part of the error. */
static const struct {
  const gchar *header;
  gint64 length;
  gsize data;
  const gchar *message;
} attacks[] = {
  { "", -1, 0, "is too short for a safetensors file: 8 bytes" },
  { "{}", 0, 0, "is no safetensors file: a header of 0 bytes" },
  { "{}", 3, 0, "is cut short or no safetensors file: a header of 3 bytes in a file of 10" },
  { "{}", 100000001, 0, "is no safetensors file: a header of 100000001 bytes" },
  { "{}", G_MAXINT64, 0, "is no safetensors file: a header of" },
  { "[]", -1, 0, "expected '{'" },
  { "{} x", -1, 0, "text after its end" },
  { "{\"a\":{}}", -1, 0, "expected '\"'" },
  { "{" F32 ("a", "1", 0, 4), -1, 4, "expected '}'" },
  { "{" F32 ("a", "1", 0, 4) "," F32 ("a", "1", 4, 8) "}", -1, 8, "'a' twice" },
  { "{" F32 ("a", "1", 0, 4) ",\"\\u0061\":{}}", -1, 4, "'a' twice" },
  { "{" F32 ("a", "2", 0, 8) "," F32 ("b", "1", 4, 8) "}", -1, 8, "'b' overlaps another tensor" },
  { "{" F32 ("a", "1", 0, 4) "," F32 ("b", "1", 8, 12) "}", -1, 12, "'b' leaves a hole before it" },
  { "{" F32 ("a", "1", 0, 4) "}", -1, 8, "the tensors end at byte 4 of the data, which are 8 bytes" },
  { "{" F32 ("a", "2", 0, 8) "}", -1, 4, "'a' ends at byte 8 of the data, which are 4 bytes: the file is cut short or corrupt" },
  { "{" F32 ("a", "2", 0, 4) "}", -1, 4, "'a' of shape [2] and dtype F32 takes 8 bytes, but its offsets are 0 to 4" },
  { "{" F32 ("a", "1", 4, 0) "}", -1, 4, "but its offsets are 4 to 0" },
  { "{" F32 ("a", "4294967296,4294967296", 0, 0) "}", -1, 0, "'a' has a shape too large" },
  { "{" F32 ("a", "4611686018427387904", 0, 0) "}", -1, 0, "'a' has a shape too large" },
  { "{" F32 ("a", "99999999999999999999", 0, 4) "}", -1, 4, "a number too large" },
  { "{" F32 ("a", "-1", 0, 4) "}", -1, 4, "expected a whole number" },
  { "{" F32 ("a", "1.0", 0, 4) "}", -1, 4, "expected a whole number" },
  { "{" F32 ("a", "01", 0, 4) "}", -1, 4, "a number with a leading zero" },
  { "{" F32 ("a", "1,1,1,1,1,1,1,1,1", 0, 4) "}", -1, 4, "more than 8 numbers in a list" },
  { "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]}}", -1, 1, "'a' has dtype 'F8': expected F64, F32" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", -1, 4, "'a' needs dtype, shape and data_offsets" },
  { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", -1, 4, "unexpected or repeated 'dtype'" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", -1, 4, "unexpected or repeated 'x'" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", -1, 4, "'a' needs two data_offsets" },
  { "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", -1, 0, "metadata 'a' twice" },
  { "{\"__metadata__\":{},\"__metadata__\":{}}", -1, 0, "__metadata__ twice" },
  { "{\"__metadata__\":{\"a\":1}}", -1, 0, "expected '\"'" },
  { "{\"a\\q\":1}", -1, 0, "an unknown escape" },
  { "{\"\\u12", -1, 0, "a \\u escape is cut short" },
  { "{\"\\ud800x\":1}", -1, 0, "half of a surrogate pair" },
  { "{\"\\u0000\":1}", -1, 0, "a zero character" },
  { "{\"\xff\":1}", -1, 0, "not valid UTF-8" },
  { "{\"a", -1, 0, "a string without its end" },
  { "{\"a\nb\":1}", -1, 0, "a control character" },
};

START_TEST (attack)
{
  g_autofree gchar *path = write_file (attacks[_i].header, attacks[_i].length, attacks[_i].data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryCheckpoint) loaded = gantry_checkpoint_load (path, &error);

  ck_assert_msg (loaded == NULL, "accepted: %s", attacks[_i].header);
  ck_assert (error->domain == GANTRY_TRAIN_ERROR && error->code == GANTRY_TRAIN_ERROR_CHECKPOINT);
  ck_assert_msg (g_str_has_prefix (error->message, path), "the file is not named: %s", error->message);
  ck_assert_msg (strstr (error->message, attacks[_i].message) != NULL, "'%s' does not say '%s'", error->message, attacks[_i].message);
}
END_TEST

START_TEST (bad_bool)
{
  g_autofree gchar *path = write_file ("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[0,3]}}", -1, 3);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_checkpoint_load (path, &error));
  ck_assert_msg (strstr (error->message, "'a': a BOOL that is neither 0 nor 1") != NULL, "%s", error->message);
}
END_TEST

/* Every file that begins as a good one does and ends too early is refused. */
START_TEST (cut_short)
{
  g_autoptr (GantryCheckpoint) saved = gantry_checkpoint_new ();
  g_autoptr (GantryArray) array = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (7));
  g_autofree gchar *path = g_build_filename (folder, "whole", NULL);
  g_autofree gchar *text = NULL;
  gsize size;

  gantry_checkpoint_set (saved, "a", array);
  gantry_checkpoint_set_metadata (saved, "b", "c");
  ck_assert (gantry_checkpoint_save (saved, path, NULL));
  ck_assert (g_file_get_contents (path, &text, &size, NULL));
  for (gsize length = 0; length < size; length++)
    {
      g_autofree gchar *cut = fixture_write (folder, "cut", text, length);
      g_autoptr (GError) error = NULL;

      ck_assert_msg (gantry_checkpoint_load (cut, &error) == NULL, "accepted after %zu of %zu bytes", length, size);
      ck_assert (g_str_has_prefix (error->message, cut));
    }
}
END_TEST

START_TEST (not_there)
{
  g_autofree gchar *path = g_build_filename (folder, "nothing", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_checkpoint_load (path, &error));
  ck_assert_msg (strstr (error->message, "nothing: cannot be read: No such file") != NULL, "%s", error->message);
  g_clear_error (&error);
  ck_assert_ptr_null (gantry_checkpoint_load (folder, &error));
  ck_assert_msg (strstr (error->message, "is no regular file") != NULL, "%s", error->message);
}
END_TEST

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* A file-size limit stands for a full disk: the old checkpoint stays whole, nothing else is left. */
START_TEST (no_room)
{
  g_autoptr (GantryCheckpoint) saved = gantry_checkpoint_new ();
  g_autoptr (GantryCheckpoint) loaded = NULL;
  g_autoptr (GantryArray) small = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (1));
  g_autoptr (GantryArray) large = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (100000));
  g_autofree gchar *path = g_build_filename (folder, "a", NULL);
  g_autoptr (GError) error = NULL;
  struct rlimit limit;

  gantry_checkpoint_set (saved, "a", small);
  ck_assert (gantry_checkpoint_save (saved, path, NULL));
  ck_assert_int_eq (getrlimit (RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = 70000;
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &limit), 0);
  gantry_checkpoint_set (saved, "a", large);
  ck_assert (!gantry_checkpoint_save (saved, path, &error));
  ck_assert_msg (g_str_has_prefix (error->message, path) && strstr (error->message, "File too large") != NULL, "%s", error->message);
  ck_assert_uint_eq (count_files (), 1);
  loaded = gantry_checkpoint_load (path, NULL);
  ck_assert_ptr_nonnull (loaded);
  ck_assert_uint_eq (gantry_array_get_size (gantry_checkpoint_get (loaded, "a")), 1);
}
END_TEST

START_TEST (no_folder)
{
  g_autoptr (GantryCheckpoint) saved = gantry_checkpoint_new ();
  g_autofree gchar *path = g_build_filename (folder, "none", "a", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_checkpoint_save (saved, path, &error));
  ck_assert_msg (g_str_has_prefix (error->message, path), "%s", error->message);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("checkpoint");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, round_trip);
  tcase_add_test (tests, other_dtypes);
  tcase_add_loop_test (tests, attack, 0, G_N_ELEMENTS (attacks));
  tcase_add_test (tests, bad_bool);
  tcase_add_test (tests, cut_short);
  tcase_add_test (tests, not_there);
  tcase_add_test (tests, no_room);
  tcase_add_test (tests, no_folder);
  return fixture_run (tests);
}
