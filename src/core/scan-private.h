/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/* What the scan helper found in one file: either a reason, or the descriptor's members. */
typedef struct {
  gboolean is_late; /* it did not answer in time: the reason says so */
  gchar *reason;
  guint abi_major;
  guint abi_minor;
  gchar *kind;
  gchar *name;
  gchar *version;
  gchar *licence;
  gchar *summary;
  gchar *origin;
} GantryScanResult;

/* Opens files in a process of its own, each within a time limit in milliseconds.  One GantryScanResult a path, in order.
 * Fails only where the helper cannot be started.  (transfer full) */
GPtrArray *_gantry_scan_files (const gchar *const *paths, guint timeout, GError **error);

/* The same, taking what an earlier scan found where the file has not changed since; keeps what is new, for the next.  Without @use_cache
 * everything is looked at. */
GPtrArray *_gantry_scan_cached (const gchar *const *paths, guint timeout, gboolean use_cache, GError **error);

gchar *_gantry_scan_helper_path (void); /* (transfer full) */

void _gantry_scan_result_free (GantryScanResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryScanResult, _gantry_scan_result_free)

/* A record as the helper sends it, without the end of the line: ok MAJOR MINOR KIND NAME VERSION LICENCE SUMMARY ORIGIN, or: broken REASON; tabs
 * between, each escaped. */
gboolean _gantry_scan_parse (const gchar *record, GantryScanResult *result); /* FALSE: it is none, and the result is not to be used */
gchar *_gantry_scan_format (const GantryScanResult *result);                 /* (transfer full) */

G_END_DECLS
