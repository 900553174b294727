/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/json.h"

#include <math.h>
#include <string.h>

void
cli_json_add_text (JsonBuilder *json, const gchar *member, const gchar *text)
{
  json_builder_set_member_name (json, member);
  if (text != NULL)
    json_builder_add_string_value (json, text);
  else
    json_builder_add_null_value (json);
}

void
cli_json_add_count (JsonBuilder *json, const gchar *member, gint64 count)
{
  json_builder_set_member_name (json, member);
  json_builder_add_int_value (json, count);
}

void
cli_json_add_number (JsonBuilder *json, const gchar *member, gdouble number)
{
  json_builder_set_member_name (json, member);
  cli_json_add_value (json, number);
}

/* JSON-GLib writes 1e-07 as 1e-07.0, which is no number: its neighbour has a fraction, which is left as it is. */
void
cli_json_add_value (JsonBuilder *json, gdouble number)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (text, sizeof text, number);
  if (strchr (text, 'e') != NULL && strchr (text, '.') == NULL)
    number = nextafter (number, 0);
  json_builder_add_double_value (json, number);
}

void
cli_json_begin_object (JsonBuilder *json, const gchar *member)
{
  json_builder_set_member_name (json, member);
  json_builder_begin_object (json);
}

void
cli_json_begin_array (JsonBuilder *json, const gchar *member)
{
  json_builder_set_member_name (json, member);
  json_builder_begin_array (json);
}

gboolean
cli_json_print (JsonBuilder *json, FILE *file)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree gchar *text = NULL;

  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return fprintf (file, "%s\n", text) > 0;
}
