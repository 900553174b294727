/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/registry.h>

G_BEGIN_DECLS

/**
 * GantryPipeline:
 *
 * The list of components with their properties: a file, or command-line options, or both.  Knows where each
 * setting came from, so that errors can say `file:line` or the option.
 */
#define GANTRY_TYPE_PIPELINE (gantry_pipeline_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryPipeline, gantry_pipeline, GANTRY, PIPELINE, GObject)

GANTRY_API GantryPipeline *gantry_pipeline_new (GantryRegistry *registry);
GANTRY_API GantryRegistry *gantry_pipeline_get_registry (GantryPipeline *self);
GANTRY_API gboolean gantry_pipeline_load (GantryPipeline *self, const gchar *path, GError **error);
GANTRY_API gboolean gantry_pipeline_load_text (GantryPipeline *self, const gchar *text, const gchar *origin, GError **error);
GANTRY_API gboolean gantry_pipeline_apply_option (GantryPipeline *self, const gchar *option, const gchar *value, GError **error);
GANTRY_API gboolean gantry_pipeline_resolve (GantryPipeline *self, GError **error);

/* After resolve. */
GANTRY_API GPtrArray *gantry_pipeline_list (GantryPipeline *self, const gchar *kind); /* (transfer container) of components */
GANTRY_API GantryComponent *gantry_pipeline_get (GantryPipeline *self, const gchar *kind); /* the only one, or NULL */
GANTRY_API GantryComponent *gantry_pipeline_get_settings (GantryPipeline *self); /* the [pipeline] section */
GANTRY_API GantryComponent *gantry_pipeline_get_architecture (GantryPipeline *self, const gchar *network);
GANTRY_API const gchar *gantry_pipeline_get_origin (GantryPipeline *self, GantryComponent *component, const gchar *key); /* "file:line" */
GANTRY_API gchar *gantry_pipeline_get_text (GantryPipeline *self, GantryComponent *component, const gchar *key); /* (transfer full) */
GANTRY_API gchar *gantry_pipeline_to_text (GantryPipeline *self); /* resolved, as a pipeline file */

/* What a section has beside the properties of its plugin, with defaults; (transfer full). */
GANTRY_API GantryComponent *gantry_pipeline_new_keys (const gchar *kind);

G_END_DECLS
