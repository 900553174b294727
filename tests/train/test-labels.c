/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conditional training: labels on their way from the reader to both networks, and to samples. */
#include "train/training-fixture.h"

#define SIZE 8
#define BATCH 8
#define CLASSES 3
#define N_IMAGES 48

static gchar *folder;
static gchar *images;
static gchar *labels;

/* Image and label i tell of each other: images of class c are of the one grey 80 c. */
static void
write_data (guint classes)
{
  static const guint8 image_header[16] = { 0, 0, 8, 3, 0, 0, 0, N_IMAGES, 0, 0, 0, SIZE, 0, 0, 0, SIZE };
  static const guint8 label_header[8] = { 0, 0, 8, 1, 0, 0, 0, N_IMAGES };
  g_autoptr (GByteArray) image_bytes = g_byte_array_new ();
  g_autoptr (GByteArray) label_bytes = g_byte_array_new ();

  g_byte_array_append (image_bytes, image_header, sizeof image_header);
  g_byte_array_append (label_bytes, label_header, sizeof label_header);
  for (guint i = 0; i < N_IMAGES; i++)
    {
      const guint8 label = i % classes, grey = 80 * (i % CLASSES);

      g_byte_array_append (label_bytes, &label, 1);
      for (guint k = 0; k < SIZE * SIZE; k++)
        g_byte_array_append (image_bytes, &grey, 1);
    }
  g_free (images);
  g_free (labels);
  images = fixture_write (folder, "images", (const gchar *) image_bytes->data, image_bytes->len);
  labels = fixture_write (folder, "labels", (const gchar *) label_bytes->data, label_bytes->len);
}

static void
setup (void)
{
  folder = fixture_folder ();
  write_data (CLASSES);
}

static void
teardown (void)
{
  fixture_remove (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&images, g_free);
  g_clear_pointer (&labels, g_free);
}

static GantrySession *
make_session (const gchar *architecture, const gchar *more, GError **error)
{
  g_autofree gchar *network = g_strdup_printf ("plugin=%s\nwidth=16\nconditional=concatenate\nclasses=%d\nnormalization=none\n", architecture,
                                               CLASSES);
  g_autofree gchar *text = g_strdup_printf (
      "[pipeline]\nimages=1000\nbatch=%d\nthreads=1\nbackend=openblas;reference\n[reader]\nplugin=idx\nimages=%s\n"
      "[generator]\n%s[discriminator]\n%s[loss]\nplugin=non-saturating\n[optimizer]\nplugin=adam\nbeta1=0.5\n",
      BATCH, images, network, network);
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());
  g_autofree gchar *with_labels = g_strdup_printf ("--reader.labels=%s", labels);
  const gchar *const options[] = { with_labels, more, NULL };

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", error), "%s", (*error)->message);
  for (guint i = 0; options[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options[i], "=", 2);

      ck_assert_msg (gantry_pipeline_apply_option (pipeline, parts[0], parts[1], error), "%s", (*error)->message);
    }
  return gantry_session_new (pipeline, error);
}

static const gchar *const architectures[] = { "mlp", "dcgan" };

/* The critic is asked of each image with its own label: one that has seen the pairs tells wrong ones from right ones. */
START_TEST (pairs_are_learnt)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session (architectures[_i], NULL, &error);
  g_autoptr (GantryArray) wrong = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (BATCH));
  g_autoptr (GantryArray) right = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (BATCH));
  g_autoptr (GantryArray) grey = gantry_array_new (GANTRY_FLOAT32, GANTRY_SHAPE (BATCH, 1, SIZE, SIZE));
  gdouble of_right = 0, of_wrong = 0;

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < 300; i++)
    ck_assert_msg (gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
  for (gsize i = 0; i < BATCH; i++)
    {
      gantry_array_set_double (right, i, i % CLASSES);
      gantry_array_set_double (wrong, i, (i + 1) % CLASSES);
      for (gsize k = 0; k < SIZE * SIZE; k++)
        gantry_array_set_double (grey, i * SIZE * SIZE + k, 80 * (i % CLASSES) / 127.5 - 1);
    }
  ck_assert (gantry_session_bind (session, "discriminator", "real.image", grey, &error));
  ck_assert (gantry_session_bind (session, "discriminator", "real.label", right, &error));
  ck_assert (gantry_session_run_phase (session, "discriminator", &error) && gantry_session_get_term (session, "loss.real", &of_right));
  ck_assert (gantry_session_bind (session, "discriminator", "real.label", wrong, &error));
  ck_assert (gantry_session_run_phase (session, "discriminator", &error) && gantry_session_get_term (session, "loss.real", &of_wrong));
  ck_assert_double_gt (of_wrong, of_right + 0.1);
}
END_TEST

/* The penalty asks the critic with the labels too; a joint batch has both halves' labels. */
static const gchar *const variants[] = { "--regularizer=gradient-penalty", "--game.critic-batch=joint", "--game.fakes=fresh", "--regularizer=r1" };

START_TEST (with_the_rest)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session ("mlp", variants[_i], &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < 2; i++)
    ck_assert_msg (gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
}
END_TEST

static gdouble
distance (GantryArray *a, gsize i, GantryArray *b, gsize j)
{
  gdouble sum = 0;

  for (gsize k = 0; k < SIZE * SIZE; k++)
    sum += ABS (gantry_array_get_double (a, i * SIZE * SIZE + k) - gantry_array_get_double (b, j * SIZE * SIZE + k));
  return sum;
}

START_TEST (samples_of_classes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session ("mlp", NULL, &error);
  g_autoptr (GantryArray) latents = NULL, all = NULL, ones = NULL, asked = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (70));
  g_autoptr (GantryArray) odd = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (69));

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_session_get_classes (session), CLASSES);
  latents = gantry_session_draw_latents (session, 1, 70, &error);
  for (gsize i = 0; i < 70; i++)
    gantry_array_set_double (asked, i, 1);
  all = gantry_session_sample (session, 70, latents, &error);
  ones = gantry_session_sample_labels (session, 70, latents, asked, &error);
  ck_assert_msg (all != NULL && ones != NULL, "%s", error != NULL ? error->message : "");
  for (gsize i = 0; i < 70; i++)
    ck_assert_msg ((distance (all, i, ones, i) < 1e-4) == (i % CLASSES == 1), "sample %u", (guint) i);
  ck_assert_ptr_null (gantry_session_sample_labels (session, 70, latents, odd, &error));
  ck_assert_str_eq (error->message, "labels are int64 [69], expected int64 [70]");
  g_clear_error (&error);
  gantry_array_set_double (asked, 69, CLASSES);
  ck_assert_ptr_null (gantry_session_sample_labels (session, 70, latents, asked, &error));
  ck_assert_str_eq (error->message, "label 3, but the networks are conditional with classes=3: expected 0 to 2");
}
END_TEST

START_TEST (no_labels)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session ("mlp", "--reader.labels=", &error);

  ck_assert_ptr_null (session);
  ck_assert_str_eq (error->message, "reader/idx: its records have no labels, but the networks are conditional, with classes=3");
}
END_TEST

START_TEST (a_label_too_many)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = NULL;

  write_data (CLASSES + 1);
  session = make_session ("mlp", NULL, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < N_IMAGES / BATCH && error == NULL; i++)
    gantry_session_turn (session, &error);
  ck_assert_ptr_nonnull (error);
  ck_assert_str_eq (error->message, "reader/idx: label 3, but the networks are conditional with classes=3: expected 0 to 2");
}
END_TEST

START_TEST (labels_that_nobody_wants)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = NULL;
  g_autoptr (GantryArray) asked = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (2));
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=8\nthreads=1\n[reader]\nplugin=idx\nimages=%s\nlabels=%s\n[generator]\n"
                                            "plugin=mlp\n[discriminator]\nplugin=mlp\n[loss]\nplugin=hinge\n[optimizer]\nplugin=adam\n",
                                            images, labels);
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (fixture_registry ());

  ck_assert (gantry_pipeline_load_text (pipeline, text, "p.ini", &error));
  session = gantry_session_new (pipeline, &error);
  ck_assert_msg (session != NULL && gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_session_get_classes (session), 0);
  ck_assert_ptr_null (gantry_session_sample_labels (session, 2, NULL, asked, &error));
  ck_assert_str_eq (error->message, "network generator takes no labels: it is not conditional");
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("labels");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_loop_test (tests, pairs_are_learnt, 0, G_N_ELEMENTS (architectures));
  tcase_add_loop_test (tests, with_the_rest, 0, G_N_ELEMENTS (variants));
  tcase_add_test (tests, samples_of_classes);
  tcase_add_test (tests, no_labels);
  tcase_add_test (tests, a_label_too_many);
  tcase_add_test (tests, labels_that_nobody_wants);
  return fixture_run (tests);
}
