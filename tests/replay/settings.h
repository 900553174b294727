/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "replay/replay.h"

/* A key of a case's configuration that is not simply the kebab-case name of a property, or that may be missing
   from the component as long as it has the value at which it changes nothing. */
typedef struct {
  const gchar *key;
  const gchar *properties; /* comma-separated, one an element of a list; NULL: the kebab-case name */
  const gchar *neutral;    /* JSON; NULL: there is none */
} SettingsKey;

gboolean settings_has (Replay *self, const gchar *key); /* there, and not null */
JsonNode *settings_get (Replay *self, const gchar *key);
gdouble settings_get_double (Replay *self, const gchar *key);
gint64 settings_get_int (Replay *self, const gchar *key);
gboolean settings_get_bool (Replay *self, const gchar *key);
const gchar *settings_get_string (Replay *self, const gchar *key);
gsize settings_get_ints (Replay *self, const gchar *key, gint64 *values, gsize n_max); /* how many there are */

gboolean settings_need (Replay *self, const gchar *key, const gchar *neutral, GError **error); /* not built at any other value */
/* Every key that nobody has read yet becomes a property of all components. */
gboolean settings_apply (Replay *self, GantryComponent *const *components, guint n, const SettingsKey *keys, GError **error);
gboolean settings_check_all_seen (Replay *self, GError **error);
gchar *settings_to_text (JsonNode *node); /* NULL if it is not a scalar */

/* A component; a plugin that is gone is a failure where `built`, and a skip where it is not. */
GantryComponent *settings_create (Replay *self, const gchar *kind, const gchar *name, gboolean built, GError **error);
gboolean settings_skip (GError **error, const gchar *format, ...) G_GNUC_PRINTF (2, 3); /* always FALSE */
gboolean settings_fail (GError **error, const gchar *format, ...) G_GNUC_PRINTF (2, 3); /* always FALSE */
