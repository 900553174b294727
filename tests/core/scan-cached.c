/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints whether a file's scan was "kept" by an earlier process or had to be "made": tests/core/scan-cached FILE */
#include "core/scan-private.h"

#include <stdio.h>

static gboolean is_made;

GPtrArray *
_gantry_scan_files (const gchar *const *paths, guint timeout, GError **error)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_scan_result_free);

  is_made = TRUE;
  for (; *paths != NULL; paths++)
    {
      GantryScanResult *result = g_new0 (GantryScanResult, 1);

      result->reason = g_strdup ("as this test has it");
      g_ptr_array_add (results, result);
    }
  return results;
}

gchar *
_gantry_scan_helper_path (void)
{
  return g_strdup ("/proc/self/exe");
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) results = NULL;

  if (argc != 2)
    return 2;
  results = _gantry_scan_cached ((const gchar *const[]) { argv[1], NULL }, 1000, TRUE, NULL);
  puts (is_made ? "made" : "kept");
  return results != NULL ? 0 : 1;
}
