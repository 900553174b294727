/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Batches: the order depends on the seed and the image's number alone, whatever the threads do. */
#include "train/training-fixture.h"

#include "train/loader-private.h"

#define BROKEN 13

typedef struct {
  GantryComponent parent_instance;
  gsize n_records;
  gboolean is_broken; /* record BROKEN cannot be read */
  guint flags;
} TestReader;

typedef struct {
  GantryComponentClass parent_class;
} TestReaderClass;

static gsize
test_count (GantryReader *reader)
{
  return ((TestReader *) reader)->n_records;
}

static const GantryField *
test_fields (GantryReader *reader, guint *n_fields)
{
  static const GantryField fields[] = { { "point", { 1, { 2 } }, GANTRY_FLOAT32 }, { "label", { 0, { 0 } }, GANTRY_INT64 } };

  *n_fields = 2;
  return fields;
}

static gboolean
test_read (GantryReader *reader, gsize index, gpointer const *fields, GError **error)
{
  gfloat *point = fields[0];

  /* Some records take longer, so that threads overtake each other. */
  if (index % 17 == 3)
    g_usleep (200);
  if (((TestReader *) reader)->is_broken && index == BROKEN)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "worn out");
      return FALSE;
    }
  point[0] = index;
  point[1] = 0.5f * index;
  *(gint64 *) fields[1] = index;
  return TRUE;
}

static void
test_reader_init_interface (gpointer iface, gpointer data)
{
  GantryReaderInterface *reader = iface;

  reader->flags = GANTRY_READER_THREAD_SAFE;
  reader->count = test_count;
  reader->fields = test_fields;
  reader->read = test_read;
}

static GType test_reader_get_type (void);
G_DEFINE_TYPE_WITH_CODE (TestReader, test_reader, GANTRY_TYPE_COMPONENT, G_IMPLEMENT_INTERFACE (GANTRY_TYPE_READER, test_reader_init_interface))

static void
test_reader_class_init (TestReaderClass *klass)
{
}

static void
test_reader_init (TestReader *self)
{
}

static GantryReader *
make_reader (gsize n_records, gboolean is_broken)
{
  TestReader *self = g_object_new (test_reader_get_type (), NULL);

  gantry_component_set_identity ((GantryComponent *) self, "reader", "test", "test");
  self->n_records = n_records;
  self->is_broken = is_broken;
  return GANTRY_READER (self);
}

START_TEST (permutations)
{
  static const guint64 sizes[] = { 1, 2, 3, 4, 5, 63, 64, 65, 1000, 10007 };

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    for (guint64 pass = 0; pass < 3; pass++)
      {
        const guint64 n = sizes[k];
        g_autofree guint8 *seen = g_malloc0 (n);

        for (guint64 i = 0; i < n; i++)
          {
            const guint64 record = _gantry_loader_get_record (5, pass * n + i, n);

            ck_assert_uint_lt (record, n);
            ck_assert_msg (!seen[record], "record %lu of %lu twice in pass %lu", (gulong) record, (gulong) n, (gulong) pass);
            seen[record] = 1;
          }
      }
}
END_TEST

/* Passes and seeds differ from each other as independent shuffles do: about one record in common places. */
START_TEST (shuffles)
{
  guint same_pass = 0, same_seed = 0, in_order = 0, rising = 0;

  for (guint64 i = 0; i < 1000; i++)
    {
      const guint64 record = _gantry_loader_get_record (1, i, 1000);

      same_pass += record == _gantry_loader_get_record (1, 1000 + i, 1000);
      same_seed += record == _gantry_loader_get_record (2, i, 1000);
      in_order += record == i;
      rising += i > 0 && record > _gantry_loader_get_record (1, i - 1, 1000);
    }
  ck_assert_uint_lt (same_pass, 10);
  ck_assert_uint_lt (same_seed, 10);
  ck_assert_uint_lt (in_order, 10);
  ck_assert_uint_gt (rising, 430);
  ck_assert_uint_lt (rising, 570);
}
END_TEST

static void
check_batch (GantryArray *const *arrays, guint64 sample, gsize batch, guint64 n)
{
  for (gsize i = 0; i < batch; i++)
    {
      const guint64 record = _gantry_loader_get_record (9, sample + i, n);

      ck_assert_double_eq (gantry_array_get_double (arrays[0], 2 * i), record);
      ck_assert_double_eq (gantry_array_get_double (arrays[0], 2 * i + 1), 0.5 * record);
      ck_assert_double_eq (gantry_array_get_double (arrays[1], i), record);
    }
}

/* With any number of threads, from any image on, across the seam between two passes. */
/* Every record still comes once in a pass, what came before a change stays, and what comes after is in another order. */
START_TEST (changes)
{
  static const guint64 n = 100, points[] = { 37, 64, 64, 250 };
  guint n_same = 0;

  for (guint n_changes = 0; n_changes <= G_N_ELEMENTS (points); n_changes++)
    for (guint64 pass = 0; pass < 4; pass++)
      {
        gboolean seen[100] = { FALSE };

        for (guint64 i = pass * n; i < (pass + 1) * n; i++)
          {
            const guint64 record = _gantry_loader_get_record_after (5, points, n_changes, i, n);

            ck_assert_uint_lt (record, n);
            ck_assert_msg (!seen[record], "%u changes: record %u comes twice in a pass", n_changes, (guint) record);
            seen[record] = TRUE;
            if (n_changes == 0)
              ck_assert_uint_eq (record, _gantry_loader_get_record (5, i, n));
            else if (i < points[n_changes - 1])
              ck_assert_uint_eq (record, _gantry_loader_get_record_after (5, points, n_changes - 1, i, n));
            else
              n_same += record == _gantry_loader_get_record_after (5, points, n_changes - 1, i, n);
          }
      }
  /* Of 1185 images after their change, about one in a hundred is where it was by chance, in the shortest rest one in thirty-six. */
  ck_assert_uint_lt (n_same, 40);
}
END_TEST

START_TEST (batches)
{
  g_autoptr (GantryReader) reader = make_reader (103, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryLoader) loader = _gantry_loader_new (reader, 10, 9, _i + 1, &error);
  static const guint64 starts[] = { 0, 40, 1000003 };

  ck_assert_ptr_nonnull (loader);
  for (guint k = 0; k < G_N_ELEMENTS (starts); k++)
    {
      _gantry_loader_seek (loader, starts[k]);
      for (guint b = 0; b < 40; b++)
        {
          GantryArray *const *arrays = _gantry_loader_next (loader, &error);

          ck_assert_ptr_nonnull (arrays);
          ck_assert (gantry_shape_equal (gantry_array_get_shape (arrays[0]), GANTRY_SHAPE (10, 2)));
          check_batch (arrays, starts[k] + 10 * b, 10, 103);
        }
    }
}
END_TEST

START_TEST (broken_record)
{
  g_autoptr (GantryReader) reader = make_reader (50, TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryLoader) loader = _gantry_loader_new (reader, 10, 9, 4, NULL);
  guint n_good = 0, due = 0;

  while (_gantry_loader_get_record (9, due, 50) != BROKEN)
    due++;
  while (_gantry_loader_next (loader, &error) != NULL)
    n_good++;
  ck_assert_uint_eq (n_good, due / 10);
  ck_assert_str_eq (error->message, "reader/test: record 13: worn out");
}
END_TEST

START_TEST (too_few)
{
  g_autoptr (GantryReader) reader = make_reader (9, FALSE);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (_gantry_loader_new (reader, 10, 9, 1, &error));
  ck_assert_str_eq (error->message, "reader/test: 9 records are fewer than a batch of 10: give it more data, or set batch=9 or less in [pipeline]");
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("loader");

  gantry_init ();
  tcase_add_test (tests, permutations);
  tcase_add_test (tests, shuffles);
  tcase_add_test (tests, changes);
  tcase_add_loop_test (tests, batches, 0, 7);
  tcase_add_test (tests, broken_record);
  tcase_add_test (tests, too_few);
  return fixture_run (tests);
}
