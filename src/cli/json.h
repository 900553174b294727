/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of the JSON that commands print. */
#pragma once

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

void cli_json_add_text (JsonBuilder *json, const gchar *member, const gchar *text); /* NULL: null */
void cli_json_add_count (JsonBuilder *json, const gchar *member, gint64 count);
void cli_json_add_number (JsonBuilder *json, const gchar *member, gdouble number);
void cli_json_add_value (JsonBuilder *json, gdouble number); /* of an array, or of a member that was named */
void cli_json_begin_object (JsonBuilder *json, const gchar *member);
void cli_json_begin_array (JsonBuilder *json, const gchar *member);
/* What was built, on lines of its own. */
gboolean cli_json_print (JsonBuilder *json, FILE *file);

G_END_DECLS
