/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions of small networks on small images. */
#include "train/session-fixture.h"

#define N_IMAGES 40

gchar *folder;
gchar *images;

void
write_images (guint8 tint)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  static const guint8 header[16] = { 0, 0, 8, 3, 0, 0, 0, N_IMAGES, 0, 0, 0, SIZE, 0, 0, 0, SIZE };

  g_byte_array_append (bytes, header, sizeof header);
  for (guint i = 0; i < N_IMAGES * SIZE * SIZE; i++)
    {
      const guint8 value = (i * 37 + i / 16 * 11 + tint) % 256;

      g_byte_array_append (bytes, &value, 1);
    }
  g_free (images);
  images = fixture_write (folder, "images", (const gchar *) bytes->data, bytes->len);
}

void
setup (void)
{
  folder = fixture_folder ();
  images = NULL;
  write_images (0);
  g_setenv ("OMP_WAIT_POLICY", "passive", TRUE);
}

void
teardown (void)
{
  fixture_remove (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&images, g_free);
}

/* A pipeline of small networks, changed by options that end with NULL. */
GantryPipeline *
make_pipeline (const gchar *const *options)
{
  g_autofree gchar *text = g_strdup_printf ("[pipeline]\nimages=1000\nbatch=8\nthreads=2\nbackend=reference\n[reader]\nplugin=idx\nimages=%s\n"
                                            "[generator]\nplugin=sequential\nlatent=3\nlayers=linear features=16; batch-norm; relu; linear "
                                            "features=16; reshape 1x4x4; tanh\n[discriminator]\nplugin=sequential\nlayers=flatten; linear "
                                            "features=6 spectral=yes; leaky-relu slope=0.2; linear features=1\n[loss]\nplugin=non-saturating\n"
                                            "[regularizer r1]\ngamma=0.1\n[optimizer]\nplugin=adam\nlearning-rate=1e-3\n",
                                            images);
  GantryPipeline *pipeline = gantry_pipeline_new (fixture_registry ());
  g_autoptr (GError) error = NULL;

  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error), "%s", error != NULL ? error->message : "");
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options[i], "=", 2);

      ck_assert_msg (gantry_pipeline_apply_option (pipeline, parts[0], parts[1], &error), "%s", error != NULL ? error->message : "");
    }
  return pipeline;
}

GantrySession *
make_session_with (const gchar *const *options, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = make_pipeline (options);

  return gantry_session_new (pipeline, error);
}

GantrySession *
make_session (void)
{
  g_autoptr (GError) error = NULL;
  GantrySession *session = make_session_with (NULL, &error);

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  return session;
}

void
turn (GantrySession *session, guint n)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    ck_assert_msg (gantry_session_turn (session, &error), "%s", error != NULL ? error->message : "");
}

void
assert_equal_arrays (GantryArray *a, GantryArray *b, const gchar *name)
{
  ck_assert_msg (a != NULL && b != NULL, "%s is missing", name);
  ck_assert (gantry_shape_equal (gantry_array_get_shape (a), gantry_array_get_shape (b)));
  ck_assert_msg (memcmp (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a)) == 0, "%s differs", name);
}

void
assert_equal_states (GantrySession *a, GantrySession *b)
{
  g_auto (GStrv) names = gantry_state_list (gantry_session_get_state (a));

  for (guint i = 0; names[i] != NULL; i++)
    assert_equal_arrays (gantry_state_get (gantry_session_get_state (a), names[i]), gantry_state_get (gantry_session_get_state (b), names[i]),
                         names[i]);
}
