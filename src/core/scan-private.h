/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/* What the scan helper found in one file: either a reason, or the descriptor's members. */
typedef struct {
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

G_END_DECLS
