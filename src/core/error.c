/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/error-private.h"

#include <string.h>

/**
 * gantry_core_error_quark:
 *
 * Returns: the error domain of components and plugins; codes are #GantryCoreError
 */
G_DEFINE_QUARK (gantry-core-error-quark, gantry_core_error)

/**
 * gantry_graph_error_quark:
 *
 * Returns: the error domain of graphs and their ops; codes are #GantryGraphError
 */
G_DEFINE_QUARK (gantry-graph-error-quark, gantry_graph_error)

/**
 * gantry_engine_error_quark:
 *
 * Returns: the error domain of programs and backends; codes are #GantryEngineError
 */
G_DEFINE_QUARK (gantry-engine-error-quark, gantry_engine_error)

/**
 * gantry_train_error_quark:
 *
 * Returns: the error domain of pipelines, sessions and checkpoints; codes are #GantryTrainError
 */
G_DEFINE_QUARK (gantry-train-error-quark, gantry_train_error)

/**
 * gantry_set_file_error:
 * @error: return location for an error
 * @domain: its domain
 * @code: its code
 * @path: the file that it is about
 * @format: what is wrong, as printf has it
 * @...: what stands in it
 *
 * Sets an error that says `PATH: MESSAGE`, as all errors about files do.
 *
 * Returns: %FALSE, for who has to return that
 */
gboolean
gantry_set_file_error (GError **error, GQuark domain, gint code, const gchar *path, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, domain, code, "%s: %s", path, message);
  return FALSE;
}

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
static gsize
edit_distance (const gchar *a, const gchar *b)
{
  gsize n = strlen (a);
  gsize m = strlen (b);
  g_autofree gsize *cells = g_new (gsize, 3 * (m + 1));
  gsize *before = cells;
  gsize *last = cells + (m + 1);
  gsize *row = cells + 2 * (m + 1);

  for (gsize j = 0; j <= m; j++)
    last[j] = j;
  for (gsize i = 1; i <= n; i++)
    {
      gsize *oldest = before;

      row[0] = i;
      for (gsize j = 1; j <= m; j++)
        {
          row[j] = MIN (MIN (last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN (row[j], before[j - 2] + 1);
        }
      before = last;
      last = row;
      row = oldest;
    }
  return last[m];
}

/**
 * gantry_nearest_name:
 * @name: what was written
 * @candidates: (array zero-terminated=1): the names there are
 *
 * Finds what may have been meant: the candidate with the smallest edit distance, where that is at most about a
 * third of the longer of the two names; or else one that starts with @name.
 *
 * Returns: (transfer none) (nullable): one of @candidates, or %NULL where none is near
 */
const gchar *
gantry_nearest_name (const gchar *name, const gchar *const *candidates)
{
  const gchar *best = NULL;
  gsize best_distance = G_MAXSIZE;
  gsize length;

  g_return_val_if_fail (name != NULL && candidates != NULL, NULL);
  length = strlen (name);
  for (gsize i = 0; candidates[i] != NULL; i++)
    {
      gsize longer = MAX (length, strlen (candidates[i]));
      gsize distance = edit_distance (name, candidates[i]);

      if (distance <= (longer + 2) / 3 && distance < longer && distance < best_distance)
        {
          best = candidates[i];
          best_distance = distance;
        }
    }
  for (gsize i = 0; best == NULL && length >= 3 && candidates[i] != NULL; i++)
    {
      if (g_str_has_prefix (candidates[i], name))
        best = candidates[i];
    }
  return best;
}

gchar *
_gantry_suggest (const gchar *name, const gchar *const *candidates)
{
  const gchar *nearest = gantry_nearest_name (name, candidates);
  g_autofree gchar *all = NULL;

  if (nearest != NULL)
    return g_strdup_printf (" (did you mean '%s'?)", nearest);
  if (candidates[0] == NULL)
    return g_strdup ("");
  all = g_strjoinv (", ", (gchar **) candidates);
  return g_strdup_printf (" (there are: %s)", all);
}
