/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says which variables of two checkpoints differ in any bit:  compare-checkpoints A B */
#include <gantry/gantry.h>

#include <stdio.h>
#include <string.h>

static gboolean
is_same (GantryArray *a, GantryArray *b)
{
  return b != NULL && gantry_array_get_dtype (a) == gantry_array_get_dtype (b)
         && gantry_shape_equal (gantry_array_get_shape (a), gantry_array_get_shape (b))
         && memcmp (gantry_array_get_data (a), gantry_array_get_data (b), gantry_array_get_bytes (a)) == 0;
}

gint
main (gint argc, gchar **argv)
{
  g_autoptr (GantryCheckpoint) a = NULL;
  g_autoptr (GantryCheckpoint) b = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) others = NULL;
  guint n_different = 0;

  if (argc != 3 || (a = gantry_checkpoint_load (argv[1], &error)) == NULL || (b = gantry_checkpoint_load (argv[2], &error)) == NULL)
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "expected two checkpoints");
      return 2;
    }
  names = gantry_checkpoint_list (a);
  others = gantry_checkpoint_list (b);
  for (guint i = 0; names[i] != NULL; i++)
    if (!is_same (gantry_checkpoint_get (a, names[i]), gantry_checkpoint_get (b, names[i])))
      {
        printf ("%s differs\n", names[i]);
        n_different++;
      }
  if (g_strv_length (names) == 0 || g_strv_length (names) != g_strv_length (others))
    {
      printf ("%u variables and %u\n", g_strv_length (names), g_strv_length (others));
      n_different++;
    }
  return n_different > 0;
}
