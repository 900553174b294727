/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the scan found of one file, as text: what the helper sends, and what is kept for the next scan. */
#include "core/scan-private.h"

void
_gantry_scan_result_free (GantryScanResult *self)
{
  if (self == NULL)
    return;
  g_free (self->reason);
  g_free (self->kind);
  g_free (self->name);
  g_free (self->version);
  g_free (self->licence);
  g_free (self->summary);
  g_free (self->origin);
  g_free (self);
}

gboolean
_gantry_scan_parse (const gchar *record, GantryScanResult *result)
{
  g_auto (GStrv) fields = g_strsplit (record, "\t", -1);
  guint n = g_strv_length (fields);

  if (n == 2 && g_str_equal (fields[0], "broken"))
    {
      result->reason = g_strcompress (fields[1]);
      return TRUE;
    }
  if (n != 9 || !g_str_equal (fields[0], "ok"))
    return FALSE;
  result->abi_major = (guint) g_ascii_strtoull (fields[1], NULL, 10);
  result->abi_minor = (guint) g_ascii_strtoull (fields[2], NULL, 10);
  result->kind = g_strcompress (fields[3]);
  result->name = g_strcompress (fields[4]);
  result->version = g_strcompress (fields[5]);
  result->licence = g_strcompress (fields[6]);
  result->summary = g_strcompress (fields[7]);
  result->origin = g_strcompress (fields[8]);
  return TRUE;
}

gchar *
_gantry_scan_format (const GantryScanResult *result)
{
  const gchar *const fields[] = { result->kind, result->name, result->version, result->licence, result->summary, result->origin };
  g_autoptr (GString) record = g_string_new (NULL);

  if (result->reason != NULL)
    {
      g_autofree gchar *escaped = g_strescape (result->reason, NULL);

      return g_strconcat ("broken\t", escaped, NULL);
    }
  g_string_append_printf (record, "ok\t%u\t%u", result->abi_major, result->abi_minor);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree gchar *escaped = g_strescape (fields[i], NULL);

      g_string_append_printf (record, "\t%s", escaped);
    }
  return g_strdup (record->str);
}
