/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/cli.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gchar *inspect_describe_op (const GantryOp *op); /* "1 input, elementwise, ..." */
/* [pipeline], [average] or [network]. */
void inspect_section_as_text (const gchar *kind, GantryComponent *keys);
void inspect_section_as_json (const gchar *kind, GantryComponent *keys, JsonBuilder *json);
void inspect_plugin_as_text (const GantryPluginInfo *info, GantryComponent *component, const GantryOp *op);
void inspect_plugin_as_json (const GantryPluginInfo *info, GantryComponent *component, const GantryOp *op, JsonBuilder *json);
void inspect_unusable_as_json (const GantryPluginInfo *info, JsonBuilder *json);

G_END_DECLS
